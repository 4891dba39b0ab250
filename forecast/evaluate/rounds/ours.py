"""What a run of the baseline says: the futures of its record and disclosed frontier, and what is published of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fit import interpolate
from forecast.consumption.frontier_data import BLOCK_YEARS
from forecast.errors import InputError

if TYPE_CHECKING:
    from forecast.consumption.member import Member
    from forecast.runs.results import Results


@dataclass(frozen=True, eq=False)
class Ours:
    """Futures of a run, draw by draw the same in all arrays.

    Parameters
    ----------
    years : array, shape (year,)
        Half-yearly decimal years.
    record, frontier : array, shape (draw, year)
        log10 tokens of human text: the published record, and the disclosed frontier.
    laws : sequence of (Member, mapping of str to array)
        Growth models in the order of the draws, of which each has the same number, and their draws of `Member.of_rows`.
    error : float
        Typical error of a published size (log10, sd).
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
    laws: Sequence[tuple[Member, Mapping[str, np.ndarray]]]
    error: float
    as_of: float
    seed: int
    run: Mapping[str, Any]

    def record_at(self, end: float, rng: np.random.Generator) -> np.ndarray:
        """Return the record at an instant, log10.

        A run leaves the record as it is until the half-year of its data is over; what is still to be published in it is
        drawn here, as each growth model has it published.
        """
        record = interpolate(self.record, self.years, np.array([end]))[:, 0]
        border = min(np.ceil(self.as_of / BLOCK_YEARS - 1e-9) * BLOCK_YEARS, end)
        left = (border - self.as_of) / BLOCK_YEARS
        if left <= 1e-9:
            return record
        now, then = (interpolate(self.frontier, self.years, np.array([at])) for at in (self.as_of, border))
        exposure, error = np.array([left]), np.array([self.error])
        largest = [
            member.published(member.published_under(now[of_member], then[of_member]), exposure, error, draws, rng)[
                :, 0, 0
            ]
            for of_member, member, draws in self._by_member()
        ]
        return np.maximum(record, np.concatenate(largest))

    def expected_above(self, thresholds: np.ndarray, start: float, end: float) -> np.ndarray:
        """Return the law's mean number of corpora published between two instants above a size, shape (counting draw,).

        Thresholds (log10 tokens of human text) are averaged over. A growth model that speaks of the record alone says no
        number: its draws are left out, and the other growth models have equal shares of what is left.
        """
        inner = self.years[(self.years > start) & (self.years < end)]
        edges = np.unique(np.concatenate([[start], inner, [end]]))
        middle = interpolate(self.frontier, self.years, (edges[1:] + edges[:-1]) / 2)
        gap = middle[:, :, None] - np.asarray(thresholds)
        numbers = [
            member.mean_above(gap[of_member], draws).mean(axis=2)
            for of_member, member, draws in self._by_member()
            if not member.record_alone
        ]
        if not numbers:
            raise InputError(
                "growth models that speak of the record alone",
                "one that speaks of numbers",
                "ask for the record instead",
            )
        return np.asarray(np.concatenate(numbers) @ (np.diff(edges) / BLOCK_YEARS))

    def _by_member(self) -> Iterator[tuple[slice, Member, Mapping[str, np.ndarray]]]:
        """Yield the rows of each growth model, the model and its draws."""
        each = len(self.frontier) // len(self.laws)
        for place, (member, draws) in enumerate(self.laws):
            yield slice(place * each, (place + 1) * each), member, draws


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
        laws=[(fit.member, {name: fit.draws[name] for name in fit.member.of_rows}) for fit in thin],
        error=results.inputs.data.usual_error,
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
