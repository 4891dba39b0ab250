"""What variants start from, how their fits are made side by side, and how a frontier becomes a line of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from forecast import production
from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.consumption.member import Member
from forecast.consumption.members import member
from forecast.consumption.undisclosed import Undisclosed
from forecast.core.trajectory import make_trajectory
from forecast.core.units import decimal_year
from forecast.errors import ForecastError
from forecast.fits import kept as cache
from forecast.fits.executor import run_tasks
from forecast.fits.gate import Check, verdict
from forecast.runs.document import exhaustion_block, levels
from forecast.runs.passage import apply_levers, first_passage
from forecast.runs.pipeline import Options, year_grid
from forecast.scenarios import scenario as scenarios

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from forecast.scenarios.scenario import Scenario

Kind = Literal["rule", "member", "route", "rows", "stock", "weights", "baseline"]

TOGETHER = 6
"""Fits of one structure that one worker makes in a row, so that it compiles once (count)."""


@dataclass(frozen=True)
class Baseline:
    """What every variant starts from.

    Parameters
    ----------
    options : Options
        Seed, draws, horizon, sampling, jobs.
    scenario : Scenario
        The scenario whose members, stock and levers are used.
    models, corpora : pandas.DataFrame
        Model rows, and the corpora of text made from them.
    as_of : float
        Decimal year of the data.
    years : array, shape (year,)
        Decimal years of every trajectory.
    """

    options: Options
    scenario: Scenario
    models: pd.DataFrame
    corpora: pd.DataFrame
    as_of: float
    years: np.ndarray

    @cached_property
    def raw(self) -> xr.DataArray:
        """The baseline's raw stock."""
        fit = production.draw_estimator(self.scenario.stock(), seed=self.options.seed, size=self.options.draws)
        return fit.project(self.years)

    @cached_property
    def effective(self) -> xr.DataArray:
        """The baseline's effective stock."""
        return apply_levers(self.raw, self.scenario, seed=self.options.seed)[0]

    @cached_property
    def data(self) -> FrontierData:
        """The largest corpora of each half-year."""
        return frontier_data(self.corpora, self.as_of)

    def requests(self, members: Iterable[Member], data: FrontierData) -> list[FitRequest]:
        """Return what to fit, with this setting's seed and sampling."""
        return [FitRequest(chosen, data, self.options.seed, self.options.sampling) for chosen in members]

    def defaults(self, corpora: pd.DataFrame) -> list[FitRequest]:
        """Return fits of the default members to other rows."""
        data = self.data if corpora is self.corpora else frontier_data(corpora, self.as_of)
        return self.requests((member(name) for name in self.scenario.members), data)


@dataclass(frozen=True)
class Outcome:
    """What a variant comes to.

    Parameters
    ----------
    frontier : xarray.DataArray
        Its trajectory.
    verdict : str, optional
        What the gate says of its fits; None where nothing was sampled.
    left_out : tuple of str
        Members that failed the gate.
    effective : xarray.DataArray, optional
        Its own stock, where that is not the baseline's.
    """

    frontier: xr.DataArray
    verdict: str | None = None
    left_out: tuple[str, ...] = ()
    effective: xr.DataArray | None = None


@dataclass(frozen=True)
class Variant:
    """One line of the table.

    Parameters
    ----------
    name, title, sentence : str
        Its name, its title, and what is different about it.
    kind : str
        rule, member, route, rows, stock, weights or baseline.
    outcome : callable
        From the setting and the fits that were asked for to an `Outcome`.
    requests : callable
        From the setting to the fits that it needs.
    disclosed : bool
        Whether it projects the largest disclosed sizes, so that the shift for undisclosed models is added.
    """

    name: str
    title: str
    sentence: str
    kind: Kind
    outcome: Callable[[Baseline, Sequence[Fit]], Outcome]
    requests: Callable[[Baseline], list[FitRequest]] = lambda _: []
    disclosed: bool = True


def prepare(options: Options, scenario: str | Scenario = "baseline") -> Baseline:
    """Read what every variant starts from."""
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import read_models

    scenario = scenarios.load(scenario) if isinstance(scenario, str) else scenario
    models = read_models(options.models).rows
    as_of = audited_as_of() if options.as_of is None else decimal_year(options.as_of)
    corpora = text_corpora(models, complete=options.models is None)
    return Baseline(options, scenario, models, corpora, as_of, year_grid(as_of, options.horizon))


def fit_all(requests: Sequence[FitRequest], baseline: Baseline, progress: Callable[[str], None]) -> dict[str, str]:
    """Make the fits that are not kept yet, several of one structure by one worker in a row."""
    missing = {request.key(): request for request in requests}
    missing = {key: request for key, request in missing.items() if cache.load(key) is None}
    by_structure: dict[Any, list[FitRequest]] = {}
    for request in missing.values():
        by_structure.setdefault((*request.member.structure(), len(request.data.knots)), []).append(request)
    groups = [
        group[first : first + TOGETHER] for group in by_structure.values() for first in range(0, len(group), TOGETHER)
    ]
    failed: dict[str, str] = {}
    done = 0
    for position, reasons in run_tasks(_fit_group, groups, baseline.options.jobs, scheduler=baseline.options.scheduler):
        keys = [request.key() for request in groups[position]]
        failed |= {key: reason for key, reason in zip(keys, reasons, strict=True) if reason}
        done += len(keys)
        progress(f"fitted {done} of {len(missing)}")
    return failed


def _fit_group(requests: Sequence[FitRequest]) -> list[str]:
    """Make fits of one structure; return an empty text or the reason for each."""
    reasons = []
    for request in requests:
        try:
            fit_member(request)
            reasons.append("")
        except ForecastError as error:
            reasons.append(str(error))
    return reasons


def table_row(baseline: Baseline, outcome: Outcome, *, disclosed: bool = True) -> dict[str, Any]:
    """Hold a frontier against the stock."""
    effective = baseline.effective if outcome.effective is None else outcome.effective
    frontier = outcome.frontier
    if disclosed and baseline.scenario.include_undisclosed:
        shift = Undisclosed()
        frontier = shift.add(frontier, shift.draw(seed=baseline.options.seed, size=len(frontier)))
    frontier, _ = apply_levers(frontier, baseline.scenario, seed=baseline.options.seed)
    passage = first_passage(frontier, effective)
    return {
        "exhaustion_year": exhaustion_block(
            passage.year, as_of=baseline.as_of, horizon=baseline.options.horizon, never=passage.never
        ),
        "frontier_2030": levels(frontier, (2030,))["2030"],
        "verdict": outcome.verdict,
        "left_out": list(outcome.left_out),
    }


def mixture(baseline: Baseline, fits: Sequence[Fit]) -> Outcome:
    """Mix the latent frontiers of fits, those that fail the gate left out as in a run."""
    return mixed(baseline, fits, lambda fit: fit.project(baseline.years).values)


def mixed(baseline: Baseline, fits: Sequence[Fit], paths: Callable[[Fit], np.ndarray]) -> Outcome:
    """Mix paths of fits, those that fail the gate left out as in a run."""
    held = [fit for fit in fits if fit.diagnostics["verdict"] != "FAIL"] or list(fits)
    ends = np.round(np.arange(1, len(held) + 1) / len(held) * baseline.options.draws).astype(int)
    parts = []
    for fit, count in zip(held, np.diff(ends, prepend=0), strict=True):
        # Thinned before it is projected, as in a run: the same futures, not only the same distribution.
        parts.append(paths(fit.thinned(int(count))))
    frontier = make_trajectory(
        np.concatenate(parts),
        baseline.years,
        resource_name="public_text",
        role="consumption",
        source=" + ".join(fit.member.name for fit in held),
    )
    found = verdict(Check(**line) for fit in held for line in fit.diagnostics["checks"])
    out = tuple(fit.member.name for fit in fits if fit not in held)
    return Outcome(frontier, "REVIEW" if out and found == "PASS" else found, out)
