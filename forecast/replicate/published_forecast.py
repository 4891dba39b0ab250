"""Both analyses as forecasters, and the first passage along their paths.

A path is one draw of everything, kept through time. ``T`` is the first instant at which the data set is as large as
the stock on that path; ``inf`` where that never happens within the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

HORIZON = 2100.0
"""Last instant that is looked at (decimal year): population projections end there."""


def line_crossing(gap: np.ndarray, closing: np.ndarray, at: float, origin: float) -> np.ndarray:
    """Return when straight lines in log space meet.

    Examples
    --------
    >>> line_crossing(np.array([1.0, 1.0, -1.0]), np.array([0.5, -0.5, 0.5]), at=2024.0, origin=2024.0)
    array([2026.,   inf, 2024.])
    """
    gap, closing = np.broadcast_arrays(np.asarray(gap, dtype=float), np.asarray(closing, dtype=float))
    crossed = gap - closing * (origin - at) <= 0
    with np.errstate(divide="ignore", invalid="ignore"):
        instant = np.where(closing > 0, at + gap / closing, np.inf)
    instant = np.where(crossed, origin, instant)
    return np.where(instant > HORIZON, np.inf, instant)


def grid_crossing(gap: np.ndarray, years: np.ndarray, origin: float | None = None) -> np.ndarray:
    """Return when a gap that is known on a grid of years first closes, interpolated between them.

    Examples
    --------
    >>> grid_crossing(np.array([[1.0, -1.0], [1.0, 0.5], [-1.0, -2.0]]), np.array([2024.0, 2025.0]))
    array([2024.5,    inf, 2024. ])
    """
    closed = gap <= 0
    first = np.argmax(closed, axis=1)
    rows = np.arange(gap.shape[0])
    before = np.maximum(first - 1, 0)
    high, low = gap[rows, before], gap[rows, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(first > 0, high / (high - low), 0.0)
    instant = years[before] + share * (years[first] - years[before])
    instant = np.where(closed.any(axis=1), instant, np.inf)
    return instant if origin is None else np.maximum(instant, origin)


@dataclass(frozen=True)
class PublishedForecast:
    """What a published procedure says from what was known on a date.

    Parameters
    ----------
    name : str
        The analysis.
    as_of : float
        Decimal year up to which rows were used.
    exhaustion_year : array, shape (draw,)
        Decimal year of first passage by draw; ``inf`` for not by `HORIZON`.
    years : array, shape (year,)
        Decimal years of the trajectory, the first one `as_of`.
    log10_tokens : array, shape (draw, year)
        log10 size of the largest data set by draw, same draws as `exhaustion_year`.
    record_log10_tokens : float
        log10 of the largest data set in the table by `as_of`.
    rows : int
        Rows of the table that were used.
    """

    name: str
    as_of: float
    exhaustion_year: np.ndarray
    years: np.ndarray
    log10_tokens: np.ndarray
    record_log10_tokens: float
    rows: int

    def at(self, year: float) -> np.ndarray:
        """Return the predicted log10 size at an instant; both procedures follow straight lines, so this is exact."""
        if not self.years[0] <= year <= self.years[-1]:
            span = f"{self.years[0]:.2f} to {self.years[-1]:.2f}"
            raise InputError(f"the year {year:g}", span, "choose a year in that span")
        right = min(max(int(np.searchsorted(self.years, year)), 1), len(self.years) - 1)
        share = (year - self.years[right - 1]) / (self.years[right] - self.years[right - 1])
        return (1 - share) * self.log10_tokens[:, right - 1] + share * self.log10_tokens[:, right]


def rows_to_date(table: pd.DataFrame, as_of: float, fewest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the years and sizes of the rows that were published by a date."""
    missing = [name for name in ("year", "tokens") if name not in table.columns]
    if missing:
        raise InputError(
            f"a table without {' and '.join(missing)}",
            "columns year and tokens",
            "rename the columns to year and tokens",
        )
    years, tokens = table["year"].to_numpy(dtype=float), table["tokens"].to_numpy(dtype=float)
    chosen = np.isfinite(years) & np.isfinite(tokens) & (years <= as_of)
    years, tokens = years[chosen], tokens[chosen]
    if (tokens <= 0).any():
        raise InputError("a data set of no tokens or fewer", "positive sizes", "leave that row out")
    if len(years) < fewest or (fewest > 1 and np.ptp(years) == 0):
        raise InputError(
            f"{len(years)} rows by {as_of:.2f}", f"at least {fewest} of different dates", "choose a later date"
        )
    return years, np.log10(tokens)


def trajectory_years(as_of: float, last: float = 2050.0, step: float = 0.25) -> np.ndarray:
    """Return the years at which a published procedure is evaluated as a forecaster.

    Examples
    --------
    >>> trajectory_years(2049.5)
    array([2049.5 , 2049.75, 2050.  ])
    """
    return as_of + step * np.arange(int(np.ceil(max(last - as_of, step) / step)) + 1)
