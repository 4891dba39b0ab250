"""What scores on made worlds come to: coverage, tails and CRPS by forecaster, with errors that take a world as one.

Rows of one world share its path and its faults. A mean over rows moves with world w by the sum of its rows' distances
from the mean, and the standard error is that of these sums, with G / (G - 1) for G worlds.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.evaluate.calibration.coverage import HORIZONS, covered

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.5, 0.8, 0.9)
"""Levels of the equal-tailed intervals."""

TAILS = (0.05, 0.1)
"""Probabilities of the tails: this share of truths should lie below the interval, and as much above."""

ALL = "all"
"""Stands for every horizon, or every world."""


def clustered(values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | np.ndarray) -> tuple[float, float]:
    """Return a mean and its standard error, rows of one cluster taken together; nan from a single cluster.

    Examples
    --------
    >>> mean, error = clustered([1.0, 1.0, 0.0, 0.0], ["a", "a", "b", "b"])
    >>> mean, round(error, 6)
    (0.5, 0.5)
    """
    values = np.asarray(values, dtype=float)
    _, which = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.bincount(which, weights=values - values.mean())
    count = len(sums)
    error = np.sqrt(np.sum(sums**2) * count / (count - 1)) / len(values) if count > 1 else np.nan
    return float(values.mean()), float(error)


def row_of(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what some rows come to; shares and means come with their standard errors."""
    places, worlds = frame["place"].to_numpy(), frame["world"].to_numpy()

    def told(values: np.ndarray) -> list[float | None]:
        return [None if np.isnan(one) else round(one, 4) for one in clustered(values, worlds)]

    return {
        "n": len(frame),
        "worlds": len(set(worlds)),
        "coverage": {str(level): told(covered(places, level)) for level in LEVELS},
        "below": {str(tail): told(places < tail) for tail in TAILS},
        "above": {str(tail): told(places > 1 - tail) for tail in TAILS},
        "crps": told(frame["crps"].to_numpy()),
    }


def by(frame: pd.DataFrame, *columns: str, horizons: bool = False) -> list[dict[str, Any]]:
    """Return one row for each group and forecaster, over all horizons and, if asked for, at each."""
    rows = []
    keys = [*columns, "who"]
    for found, group in frame.groupby(keys, sort=False):
        named = dict(zip(keys, found, strict=True))
        rows.append({**named, "horizon": ALL, **row_of(group)})
        if horizons:
            rows += [{**named, "horizon": at, **row_of(group[group["horizon"] == at])} for at in HORIZONS]
    return rows


def summary(scores: Sequence[Mapping[str, Any]], halves: Mapping[str, str]) -> dict[str, Any]:
    """Turn scores into the published result: overall, by origin, half, family and pair."""
    import pandas as pd

    frame = pd.DataFrame(scores)
    frame["pair"] = frame["world"].str.rpartition("/")[0]
    frame[["growth", "publication"]] = frame["pair"].str.split("/", expand=True)
    frame["half"] = frame["pair"].map(dict(halves))
    return {
        "overall": by(frame, horizons=True),
        "origins": by(frame, "origin"),
        "halves": by(frame, "half", horizons=True),
        "growth": by(frame, "growth", horizons=True),
        "publication": by(frame, "publication", horizons=True),
        "pairs": by(frame, "pair"),
    }


def chosen(content: Mapping[str, Any], table: str, who: str, horizon: float | str = ALL) -> list[Mapping[str, Any]]:
    """Return the rows of one forecaster and horizon in a table of the result."""
    return [row for row in content[table] if row["who"] == who and row["horizon"] == horizon]


def held(row: Mapping[str, Any], level: float = 0.8) -> float:
    """Return how many of 100 intervals held the truth."""
    return 100 * float(row["coverage"][str(level)][0])


def worst_pair(content: Mapping[str, Any], who: str) -> Mapping[str, Any]:
    """Return the pair in which a forecaster's 80 % intervals hold the least."""
    return min(chosen(content, "pairs", who), key=held)
