r"""The answer given a fact: futures are weighed by how likely each makes what was stated.

With futures :math:`\theta_i` drawn alike and a fact of likelihood :math:`L(\theta)`, the weights are
:math:`w_i = L(\theta_i) / \sum_j L(\theta_j)`, worth :math:`1 / \sum_i w_i^2` futures (Kish 1965). Where few futures
agree with the fact the weighing says nothing, and no number is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import log_ndtr

from forecast.core.summaries import plain
from forecast.runs.sentence import HEADLINE_YEAR

FLOOR = 100.0
"""Fewest effective futures from which a row is told (count); judgement: a share of a half is then known to 5 points."""


@dataclass(frozen=True)
class Given:
    """The answer given a fact.

    Parameters
    ----------
    probability_by_2030, already : float or None
        Probability that the event comes by the end of 2030, and by the date of the data; None where too few futures agree.
    median : float or None
        Median exhaustion year (decimal), ``inf`` for never; None where too few futures agree.
    n_effective : float
        Futures that the answer is worth.
    """

    probability_by_2030: float | None
    median: float | None
    already: float | None
    n_effective: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; never is null, too."""
        return {
            "probability_by_2030": None if self.probability_by_2030 is None else round(self.probability_by_2030, 5),
            "median": None if self.median is None else plain(self.median),
            "already": None if self.already is None else round(self.already, 5),
            "n_effective": round(self.n_effective, 1),
        }


def weights_of(log_likelihood: np.ndarray) -> np.ndarray:
    """Return weights that sum to 1; all 0 where no future can be reconciled with the fact.

    Examples
    --------
    >>> weights_of(np.log([1.0, 3.0])).round(3).tolist()
    [0.25, 0.75]
    """
    highest = np.max(log_likelihood)
    if not np.isfinite(highest):
        return np.zeros_like(log_likelihood)
    weights = np.exp(log_likelihood - highest)
    return weights / weights.sum()


def n_effective(weights: np.ndarray) -> float:
    """Return how many futures of equal weight would say as much.

    Examples
    --------
    >>> n_effective(np.full(4, 0.25)), n_effective(np.zeros(4))
    (4.0, 0.0)
    """
    square = float(np.sum(weights**2))
    return float(np.sum(weights)) ** 2 / square if square > 0 else 0.0


def given(
    years: np.ndarray, weights: np.ndarray, as_of: float, *, effective: float | None = None, floor: float = FLOOR
) -> Given:
    """Return the answer of weighted futures; what they are worth is that of the weights, unless it is told.

    Examples
    --------
    >>> given(np.array([2026.0, 2029.0, np.inf]), np.array([0.0, 0.5, 0.5]), 2026.5, floor=2)
    Given(probability_by_2030=0.5, median=2029.0, already=0.0, n_effective=2.0)
    """
    worth = n_effective(weights) if effective is None else effective
    if worth < floor or not weights.any():
        return Given(None, None, None, worth)
    total = float(weights.sum())
    return Given(
        float(weights[years < HEADLINE_YEAR + 1].sum()) / total,
        median(years, weights),
        float(weights[years <= as_of].sum()) / total,
        worth,
    )


def median(years: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted median, a value that was drawn.

    Examples
    --------
    >>> median(np.array([2030.0, 2028.0, np.inf]), np.array([0.2, 0.2, 0.6]))
    inf
    """
    order = np.argsort(years, kind="stable")
    reached = np.cumsum(weights[order])
    # Half of equal weights is reached where they are counted, whatever the rounding of their sum.
    return float(years[order][np.searchsorted(reached, reached[-1] * (0.5 - 1e-12))])


def log_read(stated: float, needed: np.ndarray, error: float) -> np.ndarray:
    r"""Return the log likelihood of a stated number of passes, given those that a run needs.

    A run reads :math:`\max(1, q)` times if it needs :math:`q` passes over the text that there is, so that the statement
    is :math:`\log_{10} r = \max(0, \log_{10} q + \varepsilon)`: a normal density above one pass, and the normal
    probability of needing no more than one for a run that reads its text once.

    Parameters
    ----------
    stated : float
        Passes, at least 1.
    needed : array, shape (draw,)
        log10 of the passes that each future's largest run needs.
    error : float
        Standard deviation of the statement (log10).

    Returns
    -------
    numpy.ndarray
        Up to a constant, shape (draw,).
    """
    miss = (np.log10(stated) - needed) / error
    return log_ndtr(miss) if stated == 1.0 else -0.5 * miss**2
