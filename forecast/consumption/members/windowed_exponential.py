"""Exponential growth at the rate of the last five years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.member import Member
from forecast.core.priors import Prior


@dataclass(frozen=True)
class WindowedExponential(Member):
    """a + b t, fitted to the half-years that begin within the last `window` years.

    Parameters
    ----------
    slope : Prior
        b, growth rate.
    window : float, default 5.0
        Years before the as-of date that count.
    """

    name: ClassVar[str] = "windowed_exponential"
    left: ClassVar[str] = "0.2.0"
    title: ClassVar[str] = "Exponential growth, at the rate of the last five years"
    formula: ClassVar[str] = r"\mathrm{E}\,F(t) = a + b\,t"
    tail_parameters: ClassVar[tuple[str, ...]] = ("slope",)

    slope: Prior = Prior.lognormal(
        0.35, 0.75, "log10 per year", "Villalobos et al. 2024 (arXiv 2211.04325v2): 0.27 to 0.48; widened by judgement"
    )
    window: float = 5.0

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b (end - start)."""
        del math
        return parameters["slope"] * (end - start)

    def sees(self, data: FrontierData) -> np.ndarray:
        """Return the blocks of the window: those that begin no earlier than `window` years before the as-of date."""
        recent = data.knots[:-1] >= data.as_of - self.window - 1e-9
        return (recent & (data.exposure > 0)).astype(float)
