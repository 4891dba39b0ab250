"""Trajectories: posterior draws of a log10 quantity over calendar years; every model, of either side, ends in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from forecast.core.resources import RESOURCES
from forecast.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

DRAW, YEAR = "draw", "year"
"""Dimension names of a trajectory."""

SCENARIO = "scenario"
"""Dimension of several forecasts side by side."""

MEMBER = "member"
"""Coordinate on `DRAW`: the growth member that a draw of a forecast comes from."""

_LONG_NAMES = {"consumption": "log10 of the largest training set", "stock": "log10 of the stock"}
"""What the numbers are, by role."""

Trajectory = Any
"""An `xarray.DataArray` with dims ``(draw, year)`` and attrs resource, unit (``log10(...)``), role, source; see
`make_trajectory`.

It is no class of ours: selecting, plotting and the table that a notebook shows are xarray's own.
"""


def make_trajectory(
    draws: Sequence[Sequence[float]] | np.ndarray,
    years: Sequence[float] | np.ndarray,
    *,
    resource_name: str,
    role: Literal["consumption", "stock"],
    source: str,
) -> xr.DataArray:
    """Make a trajectory out of draws.

    Parameters
    ----------
    draws : array, shape (draw, year)
        log10 of the quantity; one row is one coherent path through time.
    years : array, shape (year,)
        Decimal years, increasing.
    resource_name : str
        Name of the resource, which gives the unit.
    role : {"consumption", "stock"}
        Which side of the comparison this is.
    source : str
        The member or estimator that made it.

    Returns
    -------
    xarray.DataArray
        Dims ``(draw, year)``, both with coordinates; attrs ``resource``, ``unit`` such as ``log10(tokens)``,
        ``long_name``, ``role``, ``source``.

    Raises
    ------
    InputError
        If the shapes do not fit, the years do not increase or a draw is NaN.

    Examples
    --------
    >>> t = make_trajectory(np.zeros((2, 3)), np.array([2024.0, 2025.0, 2026.0]),
    ...                     resource_name="public_text", role="stock", source="example")
    >>> t.dims, t.attrs["unit"]
    (('draw', 'year'), 'log10(tokens)')
    """
    import pandas as pd
    import xarray as xr

    draws, years = np.asarray(draws, dtype=float), np.asarray(years, dtype=float)
    if draws.ndim != 2 or years.shape != draws.shape[1:]:
        raise InputError(
            f"draws of shape {draws.shape} over {years.shape[0]} years",
            "one row per draw and one column per year",
            "pass draws as (draw, year)",
        )
    if np.isnan(draws).any() or not (np.diff(years) > 0).all():
        raise InputError(
            "NaN draws or years out of order",
            "finite or infinite draws over increasing years",
            "sort the years and drop draws that are NaN",
        )
    attrs = {
        "resource": resource_name,
        "unit": log10_unit(resource_name),
        "long_name": _LONG_NAMES[role],
        "role": role,
        "source": source,
    }
    # "fastpath": what is given is an array; to ask for more, xarray would import dask, which takes as long as a forecast.
    values = xr.Variable((DRAW, YEAR), draws, attrs, fastpath=True)
    indexes = {DRAW: pd.RangeIndex(len(draws)), YEAR: pd.Index(years)}
    coordinates = {name: xr.IndexVariable(name, index, fastpath=True) for name, index in indexes.items()}
    return xr.DataArray(values, coords=coordinates, name=role)


def log10_unit(resource_name: str) -> str:
    """Return the unit of a trajectory of a resource.

    Examples
    --------
    >>> log10_unit("public_text")
    'log10(tokens)'
    """
    return f"log10({RESOURCES[resource_name].unit})"


def with_members(trajectory: xr.DataArray, names: Sequence[str]) -> xr.DataArray:
    """Return a trajectory whose draws know the growth member that each comes from."""
    import xarray as xr

    return trajectory.assign_coords({MEMBER: xr.Variable((DRAW,), np.asarray(names, dtype=object), fastpath=True)})


def plain_at(trajectory: xr.DataArray, years: np.ndarray) -> xr.DataArray:
    """Return a trajectory in plain units at any instants that it covers: straight lines in log10 between its years.

    Examples
    --------
    >>> t = make_trajectory(np.array([[13.0, 15.0]]), np.array([2024.0, 2034.0]),
    ...                     resource_name="public_text", role="stock", source="example")
    >>> plain_at(t, np.array([2029.0])).values
    array([[1.e+14]])
    """
    import pandas as pd
    import xarray as xr

    covered = trajectory[YEAR].values
    if not ((years >= covered[0]) & (years <= covered[-1])).all():
        raise InputError(
            f"the year {next(year for year in years if not covered[0] <= year <= covered[-1]):g}",
            f"a year that the trajectory covers, {covered[0]:g} to {covered[-1]:g}",
            "choose another year, or a run with another horizon",
        )
    before = np.clip(np.searchsorted(covered, years, side="right") - 1, 0, max(len(covered) - 2, 0))
    after = np.minimum(before + 1, len(covered) - 1)
    step = np.where(after > before, covered[after] - covered[before], 1.0)
    share = (years - covered[before]) / step
    low, high = trajectory.values[:, before], trajectory.values[:, after]
    with np.errstate(invalid="ignore"):
        between = np.where(np.isneginf(low), low, low + share * (high - low))  # from nothing it arrives at the end
        level = np.where(share == 0, low, np.where(share == 1, high, between))
    kept = {name: along.variable for name, along in trajectory.coords.items() if along.dims == (DRAW,)}
    attrs = {**trajectory.attrs, "unit": RESOURCES[trajectory.attrs["resource"]].unit}
    attrs["long_name"] = attrs.get("long_name", "").removeprefix("log10 of the ")
    values = xr.Variable((DRAW, YEAR), 10.0**level, attrs, fastpath=True)
    year = xr.IndexVariable(YEAR, pd.Index(years), fastpath=True)
    return xr.DataArray(values, coords={**kept, YEAR: year}, name=trajectory.name)
