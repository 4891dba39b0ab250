"""Metropolis moves of a cloud: knots of the path, parameters, and path and parameters together.

Every move leaves the target as it is. Proposals take their shape from the cloud itself, their length from how many
of the last ones were accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from forecast.fits.particles.law import SMALLEST_STEP, Cloud, Model, Target, gamma_log_density, gamma_steps

ACCEPT = 0.30
"""Share of proposals that is aimed at (no unit): between 0.44 in one dimension and 0.23 in many; Roberts and
Rosenthal 2001, doi:10.1214/ss/1015346320."""

GAIN = 0.5
"""How fast the logarithm of a length answers to the share accepted (no unit); judgement."""

SHRINK = 0.05
"""Share of the cloud's correlations that is taken to be chance (no unit): it keeps the matrix regular; judgement."""

CHEAP_MOVES = 4
"""Moves of the parameters of growth a sweep (count): they need no density of the rows; judgement."""


HINGES = 1
"""Moves of a single step a sweep (count); judgement."""


@dataclass
class Lengths:
    """Lengths of proposals in units of the cloud's own spread, by the name of the move."""

    log: dict[str, float] = field(default_factory=dict)
    accepted: dict[str, float] = field(default_factory=dict)

    def of(self, move: str) -> float:
        """Return the length of a move."""
        return float(np.exp(self.log.get(move, 0.0)))

    def learn(self, move: str, accepted: np.ndarray, most: float = np.inf) -> None:
        """Lengthen a move that is accepted more often than aimed at, shorten it otherwise."""
        share = float(accepted.mean())
        self.accepted[move] = share
        self.log[move] = min(self.log.get(move, 0.0) + GAIN * (share - ACCEPT) / ACCEPT, np.log(most))


class Mover:
    """The moves of one model."""

    def __init__(self, model: Model, rng: np.random.Generator) -> None:
        self.model, self.rng, self.lengths = model, rng, Lengths()
        names = list(model.priors)
        self.of_density = [at for at, name in enumerate(names) if name in model.of_density]
        self.of_growth = [at for at, name in enumerate(names) if name not in model.of_density]

    def sweep(self, cloud: Cloud, target: Target) -> None:
        """Move every particle by every move once."""
        spread = _Spread(coordinates(cloud))
        level, total = cloud.z.shape[1], cloud.z.shape[1] + 1
        for parity in (0, 1):
            self.knots(cloud, target, parity)
        for _ in range(HINGES):
            self.hinge(cloud, target)
        cloud.of_steps = gamma_log_density(cloud.steps, cloud.growth, cloud.values["jump"])
        self.together(cloud, target, "rows", [*self.of_density, level], spread)
        self.together(cloud, target, "whole", range(total + 1), spread)
        for _ in range(CHEAP_MOVES):
            self.growth(cloud, spread)
            if cloud.extras.shape[1]:
                self.extras(cloud)

    def knots(self, cloud: Cloud, target: Target, parity: int) -> None:
        """Draw every other knot again between its neighbours, from the law of the steps alone."""
        count = cloud.path.shape[1]
        mine = np.arange(parity, count, 2)
        fresh = gamma_steps(cloud.growth, cloud.values["jump"], self.rng)
        # A step between two knots belongs to the one that moves; inside, its two steps keep their sum.
        inner = mine[(mine > 0) & (mine < count - 1)]
        left, right = cloud.steps[:, inner - 1], cloud.steps[:, inner]
        share = fresh[:, inner - 1] / (fresh[:, inner - 1] + fresh[:, inner])
        other = fresh[:, inner] / (fresh[:, inner - 1] + fresh[:, inner])
        steps = fresh  # at the two ends a step is free
        steps[:, inner - 1] = np.maximum((left + right) * share, SMALLEST_STEP)
        steps[:, inner] = np.maximum((left + right) * other, SMALLEST_STEP)
        path = cloud.path.copy()
        path[:, inner] = cloud.path[:, inner - 1] + steps[:, inner - 1]
        if parity == 0:
            path[:, 0] = cloud.path[:, 1] - steps[:, 0]
        if mine[-1] == count - 1:
            path[:, -1] = cloud.path[:, -2] + steps[:, -1]
        density = target.density(cloud.first, path, cloud.values)
        gain = np.zeros((len(path), count + 1))
        gain[:, 1:-1] = target.powers * (density - cloud.density)
        gain = gain[:, mine] + gain[:, mine + 1]
        for knot, power in target.anchors.items():
            at = knot - cloud.first
            if at % 2 == parity:
                level = self.model.level
                gain[:, at // 2] += power * (level.log_density(path[:, at]) - level.log_density(cloud.path[:, at]))
        taken = self._taken(gain)
        self.lengths.accepted[f"knots {parity}"] = float(taken.mean())
        at_knot = np.zeros((len(path), count), dtype=bool)
        at_knot[:, mine] = taken
        at_step = at_knot[:, :-1] | at_knot[:, 1:]
        np.copyto(cloud.path, path, where=at_knot)
        np.copyto(cloud.steps, steps, where=at_step)
        np.copyto(cloud.density, density, where=at_step)

    def hinge(self, cloud: Cloud, target: Target) -> None:
        """Stretch one step of each path, and shift what lies on one side of it."""
        count, blocks = cloud.steps.shape
        rows: np.ndarray = np.arange(count)
        at: np.ndarray = self.rng.integers(0, blocks, size=(count,))
        # The scale is drawn too: a tail that is rarely visited is reached by long moves, the middle by short ones.
        stretch = self.lengths.of("hinge") * self.rng.standard_normal(count) * self.rng.exponential(size=count)
        old = cloud.steps[rows, at]
        new = np.maximum(old * np.exp(stretch), SMALLEST_STEP)
        after = np.arange(blocks + 1) > at[:, None]
        to_the_right = self.rng.random((count, 1)) < 0.5
        path = cloud.path + (new - old)[:, None] * np.where(to_the_right, after, after - 1.0)
        shape, jump = cloud.growth[rows, at] / cloud.values["jump"], cloud.values["jump"]
        density = target.density(cloud.first, path, cloud.values)
        level = self.model.level
        gain = (density - cloud.density) @ target.powers + shape * stretch - (new - old) / jump
        taken = self._taken(gain + target.of_level(level, path) - target.of_level(level, cloud.path))
        self.lengths.learn("hinge", taken)
        cloud.steps[rows[taken], at[taken]] = new[taken]
        for own, proposed in ((cloud.path, path), (cloud.density, density)):
            np.copyto(own, proposed, where=taken[:, None])

    def together(self, cloud: Cloud, target: Target, name: str, which: Sequence[int], spread: _Spread) -> None:
        """Move parameters, the level of the path and its whole rise at once, its form being kept."""
        move = self._proposal(name, which, spread, len(cloud.z))
        parameters = cloud.z.shape[1]
        z = cloud.z + move[:, :parameters]
        stretch = move[:, -1]
        steps = np.maximum(cloud.steps * np.exp(stretch)[:, None], SMALLEST_STEP)
        middle = cloud.path.shape[1] // 2
        rise = np.concatenate([np.zeros((len(z), 1)), np.cumsum(steps, axis=1)], axis=1)
        start = cloud.path[:, middle] + move[:, -2] - rise[:, middle]
        path = start[:, None] + rise
        values = self.model.values(z)
        growth, of_steps, of_extras = cloud.growth, cloud.of_steps, cloud.of_extras
        if name == "whole":
            growth, of_extras = self._growth(cloud, values, cloud.extras)
            of_steps = gamma_log_density(steps, growth, values["jump"])
        density = target.density(cloud.first, path, values)
        level = self.model.level
        gain = (
            ((density - cloud.density) @ target.powers)
            + (of_steps - cloud.of_steps).sum(axis=1)
            + steps.shape[1] * stretch
            - 0.5 * (z**2 - cloud.z**2).sum(axis=1)
            + target.of_level(level, path)
            - target.of_level(level, cloud.path)
            + of_extras
            - cloud.of_extras
        )
        taken = self._taken(gain)
        self.lengths.learn(name, taken)
        self._keep(cloud, taken, z, values, growth, of_steps, of_extras)
        for own, proposed in ((cloud.path, path), (cloud.steps, steps), (cloud.density, density)):
            np.copyto(own, proposed, where=taken[:, None])

    def growth(self, cloud: Cloud, spread: _Spread) -> None:
        """Move the parameters of growth under the path as it is: no row is looked at."""
        move = self._proposal("cheap", self.of_growth, spread, len(cloud.z))
        z = cloud.z + move[:, : cloud.z.shape[1]]
        values = self.model.values(z)
        growth, of_extras = self._growth(cloud, values, cloud.extras)
        of_steps = gamma_log_density(cloud.steps, growth, values["jump"])
        gain = (of_steps - cloud.of_steps).sum(axis=1) - 0.5 * (z**2 - cloud.z**2).sum(axis=1)
        taken = self._taken(gain + of_extras - cloud.of_extras)
        self.lengths.learn("cheap", taken)
        self._keep(cloud, taken, z, values, growth, of_steps, of_extras)

    def extras(self, cloud: Cloud) -> None:
        """Move the shocks of growth, all a little or some of them a lot, under the path as it is."""
        some = self.rng.random() < 0.5
        name = "some shocks" if some else "all shocks"
        # Below one by so much that the old shocks are always remembered: 0 leaves them, 1 draws them again.
        length = min(0.5 * self.lengths.of(name), 1.0)
        noise = self.rng.standard_normal(cloud.extras.shape)
        proposed = np.sqrt(1 - length**2) * cloud.extras + length * noise
        if some:
            stays = self.rng.random(cloud.extras.shape) > 0.25
            proposed = np.where(stays, cloud.extras, proposed)
        growth, of_extras = self._growth(cloud, cloud.values, proposed)
        of_steps = gamma_log_density(cloud.steps, growth, cloud.values["jump"])
        taken = self._taken((of_steps - cloud.of_steps).sum(axis=1) + of_extras - cloud.of_extras)
        self.lengths.learn(name, taken, most=2.0)
        np.copyto(cloud.extras, proposed, where=taken[:, None])
        np.copyto(cloud.growth, growth, where=taken[:, None])
        np.copyto(cloud.of_steps, of_steps, where=taken[:, None])
        np.copyto(cloud.of_extras, of_extras, where=taken)

    def _growth(self, cloud: Cloud, values: dict[str, np.ndarray], extras: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        growth, of_extras = self.model.growth(values, extras)
        return growth[:, cloud.first : cloud.last], of_extras

    def _proposal(self, name: str, which: Sequence[int], spread: _Spread, count: int) -> np.ndarray:
        """Return steps in all coordinates, zero in those that stay."""
        root = spread.root_given_the_rest(which)
        length = self.lengths.of(name) * 2.38 / np.sqrt(len(which))
        move = np.zeros((count, spread.size))
        move[:, list(which)] = length * self.rng.standard_normal((count, len(which))) @ root.T
        return move

    def _taken(self, gain: np.ndarray) -> np.ndarray:
        return np.log(self.rng.random(gain.shape)) < gain  # NaN, as of a path beyond all bounds, is not taken

    def _keep(
        self,
        cloud: Cloud,
        taken: np.ndarray,
        z: np.ndarray,
        values: dict[str, np.ndarray],
        growth: np.ndarray,
        of_steps: np.ndarray,
        of_extras: np.ndarray,
    ) -> None:
        for own, proposed in ((cloud.z, z), (cloud.growth, growth), (cloud.of_steps, of_steps)):
            np.copyto(own, proposed, where=taken[:, None])
        np.copyto(cloud.of_extras, of_extras, where=taken)
        for key, own in cloud.values.items():
            np.copyto(own, values[key], where=taken)


def coordinates(cloud: Cloud) -> np.ndarray:
    """Return what the joint moves move: parameters, level of the path in its middle, log of its whole rise."""
    middle = cloud.path[:, cloud.path.shape[1] // 2]
    return np.column_stack([cloud.z, middle, np.log(cloud.steps.sum(axis=1))])


class _Spread:
    """How the coordinates of a cloud vary together."""

    def __init__(self, points: np.ndarray) -> None:
        self.size = points.shape[1]
        sd = np.maximum(points.std(axis=0), 1e-6)
        centred = (points - points.mean(axis=0)) / sd
        correlation = (1 - SHRINK) * centred.T @ centred / len(points) + SHRINK * np.eye(self.size)
        self.precision = np.linalg.inv(correlation) / np.outer(sd, sd)
        self.roots: dict[tuple[int, ...], np.ndarray] = {}

    def root_given_the_rest(self, which: Sequence[int]) -> np.ndarray:
        """Return a root of the covariance of some coordinates given the others."""
        key = tuple(which)
        if key not in self.roots:
            self.roots[key] = np.linalg.cholesky(np.linalg.inv(self.precision[np.ix_(key, key)]))
        return self.roots[key]
