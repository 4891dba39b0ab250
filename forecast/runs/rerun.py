"""A run made again from what it recorded of itself: its scenario, its options, its data by their hashes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.consumption.fit import Fit
from forecast.consumption.fitting import judged
from forecast.core.files import sha256_of
from forecast.core.resources import RESOURCES
from forecast.errors import ForecastError, InputError
from forecast.fits import kept as cache
from forecast.fits.sampling import Sampling
from forecast.ingest.added_rows import added_rows
from forecast.ingest.fetched import LATEST
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.inputs import read_inputs, sources
from forecast.runs.pipeline import Options, check_draws, fit_requests, run
from forecast.scenarios.own_parts import missing_parts
from forecast.scenarios.record import restored
from forecast.text import some

if TYPE_CHECKING:
    from forecast.scenarios.scenario import Scenario


@dataclass(frozen=True)
class RerunPlan:
    """What a run is made from.

    Parameters
    ----------
    scenario : Scenario
        The scenario as it was run.
    options : Options
        What the run was told besides it.
    tables : mapping of str to str
        SHA-256 of every table that it read.
    given : bool, default False
        Whether the model table that the options name was named by the user, now: a path that a run has recorded is
        not opened.
    """

    scenario: Scenario
    options: Options
    tables: Mapping[str, str]
    given: bool = False

    def with_data_of(self, other: RerunPlan) -> RerunPlan:
        """Return this plan with the rows that another one reads."""
        theirs = other.options
        options = replace(self.options, models=theirs.models, as_of=theirs.as_of, add=theirs.add)
        return replace(self, options=options, tables={**self.tables, **other.tables}, given=other.given)

    def obstacle(self, *, sampling: bool = False) -> str | None:
        """Say why the plan cannot be carried out here and now."""
        options = self.options
        if options.models not in (None, LATEST):
            if not self.given:
                return f"its model table {options.models} is opened only when given again (add --models FILE)"
            if not Path(str(options.models)).is_file():
                return f"the model table {options.models} is not here"
        resource = RESOURCES[self.scenario.resource_name]
        try:
            inputs = read_inputs(resource, options.models, options.as_of, options.add)
        except ForecastError as error:
            return f"its data cannot be read ({error})"
        here = {entry["table"]: entry["sha256"] for entry in sources(resource, self.scenario, inputs)}
        # Tables of a stock or a lever may be another plan's, whose data these are: what is not read is not asked for.
        # A table of the user's own may have another name by now: the hash says which it is.
        other = [name for name, digest in here.items() if digest not in self.tables.values()]
        if other:
            return f"the data that it read are not here ({', '.join(other)} with another hash)"
        if not sampling:
            kept, wanted = self.fits()
            if kept < wanted:
                return f"{wanted - kept} of its {wanted} fits are not kept here"
        return None

    def fits(self) -> tuple[int, int]:
        """Return how many of the fits that it rests on are kept here, and how many there are."""
        resource = RESOURCES[self.scenario.resource_name]
        inputs = read_inputs(resource, self.options.models, self.options.as_of, self.options.add)
        wanted = fit_requests(resource, self.scenario, inputs.data, self.options)
        return sum(cache.packed(request.key()) is not None for request in wanted), len(wanted)

    def make(self, progress: Callable[[str], None] = lambda _: None, **how: Any) -> Forecast:
        """Make the run."""
        return run(self.scenario, progress=progress, options=replace(self.options, **how))


def rerun_plan(document: Document, models: Sequence[str | Path] = ()) -> RerunPlan | str:
    """Read from a run's document what it was made from."""
    made = document["provenance"]
    if "scenario" not in made or not made.get("options"):
        return "it has not recorded its scenario and options (an older version made it)"
    if missing := missing_parts(document):
        return some(missing, 3, "; ")
    try:
        scenario, told = restored(made["scenario"]), made["options"]
        if scenario.digest() != made["scenario_sha256"]:
            return "the recorded scenario does not have the recorded hash"
        own = _given(made, models) if told["models"] not in (None, LATEST) else None
        options = Options(
            models=told["models"] if own is None else own,
            as_of=told["as_of"],
            horizon=int(told["horizon"]),
            seed=int(made["seed"]),
            draws=int(told["draws"]),
            command=str(made["command"]),
            sampling=Sampling(**told["sampling"]),
            add=added_rows(told.get("add", ())),
        )
        check_draws(options, len(scenario.members), scenario.largest_share())
        if len(set(scenario.members)) < len(scenario.members):
            return "it has recorded a growth member twice"
        RESOURCES[scenario.resource_name]
    except (ForecastError, KeyError, TypeError, ValueError) as error:
        return f"what it recorded cannot be read ({error})"
    return RerunPlan(
        scenario, options, {entry["table"]: entry["sha256"] for entry in made["data"]}, given=own is not None
    )


def fits_of(forecast: Forecast, models: str | Path | None = None) -> dict[str, Fit]:
    """Return the fits of a forecast: its own draws, with the members and the data that it was made from."""
    plan = rerun_plan(forecast.document, () if models is None else (models,))
    why = plan if isinstance(plan, str) else plan.obstacle(sampling=True)
    if isinstance(plan, str) or why:
        raise InputError("a forecast whose fits cannot be put together", "its data", f"make it again here: {why}")
    resource, options = RESOURCES[plan.scenario.resource_name], plan.options
    data = read_inputs(resource, options.models, options.as_of, options.add).data
    found = {}
    for request in fit_requests(resource, plan.scenario, data, options):
        tree = forecast.posterior[request.member.name]
        diagnostics = judged(request.member, json.loads(tree.attrs["measured"]))
        found[request.member.name] = Fit(request.member, data, tree, diagnostics, request.seed)
    return found


def _given(made: Mapping[str, Any], models: Sequence[str | Path]) -> Path | None:
    """Return which of the tables that the user names is the one that a run has read; any, where none is."""
    recorded = {entry["sha256"] for entry in made["data"]}
    paths = [Path(path) for path in models]
    own = [path for path in paths if path.is_file() and sha256_of(path) in recorded]
    return next(iter([*own, *paths]), None)
