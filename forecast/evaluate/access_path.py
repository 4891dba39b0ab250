"""The path of access, tested on what its own series said next: each step predicted from what was known before it.

The long series (refusals met by Common Crawl) is fitted again at each step to its own past. A series with two
observations has no past to learn from: its step is predicted by the pace of the others, which is how the path of tokens
is predicted. The rival is "no change": the last value, as uncertain as past changes over the same span.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit, ndtri

from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.evaluate.backtest.scores import crps
from forecast.scenarios.levers.access import FIRST_RULES, FIRST_SHARES
from forecast.scenarios.levers.local_level import fit
from forecast.scenarios.levers.restrictions import SHORTEST, long_series, observed, pace, series, wandering

if TYPE_CHECKING:
    import pandas as pd

FIRST_FIT = 20
"""Observations before the first prediction (count): three parameters, and two to three years of crawls."""

SPANS = (0.0, 1.0)
"""Predicted are the next observation, and the first one at least a year on (years)."""

DRAWS = 4000
"""Draws of each prediction (count)."""


@dataclass(frozen=True)
class Step:
    """One prediction and what came, in logits of the share.

    Parameters
    ----------
    name : str
        The series, and how far ahead.
    observed : float
        What came.
    path, no_change : array, shape (draw,)
        What the path said, and what "no change" said.
    """

    name: str
    observed: float
    path: np.ndarray
    no_change: np.ndarray


def long_steps(span: float) -> list[Step]:
    """Return the steps of the long series."""
    times, seen = long_series()
    normal = ndtri((np.arange(DRAWS) + 0.5) / DRAWS)
    found = []
    for origin in range(FIRST_FIT - 1, len(times) - 1):
        target = _target(times, origin, span)
        if target is None:
            break
        mean, sd = fit(times[: origin + 1], seen[: origin + 1]).predicted(float(times[target] - times[origin]))
        past = [(i, j) for i in range(origin) if (j := _target(times[: origin + 1], i, span)) is not None]
        changes = np.array([seen[j] - seen[i] for i, j in past])
        name = f"Common Crawl refusals, {'a year on' if span else 'next crawl'}"
        no_change = seen[origin] + np.sqrt(np.mean(changes**2)) * normal
        found.append(Step(name, float(seen[target]), mean + sd * normal, no_change))
    return found


def short_steps() -> list[Step]:
    """Return the one step of each series with two observations, and that of tokens in the first wave."""
    pairs = [("tokens of C4 in the first wave", *FIRST_RULES[1:], *FIRST_SHARES[1:])]
    for one in series():
        rows = observed()
        rows = rows[(rows["population"] == one.population) & (rows["measure"] == one.measure)]
        rows = rows[(rows["agent"] == one.agent) & (rows["year"] >= one.first - 1e-6)]
        if one.count == 2 and one.last - one.first >= SHORTEST:
            pairs.append((one.population, one.first, one.last, *rows["value_share"].astype(float)))
    found = []
    for name, first, last, before, after in pairs:
        rng = generator(DEFAULT_SEED, "access", "evaluation", name)
        others = [one for one in series() if one.population != name]
        walk = wandering().walk * np.sqrt(last - first) * rng.standard_normal(DRAWS)
        path = logit(before) + pace(others, rng, DRAWS) * (last - first) + walk
        found.append(Step(name, float(logit(after)), path, logit(before) + walk))
    return found


def scores() -> pd.DataFrame:
    """Score every series.

    Returns
    -------
    pandas.DataFrame
        One row a series and span: steps, mean CRPS of the path and of "no change" (logits), their ratio, and the share
        of what came that lay in the path's 80 % interval.
    """
    import pandas as pd

    steps = [step for span in SPANS for step in long_steps(span)] + short_steps()
    rows = []
    for name in dict.fromkeys(step.name for step in steps):
        own = [step for step in steps if step.name == name]
        ours = float(np.mean([crps(step.path, step.observed) for step in own]))
        theirs = float(np.mean([crps(step.no_change, step.observed) for step in own]))
        inside = [np.quantile(step.path, 0.1) <= step.observed <= np.quantile(step.path, 0.9) for step in own]
        rows.append(
            {
                "series": name,
                "steps": len(own),
                "crps_path": ours,
                "crps_no_change": theirs,
                "ratio": ours / theirs,
                "coverage_80": float(np.mean(inside)),
            }
        )
    return pd.DataFrame(rows)


def _target(times: np.ndarray, origin: int, span: float) -> int | None:
    """Return the observation after an origin that lies at least so far ahead."""
    later = np.flatnonzero(times >= times[origin] + max(span, 1e-9))
    return int(later[0]) if len(later) else None
