"""Members for other resources than text: the same growth, wider priors, the level of that resource."""

from __future__ import annotations

from dataclasses import replace

from forecast.consumption.member import Member
from forecast.consumption.members import member
from forecast.core.priors import Prior
from forecast.errors import unknown_name

LEVELS: dict[str, Prior] = {
    "images": Prior("normal", 8.5, 1.5, "log10 images", "judgement: 3e5 to 3e11 images at 95 %, all that was run"),
    "video": Prior("normal", 8.5, 2.0, "log10 seconds", "judgement: ten hours to 3e12 seconds at 95 %"),
    "audio": Prior("normal", 8.5, 2.0, "log10 seconds", "judgement: ten hours to 3e12 seconds at 95 %"),
    "code": Prior("normal", 11.5, 1.5, "log10 tokens", "judgement: 4e8 to 3e14 tokens at 95 %, all that was run"),
    "embodied": Prior("normal", 4.5, 1.5, "log10 hours", "judgement: 40 to 3e7 hours at 95 %, all that was run"),
}
"""Level of a resource's frontier in the middle of its data."""

WIDER = 1.5
"""Factor on the spread of every other prior: text's priors lean on what is known of text; judgement."""


def member_for(name: str, resource_name: str) -> Member:
    """Return a growth member with priors for a resource.

    Examples
    --------
    >>> member_for("damped", "images").level.unit
    'log10 images'
    """
    plain = member(name)
    if resource_name in ("public_text", "high_quality_text"):
        return plain
    if resource_name not in LEVELS:
        raise unknown_name("resource", resource_name, ["public_text", "high_quality_text", *LEVELS])
    why = f"; widened by {WIDER:g} for {resource_name}, of which little is published"
    wide = {
        field: replace(
            prior,
            # A half-normal has its scale in the centre.
            centre=prior.centre * (WIDER if prior.family == "half_normal" else 1.0),
            spread=prior.spread * WIDER,
            source=prior.source + why,
        )
        for field, prior in plain.priors()
        if field != "level"
    }
    return replace(plain, level=LEVELS[resource_name], **wide)
