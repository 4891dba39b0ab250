"""The analysis of 2022: its data sets, and its procedure for the exhaustion year.

At each time the recipe takes the density, at one, of log10 stock over log10 data set; that curve, normalised over time
and smoothed by a trailing moving average, is read as if it were the density of the date. With X = log10 stock and
Y = log10 data set, independent, the density of X / Y at one is E[Y f_X(Y)], f_X being the density of X: no ratio is
sampled and no kernel estimate is needed here. `forecast.replicate.published_forecast` has the proper first passage.

References
----------
Villalobos et al. (2022), https://doi.org/10.48550/arXiv.2211.04325, version 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from forecast.core.distributions import z_of
from forecast.production.stocks2022 import BASE_YEAR, GRID

YEARS = BASE_YEAR + np.arange(481) / 10
"""Times of the recipe (decimal years): 2022 to 2070 in tenths. The range is not published. The upper end of images,
whose curve has not died out by 2070, depends on it, and 2070 is what the published one fits."""


@dataclass(frozen=True)
class DataSets:
    """The largest data set: a level in 2022, and a normal growth rate.

    Parameters
    ----------
    level : float
        Words or images.
    growth_mean, growth_sd : float
        Growth (log10 a year).
    lead : float
        Years added to the time since 2022 (years).
    """

    level: float
    growth_mean: float
    growth_sd: float
    lead: float

    @classmethod
    def from_doublings(
        cls, level: float, slow: tuple[float, float, float], fast: tuple[float, float, float], upper: int, lead: float
    ) -> DataSets:
        """Take the growth from two stated doubling times, averaged in rate.

        Examples
        --------
        >>> words = DataSets.from_doublings(2e12, (14.8, 18.9, 20.2), (6.7, 8.8, 10.3), upper=0, lead=0.0)
        >>> round(words.growth_mean, 4)
        0.3282
        """
        rates = [6 * np.log10(2) * (1 / one + 1 / other) for one, other in zip(slow, fast, strict=True)]
        low, high = rates[2], rates[upper]
        return cls(level, float(low + high) / 2, float(high - low) / 2 / z_of(0.90), lead)

    def values(self, year: float) -> np.ndarray:
        """Return log10 sizes at a year as equally likely values."""
        return np.log10(self.level) + (year - BASE_YEAR + self.lead) * (self.growth_mean + self.growth_sd * _NORMAL)


WORDS = DataSets.from_doublings(2e12, (14.8, 18.9, 20.2), (6.7, 8.8, 10.3), upper=0, lead=1e-6)
"""Language data sets: 2e12 words in 2022."""
IMAGES = DataSets.from_doublings(3e9, (34.2, 39.9, 48.0), (7.7, 9.6, 31.0), upper=1, lead=0.1)
"""Vision data sets: 3e9 images in 2022; the middle average of growth serves as its 95 % point, as in the analysis."""
_NORMAL = ndtri((np.arange(2001) + 0.5) / 2001)


@dataclass(frozen=True)
class ExhaustionCurve:
    """The procedure's curve, read as if it were the density of the exhaustion date.

    Parameters
    ----------
    years : array, shape (year,)
        Decimal years.
    curve : array, shape (year,)
        Smoothed density at one, over time.
    """

    years: np.ndarray
    curve: np.ndarray

    def at(self, level: float) -> float:
        """Return a percentile of the date."""
        sums = np.cumsum(self.curve) / self.curve.sum()
        index = int(np.searchsorted(sums, level))
        return float(self.years[index]) if index < len(self.years) else np.inf


def published_procedure(
    stock_density: Callable[[float], np.ndarray],
    data_sets: Callable[[float], np.ndarray],
    *,
    whole_years: bool,
    window: int,
) -> ExhaustionCurve:
    """Find the exhaustion date by the procedure as published."""
    cache: dict[float, float] = {}
    heights = []
    for year in YEARS:
        instant = float(np.floor(year + 1e-9)) if whole_years else float(year)
        if instant not in cache:
            sizes = data_sets(instant)
            cache[instant] = float(np.mean(sizes * np.interp(sizes, GRID, stock_density(instant))))
        heights.append(cache[instant])
    smooth = np.convolve(heights, np.full(window, 1 / window))[: len(YEARS)]
    return ExhaustionCurve(YEARS, smooth)
