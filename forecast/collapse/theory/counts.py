"""What gets lost when outcomes are counted and drawn again: categories and words."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

LARGEST_CHAIN = 2000
"""Samples of a generation for which the exact chain is computed: its matrix has the square of that (count)."""


def lost_exactly(frequency: float, samples: int, generations: int) -> np.ndarray:
    """Return the probability that an outcome is lost by each generation from 0 on, each fitted on the one before alone.

    Exact: how often the outcome occurs among the samples is a Wright-Fisher chain, binomial in the share before.

    Examples
    --------
    >>> lost_exactly(0.03, 100, 3).round(4).tolist()
    [0.0, 0.0476, 0.1457, 0.2393]
    """
    from scipy.stats import binom

    counts = np.arange(samples + 1)
    steps = binom.pmf(counts, samples, counts[:, None] / samples)
    found, now = [0.0], binom.pmf(counts, samples, frequency)
    for _ in range(generations):
        found.append(float(now[0]))
        now = now @ steps
    return np.array(found)


def expected_support(outcomes: int, samples: int) -> float:
    """Return how many of equally likely outcomes are seen at least once in a sample.

    Examples
    --------
    >>> round(expected_support(1000, 1000), 1)
    632.3
    """
    return outcomes * (1 - (1 - 1 / outcomes) ** samples)


def lost_at_once(frequency: ArrayLike, samples: int) -> np.ndarray:
    """Return the probability that an outcome does not occur in one generation's sample.

    Examples
    --------
    >>> float(lost_at_once(0.0005, 1000).round(3))
    0.606
    """
    return (1 - np.asarray(frequency, dtype=float)) ** samples


def expected_vocabulary(frequencies: ArrayLike, samples: int, generations: int) -> np.ndarray:
    """Return how many words are still in use at each generation, each trained on the one before alone.

    Examples
    --------
    >>> expected_vocabulary([0.001] * 1000, 1000, 10).round()[[0, 1, 5, 10]].tolist()
    [1000.0, 632.0, 268.0, 158.0]
    """
    frequencies = np.asarray(frequencies, dtype=float)
    alive, extinct = [float((frequencies > 0).sum())], 0.0
    for _ in range(generations):
        alive.append(float(-np.expm1(-samples * frequencies * (1 - extinct)).sum()))
        extinct = float(np.exp(extinct - 1))
    return np.array(alive)
