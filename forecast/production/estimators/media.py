"""Images, video and audio on the internet: a published level and growth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from forecast.core.distributions import LogNormal
from forecast.production.estimators.level_and_growth import LevelAndGrowth

REPORT_2030 = "Sevilla et al. 2024, 'Can AI scaling continue through 2030?', https://epoch.ai/blog/can-ai-scaling-continue-through-2030"
"""Source of levels and growth of images, video and audio; the report of August 2024 gives no day."""


def _inputs(unit: str) -> Mapping[str, tuple[str, str]]:
    return {"level": (unit, REPORT_2030), "growth": ("factor a year", REPORT_2030)}


@dataclass(frozen=True)
class Media(LevelAndGrowth):
    """What the media share: the level on 1 January 2024, and the report's yearly factor for the stock of all data."""

    lineage: ClassVar[str] = "epoch"
    sources: ClassVar[tuple[str, ...]] = (REPORT_2030,)


@dataclass(frozen=True)
class Images(Media):
    """Images on the internet: 5e12 to 2e13 (10 to 90 %)."""

    name: ClassVar[str] = "images"
    title: ClassVar[str] = "Images on the internet"
    resource_name: ClassVar[str] = "images"
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = _inputs("images")

    level: LogNormal = LogNormal.from_interval(5e12, 2e13, 0.80, median=1e13)


@dataclass(frozen=True)
class Video(Media):
    """Seconds of video on the internet: 4.31e12 to 1.73e13 (10 to 90 %)."""

    name: ClassVar[str] = "video"
    title: ClassVar[str] = "Video on the internet"
    resource_name: ClassVar[str] = "video"
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = _inputs("seconds")

    level: LogNormal = LogNormal.from_interval(4.31e12, 1.73e13, 0.80, median=8.63e12)


@dataclass(frozen=True)
class Audio(Media):
    """Seconds of audio on the internet: 4e11 to 1.6e12 (10 to 90 %)."""

    name: ClassVar[str] = "audio"
    title: ClassVar[str] = "Audio on the internet"
    resource_name: ClassVar[str] = "audio"
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = _inputs("seconds")

    level: LogNormal = LogNormal.from_interval(4e11, 1.6e12, 0.80, median=8e11)
