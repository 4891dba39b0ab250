"""Where a law in use and the rule that chose it have come to differ: told in the report, from the stored results."""

from __future__ import annotations

import math
from typing import Any

from forecast.consumption.learned_from_histories import PACE_RATIO
from forecast.consumption.undisclosed import Undisclosed
from forecast.ingest.stored import exists, read
from forecast.report.stored_for import stored_for
from forecast.runs.document import of_the_shipped_tables
from forecast.runs.document_types import Document

WHY = (
    "Two laws were chosen by rules before the growth models had their present form. They stay until the next version of the "
    "protocol, since the half that was kept for the test has been scored with them."
)
"""Why they may differ."""


def rules_in_use(document: Document) -> list[str]:
    """Return one sentence for each law that is not the one its rule would choose now, after one that says why."""
    said = [one for one in (_pace(document), _shift(document)) if one]
    return [WHY, *said] if said else []


def _learning(document: Document) -> Any:
    """Return what is stored of the laws that histories teach; None for other tables."""
    if not (of_the_shipped_tables(document) and exists("learning")):
        return None
    return read("learning", None).content


def _pace(document: Document) -> str:
    """Compare the law of growth ahead over expected growth with the rule's."""
    content = _learning(document)
    if content is None:
        return ""
    laws = {(law["median"], law["sd_log"]): law for law in content["laws"]}
    chosen = tuple(content["law"]["chosen"][name] for name in ("median", "sd_log"))
    used = (PACE_RATIO.centre, round(PACE_RATIO.spread, 1))
    if used == chosen or used not in laws or chosen not in laws:
        return ""
    ours, theirs = laws[used], laws[chosen]
    return (
        f"Growth ahead over the growth that a model expects: in use median {used[0]:g} and spread {used[1]:g}; the rule would "
        f"now choose {chosen[0]:g} and {chosen[1]:g}. On the half of the histories that it learns from, the law in use scores "
        f"{ours['crps']:.3f} and the rule's {theirs['crps']:.3f} (CRPS); their 80% intervals hold "
        f"{100 * ours['coverage_0.8']:.0f} and {100 * theirs['coverage_0.8']:.0f} of 100."
    )


def _shift(document: Document) -> str:
    """Compare the law of runs out of sight with the rule's."""
    found = stored_for("worlds", document)
    if found is None:
        return ""
    shift: dict[str, Any] = found.content["shift"]
    used, chosen = Undisclosed().delta.centre, shift["chosen"]
    if chosen["below"] == 0.0 and math.isclose(used, chosen["above"]):
        return ""
    (ours,) = (one for one in shift["candidates"] if one["below"] == 0.0 and math.isclose(one["above"], used))
    return (
        f"How far runs out of sight lie above those in sight: in use a half-normal of {used:g} log10; the rule would now choose "
        f"{chosen['above']:g}. On the worlds that it learns from, the law in use holds {100 * ours['held']:.0f} of 100 80% "
        "intervals."
    )


__all__ = ["WHY", "rules_in_use"]
