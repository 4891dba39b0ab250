"""How far to trust the answer: past tests, rivals, judgement, and how it moved when it was made again, as page one tells it."""

from __future__ import annotations

from collections.abc import Sequence

from forecast.plots.backtest import title_of
from forecast.report.brief_background import judged_of
from forecast.report.brief_blocks import Block, Bullets, Paragraph
from forecast.report.stored_for import stale_words, stored_for
from forecast.runs.document_types import Document

UPDATES = 4
"""Updates whose moves are told (count): two years of half-years."""


def trust(document: Document) -> list[Block]:
    """Return what speaks for and against trusting the answer, from stored results and the document."""
    record = [*_held(document), *_not_better(document)]
    lines = record or [("Track record.", "Nothing is stored for this forecast.")]
    lines += [*_judged(document), *_moves(document)]
    state = stale_words(*(stored_for(name, document) for name in ("backtest", "worlds", "histories", "vintages")))
    return [Bullets(tuple(lines)), *([Paragraph(state)] if state else [])]


def _held(document: Document) -> list[tuple[str, str]]:
    """Say how often in 100 ranges that should hold 80 times did: on text, on made worlds, on histories."""
    from forecast.evaluate.backtest.skill import worth
    from forecast.evaluate.histories.run import HELD_OUT
    from forecast.evaluate.worlds.shift import MIXTURE
    from forecast.evaluate.worlds.summary import chosen, held, worst_pair

    said, unseen, hardest = [], [], ""
    if found := stored_for("backtest", document):
        ours = found.content["summary"]["combination"]
        said.append(
            f"{100 * ours['coverage']['0.8']:.0f} times in 100 on published records, looking back ({ours['n']} forecasts made "
            f"again from past dates, worth {worth(found.content)} independent ones)"
        )
    if found := stored_for("worlds", document):
        (ours,) = (row for row in chosen(found.content, "halves", MIXTURE) if row["half"] == HELD_OUT)
        unseen.append(f"{held(ours):.0f} times on simulated worlds")
        hardest = f"; {held(worst_pair(found.content, MIXTURE)):.0f} times on the hardest kind of simulated world"
    if (found := stored_for("histories", document)) and HELD_OUT in found.content["coverage"]:
        ours = found.content["coverage"][HELD_OUT]
        unseen.append(f"{100 * ours['0.8']:.0f} times on histories of other technologies")
    if unseen:
        said.append(f"on tests that nothing was learned from, {' and '.join(unseen)}{hardest}")
    return (
        [("Past tests.", f"Ranges meant to hold the truth 80 times in 100 held it {'; '.join(said)}.")] if said else []
    )


def _not_better(document: Document) -> list[tuple[str, str]]:
    """Name those against whom the record does not show this forecast to be better."""
    found = stored_for("backtest", document)
    if found is None:
        return []
    kinds = found.content["summary"]
    pairs = [
        pair
        for pair in found.content["pairs"]
        if pair["rows"] == "all" and kinds[pair["against"]]["kind"] in ("baseline", "published")
    ]
    level = [title_of(pair["against"]) for pair in pairs if pair["interval_0.9"][1] >= 1]
    if not level:
        return [
            (
                "Rivals.",
                "On published records, looking back, it was better than every simple rule and published forecast.",
            )
        ]
    return [("Rivals.", f"On published records, looking back, it is not shown to be better than {_listed(level)}.")]


def _listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence.

    Examples
    --------
    >>> _listed(["a"]), _listed(["a", "b", "c"])
    ('a', 'a, b or c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _judged(document: Document) -> list[tuple[str, str]]:
    """Say how many of the numbers behind the answer somebody has judged."""
    found = judged_of(document)
    if found is None:
        return []
    judged, acting = found
    driven = len(document["diagnostics"]["prior_driven"])
    more = f"; {driven} of the growth models' own are hardly moved by the data" if driven else ""
    said = f"{judged} of the {acting} numbers behind the answer rest at least partly on judgement{more}."
    return [("Judgement.", said)]


def _updates(document: Document) -> list[float]:
    """Return by how many years the central year moved at the last updates."""
    found = stored_for("vintages", document)
    moves = [] if found is None else [one["moved_by_years"] for one in found.content["vintages"]]
    return [round(moved, 1) + 0.0 for moved in moves if moved is not None][-UPDATES:]


def moved_later(document: Document) -> str:
    """Say how often the date moved later at the last updates."""
    moves = _updates(document)
    if not moves:
        return ""
    later = sum(moved > 0 for moved in moves)
    return (
        f"Made again on the data of earlier dates, the central year moved later at {later} of the last {len(moves)} "
        "half-years."
    )


def _moves(document: Document) -> list[tuple[str, str]]:
    """Say how far it moved at each of them."""
    moves = _updates(document)
    each = ", ".join(f"{moved:+.1f}" if moved else "0.0" for moved in moves).replace("-", "\u2212")
    said = (
        f"Made again on the data of each of the last {len(moves)} half-years, the central year moved by {each} years: "
        "expect it to move again."
    )
    return [("Moves.", said)] if moves else []
