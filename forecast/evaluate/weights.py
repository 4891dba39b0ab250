"""Weights learned from the past: each member's leave-future-out density of the largest corpora, origin by origin.

At each half-year's border every member is fitted again to what had been published, and says how dense it holds what
came in the next year. Weights maximise sum log sum_k w_k p_k + (alpha - 1) sum log w_k: the log score of the mixture
under a Dirichlet prior, with a floor. A score one year ahead says nothing about 2035.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import LinearConstraint, minimize
from scipy.special import logsumexp

from forecast.consumption.fit import Fit, interpolate
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, FrontierData
from forecast.consumption.observation import along, log_density, seen_positions
from forecast.core.trajectory import YEAR
from forecast.errors import InputError

ALPHA = 3.0
"""Concentration of the Dirichlet prior on the weights (no unit): ten origins cannot move them far from equal."""

FLOOR = 0.1
"""Smallest weight of any member (no unit)."""

BLOCKS_AHEAD = 2
"""Half-years after an origin whose largest corpora are scored, jointly (count)."""

FIRST_ORIGIN = 2021.0
"""First origin: three years of data (decimal year)."""

SCORED_DRAWS = 2000
"""Posterior draws over which a density is averaged (count)."""


def origin_years(as_of: float) -> np.ndarray:
    """Return the borders of half-years from which the following year is over.

    Examples
    --------
    >>> origin_years(2022.4).tolist()
    [2021.0]
    """
    last = as_of - BLOCKS_AHEAD * BLOCK_YEARS
    return FIRST_ORIGIN + BLOCK_YEARS * np.arange(max(0, int(np.floor((last - FIRST_ORIGIN) / BLOCK_YEARS + 1e-9)) + 1))


def future_density(fit: Fit, later: FrontierData) -> float:
    """Return the log density that a fit gives to the largest corpora of the half-years after its data."""
    first = round((fit.data.last_knot - FIRST_KNOT) / BLOCK_YEARS)
    blocks = np.arange(first, first + BLOCKS_AHEAD)
    if blocks[-1] >= later.blocks:
        raise InputError(
            f"an origin of {fit.data.last_knot}", f"one a year before {later.as_of:.2f}", "choose an earlier origin"
        )
    knots = fit.data.last_knot + BLOCK_YEARS * np.arange(BLOCKS_AHEAD + 1)
    paths = fit.project(knots)
    chosen = np.linspace(0, len(paths) - 1, min(SCORED_DRAWS, len(paths))).round().astype(int)
    times = later.time[blocks].ravel()
    at_rows = interpolate(paths.values[chosen], paths[YEAR].values, times).reshape(len(chosen), BLOCKS_AHEAD, -1)
    within = along(paths.values[chosen], seen_positions(later.exposure[blocks]))
    rows = (later.size[blocks], later.sd[blocks], later.observed[blocks], later.exposure[blocks])
    spread, shape = fit.draws["spread"][chosen], 1 + fit.draws["shape_excess"][chosen]
    scores = log_density(at_rows, *rows, spread, shape, within=within).sum(axis=1)
    return float(logsumexp(scores) - np.log(len(scores)))


def learned_weights(densities: np.ndarray, alpha: float = ALPHA, floor: float = FLOOR) -> np.ndarray:
    """Return the weights that maximise the penalised log score of the mixture.

    Examples
    --------
    >>> learned_weights(np.zeros((5, 4))).round(3).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    densities = np.asarray(densities, dtype=float)
    if densities.ndim != 2 or not densities.size:
        raise InputError("no leave-future-out densities", "one row per origin", "choose a later --as-of")
    count = densities.shape[1]
    if floor * count > 1:
        raise InputError(f"a floor of {floor:g} for {count} members", f"at most {1 / count:g}", "lower the floor")
    relative = np.exp(np.maximum(densities - densities.max(axis=1, keepdims=True), -700.0))

    def loss(weights: np.ndarray) -> float:
        return -float(np.log(relative @ weights).sum() + (alpha - 1) * np.log(weights).sum())

    def slope(weights: np.ndarray) -> np.ndarray:
        return -((relative / (relative @ weights)[:, None]).sum(axis=0) + (alpha - 1) / weights)

    found = minimize(
        loss,
        np.full(count, 1 / count),
        jac=slope,
        method="SLSQP",
        bounds=[(max(floor, 1e-9), 1.0)] * count,
        constraints=LinearConstraint(np.ones((1, count)), 1.0, 1.0),
        options={"maxiter": 500, "ftol": 1e-12},
    )
    return found.x / found.x.sum()


def table_of(names: Sequence[str], starts: np.ndarray, densities: np.ndarray) -> list[dict[str, float]]:
    """Return the densities as rows, JSON-ready."""
    return [
        {"origin": float(start), **{name: round(float(value), 3) for name, value in zip(names, row, strict=True)}}
        for start, row in zip(starts, densities, strict=True)
    ]
