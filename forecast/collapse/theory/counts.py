"""What gets lost when outcomes are counted and drawn again: categories and words."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def expected_support(outcomes: int, samples: int) -> float:
    """Return how many of equally likely outcomes are seen at least once in a sample.

    Parameters
    ----------
    outcomes : int
        Number of outcomes, K.
    samples : int
        Number of draws, M.

    Returns
    -------
    float
        K (1 - (1 - 1/K)^M), exact.

    Examples
    --------
    >>> round(expected_support(1000, 1000), 1)
    632.3
    """
    return outcomes * (1 - (1 - 1 / outcomes) ** samples)


def lost_at_once(frequency: ArrayLike, samples: int) -> np.ndarray:
    """Return the probability that an outcome does not occur in one generation's sample.

    Parameters
    ----------
    frequency : array_like
        Its probability, q.
    samples : int
        Number of draws, M.

    Returns
    -------
    numpy.ndarray
        (1 - q)^M, exact; what is lost never comes back where each generation replaces the one before.

    Examples
    --------
    >>> float(lost_at_once(0.0005, 1000).round(3))
    0.606
    """
    return (1 - np.asarray(frequency, dtype=float)) ** samples


def expected_vocabulary(frequencies: ArrayLike, samples: int, generations: int) -> np.ndarray:
    """Return how many words are still in use at each generation, each trained on the one before alone.

    Parameters
    ----------
    frequencies : array_like, shape (word,)
        Probability of each word.
    samples : int
        Words a generation, M.
    generations : int
        Number of generations.

    Returns
    -------
    numpy.ndarray
        Shape (generations + 1,): the sum over words of 1 - exp(-M p (1 - u_{n-1})), u_0 = 0, u_n = exp(u_{n-1} - 1):
        every copy of a rare word leaves a Poisson number of copies, on average one. Holds for p << 1 and words drawn
        independently. A word with k copies lives for about 2k generations.

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
