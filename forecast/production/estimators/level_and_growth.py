"""The simplest estimator: a level in 2024 and a yearly growth, both drawn once per future."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.production.estimator import Estimator, growing
from forecast.production.estimators.published import GROWTH


@dataclass(frozen=True)
class LevelAndGrowth(Estimator):
    """A published level that grows by a constant factor a year.

    Parameters
    ----------
    level : LogNormal
        Stock on 1 January 2024, in the resource's unit.
    growth : LogNormal
        Yearly factor; each future keeps its own.
    """

    formula: ClassVar[str] = r"S(t) = S_{2024}\,g^{t-2024}"

    level: LogNormal
    growth: LogNormal = GROWTH

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 units, shape (draw, year)."""
        return growing(np.log10(draws["level"]), draws["growth"], years)
