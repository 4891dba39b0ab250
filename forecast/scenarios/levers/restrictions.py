"""What is known of restrictions: a fit to data/access_restrictions.csv, populations and measures kept apart.

Shares of sites and shares of tokens, of all pages and of the head, of robots.txt and of terms are different quantities,
and no two of them are pooled as levels. What is pooled is their pace. Tokens were counted for the last time in April
2024, so the level is the token share of that date, and the pace since then is the one of other series: each series that
was observed again at least a year later has a slope of its own, in logits a year, and the slope for tokens is taken to
be a further one of the same kind. About this the share wanders, as much as the one series with many observations does.
From mid-2026 the pace fades; events since then have terms of their own (data/access_shocks.csv).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from forecast.core.distributions import z_of
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.scenarios.levers.access import LATER, OBSERVED_UNTIL, slowed
from forecast.scenarios.levers.local_level import LocalLevel, fit

if TYPE_CHECKING:
    import pandas as pd

LEVEL_DATE = 2024.33
"""Last count of tokens (decimal year): end of April 2024, Longpre et al. 2024, arXiv 2407.14933."""

LEVEL = (0.05, 0.07)
"""Share of all tokens of C4 fully restricted then (share): table access_restrictions, taken as a 95 % interval."""

SHORTEST = 1.0
"""Series count when their first and last observation lie this far apart (years)."""

PACE_SINCE = 2023.7
"""Observations count from here on (decimal year): the first weeks of named AI crawlers, August and September 2023, are
a burst that tells nothing about later years."""

BREAK = 2026.7
"""Surveys of robots.txt break here (decimal year): in September 2026 one network took away the notice that it had managed
for its customers and refused requests instead (table access_shocks). No slope runs across it."""

STEADY_SINCE = 2017.7
"""The wandering is learned from here on (decimal year): before, refusals met by Common Crawl swing between 2 % and 16 %
from one crawl to the next with the way of crawling. The wave of 2023 is in it: such bursts may come again."""

SIZE = 200_000
"""Simulated paths (count): quantiles to about one in a hundred of their value."""

SAME_POPULATION = {"HTTP Archive sites (12.9M)": "HTTP Archive sites"}
"""Populations that the table names by their size at a date."""

MEASURES = ("fetch_denied_share", "robots_txt_disallow_site_share", "robots_txt_names_agent_site_share")
"""Measures of robots.txt that were observed more than once."""


@dataclass(frozen=True)
class Series:
    """One population under one measure for one crawler.

    Parameters
    ----------
    population, measure, agent : str
        What was observed.
    first, last : float
        Decimal years of the first and last observation.
    count : int
        Observations.
    slope : float
        Logits a year.
    """

    population: str
    measure: str
    agent: str
    first: float
    last: float
    count: int
    slope: float


def observed() -> pd.DataFrame:
    """Return the rows that can carry a slope, with decimal years and one name for each population."""
    from forecast.core.units import decimal_year
    from forecast.ingest.catalog import load_table

    table = load_table("access_restrictions")
    table = table[table["measure"].isin(MEASURES) & (table["value_share"] > 0)]
    table = table.assign(
        year=[decimal_year(str(date)[:10]) for date in table["date"]],
        # Each crawl of Common Crawl is a look at the same web by the same crawler.
        population=[
            "Common Crawl" if name.startswith("Common Crawl") else SAME_POPULATION.get(name, name)
            for name in table["corpus"]
        ],
    )
    return table[table["year"] < BREAK].sort_values("year")


def series() -> list[Series]:
    """Fit every series on its own.

    Examples
    --------
    >>> sorted({found.measure for found in series()})[0]
    'fetch_denied_share'
    """
    table = observed()
    table = table[table["year"] >= PACE_SINCE]
    found = []
    for (population, measure, agent), rows in table.groupby(["population", "measure", "agent"]):
        t, y = rows["year"].to_numpy(dtype=float), logit(rows["value_share"].to_numpy(dtype=float))
        if t.max() - t.min() >= SHORTEST:
            slope = float(np.polyfit(t - t.mean(), y, 1)[0])
            found.append(
                Series(str(population), str(measure), str(agent), float(t.min()), float(t.max()), len(rows), slope)
            )
    return found


def long_series() -> tuple[np.ndarray, np.ndarray]:
    """Return decimal years and logits of the one series with many observations: refusals met by Common Crawl."""
    rows = observed()
    rows = rows[(rows["population"] == "Common Crawl") & (rows["year"] >= STEADY_SINCE)]
    return rows["year"].to_numpy(dtype=float), logit(rows["value_share"].to_numpy(dtype=float))


@functools.cache
def wandering() -> LocalLevel:
    """Fit the long series; its walk is how much a share wanders in a year beyond its pace."""
    return fit(*long_series())


def pace(found: Sequence[Series], rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw one more slope of the kind of those found, in logits a year: Student's t about their mean, never negative.

    No series has fallen over a year; that doors may open again is left to the wandering, and to licences.
    """
    slopes = np.array([one.slope for one in found])
    spread = slopes.std(ddof=1) * np.sqrt(1 + 1 / len(slopes))
    return np.maximum(slopes.mean() + spread * rng.standard_t(len(slopes) - 1, size), 0.0)


def paths(years: np.ndarray, found: Sequence[Series] | None = None, size: int = SIZE) -> np.ndarray:
    """Draw paths of the share of tokens that robots.txt restricts, in logits, at rising dates from the last count on.

    Examples
    --------
    >>> paths(np.array([2024.33, 2026.5]), size=9).shape
    (9, 2)
    """
    rng = generator(DEFAULT_SEED, "access", "paths")
    level_sd = (logit(LEVEL[1]) - logit(LEVEL[0])) / (2 * z_of(0.95))
    level = logit(np.sqrt(LEVEL[0] * LEVEL[1])) + level_sd * rng.standard_normal(size)
    slope = pace(series() if found is None else found, rng, size)
    elapsed = np.minimum(years, OBSERVED_UNTIL) - LEVEL_DATE + slowed(years)
    steps = np.sqrt(np.diff(years, prepend=LEVEL_DATE)) * rng.standard_normal((size, len(years)))
    return np.asarray(level[:, None] + slope[:, None] * elapsed + wandering().walk * steps.cumsum(axis=1))


def restricted_share(
    year: float, probabilities: Sequence[float] = (0.05, 0.5, 0.95), found: Sequence[Series] | None = None
) -> np.ndarray:
    """Return quantiles of the share of tokens that robots.txt restricts at a date."""
    return np.asarray(expit(np.quantile(paths(np.array([year]), found), probabilities)))


def growth(probabilities: Sequence[float] = (0.05, 0.5, 0.95)) -> tuple[np.ndarray, float]:
    """Return quantiles of the factor on the odds until 2030, and its rank correlation with the share of mid-2026."""
    logits = paths(np.array([OBSERVED_UNTIL, LATER]))
    change = logits[:, 1] - logits[:, 0]
    ranks = [np.argsort(np.argsort(values)) for values in (logits[:, 0], change)]
    return np.exp(np.quantile(change, probabilities)), float(np.corrcoef(ranks[0], ranks[1])[0, 1])
