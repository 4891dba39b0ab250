"""The analysis of 2024: its stock, its demand, and its two ways to a run-out year.

Inputs are those of the paper (v2) and of what it did with them; a plain range is an interval at the stated level, which
fixes a lognormal. Time is counted in years from 2024.0. Two ways lead to the year of run-out:

*as published* (`published_run_out`): everything is drawn again for every year of a coarse grid, the stock is cut into
percentile bins by their upper edges, and the year is the last grid year before the probability reaches a level;

*by paths* (`passage`): one draw of everything is one future, and the year is where its two lines meet.

References
----------
Villalobos et al. (2024), https://doi.org/10.48550/arXiv.2211.04325, version 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.seeds import generator
from forecast.core.units import REFERENCE_YEAR
from forecast.production.online_people import ONLINE_2024, people_by_year, person_years
from forecast.replicate.compute import ComputePaths
from forecast.replicate.published_forecast import grid_crossing, line_crossing
from forecast.replicate.trend import Demand

PAGES = LogNormal.from_interval(7.5e10, 1e12, level=0.95)
"""Unique pages of the indexed web (count)."""
BYTES_PER_PAGE = LogNormal.from_interval(6100, 8200, level=0.95)
"""Plain text on a page (bytes)."""
BYTES_PER_TOKEN_TOP = 6.0
"""Bytes per token are this much less a lognormal amount (bytes)."""
BYTES_PER_TOKEN_LESS = LogNormal.from_interval(1.0, 4.0, level=0.95)
"""That amount (bytes); untruncated it exceeds 6 in 0.1 % of draws, and the quotient turns negative."""
BYTES_PER_TOKEN_LESS_CORRECTED = LogNormal.from_interval(1.0, 4.0, level=0.95, upper=5.0)
"""The same, cut so that a token has at least one byte."""
PAGE_GROWTH = LogNormal.from_interval(1.02, 1.04, level=0.95)
"""Growth of the text on a page (factor a year)."""
WEB_GROWTH = LogNormal.from_interval(1.00, 1.10, level=0.95)
"""Growth of the number of pages (factor a year)."""
QUALITY = LogNormal.from_interval(0.1, 0.4, level=0.95)
"""Usable share of the web (fraction)."""
REPETITION = LogNormal.from_interval(2.0, 5.0, level=0.95)
"""Worth of training on the same text several times (factor)."""
OVERTRAINING_START = 2025.0
"""From when overtraining is assumed (decimal year)."""

GRID = np.linspace(2015.0, 2039.0, 100)
"""Their grid of years (decimal years, 0.2424 apart)."""
BINS = 100
"""Percentile bins of the stock (count)."""
STOCK_DRAWS, DEMAND_DRAWS, MIXTURE_DRAWS = 10_000, 1000, 10_000
"""Their draws: of the stock a year, of the data set a bin, and of compute a year (counts)."""
_EQUAL = 1 - 1e-5  # a clipped value counts as equal to its bound within this factor

Layer = Literal["raw", "quality", "effective"]


@dataclass(frozen=True)
class StockDraws:
    """Draws of the indexed web's text at the start of 2024.

    Parameters
    ----------
    raw : array, shape (draw,)
        Tokens of the indexed web; may be negative where bytes per token are left untruncated.
    quality, repetition : array, shape (draw,)
        Factors on it.
    growth : array, shape (draw,)
        Growth of the stock (factor a year).
    """

    raw: np.ndarray
    quality: np.ndarray
    repetition: np.ndarray
    growth: np.ndarray

    def tokens(self, layer: Layer, year: float) -> np.ndarray:
        """Return the stock of a layer at a time."""
        stock = self.raw * self.growth ** (year - REFERENCE_YEAR)
        if layer != "raw":
            stock = stock * self.quality
        return stock * self.repetition if layer == "effective" else stock


def draw_stock(rng: np.random.Generator, size: int, *, corrected: bool = False) -> StockDraws:
    """Draw the stock."""
    less = BYTES_PER_TOKEN_LESS_CORRECTED if corrected else BYTES_PER_TOKEN_LESS
    raw = PAGES.sample(rng, size) * BYTES_PER_PAGE.sample(rng, size) / (BYTES_PER_TOKEN_TOP - less.sample(rng, size))
    growth = PAGE_GROWTH.sample(rng, size) * WEB_GROWTH.sample(rng, size)
    return StockDraws(raw, QUALITY.sample(rng, size), REPETITION.sample(rng, size), growth)


def draw_internet_users_flow(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw the text that all internet users write in 2024, platforms and private messages together.

    Each platform's own flow, divided by its share of the internet, is one guess at the flow of all platforms; the
    four guesses are mixed with equal weights, and private messages are added. Facebook's posts are counted a month
    and added as if a year, as in the analysis.
    """

    def between(low: float, high: float, level: float = 0.90) -> np.ndarray:
        return LogNormal.from_interval(low, high, level).sample(rng, size)

    minutes = 365 * 24 * 60
    platforms = np.stack(
        [
            3e8 * 1.3 * 365 * between(2, 25, 0.95) / 0.013,  # Twitter: users x posts a day x tokens / share
            3e9 * (between(40, 90) + 5 * between(17, 40)) / 0.036,  # Facebook: users x (a post + 5 comments) / share
            66e3 * minutes * between(10, 40) / 0.015,  # Instagram: posts a minute
            365 * (6e5 * between(32, 72) + 5e6 * between(14, 31)) / 0.0044,  # Reddit: posts and comments a day
        ]
    )
    chosen = platforms[rng.integers(len(platforms), size=size), np.arange(size)]
    return chosen + between(1e11, 2e11) * 365 * between(4, 6)


def internet_users_years(year: float) -> float:
    """Return how many years of today's writing the internet users of the past amount to."""
    years, people = people_by_year(ONLINE_2024)
    total = person_years(ONLINE_2024, year, first=1950, inclusive=False)
    return float(total / people[years == REFERENCE_YEAR][0])


@dataclass(frozen=True)
class Case:
    """What is compared with what.

    Parameters
    ----------
    layer : {"raw", "quality", "effective"}
        Which stock.
    mixture : bool
        Whether half of the demand follows the compute route.
    overtraining : float
        Tokens per parameter over the compute-optimal number, from 2025; the data set grows by its square root.
    """

    layer: Layer = "effective"
    mixture: bool = False
    overtraining: float = 1.0

    def shift(self, year: float) -> float:
        """Return how much larger the data set is (log10) at a decimal year."""
        return 0.5 * float(np.log10(self.overtraining)) if year >= OVERTRAINING_START else 0.0


@dataclass(frozen=True)
class RunOut:
    """Probability by year that the stock is used up, read as they read it.

    Parameters
    ----------
    years : array, shape (year,)
        Grid of decimal years.
    probability : array, shape (year,)
        Probability that the data set of that year is as large as the stock of that year.

    Examples
    --------
    >>> float(RunOut(np.array([2027.0, 2028.0, 2029.0]), np.array([0.2, 0.6, 0.9])).at(0.5))
    2027.0
    """

    years: np.ndarray
    probability: np.ndarray

    def at(self, level: float) -> float:
        """Return the last grid year before the probability reaches a level."""
        index = int(np.searchsorted(self.probability, level))
        if index in (0, len(self.years)):
            return -np.inf if index == 0 else np.inf
        return float(self.years[index - 1])


def published_run_out(
    cases: Mapping[str, Case],
    demand: Demand,
    seed: int,
    *,
    compute: ComputePaths | None = None,
    corrected: bool = False,
) -> dict[str, RunOut]:
    """Find the probability of run-out by year as the analysis does, for several cases at once.

    For every year of `GRID`: 10,000 stocks, every factor and growth rate drawn again; their percentiles 1 to 100, that
    is the upper edges of the bins; for each edge c, 1000 fresh data sets D; the probability is the mean over the edges
    of the share of D >= c. In a mixture the compute route counts as much as the historical one.
    """
    rng = generator(seed, "replicate", "epoch2024", "published run-out")
    edges = np.linspace(0, 1, BINS + 1)[1:]
    found: dict[str, list[float]] = {name: [] for name in cases}
    for year in GRID:
        drawn = draw_stock(rng, STOCK_DRAWS, corrected=corrected)
        bins = {one.layer: np.quantile(drawn.tokens(one.layer, year), edges) for one in cases.values()}
        level, growth = demand.draw(rng, BINS * DEMAND_DRAWS)
        sizes = np.sort((level + growth * (year - REFERENCE_YEAR)).reshape(BINS, DEMAND_DRAWS), axis=1)
        route = None if compute is None else np.sort(compute.log10_tokens(year)[:MIXTURE_DRAWS])
        for name, one in cases.items():
            with np.errstate(divide="ignore", invalid="ignore"):  # an edge below zero is reached by every data set
                bound = np.log10(np.maximum(bins[one.layer], 0.0) * _EQUAL) - one.shift(year)
            share = float(np.mean(sizes >= bound[:, None]))
            if one.mixture and route is not None:
                share = 0.5 * share + 0.5 * float(np.mean(1 - np.searchsorted(route, bound) / len(route)))
            found[name].append(share)
    return {name: RunOut(GRID, np.asarray(values)) for name, values in found.items()}


def passage(
    one: Case, demand: Demand, seed: int, draws: int, *, compute: ComputePaths | None = None, corrected: bool = False
) -> np.ndarray:
    """Return the first passage by paths: one draw of everything is one future."""
    rng = generator(seed, "replicate", "epoch2024", "passage")
    drawn = draw_stock(rng, draws, corrected=corrected)
    level, growth = demand.draw(rng, draws)
    stock = drawn.tokens(one.layer, REFERENCE_YEAR)
    kept = stock > 0
    log_stock, log_growth = np.log10(stock[kept]), np.log10(drawn.growth[kept])
    gap, closing = log_stock - level[kept], growth[kept] - log_growth
    origin = float(GRID[0])
    years = line_crossing(gap, closing, REFERENCE_YEAR, origin)
    if one.overtraining != 1:
        after = line_crossing(gap - one.shift(OVERTRAINING_START), closing, REFERENCE_YEAR, OVERTRAINING_START)
        years = np.where(years <= OVERTRAINING_START, years, after)
    if not one.mixture or compute is None:
        return years
    half = min(len(years) // 2, len(compute.start))
    times = np.arange(origin, 2100.01, 0.25)
    gaps = np.stack(
        [
            log_stock[:half] + log_growth[:half] * (t - REFERENCE_YEAR) - compute.log10_tokens(t)[:half] - one.shift(t)
            for t in times
        ],
        axis=1,
    )
    return np.concatenate([grid_crossing(gaps, times), years[-half:]])
