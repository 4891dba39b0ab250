"""Simulation-based calibration: truths from the priors, data made from them, and where the truth falls in the answer.

A world is drawn from a member's own priors and published at the dates, with the gaps and the errors of the shipped
corpora. If the member's code draws from the posterior of its own model, the rank of the truth among its draws is
uniform over worlds, whatever the quantity (Talts et al. 2018, arXiv 1804.06788). The scores of the recovery's own
worlds are such ranks already; they are taken over as they are, and further worlds are added.

For the whole pipeline the quantity is the exhaustion year. Its truth is the passage of the world's true frontier over a
stock drawn from the baseline's own stock, cut where a world's truth ends, five years after the data: what comes later
is one value, "later", and its rank is drawn evenly among equals. A member that is fitted to a world of its own must be
uniform in it, too. The mixture need not be: its members keep equal weights whatever the data say, which Bayes' theorem
does not. How far it is off is the result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.fitting import ENGINES
from forecast.consumption.members import DEFAULT_MEMBERS, member
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import unknown_name
from forecast.evaluate.backtest.scores import pit
from forecast.evaluate.calibration.coverage import HORIZONS
from forecast.evaluate.calibration.ranks import member_places, pipeline_places, summarise_places
from forecast.evaluate.calibration.recovery import (
    OWN_WORLDS,
    PARTICLES,
    SHORT,
    RecoveryTask,
    score_draws,
    shipped_data,
)
from forecast.evaluate.calibration.recovery import score as recovery_score
from forecast.evaluate.calibration.truth import baseline_stocks, grid, true_year
from forecast.evaluate.calibration.worlds import own_world
from forecast.fits import kept as cache
from forecast.fits.executor import run_tasks
from forecast.fits.sampling import Sampling
from forecast.runs.passage import crossing_years

if TYPE_CHECKING:
    from forecast.consumption.frontier_data import FrontierData
    from forecast.fits.particles.sweep import Care

PIPELINE_WORLDS = 250
"""Worlds of each family that the whole pipeline is run on; each is fitted by every member."""


@dataclass(frozen=True)
class PipelineTask(RecoveryTask):
    """One world of a member's own family, fitted by one member, over given stocks.

    Parameters
    ----------
    stock : array, shape (draw, year)
        log10 effective stocks of a forecast on the years of `grid`; the truth's own stock is not among them.
    """

    purpose: ClassVar[str] = "calibration"
    stock: np.ndarray = field(kw_only=True)

    def key(self, **more: str) -> str:
        """Return the hash under which this score is kept."""
        return super().key(stock=hashlib.sha256(np.round(self.stock, 6).tobytes()).hexdigest(), **more)


def score(task: PipelineTask) -> dict[str, Any]:
    """Fit a member to a world, or find that it has been done, and return its exhaustion years."""
    return cache.kept_score(task.key(), lambda: score_fit(task, task.fit()[0]))


def score_fit(task: PipelineTask, fit: Fit) -> dict[str, Any]:
    """Return the score of a fit: what `score` keeps."""
    world, who = task.world, task.member
    years = grid(world.as_of)
    paths = fit.project(years).values
    count = min(len(paths), len(task.stock))
    chosen = np.linspace(0, len(paths) - 1, count).round().astype(int)
    crossed = crossing_years(paths[chosen], task.stock[:count], years)
    at = world.as_of + np.array(HORIZONS)
    own = f"own: {who.name}" in world.families
    rng = generator(task.seed, "calibration", who.name, world.name)
    return {
        "world": world.name,
        "families": list(world.families),
        "member": who.name,
        "years": [None if np.isinf(year) else round(float(year), 4) for year in crossed],
        "horizons": score_draws(fit.project(at).values, world.truth(at), rng) if own else [],
        "parameters": {
            name: {"place": float(pit(fit.draws[name], value, rng))}
            for name, value in world.parameters.items()
            if own and name in fit.draws
        },
    }


def tasks(
    template: FrontierData,
    stock: np.ndarray,
    *,
    members: Sequence[str] = DEFAULT_MEMBERS,
    worlds: int = PIPELINE_WORLDS,
    sampling: Sampling = SHORT,
    care: Care | None = None,
) -> list[PipelineTask]:
    """Return what there is to fit: worlds beyond those of the recovery, each for every member."""
    chosen = [member(name) for name in members]
    return [
        PipelineTask(own_world(family, template, OWN_WORLDS + number), who, sampling, care=care, stock=stock)
        for number in range(worlds)
        for family in chosen
        for who in chosen
    ]


def cost(fits: int, seconds_a_fit: float, jobs: int = 1) -> str:
    """Say what so many fits cost.

    Examples
    --------
    >>> cost(1000, 6.5)
    '1000 fits at 6.5 seconds each take 1.8 hours with 1 process.'
    """
    word = "process" if jobs == 1 else "processes"
    hours = fits * seconds_a_fit / jobs / 3600
    return f"{fits} fits at {seconds_a_fit:.1f} seconds each take {hours:.1f} hours with {jobs} {word}."


def calibrate(
    progress: Callable[[str], None] = lambda _: None,
    jobs: int | None = None,
    scheduler: str | None = None,
    *,
    worlds: int = PIPELINE_WORLDS,
    seed: int = DEFAULT_SEED,
    engine: str = "particles",
) -> dict[str, Any]:
    """Run the calibration; fits that were scored before are not made again."""
    import time

    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    care = PARTICLES if engine == "particles" else None

    template = shipped_data()
    stock = baseline_stocks(template.as_of, SHORT.chains * SHORT.draws, seed=seed, name="forecast")
    shared = [
        RecoveryTask(own_world(member(name), template, number), member(name), care=care)
        for name in DEFAULT_MEMBERS
        for number in range(OWN_WORLDS)
    ]
    listed = tasks(template, stock, worlds=worlds, care=care)
    names = list(dict.fromkeys(task.world.name for task in listed))
    true_stocks = baseline_stocks(template.as_of, len(names), seed=seed, name="truth")
    by_name = {task.world.name: task.world for task in listed}
    truths = {name: true_year(by_name[name], true_stocks[place]) for place, name in enumerate(names)}
    found: list[dict[str, Any]] = []
    for what, work in (
        ("recovery", _gathered(recovery_score, shared, jobs, scheduler)),
        ("pipeline", _gathered(score, listed, jobs, scheduler)),
    ):
        start = time.monotonic()
        for done, item in enumerate(work, start=1):
            found.append(item)
            if done in (10, 50) or done % 200 == 0:
                # Scores that are kept come at once and say nothing of what a fit costs.
                spent = (time.monotonic() - start) / done
                progress(f"{what}: {done} fits" + (f"; {cost(1000, spent)}" if spent > 0.1 else ", kept before"))
    # Ranks among equals are drawn in this order, whoever was finished first.
    place_of = {name: at for at, name in enumerate(names)}
    pipeline = sorted(
        (item for item in found if "years" in item), key=lambda item: (place_of[item["world"]], item["member"])
    )
    return {
        "settings": {
            "recovery_worlds": OWN_WORLDS,
            "pipeline_worlds": worlds,
            "members": list(DEFAULT_MEMBERS),
            "sampling": asdict(SHORT if care is None else care),
            "seed": seed,
            **({} if care is None else {"engine": engine, "effective_draws": effective_draws(found)}),
        },
        "later_share": round(float(np.mean(np.isinf(list(truths.values())))), 4) if truths else None,
        **summarise_places(member_places(found), pipeline_places(pipeline, truths, seed=seed)),
    }


def effective_draws(scores: Sequence[Mapping[str, Any]]) -> float:
    """Return what the particles of a fit are worth in independent draws, all fits together.

    Two clouds tell little of one fit, of many fits a lot: the mean is that of the inverse.
    """
    inverse = [1 / item["ess_bulk_min"] for item in scores if item.get("ess_bulk_min")]
    return round(1 / float(np.mean(inverse)), 1)


def _gathered(
    job: Callable[[Any], dict[str, Any]], work: Sequence[Any], jobs: int | None, scheduler: str | None
) -> Iterable[dict[str, Any]]:
    """Yield scores as they are made."""
    for task in work:
        cache.note(task.key())  # it is made, or was kept, where nobody notes it
    for _, item in run_tasks(job, work, jobs, scheduler=scheduler):
        yield item


def settings(worlds: int = PIPELINE_WORLDS) -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    from forecast.scenarios.scenario import load

    return {"sampling": asdict(PARTICLES), "worlds": worlds, "scenario": load("baseline").numbers_digest()}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Run the calibration in full."""
    return calibrate(progress, jobs, scheduler)
