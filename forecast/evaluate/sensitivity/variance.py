"""Sobol indices: which share of the variance each group of inputs explains, alone and with all its interactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from forecast.core.seeds import generator
from forecast.evaluate.sensitivity.population import GAP_AT, Population
from forecast.runs.sentence import HEADLINE_YEAR

SAMPLES = 4096
"""Rows of each of the two base matrices, a power of two (count); the model runs (groups + 2) times as often."""

RESAMPLES = 100
"""Bootstrap resamples behind the intervals of the indices (count)."""

OUTPUTS = ("log_gap_2030", "by_2030")
"""What is explained: log10 of frontier over stock on 1 January 2030, and whether T lies before the end of 2030."""


def indices(people: Population, *, seed: int, samples: int = SAMPLES) -> dict[str, list[dict[str, Any]]]:
    """Return first and total indices of every group.

    References
    ----------
    Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018
    """
    from scipy.stats import bootstrap, sobol_indices, uniform

    designs: list[tuple[np.ndarray, ...]] = []

    def method(f_A: np.ndarray, f_B: np.ndarray, f_AB: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        designs.append((f_A, f_B, f_AB))  # by names that scipy asks for
        return saltelli(f_A, f_B, f_AB)

    def answers(ranks: np.ndarray) -> Any:
        return outputs(people, {g.name: g.rows(row) for g, row in zip(people.groups, ranks, strict=True)})

    # Its stubs want frozen distributions of another kind than the one that scipy makes.
    found = cast(Any, sobol_indices)(
        func=answers,
        n=samples,
        dists=[uniform()] * len(people.groups),
        method=method,
        rng=generator(seed, "sensitivity", "sobol"),
    )
    # Not by what scipy returns, whose bootstrap takes no generator and would give other intervals each time.
    spread: Any = bootstrap(
        [np.arange(samples)],
        statistic=lambda rows: saltelli(*(values[..., rows] for values in designs[0])),
        n_resamples=RESAMPLES,
        rng=generator(seed, "sensitivity", "sobol", "bootstrap"),
    ).confidence_interval
    first, total = np.atleast_2d(found.first_order), np.atleast_2d(found.total_order)
    ends = {
        kind: [np.atleast_2d(end[row]) for end in (spread.low, spread.high)]
        for row, kind in enumerate(("first", "total"))
    }
    return {
        name: [
            {
                "first": round(float(first[row, column]), 4),
                "total": round(float(total[row, column]), 4),
                **{
                    f"{kind}_interval_0.95": [round(float(end[row, column]), 4) for end in pair]
                    for kind, pair in ends.items()
                },
            }
            for column in range(len(people.groups))
        ]
        for row, name in enumerate(OUTPUTS)
    }


def saltelli(a: np.ndarray, b: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return first and total indices, shape (output, group) each, from centred outputs of the three designs.

    Parameters
    ----------
    a, b : array, shape (output, sample)
        Outputs at the two base matrices.
    ab : array, shape (group, output, sample)
        Outputs at the first with one group from the second.

    Examples
    --------
    >>> a, b = np.array([[1.0, -1.0, 1.0, -1.0]]), np.array([[1.0, 1.0, -1.0, -1.0]])
    >>> [found.tolist() for found in saltelli(a, b, np.stack([b, a]))]  # one group is all, the other nothing
    [[[1.0, 0.0]], [[1.0, 0.0]]]
    """
    variance = np.var([a, b], axis=(0, -1))
    first = (b * (ab - a)).mean(axis=-1) / variance
    total = 0.5 * ((a - ab) ** 2).mean(axis=-1) / variance
    return first.T, total.T


def outputs(people: Population, rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what is explained, for given draws of the groups."""
    end = HEADLINE_YEAR + 1.0
    gap = people.gap(rows, end=end)
    at = int(np.argmin(np.abs(people.years - GAP_AT)))
    # A gap that closes at the very end of the year closes in the next one.
    before = people.years[people.years <= end] < end
    crossed = (gap[:, before] >= 0).any(axis=1) | (gap[:, -1] > 0)
    return np.stack([gap[:, at], crossed.astype(float)])
