"""The compute route, rebuilt: largest training computation by year, and the data set that suits it.

Both papers read a year-by-year table of projected compute that was never published. Its description is public:
the trend of the deep-learning era, doubling about every six months, which reverts to a slower, Moore-like one 8 to 18
years ahead, within what 1 % of gross world product buys. What follows is that description and nothing else: the
figures marked *judgement* below are ours, and every result that rests on this module is marked as rebuilt.

References
----------
Besiroglu, Heim, Sevilla, "Projecting compute trends in machine learning" (2022), https://epoch.ai/blog/projecting-compute-trends
Hoffmann et al. (2022), https://doi.org/10.48550/arXiv.2203.15556, for C = 6 N D and 20 tokens per parameter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.seeds import generator

PROJECTED_IN = 2022.0
"""Year from which the description counts (decimal year)."""

START_YEAR = 2022.26
"""Release of the largest training run known when the projection was made, PaLM 540B (decimal year, April 2022)."""

START_FLOP = LogNormal.from_interval(2.53e24 / 1.5, 2.53e24 * 1.5, level=0.9)
"""Its compute (FLOP), 2.53e24 in Epoch's list; known within a factor of 1.5 (judgement)."""

FAST_DOUBLING = LogNormal.from_interval(5.0, 7.2, level=0.9)
"""Doubling time of the deep-learning era (months): about six; the range is judgement."""

REVERSION = LogNormal.from_interval(8.0, 18.0, level=0.9)
"""Years from 2022 until the trend reverts: 8 to 18."""

SLOW_DOUBLING = LogNormal.from_interval(18.0, 30.0, level=0.9)
"""Doubling time afterwards (months): Moore-like; the range is judgement."""

WORLD_PRODUCT = 1e14
"""Gross world product in 2022 (dollars a year)."""

WORLD_GROWTH = LogNormal.from_interval(1.02, 1.04, level=0.9)
"""Its growth (factor a year; judgement)."""

LARGEST_SHARE = 0.01
"""Largest share of it that one training run may cost."""

FLOP_PER_DOLLAR = LogNormal.from_interval(2e17, 2e18, level=0.9)
"""What a dollar of hardware time buys in 2022 (FLOP; judgement)."""

PRICE_DOUBLING = LogNormal.from_interval(24.0, 36.0, level=0.9)
"""Doubling time of that (months; judgement)."""

TOKENS_PER_PARAMETER = 20.0
"""Compute-optimal tokens per parameter."""

_LOG2 = np.log10(2.0)


@dataclass(frozen=True)
class ComputePaths:
    """Draws of the projected compute, each a path through time.

    Parameters
    ----------
    start : array, shape (draw,)
        log10 FLOP at `START_YEAR`.
    fast, slow : array, shape (draw,)
        Growth before and after the reversion (log10 a year).
    reversion : array, shape (draw,)
        Decimal year of the reversion.
    cap, cap_growth : array, shape (draw,)
        log10 FLOP that the largest affordable run had in 2022, and its growth (log10 a year).

    Examples
    --------
    >>> paths = draw_compute(1, 2000)
    >>> bool(26 < np.median(paths.log10_flop(2026.0)) < 27)
    True
    """

    start: np.ndarray
    fast: np.ndarray
    slow: np.ndarray
    reversion: np.ndarray
    cap: np.ndarray
    cap_growth: np.ndarray

    def log10_flop(self, year: float) -> np.ndarray:
        """Return the largest training computation at an instant."""
        quick = np.minimum(year, self.reversion) - START_YEAR
        late = np.maximum(year - self.reversion, 0.0)
        cap = self.cap + self.cap_growth * (year - PROJECTED_IN)
        return np.minimum(self.start + self.fast * quick + self.slow * late, cap)

    def log10_tokens(self, year: float) -> np.ndarray:
        """Return the compute-optimal data set at an instant: D = sqrt(20 C / 6)."""
        return 0.5 * (np.log10(TOKENS_PER_PARAMETER / 6) + self.log10_flop(year))


def draw_compute(seed: int, draws: int) -> ComputePaths:
    """Draw paths of the rebuilt projection."""
    rng = generator(seed, "replicate", "compute")
    yearly = 12 * _LOG2
    return ComputePaths(
        start=np.log10(START_FLOP.sample(rng, draws)),
        fast=yearly / FAST_DOUBLING.sample(rng, draws),
        slow=yearly / SLOW_DOUBLING.sample(rng, draws),
        reversion=PROJECTED_IN + REVERSION.sample(rng, draws),
        cap=np.log10(LARGEST_SHARE * WORLD_PRODUCT * FLOP_PER_DOLLAR.sample(rng, draws)),
        cap_growth=yearly / PRICE_DOUBLING.sample(rng, draws) + np.log10(WORLD_GROWTH.sample(rng, draws)),
    )
