"""Linear models on labels that are partly wrong: a shift that more data never heal, and a verifier's break-even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.collapse import theory
from forecast.collapse.engine import Filter
from forecast.collapse.validate import positive, whole_number
from forecast.collapse.validate import share as check_share
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import InputError

DEFAULT_FILTERS = (Filter(1.0, 1.0), Filter(0.9, 0.3), Filter(0.7, 0.05))
"""Verifiers whose break-even error is shown: none, a fair one, a strict one."""


@dataclass(frozen=True)
class FloorResult:
    """Test error against data size where a fixed share of the labels follows a shifted truth.

    Parameters
    ----------
    dimension : int
        Number of coefficients.
    shift : float
        Mean squared shift, c^2.
    samples : array, shape (size,)
        Labelled samples in all.
    shares : tuple of float
        Shifted shares, p2.
    errors : array, shape (share, size)
        Mean test error (noise variance 1).
    """

    dimension: int
    shift: float
    samples: np.ndarray
    shares: tuple[float, ...]
    errors: np.ndarray

    def theory(self, share: float) -> np.ndarray:
        """Return d/n + p2^2 c^2 at the simulated sizes."""
        return theory.contamination_floor(self.samples, self.dimension, share, self.shift)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain numbers."""
        curves = [
            {"share": share, "simulation": row.tolist(), "theory": self.theory(share).tolist()}
            for share, row in zip(self.shares, self.errors, strict=True)
        ]
        return {"dimension": self.dimension, "shift": self.shift, "samples": self.samples.tolist(), "curves": curves}


@dataclass(frozen=True)
class BreakEvenResult:
    """Accuracy of a classifier that is trained on verified synthetic labels.

    Parameters
    ----------
    dimension, samples : int
        Coefficients, and labels kept.
    filters : tuple of Filter
        The verifiers.
    error_rates : array, shape (rate,)
        Share of wrong labels before the filter.
    accuracies : array, shape (filter, rate)
        Mean accuracy on the truth.
    """

    dimension: int
    samples: int
    filters: tuple[Filter, ...]
    error_rates: np.ndarray
    accuracies: np.ndarray

    def theory(self, verifier: Filter) -> np.ndarray:
        """Return the closed form at the simulated error rates."""
        right = theory.right_after_filter(self.error_rates, verifier.keep_right, verifier.keep_wrong)
        return theory.classifier_accuracy(right, self.samples, self.dimension)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain numbers."""
        curves = [
            {
                "keep_right": verifier.keep_right,
                "keep_wrong": verifier.keep_wrong,
                "break_even": theory.break_even_error(verifier.keep_right, verifier.keep_wrong),
                "simulation": row.tolist(),
                "theory": self.theory(verifier).tolist(),
            }
            for verifier, row in zip(self.filters, self.accuracies, strict=True)
        ]
        return {"samples": self.samples, "error_rates": self.error_rates.tolist(), "curves": curves}


def simulate_floor(
    dimension: int = 10,
    sizes: Sequence[int] = (100, 300, 1000, 3000, 10_000, 30_000, 100_000),
    shares: Sequence[float] = (0.0, 0.01, 0.1, 0.5),
    shift: float = 1.0,
    replicates: int = 400,
    seed: int = DEFAULT_SEED,
) -> FloorResult:
    """Fit regressions on more and more data, a fixed share of which follows a shifted truth.

    Parameters
    ----------
    dimension : int, default 10
        Number of coefficients.
    sizes : sequence of int
        Labelled samples in all.
    shares : sequence of float
        Shifted shares.
    shift : float, default 1
        Mean squared shift of the coefficients, c^2.
    replicates : int, default 400
        Fits that are averaged.
    seed : int
        The run's seed.

    Returns
    -------
    FloorResult
        Mean test errors.

    Raises
    ------
    InputError
        If a setting makes no sense.

    Examples
    --------
    >>> floor = simulate_floor(sizes=[10_000], shares=[0.5], replicates=4)
    >>> bool(0.2 < floor.errors[0, 0] < 0.3)
    True
    """
    whole_number("coefficients", dimension, minimum=2)
    whole_number("replicates", replicates)
    positive("mean squared shift", shift)
    errors = np.empty((len(shares), len(sizes)))
    for column, size in enumerate(sizes):
        whole_number("samples", size, minimum=dimension + 2)
        rng = generator(seed, "collapse", "floor", str(size))
        moved = rng.standard_normal((replicates, dimension, 1))
        moved *= np.sqrt(shift) / np.linalg.norm(moved, axis=1, keepdims=True)  # a fixed length: its own is not studied
        for row, part in enumerate(shares):
            count = round(check_share("shifted share", part) * size)
            shifted = _gram(count, dimension, replicates, rng)
            cross = shifted + _gram(size - count, dimension, replicates, rng)
            # X'noise, given X, is normal with covariance X'X; the truth is zero, without loss of generality.
            noise = np.linalg.cholesky(cross) @ rng.standard_normal((replicates, dimension, 1))
            found = np.linalg.solve(cross, shifted @ moved + noise)
            errors[row, column] = (found**2).sum(axis=1).mean()
    return FloorResult(dimension, shift, np.asarray(sizes), tuple(shares), errors)


def simulate_break_even(
    filters: Sequence[Filter] = DEFAULT_FILTERS,
    error_rates: Sequence[float] = tuple(np.linspace(0.0, 1.0, 41).round(3).tolist()),
    samples: int = 2000,
    dimension: int = 10,
    replicates: int = 10,
    seed: int = DEFAULT_SEED,
) -> BreakEvenResult:
    """Train a linear classifier on synthetic labels that passed a verifier, for every error rate of the generator.

    Parameters
    ----------
    filters : sequence of Filter
        Verifiers.
    error_rates : sequence of float
        Share of wrong labels before the filter.
    samples : int, default 2000
        Labels kept.
    dimension : int, default 10
        Number of coefficients.
    replicates : int, default 10
        Classifiers that are averaged.
    seed : int
        The run's seed.

    Returns
    -------
    BreakEvenResult
        Mean accuracies: near 1 below the break-even error, near 0 above it.

    Raises
    ------
    InputError
        If a setting makes no sense.

    Examples
    --------
    >>> result = simulate_break_even(filters=[Filter(0.9, 0.3)], error_rates=[0.6, 0.9], replicates=3)
    >>> bool(result.accuracies[0, 0] > 0.9 > 0.1 > result.accuracies[0, 1])
    True
    """
    whole_number("samples", samples)
    whole_number("coefficients", dimension, minimum=2)
    whole_number("replicates", replicates)
    rates = np.array([check_share("generator error", rate) for rate in error_rates])
    accuracies = np.empty((len(filters), len(rates)))
    for row, verifier in enumerate(filters):
        rng = generator(seed, "collapse", "break even", verifier.title)
        inputs = rng.standard_normal((replicates, samples, dimension))
        inputs[..., 0] = np.abs(inputs[..., 0])  # right label +1: the truth is the sign of the first coordinate
        for column, rate in enumerate(rates):
            labels = _kept_labels(verifier, rate, (replicates, samples), rng)
            fitted = np.einsum("rs,rsd->rd", labels, inputs)
            angle = np.arccos(np.clip(fitted[:, 0] / np.linalg.norm(fitted, axis=1), -1, 1))
            accuracies[row, column] = 1 - angle.mean() / np.pi
    return BreakEvenResult(dimension, samples, tuple(filters), rates, accuracies)


def _gram(count: int, dimension: int, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Draw X'X for `count` rows x ~ N(0, I): a Wishart matrix, by Bartlett's decomposition where rows are many."""
    if count < 4 * dimension:
        rows = rng.standard_normal((replicates, count, dimension))
        return np.swapaxes(rows, 1, 2) @ rows
    root = np.tril(rng.standard_normal((replicates, dimension, dimension)), -1)
    places = np.arange(dimension)
    root[:, places, places] = np.sqrt(rng.chisquare(count - places, (replicates, dimension)))
    return root @ np.swapaxes(root, 1, 2)


def _kept_labels(verifier: Filter, rate: float, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    # The verifier is asked label by label, as in the other experiments, until enough are kept.
    kept: list[np.ndarray] = []
    wanted, found = int(np.prod(shape)), 0
    while found < wanted:
        right = rng.random(wanted) >= rate
        chosen = right[verifier.passes(right, rng)]
        if not chosen.size and rate == 1:
            raise InputError(
                "a generator that is always wrong, all of it filtered out", "some labels kept", "lower the error rate"
            )
        kept.append(chosen)
        found += chosen.size
    return np.where(np.concatenate(kept)[:wanted], 1.0, -1.0).reshape(shape)
