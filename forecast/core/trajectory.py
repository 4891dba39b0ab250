"""Trajectories: posterior draws of a log10 quantity over calendar years; every model, of either side, ends in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from forecast.core.resources import RESOURCES
from forecast.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

DRAW, YEAR = "draw", "year"
"""Dimension names of a trajectory."""

Trajectory = Any
"""An `xarray.DataArray` with dims ``(draw, year)`` and attrs resource, unit, role, source; see `make_trajectory`.

It is no class of ours: selecting, plotting and the table that a notebook shows are xarray's own.
"""


def make_trajectory(
    draws: np.ndarray,
    years: np.ndarray,
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
        Dims ``(draw, year)``, attrs ``resource``, ``unit``, ``role``, ``source``.

    Raises
    ------
    InputError
        If the shapes do not fit, the years do not increase or a draw is NaN.

    Examples
    --------
    >>> t = make_trajectory(np.zeros((2, 3)), np.array([2024.0, 2025.0, 2026.0]),
    ...                     resource_name="public_text", role="stock", source="example")
    >>> t.dims, t.attrs["unit"]
    (('draw', 'year'), 'tokens')
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
    attrs = {"resource": resource_name, "unit": RESOURCES[resource_name].unit, "role": role, "source": source}
    # "fastpath": what is given is an array; to ask for more, xarray would import dask, which takes as long as a forecast.
    values = xr.Variable((DRAW, YEAR), draws, attrs, fastpath=True)
    return xr.DataArray(values, coords={YEAR: xr.IndexVariable(YEAR, pd.Index(years), fastpath=True)}, name=role)
