"""Amounts that a note states: numbers as people write them, each with the unit beside it.

A note is cut into words, numbers and marks once; one pass over the pieces then finds every number with its unit. The
time is linear in the note's length: nothing is matched that could be matched in a second way.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

SCALES = {
    "trillion": 1e12, "trillions": 1e12, "tn": 1e12, "t": 1e12, "billion": 1e9, "billions": 1e9, "bn": 1e9, "b": 1e9,
    "g": 1e9, "million": 1e6, "millions": 1e6, "mn": 1e6, "m": 1e6, "thousand": 1e3, "thousands": 1e3, "k": 1e3,
}  # fmt: skip
"""What a word or letter after a number multiplies it by."""

UNITS = {
    name: unit
    for unit, names in {
        "tokens": "token tokens",
        "words": "word words",
        "images": "image images picture pictures photo photos photograph photographs",
        "patches": "patch patches",
        "hours": "hour hours",
        "seconds": "second seconds",
        "samples": "sample samples example examples sentence sentences pair pairs utterance utterances frame frames "
        "sequence sequences document documents residue residues question questions article articles",
        "gigabytes": "gb gib gigabyte gigabytes",
        "terabytes": "tb tib terabyte terabytes",
        "parameters": "parameter parameters param params",
        "operations": "flop flops",
        "devices": "gpu gpus tpu tpus chip chips",
        "steps": "step steps iteration iterations epoch epochs layer layers day days week weeks",
    }.items()
    for name in names.split()
}
"""Units by the words for them; some are known only so that their numbers are not taken for others."""

SPELLED = {
    "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0,
    "nine": 9.0, "ten": 10.0,
}  # fmt: skip
"""Numbers in letters, read before a scale only: "one billion words"."""

WORDS_BETWEEN = 8
"""Pieces that may come between a number and the unit after it: "9 trillion carefully filtered and cleaned tokens"."""

WORDS_BEFORE = 4
"""Pieces that may come between a unit and the number after it: "tokens used for training: 7T"."""

_PIECE = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?|[a-z]+|\*\*|[^\s]", re.IGNORECASE)
_ENDS = frozenset(".;:!?|=")
_TIMES = frozenset("*x\u00d7\u00b7")
_POWER = frozenset(("^", "**"))
_PAIRED = frozenset(("image", "text", "caption", "images"))


class Amount(NamedTuple):
    """A number with the unit beside it.

    Parameters
    ----------
    number : float
        As stated, its scale multiplied in.
    unit : str
        One of the values of `UNITS`; empty if there is none beside the number.
    per : str
        What it is counted by ("200M words per GB"): another unit; empty where it is a plain amount.
    times : bool
        Whether the number before it is multiplied with it ("13*20 billion words").
    """

    number: float
    unit: str
    per: str = ""
    times: bool = False


_ONE_GIGABYTE = Amount(1.0, "gigabytes")


@lru_cache(maxsize=64)
def amounts(notes: str) -> tuple[Amount, ...]:
    """Return every amount that a note states, in its order.

    Examples
    --------
    >>> [(a.number, a.unit) for a in amounts("12 * 10^12 tokens; words in all: 1.5B")]
    [(12000000000000.0, 'tokens'), (1500000000.0, 'words')]
    """
    pieces = [(match[0].lower(), match.start(), match.end()) for match in _PIECE.finditer(notes)]
    words = [piece for piece, _, _ in pieces]
    found: list[Amount] = []
    i, free = 0, 0  # pieces before `free` belong to an earlier number
    times = False
    while i < len(pieces):
        spelled = words[i] in SPELLED and i + 1 < len(words) and SCALES.get(words[i + 1], 0.0) >= 1e3
        if not words[i][0].isdecimal() and not spelled:
            if words[i] in _TIMES:
                times = True
            elif words[i] in _ENDS:
                times = False
            i += 1
            continue
        glued = i > 0 and words[i - 1].isalpha() and pieces[i - 1][2] == pieces[i][1] and words[i - 1] not in _TIMES
        number, after = _number(pieces, i)
        unit, per, end = _unit_after(words, after)
        if not unit and words[after - 1] == "g":  # "78G of text"; "1G words" has its unit
            number, unit = number / SCALES["g"], "gigabytes"
        if not unit:
            unit = _unit_before(words, i, free)
        if found and found[-1] == _ONE_GIGABYTE and unit in ("tokens", "words"):
            per = "gigabytes"  # "1 GB ~ 200M words"
        if 0 < number < math.inf and not glued:
            found.append(Amount(number, unit, per, times))
            times = False
        free, i = max(end, after), after
    return tuple(found)


def _number(pieces: list[tuple[str, int, int]], i: int) -> tuple[float, int]:
    """Return the number that begins at a piece, its power of ten and scale multiplied in, and the piece after it."""
    number = SPELLED.get(pieces[i][0]) or float(pieces[i][0].replace(",", ""))
    word = [piece for piece, _, _ in pieces[i + 1 : i + 6]] + [""] * 5
    touching = i + 1 < len(pieces) and pieces[i][2] == pieces[i + 1][1]
    i += 1
    if word[0] == "e" and touching:
        signed = word[1] in ("+", "-")
        exponent = word[2] if signed else word[1]
        if exponent.isdecimal() and len(exponent) <= 2:
            number *= 10.0 ** (-int(exponent) if word[1] == "-" else int(exponent))
            i += 3 if signed else 2
    elif word[0] in _TIMES and word[1] == "10" and word[2] in _POWER and word[3].isdecimal() and len(word[3]) <= 2:
        number *= 10.0 ** int(word[3])
        i += 4
    elif number == 10 and word[0] in _POWER and word[1].isdecimal() and len(word[1]) <= 2:
        number = 10.0 ** int(word[1])
        i += 2
    if i + 1 < len(pieces) and pieces[i][0] == "-" and pieces[i + 1][0] in SCALES:
        i += 1
    if i < len(pieces) and pieces[i][0] in SCALES:
        number *= SCALES[pieces[i][0]]
        i += 1
    return number, i


def _unit_after(words: list[str], i: int) -> tuple[str, str, int]:
    """Return the unit after a number, what it is counted by, and the piece after both; empty where there is none."""
    for k in range(i, min(i + WORDS_BETWEEN + 1, len(words))):
        if words[k] in _ENDS or words[k][0].isdecimal() or words[k] in _TIMES:
            break
        unit = UNITS.get(words[k])
        if unit is None or (unit == "images" and _is_pair(words, k)):
            continue
        if unit == "samples" and k >= 1 and words[k] in ("pair", "pairs") and words[k - 1] in _PAIRED:
            unit = "images"
        per = words[k + 2] if k + 2 < len(words) and words[k + 1] in ("per", "/", "a", "an") else ""
        return unit, UNITS.get(per, ""), k + 1
    return "", "", i


def _is_pair(words: list[str], k: int) -> bool:
    """Tell whether an image is only the first half of an image-text pair."""
    return any(word in ("pair", "pairs") for word in words[k + 1 : k + 5])


def _unit_before(words: list[str], i: int, free: int) -> str:
    """Return tokens or words if one of them comes shortly before a number and belongs to no other."""
    for k in range(i - 1, max(i - WORDS_BEFORE - 2, free - 1), -1):
        if words[k] in (".", ";", "|"):
            break
        if UNITS.get(words[k]) in ("tokens", "words"):
            return UNITS[words[k]]
    return ""
