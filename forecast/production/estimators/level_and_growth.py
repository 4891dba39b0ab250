"""The simplest estimator: a level in 2024 and a yearly growth, both drawn once per future."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.units import REFERENCE_YEAR
from forecast.production.estimator import Estimator
from forecast.production.estimators.published import GROWTH

REPORT_2030 = "Sevilla et al. 2024, 'Can AI scaling continue through 2030?', https://epoch.ai/blog/can-ai-scaling-continue-through-2030"
"""Source of levels and growth of images, video and audio."""


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
        years = np.asarray(years, dtype=float)
        level, growth = np.log10(draws["level"])[:, None], np.log10(draws["growth"])[:, None]
        return np.asarray(level + growth * (years - REFERENCE_YEAR)[None, :])
