"""Recovery: whether the members' intervals hold what they promise in worlds whose frontier is known.

Every member is fitted to every world with short sampling, and where the true frontier falls among its draws is kept:
the *place*, a number between 0 and 1. What the places come to is told by `forecast.evaluate.calibration.coverage`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, sample_member
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.consumption.member import Member
from forecast.consumption.members import DEFAULT_MEMBERS, member
from forecast.consumption.particles import particle_fits
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.evaluate.backtest.scores import pit
from forecast.evaluate.calibration.coverage import HORIZONS, convergence, coverage, own_family, parameter_recovery
from forecast.evaluate.calibration.worlds import World, adversarial_worlds, digest_of, own_worlds
from forecast.fits import kept as cache
from forecast.fits.executor import run_tasks
from forecast.fits.gate import Convergence
from forecast.fits.particles.sweep import Care
from forecast.fits.sampling import Sampling

OWN_WORLDS = 250
"""Worlds of each member's own family."""

FOREIGN_WORLDS = 20
"""How many of them the other members are fitted to."""

ADVERSARIAL_WORLDS = 200
"""Adversarial worlds, each for every member."""

SHORT = Sampling(chains=2, draws=300, tune=150, target_accept=0.8, rerun_target_accept=0.9)
"""Short, since many worlds stand in for many draws; a first attempt this short rarely passes, the second counts."""


PARTICLES = Care(particles=100, clouds=2, sweeps=(1, 1), last_sweeps=(3, 3))
"""Particles of a fit to one of many worlds; how many draws they are worth is told with the result."""


@dataclass(frozen=True)
class RecoveryTask:
    """One world for one member.

    Parameters
    ----------
    world : World
        What to fit to, and the truth.
    member : Member
        What to fit.
    sampling : Sampling
        Length and care.
    seed : int
        The run's seed.
    care : Care, optional
        Particles, where they make the fit instead of the sampler.
    """

    purpose: ClassVar[str] = "recovery"
    """Names the random streams and the kept scores."""

    world: World
    member: Member
    sampling: Sampling = SHORT
    seed: int = DEFAULT_SEED
    care: Care | None = None

    def key(self, **more: str) -> str:
        """Return the hash under which this score is kept."""
        return cache.fit_key(
            score=f"{self.purpose}/1",
            world=self.world.digest(),
            member=self.member.identity(),
            sampling=asdict(self.sampling),
            seed=self.seed,
            **({} if self.care is None else {"particles": asdict(self.care)}),
            **more,
        )

    def fit(self) -> tuple[Fit, Convergence]:
        """Return the member's fit to the world, by the sampler or by particles."""
        who, data = self.member, self.world.data()
        if self.care is None:
            stream = f"{self.purpose}/{who.name}/{self.world.name}"
            tree, found = sample_member(who, data, stream, self.seed, self.sampling)
            return Fit(who, data, tree, {}, self.seed), found
        (fit,) = particle_fits([FitRequest(who, data, self.seed)], self.care, jobs=1)
        return fit, Convergence(None, fit.diagnostics["effective"], None, None, self.care.particles * self.care.clouds)


def score(task: RecoveryTask) -> dict[str, Any]:
    """Fit a member to a world, or find that it has been done, and say where the truth falls."""
    return cache.kept_score(task.key(), lambda: _fit_and_score(task))


def _fit_and_score(task: RecoveryTask) -> dict[str, Any]:
    world, who = task.world, task.member
    fit, found = task.fit()
    years = world.as_of + np.array(HORIZONS)
    rng = generator(task.seed, "recovery", who.name, world.name, "ties")
    return {
        "world": world.name,
        "families": list(world.families),
        "member": who.name,
        "horizons": score_draws(fit.project(years).values, world.truth(years), rng),
        "parameters": {
            name: {
                "place": float(pit(fit.draws[name], value, rng)),
                "truth": value,
                "median": float(np.median(fit.draws[name])),
            }
            for name, value in world.parameters.items()
            if name in fit.draws and f"own: {who.name}" in world.families
        },
        "rhat_max": found.rhat_max,
        "ess_bulk_min": found.ess_bulk_min,
        "divergences": found.divergences,
    }


def score_draws(draws: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> list[dict[str, float]]:
    """Say where the truth falls among the draws at each horizon."""
    low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
    return [
        {"place": float(place), "error": float(error), "width_80": float(width)}
        for place, error, width in zip(pit(draws.T, truth, rng), middle - truth, high - low, strict=True)
    ]


def tasks(
    members: Sequence[str] = DEFAULT_MEMBERS,
    *,
    own: int = OWN_WORLDS,
    foreign: int = FOREIGN_WORLDS,
    adversarial: int = ADVERSARIAL_WORLDS,
    template: FrontierData | None = None,
    sampling: Sampling = SHORT,
    care: Care | None = None,
) -> list[RecoveryTask]:
    """Return what there is to fit: each member's own worlds, then the adversarial worlds for every member."""
    shape = shipped_data() if template is None else template
    chosen = [member(name) for name in members]
    families = {who.name: own_worlds(who, shape, own) for who in chosen}
    listed = [RecoveryTask(world, who, sampling, care=care) for who in chosen for world in families[who.name]]
    listed += [
        RecoveryTask(world, who, sampling, care=care) for world in adversarial_worlds()[:adversarial] for who in chosen
    ]
    for name, worlds in families.items():
        listed += [
            RecoveryTask(world, who, sampling, care=care)
            for who in chosen
            if who.name != name
            for world in worlds[:foreign]
        ]
    return listed


def shipped_data() -> FrontierData:
    """Return the shipped corpora up to the date of the newest snapshot."""
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    return frontier_data(text_corpora(load_models()), audited_as_of())


def recover(
    listed: Sequence[RecoveryTask],
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    scheduler: str | None = None,
) -> dict[str, Any]:
    """Fit and score every task."""
    scores: dict[int, dict[str, Any]] = {}
    for task in listed:
        cache.note(task.key())  # it is made, or was kept, where nobody notes it
    for position, found in run_tasks(score, listed, jobs, scheduler=scheduler):
        scores[position] = found
        progress(f"world {len(scores)} of {len(listed)}")
    return summarise_scores([scores[position] for position in range(len(listed))], listed)


def summarise_scores(scores: Sequence[Mapping[str, Any]], listed: Sequence[RecoveryTask]) -> dict[str, Any]:
    """Turn scores into the published result."""
    rows = coverage(scores)
    adversarial = {
        task.world.name: task.world for task in listed if "/" in task.world.name and not task.world.parameters
    }
    return {
        "sampling": asdict(listed[0].care or listed[0].sampling) if listed else None,
        "seed": listed[0].seed if listed else None,
        "worlds": {
            "adversarial": len(adversarial),
            "own": len({task.world.name for task in listed if task.world.parameters}),
            "adversarial_sha256": digest_of(list(adversarial.values())),
        },
        "own_family": own_family(rows),
        "coverage": rows,
        "parameters": parameter_recovery(scores),
        "convergence": convergence(scores),
        "places": [
            {
                "world": item["world"],
                "member": item["member"],
                "places": [round(found["place"], 4) for found in item["horizons"]],
                "errors": [round(found["error"], 4) for found in item["horizons"]],
            }
            for item in scores
        ],
    }


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"sampling": asdict(PARTICLES), "worlds": [OWN_WORLDS, FOREIGN_WORLDS, ADVERSARIAL_WORLDS]}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Fit and score every pair of world and member."""
    return recover(tasks(care=PARTICLES), jobs, progress, scheduler)
