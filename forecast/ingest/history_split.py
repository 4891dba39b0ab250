"""Which histories are learned from and which are held out: decided by a hash of the family's name, before any score.

Whole families are split, since series of one technology move together. What is forecast here (flag ``target``) was looked
at while the members were built: it is burnt, neither learned from nor held out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from forecast.ingest.histories import History

Half = Literal["learning", "held_out", "burnt"]

SALT = "data-depletion/histories/2"
"""What the hash is taken of beside the name; the number is that of the protocol."""

RULE = (
    "A family is in the learning half if the first byte of the SHA-256 of '" + SALT + "/<family>' (lower case, without "
    "spaces around it) is even, and held out if it is odd. Families with a series flagged 'target' are burnt: they are "
    "shown, neither learned from nor held out."
)
"""The rule in words, as the protocol has it."""

TARGET = "target"
"""Flag of a series that is forecast here."""


def half_of(family: str) -> Half:
    """Return the half in which a family falls by its name.

    Examples
    --------
    >>> half_of("top500") == half_of(" TOP500 ")
    True
    """
    digest = hashlib.sha256(f"{SALT}/{family.strip().lower()}".encode()).digest()
    return "learning" if digest[0] % 2 == 0 else "held_out"


def split(histories: Sequence[History]) -> dict[Half, list[History]]:
    """Return the histories of each half, in their order."""
    burnt = {history.family for history in histories if TARGET in history.flags.split()}
    halves: dict[Half, list[History]] = {"learning": [], "held_out": [], "burnt": []}
    for history in histories:
        halves["burnt" if history.family in burnt else half_of(history.family)].append(history)
    return halves
