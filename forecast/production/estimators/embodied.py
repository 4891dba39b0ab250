"""Open robot data: hours of collections that can be downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from forecast.core.distributions import LogNormal
from forecast.production.estimators.level_and_growth import LevelAndGrowth

OPEN_X = "table embodied: Open X-Embodiment, https://arxiv.org/abs/2310.08864"
"""The largest open collection of 2023."""

NINE_SETS = "table embodied: nine open robot sets together, https://arxiv.org/abs/2606.17846"
"""What was open in mid-2026."""


@dataclass(frozen=True)
class Embodied(LevelAndGrowth):
    """Hours of robots in open collections: 3,000 to 9,000 late in 2023, 11,000 in mid-2026.

    Two records make no estimate of what exists: what fleets of cars drive is mostly not kept, and what companies record
    is not published. Open driving data (1,282 hours) are within the error.

    Parameters
    ----------
    level : LogNormal
        Hours on 1 January 2024: the range that the number of trajectories allows (the probability is judgement).
    growth : LogNormal
        Yearly factor from either end of that range to 11,000 hours in 2.7 years (the probability is judgement).
    """

    name: ClassVar[str] = "embodied"
    title: ClassVar[str] = "Open robot data"
    lineage: ClassVar[str] = "open_robot_sets"
    resource_name: ClassVar[str] = "embodied"
    sources: ClassVar[tuple[str, ...]] = (OPEN_X, NINE_SETS, "judgement: the probabilities of these ends")
    tables: ClassVar[tuple[str, ...]] = ("embodied",)
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "level": ("hours", f"{OPEN_X}; judgement: the probability of its ends"),
        "growth": ("factor a year", f"{OPEN_X}; {NINE_SETS}; judgement: the probability of the ends"),
    }

    level: LogNormal = LogNormal.from_interval(3e3, 9e3, 0.90)
    growth: LogNormal = LogNormal.from_interval(1.08, 1.62, 0.90)
