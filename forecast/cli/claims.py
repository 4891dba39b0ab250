"""``forecast claims``: who said when that data run out, how likely that is, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.cli.evaluations import Folder, Fresh, present, print_table, stored_or_new
from forecast.cli.options import AsJson, Quiet, teller
from forecast.cli.printing import say
from forecast.core.files import check_writable


def claims(fresh: Fresh = False, out: Folder = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Show public claims about when data run out, each beside this forecast's probability and what happened.

    A new ledger uses the fits that are kept; probabilities that need another one are left out (make evaluate makes it).
    """
    if out is not None:
        check_writable(out)
    from forecast.evaluate.claims import run as ledger

    tell = teller(quiet or as_json)
    content = stored_or_new("claims", ledger.settings, lambda: ledger.compute(tell), fresh=fresh, tell=tell)
    present("claims", content, lambda: show(content), out=out, as_json=as_json, tell=tell)


def show(content: Mapping[str, Any]) -> None:
    """Print the ledger: what can be mapped as a table, the rest with what is published or the reasons."""
    from forecast.evaluate.claims.run import claims_table, known_date

    rows = claims_table(content)
    mapped = rows[rows["event"] != "not mappable"]
    shown = mapped[["id", "date", "claimant", "event", "stated", "then", "now", "happened"]].copy()
    second = mapped["second hand"]
    shown["claimant"] = shown["claimant"].where(~second, shown["claimant"] + " *")
    print_table(shown, wide=("claimant", "event", "happened"))
    rest = [entry for entry in content["claims"] if entry["event"] is None]
    measured = [entry for entry in rest if entry.get("held_against")]
    others = [entry for entry in rest if not entry.get("held_against")]
    for heading, entries in (("Held against what is published:", measured), ("Not mapped to an event:", others)):
        if entries:
            say("", heading)
        for entry in entries:
            mark = " *" if entry["secondary_reading"] else ""
            told = f" {entry['held_against']['sentence']}" if entries is measured else ""
            say(
                f"  {entry['id']} {known_date(entry)} {entry['claimant']}{mark}: {entry['claim']}. "
                f"{entry['reading']}.{told}"
            )
    counts = content["counts"]
    say(
        "",
        f"{counts['claims']} claims, {counts['mapped']} mapped to an event; * read second hand "
        f"({counts['secondary_reading']}). Stated: by the claim. Then: this forecast with the rows published by the "
        "half-year before, but with today's stock and readings. Now: as of "
        f"{content['as_of'] or 'no date, since no fits are kept'}. What happened is known of published training sets only. Sources: data/claims.csv, "
        "where an address that is only a copy is marked as not to be cited.",
    )
