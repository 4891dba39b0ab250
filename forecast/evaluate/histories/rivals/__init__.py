"""The rivals by name: a new one is one file and one line here. All were fixed before anything was learned from histories."""

from __future__ import annotations

from forecast.core.registry import Registry
from forecast.evaluate.histories.rivals.base import Forecaster, Rival
from forecast.evaluate.histories.rivals.epoch_line import EpochLine
from forecast.evaluate.histories.rivals.farmer_lafond import FarmerLafond
from forecast.evaluate.histories.rivals.neighbours import Neighbours
from forecast.evaluate.histories.rivals.record_plus_drift import RecordPlusDrift
from forecast.evaluate.histories.rivals.record_plus_drift_fitted import RecordPlusDriftFitted
from forecast.evaluate.histories.rivals.regressions import HighQuantile, LeastSquares
from forecast.evaluate.histories.rivals.state_space import AutomaticETS, DampedHolt, UnobservedComponents

RIVALS = Registry[type[Rival]](
    "rival",
    (
        RecordPlusDrift,
        RecordPlusDriftFitted,
        FarmerLafond,
        EpochLine,
        DampedHolt,
        AutomaticETS,
        UnobservedComponents,
        HighQuantile,
        LeastSquares,
        Neighbours,
    ),
)
"""The rivals by name."""

__all__ = ["RIVALS", "Forecaster", "Rival"]
