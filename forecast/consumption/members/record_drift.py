"""Record with shrunken drift: the running record itself is the process, its drift held close to a prior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.member import Member
from forecast.consumption.observation import SMALLEST_ERROR
from forecast.core.priors import Prior

TIE = 0.10
"""How closely the frontier is held to a record when it is set (log10, sd: 25 %); judgement."""


@dataclass(frozen=True)
class RecordDrift(Member):
    """The frontier is what has been done: it is at each record when that is set, and drifts on from the last one.

    Parameters
    ----------
    slope : Prior
        Drift of the record, shrunk: the data move it little.
    shape_excess : Prior
        Close to zero, since the best corpus of a half-year may be at the record itself.
    """

    name: ClassVar[str] = "record_drift"
    title: ClassVar[str] = "Record with shrunken drift"
    formula: ClassVar[str] = r"\mathrm{E}\,F(t) = R(t_0) + b\,(t - t_0)"
    tail_parameters: ClassVar[tuple[str, ...]] = ("slope",)

    slope: Prior = Prior.lognormal(
        0.30, 0.45, "log10 per year", "judgement: between 0.38 (Villalobos et al. 2024) and the pace since 2024"
    )
    shape_excess: Prior = Prior.lognormal(0.05, 0.10, "none", "judgement: nothing keeps the best corpus off the record")

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b (end - start)."""
        del math
        return parameters["slope"] * (end - start)

    def inputs(self, data: FrontierData) -> dict[str, np.ndarray]:
        """Add which rows set a record when they were published."""
        return {**super().inputs(data), "is_record": records(data)}

    def more_density(self, at_rows: Any, data: Mapping[str, Any], math: Any) -> Any:
        """Hold the frontier to each record, up to its measurement and the tie's own width."""
        variance = data["sd"] ** 2 + SMALLEST_ERROR**2 + TIE**2
        miss = (at_rows - data["size"]) ** 2 / variance
        return math.sum(-0.5 * data["is_record"] * (miss + math.log(2 * np.pi * variance)), axis=-1)


def records(data: FrontierData) -> np.ndarray:
    """Return which rows were larger than everything published before them."""
    flags = np.zeros_like(data.size)
    best = -np.inf
    for block, row in sorted(
        zip(*np.nonzero(data.observed), strict=True), key=lambda at: (data.time[at], -data.size[at])
    ):
        if data.size[block, row] > best:
            best = data.size[block, row]
            flags[block, row] = 1.0
    return flags
