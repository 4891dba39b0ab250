"""Damped growth: the rate decays with time, the frontier may level off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

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
    title: ClassVar[str] = "Damped growth"
    formula: ClassVar[str] = r"\mathrm{E}\,F(t) = a + b\,\frac{1 - e^{-rt}}{r}"
    tail_parameters: ClassVar[tuple[str, ...]] = ("damping",)

    slope: Prior = Prior.lognormal(
        0.35, 0.75, "log10 per year", "Villalobos et al. 2024 (arXiv 2211.04325v2): 0.27 to 0.48; widened by judgement"
    )
    damping: Prior = Prior.lognormal(0.12, 0.45, "per year", "judgement: growth halves in 1.5 to 20 years, median 6")

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b (exp(-r start) - exp(-r end)) / r."""
        slope, damping = parameters["slope"], parameters["damping"]
        return slope * (math.exp(-damping * start) - math.exp(-damping * end)) / damping
