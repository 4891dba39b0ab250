"""What a run of the baseline says: the futures of its record and disclosed frontier, and its observation law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fit import interpolate
from forecast.consumption.frontier_data import BLOCK_YEARS

if TYPE_CHECKING:
    from forecast.runs.build_document import Results


@dataclass(frozen=True, eq=False)
class Ours:
    """Futures of a run, draw by draw the same in all arrays.

    Parameters
    ----------
    years : array, shape (year,)
        Half-yearly decimal years.
    record, frontier : array, shape (draw, year)
        log10 tokens of human text: the published record, and the disclosed frontier.
    spread, shape : array, shape (draw,)
        Of the observation law: log10, and without unit.
    as_of : float
        Decimal year of the data.
    seed : int
        The run's seed.
    run : mapping of str to Any
        What made it, for the record.
    """

    years: np.ndarray
    record: np.ndarray
    frontier: np.ndarray
    spread: np.ndarray
    shape: np.ndarray
    as_of: float
    seed: int
    run: Mapping[str, Any]

    def record_at(self, end: float, rng: np.random.Generator) -> np.ndarray:
        """Return the record at an instant, log10.

        A run leaves the record as it is until the half-year of its data is over; what is still to be published in it is
        drawn here by the observation law.
        """
        record = interpolate(self.record, self.years, np.array([end]))[:, 0]
        border = min(np.ceil(self.as_of / BLOCK_YEARS - 1e-9) * BLOCK_YEARS, end)
        left = (border - self.as_of) / BLOCK_YEARS
        if left <= 1e-9:
            return record
        frontier = interpolate(self.frontier, self.years, np.array([(self.as_of + border) / 2]))[:, 0]
        arrival = rng.exponential(size=len(frontier)) / left
        return np.maximum(record, frontier - self.spread * arrival ** (1 / self.shape))

    def expected_above(self, thresholds: np.ndarray, start: float, end: float) -> np.ndarray:
        """Return the law's mean number of corpora published between two instants above a size, shape (draw,).

        Thresholds (log10 tokens of human text) are averaged over.
        """
        inner = self.years[(self.years > start) & (self.years < end)]
        edges = np.unique(np.concatenate([[start], inner, [end]]))
        middle = interpolate(self.frontier, self.years, (edges[1:] + edges[:-1]) / 2)
        gap = np.maximum(middle[:, :, None] - np.asarray(thresholds), 0.0)
        number = ((gap / self.spread[:, None, None]) ** self.shape[:, None, None]).mean(axis=2)
        return np.asarray(number @ (np.diff(edges) / BLOCK_YEARS))


def of_results(results: Results, *, draws: int, seed: int) -> Ours:
    """Return the futures of a run: its members' own, mixed and with the scenario's levers, as in the run."""
    from forecast.consumption.mixture import mixture, thinned
    from forecast.core.units import calendar_date
    from forecast.runs.passage import apply_levers

    years = results.disclosed["year"].to_numpy().astype(float)
    record, _ = apply_levers(
        mixture(results.held, years, draws, of="record").assign_attrs(results.frontier.attrs),
        results.scenario,
        seed=seed,
    )
    thin = thinned(results.held, draws)
    as_of = results.inputs.data.as_of
    return Ours(
        years=years,
        record=np.asarray(record.values),
        frontier=np.asarray(results.disclosed.values),
        spread=np.concatenate([fit.draws["spread"] for fit in thin]),
        shape=np.concatenate([1 + fit.draws["shape_excess"] for fit in thin]),
        as_of=as_of,
        seed=seed,
        run={
            "scenario": results.scenario.name,
            "scenario_sha256": results.scenario.digest(),
            "members": [fit.member.name for fit in results.held],
            "seed": seed,
            "draws": draws,
            "as_of": calendar_date(as_of).isoformat(),
        },
    )


def of_baseline(progress: Any = lambda _: None, jobs: int | None = None) -> Ours:
    """Run the shipped baseline; fits that are kept are used."""
    from forecast.runs.pipeline import Options, work_out
    from forecast.scenarios import scenario as scenarios

    options = Options(jobs=jobs)
    results = work_out(scenarios.load("baseline"), options=options, progress=progress)
    return of_results(results, draws=options.draws, seed=options.seed)
