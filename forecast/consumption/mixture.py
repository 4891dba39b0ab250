"""The mixture: paths of several growth members side by side, each with as many draws as it has weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from forecast.consumption.fit import Fit
from forecast.core.trajectory import make_trajectory

if TYPE_CHECKING:
    import xarray as xr


def mixture(fits: Sequence[Fit], years: np.ndarray, draws: int, *, of: str = "frontier") -> xr.DataArray:
    """Return one trajectory in which every fit has its share of the draws, evenly thinned."""
    thin = thinned(fits, draws)
    paths = [fit.project(years).values if of == "frontier" else _record_paths(fit, years) for fit in thin]
    stacked = np.asfortranarray(np.concatenate(paths))
    name = " + ".join(fit.member.name for fit in fits)
    return make_trajectory(stacked, years, resource_name=fits[0].data.resource_name, role="consumption", source=name)


def thinned(fits: Sequence[Fit], draws: int) -> list[Fit]:
    """Return fits with the draws that each has in their mixture, in its order."""
    return [fit.thinned(count) for fit, count in zip(fits, counts(fits, draws), strict=True)]


def counts(fits: Sequence[Fit], draws: int) -> list[int]:
    """Return how many draws each fit has: all as many, or by their weights, fewer in all where one would run out."""
    weights = [fit.weight for fit in fits if fit.weight is not None]
    if len(weights) < len(fits):
        return [max(1, draws // len(fits))] * len(fits)
    shares = np.array(weights) / sum(weights)
    there = np.array([fit.posterior["posterior"]["jump"].size for fit in fits])
    total = min(draws, int((there / shares).min()))
    return np.diff(np.rint(np.cumsum(shares) * total), prepend=0).astype(int).tolist()


def blocks(fits: Sequence[Fit], draws: int) -> list[slice]:
    """Return which draws of their mixture are those of each fit."""
    ends = np.cumsum(counts(fits, draws)).tolist()
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def _record_paths(fit: Fit, years: np.ndarray) -> np.ndarray:
    """Return paths of the published record, shape (draw, year); minus infinity before anything was published."""
    seen = np.flatnonzero(fit.data.observed.any(axis=1))
    if seen[0] == 0:
        return fit.project_record(years).values
    # The record of a half-year is known at its end.
    first = fit.data.knots[seen[0] + 1]
    later = fit.project_record(years[years > first]).values
    earlier = np.where(years[years <= first] < first, -np.inf, fit.data.size[seen[0]].max())
    return np.concatenate([np.broadcast_to(earlier, (len(later), len(earlier))), later], axis=1)
