"""Record plus drift with a fixed prior: the simplest rival, with nothing fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtri

from forecast.evaluate.histories.rivals.base import Rival
from forecast.ingest.known import Known

SLOPE = 0.30
"""Median drift (log10 a year; judgement): twice a year."""

SLOPE_LOW, SLOPE_HIGH = 0.20, 0.45
"""90 % interval of the drift (log10 a year; judgement), lognormal."""

JUMP = 0.15
"""Scale of the gamma steps (log10): the centre of the members' own prior."""


@dataclass(frozen=True)
class RecordPlusDrift(Rival):
    """The record as it stands, and gamma steps at a drift that is the same for every series."""

    name: ClassVar[str] = "record_plus_drift"
    sentence: ClassVar[str] = (
        "The record plus gamma steps with a drift of 0.30 log10 a year (90 % interval 0.20 to 0.45); nothing is fitted."
    )

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return paths from the record, with its error."""
        width = np.log(SLOPE_HIGH / SLOPE_LOW) / (2 * ndtri(0.95))
        slope = np.sqrt(SLOPE_LOW * SLOPE_HIGH) * np.exp(width * rng.standard_normal((draws, 1)))
        start = known.record + known.error * rng.standard_normal((draws, 1))
        return start + gamma_paths(slope * known.step, JUMP, steps, rng)


def gamma_paths(growth: np.ndarray, jump: np.ndarray | float, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Return cumulated gamma steps of a mean growth each, shape (draw, step)."""
    shape = np.broadcast_to(growth / jump, (len(growth), steps))
    return np.cumsum(jump * rng.gamma(shape), axis=1)
