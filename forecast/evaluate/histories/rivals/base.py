"""What every rival shares: draws of the best so far, from what is known at an origin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import numpy as np

from forecast.ingest.histories import History
from forecast.ingest.known import Known

DRAWS = 500
"""Draws a forecast has (count)."""

CEILING = 60.0
"""Furthest that a forecast goes beyond the record (log10): keeps scores finite."""


class Forecaster(Protocol):
    """Anything that forecasts a series: rivals, members, a mixture."""

    @property
    def name(self) -> str:
        """The name under which it is scored."""
        ...

    def forecast(
        self, known: Known, horizons: Sequence[float], rng: np.random.Generator, draws: int = DRAWS
    ) -> np.ndarray:
        """Return draws of the best so far at each horizon, log10 upwards, shape (horizon, draw).

        Parameters
        ----------
        known : Known
            The series up to the origin.
        horizons : sequence of float
            Years ahead.
        rng : numpy.random.Generator
            The only source of randomness.
        draws : int
            How many.
        """
        ...


@dataclass(frozen=True)
class Rival(ABC):
    """A forecaster that draws the values of the steps to come; what is scored is their running maximum."""

    name: ClassVar[str]
    sentence: ClassVar[str]

    def learn(self, histories: Sequence[History]) -> Self:
        """Return the rival as it is after seeing the learning half; most learn nothing."""
        del histories
        return self

    @abstractmethod
    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return draws of the values at the steps to come, shape (draw, step)."""

    def forecast(
        self, known: Known, horizons: Sequence[float], rng: np.random.Generator, draws: int = DRAWS
    ) -> np.ndarray:
        """Return draws of the best so far; see `Forecaster`."""
        places = [round(h / known.step) - 1 for h in horizons]
        drawn = self.paths(known, max(places) + 1, rng, draws)
        return np.minimum(best_so_far(drawn, known.record), known.record + CEILING)[:, places].T


def best_so_far(paths: np.ndarray, record: float) -> np.ndarray:
    """Return the running maximum of paths that start at a record.

    Examples
    --------
    >>> best_so_far(np.array([[1.0, 3.0, 2.0]]), 1.5)
    array([[1.5, 3. , 3. ]])
    """
    return np.maximum.accumulate(np.maximum(paths, record), axis=1)
