"""A level that wanders with a steady drift and is seen with noise: the local level model, at dates of any spacing.

    level(t + d) = level(t) + drift d + walk sqrt(d) z,    seen(t) = level(t) + noise z'

Fitted by maximum likelihood with the Kalman filter (Durbin & Koopman 2012, Time Series Analysis by State Space
Methods, section 2.2, with drift), the first observation taken as the start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LocalLevel:
    """A fitted local level, as of its last observation.

    Parameters
    ----------
    drift : float
        Change of the level a year.
    walk : float
        Standard deviation of its wandering in one year.
    noise : float
        Standard deviation of one observation about it.
    level, variance : float
        Mean and variance of the level at the last observation.
    """

    drift: float
    walk: float
    noise: float
    level: float
    variance: float

    def predicted(self, ahead: float) -> tuple[float, float]:
        """Return mean and standard deviation of an observation that many years after the last one."""
        return self.level + self.drift * ahead, float(np.sqrt(self.variance + self.walk**2 * ahead + self.noise**2))


def fit(times: np.ndarray, seen: np.ndarray) -> LocalLevel:
    """Fit a series of at least four observations.

    Parameters
    ----------
    times : array, shape (observation,)
        Years, rising.
    seen : array, shape (observation,)
        What was observed.

    Returns
    -------
    LocalLevel
        By maximum likelihood.

    Examples
    --------
    >>> round(fit(np.arange(6.0), 0.5 * np.arange(6.0)).drift, 3)
    0.5
    """
    from scipy.optimize import minimize

    steps = np.diff(seen)
    size = max(float(steps.std()), 1e-6)
    drift = float((seen[-1] - seen[0]) / (times[-1] - times[0]))

    def misfit(at: np.ndarray) -> float:
        return -_filtered(times, seen, float(np.exp(at[0])), float(np.exp(at[1])), float(at[2]))[2]

    start = np.array([np.log(size), np.log(size), drift])
    best = minimize(misfit, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-5, "fatol": 1e-8}).x
    walk, noise, drift = float(np.exp(best[0])), float(np.exp(best[1])), float(best[2])
    level, variance, _ = _filtered(times, seen, walk, noise, drift)
    return LocalLevel(drift, walk, noise, level, variance)


def _filtered(
    times: np.ndarray, seen: np.ndarray, walk: float, noise: float, drift: float
) -> tuple[float, float, float]:
    """Return the last level, its variance, and the log likelihood of all observations after the first."""
    level, variance, likelihood = float(seen[0]), noise**2, 0.0
    for ahead, value in zip(np.diff(times), seen[1:], strict=True):
        level += drift * ahead
        variance += walk**2 * ahead
        total = variance + noise**2
        error = value - level
        likelihood -= 0.5 * float(np.log(2 * np.pi * total) + error**2 / total)
        level += variance / total * error
        variance *= noise**2 / total
    return level, variance, likelihood
