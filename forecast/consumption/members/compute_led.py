r"""Compute-led demand: text grows as a share of compute did, and slows as the computation of disclosed runs has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from forecast.consumption.bend import bent_growth
from forecast.consumption.learned_from_histories import JUMP, PACE_RATIO
from forecast.consumption.member import Member
from forecast.core.priors import Prior

BEND = 0.5
"""Date of the bend (years since 2024.0): mid-2024, from which on the largest disclosed runs grow more slowly."""


@dataclass(frozen=True)
class ComputeLed(Member):
    """Growth at `slope` up to mid-2024 and at a part of it, which fades, from then on.

    Parameters
    ----------
    slope : Prior
        Growth before the bend: that of compute times the elasticity of tokens to compute.
    kept : Prior
        Part of it that is left after the bend.
    """

    name: ClassVar[str] = "compute_led"
    title: ClassVar[str] = "Compute-led demand, slower since mid-2024"
    formula: ClassVar[str] = r"\mathrm{E}\,F(t) = a + b\,\min(t, t_1) + b\,k\,\max(t - t_1, 0)"
    tail_parameters: ClassVar[tuple[str, ...]] = ("kept",)

    slope: Prior = Prior.lognormal(
        0.31,
        0.50,
        "log10 per year",
        "table epoch_models (Epoch AI 2026): compute of the eight largest disclosed runs of a half-year grew 0.66 a year "
        "before mid-2024, times an elasticity of tokens to compute of 0.42 to 0.53",
    )
    jump: Prior = JUMP
    pace_ratio: Prior | None = PACE_RATIO
    kept: Prior = Prior.lognormal(
        0.40,
        1.0,
        "share",
        "judgement: of 0.66 a year disclosed runs kept -0.07 [-0.35, 0.19], undisclosed ones are said to have kept all",
    )

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return b (end - start) before the bend, b k (end - start) after it."""
        slope = parameters["slope"]
        return bent_growth(start, end, slope, slope * parameters["kept"], BEND, math)
