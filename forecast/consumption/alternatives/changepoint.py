"""Changepoint: growth at one rate, then at another, with the date of the bend unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from forecast.consumption.bend import bent_growth
from forecast.consumption.member import Member
from forecast.core.priors import Prior


@dataclass(frozen=True)
class Changepoint(Member):
    """Growth at `slope_before` up to the bend and at `slope_after` from then on.

    Parameters
    ----------
    slope_before, slope_after : Prior
        Growth rates on either side of the bend; the second may be the larger one.
    bend : Prior
        Date of the bend, years since 2024.0; it may lie ahead.

    Examples
    --------
    >>> import numpy as np
    >>> rates = {"slope_before": 0.5, "slope_after": 0.1, "bend": 0.0}
    >>> round(float(Changepoint().expected_growth(-4.0, 4.0, rates, np)), 3)
    2.4
    """

    name: ClassVar[str] = "changepoint"
    title: ClassVar[str] = "One bend at an unknown date"
    formula: ClassVar[str] = (
        r"\mathrm{E}\,F(t) = a + b_1 t + (b_2 - b_1)\,w\log\!\left(1 + e^{(t - c)/w}\right),\quad w = 1/8\text{ year}"
    )
    tail_parameters: ClassVar[tuple[str, ...]] = ("slope_after", "bend")

    slope_before: Prior = Prior.lognormal(
        0.35, 0.75, "log10 per year", "Villalobos et al. 2024 (arXiv 2211.04325v2): 0.27 to 0.48; widened by judgement"
    )
    slope_after: Prior = Prior.lognormal(
        0.25, 0.75, "log10 per year", "judgement: slower or as fast; 0.08 to 0.75 at 90 %, the data decide"
    )
    bend: Prior = Prior("normal", -0.5, 2.0, "years since 2024.0", "judgement: 2019.6 to 2027.4 at 95 %")

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b1 (end - start) and what the bend adds or takes."""
        before, after, bend = (parameters[name] for name in ("slope_before", "slope_after", "bend"))
        return bent_growth(start, end, before, after, bend, math)
