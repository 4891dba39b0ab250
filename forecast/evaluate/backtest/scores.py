"""Scores of predictive draws, after their definitions; how sure a comparison is, see `forecast.evaluate.backtest.comparison`.

Every score but the log score is negatively oriented (smaller is better). Draws are on the last axis; one weight per draw
makes any mixture a forecast. ``inf`` ("never") is a legal draw: quantiles, coverage and PIT take it as it is. The CRPS
of a forecast with mass at infinity is infinite, and so scores of years are taken of ``min(T, cap)``: give
``censored_at``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import logsumexp

from forecast.core.summaries import QUANTILE_LEVELS
from forecast.errors import InputError


def pooled(parts: Sequence[np.ndarray], weights: Sequence[float] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Put the draws of several forecasts together, each with its share however many draws it has.

    Examples
    --------
    >>> draws, weights = pooled([np.array([1.0, 2.0]), np.array([5.0])])
    >>> draws, weights
    (array([1., 2., 5.]), array([0.25, 0.25, 0.5 ]))
    """
    shares = np.ones(len(parts)) if weights is None else np.asarray(weights, dtype=float)
    shares = _weights(shares, (len(parts),))
    sizes = [part.shape[-1] for part in parts]
    return np.concatenate(parts, axis=-1), np.repeat(shares / sizes, sizes)


def crps(
    draws: np.ndarray,
    observed: np.ndarray | float,
    weights: np.ndarray | None = None,
    *,
    censored_at: float = np.inf,
) -> np.ndarray:
    r"""Return the continuous ranked probability score of the draws' own distribution.

    .. math:: \int (F(x) - 1\{y \le x\})^2 dx = E|X - y| - \tfrac12 E|X - X'|

    exactly, for the step function :math:`F` of the (weighted) draws: Gneiting & Raftery 2007,
    doi:10.1198/016214506000001437. With `censored_at` = c it is the score of min(X, c) against min(y, c), that is the
    integral up to c, and proper still; of what lies beyond c only whether it does counts, so that an event that has not
    happened by c is scored without waiting for it.

    Examples
    --------
    >>> float(crps(np.array([2029.0, 2031.0, np.inf]), 2030.0, censored_at=2050.0)).__round__(4)
    2.6667
    """
    x, y, w = _aligned(draws, observed, weights)
    x, y = np.minimum(x, censored_at), np.minimum(y, censored_at)[..., None]
    counts = w > 0
    with np.errstate(invalid="ignore"):
        infinite = np.any(counts & ~np.isfinite(x - y), axis=-1)
        deviation = np.where(np.isfinite(x - y), x - y, 0.0)  # from what came: years near 2000 would cancel badly
    same = np.all(~counts | (x == y), axis=-1)
    order = np.argsort(deviation, axis=-1)
    deviation, w = np.take_along_axis(deviation, order, -1), np.take_along_axis(w, order, -1)
    half_spread = np.sum(w * deviation * (2 * np.cumsum(w, axis=-1) - w - 1), axis=-1)
    score = np.maximum(np.sum(w * np.abs(deviation), axis=-1) - half_spread, 0.0)
    return np.where(infinite, np.where(same, 0.0, np.inf), score)[()]


def pinball(quantile: np.ndarray, observed: np.ndarray | float, level: np.ndarray | float) -> np.ndarray:
    r"""Return the pinball (quantile) loss, :math:`(1\{y < q\} - \tau)(q - y)`.

    Examples
    --------
    >>> float(pinball(2030.0, 2034.0, 0.9))
    3.6
    """
    q, y, tau = np.asarray(quantile, float), np.asarray(observed, float), np.asarray(level, float)
    with np.errstate(invalid="ignore"):
        loss = ((y < q) - tau) * (q - y)
    return np.where(q == y, 0.0, loss)[()]


def wis(quantiles: np.ndarray, levels: Sequence[float], observed: np.ndarray | float) -> np.ndarray:
    r"""Return the weighted interval score: the mean, over levels, of twice the pinball loss.

    For the median and K central intervals with the canonical weights this is the score of Bracher et al. 2021,
    doi:10.1371/journal.pcbi.1008618; the factor two puts it on the scale of the CRPS, which it nears as levels become
    many.

    Examples
    --------
    >>> float(wis(np.array([2028.0, 2030.0, 2033.0]), [0.1, 0.5, 0.9], 2031.0)).__round__(4)
    0.6667
    """
    q, tau = np.asarray(quantiles, float), np.asarray(levels, float)
    if tau.ndim != 1 or q.shape[-1:] != tau.shape or not np.all((tau > 0) & (tau < 1)):
        raise InputError(
            f"levels {list(levels)} for quantiles of shape {q.shape}",
            "one probability per quantile",
            "give as many levels as quantiles",
        )
    return 2 * np.mean(pinball(q, np.asarray(observed, float)[..., None], tau), axis=-1)


def weighted_quantiles(draws: np.ndarray, levels: Sequence[float], weights: np.ndarray | None = None) -> np.ndarray:
    """Return quantiles of weighted draws: values that were drawn, never an interpolation.

    Examples
    --------
    >>> weighted_quantiles(np.array([3.0, 1.0, np.inf]), [0.5, 0.9], np.array([1.0, 2.0, 1.0]))
    array([ 1., inf])
    """
    x, _, w = _aligned(draws, 0.0, weights)
    if weights is None:
        return np.moveaxis(np.quantile(x, levels, axis=-1, method="inverted_cdf"), 0, -1)
    found = np.quantile(x, levels, axis=-1, method="inverted_cdf", weights=w)
    return np.moveaxis(found, 0, -1)


def wis_of_draws(
    draws: np.ndarray,
    observed: np.ndarray | float,
    weights: np.ndarray | None = None,
    *,
    levels: Sequence[float] = QUANTILE_LEVELS,
    censored_at: float = np.inf,
) -> np.ndarray:
    """Return the weighted interval score of draws at the reported quantiles.

    Examples
    --------
    >>> float(wis_of_draws(np.array([2028.0, 2030.0, 2033.0]), 2031.0, levels=[0.1, 0.5, 0.9])).__round__(4)
    0.6667
    """
    cut = np.minimum(weighted_quantiles(draws, levels, weights), censored_at)
    return wis(cut, levels, np.minimum(observed, censored_at))


def log_score(log_densities: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the log of the predictive density of what came: log mean exp over draws. Larger is better.

    Examples
    --------
    >>> float(log_score(np.log([0.1, 0.3]))).__round__(4)
    -1.6094
    """
    values, _, w = _aligned(log_densities, 0.0, weights)
    return logsumexp(values, b=w, axis=-1)


def pit(
    draws: np.ndarray, observed: np.ndarray | float, rng: np.random.Generator, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return the probability integral transform: how much of the forecast lies below what came.

    At ties, as at a shared "never" or a point mass, it is drawn evenly between the share below and the share up to it:
    a right forecast gives uniform values then, too (Czado, Gneiting & Held 2009,
    doi:10.1111/j.1541-0420.2009.01191.x).

    Examples
    --------
    >>> float(pit(np.array([2028.0, 2030.0, 2033.0, np.inf]), 2031.0, np.random.default_rng(1)))
    0.5
    """
    x, y, w = _aligned(draws, observed, weights)
    below = np.sum(w * (x < y[..., None]), axis=-1)
    equal = np.sum(w * (x == y[..., None]), axis=-1)
    return np.clip(below + rng.uniform(size=y.shape) * equal, 0.0, 1.0)[()]


def covered(
    draws: np.ndarray, observed: np.ndarray | float, level: float, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return whether equal-tailed intervals, as they are reported, hold what came.

    Examples
    --------
    >>> bool(covered(np.arange(2001.0, 2101.0), 2010.0, 0.8)), bool(covered(np.arange(2001.0, 2101.0), 2009.0, 0.8))
    (True, False)
    """
    tails = [round((1 - level) / 2, 12), round((1 + level) / 2, 12)]
    ends = weighted_quantiles(draws, tails, weights)
    y = np.asarray(observed, float)
    return ((ends[..., 0] <= y) & (y <= ends[..., 1]))[()]


def _aligned(
    draws: np.ndarray, observed: np.ndarray | float, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return draws, what came, and weights that sum to 1, in shapes that fit."""
    x, y = np.asarray(draws, dtype=float), np.asarray(observed, dtype=float)
    if x.ndim == 0 or x.shape[-1] == 0:
        raise InputError(f"draws of shape {x.shape}", "at least one draw on the last axis", "give the draws")
    if np.isnan(x).any() or np.isnan(y).any():
        raise InputError("NaN among draws or observations", "numbers, inf for never", "score what was computed")
    try:
        x, y_full = np.broadcast_arrays(x, y[..., None])
    except ValueError:
        raise InputError(
            f"draws of shape {x.shape} for observations of shape {y.shape}",
            "draws on a last axis",
            "give each observation its own draws",
        ) from None
    return x, y_full[..., 0], _weights(np.ones(x.shape[-1]) if weights is None else weights, x.shape)


def _weights(weights: Any, shape: tuple[int, ...]) -> np.ndarray:
    given = np.asarray(weights, dtype=float)
    try:
        w = np.broadcast_to(given, shape)
    except ValueError:
        raise InputError(f"weights of shape {given.shape}", f"shape {shape} or its last part", "align them") from None
    total = w.sum(axis=-1, keepdims=True)
    if not (np.isfinite(w).all() and (w >= 0).all() and (total > 0).all()):
        raise InputError(
            "weights that are no shares",
            "numbers from 0 on, not all 0",
            "give weights of 0 or more, at least one above 0",
        )
    return w / total
