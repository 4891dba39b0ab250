"""The mixture: paths of several growth members side by side, each with the same number of draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from forecast.consumption.fit import Fit
from forecast.core.trajectory import make_trajectory

if TYPE_CHECKING:
    import xarray as xr


def mixture(fits: Sequence[Fit], years: np.ndarray, draws: int, *, of: str = "frontier") -> xr.DataArray:
    """Return one trajectory in which every fit has the same number of draws, evenly thinned."""
    thin = thinned(fits, draws)
    paths = [fit.project(years).values if of == "frontier" else _record_paths(fit, years) for fit in thin]
    stacked = np.asfortranarray(np.concatenate(paths))
    name = " + ".join(fit.member.name for fit in fits)
    return make_trajectory(stacked, years, resource_name=fits[0].data.resource_name, role="consumption", source=name)


def thinned(fits: Sequence[Fit], draws: int) -> list[Fit]:
    """Return fits with the draws that each has in their mixture, in its order."""
    each = max(1, draws // len(fits))
    return [fit.thinned(each) for fit in fits]


def blocks(fits: Sequence[Fit], draws: int) -> list[slice]:
    """Return which draws of their mixture are those of each fit."""
    each = draws // len(fits)
    return [slice(place * each, (place + 1) * each) for place in range(len(fits))]


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
