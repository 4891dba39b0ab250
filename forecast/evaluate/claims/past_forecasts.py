"""Forecasts of the past: the baseline as it would have come out with the rows published by a half-year, by particles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.resources import RESOURCES
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.trajectory import YEAR
from forecast.runs.events import MAIN
from forecast.runs.passage import apply_levers
from forecast.scenarios.levers import counted_as

if TYPE_CHECKING:
    from forecast.consumption.fit import Fit
    from forecast.core.resources import Resource
    from forecast.runs.pipeline import Options
    from forecast.runs.results import Results
    from forecast.scenarios.scenario import Scenario

SCENARIO = "baseline"
"""The scenario that is asked."""

HORIZON = 2100
"""Last calendar year that is looked at."""


@dataclass(frozen=True)
class PastForecast:
    """A forecast as the ledger asks it.

    Parameters
    ----------
    as_of : float
        Decimal year up to which rows counted.
    results : Results
        Paths and first passages.
    seed : int
        The run's seed.
    """

    as_of: float
    results: Results
    seed: int = DEFAULT_SEED

    def years(self, definition: str) -> np.ndarray:
        """Return the exhaustion year by a definition, shape (draw,)."""
        return self.results.passages[definition].year

    def record(self, when: float) -> float:
        """Return log10 of the largest training set published by a date, ``-inf`` where there is none."""
        data = self.results.inputs.data
        known = (data.observed > 0) & (data.time <= when)
        return float(data.size[known].max()) if known.any() else -np.inf

    def reached(self, definition: str, when: float) -> np.ndarray:
        """Return by how much the published record exceeds the limit of a definition, future by future."""
        results = self.results
        if definition in (MAIN, "record", "share_10", "share_50"):
            share = {"share_10": 0.1, "share_50": 0.5}.get(definition, 1.0)
            return self.record(when) - _at(results.effective, when) - np.log10(share)
        if definition not in ("single_pass", "used_once"):
            raise ValueError(f"no record of {definition}: it compares yearly amounts")
        once, _ = apply_levers(results.raw, results.scenario, seed=self.seed, leave_out=counted_as("pass"))
        unique = self.record(when) - np.log10(results.passes)
        return unique + np.log10(results.union) * (definition == "used_once") - _at(once, when)


def _at(path: Any, when: float) -> np.ndarray:
    years = path[YEAR].values
    right = int(np.clip(np.searchsorted(years, when, side="right"), 1, len(years) - 1))
    share = float(np.clip((when - years[right - 1]) / (years[right] - years[right - 1]), 0.0, 1.0))
    return path.values[:, right - 1] * (1 - share) + path.values[:, right] * share


def at_origins(resource: Resource, scenario: Scenario, options: Options) -> dict[float, list[Fit]]:
    """Return the members' fits to the rows published by each half-year since 2019, by particles."""
    from forecast.consumption.frontier_data import frontier_data
    from forecast.consumption.particles import particle_fits
    from forecast.evaluate.backtest.origins import origins
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models
    from forecast.runs.pipeline import fit_requests

    corpora = text_corpora(load_models())
    by_origin = {
        origin: fit_requests(resource, scenario, frontier_data(corpora, origin), options)
        for origin in origins(audited_as_of())
    }
    listed = [request for requests in by_origin.values() for request in requests]
    fits = iter(particle_fits(listed, None, options.jobs, scheduler=options.scheduler))
    return {origin: [next(fits) for _ in requests] for origin, requests in by_origin.items()}


def past_forecasts(
    *,
    may_sample: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    jobs: int | None = None,
    scheduler: str | None = None,
    draws: int = 4000,
    seed: int = DEFAULT_SEED,
) -> Callable[[str, float | None], PastForecast | None]:
    """Return a function that makes the forecasts that the ledger asks for, each once."""
    from forecast.fits import kept as cache
    from forecast.runs import pipeline
    from forecast.runs.inputs import TEXT, read_inputs
    from forecast.runs.results import compute
    from forecast.scenarios.scenario import load

    options = pipeline.Options(seed=seed, draws=draws, jobs=jobs, scheduler=scheduler, horizon=HORIZON)
    fits: dict[str, dict[float, list[Fit]]] = {}

    def make(name: str, origin: float | None) -> PastForecast | None:
        if origin is not None and name not in TEXT:
            return None  # Rows by date are those of text alone.
        resource = RESOURCES[name]
        scenario = pipeline.scenario_for(load(SCENARIO), resource, asked=True)
        read = read_inputs(resource)
        if origin is not None:
            if name not in fits:
                progress(f"{resource.title}, at every half-year")
                fits[name] = at_origins(resource, scenario, options)
            here = fits[name][origin]
            held = [fit for fit in here if fit.diagnostics["verdict"] != "FAIL"] or here
            inputs, years = replace(read, data=here[0].data), pipeline.year_grid(origin, HORIZON)
            results = compute(resource, scenario, inputs, here, held, years, options)
            return PastForecast(origin, results, seed)
        asked = pipeline.fit_requests(resource, scenario, read.data, options)
        if not may_sample and any(cache.packed(request.key()) is None for request in asked):
            return None
        progress(f"{resource.title}, now")
        results = pipeline.work_out(scenario, options=replace(options, resource=name))
        return PastForecast(results.inputs.data.as_of, results, seed)

    made: dict[tuple[str, float | None], PastForecast | None] = {}

    def outlook(name: str, origin: float | None) -> PastForecast | None:
        if (name, origin) not in made:
            made[name, origin] = make(name, origin)
        return made[name, origin]

    return outlook
