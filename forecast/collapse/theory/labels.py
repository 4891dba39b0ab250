"""Labels written by models: test errors of regression, and how far a verifier helps."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

ACCUMULATE_LIMIT = np.pi**2 / 6
"""Limit of 1 + 1/4 + 1/9 + ...: how far accumulating can raise the error over generation 1 (no unit)."""


def regression_unit(dimension: int, samples: int, noise: float = 1.0) -> float:
    """Return the test error of least squares on human labels, the unit of the regression experiment.

    Examples
    --------
    >>> regression_unit(10, 111)
    0.1
    """
    return noise**2 * dimension / (samples - dimension - 1)


def regression_replace(n: ArrayLike) -> np.ndarray:
    """Return the test error of regression on the last generation's labels, in units of generation 1.

    References
    ----------
    Gerstgrasser et al. 2024, arXiv:2404.01413, theorem 2.

    Examples
    --------
    >>> float(regression_replace(10))
    10.0
    """
    return np.asarray(n, dtype=float)


def regression_accumulate(n: ArrayLike) -> np.ndarray:
    """Return the test error of regression on the labels of all generations, in units of generation 1.

    References
    ----------
    Gerstgrasser et al. 2024, arXiv:2404.01413.

    Examples
    --------
    >>> float(regression_accumulate(10).round(3))
    1.55
    """
    n = np.asarray(n, dtype=int)
    steps = np.arange(1, max(int(n.max(initial=0)), 1) + 1)
    return np.concatenate([[0.0], np.cumsum(1 / steps.astype(float) ** 2)])[n]


def regression_fresh(n: ArrayLike, human: float) -> np.ndarray:
    """Return the test error of regression where a share of the data is human and new, in units of generation 1.

    Examples
    --------
    >>> float(regression_fresh(50, 0.5).round(3)), float(regression_fresh(7, 0.0))
    (1.333, 7.0)
    """
    n = np.asarray(n, dtype=float)
    carried = (1 - human) ** 2
    return n if carried == 1 else (1 - carried**n) / (1 - carried)


def contamination_floor(samples: ArrayLike, dimension: int, synthetic: float, shift: float = 1.0) -> np.ndarray:
    """Return the test error of regression when a fixed share of the labels follows a shifted truth.

    References
    ----------
    Dohmatob et al. 2024, arXiv:2410.04840, corollary 1.

    Examples
    --------
    >>> contamination_floor([1e4, 1e6, 1e8], 100, 0.01).round(6).tolist()
    [0.0101, 0.0002, 0.000101]
    """
    return dimension / np.asarray(samples, dtype=float) + synthetic**2 * shift


def break_even_error(keep_right: float, keep_wrong: float) -> float:
    """Return the generator error up to which filtered synthetic labels still teach the truth.

    Parameters
    ----------
    keep_right : float
        P(kept | right), phi.
    keep_wrong : float
        P(kept | wrong), psi.

    Returns
    -------
    float
        p* = 1 / (1 + psi/phi); below it a linear classifier reaches accuracy 1 with infinite data, above it 0.

    References
    ----------
    Feng et al. 2024, arXiv:2406.07515.

    Examples
    --------
    >>> [round(break_even_error(*filter), 3) for filter in [(1, 1), (0.9, 0.3), (0.7, 0.05)]]
    [0.5, 0.75, 0.933]
    """
    return keep_right / (keep_right + keep_wrong)


def right_after_filter(error: ArrayLike, keep_right: float, keep_wrong: float) -> np.ndarray:
    """Return the share of right labels among those that a verifier keeps.

    Examples
    --------
    >>> float(right_after_filter(0.75, 0.9, 0.3).round(3))
    0.5
    """
    error = np.asarray(error, dtype=float)
    return keep_right * (1 - error) / (keep_right * (1 - error) + keep_wrong * error)


def classifier_accuracy(right: ArrayLike, samples: int, dimension: int) -> np.ndarray:
    """Return the accuracy of a linear classifier averaged from labels of which a share is right.

    Examples
    --------
    >>> classifier_accuracy([1.0, 0.5, 0.0], 10**6, 10).round(2).tolist()
    [1.0, 0.5, 0.0]
    """
    signal = (2 * np.asarray(right, dtype=float) - 1) * np.sqrt(2 / np.pi)
    return 1 - np.arctan2(np.sqrt((dimension - 1) / samples), signal) / np.pi


def verified_error(steps: ArrayLike, pull: float, centre: float, noise: float, first: float) -> np.ndarray:
    """Return the squared error of a mean that is refitted on what a verifier passes, a coordinate, from generation 1 on.

    m_{n+1} = m_n + g_n (k (c - m_n) + noise): where g_n stays up, the error tends to that of the verifier's centre.

    Parameters
    ----------
    steps : array_like, shape (generation - 1,)
        Share of the pool that each generation renews, g_n: 1 under replace, 1 / (n + 1) under accumulate.
    pull : float
        Part of the way to its centre that the verifier moves what is kept, k.
    centre, noise, first : float
        Mean squared errors of the centre, of the mean of what is kept, and of generation 1, independent of each other.

    References
    ----------
    Verified retraining converges to the verifier's centre: arXiv:2510.16657.

    Examples
    --------
    >>> verified_error(np.ones(200), 0.5, 0.25, 0.0, 1.0)[[0, 1, -1]].tolist()
    [1.0, 0.3125, 0.25]
    """
    began, moved, spread = [1.0], [0.0], [0.0]
    for step in np.asarray(steps, dtype=float).tolist():
        stays = 1 - step * pull
        began.append(stays * began[-1])
        moved.append(stays * moved[-1] + step * pull)
        spread.append(stays**2 * spread[-1] + step**2 * noise)
    return np.array(began) ** 2 * first + np.array(moved) ** 2 * centre + np.array(spread)
