"""Easing growth: the pace falls like one over the time since 2018."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from forecast.consumption.member import Member
from forecast.core.priors import Prior

SINCE = 6.0
"""Years from 2018.0 to 2024.0, from which time is counted (years)."""


@dataclass(frozen=True)
class Easing(Member):
    """Grows for ever, ever slower.

    Parameters
    ----------
    slope : Prior
        Pace in 2018.0.
    ease : Prior
        Years after which the pace has halved.
    """

    name: ClassVar[str] = "easing"
    title: ClassVar[str] = "Easing growth"
    formula: ClassVar[str] = r"\mathrm{E}\,F'(t) = b / (1 + (t - 2018) / e)"
    tail_parameters: ClassVar[tuple[str, ...]] = ("ease",)

    slope: Prior = Prior.lognormal(0.3, 1.2, "log10 per year", "judgement: an example for this test")
    ease: Prior = Prior.lognormal(2.0, 30.0, "years", "judgement: an example for this test")

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b e log((e + end) / (e + start)), with dates counted from 2018.0."""
        slope, ease = parameters["slope"], parameters["ease"]
        return slope * ease * math.log((ease + SINCE + end) / (ease + SINCE + start))
