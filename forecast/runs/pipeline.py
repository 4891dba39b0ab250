"""From a scenario to a forecast: inputs, fits, gate, paths of both sides, first passages, document."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast import production
from forecast.consumption.fitting import FitRequest, fit_members
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, FrontierData
from forecast.consumption.member import Member
from forecast.consumption.members import member
from forecast.consumption.mixture import counts
from forecast.consumption.resource_priors import member_for
from forecast.core.dates import iso_date, read_years
from forecast.core.files import check_writable
from forecast.core.folders import RUN_ROOM
from forecast.core.resources import RESOURCES, Resource
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.trajectory import DRAW, with_members
from forecast.errors import InputError
from forecast.fits import kept as cache
from forecast.fits.sampling import Sampling
from forecast.ingest.added_rows import AddedRow, added_rows
from forecast.ingest.fetched import LATEST
from forecast.ingest.own_table import recorded_name, table_file
from forecast.runs.build_document import assemble, stored_evaluations
from forecast.runs.document import as_text
from forecast.runs.events import MAIN
from forecast.runs.folder import DOCUMENT
from forecast.runs.forecast import Forecast
from forecast.runs.inputs import TEXT, read_inputs
from forecast.runs.results import Results, compute, lever_values
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.growth import with_changes
from forecast.scenarios.levers import LEVERS

if TYPE_CHECKING:
    import pandas as pd

    from forecast.scenarios.scenario import Scenario

DEFAULT_HORIZON = 2100
"""Last calendar year that is looked at."""

DEFAULT_DRAWS = 4000
"""Posterior draws kept in all (draws)."""

MOST_DRAWS = 50_000
"""Draws that a run can hold, whatever its members keep: its trajectories then take 300 MB in memory."""

_FEWEST_DRAWS = 100  # with fewer, a 95 % interval has no draw beyond its ends
_LARGEST_SEED = 2**63 - 1  # what a seed is kept as in most files


@dataclass(frozen=True)
class Options:
    """What a run can be told besides its scenario.

    Parameters
    ----------
    models : str or pathlib.Path, optional
        A model table of the user's own, or ``latest`` for the fetched one; by default the shipped one with its audit.
    as_of : str, optional
        ISO date; only rows published by then count. By default the newest snapshot's date.
    horizon : int
        Last calendar year that is looked at.
    seed : int
        The run's seed.
    draws : int
        Posterior draws kept in all.
    jobs : int, optional
        Processes; by default one a processor.
    scheduler : str, optional
        Address of a Dask scheduler whose workers make the fits, instead of processes here.
    resource : str, optional
        Instead of the scenario's own.
    leave_out : tuple of str
        Estimators, published figures or lineages that a synthesis of the stock goes without, beside the scenario's own.
    command : str
        How the run was asked for, for the record.
    sampling : Sampling
        Length and care of sampling.
    previous : pathlib.Path, optional
        A run folder to compare with, such as the one that is about to be replaced; nothing happens where there is none.
    add : tuple of AddedRow
        Rows beside those of the table; a later one moves the as-of date to its own.
    """

    models: str | Path | None = None
    as_of: str | None = None
    horizon: int = DEFAULT_HORIZON
    seed: int = DEFAULT_SEED
    draws: int = DEFAULT_DRAWS
    jobs: int | None = None
    scheduler: str | None = None
    resource: str | None = None
    leave_out: tuple[str, ...] = ()
    command: str = "forecast.run"
    sampling: Sampling = field(default_factory=Sampling)
    previous: Path | None = None
    add: tuple[AddedRow, ...] = ()

    def recorded(self) -> dict[str, Any]:
        """Return what a result depends on, beside scenario and seed, as plain values.

        Returns
        -------
        dict
            JSON-ready; resource and what is left out are part of the scenario that a run records.
        """
        return {
            "models": None if self.models is None else recorded_name(self.models),
            "as_of": self.as_of,
            "horizon": self.horizon,
            "draws": self.draws,
            "sampling": asdict(self.sampling),
            **({"add": [row.recorded() for row in self.add]} if self.add else {}),
        }


def run(
    scenario: str | Path | Scenario = "baseline",
    *,
    models: str | Path | pd.DataFrame | None = None,
    as_of: str | dt.date | np.datetime64 | None = None,
    horizon: int | str | dt.date = DEFAULT_HORIZON,
    seed: int = DEFAULT_SEED,
    draws: int = DEFAULT_DRAWS,
    jobs: int | None = None,
    scheduler: str | None = None,
    resource: str | None = None,
    leave_out: str | Iterable[str] = (),
    add: str | pd.DataFrame | Sequence[Any] = (),
    sampling: Sampling | None = None,
    previous: str | Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    warn: Callable[[str], None] = warnings.warn,
    options: Options | None = None,
) -> Forecast:
    """Make a forecast.

    Parameters
    ----------
    scenario : str, pathlib.Path or Scenario, default "baseline"
        A shipped name, a TOML file, or a scenario already loaded.
    models : str, pathlib.Path or pandas.DataFrame, optional
        A model table of your own, as a file or as a data frame with the columns of one, or ``latest`` for the fetched
        table; by default the shipped one with its audit.
    as_of : str or date, optional
        Only rows published by then count. By default the newest snapshot's date.
    horizon : int or date, optional
        Last calendar year that is looked at.
    seed : int, optional
        The run's one seed.
    draws : int, optional
        Posterior draws kept in all.
    jobs : int, optional
        Processes; by default one a processor.
    scheduler : str, optional
        Address of a Dask scheduler whose workers make the fits.
    resource : str, optional
        Kind of data, instead of the scenario's own.
    leave_out : str or iterable of str, optional
        Estimators, published figures or lineages that a synthesis of the stock goes without.
    add : sequence of (model, date, tokens), optional
        Rows beside those of the table, such as ``[("Model X", "2026-12-01", 1e14)]``; a later one moves the as-of date
        to its own, and it may lie ahead.
    sampling : Sampling, optional
        Length and care of sampling.
    previous : str or pathlib.Path, optional
        A run folder to compare with; nothing happens where there is none.
    progress : callable, optional
        Told, in a few words, of each step.
    warn : callable, optional
        Told what is not as asked for: fewer draws, an earlier run that cannot be compared with.
    options : Options, optional
        All of these settings at once, in place of them.

    Returns
    -------
    Forecast
        The exhaustion year by draw, both trajectories, and the document.

    Raises
    ------
    ForecastError
        If an input cannot be used; nothing has been written then.

    Examples
    --------
    >>> import forecast as fc
    >>> scenario = fc.scenario.load("baseline").replace(members=["damped"], estimator="indexed_web")
    >>> f = fc.run(scenario)
    >>> f.consumption.dims
    ('draw', 'year')
    """
    scenario = scenarios.load(scenario) if isinstance(scenario, str | Path) else scenario
    if options is not None:
        return _run(scenario, options, progress, warn)
    with table_file(models) as table:
        chosen = Options(
            models=table,
            as_of=iso_date(as_of),
            horizon=_horizon(horizon),
            seed=seed,
            draws=draws,
            jobs=jobs,
            scheduler=scheduler,
            resource=resource,
            leave_out=(leave_out,) if isinstance(leave_out, str) else tuple(leave_out),
            previous=None if previous is None else Path(previous),
            add=added_rows(add),
        )
        if sampling is not None:
            chosen = replace(chosen, sampling=sampling)
        return _run(scenario, chosen, progress, warn)


def _horizon(given: Any) -> int:
    """Return the year of a horizon."""
    (year,), (dated,) = read_years(given)
    if not dated and year % 1:
        raise InputError(f"a horizon of {given}", "a calendar year", "choose a whole year")
    return int(year)


def _run(scenario: Scenario, chosen: Options, progress: Callable[[str], None], warn: Callable[[str], None]) -> Forecast:
    """Make a forecast by settings of one kind."""
    results = work_out(scenario, options=chosen, progress=progress)
    own = chosen.models is not None or chosen.as_of is not None or bool(chosen.add)
    drawn = results.frontier.sizes[DRAW]
    if len(results.held) < len(results.fits) and drawn <= chosen.draws - len(results.held):
        warn(
            f"{drawn:,} draws are kept of the {chosen.draws:,} asked for: {len(results.fits) - len(results.held)} of "
            f"{len(results.fits)} members failed the diagnostics, and the others have no more"
        )
    document = as_text(
        assemble(
            results,
            horizon=chosen.horizon,
            seed=chosen.seed,
            command=chosen.command,
            evaluations={} if own else stored_evaluations(results.scenario),
            shipped_rows=not own,
            options=replace(chosen, draws=drawn).recorded(),
        )
    )
    if chosen.previous is not None and (chosen.previous / DOCUMENT).exists():
        from forecast.runs import attribution as revision

        years = results.passages[MAIN].year
        document["previous"] = revision.previous(chosen.previous, document, years, results.frontier, warn)
    names = np.repeat([fit.member.name for fit in results.held], counts(results.held, drawn))
    return Forecast(
        results.passages[MAIN].year,
        with_members(results.frontier, names.tolist()),
        with_members(results.effective, names.tolist()),
        document,
        {fit.member.name: fit.posterior for fit in results.fits},
        lever_values(results),
    )


def work_out(
    scenario: Scenario,
    *,
    options: Options,
    progress: Callable[[str], None] = lambda _: None,
    data: FrontierData | None = None,
) -> Results:
    """Return everything that a run computes, before it is put into words."""
    resource = _check(scenario, options)
    scenario = scenario_for(scenario, resource, asked=options.resource is not None)
    check_draws(options, len(scenario.members), scenario.largest_share())
    if options.leave_out:
        scenario = scenario.without((*scenario.leave_out, *options.leave_out))
    inputs = read_inputs(resource, options.models, options.as_of, options.add)
    for row in options.add:
        if not any(row.model in labels for labels in inputs.data.labels):
            progress(f"note: {row.words()} is not among the largest of its half-year, and moves nothing")
    if data is not None:
        inputs = replace(inputs, data=data)
    years = year_grid(inputs.data.as_of, options.horizon)
    if options.models is not None:  # of the shipped table there is nothing to ask its reader
        for note in inputs.notes:
            progress(f"note: {note}")
    if inputs.rejected and options.models not in (None, LATEST):
        progress(f"note: {_rejected_words(Path(options.models), inputs.rejected)}")
    requests = fit_requests(resource, scenario, inputs.data, options)
    for who in (request.member for request in requests):
        if who.left:
            progress(f"note: {who.name} left the shipped mixture in {who.left}; it works as before")
    if any(cache.packed(request.key()) is None for request in requests):
        # A fit takes minutes: that it cannot be kept is said before it is made.
        check_writable(cache.cache_folder(), room=RUN_ROOM)
    fits = fit_members(requests, options.jobs, progress, options.scheduler)
    fits = [replace(fit, weight=scenario.weights.get(fit.member.name)) for fit in fits]
    held = [fit for fit in fits if fit.diagnostics["verdict"] != "FAIL"] or fits
    results = compute(resource, scenario, inputs, fits, held, years, options)
    progress("computed first passage")
    return results


def scenario_for(scenario: Scenario, resource: Resource, *, asked: bool) -> Scenario:
    """Return the scenario as it applies to a resource."""
    if scenario.stock().resource_name != resource.name:
        known = [name for name, estimator in production.ESTIMATORS.items() if estimator.resource_name == resource.name]
        if not known or not asked:
            estimated = sorted({estimator.resource_name for estimator in production.ESTIMATORS.values()})
            do = f"name one under [stock]: {', '.join(known)}" if known else f"choose among {', '.join(estimated)}"
            raise InputError(
                f"the resource {resource.name!r} with the stock of {scenario.stock().resource_name}",
                f"a stock estimate of {resource.title}",
                do,
            )
        chosen = next((name for name in ("synthesis", resource.name) if name in known), known[0])
        scenario = replace(scenario, resource_name=resource.name, estimator=chosen, raw=None, raw_source="")
    levers = {name: setting for name, setting in scenario.levers.items() if resource.name in LEVERS[name].applies_to}
    return scenario if len(levers) == len(scenario.levers) else replace(scenario, levers=levers)


def fit_requests(resource: Resource, scenario: Scenario, data: FrontierData, options: Options) -> list[FitRequest]:
    """Return the fits that a run rests on."""
    members = [with_changes(_member(name, resource), scenario.priors.get(name, {})) for name in scenario.members]
    return [FitRequest(who, data, options.seed, options.sampling) for who in members]


def check_draws(options: Options, members: int, largest: float | None = None) -> None:
    """Refuse a number of draws that cannot be kept, before anything is sampled; `largest` is the largest share of one member."""
    most = min(int(options.sampling.kept / (largest or 1 / members)), MOST_DRAWS)
    if not _FEWEST_DRAWS <= options.draws <= most:
        of = "one member" if members == 1 else f"{members} members"
        raise InputError(
            f"{options.draws:,} draws",
            f"{_FEWEST_DRAWS} to {most:,} ({of} with {options.sampling.kept:,} draws kept of each)",
            "choose --draws in that range",
        )


def _check(scenario: Scenario, options: Options) -> Resource:
    """Refuse what cannot work before anything is read or sampled."""
    resource = RESOURCES[options.resource or scenario.resource_name]
    if not 0 <= options.seed <= _LARGEST_SEED:
        raise InputError(
            f"the seed {options.seed}", f"a whole number from 0 to {_LARGEST_SEED}", "choose another --seed"
        )
    if options.jobs is not None and options.jobs < 1:
        raise InputError(f"{options.jobs} jobs", "1 or more", "choose another --jobs")
    return resource


def _member(name: str, resource: Resource) -> Member:
    """Return a growth member with priors for the resource."""
    return member(name) if resource.name in TEXT else member_for(name, resource.name)


def _rejected_words(path: Path, reasons: Mapping[str, int]) -> str:
    """Say how many rows of a table cannot be used, why most of them, and how to see them."""
    count = sum(reasons.values())
    why = "; ".join(f"{number}: {reason}" for reason, number in list(reasons.items())[:3])
    rows = "row" if count == 1 else "rows"
    return (
        f"{count} {rows} of {path.name} cannot be used ({why}); list them with: forecast data check {path} --rejected"
    )


def year_grid(as_of: float, horizon: int) -> np.ndarray:
    """Return the years of a run's trajectories."""
    nearest = max(int(as_of) + 4, HEADLINE_YEAR)
    if not nearest <= horizon <= 2200:
        raise InputError(f"a horizon of {horizon}", f"a year from {nearest} to 2200", "choose another --horizon")
    start = max(FIRST_KNOT, np.floor((as_of - 5.0) / BLOCK_YEARS) * BLOCK_YEARS)
    return np.arange(start, horizon + 1 + BLOCK_YEARS / 2, BLOCK_YEARS)
