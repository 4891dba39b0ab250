"""Resources: kinds of human data, each with one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forecast.errors import unknown_name


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


RESOURCES: Mapping[str, Resource] = {
    r.name: r
    for r in (
        Resource("public_text", "tokens", "public human text"),
        Resource("high_quality_text", "tokens", "high-quality human text"),
        Resource("images", "images", "public images"),
        Resource("video", "seconds", "public video"),
        Resource("audio", "seconds", "public audio"),
        Resource("code", "tokens", "public code"),
    )
}


def resource(name: str) -> Resource:
    """Return a resource by its name.

    Parameters
    ----------
    name : str
        One of the names in `RESOURCES`.

    Returns
    -------
    Resource
        The resource.

    Raises
    ------
    UnknownNameError
        If there is none of that name.

    Examples
    --------
    >>> resource("public_text").unit
    'tokens'
    """
    if name not in RESOURCES:
        raise unknown_name("resource", name, RESOURCES)
    return RESOURCES[name]
