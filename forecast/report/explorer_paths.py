"""The futures as the explorer packs them: both paths without what can be moved, and what its shifts do to a path.

The growth models project their paths again from the posteriors of the run, without the shift for undisclosed runs and
without the compute limit, so that both can be moved. Where what comes out is not the forecast's own frontier (a lever of the
user's own that caps, a posterior that is not there), the frontier is packed as the run has it, and these sliders are left
out. The stock without levers comes from the recorded scenario and seed; where that differs, there is no explorer, rather
than one that disagrees with its report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast import production
from forecast.consumption.frontier_data import BLOCK_YEARS
from forecast.consumption.mixture import mixture
from forecast.consumption.undisclosed import OUT_OF_SIGHT, Undisclosed
from forecast.core.seeds import generator
from forecast.core.summaries import quantiles
from forecast.core.trajectory import DRAW, YEAR
from forecast.core.units import decimal_year
from forecast.errors import ForecastError
from forecast.ingest.measurement import record_row
from forecast.plots.member_panels import fits
from forecast.report.explorer_controls import CAP, DEMAND, GROWTH, HIDDEN, HIDDEN_SIZE, MULTIPLYING, PREMIUM, STOCK
from forecast.report.explorer_packing import STEP
from forecast.runs.forecast import Forecast
from forecast.runs.passage import apply_levers
from forecast.scenarios.levers import LEVERS, counted_as
from forecast.scenarios.levers.access import FIRST_RULES
from forecast.scenarios.levers.compute_cap import path_at
from forecast.scenarios.levers.lever import SMALLEST_SHARE
from forecast.scenarios.scenario import Scenario

MOST_DRAWS = 4000
"""Futures that are packed (count): as many as a run keeps by default; of more, every k-th in order of their answer."""

HALF_YEARS_UNTIL, YEARS_UNTIL, THEN_EVERY = 2041.0, 2061.0, 5.0
"""Knots of the packed paths (decimal years): half-years, then years, then every five years; lines in log10 between."""

STOCK_YEARS_UNTIL = 2035.0
"""The stock changes slowly: yearly knots up to here, then every five years."""


@dataclass(frozen=True)
class Paths:
    """What is packed of a run's futures.

    Parameters
    ----------
    frontier : array, shape (draw, year)
        log10; without undisclosed runs and limits where `free`, else as the run has it without the levers that can be moved.
    demand : array, shape (draw, year), optional
        log10 factor of the levers on a free frontier that cannot be moved; None where there is none.
    stock : array, shape (draw, year)
        log10, without the levers that can be moved.
    free : bool
        Whether growth, premium, undisclosed runs and the compute limit can be moved.
    """

    frontier: np.ndarray
    demand: np.ndarray | None
    stock: np.ndarray
    free: bool


@dataclass(frozen=True)
class Shifts:
    """What the sliders that set no lever do to the paths.

    Parameters
    ----------
    pace : float
        Factor on growth in log10 from `since` on.
    premium, stock : float
        log10 added to every frontier, and to every raw stock.
    hidden : float
        Share of futures that hold undisclosed runs.
    size : float
        log10 by which those are larger, in the middle of these futures.
    """

    pace: float = 1.0
    premium: float = 0.0
    stock: float = 0.0
    hidden: float = OUT_OF_SIGHT
    size: float = float(Undisclosed().delta.quantile(np.array(0.5)))

    @classmethod
    def of(cls, values: Mapping[str, Any], rest: Mapping[str, Any]) -> Shifts:
        """Return what sliders do that stand at some values, and at others as in the report; by the names of both."""
        shifts: dict[str, Any] = {}
        if GROWTH in values:
            shifts["pace"] = np.log10(values[GROWTH]) / np.log10(rest[GROWTH])
        for name in (PREMIUM, STOCK):
            if name in values:
                shifts[name] = np.log10(values[name] / rest[name])
        if HIDDEN in values:
            shifts["hidden"] = values[HIDDEN]
        if HIDDEN_SIZE in values:
            shifts["size"] = np.log10(values[HIDDEN_SIZE])
        return cls(**shifts)

    def frontier(self, free: np.ndarray, years: np.ndarray, since: float, places: np.ndarray) -> np.ndarray:
        """Return the frontier before limits and levers, shape (draw, year), from a free one and its futures' places."""
        at = path_at(free, years, np.full(len(free), since))[:, None]
        paced = np.where(years > since, at + self.pace * (free - at), free)
        return paced + self.premium + self.delta(places)[:, None] * Undisclosed().grown(years)

    def delta(self, places: np.ndarray) -> np.ndarray:
        """Return the shift for undisclosed runs, from each future's place among all."""
        prior = Undisclosed().delta
        scale = self.size / float(prior.quantile(np.array(0.5)))
        return scale * prior.quantile(np.maximum(1.0 - (1.0 - places) / np.maximum(self.hidden, SMALLEST_SHARE), 0.0))


def places(seed: int, size: int) -> np.ndarray:
    """Return each future's place among all, by how much larger undisclosed runs are in it: as `Undisclosed.draw`."""
    return generator(seed, "consumption", "undisclosed").uniform(size=size)


def since(forecast: Forecast) -> float:
    """Return where the half-year of the data ends, from which growth is a forecast (decimal year)."""
    return float(np.ceil(decimal_year(forecast.document["as_of"]) / BLOCK_YEARS - 1e-9)) * BLOCK_YEARS


def premium(forecast: Forecast) -> float | None:
    """Return how far the median frontier lies above the published record at the date of the data (log10)."""
    row = record_row(forecast.document["consumption"]["record"]["rows"])
    if row is None:
        return None
    years, as_of = forecast.consumption[YEAR].values, decimal_year(forecast.document["as_of"])
    now = np.array([np.interp(as_of, years, path) for path in forecast.consumption.values])
    return float(quantiles(now, [0.5])[0]) - float(row["log10_size"])


def paths(forecast: Forecast, scenario: Scenario) -> Paths | None:
    """Return a run's paths without what can be moved; None where its stock does not come out as the forecast has it."""
    seed, size = int(forecast.provenance["seed"]), forecast.consumption.sizes[DRAW]
    years = forecast.consumption[YEAR].values
    raw = _raw(scenario, seed, size, years)
    effective, _ = apply_levers(raw, scenario, seed=seed)
    if scenario.digest() != forecast.provenance["scenario_sha256"] or not np.allclose(
        effective.values, forecast.stock.values, atol=STEP
    ):
        return None
    stock = _bare(raw, scenario, seed)
    free = _free(forecast, scenario, seed)
    if free is not None:
        return Paths(*free, stock, free=True)
    fixed = np.array(forecast.consumption.values)
    for name in DEMAND:
        if name in scenario.levers:
            fixed -= LEVERS[name].log10_factor(scenario.draw_lever(name, seed=seed, size=size), years)
    return Paths(fixed, None, stock, free=False)


def bare_stock(scenario: Scenario, seed: int, size: int, years: np.ndarray) -> np.ndarray:
    """Return a scenario's stock without the levers that can be moved, shape (draw, year), log10."""
    return _bare(_raw(scenario, seed, size, years), scenario, seed)


def _bare(raw: Any, scenario: Scenario, seed: int) -> np.ndarray:
    left, _ = apply_levers(raw, scenario, seed=seed, leave_out=(*MULTIPLYING, *counted_as("addition")))
    return np.asarray(left.values)


def _raw(scenario: Scenario, seed: int, size: int, years: np.ndarray) -> Any:
    return production.draw_estimator(scenario.stock(), seed=seed, size=size).project(years)


def _free(forecast: Forecast, scenario: Scenario, seed: int) -> tuple[np.ndarray, np.ndarray | None] | None:
    """Return the disclosed frontier without limits, and what multiplies it; None where the run's does not come of it."""
    weights = {member["name"]: member["weight"] for member in forecast.document["consumption"]["members"]}
    years, size = forecast.consumption[YEAR].values, forecast.consumption.sizes[DRAW]
    try:
        held = [fit for fit in fits(forecast) if weights[fit.member.name] > 0]
        disclosed = mixture(held, years, size)
    except (ForecastError, KeyError, ValueError):
        return None
    if disclosed.shape != forecast.consumption.shape:
        return None
    disclosed = disclosed.assign_attrs(
        resource=forecast.document["resource"], unit=forecast.consumption.attrs.get("unit")
    )
    shift = Undisclosed()
    whole = shift.add(disclosed, shift.draw(seed=seed, size=size) * scenario.include_undisclosed)
    capped = _cap(scenario, whole.values, years, seed)
    demand = _demand(scenario, forecast.document["resource"], seed, size, years)
    moved = sum(
        (
            LEVERS[name].log10_factor(scenario.draw_lever(name, seed=seed, size=size), years)
            for name in DEMAND
            if name in scenario.levers
        ),
        start=np.zeros(1),
    )
    came = capped + moved + (0.0 if demand is None else demand)
    same = np.allclose(came, forecast.consumption.values, atol=STEP)
    return (np.asarray(disclosed.values), demand) if same else None


def _cap(scenario: Scenario, path: np.ndarray, years: np.ndarray, seed: int) -> np.ndarray:
    if CAP not in scenario.levers:
        return path
    return LEVERS[CAP].apply(path, scenario.draw_lever(CAP, seed=seed, size=len(path)), years)


def _demand(scenario: Scenario, resource: str, seed: int, size: int, years: np.ndarray) -> np.ndarray | None:
    """Return the log10 factor of the levers on the frontier that multiply it and cannot be moved."""
    fixed = [
        LEVERS[name].log10_factor(scenario.draw_lever(name, seed=seed, size=size), years)
        for name in scenario.levers
        if LEVERS[name].side == "consumption"
        and LEVERS[name].effect == "multiplies"
        and name not in DEMAND
        and resource in LEVERS[name].applies_to
    ]
    return np.sum(fixed, axis=0) if fixed else None


def blocks(forecast: Forecast) -> list[tuple[Mapping[str, Any], slice]]:
    """Return the members of the mixture, each with its draws."""
    held = [member for member in forecast.document["consumption"]["members"] if member["weight"] > 0]
    each = forecast.consumption.sizes[DRAW] // len(held)
    return [(member, slice(place * each, (place + 1) * each)) for place, member in enumerate(held)]


def kept(forecast: Forecast) -> np.ndarray:
    """Return which draws are packed: all, or of each member every k-th in order of the exhaustion year.

    Evenly spaced in the order of the answer, the chosen ones have the quantiles of all.
    """
    each = blocks(forecast)
    most = MOST_DRAWS // len(each)
    chosen = []
    for _, block in each:
        of = np.arange(block.start, block.stop)
        if len(of) > most:
            order = of[np.argsort(forecast.exhaustion_year[of], kind="stable")]
            of = order[((np.arange(most) + 0.5) * len(of) / most).astype(int)]
        chosen.append(of)
    return np.concatenate(chosen)


def knots(years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which years of the grid are packed, for the frontier and for the stock."""

    def every(step: float) -> np.ndarray:
        from_end = (years[-1] - years) / step
        return np.isclose(from_end, from_end.round())

    ends = np.isin(np.arange(len(years)), (0, len(years) - 1))
    frontier = (years <= HALF_YEARS_UNTIL) | (every(1.0) & (years <= YEARS_UNTIL)) | every(THEN_EVERY) | ends
    # Machine-written text begins in November 2022: half-years up to there, where the stock has its one bend.
    stock = (years <= FIRST_RULES[0] + 0.5) | (every(1.0) & (years <= STOCK_YEARS_UNTIL)) | every(THEN_EVERY) | ends
    return np.flatnonzero(frontier), np.flatnonzero(stock)


__all__ = [
    "MOST_DRAWS",
    "Paths",
    "Shifts",
    "bare_stock",
    "blocks",
    "kept",
    "knots",
    "paths",
    "places",
    "premium",
    "since",
]
