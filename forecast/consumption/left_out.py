r"""How likely a half-year's corpora are given everything but themselves: what leaving a half-year out needs.

Each half-year has its own stretch of the frontier, and that stretch follows its corpora closely. Their density given the
stretch is therefore no measure of how well they were foreseen, and weights of draws that leave the half-year out run away
(importance sampling fails: ArviZ warns). So the two borders of the half-year are drawn again between those outside it,
which stay as they are. Given the way between these, the steps share it by a Dirichlet law with the shapes of the gamma
process; draws are weighted by what the neighbouring half-years say of them. That is integrated leave-one-out: Vehtari,
Mononen, Tolvanen, Sivula & Winther (2016), arXiv:1412.7461.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from forecast.consumption.fit import stacked
from forecast.consumption.growth_in_numpy import ArrayGrowth, growth_of
from forecast.consumption.particles import density_of, seen_by
from forecast.core.seeds import generator

if TYPE_CHECKING:
    import xarray as xr

    from forecast.consumption.frontier_data import FrontierData
    from forecast.consumption.member import Member

REDRAWN = 128
"""Stretches drawn again for each draw and half-year (count): with fewer, their noise fattens the tails of the weights; from
32 to 128 the elpd of two members of the baseline moved by 0.4 and 0.5."""

REACH = 1
"""Half-years on each side that are drawn again with it (count)."""

_SMALLEST = 1e-6
"""Smallest shape of a step (no unit): growth at rest."""


def half_years_with_rows(member: Member, data: FrontierData) -> np.ndarray:
    """Return the blocks that the member is fitted to and that hold a row."""
    inputs = member.inputs(data)
    return np.flatnonzero((inputs["observed"].sum(axis=1) > 0) & (inputs["exposure"] > 0))


def left_out_density(
    member: Member, data: FrontierData, posterior: xr.Dataset, seed: int, *, redrawn: int = REDRAWN
) -> np.ndarray:
    """Return the log density of each half-year's corpora, its own stretch of the frontier integrated out.

    A member whose growth is not said in arrays keeps its density given the frontier, and so does one that reads the
    record alone: each of its half-years is read against the record of those before, and cannot be left out by itself.

    Returns
    -------
    numpy.ndarray
        Shape (draw, half-year), for the half-years of `half_years_with_rows`.
    """
    blocks, draws = half_years_with_rows(member, data), stacked(posterior)
    given = draws["log_density"][:, blocks] if "log_density" in draws else member.log_density(data, draws)[:, blocks]
    growth = growth_of(member, data.knots)
    if member.record_alone or not isinstance(growth, ArrayGrowth):
        return np.asarray(given)
    priors = dict(member.priors())
    shocks = [draws[name] for name in member.shocks]
    extras = np.concatenate(shocks, axis=1) if shocks else np.zeros((len(draws["jump"]), 0))
    expected, _ = growth({name: draws[name] for name in priors}, extras)
    shape = np.maximum(expected / draws["jump"][:, None], _SMALLEST)
    seen = seen_by(member, data)
    density = density_of(member, seen.inputs, len(data.knots) - 1)
    laws = {name: np.repeat(draws[name], redrawn) for name in member.of_rows}
    found = np.empty((len(shape), len(blocks)))
    for column, block in enumerate(blocks):
        rng = generator(seed, "consumption", member.name, "left out", str(block))
        first, paths = _redrawn(draws["frontier"], shape, draws["jump"], block, (seen.first, seen.last), redrawn, rng)
        by_block = density(first, paths, laws)
        own = by_block[:, block - first]
        others = by_block.sum(axis=1) - own
        moved = range(first + (first < block), first + paths.shape[1] - (first + paths.shape[1] > block + 2))
        if seen.anchor in moved:
            others = others + priors["level"].log_density(paths[:, seen.anchor - first])
        weight, own = (values.reshape(-1, redrawn) for values in (others, own))
        with np.errstate(all="ignore"):
            found[:, column] = logsumexp(weight + own, axis=1) - logsumexp(weight, axis=1)
    # Where no stretch that was drawn agrees with the neighbours, the one of the draw stands for all.
    return np.where(np.isfinite(found), found, given)


def _redrawn(
    frontier: np.ndarray,
    shape: np.ndarray,
    jump: np.ndarray,
    block: int,
    ends: tuple[int, int],
    count: int,
    rng: np.random.Generator,
) -> tuple[int, np.ndarray]:
    """Return the first knot of a stretch, and the stretch drawn again, shape (draw x count, knot)."""
    first, last = max(block - REACH, ends[0]), min(block + 1 + REACH, ends[1])
    steps = rng.gamma(np.repeat(shape[:, first:last], count, axis=0))
    low, high = np.repeat(frontier[:, first], count), np.repeat(frontier[:, last], count)
    if first < block and last > block + 1:
        # Both sides are held: the steps share the way between them.
        sums = np.maximum(steps.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        path = low[:, None] + np.cumsum(steps / sums, axis=1) * (high - low)[:, None]
        return first, np.column_stack([low, path[:, :-1], high])
    moves = np.cumsum(steps * np.repeat(jump, count)[:, None], axis=1)
    if first < block:
        return first, np.column_stack([low, low[:, None] + moves])
    return first, np.column_stack([high - moves[:, -1], high[:, None] - moves[:, -1:] + moves])
