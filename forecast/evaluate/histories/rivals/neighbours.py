"""Nearest neighbours: what series that had moved alike did next, learned from histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from forecast.errors import InputError
from forecast.evaluate.histories.rivals.base import DRAWS, Rival
from forecast.ingest.histories import History
from forecast.ingest.known import Known, came, known_at, origins

HORIZONS = (1.0, 2.0, 3.0, 5.0)
"""Horizons at which growth is remembered (years)."""

WEIGHTS = (0.5, 1.0, 1.0, 0.15)
"""How much each feature counts in a squared distance (no unit): pace of 2, 5 and 10 years over the unit, log unit."""

OTHER_KIND = 1.0
"""Squared distance between series of different kinds (no unit)."""

BANDWIDTH = 0.5
"""Squared distance over which a neighbour loses a factor of e of its weight (no unit)."""


@dataclass(frozen=True, eq=False)
class Memory:
    """Past cases: where a series stood, and how far it moved, in its own unit.

    Parameters
    ----------
    features : array, shape (case, feature)
        As `features` gives them.
    moved : array, shape (case, horizon)
        Growth over each of `HORIZONS` over horizon and unit; NaN where the series was not followed so long.
    vote : array, shape (case,)
        One over the cases of its series.
    kind, family, series : array of str, shape (case,)
        Of the series.
    """

    features: np.ndarray
    moved: np.ndarray
    vote: np.ndarray
    kind: np.ndarray
    family: np.ndarray
    series: np.ndarray

    @cached_property
    def learned_from(self) -> tuple[str, ...]:
        """The series in it, in order."""
        return tuple(dict.fromkeys(self.series.tolist()))


@dataclass(frozen=True)
class Neighbours(Rival):
    """Draws the scaled growth of past cases, the nearer the more often; never of the same family.

    Parameters
    ----------
    memory : Memory, optional
        What it learned; without, it cannot forecast.
    """

    name: ClassVar[str] = "neighbours"
    sentence: ClassVar[str] = (
        "What series with a like pace over 2, 5 and 10 years did next, in units of their own past, learned from the "
        "learning half of the histories, never from the series' own family."
    )

    memory: Memory | None = None

    def learn(self, histories: Sequence[History]) -> Self:
        """Remember every case of some histories."""
        return replace(self, memory=remembered(histories))

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return draws at every step, each by itself."""
        return self.forecast(known, [known.step * step for step in range(1, steps + 1)], rng, draws).T

    def forecast(
        self, known: Known, horizons: Sequence[float], rng: np.random.Generator, draws: int = DRAWS
    ) -> np.ndarray:
        """Return draws of the best so far; growth at a horizon is that of the nearest horizon remembered, a year."""
        memory = self.memory
        if memory is None:
            raise InputError("neighbours that have learned nothing", "histories to learn from", "call learn() first")
        own = features(known)
        distance = ((memory.features - own) ** 2) @ np.array(WEIGHTS) + OTHER_KIND * (memory.kind != known.kind)
        usable = (memory.family != known.family) & (memory.series != known.series)
        unit, found = known.unit(), []
        for horizon in horizons:
            moved = memory.moved[:, int(np.argmin(np.abs(np.array(HORIZONS) - horizon)))]
            near = usable & np.isfinite(moved)
            if not near.any():
                raise InputError(f"no case to learn {known.series!r} from", "series of other families", "add histories")
            weight = memory.vote[near] * np.exp(-(distance[near] - distance[near].min()) / BANDWIDTH)
            chosen = rng.choice(moved[near], size=draws, p=weight / weight.sum())
            found.append(known.record + np.maximum(chosen * unit * horizon, 0.0))
        return np.array(found)


def features(known: Known) -> np.ndarray:
    """Return where a series stands: its pace over 2, 5 and 10 years in its own unit, and the log of the unit."""
    unit = known.unit()
    return np.array([known.pace(2) / unit, known.pace(5) / unit, known.pace(10) / unit, np.log(unit)])


def remembered(histories: Sequence[History]) -> Memory:
    """Return every case of some histories."""
    rows: list[tuple[np.ndarray, np.ndarray, float, History]] = []
    for history in histories:
        own = []
        for origin in origins(history):
            known = known_at(history, origin)
            moved = (came(history, origin, HORIZONS) - known.record) / (np.array(HORIZONS) * known.unit())
            own.append((features(known), moved))
        rows += [(where, moved, 1 / len(own), history) for where, moved in own]
    if not rows:
        raise InputError("no history that is long enough", "one of seven years or more", "give longer histories")
    return Memory(
        np.array([row[0] for row in rows]),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        *(np.array([getattr(row[3], name) for row in rows]) for name in ("kind", "family", "series")),
    )
