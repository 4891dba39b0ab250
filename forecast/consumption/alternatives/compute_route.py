r"""The compute route: the largest training computation, and how many tokens it would be spent on.

With C floating-point operations, N active parameters and r = D / N tokens per parameter, C = 6 N D gives
:math:`D = \sqrt{C r / 6}`. The compute frontier starts at the largest run on record, disclosed data or not, grows at
the rate of the half-yearly maxima, and is held by published limits on a run in 2030; later it grows only as hardware
gets cheaper. Tokens per parameter start at the largest disclosed runs, follow their own trend, which fades, and
answer to more compute as scaling laws say: where the best D grows as C to the power b, r grows as C to the 2 b - 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from forecast.consumption.alternatives.route import Route, regression_draws
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT
from forecast.core.distributions import LogNormal
from forecast.core.seeds import generator
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError
from forecast.ingest.corpora import UNSTATED_HUMAN_SHARE, UNSTATED_TEXT_SHARE

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

FLOP_PER_PARAMETER_TOKEN = 6.0
"""Floating-point operations of training a parameter on a token (FLOP); Kaplan et al. 2020, arXiv 2001.08361."""

COMPUTE_ERROR = 0.15
"""Error of the largest compute figure (log10, sd): Epoch's "likely" is within a factor of 3, three runs lie close."""

LIMIT_YEAR = 2030.0
"""Year of the published limits (decimal year, 1 January)."""

LIMIT = LogNormal.from_interval(2e28, 2e30, level=0.90, median=2e29)
"""Largest feasible run in 2030 (FLOP), as the baseline's lever compute_cap has it: 2e29, and 2e28 to 2e30 for the power
of distributed training, https://epoch.ai/blog/can-ai-scaling-continue-through-2030; that this is 90 % is judgement."""

LATER_GROWTH = LogNormal.from_interval(0.06, 0.25, level=0.90)
"""Growth of that limit from 2030 on (log10 a year): hardware gets cheaper twofold in 1.2 to 5 years; judgement."""

LATER_FADING = LogNormal.from_interval(0.03, 0.15, level=0.90)
"""Rate at which that growth fades (a year): no exponential to 2100; two orders beyond 2030 in the middle; judgement."""

FADING = LogNormal.from_interval(0.15, 1.0, level=0.90)
"""Rate at which the trend in tokens per parameter fades (a year): gone by half in 0.7 to 5 years; judgement, since
inference costs that reward small models are a level, not an endless trend."""

RATIO_SINCE = 2022.0
"""Tokens per parameter count from here on (decimal year): before, runs followed an older rule of allocation."""

RATIO_LARGEST = 5
"""Runs per half-year whose tokens per parameter count: those of the most compute."""


@dataclass(frozen=True)
class ComputeRoute(Route):
    """Compute frontier times tokens per parameter, both with their own trends."""

    name: ClassVar[str] = "compute_route"
    version: ClassVar[int] = 2
    title: ClassVar[str] = "Compute times tokens a parameter"
    sentence: ClassVar[str] = (
        "Not from data sizes at all: the largest computation on record grows as compute has grown, is held by the "
        "published limits for 2030, and is spent at a ratio of tokens to parameters that is read off smaller, disclosed "
        "runs and follows its own fading trend."
    )

    def forecast(
        self, corpora: pd.DataFrame, years: np.ndarray, *, as_of: float, seed: int, draws: int
    ) -> xr.DataArray:
        """Return paths of human text; `corpora` is not used, compute comes from the shipped model table."""
        del corpora
        years = np.asarray(years, dtype=float)
        rng = generator(seed, "consumption", self.name)
        runs = compute_runs(as_of)
        compute = compute_paths(runs, years, as_of, rng, draws)
        ratio = ratio_paths(runs, compute, years, as_of, rng, draws)
        tokens = 0.5 * (compute + ratio - np.log10(FLOP_PER_PARAMETER_TOKEN))
        shares = sum(
            np.minimum(np.log10(share.middle) + share.sd * rng.standard_normal(draws), 0.0)
            for share in (UNSTATED_TEXT_SHARE, UNSTATED_HUMAN_SHARE)
        )
        return make_trajectory(
            tokens + np.reshape(shares, (-1, 1)),
            years,
            resource_name="public_text",
            role="consumption",
            source=self.name,
        )


def compute_runs(as_of: float) -> pd.DataFrame:
    """Return the training runs of language and multimodal models whose compute is known."""
    import pandas as pd

    from forecast.core.units import decimal_year
    from forecast.ingest.catalog import load_table

    table = load_table("epoch_models")
    kept = table["domain_group"].isin(["language", "multimodal"]) & (table["training_compute_flop"] > 0)
    kept &= ~table["is_finetune"].fillna(False).astype(bool) & table["publication_date"].notna()
    table = table[kept]
    year = pd.to_datetime(table["publication_date"]).map(lambda date: decimal_year(date.date())).astype(float)
    size = table["dataset_size"].where(table["dataset_unit"].isin(["tokens", "tokens_or_words"]))
    parameters = table["active_parameters"].fillna(table["parameters"])
    # Far from 6 N D the size, the parameters or the compute belong to something else.
    sound = table["compute_over_6nd"].between(0.2, 5.0)
    ratio = np.log10((size / parameters).where(sound & (size > 0) & (parameters > 0)).astype(float))
    runs = pd.DataFrame(
        {"year": year, "compute": np.log10(table["training_compute_flop"].astype(float)), "ratio": ratio}
    )
    runs = runs[(runs["year"] >= FIRST_KNOT) & (runs["year"] <= as_of)].reset_index(drop=True)
    if len(runs) < 8:
        raise InputError(
            f"{len(runs)} runs with compute up to {as_of:.1f}", "at least 8", "choose a later --as-of for this route"
        )
    return runs


def compute_paths(
    runs: pd.DataFrame, years: np.ndarray, as_of: float, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Return paths of the compute frontier, held by the limits."""
    block = np.floor((runs["year"] - FIRST_KNOT) / BLOCK_YEARS)
    largest = runs.loc[runs.groupby(block)["compute"].idxmax()]
    t = largest["year"].to_numpy() - as_of
    slope = regression_draws(np.column_stack([np.ones_like(t), t]), largest["compute"].to_numpy(), rng, draws)[0][:, 1]
    best = int(runs["compute"].to_numpy().argmax())
    start = float(runs["compute"].iloc[best]) + COMPUTE_ERROR * rng.standard_normal(draws)
    # The record has not grown since it was set: from the as-of date on it may again.
    ahead = np.maximum(years - as_of, 0.0)
    back = np.minimum(years - float(runs["year"].iloc[best]), 0.0)
    free = start[:, None] + np.maximum(slope, 0.0)[:, None] * (ahead + back)[None, :]
    limit = np.log10(LIMIT.sample(rng, draws))[:, None]
    later = np.maximum(years - LIMIT_YEAR, 0.0)[None, :]
    limit = limit + LATER_GROWTH.sample(rng, draws)[:, None] * faded(later, LATER_FADING.sample(rng, draws)[:, None])
    return np.minimum(free, np.maximum(limit, start[:, None]))


def ratio_paths(
    runs: pd.DataFrame, compute: np.ndarray, years: np.ndarray, as_of: float, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Return paths of tokens per parameter at the compute frontier."""
    known = runs[runs["ratio"].notna() & (runs["year"] >= RATIO_SINCE)]
    if len(known) < 8:
        raise InputError(
            f"{len(known)} runs since {RATIO_SINCE:.0f} with tokens and parameters",
            "at least 8",
            "choose a later --as-of for this route",
        )
    block = np.floor((known["year"] - FIRST_KNOT) / BLOCK_YEARS)
    known = known[known.groupby(block)["compute"].rank(ascending=False, method="first") <= RATIO_LARGEST]
    t, c = known["year"].to_numpy() - as_of, known["compute"].to_numpy()
    middle = float(c.mean())
    design = np.column_stack([np.ones_like(t), t, c - middle])
    line, sd = regression_draws(design, known["ratio"].to_numpy(), rng, draws)
    at_rest = np.array([np.interp(as_of, years, path) for path in compute])
    # One laboratory's own choice lies off the line, and stays so: the residual is drawn once per future.
    now = line[:, 0] + line[:, 2] * (at_rest - middle) + sd * rng.standard_normal(draws)
    fading = FADING.sample(rng, draws)[:, None]
    since = (years - as_of)[None, :]
    trend = line[:, 1:2] * np.where(since > 0, faded(np.maximum(since, 0.0), fading), since)
    allocation = 2 * allocation_exponent(rng, draws)[:, None] - 1
    return now[:, None] + trend + allocation * np.maximum(compute - at_rest[:, None], 0.0)


def faded(since: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Return how far a growth gets that fades at a rate, in years of its first pace.

    Examples
    --------
    >>> faded(np.array([0.0, 1e9]), np.array([0.5, 0.5])).tolist()
    [0.0, 2.0]
    """
    return -np.expm1(-rate * since) / rate


def allocation_exponent(rng: np.random.Generator, draws: int) -> np.ndarray:
    """Draw b, the power of compute with which the best number of tokens grows, law by law as published.

    Examples
    --------
    >>> b = allocation_exponent(np.random.default_rng(1), 4000)
    >>> bool(0.48 < np.median(b) < 0.53)
    True
    """
    from forecast.core.distributions import z_of
    from forecast.ingest.catalog import load_table

    laws = load_table("scaling_laws")
    laws = laws[laws["form"].str.contains("_opt=k", regex=False)]
    tokens = laws[(laws["parameter"] == "b") & laws["low"].notna()]
    middles = tokens[["low", "high"]].mean(axis=1).to_numpy(dtype=float)
    spreads = ((tokens["high"] - tokens["low"]) / (2 * z_of(0.8))).to_numpy(dtype=float)
    # Where a law states the power of parameters alone, tokens have the rest.
    other = laws[(laws["parameter"] == "a") & laws["standard_error"].notna()]
    middles = np.concatenate([middles, 1 - other["value"].to_numpy(dtype=float)])
    spreads = np.concatenate([spreads, other["standard_error"].to_numpy(dtype=float)])
    chosen = rng.integers(len(middles), size=draws)
    return middles[chosen] + spreads[chosen] * rng.standard_normal(draws)
