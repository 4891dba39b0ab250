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
    from scipy.stats import sobol_indices, uniform

    def answers(ranks: np.ndarray) -> Any:
        return outputs(people, {g.name: g.rows(row) for g, row in zip(people.groups, ranks, strict=True)})

    # Its stubs want frozen distributions of another kind than the one that scipy makes.
    found = cast(Any, sobol_indices)(
        func=answers,
        n=samples,
        dists=[uniform()] * len(people.groups),
        method="saltelli_2010",
        rng=generator(seed, "sensitivity", "sobol"),
    )
    spread = found.bootstrap(confidence_level=0.95, n_resamples=RESAMPLES)
    first, total = np.atleast_2d(found.first_order), np.atleast_2d(found.total_order)
    ends = {
        "first": [np.atleast_2d(end) for end in spread.first_order.confidence_interval],
        "total": [np.atleast_2d(end) for end in spread.total_order.confidence_interval],
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


def outputs(people: Population, rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what is explained, for given draws of the groups."""
    end = HEADLINE_YEAR + 1.0
    gap = people.gap(rows, end=end)
    at = int(np.argmin(np.abs(people.years - GAP_AT)))
    # A gap that closes at the very end of the year closes in the next one.
    before = people.years[people.years <= end] < end
    crossed = (gap[:, before] >= 0).any(axis=1) | (gap[:, -1] > 0)
    return np.stack([gap[:, at], crossed.astype(float)])
