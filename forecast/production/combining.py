"""How several measurements of one stock are combined when some of them share their inputs.

On the log10 scale a measurement is the stock, plus what its lineage shares, plus what is its own:

    y_j = theta + b_l + e_l + c_j,    b_l ~ N(0, tau^2),  e_l ~ N(0, s_l^2),  c_j ~ N(0, omega^2 + 0.02^2)

with lineage bias b, the error s that the lineage's figures state (root mean square), and own bias c. Bias *and* stated
error are shared within a lineage: whoever repeats another's inputs repeats his error, so that a copy adds nothing but
a second reading of the same number. tau and omega have half-normal priors and are on a grid of points of equal prior
probability; given them all is Gaussian and exact. A lower bound m is a factor

    Phi((theta + b_l - y_m) / sqrt(s_m^2 + omega^2 + 0.02^2)),

of several with one lineage the tightest counts (their errors are one), and these factors weigh the draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.errors import InputError, ModelError

PRIOR_MEAN, PRIOR_SD = 14.5, 1.0
"""Prior of log10 raw tokens in 2024 (log10). Judgement: 3.5e12 to 2.9e16 at 95 %, from the largest filtered corpora to
several times all that people have written online, messages included (Villalobos et al. 2024: up to 5.2e15)."""

LINEAGE_SCALE = 0.30
"""Scale of the half-normal prior of the lineages' biases (log10). Judgement: careful counts of one quantity by different
routes often lie a factor of two apart; a factor of four at 95 % of this prior's spread."""

OWN_SCALE = 0.10
"""Scale of the half-normal prior of own biases (log10). Judgement: those who use the same inputs mostly differ by 25 %."""

ROUNDING_SD = 0.02
"""Published figures have two digits (log10)."""

GRID_POINTS = 16
"""Values of each scale."""

CANDIDATES_A_DRAW = 4
"""Candidates that are weighed for each draw that is kept."""

LEAST_EFFECTIVE_SHARE = 0.05
"""Below this effective share of the candidates the bounds contradict the estimates, and nothing is returned."""


@dataclass(frozen=True)
class Measurement:
    """One statement about the stock.

    Parameters
    ----------
    name : str
        Its name.
    lineage : str
        Whose inputs it shares.
    kind : {"estimate", "lower bound"}
        What it says.
    mean, sd : float
        Its value and the error that it states (log10).
    """

    name: str
    lineage: str
    kind: Literal["estimate", "lower bound"]
    mean: float
    sd: float


@dataclass(frozen=True)
class Combined:
    """The posterior of a stock, by draws.

    Parameters
    ----------
    level : array, shape (draw,)
        log10 of the stock.
    biases : dict of str to array
        Bias of each lineage, shape (draw,), log10.
    lineage_sd, own_sd : array, shape (draw,)
        The two scales (log10).
    effective : float
        Effective sample size of the weighing by lower bounds, as a share of the candidates.
    """

    level: np.ndarray
    biases: dict[str, np.ndarray]
    lineage_sd: np.ndarray
    own_sd: np.ndarray
    effective: float


def combine(
    measurements: Sequence[Measurement],
    rng: np.random.Generator,
    size: int,
    *,
    lineage_scale: float = LINEAGE_SCALE,
    own_scale: float = OWN_SCALE,
    prior: tuple[float, float] = (PRIOR_MEAN, PRIOR_SD),
) -> Combined:
    """Combine measurements of one stock.

    Examples
    --------
    >>> one = Measurement("one", "mine", "estimate", 15.0, 0.1)
    >>> found = combine([one], np.random.default_rng(1), 4000, lineage_scale=0.0, own_scale=0.0)
    >>> abs(float(found.level.mean()) - 15.0) < 0.01
    True
    """
    estimates = [one for one in measurements if one.kind == "estimate"]
    if not estimates:
        raise InputError("no estimate of the stock", "at least one", "leave fewer out")
    candidates = CANDIDATES_A_DRAW * size
    drawn = _without_bounds(estimates, measurements, rng, candidates, lineage_scale, own_scale, prior)
    weights = _bound_weights(drawn, [one for one in measurements if one.kind == "lower bound"])
    effective = float(weights.sum() ** 2 / (weights @ weights) / candidates) if weights.any() else 0.0
    if effective < LEAST_EFFECTIVE_SHARE:
        raise ModelError(
            f"lower bounds that leave {effective:.1%} of what the estimates say",
            f"at least {LEAST_EFFECTIVE_SHARE:.0%}",
            "look for the bound or the estimate that is wrong, and leave it out",
        )
    return _chosen(drawn, _systematic(weights, rng, size), effective)


def conflict(
    measurement: Measurement,
    measurements: Sequence[Measurement],
    rng: np.random.Generator,
    size: int,
    *,
    lineage_scale: float = LINEAGE_SCALE,
    own_scale: float = OWN_SCALE,
    prior: tuple[float, float] = (PRIOR_MEAN, PRIOR_SD),
) -> float:
    """Return the prior-data conflict of a measurement: how odd its value is, given all other lineages.

    Its own lineage is left out whole, because a copy never contradicts its original.
    """
    others = [one for one in measurements if one.lineage != measurement.lineage]
    if any(one.kind == "estimate" for one in others):
        found = combine(others, rng, size, lineage_scale=lineage_scale, own_scale=own_scale, prior=prior)
        level, lineage_sd, own_sd = found.level, found.lineage_sd, found.own_sd
    else:
        level = rng.normal(*prior, size)
        lineage_sd, own_sd = (rng.choice(_grid(scale), size) for scale in (lineage_scale, own_scale))
    sd = np.sqrt(lineage_sd**2 + own_sd**2 + ROUNDING_SD**2 + measurement.sd**2)
    below = float(ndtr((measurement.mean - level) / sd).mean())
    return 1 - below if measurement.kind == "lower bound" else 2 * min(below, 1 - below)


def _grid(scale: float) -> np.ndarray:
    """Return points of equal probability of a half-normal law."""
    return np.asarray(scale * ndtri(0.5 + (np.arange(GRID_POINTS) + 0.5) / (2 * GRID_POINTS)))


def _without_bounds(
    estimates: Sequence[Measurement],
    measurements: Sequence[Measurement],
    rng: np.random.Generator,
    size: int,
    lineage_scale: float,
    own_scale: float,
    prior: tuple[float, float],
) -> Combined:
    """Draw from the posterior of the estimates alone; lineages without an estimate keep their prior."""
    lineages = list(dict.fromkeys(one.lineage for one in measurements))
    member = np.array([[one.lineage == lineage for lineage in lineages] for one in estimates], dtype=float)
    values = np.array([one.mean for one in estimates])
    stated = np.array([one.sd for one in estimates]) ** 2
    counts = member.sum(axis=0)
    shared = np.where(counts > 0, (stated @ member) / np.maximum(counts, 1), 0.0)

    tau, omega = (grid.ravel() for grid in np.meshgrid(_grid(lineage_scale), _grid(own_scale)))
    # Latent: the stock, then one bias a lineage; all measurements are linear in them.
    design = np.column_stack([np.ones(len(values)), member])
    latent = np.zeros((len(tau), 1 + len(lineages)))
    latent[:, 0], latent[:, 1:] = prior[1] ** 2, tau[:, None] ** 2
    own = omega**2 + ROUNDING_SD**2
    covariance = (design * latent[:, None, :]) @ design.T + (member * shared) @ member.T
    covariance += own[:, None, None] * np.eye(len(values))
    cross = latent[:, :, None] * design.T
    gain = np.swapaxes(np.linalg.solve(covariance, np.swapaxes(cross, 1, 2)), 1, 2)
    residual = values - prior[0]
    mean = gain @ residual
    mean[:, 0] += prior[0]
    spread = latent[:, :, None] * np.eye(1 + len(lineages)) - gain @ np.swapaxes(cross, 1, 2)
    factor = np.linalg.cholesky(spread + 1e-10 * np.eye(1 + len(lineages)))

    distance = np.einsum(
        "j,cj->c", residual, np.linalg.solve(covariance, np.tile(residual, (len(tau), 1))[..., None])[..., 0]
    )
    evidence = -0.5 * (distance + np.linalg.slogdet(covariance)[1])
    cell = _systematic(np.exp(evidence - evidence.max()), rng, size)
    drawn = mean[cell] + np.einsum("dij,dj->di", factor[cell], rng.standard_normal((size, 1 + len(lineages))))
    biases = {lineage: drawn[:, 1 + index] for index, lineage in enumerate(lineages)}
    return Combined(drawn[:, 0], biases, tau[cell], omega[cell], 1.0)


def _bound_weights(drawn: Combined, bounds: Sequence[Measurement]) -> np.ndarray:
    """Return for each draw the probability that all lower bounds hold."""
    weights = np.ones_like(drawn.level)
    for lineage in dict.fromkeys(one.lineage for one in bounds):
        holds = [
            ndtr(
                (drawn.level + drawn.biases[lineage] - one.mean) / np.sqrt(one.sd**2 + drawn.own_sd**2 + ROUNDING_SD**2)
            )
            for one in bounds
            if one.lineage == lineage
        ]
        weights = weights * np.min(holds, axis=0)
    return np.asarray(weights)


def _chosen(drawn: Combined, index: np.ndarray, effective: float) -> Combined:
    return Combined(
        drawn.level[index],
        {lineage: bias[index] for lineage, bias in drawn.biases.items()},
        drawn.lineage_sd[index],
        drawn.own_sd[index],
        effective,
    )


def _systematic(weights: np.ndarray, rng: np.random.Generator, size: int) -> np.ndarray:
    """Choose by weight with one random number, in random order: less noise than independent choices."""
    edges = np.cumsum(weights) / weights.sum()
    chosen = np.searchsorted(edges, (np.arange(size) + rng.uniform()) / size)
    return rng.permutation(np.minimum(chosen, len(weights) - 1))
