"""How several measurements of one stock are combined when some of them share their inputs.

On the log10 scale there are two layers, the raw stock theta and what a strict filter leaves of it, theta + q, with the
usable share q. A measurement is the layer at which it was made, plus what its lineage shares, plus what is its own:

    y_j = x_j + d_j a + b_l + e_l + c_j,    x_j = theta, theta + q or q,
    b_l ~ N(0, tau^2),  e_l ~ N(0, s_l^2),  c_j ~ N(0, omega^2 + 0.02^2),  a ~ N(0, 1)

with lineage bias b, the error s that the lineage's figures state (root mean square), own bias c, and the error d of the
one conversion of pages to tokens that lineages have in common. Bias *and* stated error are shared within a lineage:
whoever repeats another's inputs repeats his error, so that a copy adds nothing but a second reading of the same number.
tau and omega have half-normal priors and are on a grid of points of equal prior probability; given them all is Gaussian
and exact. A lower bound m is a factor

    Phi((x_m + d_m a + b_l - y_m) / sqrt(s_m^2 + omega^2 + 0.02^2)),

an upper bound the same of the opposite sign; of several of one kind, layer and lineage the tightest counts (their errors
are one), and these factors weigh the draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.core.distributions import LogNormal
from forecast.errors import InputError, ModelError

PRIOR_MEAN, PRIOR_SD = 14.5, 1.0
"""Prior of log10 raw tokens in 2024 (log10). Judgement: 3.5e12 to 2.9e16 at 95 %, from the largest filtered corpora to
several times all that people have written online, messages included (Villalobos et al. 2024: up to 5.2e15)."""

USABLE_SHARE = LogNormal.from_interval(0.10, 0.40, 0.95)
"""Prior of the share of raw text that a strict filter leaves (fraction): Villalobos et al. 2024, arXiv 2211.04325v2."""

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


Kind = Literal["estimate", "lower bound", "upper bound"]
"""What a measurement says of its layer."""

Layer = Literal["raw", "after_quality_filter", "usable_share"]
"""What a measurement is of: the raw stock, what a strict filter leaves of it, or the share that it leaves."""

_OF: Mapping[str, tuple[float, float]] = {
    "raw": (1.0, 0.0), "after_quality_filter": (1.0, 1.0), "usable_share": (0.0, 1.0)
}  # fmt: skip
"""Weights of raw stock and usable share (log10) in each layer."""


@dataclass(frozen=True)
class Measurement:
    """One statement about the stock.

    Parameters
    ----------
    name : str
        Its name.
    lineage : str
        Whose inputs it shares.
    kind : {"estimate", "lower bound", "upper bound"}
        What it says.
    mean, sd : float
        Its value and the error that it states, the shared conversion left out (log10).
    layer : {"raw", "after_quality_filter", "usable_share"}
        What it was measured of.
    conversion_sd : float
        Error of a conversion that other lineages share with it (log10).
    publisher : str
        Who published it, where that is not the lineage.
    """

    name: str
    lineage: str
    kind: Kind
    mean: float
    sd: float
    layer: Layer = "raw"
    conversion_sd: float = 0.0
    publisher: str = ""


@dataclass(frozen=True)
class Combined:
    """The posterior of a stock, by draws.

    Parameters
    ----------
    level : array, shape (draw,)
        log10 of the raw stock.
    share : array, shape (draw,)
        log10 of the share that a strict filter leaves.
    conversion : array, shape (draw,)
        Error of the shared conversion, in units of its sd.
    biases : dict of str to array
        Bias of each lineage, shape (draw,), log10.
    lineage_sd, own_sd : array, shape (draw,)
        The two scales (log10).
    effective : float
        Effective sample size of the weighing by bounds, as a share of the candidates.
    """

    level: np.ndarray
    share: np.ndarray
    conversion: np.ndarray
    biases: dict[str, np.ndarray]
    lineage_sd: np.ndarray
    own_sd: np.ndarray
    effective: float

    def at(self, layer: Layer) -> np.ndarray:
        """Return log10 of a layer, shape (draw,)."""
        of_stock, of_share = _OF[layer]
        return of_stock * self.level + of_share * self.share

    def chosen(self, index: np.ndarray, effective: float) -> Combined:
        """Return some of the draws."""
        return Combined(
            self.level[index],
            self.share[index],
            self.conversion[index],
            {lineage: bias[index] for lineage, bias in self.biases.items()},
            self.lineage_sd[index],
            self.own_sd[index],
            effective,
        )


def combine(
    measurements: Sequence[Measurement],
    rng: np.random.Generator,
    size: int,
    *,
    lineage_scale: float = LINEAGE_SCALE,
    own_scale: float = OWN_SCALE,
    prior: tuple[float, float] = (PRIOR_MEAN, PRIOR_SD),
    share: LogNormal = USABLE_SHARE,
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
    lineages = tuple(dict.fromkeys(one.lineage for one in measurements))
    drawn = _without_bounds(estimates, lineages, rng, candidates, (lineage_scale, own_scale), (prior, _moments(share)))
    weights = _bound_weights(drawn, [one for one in measurements if one.kind != "estimate"])
    effective = float(weights.sum() ** 2 / (weights @ weights) / candidates) if weights.any() else 0.0
    if effective < LEAST_EFFECTIVE_SHARE:
        raise ModelError(
            f"bounds that leave {effective:.1%} of what the estimates say",
            f"at least {LEAST_EFFECTIVE_SHARE:.0%}",
            "look for the bound or the estimate that is wrong, and leave it out",
        )
    return drawn.chosen(_systematic(weights, rng, size), effective)


def conflict(
    measurement: Measurement,
    measurements: Sequence[Measurement],
    rng: np.random.Generator,
    size: int,
    *,
    lineage_scale: float = LINEAGE_SCALE,
    own_scale: float = OWN_SCALE,
    prior: tuple[float, float] = (PRIOR_MEAN, PRIOR_SD),
    share: LogNormal = USABLE_SHARE,
) -> float:
    """Return the prior-data conflict of a measurement: how odd its value is, given all other lineages.

    Its own lineage is left out whole, because a copy never contradicts its original.
    """
    others = [one for one in measurements if one.lineage != measurement.lineage]
    if any(one.kind == "estimate" for one in others):
        found = combine(others, rng, size, lineage_scale=lineage_scale, own_scale=own_scale, prior=prior, share=share)
        level, lineage_sd, own_sd = found.at(measurement.layer), found.lineage_sd, found.own_sd
    else:
        of_stock, of_share = _OF[measurement.layer]
        level = of_stock * rng.normal(*prior, size) + of_share * rng.normal(*_moments(share), size)
        lineage_sd, own_sd = (rng.choice(_grid(scale), size) for scale in (lineage_scale, own_scale))
    stated = measurement.sd**2 + measurement.conversion_sd**2
    below = float(
        ndtr((measurement.mean - level) / np.sqrt(lineage_sd**2 + own_sd**2 + ROUNDING_SD**2 + stated)).mean()
    )
    if measurement.kind == "estimate":
        return 2 * min(below, 1 - below)
    return below if measurement.kind == "upper bound" else 1 - below


def _moments(share: LogNormal) -> tuple[float, float]:
    """Return mean and sd of log10; the two halves of an interval count alike."""
    return float(np.log10(share.median)), (share.sd_low + share.sd_high) / 2


def _grid(scale: float) -> np.ndarray:
    """Return points of equal probability of a half-normal law."""
    return np.asarray(scale * ndtri(0.5 + (np.arange(GRID_POINTS) + 0.5) / (2 * GRID_POINTS)))


def _without_bounds(
    estimates: Sequence[Measurement],
    lineages: Sequence[str],
    rng: np.random.Generator,
    size: int,
    scales: tuple[float, float],
    priors: tuple[tuple[float, float], tuple[float, float]],
) -> Combined:
    """Draw from the posterior of the estimates alone; lineages without an estimate keep their prior."""
    member = np.array([[one.lineage == lineage for lineage in lineages] for one in estimates], dtype=float)
    values = np.array([one.mean for one in estimates])
    stated = np.array([one.sd for one in estimates]) ** 2
    counts = member.sum(axis=0)
    shared = np.where(counts > 0, (stated @ member) / np.maximum(counts, 1), 0.0)

    tau, omega = (grid.ravel() for grid in np.meshgrid(*(_grid(scale) for scale in scales)))
    # Latent: raw stock, usable share, conversion, then one bias a lineage; all measurements are linear in them.
    design = np.column_stack([[_OF[one.layer] for one in estimates], [one.conversion_sd for one in estimates], member])
    known = 3
    middle = np.zeros(known + len(lineages))
    (middle[0], stock_sd), (middle[1], share_sd) = priors
    latent = np.zeros((len(tau), len(middle)))
    latent[:, :known], latent[:, known:] = [stock_sd**2, share_sd**2, 1.0], tau[:, None] ** 2
    own = omega**2 + ROUNDING_SD**2
    covariance = (design * latent[:, None, :]) @ design.T + (member * shared) @ member.T
    covariance += own[:, None, None] * np.eye(len(values))
    cross = latent[:, :, None] * design.T
    gain = np.swapaxes(np.linalg.solve(covariance, np.swapaxes(cross, 1, 2)), 1, 2)
    residual = values - design @ middle
    mean = middle + gain @ residual
    spread = latent[:, :, None] * np.eye(len(middle)) - gain @ np.swapaxes(cross, 1, 2)
    factor = np.linalg.cholesky(spread + 1e-10 * np.eye(len(middle)))

    distance = np.einsum(
        "j,cj->c", residual, np.linalg.solve(covariance, np.tile(residual, (len(tau), 1))[..., None])[..., 0]
    )
    evidence = -0.5 * (distance + np.linalg.slogdet(covariance)[1])
    cell = _systematic(np.exp(evidence - evidence.max()), rng, size)
    drawn = mean[cell] + np.einsum("dij,dj->di", factor[cell], rng.standard_normal((size, len(middle))))
    biases = {lineage: drawn[:, known + index] for index, lineage in enumerate(lineages)}
    return Combined(drawn[:, 0], drawn[:, 1], drawn[:, 2], biases, tau[cell], omega[cell], 1.0)


def _bound_weights(drawn: Combined, bounds: Sequence[Measurement]) -> np.ndarray:
    """Return for each draw the probability that all bounds hold."""
    holds: dict[tuple[str, str, str], np.ndarray] = {}
    for one in bounds:
        above = drawn.at(one.layer) + drawn.conversion * one.conversion_sd + drawn.biases[one.lineage] - one.mean
        sign = 1 if one.kind == "lower bound" else -1
        own = ndtr(sign * above / np.sqrt(one.sd**2 + drawn.own_sd**2 + ROUNDING_SD**2))
        group = (one.lineage, one.kind, one.layer)
        holds[group] = np.minimum(holds.get(group, 1.0), own)
    return np.prod([np.ones_like(drawn.level), *holds.values()], axis=0)


def _systematic(weights: np.ndarray, rng: np.random.Generator, size: int) -> np.ndarray:
    """Choose by weight with one random number, in random order: less noise than independent choices."""
    edges = np.cumsum(weights) / weights.sum()
    chosen = np.searchsorted(edges, (np.arange(size) + rng.uniform()) / size)
    return rng.permutation(np.minimum(chosen, len(weights) - 1))
