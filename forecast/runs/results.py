"""Everything that one run computes, draw by draw: from fits to the paths of both sides and every first passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast import production
from forecast.consumption.fit import Fit
from forecast.consumption.mixture import mixture
from forecast.consumption.undisclosed import Undisclosed
from forecast.core.resources import Resource
from forecast.core.trajectory import DRAW, log10_unit
from forecast.production import StockFit
from forecast.runs.events import MAIN, Sides, draw_union, produced_in_a_year
from forecast.runs.inputs import Inputs
from forecast.runs.passage import FirstPassage, Layer, apply_levers, at_the_price, moved_by
from forecast.scenarios.levers import LEVERS, counted_as

if TYPE_CHECKING:
    import xarray as xr

    from forecast.runs.pipeline import Options
    from forecast.scenarios.scenario import Scenario


@dataclass(frozen=True)
class Results:
    """Everything that one run has computed, draw by draw.

    Parameters
    ----------
    resource : Resource
        The resource.
    scenario : Scenario
        The scenario as it was run.
    inputs : Inputs
        What was read.
    fits, held : sequence of Fit
        All members' fits, and those that are in the mixture.
    disclosed, frontier : xarray.DataArray
        The mixture's frontier without and with undisclosed models and demand levers.
    delta : array, shape (draw,)
        The undisclosed shift (log10).
    stock : StockFit
        The estimator with its inputs drawn.
    raw, effective : xarray.DataArray
        The stock before and after the levers.
    layers : sequence of Layer
        The levers in between, as `forecast.runs.passage.apply_levers` gives them.
    demand : sequence of Layer
        Likewise, the levers on the frontier.
    passages : mapping of str to FirstPassage
        By definition.
    passes, union : array, shape (draw,)
        Passes of frontier runs; union of all training sets over the largest.
    """

    resource: Resource
    scenario: Scenario
    inputs: Inputs
    fits: Sequence[Fit]
    held: Sequence[Fit]
    disclosed: xr.DataArray
    frontier: xr.DataArray
    delta: np.ndarray
    stock: StockFit
    raw: xr.DataArray
    effective: xr.DataArray
    layers: Sequence[Layer]
    demand: Sequence[Layer]
    passages: Mapping[str, FirstPassage]
    passes: np.ndarray
    union: np.ndarray


def compute(
    resource: Resource,
    scenario: Scenario,
    inputs: Inputs,
    fits: Sequence[Fit],
    held: Sequence[Fit],
    years: np.ndarray,
    options: Options,
) -> Results:
    """Return the paths of both sides and the first passages of every definition, all from the same draws."""
    seed = options.seed
    disclosed = _as_resource(mixture(held, years, options.draws), resource)
    record = _as_resource(mixture(held, years, options.draws, of="record"), resource)
    size = disclosed.sizes[DRAW]
    stock = production.draw_estimator(scenario.stock(), seed=seed, size=size)
    raw = stock.project(years)
    effective, layers = apply_levers(raw, scenario, seed=seed)
    once, _ = apply_levers(raw, scenario, seed=seed, leave_out=counted_as("pass"))
    shift = Undisclosed()
    delta = shift.draw(seed=seed, size=size) * scenario.include_undisclosed
    frontier, demand = apply_levers(shift.add(disclosed, delta), scenario, seed=seed)
    # What is published is not shifted: the shift is what was run and not published.
    record, _ = apply_levers(record, scenario, seed=seed)
    saved, brought = at_the_price(frontier, effective, demand, layers, scenario, seed=seed)
    frontier, record = moved_by(frontier, saved), moved_by(record, saved)
    effective, once = moved_by(effective, brought), moved_by(once, brought)
    passes, union = inputs.passes.draw(seed=seed, size=size), draw_union(seed=seed, size=size)
    produced = produced_in_a_year(stock, raw, layers)
    sides = Sides(years, frontier.values, record.values, effective.values, once.values, produced, passes, union)
    return Results(
        resource=resource,
        scenario=scenario,
        inputs=inputs,
        fits=fits,
        held=held,
        disclosed=disclosed,
        frontier=frontier,
        delta=delta,
        stock=stock,
        raw=raw,
        effective=effective,
        layers=layers,
        demand=demand,
        passages=sides.passages(),
        passes=passes,
        union=union,
    )


def lever_values(results: Results) -> dict[str, np.ndarray]:
    """Return the value of every lever in each draw, by ``lever.setting``."""
    found: dict[str, np.ndarray] = {}
    shape = results.passages[MAIN].year.shape
    for layer in (*results.layers, *results.demand):
        values = dict(layer.draws)
        # What passes are worth is their factor, whether it was stated or follows by a law.
        if layer.counts_as == "pass":
            values.setdefault(LEVERS[layer.name].main_setting, 10.0 ** layer.log10_factor[:, 0])
        found |= {f"{layer.name}.{name}": np.asarray(drawn) for name, drawn in values.items() if drawn.shape == shape}
    return found


def _as_resource(trajectory: xr.DataArray, resource: Resource) -> xr.DataArray:
    """Return a trajectory as that of the resource whose limit it meets: high-quality text is read as text is."""
    return trajectory.assign_attrs(resource=resource.name, unit=log10_unit(resource.name))
