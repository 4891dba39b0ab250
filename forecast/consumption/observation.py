r"""The observation law: how the largest published corpora of a half-year lie below the frontier.

The frontier F is an upper end, so the deficits e = F - x of what is published are positive. Seen from the end, the
largest values of a half-year form a Poisson process whose mean number of corpora with a deficit below e is
:math:`c\,(e/s)^{\alpha}`: *spread* s (log10 units) is the typical distance of the best corpus from the frontier,
*shape* :math:`\alpha \ge 1` says how sparse it is close to it, and c is the share of the half-year that has been
seen. The r smallest deficits then have the joint density

.. math:: \exp\{-c\,(e_r/s)^{\alpha}\} \prod_{i \le r} c\,\frac{\alpha}{s}\left(\frac{e_i}{s}\right)^{\alpha-1},

the r-largest law of extreme-value theory with a finite end (generalised extreme value with shape
:math:`-1/\alpha`); see Coles (2001), doi:10.1007/978-1-4471-3675-0, chapter 3.

A published size carries an error of standard deviation sd. Given the size, the deficit is a normal truncated to
positive values; its probability of being positive, Phi((F - x)/sd), makes each row, and so the record, a lower
bound of the frontier that is as hard as its measurement, and its mean takes the place of e in the law.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import log_ndtr

SMALLEST_ERROR = 0.02
"""Floor of the error of any published size (log10 units, 5 %): rounding to two digits in a model card."""


def log_density(
    frontier: Any, size: Any, sd: Any, observed: Any, exposure: Any, spread: Any, shape: Any, math: Any = None
) -> Any:
    """Return the log density of the largest corpora given the frontier at their dates.

    Parameters
    ----------
    frontier : array or tensor, shape (..., block, row)
        log10 frontier at each row's date.
    size, sd, observed : array or tensor, shape (block, row)
        log10 size, its standard deviation, 1 where there is a row.
    exposure : array or tensor, shape (block,)
        Share of each block that has been seen; 0 leaves a block out.
    spread, shape : float, tensor or array, shape (...)
        The law's parameters (log10 units; no unit), with the leading dims of `frontier`.
    math : module, optional
        ``pytensor.tensor`` inside a model, else NumPy.

    Returns
    -------
    array or tensor, shape (..., block)
        Log density by block.

    Examples
    --------
    >>> far = log_density(np.array([[13.0]]), np.array([[12.5]]), np.array([[0.04]]), np.ones((1, 1)), np.ones(1), 0.4, 2.0)
    >>> above = log_density(np.array([[12.4]]), np.array([[12.5]]), np.array([[0.04]]), np.ones((1, 1)), np.ones(1), 0.4, 2.0)
    >>> bool(far[0] > above[0])
    True
    """
    xp = np if math is None else math
    error = xp.sqrt(sd**2 + SMALLEST_ERROR**2)
    standardised = (frontier - size) / error
    log_positive = log_ndtr(standardised) if math is None else _log_ndtr_tensor(standardised)
    inverse_mills = xp.exp(-0.5 * standardised**2 - 0.5 * np.log(2 * np.pi) - log_positive)
    deficit = frontier - size + error * inverse_mills  # mean of the normal truncated to positive deficits
    used = observed * (exposure > 0)[:, None]
    by_row, by_block = shape, shape
    if math is None and np.ndim(shape):
        by_block = np.asarray(shape)[..., None]
        by_row, spread = by_block[..., None], np.asarray(spread)[..., None, None]
    scaled = deficit / spread
    row = xp.log(xp.maximum(exposure, 1e-9))[:, None] + xp.log(by_row / spread) + (by_row - 1) * xp.log(scaled)
    farthest = xp.max(xp.where(used > 0, scaled, 0.0), axis=-1)
    return xp.sum(used * (row + log_positive), axis=-1) - exposure * farthest**by_block


def simulate_largest(
    frontier: np.ndarray, exposure: np.ndarray, spread: np.ndarray, shape: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw the largest corpora of each block given the frontier.

    Parameters
    ----------
    frontier : array, shape (draw, block, row)
        log10 frontier at the rows' dates; the last axis holds the r largest, largest first.
    exposure : array, shape (block,)
        Share of each block that is seen.
    spread, shape : array, shape (draw,)
        The law's parameters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray
        log10 sizes, shape (draw, block, row); each is below the frontier.
    """
    arrivals = np.cumsum(rng.exponential(size=frontier.shape), axis=-1)
    with np.errstate(divide="ignore"):
        deficits = spread[:, None, None] * (arrivals / exposure[None, :, None]) ** (1 / shape[:, None, None])
    return frontier - deficits


def _log_ndtr_tensor(x: Any) -> Any:
    """Return log Phi(x) with a gradient that stays finite far out in the tail."""
    import pymc as pm

    return pm.logcdf(pm.Normal.dist(0.0, 1.0), x)
