"""What is known of restrictions: a fit to data/access_restrictions.csv, populations and measures kept apart.

Shares of sites and shares of tokens, of all pages and of the head, of robots.txt and of terms are different quantities,
and no two of them are pooled as levels. What is pooled is their pace. Tokens were counted for the last time in April
2024, so the level is the token share of that date, and the pace since then is the one of other series: each series that
was observed again at least a year later has a slope of its own, in logits a year, and the slope for tokens is taken to
be a further one of the same kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri, stdtrit

from forecast.core.distributions import z_of

LEVEL_DATE = 2024.33
"""Last count of tokens (decimal year): end of April 2024, Longpre et al. 2024, arXiv 2407.14933."""

LEVEL = (0.05, 0.07)
"""Share of all tokens of C4 fully restricted then (share): table access_restrictions, taken as a 95 % interval."""

SHORTEST = 1.0
"""Series count when their first and last observation lie this far apart (years)."""

PACE_SINCE = 2023.7
"""Observations count from here on (decimal year): the first weeks of named AI crawlers, August and September 2023, are
a burst that tells nothing about later years."""

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


def series() -> list[Series]:
    """Fit every series on its own.

    Examples
    --------
    >>> sorted({found.measure for found in series()})[0]
    'fetch_denied_share'
    """
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


def restricted_share(
    year: float, probabilities: Sequence[float] = (0.05, 0.5, 0.95), found: Sequence[Series] | None = None
) -> np.ndarray:
    """Return the share of tokens that robots.txt restricts, from level and pace."""
    slopes = np.array([one.slope for one in (series() if found is None else found)])
    count = len(slopes)
    spread = slopes.std(ddof=1) * np.sqrt(1 + 1 / count)
    level_sd = (logit(LEVEL[1]) - logit(LEVEL[0])) / (2 * z_of(0.95))
    p = np.asarray(probabilities, dtype=float)
    t, z = stdtrit(count - 1, p), ndtri(p)
    since = year - LEVEL_DATE
    middle = logit(np.sqrt(LEVEL[0] * LEVEL[1])) + slopes.mean() * since
    value = middle + np.sign(t) * np.hypot(t * spread * since, z * level_sd)
    floor = logit(np.sqrt(LEVEL[0] * LEVEL[1])) + np.minimum(z, 0) * level_sd
    return expit(np.maximum(value, floor))
