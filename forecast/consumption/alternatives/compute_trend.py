"""How compute of disclosed runs has grown, and how tokens go with it: where the prior of compute-led demand comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.consumption.undisclosed import language_runs
from forecast.ingest.catalog import load_table

BEND_AT = 2024.5
"""Date of the bend (decimal year): mid-2024, as `forecast.consumption.members.compute_led` has it."""

SINCE = 2022.0
"""Rows from here on (decimal year): runs of before followed an older rule of allocation."""

LARGEST = 8
"""Runs of a half-year that count (count): those of the most compute; half-years with fewer are left out."""

LEAST_TOKENS = 1e10
"""Smallest training set that tells how tokens go with compute (tokens): below, models are small on purpose."""


@dataclass(frozen=True)
class Estimate:
    """A coefficient, and its 95 % interval by least squares with independent errors."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ComputeTrend:
    """Growth of log10 compute: before the bend, what the bend adds, and after it (log10 a year).

    The bend is given twice: by runs, and by the means of half-years, of which there are few.
    """

    before: Estimate
    bend: Estimate
    after: Estimate
    bend_by_half_years: Estimate
    runs: int


def disclosed_runs() -> pd.DataFrame:
    """Return language and multimodal runs since 2022 with compute and size, in log10, by date and half-year."""
    rows = language_runs(load_table("epoch_models"))
    rows = rows[(rows["training_compute_flop"] > 0) & (rows["dataset_size"] > 0) & (rows["year"] >= SINCE)]
    runs = pd.DataFrame(
        {
            "year": rows["year"],
            "compute": np.log10(rows["training_compute_flop"].astype(float)),
            "size": np.log10(rows["dataset_size"].astype(float)),
            "in_tokens": rows["dataset_unit"].isin(["tokens", "tokens_or_words"]),
        }
    )
    return runs.assign(half_year=np.floor(2 * runs["year"]) / 2)


def compute_trend(runs: pd.DataFrame | None = None) -> ComputeTrend:
    """Fit one bend to the compute of the largest runs of each half-year."""
    runs = disclosed_runs() if runs is None else runs
    top = runs.sort_values("compute", ascending=False).groupby("half_year").head(LARGEST)
    top = top[top.groupby("half_year")["compute"].transform("size") == LARGEST]
    means = top.groupby("half_year")["compute"].mean()
    before, bend, after = _bent(top["year"].to_numpy(), top["compute"].to_numpy())
    _, by_half_years, _ = _bent(means.index.to_numpy() + 0.25, means.to_numpy())
    return ComputeTrend(before, bend, after, by_half_years, len(top))


def elasticity(since: float, until: float, runs: pd.DataFrame | None = None) -> Estimate:
    """Return how log10 tokens go with log10 compute over the runs of a time."""
    runs = disclosed_runs() if runs is None else runs
    used = runs["in_tokens"] & (runs["size"] > np.log10(LEAST_TOKENS)) & runs["year"].between(since, until, "left")
    compute, size = runs.loc[used, "compute"].to_numpy(), runs.loc[used, "size"].to_numpy()
    return _least_squares(np.column_stack([np.ones_like(compute), compute]), size, np.array([0.0, 1.0]))


def _bent(year: np.ndarray, compute: np.ndarray) -> tuple[Estimate, Estimate, Estimate]:
    t = year - BEND_AT
    design = np.column_stack([np.ones_like(t), t, np.maximum(t, 0.0)])
    wanted = ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 1.0))
    before, bend, after = (_least_squares(design, compute, np.array(combined)) for combined in wanted)
    return before, bend, after


def _least_squares(design: np.ndarray, target: np.ndarray, combined: np.ndarray) -> Estimate:
    """Return a combination of coefficients with its interval by Student's t."""
    import statsmodels.api as sm

    found = sm.OLS(target, design).fit().t_test(combined)
    ((low, high),) = found.conf_int()
    return Estimate(float(found.effect[0]), float(low), float(high))
