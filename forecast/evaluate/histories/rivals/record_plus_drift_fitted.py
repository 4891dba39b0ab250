"""Record plus drift, fitted: the same gamma steps, with the pace and unevenness of the series' own last ten years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.evaluate.histories.rivals.base import Rival
from forecast.evaluate.histories.rivals.record_plus_drift import gamma_paths
from forecast.ingest.known import SMALLEST_UNIT, Known

WINDOW = 10.0
"""How far back the drift is fitted (years): as the unit of the scores looks back."""


@dataclass(frozen=True)
class RecordPlusDriftFitted(Rival):
    """The record as it stands, and gamma steps by the moments of its own changes."""

    name: ClassVar[str] = "record_plus_drift_fitted"
    sentence: ClassVar[str] = (
        "The record plus gamma steps whose mean and unevenness are those of the changes of the last ten years, the mean "
        "drawn with its error."
    )

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return paths from the record, with its error."""
        changes = known.changes(WINDOW)
        # Gamma(m / j, j) has mean m and variance m j. A series that has stalled keeps the least drift that is told.
        mean = max(float(changes.mean()), SMALLEST_UNIT * known.step)
        jump = max(float(changes.var(ddof=1)) / mean, 1e-4)
        total = mean * len(changes)
        # The mean of n such steps is itself Gamma(total / j, j / n).
        drawn = rng.gamma(total / jump, jump / len(changes), size=(draws, 1))
        start = known.record + known.error * rng.standard_normal((draws, 1))
        return start + gamma_paths(np.maximum(drawn, 1e-9), jump, steps, rng)
