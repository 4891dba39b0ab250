"""Closed forms about models that are trained on models, each with the condition under which it holds.

Generations are counted by fits: generation 0 is the truth, generation 1 the first fit, made on human data, and
generation n has been fitted n times. Functions take a generation or an array of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln, ndtri, polygamma

ACCUMULATE_LIMIT = np.pi**2 / 6
"""Limit of 1 + 1/4 + 1/9 + ...: how far accumulating can raise the error over generation 1 (no unit)."""


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


def regression_unit(dimension: int, samples: int, noise: float = 1.0) -> float:
    """Return the test error of least squares on human labels, the unit of the regression experiment.

    Parameters
    ----------
    dimension : int
        Number of coefficients, d.
    samples : int
        Labelled samples, T; at least d + 2.
    noise : float, default 1
        Standard deviation of the labels.

    Returns
    -------
    float
        sigma^2 d / (T - d - 1); exact for x ~ N(0, I).

    Examples
    --------
    >>> regression_unit(10, 111)
    0.1
    """
    return noise**2 * dimension / (samples - dimension - 1)


def regression_replace(n: ArrayLike) -> np.ndarray:
    """Return the test error of regression on the last generation's labels, in units of generation 1.

    Parameters
    ----------
    n : array_like of int
        Generation.

    Returns
    -------
    numpy.ndarray
        n: each round adds the same error, without end (same x relabelled each round).

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

    Parameters
    ----------
    n : array_like of int
        Generation.

    Returns
    -------
    numpy.ndarray
        The sum over i <= n of 1/i^2, never above pi^2/6 = 1.645.

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

    Parameters
    ----------
    n : array_like of int
        Generation.
    human : float
        Share of fresh human samples a; the rest is labelled by the model before.

    Returns
    -------
    numpy.ndarray
        (1 - (1-a)^2n) / (1 - (1-a)^2), to first order in d/T; n where a = 0.

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

    Parameters
    ----------
    samples : array_like
        Labelled samples in all, n (noise variance 1).
    dimension : int
        Number of coefficients, d.
    synthetic : float
        Share of shifted samples, p2.
    shift : float, default 1
        Mean squared shift of the coefficients, c^2 (the trace of Sigma Delta over d).

    Returns
    -------
    numpy.ndarray
        d/n + p2^2 c^2: more data of the same mix never gets below p2^2 c^2. Holds where d/n is small.

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

    Parameters
    ----------
    error : array_like
        Share of wrong labels before the filter, p.
    keep_right, keep_wrong : float
        P(kept | right) and P(kept | wrong).

    Returns
    -------
    numpy.ndarray
        phi (1-p) / (phi (1-p) + psi p), one half at the break-even error.

    Examples
    --------
    >>> float(right_after_filter(0.75, 0.9, 0.3).round(3))
    0.5
    """
    error = np.asarray(error, dtype=float)
    return keep_right * (1 - error) / (keep_right * (1 - error) + keep_wrong * error)


def classifier_accuracy(right: ArrayLike, samples: int, dimension: int) -> np.ndarray:
    """Return the accuracy of a linear classifier averaged from labels of which a share is right.

    Parameters
    ----------
    right : array_like
        Share of right labels.
    samples : int
        Labelled samples.
    dimension : int
        Number of coefficients; x ~ N(0, I) and the truth is the sign of a fixed direction.

    Returns
    -------
    numpy.ndarray
        1 - angle/pi with tan(angle) = sqrt((d-1)/samples) / ((2 right - 1) sqrt(2/pi)): a step from 1 to 0 at
        right = 1/2 as the samples grow. To first order in d/samples.

    Examples
    --------
    >>> classifier_accuracy([1.0, 0.5, 0.0], 10**6, 10).round(2).tolist()
    [1.0, 0.5, 0.0]
    """
    signal = (2 * np.asarray(right, dtype=float) - 1) * np.sqrt(2 / np.pi)
    return 1 - np.arctan2(np.sqrt((dimension - 1) / samples), signal) / np.pi


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


def _expected_sd(samples: int) -> float:
    freedom = samples - 1
    return float(np.exp(gammaln(samples / 2) - gammaln(freedom / 2)) * np.sqrt(2 / freedom))
