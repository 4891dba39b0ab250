"""``forecast claims``: who said when that data run out, how likely that is, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.cli.evaluations import Folder, Fresh, present, stored_or_new
from forecast.cli.options import AsJson, Quiet, teller
from forecast.cli.printing import say_table, say_text
from forecast.core.files import check_writable


def claims(fresh: Fresh = False, out: Folder = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Show public claims about when data run out, each beside this forecast's probability and what happened.

    A new ledger uses the fits that are kept; probabilities that need another one are left out (make evaluate makes it).
    """
    if out is not None:
        check_writable(out)
    tell = teller(quiet or as_json)
    from forecast.evaluate.claims import run as ledger

    content = stored_or_new("claims", ledger.settings, lambda: ledger.compute(tell), fresh=fresh, tell=tell)
    present("claims", content, lambda: show(content), out=out, as_json=as_json, tell=tell)


def show(content: Mapping[str, Any]) -> None:
    """Print the ledger: what was claimed and how likely it is as a narrow table, then what each was held against."""
    from forecast.evaluate.claims.run import claims_table, known_date

    counts, as_of = content["counts"], content["as_of"]
    say_text(
        f"{counts['claims']} public claims about when data run out; {counts['mapped']} name an event that this forecast "
        f"gives a probability.",
        "",
    )
    lines = claims_table(content)
    entries = [entry for entry in content["claims"] if entry["event"] is not None]
    answers = lines.set_index("id")
    say_table(
        ("id", "said", "by", "to happen", "stated", "then", "now"),
        [
            (
                entry["id"],
                known_date(entry),
                _who(entry),
                entry["event"]["words"],
                *(answers.loc[entry["id"], name] for name in ("stated", "then", "now")),
            )
            for entry in entries
        ],
        right=(4, 5, 6),
        whole=lambda name: name not in ("by", "to happen"),
    )
    say_text(
        "",
        "Stated: by the claim. Then: this forecast with the rows published by the half-year before, but with today's "
        f"stock and readings. Now: {'no fits are kept' if as_of is None else f'as of {as_of}'}. * read second hand "
        f"({counts['secondary_reading']}).",
        "",
        "What each is about, and what happened so far:",
    )
    for entry in entries:
        line = answers.loc[entry["id"]]
        say_text(f"  {entry['id']} {line['event']}. {line['happened']}".rstrip(), hang=2)
    rest = [entry for entry in content["claims"] if entry["event"] is None]
    measured = [entry for entry in rest if entry.get("held_against")]
    others = [entry for entry in rest if not entry.get("held_against")]
    for heading, listed in (("Held against what is published:", measured), ("Not mapped to an event:", others)):
        if listed:
            say_text("", heading)
        for entry in listed:
            told = f" {entry['held_against']['sentence']}" if listed is measured else ""
            said = f"{entry['id']} {known_date(entry)} {_who(entry)}: {entry['claim']}. {entry['reading']}.{told}"
            say_text(f"  {said}", hang=2)
    say_text(
        "",
        "What happened is known of published training sets only. Sources: data/claims.csv, where an address that is only "
        "a copy is marked as not to be cited.",
    )


def _who(entry: Mapping[str, Any]) -> str:
    return f"{entry['claimant']}*" if entry["secondary_reading"] else str(entry["claimant"])
