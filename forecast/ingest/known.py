"""What is known of a series at an origin, read as best so far: all that a forecaster may look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecast.errors import InputError
from forecast.ingest.histories import History

FEWEST = 6
"""Values that a forecaster is given at least (count): five years of changes."""

MOST = 40
"""Values that a forecaster is given at most (count): what a technology did longer ago says little of its pace."""

SMALLEST_UNIT = 0.005
"""Least unit of a score (log10 a year): 1 % a year, below which a series moved hardly at all."""

_SLACK = 1e-6
"""Dates this close are one (years): half a minute."""


@dataclass(frozen=True, eq=False)
class Known:
    """A series up to an origin, at equal steps.

    Parameters
    ----------
    series, family, kind, domain : str
        As `History` has them.
    origin : float
        Decimal year of the last value.
    value : array, shape (step,)
        log10 of the best known, upwards, the oldest first.
    step : float, default 1
        Years from one value to the next.
    error : float, default 0
        Measurement error of the last value (log10, sd).
    """

    series: str
    family: str
    kind: str
    domain: str
    origin: float
    value: np.ndarray
    step: float = 1.0
    error: float = 0.0

    @property
    def record(self) -> float:
        """The best known at the origin."""
        return float(self.value[-1])

    def changes(self, years: float | None = None) -> np.ndarray:
        """Return the changes from step to step, of the last years or of all."""
        every = np.diff(self.value)
        return every if years is None else every[-max(round(years / self.step), 1) :]

    def pace(self, years: float) -> float:
        """Return the growth a year over the last years, or over all where there are fewer."""
        back = min(round(years / self.step), len(self.value) - 1)
        return float((self.value[-1] - self.value[-1 - back]) / (back * self.step))

    def unit(self) -> float:
        r"""Return what the series moved in its own past, log10 a year: the unit of its scores.

        :math:`\max(\tfrac12 \max(p_{10}, 0) + \tfrac12 |p_5| + \tfrac12 s, 0.005)`, with p the pace of the last five and
        ten years and s the standard deviation of the yearly changes of the last ten.
        """
        yearly = np.diff(self.value[:: -round(1 / self.step)][:11])
        spread = float(np.std(yearly, ddof=1)) if len(yearly) > 1 else 0.0
        return max(0.5 * max(self.pace(10), 0.0) + 0.5 * abs(self.pace(5)) + 0.5 * spread, SMALLEST_UNIT)


def best_at(history: History) -> Callable[[float], float]:
    """Return the function that reads the best known at any date, NaN before the first."""
    best = history.best_so_far()

    def at(when: float) -> float:
        place = int(np.searchsorted(history.year, when + _SLACK, side="right")) - 1
        return float(best[place]) if place >= 0 else float("nan")

    return at


def known_at(history: History, origin: float, *, step: float = 1.0, error: float = 0.0) -> Known:
    """Return what was known of a series at an origin; nothing later enters.

    Raises
    ------
    InputError
        If that is too little to forecast from.
    """
    at = best_at(history)
    back = np.array([at(origin - step * place) for place in range(MOST)])[::-1]
    value = back[np.isfinite(back)]
    if len(value) < min(FEWEST, round(FEWEST / step)):
        raise InputError(
            f"{len(value)} values of {history.series!r} up to {origin:g}", f"at least {FEWEST}", "choose a later origin"
        )
    return Known(history.series, history.family, history.kind, history.domain, origin, value, step, error)


def origins(history: History) -> list[float]:
    """Return the yearly origins of a series: from five years after its first value, while a year is left to foretell."""
    first = np.ceil(history.year[0] + FEWEST - 1 - _SLACK)
    return [float(year) for year in np.arange(first, history.as_of - 1 + _SLACK)]


def came(history: History, origin: float, horizons: Sequence[float]) -> np.ndarray:
    """Return the best known at each horizon, NaN where the series was not followed so long."""
    at = best_at(history)
    return np.array([at(origin + h) if origin + h <= history.as_of + _SLACK else np.nan for h in horizons])
