"""The line of Epoch AI (2024) on any series: the record to date, carried on by a bootstrap slope of the values to date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.evaluate.histories.rivals.base import Rival
from forecast.ingest.known import Known

LINES = 200
"""Resamples of the values to date (count)."""


@dataclass(frozen=True)
class EpochLine(Rival):
    """A straight line from the record, its slope bootstrapped, its width that of the values about their own line."""

    name: ClassVar[str] = "epoch_line"
    sentence: ClassVar[str] = (
        "A straight line from the record: its slope is bootstrapped from all values to date, as Villalobos et al. (2024) "
        "do; its level has the width of the residuals."
    )

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return straight lines."""
        slope, residual = bootstrap_slopes(known.value, rng)
        level = known.record + residual * rng.standard_normal((draws, 1))
        return level + rng.choice(slope, size=(draws, 1)) * np.arange(1, steps + 1)


def bootstrap_slopes(value: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Return slopes a step of resampled values, and the standard deviation of the residuals of all."""
    n = len(value)
    time = np.arange(n) - (n - 1) / 2
    slope = float(time @ value / (time @ time))
    residual = value - value.mean() - slope * time
    chosen = rng.integers(n, size=(LINES, n))
    x, y = time[chosen], value[chosen]
    x = x - x.mean(axis=1, keepdims=True)
    spread = (x**2).sum(axis=1)
    slopes = (x * y).sum(axis=1)[spread > 0] / spread[spread > 0]
    return slopes, float(np.sqrt((residual**2).sum() / max(n - 2, 1)))
