"""Images on the internet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from forecast.core.distributions import LogNormal
from forecast.production.estimators.level_and_growth import REPORT_2030, LevelAndGrowth


@dataclass(frozen=True)
class Images(LevelAndGrowth):
    """Images on the internet: 5e12 to 2e13 (10 to 90 %).

    Parameters
    ----------
    level : LogNormal
        Images on 1 January 2024; the report of August 2024 gives no day.
    growth : LogNormal
        Yearly factor: the report's for the stock of all data.
    """

    name: ClassVar[str] = "images"
    title: ClassVar[str] = "Images on the internet"
    lineage: ClassVar[str] = "epoch"
    resource_name: ClassVar[str] = "images"
    sources: ClassVar[tuple[str, ...]] = (REPORT_2030,)
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "level": ("images", REPORT_2030),
        "growth": ("factor a year", REPORT_2030),
    }

    level: LogNormal = LogNormal.from_interval(5e12, 2e13, 0.80, median=1e13)
