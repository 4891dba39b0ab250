r"""The observation law: how the largest published corpora of a half-year lie below the frontier.

The frontier F is an upper end, so the deficits e = F - x of what is published are positive. Seen from the end, the
largest values of a half-year form a Poisson process whose mean number of corpora with a deficit below e is
:math:`c\,(e/s)^{\alpha}`: *spread* s (log10 units) is the typical distance of the best corpus from the frontier,
*shape* :math:`\alpha \ge 1` says how sparse it is close to it, and c is the share of the half-year that has been
seen. This is the r-largest law of extreme-value theory with a finite end (generalised extreme value with shape
:math:`-1/\alpha`); see Coles (2001), doi:10.1007/978-1-4471-3675-0, chapter 3.

A published size carries an error of standard deviation sd, so what is seen are displaced points, and displaced
points of a Poisson process form a Poisson process again (Kingman 1993, *Poisson Processes*, chapter 5). With
:math:`Y \sim N(F - x, sd^2)` its intensity at x and its mean number of points above x are

.. math:: \lambda(x) = \frac{c\,\alpha}{s^{\alpha}}\,E[Y_+^{\alpha-1}], \qquad
          \Lambda(x) = \frac{c}{s^{\alpha}}\,E[Y_+^{\alpha}],

and the r largest *observed* sizes have the density :math:`\exp\{-\Lambda(x_r)\} \prod_{i \le r} \lambda(x_i)`. That the
largest published numbers are partly the largest errors (the winner's curse) is in the law, not corrected afterwards.
Within a half-year F grows: each :math:`\lambda` is taken at its row's date, :math:`\Lambda` as the mean over what has been
seen of the half-year. (Taken at one row's date it would not be a density: growth after that date would raise the others
without limit.)
Where the rows of a block differ in sd, each uses its own, and their root mean square is used for what was not seen.

The moments come from those of whole order, which are known in closed form; they are exact at orders 0 to 3, and within
0.74 % below order 3 and 2.4 % at order 4. Beyond, they would run away with the order, and a frontier of any height would
have a density beyond all bounds: a shape above 4 is read as 4. The probability that Y is positive,
Phi((F - x)/sd), is part of them; it makes each row, and so the record, a lower bound as hard as its measurement.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erfcx

RUNNERS_UP = 6
"""Further corpora that are drawn below the largest true ones, since an error may lift them above (count)."""

SMALLEST_ERROR = 0.02
"""Floor of the error of any published size (log10 units, 5 %): rounding to two digits in a model card."""

LARGEST_SHAPE = 4.0
"""Shape from which on corpora are no sparser close to the frontier (no unit): 0.6 % of its prior lie above."""

SEEN_AT, SEEN_WEIGHT = (1 / 3, 1.0), (0.75, 0.25)
"""Where in the seen part of a half-year its mean is taken, and with which weights (shares): Radau's rule, exact for a
quadratic. The end is one of the places, so that no row is published under a higher frontier than the mean knows."""

DIGITS_END = -500.0
"""Standard deviations below zero from which an exponential is nearer than differences of nearly equal numbers (no unit)."""


def seen_positions(exposure: Any) -> Any:
    """Return where in its half-years the frontier is averaged (shares of a half-year), shape (block, place).

    Examples
    --------
    >>> seen_positions(np.array([1.0, 0.3])).round(2).tolist()
    [[0.33, 1.0], [0.1, 0.3]]
    """
    return exposure[:, None] * np.array(SEEN_AT)


def along(frontier: Any, position: Any) -> Any:
    """Return the frontier between its knots, at positions (shares of a half-year), shape (..., block, position)."""
    return frontier[..., :-1, None] * (1 - position) + frontier[..., 1:, None] * position


def log_density(
    frontier: Any,
    size: Any,
    sd: Any,
    observed: Any,
    exposure: Any,
    spread: Any,
    shape: Any,
    math: Any = None,
    within: Any = None,
) -> Any:
    """Return the log density of the largest corpora given the frontier at their dates.

    `within` is the frontier at `seen_positions`; without it, it is taken to stay where it was at the smallest row's date.

    Examples
    --------
    >>> far = log_density(np.array([[13.0]]), np.array([[12.5]]), np.array([[0.04]]), np.ones((1, 1)), np.ones(1), 0.4, 2.0)
    >>> above = log_density(np.array([[12.4]]), np.array([[12.5]]), np.array([[0.04]]), np.ones((1, 1)), np.ones(1), 0.4, 2.0)
    >>> bool(far[0] > above[0])
    True
    """
    xp = np if math is None else math
    error = xp.sqrt(sd**2 + SMALLEST_ERROR**2)
    used = observed * (exposure > 0)[:, None]
    # Further columns stand for what was not seen: below the smallest row, with an error as is usual in the block.
    count = xp.sum(used, axis=-1)
    usual = xp.sqrt(xp.sum(used * error**2, axis=-1) / xp.maximum(count, 1.0) + SMALLEST_ERROR**2 * (count <= 0))
    smallest = used * (size <= xp.min(xp.where(used > 0, size, np.inf), axis=-1)[:, None])
    smallest = smallest / xp.maximum(xp.sum(smallest, axis=-1), 1.0)[:, None]
    gap = frontier - size
    if within is None:
        to_smallest, weight = xp.sum(gap * smallest, axis=-1)[..., None], np.ones(1)
    else:
        to_smallest, weight = (
            (within - xp.sum(size * smallest, axis=-1)[:, None]) * (count > 0)[:, None],
            np.array(SEEN_WEIGHT),
        )
    if math is None:
        spread, shape = (np.asarray(value, dtype=float)[..., None, None] for value in (spread, shape))
    shape, unseen = xp.minimum(shape, LARGEST_SHAPE), len(weight)
    gaps = xp.concatenate([gap, to_smallest], axis=-1)
    errors = xp.concatenate([error, usual[:, None] * np.ones(unseen)], axis=-1)
    is_row = xp.concatenate([xp.ones_like(error[:1]), np.zeros((1, unseen))], axis=-1)
    log_moment = log_positive_moment(gaps, errors, shape - is_row, math) - shape * xp.log(spread)
    intensity = xp.log(xp.maximum(exposure, 1e-9))[:, None] + xp.log(shape) + log_moment[..., :-unseen]
    expected = xp.sum(weight * xp.exp(log_moment[..., -unseen:]), axis=-1)
    return xp.sum(used * intensity, axis=-1) - exposure * (count > 0) * expected


def log_positive_moment(mean: Any, sd: Any, power: Any, math: Any = None) -> Any:
    """Return log E[max(Y, 0)^p] of a normal Y.

    Examples
    --------
    >>> float(np.exp(log_positive_moment(0.0, 1.0, 1.0)).round(6)), round(1 / float(np.sqrt(2 * np.pi)), 6)
    (0.398942, 0.398942)
    """
    xp = np if math is None else math
    z = mean / sd
    log_positive, hazard = _normal_tail(z, math)
    # In units of sd, given that Y is positive; far below zero its distribution is exponential with mean 1/|z|.
    lost, limit = z < DIGITS_END, 1.0 / xp.maximum(-z, -DIGITS_END)
    first = xp.where(lost, limit, xp.maximum(z + hazard, 1e-9))
    variance = xp.where(lost, limit**2, xp.maximum(1.0 - hazard * first, 1e-4 * first**2))
    k, scale = first**2 / variance, variance / first
    middle = k + (power - 1) / 2  # log Gamma(k + p) - log Gamma(k), exact for p = 0 to 3
    gamma = power * xp.log(scale * middle) + xp.log1p(-power * (power**2 - 1) / (24 * middle**2))
    # What the gamma of equal mean and variance lacks at p = 3 and 4, read off between. Below -30 it lacks nothing, and
    # the recursion of the moments would lose its digits.
    second = 1.0 + z * first
    third = z * second + 2 * first
    fourth = z * third + 3 * second
    far = z < -30
    of_gamma = k * (k + 1) * (k + 2) * scale**3
    lacks_3 = xp.log(xp.where(far, 1.0, third / of_gamma)) / 6
    lacks_4 = xp.log(xp.where(far, 1.0, fourth / (of_gamma * (k + 3) * scale))) / 24
    rest = power * (power - 1) * (power - 2) * (lacks_3 + (lacks_4 - lacks_3) * (power - 3))
    return log_positive + power * xp.log(sd) + gamma + rest


def expected_deficit(gap: np.ndarray, sd: float, shape: np.ndarray) -> np.ndarray:
    """Return how far below the frontier a row truly lies, expected given how far below it was published.

    Examples
    --------
    >>> expected_deficit(np.array([0.5]), 0.01, np.array([1.0])).round(3).tolist()
    [0.5]
    """
    shape = np.minimum(shape, LARGEST_SHAPE)
    return np.asarray(np.exp(log_positive_moment(gap, sd, shape) - log_positive_moment(gap, sd, shape - 1)))


def _normal_tail(z: Any, math: Any = None) -> tuple[Any, Any]:
    """Return log Phi(z) and phi(z) / Phi(z) from one special function, finite far out in the tail."""
    xp = np if math is None else math
    # Above 30 a normal is positive as good as surely, and erfcx would overflow.
    capped = xp.minimum(z, 30.0)
    scaled = (erfcx if math is None else math.erfcx)(-capped / np.sqrt(2.0))
    return xp.log(scaled / 2) - capped**2 / 2, np.sqrt(2 / np.pi) / scaled


def log_normal_cdf(z: Any, math: Any = None) -> Any:
    """Return log Phi(z), with a gradient that stays finite far out in the tail."""
    return _normal_tail(z, math)[0]


def simulate_largest(
    frontier: np.ndarray, exposure: np.ndarray, spread: np.ndarray, shape: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw the largest corpora of each block given the frontier."""
    arrivals, shape = np.cumsum(rng.exponential(size=frontier.shape), axis=-1), np.minimum(shape, LARGEST_SHAPE)
    with np.errstate(divide="ignore"):
        deficits = spread[:, None, None] * (arrivals / exposure[None, :, None]) ** (1 / shape[:, None, None])
    return frontier - deficits


def simulate_published(
    frontier: np.ndarray,
    exposure: np.ndarray,
    sd: np.ndarray,
    spread: np.ndarray,
    shape: np.ndarray,
    rng: np.random.Generator,
    largest: int = 1,
) -> np.ndarray:
    """Draw the largest published sizes of each block, measurement error included."""
    rows = np.repeat(frontier[:, :, None], largest + RUNNERS_UP, axis=2)
    true = simulate_largest(rows, exposure, spread, shape, rng)
    error = np.hypot(sd, SMALLEST_ERROR)[None, :, None]
    published = true + error * rng.standard_normal(true.shape)
    return -np.sort(-published, axis=-1)[..., :largest]
