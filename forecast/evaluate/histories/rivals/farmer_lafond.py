r"""The geometric walk of Farmer & Lafond (2016), doi:10.1016/j.respol.2015.11.001.

The change of the log from step to step is :math:`\mu + v_t + \theta v_{t-1}`. After m steps, from n past changes, the
error of the forecast :math:`y_t + m \hat\mu` has variance :math:`\sigma^2 A` with

.. math:: A = -2\theta + (1 + 2(n-1)\theta / n + \theta^2)(m + m^2 / n)

and, over the standard deviation K of the changes, that of Student's t with n - 1 degrees of freedom times
:math:`\sqrt{A / (1 + \theta^2)}`. Whole paths are drawn here, with exactly that at every step, for their running maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.errors import InputError
from forecast.evaluate.histories.rivals.base import Rival
from forecast.ingest.known import Known

THETA_COST = 0.63
"""Autocorrelation of costs (no unit): pooled over 53 technologies by Farmer & Lafond (2016)."""

THETA_RECORD = 0.0
"""Autocorrelation of everything else (no unit): changes of records are nearly uncorrelated."""


@dataclass(frozen=True)
class FarmerLafond(Rival):
    """A random walk with drift: mean and spread of the series' own changes."""

    name: ClassVar[str] = "farmer_lafond"
    sentence: ClassVar[str] = (
        "The geometric random walk with drift of Farmer & Lafond (2016): drift and spread from the series' own changes, "
        "autocorrelation 0.63 for costs and none for others; its running maximum."
    )

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return paths of the walk."""
        changes = known.changes()
        theta = THETA_COST if known.kind == "cost" else THETA_RECORD
        return known.record + walk(changes, theta, steps, rng, draws)


def walk(changes: np.ndarray, theta: float, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Return what the walk adds at each step to come, shape (draw, step)."""
    n = len(changes)
    if n < 2:
        raise InputError(f"{n} changes", "two or more", "choose a later origin")
    spread = changes.std(ddof=1) * np.sqrt((n - 1) / rng.chisquare(n - 1, size=(draws, 1)))
    sigma = spread / np.sqrt(1 + theta**2)
    shocks = sigma * rng.standard_normal((draws, n + steps + 1))
    moves = shocks[:, 1:] + theta * shocks[:, :-1]
    # The drift that was estimated missed the true one by the mean of the past moves.
    drift = changes.mean() - moves[:, :n].mean(axis=1, keepdims=True)
    return np.cumsum(drift + moves[:, n:], axis=1)


def error_factor(theta: float, n: int, m: int) -> float:
    """Return A: the variance of the error after m steps from n changes, over that of a shock.

    Examples
    --------
    >>> error_factor(0.0, 10, 1)
    1.1
    """
    return -2 * theta + (1 + 2 * (n - 1) * theta / n + theta**2) * (m + m**2 / n)
