"""Resources: kinds of human data, each with one unit."""

from __future__ import annotations

from dataclasses import dataclass

from forecast.core.registry import Registry


@dataclass(frozen=True)
class Resource:
    """A kind of human data with one unit.

    Parameters
    ----------
    name : str
        Its name in scenarios and on the command line.
    unit : str
        The unit of one datum.
    title : str
        How it is called in a sentence.
    """

    name: str
    unit: str
    title: str


RESOURCES = Registry[Resource](
    "resource",
    (
        Resource("public_text", "tokens", "public human text"),
        Resource("high_quality_text", "tokens", "high-quality human text"),
        Resource("images", "images", "public images"),
        Resource("video", "seconds", "public video"),
        Resource("audio", "seconds", "public audio"),
        Resource("code", "tokens", "public code"),
        Resource("embodied", "hours", "open robot and driving data"),
    ),
)
"""The resources by name."""
