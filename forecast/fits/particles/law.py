"""What the particles are moved under: a path with gamma increments, its parameters' priors, and a density by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import gammaln

from forecast.core.priors import Prior

SMALLEST_STEP = 1e-300
"""Floor of an increment (log10 units): a gamma draw of a small shape underflows to zero, whose logarithm is none."""

Values = Mapping[str, np.ndarray]
"""Parameters by name, shape (particle,), in their own units."""

Density = Callable[[int, np.ndarray, Values], np.ndarray]
"""First block, path at its knots (particle, knot), parameters: the log density by block (particle, block)."""


class Growth(Protocol):
    """How much growth is expected in each step, given parameters and what else is random about it."""

    extras: int
    """Further random numbers of a particle, such as one shock a step; standard normal before any data."""

    def __call__(self, values: Values, extras: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return expected growth and the log density of the extras.

        The first has the shape (particle, step); the second, (particle,), is taken over that of standard normal ones.
        """
        ...

    def named(self, values: Values, extras: np.ndarray) -> dict[str, np.ndarray]:
        """Return what a posterior has beside the parameters: the extras, and what is made of them."""
        ...


@dataclass(frozen=True)
class Model:
    """What stays the same at every date.

    Parameters
    ----------
    priors : mapping of str to Prior
        Every parameter but the level; ``jump`` is the scale of the increments.
    level : Prior
        Prior of the path at the anchor.
    growth : Growth
        Expected growth by step.
    of_density : tuple of str
        Parameters that the density by block depends on.
    """

    priors: Mapping[str, Prior]
    level: Prior
    growth: Growth
    of_density: tuple[str, ...]

    def values(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """Return parameters in their own units from standard normal coordinates, shape (particle, parameter)."""
        return {name: prior.from_normal(z[:, at]) for at, (name, prior) in enumerate(self.priors.items())}


@dataclass(frozen=True)
class Target:
    """A posterior: the blocks that count, each to a power, and the knots at which the level has its prior.

    Parameters
    ----------
    first, last : int
        The blocks from `first` up to, not including, `last`.
    anchors : mapping of int to float
        Knot to the power of the level's prior there.
    powers : array, shape (last - first,)
        Power of each block's density: 1, or between 0 and 1 on the way from one posterior to the next.
    density : Density
        Log density by block.
    """

    first: int
    last: int
    anchors: Mapping[int, float]
    powers: np.ndarray
    density: Density

    def of_level(self, level: Prior, path: np.ndarray) -> np.ndarray:
        """Return the log prior of the level, shape (particle,)."""
        return sum(
            (power * level.log_density(path[:, knot - self.first]) for knot, power in self.anchors.items()),
            start=np.zeros(len(path)),
        )


def between(before: Target, after: Target, density: Density, share: float) -> Target:
    """Return the target part of the way from one posterior to a later one, over the blocks of both."""
    first, last = min(before.first, after.first), after.last
    blocks = np.arange(first, last)
    old = (blocks >= before.first) & (blocks < before.last)
    new = (blocks >= after.first) & (blocks < after.last)
    anchors = {knot: (1 - share) * power for knot, power in before.anchors.items()}
    for knot, power in after.anchors.items():
        anchors[knot] = anchors.get(knot, 0.0) + share * power
    return Target(first, last, anchors, (1 - share) * old + share * new, density)


def gamma_log_density(step: np.ndarray, growth: np.ndarray, jump: np.ndarray) -> np.ndarray:
    """Return the log density of increments, shape (particle, step)."""
    shape, scale = growth / jump[:, None], jump[:, None]
    return (shape - 1) * np.log(step) - step / scale - shape * np.log(scale) - gammaln(shape)


def gamma_steps(growth: np.ndarray, jump: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw increments, shape (particle, step)."""
    return np.maximum(rng.standard_gamma(growth / jump[:, None]) * jump[:, None], SMALLEST_STEP)


@dataclass
class Cloud:
    """Particles with equal weights; changed in place by the moves.

    Parameters
    ----------
    first : int
        First block of the path.
    z : array, shape (particle, parameter)
        Parameters as standard normal coordinates of their priors.
    extras : array, shape (particle, extra)
        What else is random about growth.
    path : array, shape (particle, knot)
        The path at its knots.
    steps : array, shape (particle, block)
        Its increments, kept beside it: small ones are lost in a difference.
    values : dict of str to array
        Parameters in their own units, shape (particle,).
    growth, of_steps, density : array, shape (particle, block)
        Expected growth of the steps; log densities of the steps and of the blocks' rows.
    of_extras : array, shape (particle,)
        Log density of the extras over that of standard normal ones.
    """

    first: int
    z: np.ndarray
    extras: np.ndarray
    path: np.ndarray
    steps: np.ndarray
    values: dict[str, np.ndarray]
    growth: np.ndarray
    of_steps: np.ndarray
    density: np.ndarray
    of_extras: np.ndarray

    @property
    def last(self) -> int:
        """Block after the last one."""
        return self.first + self.steps.shape[1]

    def chosen(self, at: np.ndarray) -> Cloud:
        """Return the particles at the given places."""
        return Cloud(
            self.first,
            self.z[at],
            self.extras[at],
            self.path[at],
            self.steps[at],
            {name: value[at] for name, value in self.values.items()},
            self.growth[at],
            self.of_steps[at],
            self.density[at],
            self.of_extras[at],
        )

    def cut(self, first: int) -> Cloud:
        """Return the same particles without the blocks before `first`."""
        skip = first - self.first
        return replace(
            self,
            first=first,
            path=self.path[:, skip:],
            steps=self.steps[:, skip:],
            growth=self.growth[:, skip:],
            of_steps=self.of_steps[:, skip:],
            density=self.density[:, skip:],
        )
