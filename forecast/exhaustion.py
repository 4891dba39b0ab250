"""First passage: the first instant at which the frontier reaches the effective stock.

One posterior draw is one future. The two paths are straight lines between their knots in log10, so the crossing
between two knots is found exactly. A future that never crosses is ``inf``, counted, and told apart by its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.errors import InputError
from forecast.levers import LEVERS
from forecast.nouns import DRAW, YEAR, make_trajectory
from forecast.seeds import DEFAULT_SEED

if TYPE_CHECKING:
    import xarray as xr

    from forecast.scenario import Scenario

REASONS = ("frontier_saturates", "stock_escapes", "horizon")
"""Why a future does not cross within the horizon, in the order in which they are tried."""

AT_REST = 0.01
"""A frontier that grows by less than this over its last decade has come to rest (log10 per year, 2.3 % a year)."""


@dataclass(frozen=True)
class FirstPassage:
    """Exhaustion years and what became of the futures that never get there.

    Parameters
    ----------
    year : array, shape (draw,)
        Decimal exhaustion year; ``inf`` when not within the horizon.
    never : mapping of str to float
        Share of all futures by reason.
    horizon : float
        Last decimal year looked at.
    """

    year: np.ndarray
    never: Mapping[str, float]
    horizon: float


def first_passage(
    consumption: xr.DataArray, stock: xr.DataArray, scenario: Scenario | None = None, *, seed: int = DEFAULT_SEED
) -> FirstPassage:
    """Return the first instant at which consumption reaches the stock, future by future.

    Parameters
    ----------
    consumption, stock : xarray.DataArray
        Trajectories with equal dims ``(draw, year)``. Where one has more draws than the other, draws are paired
        from the front and the rest is left out.
    scenario : Scenario, optional
        When given, `stock` is raw and the scenario's levers are applied first; otherwise it is effective already.
    seed : int, optional
        The run's seed, for drawing levers.

    Returns
    -------
    FirstPassage
        Years by draw, and the shares that never cross.

    Raises
    ------
    InputError
        If the years differ, or the units do.

    Examples
    --------
    >>> years = np.array([2024.0, 2034.0])
    >>> make = lambda a, b, role: make_trajectory(np.array([[a, b]]), years, resource_name="public_text",
    ...                                           role=role, source="example")
    >>> first_passage(make(13.0, 15.0, "consumption"), make(14.0, 14.0, "stock")).year
    array([2029.])
    """
    if scenario is not None:
        consumption = apply_levers(consumption, scenario, seed=seed)[0]
        stock = apply_levers(stock, scenario, seed=seed)[0]
    years = consumption[YEAR].values
    if not np.array_equal(years, stock[YEAR].values):
        raise InputError("trajectories over different years", "the same years on both sides", "project both alike")
    if consumption.attrs.get("unit") != stock.attrs.get("unit"):
        raise InputError(
            f"{consumption.attrs.get('unit')} against {stock.attrs.get('unit')}", "one unit", "compare one resource"
        )
    count = min(consumption.sizes[DRAW], stock.sizes[DRAW])
    frontier, limit = consumption.values[:count], stock.values[:count]
    crossed = crossing_years(frontier, limit, years)
    return FirstPassage(crossed, _never(frontier, limit, years, crossed), float(years[-1]))


def crossing_years(frontier: np.ndarray, stock: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return when each path first reaches the other.

    Parameters
    ----------
    frontier, stock : array, shape (draw, year)
        log10 paths.
    years : array, shape (year,)
        Decimal years, increasing.

    Returns
    -------
    numpy.ndarray
        Shape (draw,): decimal years; the first year where the paths begin crossed, ``inf`` where they never do.
    """
    gap = frontier - stock
    reached = gap >= 0
    first = np.argmax(reached, axis=1)
    rows = np.arange(len(gap))
    never = ~reached[rows, first]
    before = np.maximum(first - 1, 0)
    g0, g1 = gap[rows, before], gap[rows, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(first > 0, -g0 / (g1 - g0), 0.0)
    crossed = years[before] + share * (years[first] - years[before])
    return np.where(never, np.inf, crossed)


def apply_levers(
    trajectory: xr.DataArray, scenario: Scenario, *, seed: int = DEFAULT_SEED
) -> tuple[xr.DataArray, list[dict[str, Any]]]:
    """Apply a scenario's levers to the side that they act on.

    Parameters
    ----------
    trajectory : xarray.DataArray
        Raw stock, or the fitted frontier.
    scenario : Scenario
        The levers and their distributions.
    seed : int, optional
        The run's seed: the same for both sides, so that shared inputs are shared.

    Returns
    -------
    tuple of xarray.DataArray and list
        The changed trajectory, and one entry a lever: name, title, log10 factor (draw, year), source.
    """
    years = trajectory[YEAR].values
    draws = trajectory.values
    layers = []
    for name, setting in scenario.levers.items():
        lever = LEVERS[name]
        if lever.side != trajectory.attrs["role"]:
            continue
        after = lever.apply(draws, scenario.draw_lever(name, seed=seed, size=len(draws)), years)
        layers.append({"name": name, "title": lever.title, "log10_factor": after - draws, "source": setting.source})
        draws = after
    changed = make_trajectory(
        draws,
        years,
        resource_name=trajectory.attrs["resource"],
        role=trajectory.attrs["role"],
        source=trajectory.attrs["source"],
    )
    return changed, layers


def _never(frontier: np.ndarray, stock: np.ndarray, years: np.ndarray, crossed: np.ndarray) -> dict[str, float]:
    """Split the futures that never cross by what they do in the last decade before the horizon."""
    open_ = np.isinf(crossed)
    back = np.searchsorted(years, years[-1] - 10.0)
    span = max(years[-1] - years[back], 1e-9)
    growth = (frontier[:, -1] - frontier[:, back]) / span
    stock_growth = (stock[:, -1] - stock[:, back]) / span
    at_rest = open_ & (growth < AT_REST)
    escapes = open_ & ~at_rest & (stock_growth >= growth)
    shares = (at_rest, escapes, open_ & ~at_rest & ~escapes)
    return {reason: float(np.mean(share)) for reason, share in zip(REASONS, shares, strict=True)}
