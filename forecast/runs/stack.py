"""Forecasts of one resource side by side, as one data set: by scenario, draw and year."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.trajectory import DRAW, SCENARIO, YEAR
from forecast.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from forecast.runs.forecast import Forecast


def stack(forecasts: Mapping[str, Forecast] | Iterable[Forecast]) -> xr.Dataset:
    """Put forecasts of one resource side by side, along a dimension ``scenario``.

    Parameters
    ----------
    forecasts : mapping of str to Forecast, or iterable of Forecast
        By name; without names they go by their scenario, and by their date where two share one.

    Returns
    -------
    xarray.Dataset
        ``exhaustion_year`` with dims ``(scenario, draw)``; ``consumption`` and ``stock``, log10, with dims ``(scenario,
        draw, year)`` over the years that all cover. Where one has fewer draws than another, the rest is NaN.

    Raises
    ------
    InputError
        If there is none, they are of several resources, or two have one name.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> both = fc.stack({"mine": f, "again": fc.load("out")})
    >>> both["exhaustion_year"].dims
    ('scenario', 'draw')
    """
    import xarray as xr

    named = dict(forecasts) if isinstance(forecasts, Mapping) else _named(list(forecasts))
    resources = {str(one.consumption.attrs["resource"]) for one in named.values()}
    if len(resources) != 1:
        got = f"forecasts of {' and '.join(sorted(resources))}" if resources else "no forecast"
        raise InputError(got, "one or several of one resource", "stack those of one resource")
    years = functools.reduce(np.intersect1d, [one.consumption[YEAR].values for one in named.values()])
    draws = max(len(one.exhaustion_year) for one in named.values())

    def filled(values: np.ndarray) -> np.ndarray:
        return np.pad(values, [(0, draws - len(values)), *[(0, 0)] * (values.ndim - 1)], constant_values=np.nan)

    first = next(iter(named.values()))
    found: dict[str, Any] = {
        "exhaustion_year": (
            (SCENARIO, DRAW),
            np.stack([filled(one.exhaustion_year) for one in named.values()]),
            {"unit": "decimal year"},
        )
    }
    for side in ("consumption", "stock"):
        paths = [getattr(one, side).sel({YEAR: years}).values for one in named.values()]
        found[side] = ((SCENARIO, DRAW, YEAR), np.stack([filled(path) for path in paths]), getattr(first, side).attrs)
    return xr.Dataset(found, {SCENARIO: list(named), DRAW: np.arange(draws), YEAR: years})


def _named(forecasts: list[Forecast]) -> dict[str, Forecast]:
    names = [one.scenario for one in forecasts]
    if len(set(names)) < len(names):
        names = [f"{one.scenario} {one.document['as_of']}" for one in forecasts]
    if len(set(names)) < len(names):
        raise InputError(f"several forecasts named {max(names, key=names.count)}", "a name for each", "give a mapping")
    return dict(zip(names, forecasts, strict=True))
