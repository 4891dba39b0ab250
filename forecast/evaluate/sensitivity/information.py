r"""What it is worth to learn an input: the error that would go.

The error that a forecast expects of itself is its expected score when what comes is one of its own draws: of the CRPS
of min(T, 2050) this is :math:`\tfrac12 E|T - T'|` in years, of the Brier score of {by 2030} it is :math:`p(1 - p)`.
Learning an input leaves the expected error within its values, averaged over them; the difference is what is gained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.core.seeds import generator
from forecast.evaluate.sensitivity.population import Group, Population
from forecast.runs.sentence import HEADLINE_HORIZON, HEADLINE_YEAR

OUTER, INNER = 64, 400
"""Values of the input that is learned, and futures for each (counts)."""


@dataclass(frozen=True)
class Gain:
    """What learning an input would gain.

    Parameters
    ----------
    crps_years : float
        Expected fall of the CRPS of min(T, 2050), years.
    brier : float
        Expected fall of the Brier score of {by the end of 2030} (no unit).
    crps_before, brier_before : float
        The expected scores without it.
    """

    crps_years: float
    brier: float
    crps_before: float
    brier_before: float


def gain(people: Population, group: Group, *, half: bool, seed: int, outer: int = OUTER, inner: int = INNER) -> Gain:
    """Return what learning a group would gain."""
    rng = generator(seed, "sensitivity", "information", group.name)
    count = group.size if group.choice else outer
    middle = (np.arange(count) + 0.5) / count
    others = {
        one.name: np.tile(one.rows(rng.uniform(size=inner)), count) for one in people.groups if one.name != group.name
    }
    ranks = halved(middle, rng.standard_normal(inner)).reshape(-1) if half else np.repeat(middle, inner)
    year = people.exhaustion_year({**others, group.name: group.rows(ranks)}, end=HEADLINE_HORIZON + 1.0)
    cut = np.minimum(year, HEADLINE_HORIZON).reshape(count, inner)
    crps, crps_before = error_gone(cut)
    brier, brier_before = error_gone((year < HEADLINE_YEAR + 1).astype(float).reshape(count, inner))
    return Gain(crps, brier, crps_before, brier_before)


def halved(readings: np.ndarray, noise: np.ndarray) -> np.ndarray:
    r"""Return ranks of an input after a reading that halves its spread.

    The input's normal score z has variance 1; a reading of it with an error of variance 1/3 leaves variance 1/4 about
    three quarters of the reading.
    """
    reading = ndtri(readings) * np.sqrt(4.0 / 3.0)
    return ndtr(0.75 * reading[:, None] + 0.5 * noise[None, :])


def expected_error(values: np.ndarray) -> float:
    """Return the score that a forecast expects of itself: half the mean absolute difference of its draws.

    Examples
    --------
    >>> expected_error(np.array([0.0, 1.0]))
    0.25
    """
    return float(_absolute_differences(values[None, :])[0]) / len(values) ** 2 / 2


def error_gone(values: np.ndarray) -> tuple[float, float]:
    r"""Return how much of the expected error goes when the row is known, and the expected error before.

    Examples
    --------
    >>> error_gone(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]))
    (0.25, 0.25)
    """
    outer, inner = values.shape
    pairs = inner * (inner - 1)
    within = float(np.mean(_absolute_differences(values)) / pairs / 2)
    every = float(_absolute_differences(values.reshape(1, -1))[0])
    same_column = float(_absolute_differences(values.T).sum())
    before = (every - same_column) / (outer**2 * pairs) / 2
    return before - within, before


def _absolute_differences(values: np.ndarray) -> np.ndarray:
    """Return the sum of |x - y| over all ordered pairs of each row."""
    x = np.sort(values, axis=1)
    n = x.shape[1]
    x = x - x[:, :1]
    return 2.0 * (x * (2 * np.arange(n) - n + 1)).sum(axis=1)
