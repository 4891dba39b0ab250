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
    amount : str, optional
        What a training run needs of it, for readers: "as much text".
    supply : str, optional
        All of it that can be used, for readers: "all usable public human writing".
    people : str, optional
        The same in the reader's question: "the public text people write".

    Examples
    --------
    >>> import forecast as fc
    >>> fc.RESOURCES["public_text"].unit
    'tokens'
    """

    name: str
    unit: str
    title: str
    amount: str = ""
    supply: str = ""
    people: str = ""

    @property
    def amount_words(self) -> str:
        """What a training run needs of it, in plain words."""
        return self.amount or f"as many {self.unit}"

    @property
    def supply_words(self) -> str:
        """All of it that can be used, in plain words."""
        return self.supply or f"all {self.title}"

    @property
    def people_words(self) -> str:
        """What a training run may outgrow, in the reader's question."""
        return self.people or self.supply_words


RESOURCES = Registry[Resource](
    "resource",
    (
        Resource(
            "public_text",
            "tokens",
            "public human text",
            "as much text",
            "all usable public human writing",
            "the public text people write",
        ),
        Resource(
            "high_quality_text", "tokens", "high-quality human text", "as much text", "all high-quality human writing"
        ),
        Resource("images", "images", "public images", supply="the whole public stock of images"),
        Resource("video", "seconds", "public video", "as much video", "the whole public stock of video"),
        Resource("audio", "seconds", "public audio", "as much audio", "the whole public stock of audio"),
        Resource("code", "tokens", "public code", "as much code", "all usable public code"),
        Resource("embodied", "hours", "open robot and driving data"),
    ),
)
"""The resources by name."""
