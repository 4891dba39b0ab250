"""Rows that contradict themselves tenfold: the number against what its notes state and what its compute implies.

A slip of a thousand in one cell would set the record of the whole table. Three witnesses speak of a size: the number,
the amounts of text in the notes, and training compute C over 6 N. Where the notes give no amount within a factor of ten
of the number, the other two decide, or the row is left out; a number that nothing but compute contradicts is kept, with
an error as large as the contradiction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from forecast.core.units import WORDS_PER_TOKEN, words_to_tokens
from forecast.ingest.amounts import Amount

TENFOLD = 1.0
"""Factor from which two witnesses contradict each other (log10): no choice of unit, passes or shares makes so much."""

AGREES = 0.5
"""Factor within which they agree (log10: 3): compute and notes are rounded, and count passes or parts differently."""

SLIP = 0.01
"""A slip of a thousand or a million leaves the digits as they are, within this (log10: 2 %)."""

FEWEST = 1e6
"""Smallest amount of text in a note that can be a training set (tokens or words): below are lengths and batches."""

TAKEN = "taken from the notes"
"""What became of a number for which the notes' own was taken."""


def settle(size: float, found: Sequence[Amount], from_compute: list[float]) -> tuple[float, str]:
    """Settle what a row's size is where its number, its notes and its compute contradict each other.

    Examples
    --------
    >>> from forecast.ingest.amounts import amounts
    >>> settle(1.05e15, amounts("1.4T tokens"), [1.41e12])
    (1400000000000.0, 'taken from the notes')
    >>> settle(1.4e12, amounts("1.4T tokens"), [3e10])
    (1400000000000.0, 'kept')
    """
    stated = [a.number * _TOKENS[a.unit] for a in found if a.unit in _TOKENS and not a.per and a.number >= FEWEST]
    if not stated or _confirmed(size, found) or any(_gap(size, one) < TENFOLD for one in (*stated, sum(stated))):
        return size, "kept"
    if any(_gap(size, one) < TENFOLD for one in from_compute):
        return size, "kept"
    agreed = [one for one in stated if any(_gap(one, other) < AGREES for other in from_compute)]
    slipped = [one for one in stated if _is_slip(size, one)]
    taken = set(agreed or slipped)
    if not taken and any(a.unit in _OTHER_DATA for a in found):
        return size, "kept"  # the text in the notes is a part, and images or speech the rest
    if not taken or (len(taken) > 1 and not from_compute):
        return float("nan"), "left out"
    return min(taken, key=lambda one: min((_gap(one, other) for other in from_compute), default=0.0)), TAKEN


_OTHER_DATA = ("images", "patches", "hours")
_TOKENS = {"tokens": 1.0, "words": words_to_tokens(1.0)}


def _confirmed(size: float, found: Sequence[Amount]) -> bool:
    """Tell whether the number is in the notes, whatever they count it in, or is a product of two amounts there."""
    products = [a.number * b.number for a, b in pairwise(found) if b.times]
    return any(_gap(one, other) < SLIP for one in _readings(size) for other in (*(a.number for a in found), *products))


def _readings(size: float) -> tuple[float, float, float]:
    """Return a number as it is, and as it was before words were taken for tokens or tokens for words."""
    return size, size * WORDS_PER_TOKEN, words_to_tokens(size)


def _gap(a: float, b: float) -> float:
    return abs(math.log10(a) - math.log10(b)) if a > 0 and b > 0 else float("inf")


def _is_slip(size: float, stated: float) -> bool:
    """Tell whether a number is the stated one with its thousands, millions or more lost or doubled, words or tokens."""
    for reading in _readings(size):
        thousands = (math.log10(reading) - math.log10(stated)) / 3
        if round(thousands) != 0 and abs(thousands - round(thousands)) * 3 < SLIP:
            return True
    return False
