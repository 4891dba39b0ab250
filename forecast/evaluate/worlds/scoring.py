"""One world forecast by every member and their mixture, from every origin: where the truth falls, and the CRPS."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecast.consumption.fitting import FitRequest
from forecast.consumption.frontier_data import frontier_data
from forecast.consumption.member import Member
from forecast.consumption.particles import particle_fits
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.evaluate.backtest.scores import crps, pit, pooled
from forecast.evaluate.calibration.coverage import HORIZONS
from forecast.evaluate.calibration.recovery import PARTICLES
from forecast.evaluate.worlds import making
from forecast.evaluate.worlds.shift import candidates, judged
from forecast.fits import kept as cache
from forecast.fits.particles.sweep import Care

CARE = PARTICLES
"""Particles of a fit to one of many worlds: those of the calibration."""


@dataclass(frozen=True)
class WorldTask:
    """One world for all members; picklable.

    Parameters
    ----------
    name : str
        The world's name.
    members : tuple of Member
        Who forecasts.
    origins : tuple of float
        Dates (decimal years).
    care : Care
        Particles.
    seed : int
        The run's seed.
    """

    name: str
    members: tuple[Member, ...]
    origins: tuple[float, ...] = making.ORIGINS
    care: Care = CARE
    seed: int = DEFAULT_SEED

    def key(self) -> str:
        """Return the hash under which the scores are kept."""
        return cache.fit_key(
            score="worlds/3",
            shift=[asdict(one) for one in candidates()],
            world=making.world(self.name).digest(),
            members=[who.identity() for who in self.members],
            origins=list(self.origins),
            particles=asdict(self.care),
            seed=self.seed,
        )


def score(task: WorldTask) -> dict[str, Any]:
    """Fit every member to a world at every origin, or find that it has been done."""
    return cache.kept_score(task.key(), lambda: score_world(task))


def score_world(task: WorldTask) -> dict[str, Any]:
    """Return the scores of one world: one row a member and target, and what the mixture would have had by each shift."""
    world = making.world(task.name)
    corpora = world.corpora()
    seen = [frontier_data(corpora, origin) for origin in task.origins]
    requests = [FitRequest(who, data, task.seed) for who in task.members for data in seen]
    fits = particle_fits(requests, task.care, jobs=1)
    rows, tried = [], []
    for place, origin in enumerate(task.origins):
        at = origin + np.array(HORIZONS)
        here = fits[place :: len(task.origins)]
        paths = [fit.project(at).values for fit in here]
        effective = [fit.diagnostics["effective"] or 0.0 for fit in here]
        rng = generator(task.seed, "worlds", task.name, str(origin))
        seed = int(rng.integers(2**31))
        for step, (year, came) in enumerate(zip(at, world.truth(at), strict=True)):
            parts = [path[:, step] for path in paths]
            shared = {"world": task.name, "origin": origin, "horizon": HORIZONS[step]}
            tried.append({**shared, **judged(*pooled(parts), year, float(came), seed, rng)})
            for who, draws, worth in zip(task.members, parts, effective, strict=True):
                rows.append(
                    {**shared, "who": who.name, **scored(draws, came, rng), "effective": round(float(worth), 1)}
                )
    return {"rows": rows, "tried": tried}


def scored(
    draws: np.ndarray, came: float, rng: np.random.Generator, weights: np.ndarray | None = None
) -> dict[str, float]:
    """Return where the truth falls in draws, whose weights are equal by default, and their CRPS; `rng` ranks equals."""
    place, error = float(pit(draws, came, rng, weights)), float(crps(draws, came, weights))
    return {"place": round(place, 4), "crps": round(error, 4)}
