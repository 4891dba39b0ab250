"""Whether ranks are uniform: a histogram, the band that it stays in when they are, a test, and what a shape means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import gammaincc

from forecast.core.seeds import DEFAULT_SEED, generator

BINS = 10
"""Bins of the histogram (count)."""

BAND_LEVEL = 0.95
"""Probability that all bins of a uniform histogram lie in the band together (no unit)."""

_SIMULATIONS = 4000


@dataclass(frozen=True)
class Uniformity:
    """What ranks look like.

    Parameters
    ----------
    count : int
        Number of ranks.
    histogram : tuple of int
        Ranks in each of `BINS` bins from 0 to 1.
    band : tuple of int
        Lowest and highest count that all bins stay within at once with `BAND_LEVEL` if the ranks are uniform.
    chi_squared, p_value : float
        Pearson's statistic with `BINS` - 1 degrees of freedom, and its tail probability.
    lean : float
        Mean rank less one half, in standard errors: above 0 the truth lies above what was said.
    spread : float
        Mean distance from one half less one quarter, in standard errors: above 0 the intervals are too narrow.
    """

    count: int
    histogram: tuple[int, ...]
    band: tuple[int, int]
    chi_squared: float
    p_value: float
    lean: float
    spread: float

    def sentence(self) -> str:
        """Say what the shape means, in plain words."""
        outside = sum(not self.band[0] <= count <= self.band[1] for count in self.histogram)
        found = []
        if abs(self.lean) > 2.0:
            found.append("the truth tends to lie above" if self.lean > 0 else "the truth tends to lie below")
        if abs(self.spread) > 2.0:
            found.append("intervals are too narrow" if self.spread > 0 else "intervals are wider than they need be")
        if found and self.p_value < 0.05:
            shape = f"taken alone, {', '.join(found)}"
        else:
            shape = "no lean and the right width, as far as so many worlds can tell"
        bins = "no bin outside the band" if not outside else f"{outside} of {BINS} bins outside the band"
        return f"{bins}; {shape} (p = {self.p_value:.2g}, {self.count} worlds)"


def uniformity(ranks: np.ndarray) -> Uniformity:
    """Return histogram, band and test of ranks.

    Examples
    --------
    >>> uniformity((np.arange(100) + 0.5) / 100).chi_squared
    0.0
    """
    ranks = np.asarray(ranks, dtype=float)
    count = len(ranks)
    histogram = np.histogram(ranks, bins=BINS, range=(0.0, 1.0))[0]
    expected = count / BINS
    chi_squared = float(np.sum((histogram - expected) ** 2) / expected)
    return Uniformity(
        count,
        tuple(int(one) for one in histogram),
        band(count),
        chi_squared,
        float(gammaincc((BINS - 1) / 2, chi_squared / 2)),
        float((ranks.mean() - 0.5) / np.sqrt(1 / 12 / count)),
        float((np.abs(ranks - 0.5).mean() - 0.25) / np.sqrt(1 / 48 / count)),
    )


@cache
def band(count: int) -> tuple[int, int]:
    """Return the counts that all bins of a uniform histogram stay within together.

    Examples
    --------
    >>> low, high = band(1000)
    >>> 60 < low < 85 and 115 < high < 140
    True
    """
    rng = generator(DEFAULT_SEED, "calibration", "band", str(count))
    made = rng.multinomial(count, [1 / BINS] * BINS, size=_SIMULATIONS)
    tail = (1 - BAND_LEVEL) / 2
    return (
        int(np.quantile(made.min(axis=1), tail, method="inverted_cdf")),
        int(np.quantile(made.max(axis=1), 1 - tail, method="inverted_cdf")),
    )
