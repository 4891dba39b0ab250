"""What the hierarchy makes of series before and after the fit: statistics of made series beside those of the lists."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from forecast.consumption.learned.hierarchy import SHARED, Hierarchy, new_series, next_wander
from forecast.consumption.learned.model import arrays, build
from forecast.consumption.learned.predictive import one_year
from forecast.consumption.learned.series import Changes, moved
from forecast.core.seeds import DEFAULT_SEED, generator, integer_seed

STATISTICS = (
    "Growth, log10 of pace",
    "Years without news, share",
    "Longest wait, years",
    "Spread of news, CV",
    "Later over earlier, log10",
    "Autocorrelation",
)
"""What is looked at in each series."""

LEAST_PACE = 1e-3
"""Pace that is added before ratios are taken (log10 a year)."""


def statistics(growth: np.ndarray) -> np.ndarray:
    """Return the `STATISTICS` of one series; NaN where it is too short, or never moved."""
    news = moved(growth)
    waits = [len(list(years)) for anything, years in groupby(news.tolist()) if not anything]
    half = len(growth) // 2
    found = np.full(len(STATISTICS), np.nan)
    found[1], found[2] = 1 - news.mean(), max(waits, default=0)
    if not news.any():
        return found
    found[0] = np.log10(growth.mean())
    if news.sum() > 3:
        found[3] = growth[news].std() / growth[news].mean()
    found[4] = np.log10((growth[half:].mean() + LEAST_PACE) / (growth[:half].mean() + LEAST_PACE))
    if len(growth) > 3 and min(growth[1:].std(), growth[:-1].std()) > 0:
        found[5] = np.corrcoef(growth[1:], growth[:-1])[0, 1]
    return found


def made(hierarchy: Hierarchy, data: Changes, rng: np.random.Generator, sets: int) -> np.ndarray:
    """Return statistics of made series of the same kinds, domains and lengths, shape (set, series, statistic).

    Each is of a family of its own, so that sets spread a little less than if families were kept together.
    """
    found = np.empty((sets, len(data.names), len(STATISTICS)))
    for place, (kind, domain, growth) in enumerate(zip(data.kinds, data.domains, data.growth, strict=True)):
        series, _, _ = new_series(hierarchy, kind, domain, len(growth), rng, sets)
        years = np.empty((sets, len(growth)))
        for year in range(len(growth)):
            if year:
                series = replace(series, wander=next_wander(series, rng), off_middle=series.off_middle + 1)
            years[:, year], series = one_year(series, rng)
        found[:, place] = [statistics(one) for one in years]
    return found


def p_values(data: Changes, sets: np.ndarray) -> dict[str, float]:
    """Return for each statistic the share of made sets whose median lies above that of the lists, half of ties."""
    seen = np.nanmedian([statistics(one) for one in data.growth], axis=0)
    middle = np.nanmedian(sets, axis=1)
    share = (middle > seen).mean(axis=0) + 0.5 * (middle == seen).mean(axis=0)
    return {name: round(float(value), 3) for name, value in zip(STATISTICS, share, strict=True)}


def by_name(values: Sequence[np.ndarray] | np.ndarray) -> dict[str, np.ndarray]:
    """Return statistics of all series by name, those that are not NaN."""
    table = np.reshape(values, (-1, len(STATISTICS)))
    return {name: column[np.isfinite(column)] for name, column in zip(STATISTICS, table.T, strict=True)}


def before_the_fit(data: Changes, draws: int, seed: int = DEFAULT_SEED) -> Hierarchy:
    """Return draws of the hierarchy from its prior."""
    import pymc as pm

    given = arrays(data)
    with build(given), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = pm.sample_prior_predictive(
            draws,
            var_names=[*SHARED, "effect_kind", "effect_domain"],
            random_seed=integer_seed(seed, "learned", "before"),
        )
    return Hierarchy.from_posterior(tree["prior"], given.groups, draws)


def pictured(hierarchy: Hierarchy, data: Changes, sets: int = 300) -> tuple[dict[str, np.ndarray], ...]:
    """Return the statistics of the lists, and of series made before and after the fit, by name."""
    rng = generator(DEFAULT_SEED, "learned", "pictured")
    return (
        by_name([statistics(one) for one in data.growth]),
        by_name(made(before_the_fit(data, sets), data, rng, sets)),
        by_name(made(hierarchy, data, rng, sets)),
    )
