"""The levers by name: a new one is one file and one line here.

Examples
--------
>>> from forecast import levers
>>> levers.LEVERS["quality"].side
'stock'
"""

from __future__ import annotations

from collections.abc import Mapping

from forecast.levers.lever import Lever, Setting
from forecast.levers.quality import Quality
from forecast.levers.repetition import Repetition

LEVERS: Mapping[str, Lever] = {
    lever.name: lever
    for lever in (
        Quality(),
        Repetition(),
    )
}
"""In the order in which they are applied and shown."""

__all__ = ["LEVERS", "Lever", "Setting"]
