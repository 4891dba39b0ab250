"""The answer given each of a list of facts that somebody could state, beside the answer as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.mixture import blocks, thinned
from forecast.consumption.particles import particle_fits
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.trajectory import YEAR
from forecast.core.units import calendar_date
from forecast.errors import InputError
from forecast.evaluate.disclosures.conditioning import FLOOR, Given, given, n_effective, weights_of
from forecast.evaluate.disclosures.facts import FACTS, Fact, Ground, log_largest
from forecast.evaluate.disclosures.premium import premium
from forecast.fits.particles.sweep import Care
from forecast.runs import pipeline
from forecast.runs.inputs import TEXT
from forecast.runs.passage import apply_levers, first_passage
from forecast.runs.results import compute
from forecast.scenarios.market import check_still

if TYPE_CHECKING:
    import pandas as pd

    from forecast.consumption.frontier_data import FrontierData
    from forecast.runs.results import Results
    from forecast.scenarios.scenario import Scenario

PARTICLES = Care(particles=250, clouds=8, sweeps=(1, 3), last_sweeps=(12, 40))
"""Particles of the fits with a row more: a size far above all others takes longer moves than the tables over priors do."""

TOO_FEW = "too few futures agree"
"""What is said in place of a number."""

WEIGHED, REFITTED = "weighed", "refitted"
"""Ways of taking a fact in: by weighing the run's futures, or those that are fitted again with it."""

AS_ROW, ROW_WEIGHED = "as_a_row", "as_a_row_weighed"
"""A size as one more published run and no more, fitted again and by weighing: for comparison."""


def disclosures(
    scenario: str | Scenario = "baseline",
    *,
    options: pipeline.Options | None = None,
    facts: Sequence[str] | None = None,
    care: Care = PARTICLES,
    compare: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return a scenario's answer as it is, and given each fact alone.

    Parameters
    ----------
    scenario : str or Scenario, default "baseline"
        A shipped name, a TOML file, or a scenario already loaded.
    options : Options, optional
        As a run takes them.
    facts : sequence of str, optional
        Names of `FACTS`; all of them by default.
    care : Care, optional
        How many particles, how long moved.
    compare : bool, default False
        Whether a stated size is taken in both ways even where weighing suffices.
    progress : callable, optional
        Told of each step.

    Returns
    -------
    dict
        ``answer``; ``if``, one row for each fact; ``compared``, both ways of taking in a stated size; ``premium``, the
        parts of the distance between record and frontier.

    Raises
    ------
    InputError
        If the scenario is not about text.

    Examples
    --------
    >>> found = disclosures("baseline", facts=["read_once"])  # doctest: +SKIP
    >>> found["if"][0]["sentence"]  # doctest: +SKIP
    'The laboratories with the largest runs state that these read their text once.'
    """
    from forecast.scenarios.scenario import load

    scenario = load(scenario) if isinstance(scenario, str) else scenario
    options = options or pipeline.Options(seed=DEFAULT_SEED)
    check_still(scenario, "disclosures")
    chosen = [FACTS[name] for name in (FACTS if facts is None else facts)]
    resource = options.resource or scenario.resource_name
    if resource not in TEXT:
        raise InputError(f"disclosures about {resource}", "a scenario of text", "choose another scenario")
    results = pipeline.work_out(scenario, options=options, progress=progress)
    # Weighing wants many futures: all that the fits have kept.
    most = min(len(results.held) * options.sampling.kept, pipeline.MOST_DRAWS)
    years = results.frontier[YEAR].values
    wide = compute(
        results.resource,
        results.scenario,
        results.inputs,
        results.fits,
        results.held,
        years,
        replace(options, draws=most),
    )
    base = as_it_is(results, float(results.inputs.data.as_of))
    return {**told(Ground(wide, options), chosen, care, compare, progress), "answer": base.to_dict()}


def told(
    ground: Ground,
    facts: Sequence[Fact],
    care: Care = PARTICLES,
    compare: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return the answer of a run given each fact."""
    ways = {fact.name: by_weighing(ground, fact) for fact in facts}
    starved = {name for name, found in ways.items() if all(one.n_effective < FLOOR for one in found.values())}
    wanted = [fact for fact in facts if fact.data is not None and (compare or fact.name in starved)]
    made = refits(ground, {fact.name: fact.data(ground) for fact in wanted if fact.data is not None}, care, progress)
    for fact in wanted:
        ways[fact.name] |= by_fitting(ground, fact, made[fact.name])
    # What agrees with most futures is known best.
    chosen = {
        name: max((way for way in found if way in (WEIGHED, REFITTED)), key=lambda way: found[way].n_effective)
        for name, found in ways.items()
    }
    rows = {name: ways[name][way] for name, way in chosen.items()}
    return {
        "scenario": ground.results.scenario.name,
        "as_of": calendar_date(ground.as_of).isoformat(),
        "answer": as_it_is(ground.results, ground.as_of).to_dict(),
        "answer_by_particles": as_it_is(made[""], ground.as_of).to_dict() if made else None,
        "if": [
            {
                "name": fact.name,
                "title": fact.title,
                "sentence": fact.sentence(ground),
                **rows[fact.name].to_dict(),
                "way": chosen[fact.name],
                "note": TOO_FEW if rows[fact.name].probability_by_2030 is None else None,
            }
            for fact in facts
        ],
        "compared": [
            {"name": fact.name, **{way: one.to_dict() for way, one in ways[fact.name].items()}}
            for fact in wanted
            if fact.size is not None
        ],
        "premium": premium(ground),
        "settings": {"floor": FLOOR, "seed": ground.options.seed, "particles": asdict(care)},
    }


def by_weighing(ground: Ground, fact: Fact) -> dict[str, Given]:
    """Return the answer of the run's own futures given a fact, for one that weighs them."""
    if fact.log_likelihood is not None:
        return {WEIGHED: weighed(ground, fact)}
    if fact.size is None:
        return {}
    weights = weights_of(log_largest(ground.results, ground.as_of, fact.size))
    return {WEIGHED: given(ground.results.passages["main"].year, weights, ground.as_of)}


def by_fitting(ground: Ground, fact: Fact, made: Results) -> dict[str, Given]:
    """Return the answer given a fact of the run that is fitted to the corpora with it."""
    as_row = as_it_is(made, ground.as_of)
    if fact.size is None:
        return {REFITTED: as_row}
    run, own, data = ground.results, ground.results.inputs.data, made.inputs.data
    log_weights = log_largest(made, ground.as_of, fact.size) - log_change(made, own, data)
    weights, worth = shares_kept(made, log_weights)
    old, worth_old = shares_kept(run, log_change(run, own, data))
    return {
        REFITTED: given(made.passages["main"].year, weights, ground.as_of, effective=worth),
        AS_ROW: as_row,
        ROW_WEIGHED: given(run.passages["main"].year, old, ground.as_of, effective=worth_old),
    }


def weighed(ground: Ground, fact: Fact) -> Given:
    """Return the answer of the run's own futures, weighed by a fact; a setting that it states is set."""
    assert fact.log_likelihood is not None, "a fact that weighs has a likelihood"
    results = ground.results
    scenario, year = fact.scenario(results.scenario), results.passages["main"].year
    if scenario is not results.scenario:
        effective, _ = apply_levers(results.raw, scenario, seed=ground.options.seed)
        year = first_passage(results.frontier, effective).year
    return given(year, weights_of(fact.log_likelihood(ground)), ground.as_of)


def refits(
    ground: Ground,
    sizes: Mapping[str, FrontierData],
    care: Care = PARTICLES,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Results]:
    """Return the run with the growth models fitted to other corpora, by particles; under "" to its own.

    Growth models that the run holds stay with their weights: how well particles follow a surprising row is told by the
    number of futures that they are worth.
    """
    if not sizes:
        return {}
    results, options = ground.results, ground.options
    options = replace(options, draws=min(options.draws, care.particles * care.clouds))
    every = {"": results.inputs.data, **sizes}
    held = {fit.member.name for fit in results.held}
    own = [
        request
        for request in pipeline.fit_requests(results.resource, results.scenario, results.inputs.data, options)
        if request.member.name in held
    ]
    requests = [replace(request, data=data) for data in every.values() for request in own]
    fits = particle_fits(requests, care, options.jobs, progress, options.scheduler)
    found = {}
    for at, (name, data) in enumerate(every.items()):
        these = fits[at * len(own) : (at + 1) * len(own)]
        inputs, years = replace(results.inputs, data=data), results.frontier[YEAR].values
        found[name] = compute(results.resource, results.scenario, inputs, these, these, years, options)
    return found


def as_it_is(results: Results, as_of: float) -> Given:
    """Return the answer of a run without weighing."""
    weights, worth = shares_kept(results, np.zeros(len(results.frontier)))
    return given(results.passages["main"].year, weights, as_of, effective=worth)


def shares_kept(results: Results, log_weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights by which each growth model keeps its share, and how many independent futures they are worth.

    Draws of the sampler count as independent, those of particles as far as their clouds agree.
    """
    count, parts, inverse = len(results.held), [], 0.0
    for fit, at in zip(results.held, blocks(results.held, len(log_weights)), strict=True):
        weights = weights_of(log_weights[at])
        by_clouds = fit.diagnostics.get("effective", len(weights)) or 1.0
        worth = n_effective(weights) * min(by_clouds / len(weights), 1.0)
        if worth == 0.0:
            return np.zeros(len(log_weights)), 0.0
        parts.append(weights / count)
        inverse += 1.0 / worth
    return np.concatenate(parts), count**2 / inverse


def log_change(results: Results, own: FrontierData, data: FrontierData) -> np.ndarray:
    """Return by how much the log density of other corpora exceeds that of the run's own in each future, shape (draw,)."""
    return np.concatenate(
        [
            (fit.member.log_density(data, fit.draws) - fit.member.log_density(own, fit.draws)).sum(axis=1)
            for fit in thinned(results.held, len(results.frontier))
        ]
    )


def disclosures_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the answers as a table, the answer as it is first."""
    import pandas as pd

    columns = ("probability_by_2030", "median", "already", "n_effective")
    first = {"name": "as it is", "sentence": "Nothing more is known.", **content["answer"]}
    return pd.DataFrame([{key: row[key] for key in ("name", "sentence", *columns)} for row in (first, *content["if"])])


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    from forecast.scenarios.scenario import load

    return {"scenario": load("baseline").numbers_digest(), "particles": asdict(PARTICLES)}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Return what each fact would tell of the baseline."""
    options = pipeline.Options(jobs=jobs, scheduler=scheduler)
    return disclosures(options=options, compare=True, progress=progress)
