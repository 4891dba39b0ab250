"""Gaussians refitted on their own samples: what becomes of the variance and of the distance to the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, ndtri, polygamma


def variance_ml(n: ArrayLike, samples: int) -> np.ndarray:
    """Return E[s_n^2] / sigma^2 of a Gaussian refitted by maximum likelihood on its own samples.

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples a generation, M.

    Returns
    -------
    numpy.ndarray
        (1 - 1/M)^n, exact: dividing by M loses the share 1/M in expectation at every fit.

    Examples
    --------
    >>> round(float(variance_ml(100, 100)), 4)
    0.366
    """
    return (1 - 1 / samples) ** np.asarray(n, dtype=float)


def variance_unbiased(n: ArrayLike, samples: int) -> np.ndarray:
    """Return E[s_n^2] / sigma^2 of a Gaussian refitted with the unbiased variance.

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples a generation, M; at least 2.

    Returns
    -------
    numpy.ndarray
        One at every generation (a martingale), although s_n itself tends to zero almost surely.

    Examples
    --------
    >>> float(variance_unbiased(100, 100))
    1.0
    """
    return np.ones_like(np.asarray(n, dtype=float)) + 0.0 / samples


def median_variance(n: ArrayLike, samples: int, unbiased: bool) -> np.ndarray:
    """Return the median of s_n^2 / sigma^2 of a Gaussian refitted on its own samples.

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples a generation, M; at least 2.
    unbiased : bool
        Whether the fit divides by M - 1 (True) or by M (False).

    Returns
    -------
    numpy.ndarray
        exp(n E[ln chi^2_{M-1} - ln k]) with k = M - 1 or M: about exp(-n/M), or exp(-2n/M) by maximum likelihood.
        The log of s_n^2 is a sum of n independent terms, so this is exact as n grows and close from n = 1.

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

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples a generation, M; at least 2.
    unbiased : bool
        Whether the fit divides by M - 1 (True) or by M (False).
    level : float
        Probability of a smaller value.

    Returns
    -------
    numpy.ndarray
        The log of s_n^2 taken as normal, with n times the mean and variance of ln chi^2_{M-1}; close from n = 1 for
        M >= 20, exact as n grows.

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

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples a generation, M.
    unbiased : bool
        Whether the fit divides by M - 1 (True) or by M (False).

    Returns
    -------
    numpy.ndarray
        1 + n/M with the unbiased variance; 1 by maximum likelihood, where the drift of the mean makes up exactly
        for the lost spread.

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

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples a generation, M; at least 2.
    unbiased : bool
        Whether the fit divides by M - 1 (True) or by M (False).

    Returns
    -------
    numpy.ndarray
        Exact: E[mean^2] + E[s^2] + 1 - 2 E[s]. For n << M this is 1.5 n/M; by maximum likelihood it tends to 2.

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

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples a generation, M.

    Returns
    -------
    numpy.ndarray
        1.5 n/M; holds for n << M.

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

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples that each generation adds, M; the first M are human.

    Returns
    -------
    numpy.ndarray
        The product over i <= n of (1 - 1/(i^2 M)), exact; it stays above 1 - (pi^2/6)/M for ever.

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

    Parameters
    ----------
    n : array_like of int
        Generation.
    samples : int
        Samples a generation, M.
    human : float
        Share of fresh human samples a; the rest is written by the model before.

    Returns
    -------
    numpy.ndarray
        1 - (1 - r^n) / (M (1 - r)) with r = (1-a)^2 - (1-a)/M, exact for maximum likelihood. With a = 0 this is
        (1 - 1/M)^n; with any a > 0 it stops falling at once.

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
