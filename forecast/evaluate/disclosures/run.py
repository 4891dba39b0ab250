"""The answer given each of a list of facts that somebody could state, beside the answer as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.particles import particle_fits
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.trajectory import YEAR
from forecast.core.units import calendar_date
from forecast.errors import InputError
from forecast.evaluate.disclosures.conditioning import FLOOR, Given, given, weights_of
from forecast.evaluate.disclosures.facts import FACTS, Fact, Ground
from forecast.evaluate.disclosures.premium import premium
from forecast.fits.particles.sweep import Care
from forecast.runs import pipeline
from forecast.runs.inputs import TEXT
from forecast.runs.passage import apply_levers, first_passage

if TYPE_CHECKING:
    import pandas as pd

    from forecast.consumption.fit import Fit
    from forecast.consumption.frontier_data import FrontierData
    from forecast.runs.build_document import Results
    from forecast.scenarios.scenario import Scenario

PARTICLES = Care(particles=250, clouds=8, sweeps=(1, 3), last_sweeps=(12, 40))
"""Particles of the fits with a row more: a size far above all others takes longer moves than the tables over priors do."""

TOO_FEW = "too few futures agree"
"""What is said in place of a number."""


def disclosures(
    scenario: str | Scenario = "baseline",
    *,
    options: pipeline.Options | None = None,
    facts: Sequence[str] | None = None,
    care: Care = PARTICLES,
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
    chosen = [FACTS[name] for name in (FACTS if facts is None else facts)]
    resource = options.resource or scenario.resource_name
    if resource not in TEXT:
        raise InputError(f"disclosures about {resource}", "a scenario of text", "choose another scenario")
    results = pipeline.work_out(scenario, options=options, progress=progress)
    return told(Ground(results, options), chosen, care, progress)


def told(
    ground: Ground, facts: Sequence[Fact], care: Care = PARTICLES, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Return the answer of a run given each fact."""
    results, year = ground.results, ground.results.passages["main"].year
    rows = {fact.name: weighed(ground, fact) for fact in facts if fact.log_likelihood is not None}
    sizes = {fact.name: fact.data(ground) for fact in facts if fact.data is not None}
    refits = refitted(ground, sizes, care, progress)
    rows |= {name: refits[name] for name in sizes}
    own = results.inputs.data
    compared = [
        {
            "name": name,
            "refitted": refits[name].to_dict(),
            "weighed": given(year, weights_with(results, own, data), ground.as_of).to_dict(),
        }
        for name, data in sizes.items()
        # A table that is read otherwise has other rows in old half-years, too: weighing would starve.
        if np.array_equal(data.size[: own.blocks - 1], own.size[: own.blocks - 1])
    ]
    base = given(year, np.full(len(year), 1 / len(year)), ground.as_of).to_dict()
    return {
        "scenario": results.scenario.name,
        "as_of": calendar_date(ground.as_of).isoformat(),
        "answer": base,
        "answer_by_particles": refits[""].to_dict() if sizes else None,
        "if": [
            {
                "name": fact.name,
                "title": fact.title,
                "sentence": fact.sentence(ground),
                **rows[fact.name].to_dict(),
                "way": "weighed" if fact.data is None else "refitted",
                "note": TOO_FEW if rows[fact.name].probability_by_2030 is None else None,
            }
            for fact in facts
        ],
        "compared": compared,
        "premium": premium(ground),
        "settings": {"floor": FLOOR, "seed": ground.options.seed, "particles": asdict(care)},
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


def refitted(
    ground: Ground,
    sizes: Mapping[str, FrontierData],
    care: Care = PARTICLES,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Given]:
    """Return the answer of the growth models fitted to other corpora, by particles; under "" that of the run's own.

    Growth models that the run holds stay with their weights: how well particles follow a surprising row is told by the
    number of futures that they are worth.
    """
    if not sizes:
        return {}
    results, options = ground.results, ground.options
    options = replace(options, draws=min(options.draws, care.particles * care.clouds))
    every = {"": results.inputs.data, **sizes}
    own = pipeline.fit_requests(results.resource, results.scenario, results.inputs.data, options)
    held = {fit.member.name for fit in results.held}
    own = [request for request in own if request.member.name in held]
    requests = [replace(request, data=data) for data in every.values() for request in own]
    fits = particle_fits(requests, care, options.jobs, progress, options.scheduler)
    found = {}
    for at, (name, data) in enumerate(every.items()):
        these = fits[at * len(own) : (at + 1) * len(own)]
        inputs, years = replace(results.inputs, data=data), results.frontier[YEAR].values
        made = pipeline.compute(results.resource, results.scenario, inputs, these, these, years, options)
        year = made.passages["main"].year
        equal = np.full(len(year), 1 / len(year))
        found[name] = given(year, equal, ground.as_of, effective=worth(these, len(year) // len(these)))
    return found


def worth(fits: Sequence[Fit], each: int) -> float:
    """Return how many independent futures the mean over all models is worth, where each is worth what its clouds say."""
    of_each = [min(float(fit.diagnostics["effective"] or 1.0), each) for fit in fits]
    return len(fits) ** 2 / sum(1 / one for one in of_each)


def weights_with(results: Results, own: FrontierData, data: FrontierData) -> np.ndarray:
    """Return weights by which the run's futures stand for fits to other corpora: each model keeps its share."""
    each = len(results.frontier) // len(results.held)
    parts = []
    for fit in results.held:
        draws = fit.thinned(each).draws
        change = fit.member.log_density(data, draws) - fit.member.log_density(own, draws)
        parts.append(weights_of(change.sum(axis=1)) / len(results.held))
    return np.concatenate(parts)


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
    return disclosures(options=pipeline.Options(jobs=jobs, scheduler=scheduler), progress=progress)
