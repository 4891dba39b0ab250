"""The learning half of the histories as arrays: yearly growth of the best so far, and the years in which nothing came."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.errors import InputError
from forecast.ingest.catalog import UNLICENSED, data_directory
from forecast.ingest.histories import History, load_histories
from forecast.ingest.history_split import RULE, split
from forecast.ingest.known import MOST, best_at

NOTHING = 1e-4
"""Growth in a year that counts as none (log10): 0.02 %, below the digits that lists print."""

KIND_OF = {"best_of_year": "record"}
"""Kinds that are one here."""


@dataclass(frozen=True, eq=False)
class Changes:
    """Yearly growth of some series.

    Parameters
    ----------
    names, kinds, domains, families : tuple of str
        One entry a series.
    growth : tuple of array
        Growth of the best so far from year to year (log10), the oldest first, up to when the series was followed.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    domains: tuple[str, ...]
    families: tuple[str, ...]
    growth: tuple[np.ndarray, ...]

    @property
    def years(self) -> int:
        """Years of all series together."""
        return sum(len(growth) for growth in self.growth)


def learning_half() -> list[History]:
    """Return the histories that may be learned from, those that only the repository holds among them."""
    return split(load_histories(with_unlicensed=(data_directory() / UNLICENSED).is_dir()))["learning"]


def changes(histories: Sequence[History]) -> Changes:
    """Return the yearly growth of histories, of at most the last `MOST` values each.

    Raises
    ------
    InputError
        If there is none.
    """
    if not histories:
        raise InputError("no history to learn from", "at least one", "give histories")
    growth = []
    for history in histories:
        at = best_at(history)
        dates = history.as_of - np.arange(MOST)[::-1]
        growth.append(np.diff([at(date) for date in dates if date >= history.year[0] - 1e-6]))
    return Changes(
        names=tuple(history.series for history in histories),
        kinds=tuple(KIND_OF.get(history.kind, history.kind) for history in histories),
        domains=tuple(history.domain or history.family for history in histories),
        families=tuple(history.family for history in histories),
        growth=tuple(growth),
    )


def moved(growth: np.ndarray) -> np.ndarray:
    """Return in which years something new came."""
    return growth > NOTHING


def years_since(growth: np.ndarray) -> np.ndarray:
    """Return for each year how many years before it the last news is: 1 where the year before had some.

    Examples
    --------
    >>> years_since(np.array([0.1, 0.0, 0.0, 0.2, 0.1])).tolist()
    [1, 1, 2, 3, 1]
    """
    found, since = [], 1
    for news in moved(growth):
        found.append(since)
        since = 1 if news else since + 1
    return np.array(found, dtype=int)


def hash_of_split(histories: Sequence[History]) -> str:
    """Return a hash of the rule of the split and of the series that it gave to the learning half."""
    text = "\n".join([RULE, *sorted(f"{history.family}/{history.series}" for history in histories)])
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of_growth(data: Changes) -> str:
    """Return a hash of what is learned from: names, groups, and growth to a millionth."""
    rows = zip(data.names, data.kinds, data.domains, data.families, data.growth, strict=True)
    text = "\n".join(" ".join([*row[:4], *(f"{value + 0.0:.6f}" for value in row[4])]) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()
