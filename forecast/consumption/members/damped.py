"""Damped growth: the rate decays with time, the frontier may level off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from forecast.consumption.learned_from_histories import DAMPING, JUMP, PACE_RATIO, SLOPE
from forecast.consumption.member import Member
from forecast.core.priors import Prior


@dataclass(frozen=True)
class Damped(Member):
    """a + b (1 - exp(-r t)) / r, with t in years since 2024 and continued smoothly to t < 0.

    Parameters
    ----------
    slope : Prior
        b, growth rate at 2024.0.
    damping : Prior
        r, rate at which growth decays; not in the data, which end before the level-off would show.
    """

    name: ClassVar[str] = "damped"
    version: ClassVar[int] = 2
    title: ClassVar[str] = "Growth that slows, as histories do"
    formula: ClassVar[str] = r"\mathrm{E}\,F(t) = a + b\,\frac{1 - e^{-rt}}{r}"
    tail_parameters: ClassVar[tuple[str, ...]] = ("damping",)

    slope: Prior = SLOPE
    damping: Prior = DAMPING
    jump: Prior = JUMP
    pace_ratio: Prior | None = PACE_RATIO

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b (exp(-r start) - exp(-r end)) / r."""
        slope, damping = parameters["slope"], parameters["damping"]
        return slope * (math.exp(-damping * start) - math.exp(-damping * end)) / damping
