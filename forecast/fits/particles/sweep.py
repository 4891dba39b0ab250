"""One sweep of a cloud through a row of posteriors, each the next one's start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from forecast.fits.particles.law import Cloud, Density, Model, Target, between, gamma_log_density, gamma_steps
from forecast.fits.particles.moves import Mover, coordinates

KEEP = 0.5
"""Share of the particles that must stay effective in one tempered step (no unit); as usual, Del Moral, Doucet and
Jasra 2006, doi:10.1111/j.1467-9868.2006.00553.x."""


@dataclass(frozen=True)
class Care:
    """How many particles there are and how long they are moved.

    Parameters
    ----------
    particles : int
        Particles of one cloud.
    clouds : int
        Clouds that know nothing of each other: their differences tell the error.
    sweeps : tuple of int
        Fewest and most sweeps of moves after each weighing.
    last_sweeps : tuple of int
        The same after the last weighing of a posterior that is wanted.
    memory : float
        Correlation of a quantity before and after the moves at which they end. They end earlier where weighing cost
        little: when the correlation is as small as the share of the particles that stayed effective.
    half_years : int
        Half-years between posteriors that are only passed: one on the way to a wanted one is not looked at.
    """

    particles: int = 500
    clouds: int = 4
    sweeps: tuple[int, int] = (1, 5)
    last_sweeps: tuple[int, int] = (2, 40)
    memory: float = 0.4
    half_years: int = 1


@dataclass(frozen=True)
class Stop:
    """A posterior on the way.

    Parameters
    ----------
    target : Target
        The posterior.
    bridge : Density or None
        Log density over its blocks and those of the stop before; None where that one is no start, so that the cloud
        begins again from the prior.
    wanted : bool
        Whether the cloud is asked for.
    """

    target: Target
    bridge: Density | None
    wanted: bool = True


@dataclass(frozen=True)
class Station:
    """A cloud at one posterior, and how it got there.

    Parameters
    ----------
    cloud : Cloud
        Particles with equal weights.
    log_evidence : float
        Log of the mean density of all rows so far under the prior.
    weighings, sweeps : int
        Tempered steps and sweeps of moves since the last posterior.
    memory : float
        Largest correlation left by the last moves.
    """

    cloud: Cloud
    log_evidence: float
    weighings: int
    sweeps: int
    memory: float


def start(model: Model, target: Target, count: int, rng: np.random.Generator) -> Cloud:
    """Draw a cloud from the prior."""
    z = rng.standard_normal((count, len(model.priors)))
    extras = rng.standard_normal((count, model.growth.extras))
    values = model.values(z)
    every, of_extras = model.growth(values, extras)
    growth = every[:, target.first : target.last].copy()  # moves write into it; a broadcast one is read-only
    steps = gamma_steps(growth, values["jump"], rng)
    path = np.concatenate([np.zeros((count, 1)), np.cumsum(steps, axis=1)], axis=1)
    (anchor,) = target.anchors
    level = model.level.sample(rng, count)
    path += (level - path[:, anchor - target.first])[:, None]
    of_steps = gamma_log_density(steps, growth, values["jump"])
    density = target.density(target.first, path, values)
    return Cloud(target.first, z, extras, path, steps, values, growth, of_steps, density, of_extras)


def extended(model: Model, cloud: Cloud, last: int, density: Density, rng: np.random.Generator) -> Cloud:
    """Let the paths go on to a later block, by the law of their steps alone."""
    growth = model.growth(cloud.values, cloud.extras)[0][:, cloud.first : last]
    ahead = gamma_steps(growth[:, cloud.steps.shape[1] :], cloud.values["jump"], rng)
    steps = np.concatenate([cloud.steps, ahead], axis=1)
    path = np.concatenate([cloud.path, cloud.path[:, -1:] + np.cumsum(ahead, axis=1)], axis=1)
    of_steps = gamma_log_density(steps, growth, cloud.values["jump"])
    found = density(cloud.first, path, cloud.values)
    return replace(cloud, path=path, steps=steps, growth=growth, of_steps=of_steps, density=found)


def sweep(model: Model, way: Sequence[Stop], care: Care, rng: np.random.Generator) -> Iterator[Station]:
    """Yield a cloud at every posterior on the way that is wanted."""
    mover = Mover(model, rng)
    cloud: Cloud | None = None
    before, evidence = way[0].target, 0.0
    for stop in way:
        target, bridge = stop.target, stop.bridge
        if cloud is None or bridge is None:
            cloud, evidence = start(model, target, care.particles, rng), 0.0
            bridge = target.density
            before = Target(target.first, target.first, target.anchors, np.zeros(0), bridge)
            mover = Mover(model, rng)
        else:
            cloud = extended(model, cloud, target.last, bridge, rng)
        share, weighings, sweeps, memory, kept = 0.0, 0, 0, 0.0, 1.0
        while share < 1.0:
            change = _change(model, cloud, before, target, bridge)
            step = _length(change, 1.0 - share)
            kept *= _effective(step * change)
            log_weight = step * change
            evidence += float(logsumexp(log_weight) - np.log(len(log_weight)))
            share = 1.0 if step == 1.0 - share else share + step
            cloud = cloud.chosen(_systematic(log_weight, rng))
            weighings += 1
            length = care.last_sweeps if stop.wanted and share == 1.0 else care.sweeps
            done, memory = _diversify(
                mover, cloud, between(before, target, bridge, share), length, max(care.memory, kept)
            )
            sweeps += done
        cloud, before = cloud.cut(target.first), target
        if stop.wanted:
            yield Station(cloud.chosen(np.arange(care.particles)), evidence, weighings, sweeps, memory)


def _change(model: Model, cloud: Cloud, before: Target, after: Target, bridge: Density) -> np.ndarray:
    """Return the log of the later posterior over the earlier one, shape (particle,)."""
    start_, end = between(before, after, bridge, 0.0), between(before, after, bridge, 1.0)
    change = cloud.density @ (end.powers - start_.powers)
    change += end.of_level(model.level, cloud.path) - start_.of_level(model.level, cloud.path)
    return np.where(np.isfinite(change), change, -1e300)


def _length(change: np.ndarray, left: float) -> float:
    """Return how far the weights may go: all that is left, or as far as enough particles stay effective."""
    if _effective(left * change) >= KEEP:
        return left
    low, high = 0.0, left
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if _effective(middle * change) >= KEEP else (low, middle)
    return max(low, 1e-9)


def _effective(log_weight: np.ndarray) -> float:
    """Return the effective share of weighted particles."""
    weight = np.exp(log_weight - log_weight.max())
    return float(weight.sum() ** 2 / (weight @ weight) / len(weight))


def _systematic(log_weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return places of particles, each about as often as its weight says (systematic resampling)."""
    weight = np.exp(log_weight - log_weight.max())
    mass = np.cumsum(weight / weight.sum())
    at = (np.arange(len(mass)) + rng.random()) / len(mass)
    return np.minimum(np.searchsorted(mass, at), len(mass) - 1)


def _diversify(mover: Mover, cloud: Cloud, target: Target, length: tuple[int, int], enough: float) -> tuple[int, float]:
    """Move a cloud until it has forgotten where it was; return the sweeps and the correlation that is left."""
    fewest, most = length
    before, memory, done = _watched(cloud), 1.0, 0
    while done < fewest or (done < most and memory >= enough):
        # A proposal beyond what numbers hold has no density, and is refused.
        with np.errstate(over="ignore", invalid="ignore"):
            mover.sweep(cloud, target)
        done += 1
        memory = _correlation(before, _watched(cloud))
    return done, memory


def _watched(cloud: Cloud) -> np.ndarray:
    return np.column_stack([coordinates(cloud), cloud.path[:, -1]])


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    return float(np.max((a * b).sum(axis=0) / np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0) + 1e-300)))
