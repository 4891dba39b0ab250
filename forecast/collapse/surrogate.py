"""What a pool of human and machine text is worth, between the runs that measured it: a surrogate, read and not computed.

Small transformers were trained over a design of the human share, fits in a row, the verifier and the size of the model
(`forecast.collapse.learners.mixes`), a Gaussian process was fitted to what their pools are worth
(`forecast.evaluate.surrogate`), and its mean and spread on a grid are kept in ``data/results/surrogate.json``. Reading
them takes neither jax nor PyMC.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from forecast.errors import InputError, MissingFileError
from forecast.ingest.catalog import data_directory

FILE = "results/surrogate.json"
"""Where the stored evaluation lies, inside the folder of the tables."""

NONE_LEFT = -0.5
"""Place of a pool without human text on the axis of the human share (no unit; judgement): none is not the limit of little."""

LEAST_HUMAN = 0.2
"""Smallest human share of a mix that was run; a smaller one is taken to be worth as much for each human token."""


@dataclass(frozen=True)
class Grid:
    """The surrogate on a grid of settings, for each size of the models that were run.

    Parameters
    ----------
    axes : tuple of array
        Human share (`NONE_LEFT` for none), log of fits in a row, quality of the verifier.
    mean, sd : array, shape (share, fits, quality, size)
        Posterior mean and standard deviation of the log of human tokens equal to a pool over those in it.

    Examples
    --------
    >>> axis = (np.array([0.0, 1.0]),)
    >>> Grid(axis * 3, np.zeros((2, 2, 2, 1)), np.ones((2, 2, 2, 1))).at(0.5, np.e, 0.5)
    (array([0.]), array([1.]))
    """

    axes: tuple[np.ndarray, ...]
    mean: np.ndarray
    sd: np.ndarray

    def at(self, human: float, generations: float, quality: float) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation at one setting by size; outside the grid, those at its nearest edge.

        Examples
        --------
        >>> axis = (np.array([0.0, 1.0]),)
        >>> Grid(axis * 3, np.zeros((2, 2, 2, 1)), np.ones((2, 2, 2, 1))).at(3.0, 1.0, 0.0)
        (array([0.]), array([1.]))
        """
        from scipy.interpolate import RegularGridInterpolator  # a fifth of a second, which few commands need

        asked = (human, np.log(generations), quality)
        place = [np.clip(x, axis[0], axis[-1]) for x, axis in zip(asked, self.axes, strict=True)]
        mean, sd = (RegularGridInterpolator(self.axes, values)(place)[0] for values in (self.mean, self.sd))
        return mean, sd


def retained(share: float, generations: int, quality: float, rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw what a pool is worth, as a multiple of the human text in its chain.

    Each size that was run counts for as much, since nobody knows which of them a frontier run resembles.

    Parameters
    ----------
    share : float
        Machine-written share of the pool; 1 where no human text is left.
    generations : int
        Fits, the first on human text alone.
    quality : float
        Share of wrong passages that a verifier removes; 0 without one.
    rng : numpy.random.Generator
        Source of randomness.
    size : int
        Number of draws.

    Returns
    -------
    numpy.ndarray
        Shape (draw,): human tokens that are worth as much, over those that were read.

    Raises
    ------
    MissingFileError, InputError
        If the surrogate is not stored, or cannot be read.

    Examples
    --------
    >>> mixed, alone = (np.median(retained(s, 5, 0.5, np.random.default_rng(1), 400)) for s in (0.5, 1.0))
    >>> bool(alone < mixed)
    True
    """
    human = NONE_LEFT if share == 1 else max(1 - share, LEAST_HUMAN)
    mean, sd = grid().at(human, generations, quality)
    which = rng.integers(0, len(mean), size)
    return np.exp(mean[which] + sd[which] * rng.standard_normal(size))


def grid() -> Grid:
    """Return the surrogate as it is stored.

    Examples
    --------
    >>> len(grid().axes)
    3
    """
    path = data_directory() / FILE
    if not path.is_file():
        raise MissingFileError(f"no surrogate ({path})", "the one that ships", "run `make evaluate NAMES=surrogate`")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, _: int) -> Grid:
    try:
        return from_content(json.loads(path.read_text(encoding="utf-8"))["content"]["grid"])
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{path}, which cannot be read", "a stored surrogate", "run `make evaluate NAMES=surrogate`"
        ) from None


def from_content(content: dict[str, Any]) -> Grid:
    """Return a grid from what was stored, its mean levelled along the quality of the verifier.

    A verifier that removes wrong passages alone cannot hurt in expectation, and the runs hardly tell what it does: where the
    mean falls along its quality, the nearest curve that does not fall is taken (least squares).

    Examples
    --------
    >>> part = {"human": [0.0, 1.0], "generations": [2, 10], "quality": [0.0, 1.0]}
    >>> falling = np.broadcast_to(np.array([0.1, -0.1])[:, None], (2, 2, 2, 3))
    >>> bool((abs(from_content(part | {"mean": falling, "sd": np.ones((2, 2, 2, 3))}).mean) < 1e-12).all())
    True
    """
    from scipy.optimize import isotonic_regression

    axes = (np.array(content["human"]), np.log(content["generations"]), np.array(content["quality"]))
    mean = np.apply_along_axis(lambda along: isotonic_regression(along).x, 2, np.array(content["mean"]))
    return Grid(axes, mean, np.array(content["sd"]))
