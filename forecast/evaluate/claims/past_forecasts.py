"""Forecasts of the past: the baseline as it would have come out with the rows published by a half-year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.resources import RESOURCES
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.trajectory import YEAR
from forecast.core.units import calendar_date
from forecast.runs.events import MAIN
from forecast.runs.passage import apply_levers
from forecast.scenarios.levers import counted_as

if TYPE_CHECKING:
    from forecast.runs.build_document import Results

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
    from forecast.consumption.frontier_data import frontier_data
    from forecast.fits import kept as cache
    from forecast.ingest.corpora import text_corpora
    from forecast.ingest.models import load_models
    from forecast.runs import pipeline
    from forecast.runs.inputs import TEXT, read_inputs
    from forecast.scenarios.scenario import load

    def make(name: str, origin: float | None) -> PastForecast | None:
        if origin is not None and name not in TEXT:
            return None  # Origins are fitted for text alone.
        resource = RESOURCES[name]
        date = None if origin is None else calendar_date(origin).isoformat()
        options = pipeline.Options(
            as_of=date, resource=name, seed=seed, draws=draws, jobs=jobs, scheduler=scheduler, horizon=HORIZON
        )
        # The very rows of the origins' fits: a date is a day, and half a year is not a whole number of days.
        exact = None if origin is None else frontier_data(text_corpora(load_models()), origin)
        scenario = pipeline.scenario_for(load(SCENARIO), resource, asked=True)
        if not may_sample:
            data = exact or read_inputs(resource, as_of=date).data
            asked = pipeline.fit_requests(resource, scenario, data, options)
            if any(cache.packed(request.key()) is None for request in asked):
                return None
        progress(f"{resource.title}, {'now' if date is None else f'as of {date}'}")
        results = pipeline.work_out(scenario, options=options, data=exact)
        return PastForecast(results.inputs.data.as_of, results, seed)

    made: dict[tuple[str, float | None], PastForecast | None] = {}

    def outlook(name: str, origin: float | None) -> PastForecast | None:
        if (name, origin) not in made:
            made[name, origin] = make(name, origin)
        return made[name, origin]

    return outlook
