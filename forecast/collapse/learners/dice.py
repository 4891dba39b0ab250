"""A loaded die that is thrown, counted and rebuilt from its counts: the smallest model that forgets.

A face that no throw shows is gone for good where each die is built from the throws of the last one alone. The chance
of that is exact: the count of one face is a Wright-Fisher chain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from forecast.collapse import theory
from forecast.collapse.engine import Regime, run_chain
from forecast.collapse.learners.neural import Curves, curves
from forecast.collapse.regimes import parse_regimes
from forecast.collapse.validate import affordable, positive, whole_number
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import InputError

DEFAULT_REGIMES = ("replace", "keep:0.1", "accumulate")
"""Regimes that are compared where none is named."""

FACES = (0.3, 0.25, 0.2, 0.15, 0.07, 0.03)
"""Probability of each face where none is given: four that are common, two that are rare."""


class DiceLearner:
    """Human data are throws of the first die; a model is the share of each face among the throws that it read.

    Parameters
    ----------
    faces : array, shape (face,)
        Probability of each face.
    rng : numpy.random.Generator
        Source of randomness.
    replicates : int
        Histories side by side.
    """

    def __init__(self, faces: np.ndarray, rng: np.random.Generator, replicates: int) -> None:
        self.replicates, self._faces, self._rng = replicates, faces, rng

    def human(self, count: int) -> np.ndarray:
        """Return throws of the first die, shape (replicate, count)."""
        return self.write(np.broadcast_to(self._faces, (self.replicates, len(self._faces))), count)

    def write(self, model: np.ndarray, count: int) -> np.ndarray:
        """Return throws of dice, shape (replicate, count)."""
        edges = np.cumsum(model, axis=1)[:, :-1]
        throws = self._rng.random((self.replicates, count))
        shown = np.zeros(throws.shape, dtype=np.int8)
        for edge in edges.T:
            shown += throws >= edge[:, None]
        return shown

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return which throws are wrong: none, every face exists."""
        return np.ones(data.shape, dtype=bool)

    def digest(self, data: np.ndarray) -> np.ndarray:
        """Return the count of each face, shape (replicate, face)."""
        return np.stack([(data == face).sum(axis=1) for face in range(len(self._faces))], axis=1)

    def merge(self, digests: Sequence[np.ndarray]) -> np.ndarray:
        """Return all counts together."""
        return np.sum(digests, axis=0)

    def fit(self, digest: np.ndarray) -> np.ndarray:
        """Return the share of each face."""
        return digest / digest.sum(axis=1, keepdims=True)

    def measure(self, model: np.ndarray) -> Mapping[str, np.ndarray]:
        """Return how many faces are left, and of each whether it is lost."""
        lost = {f"lost_{p:g}": (model[:, face] == 0).astype(float) for face, p in enumerate(self._faces.tolist())}
        return {"faces": (model > 0).sum(axis=1).astype(float), **lost}


def simulate_dice(
    samples: int = 100,
    generations: int = 50,
    replicates: int = 2000,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    seed: int = DEFAULT_SEED,
    faces: Sequence[float] = FACES,
    progress: Callable[[int], None] | None = None,
) -> Curves:
    """Throw a die and build the next one from what was thrown, generation by generation.

    Parameters
    ----------
    samples : int, default 100
        Throws of each generation.
    generations : int, default 50
        Dice that are built.
    replicates : int, default 2000
        Histories that are averaged.
    regimes : sequence of str or Regime
        Regimes by name, or made by hand.
    seed : int
        The run's seed.
    faces : sequence of float
        Weight of each face; they are divided by their sum.
    progress : callable, optional
        Called with the generation after each die.

    Returns
    -------
    Curves
        Faces left, and the share of histories that lost each face; exact under replace.

    Raises
    ------
    InputError
        If a setting makes no sense.

    Examples
    --------
    >>> die = simulate_dice(samples=20, generations=5, replicates=50, regimes=["replace"])
    >>> bool(die.curve("replace", "faces")[-1] < 6)
    True
    """
    for name, value in (("throws (--samples)", samples), ("generations", generations), ("replicates", replicates)):
        whole_number(name, value)
    affordable(samples, generations, replicates)
    if samples > theory.LARGEST_CHAIN:
        raise InputError(f"{samples:,} throws", f"at most {theory.LARGEST_CHAIN:,}", "give fewer --samples")
    if len(set(faces)) < len(faces) or len(faces) < 2:
        raise InputError(f"faces {list(faces)}", "two or more, each with another weight", "change the weights")
    weights = np.array([positive("weight of a face", face) for face in faces])
    die = weights / weights.sum()
    chains = {}
    for regime in parse_regimes(regimes):
        rng = generator(seed, "collapse", "dice", regime.name)
        chains[regime.name] = run_chain(
            DiceLearner(die, rng, replicates), regime, samples, generations, rng, progress=progress
        )
    lost = {f"lost_{p:g}": theory.lost_exactly(p, samples, generations)[1:] for p in die.tolist()}
    forms = {"faces": len(die) - np.sum(list(lost.values()), axis=0), **lost}
    shared = {"samples": samples, "replicates": replicates, "faces": die.tolist()}
    return curves("dice", seed, chains, {"replace": forms} if "replace" in chains else {}, **shared)
