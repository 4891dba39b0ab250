"""Gaussians refitted on their own samples: what becomes of the variance and of the distance to the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, ndtri, polygamma


def variance_ml(n: ArrayLike, samples: int) -> np.ndarray:
    """Return E[s_n^2] / sigma^2 of a Gaussian refitted by maximum likelihood on its own samples.

    Examples
    --------
    >>> round(float(variance_ml(100, 100)), 4)
    0.366
    """
    return (1 - 1 / samples) ** np.asarray(n, dtype=float)


def variance_unbiased(n: ArrayLike, samples: int) -> np.ndarray:
    """Return E[s_n^2] / sigma^2 of a Gaussian refitted with the unbiased variance.

    Examples
    --------
    >>> float(variance_unbiased(100, 100))
    1.0
    """
    return np.ones_like(np.asarray(n, dtype=float)) + 0.0 / samples


def median_variance(n: ArrayLike, samples: int, unbiased: bool) -> np.ndarray:
    """Return the median of s_n^2 / sigma^2 of a Gaussian refitted on its own samples.

    Examples
    --------
    >>> median_variance([100, 100], 100, True).round(3).tolist(), float(median_variance(100, 100, False).round(3))
    ([0.363, 0.363], 0.133)
    """
    freedom = samples - 1
    drift = digamma(freedom / 2) + np.log(2) - np.log(freedom if unbiased else samples)
    return np.exp(np.asarray(n, dtype=float) * drift)


def variance_quantile(n: ArrayLike, samples: int, unbiased: bool, level: float) -> np.ndarray:
    """Return a quantile of s_n^2 / sigma^2 of a Gaussian refitted on its own samples.

    Examples
    --------
    >>> variance_quantile([2000], 500, False, 0.9).round(4).tolist()
    [0.0125]
    """
    n = np.asarray(n, dtype=float)
    spread = np.sqrt(n * polygamma(1, (samples - 1) / 2))
    return median_variance(n, samples, unbiased) * np.exp(ndtri(level) * spread)


def marginal_variance(n: ArrayLike, samples: int, unbiased: bool) -> np.ndarray:
    """Return Var(X_n) / sigma^2, over everything that can happen, of a sample written by generation n.

    References
    ----------
    Shumailov et al. 2024, doi:10.1038/s41586-024-07566-y.

    Examples
    --------
    >>> float(marginal_variance(10, 100, True)), float(marginal_variance(10, 100, False))
    (1.1, 1.0)
    """
    n = np.asarray(n, dtype=float)
    return 1 + n / samples if unbiased else np.ones_like(n)


def wasserstein(n: ArrayLike, samples: int, unbiased: bool) -> np.ndarray:
    """Return E[W2^2] / sigma^2 between the truth and a Gaussian refitted n times on its own samples.

    Examples
    --------
    >>> float(wasserstein(11, 100, True).round(3)), float(wasserstein(5000, 100, False).round(2))
    (0.165, 2.0)
    """
    n = np.asarray(n, dtype=float)
    shrink = _expected_sd(samples) if unbiased else _expected_sd(samples) * np.sqrt((samples - 1) / samples)
    return marginal_variance(n, samples, unbiased) + 1 - 2 * shrink**n


def wasserstein_first_order(n: ArrayLike, samples: int) -> np.ndarray:
    """Return the first-order E[W2^2] / sigma^2 of the unbiased refit.

    References
    ----------
    Shumailov et al. 2024, doi:10.1038/s41586-024-07566-y.

    Examples
    --------
    >>> float(wasserstein_first_order(11, 100))
    0.165
    """
    return 1.5 * np.asarray(n, dtype=float) / samples


def variance_accumulate_ml(n: ArrayLike, samples: int) -> np.ndarray:
    """Return E[s_n^2] / sigma^2 of a Gaussian refitted by maximum likelihood on all data so far.

    Examples
    --------
    >>> float(variance_accumulate_ml(1000, 100).round(4))
    0.9836
    """
    n = np.asarray(n, dtype=int)
    steps = np.arange(1, max(int(n.max(initial=0)), 1) + 1)
    return np.concatenate([[1.0], np.cumprod(1 - 1 / (steps**2 * samples))])[n]


def variance_fresh_ml(n: ArrayLike, samples: int, human: float) -> np.ndarray:
    """Return E[s_n^2] / sigma^2 of a Gaussian refitted on M samples, a share of which is new human data.

    Examples
    --------
    >>> variance_fresh_ml([1000, 1000], 100, 0.1).round(3).tolist(), float(variance_fresh_ml(9, 100, 0.0).round(4))
    ([0.95, 0.95], 0.9135)
    """
    n = np.asarray(n, dtype=float)
    rate = (1 - human) ** 2 - (1 - human) / samples
    return 1 - (1 - rate**n) / (samples * (1 - rate))


def _expected_sd(samples: int) -> float:
    freedom = samples - 1
    return float(np.exp(gammaln(samples / 2) - gammaln(freedom / 2)) * np.sqrt(2 / freedom))
