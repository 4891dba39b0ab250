"""Events: what a claim says, as "the exhaustion year by this definition lies between these two instants".

For events whose time has passed, what happened is told by what is published: how far the largest training set had come
towards the limit. What was run and never published is not known, so that "not reached" is a statement about published
training sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.core.summaries import plain, quantiles
from forecast.core.units import calendar_date
from forecast.evaluate.claims.past_forecasts import PastForecast

SURE = 0.9
"""Probability from which published training sets count as having reached a limit, or not (no unit); judgement: the
limit is uncertain by a factor of ten, so that in between it cannot be told."""


@dataclass(frozen=True)
class Event:
    """What a claim says, as an event of the forecast.

    Parameters
    ----------
    definition : str
        ``"main"`` or a name of `forecast.runs.events.DEFINITIONS`.
    resource_name : str
        The resource.
    start, end : float
        The exhaustion year lies from `start` on and before `end` (decimal years); infinite where the claim sets none.
    """

    definition: str
    resource_name: str
    start: float = -np.inf
    end: float = np.inf

    def probability(self, years: np.ndarray) -> float:
        """Return the share of futures that agree with the claim.

        Examples
        --------
        >>> Event("main", "public_text", 2026.0, 2033.0).probability(np.array([2025.9, 2026.0, 2033.0, np.inf]))
        0.25
        """
        # Never lies after every start, and before no end but none at all.
        return float(np.mean((years >= self.start) & ((years < self.end) | np.isinf(self.end))))

    def gone_by(self, as_of: float) -> bool:
        """Return whether its time has passed, so that what happened can be asked."""
        return self.end <= as_of

    def words(self) -> str:
        """Say when, in words.

        Examples
        --------
        >>> Event("main", "public_text", 2026.0, 2033.0).words(), Event("main", "public_text", end=2024.96).words()
        ('2026 to 2032', 'by December 2024')
        """
        if np.isinf(self.end):
            return f"not before {_instant(self.start)}"
        if np.isinf(self.start):
            return _by(self.end)
        if self.start % 1 == 0 and self.end % 1 == 0:
            return f"{self.start:.0f} to {self.end - 1:.0f}"
        return f"{self.start:.1f} to {self.end:.1f}"


def _by(end: float) -> str:
    return f"by the end of {end - 1:.0f}" if end % 1 == 0 else f"by {_instant(end)}"


def _instant(year: float) -> str:
    return f"{year:.0f}" if year % 1 == 0 else f"{calendar_date(year):%B %Y}"


def event_of(row: Mapping[str, Any]) -> Event | None:
    """Return the event of a claim."""
    definition = filled(row["event_definition"])
    if definition is None:
        return None
    start, end = (filled(row[name]) for name in ("event_from_year", "event_to_year"))
    return Event(
        str(definition),
        str(row["event_resource"]),
        -np.inf if start is None else float(start),
        np.inf if end is None else float(end),
    )


def filled(value: Any) -> Any:
    """Return a cell of a table, None where it is empty."""
    import pandas as pd

    return None if value is None or pd.isna(value) else value


def outcome(event: Event, now: PastForecast) -> dict[str, Any] | None:
    """Say what happened, as far as published training sets show."""
    if not event.gone_by(now.as_of):
        return None
    gap = now.reached(event.definition, event.end)
    by_end = float(np.mean(gap >= 0))
    before = 0.0 if np.isinf(event.start) else float(np.mean(now.reached(event.definition, event.start) >= 0))
    if by_end <= 1 - SURE:
        status = "not reached"
    elif before >= SURE:
        status = "reached before"
    else:
        status = "reached" if by_end - before >= SURE else "cannot be told"
    low, middle, high = quantiles(10**gap, [0.1, 0.5, 0.9])
    record = 10 ** now.record(event.end)
    unit = now.results.resource.unit
    said = {
        "reached": "published training sets reached the limit",
        "reached before": "published training sets had reached the limit before",
        "not reached": "published training sets did not reach the limit",
        "cannot be told": "whether the limit was reached cannot be told, the stock is too uncertain",
    }[status]
    subject = (
        "all training sets together, by the largest published one,"
        if event.definition == "used_once"
        else "the largest published training set"
    )
    return {
        "status": status,
        "published_record": plain(record),
        "share_of_limit": {"median": plain(float(middle)), "interval_0.8": [plain(float(low)), plain(float(high))]},
        "probability_reached": round(by_end, 4),
        "sentence": (
            f"{said[0].upper()}{said[1:]}: {_by(event.end)} {subject} came to {_share(middle)} of it "
            f"(80 % interval {_share(low)} to {_share(high)}; record {record / 1e12:.2g} trillion {unit})."
        ),
    }


def _share(ratio: float) -> str:
    return f"{float(f'{100 * ratio:.2g}'):g} %"
