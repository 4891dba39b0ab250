"""Numbers as people write them in tables, with the scale and the unit in the same cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.ingest.headers import BYTES, SCALES, UNITS

LONGEST_NUMBER = 100
"""A longer cell is prose, not a number (characters)."""

_LEAD = re.compile(
    r"(?:[~\u2248\u223c>\u2265]=?|about|around|approximately|approx\.?|circa|ca\.|over|more than|at least)\s*"
)
_SUPERSCRIPT = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+")
_GROUPED = re.compile(r"(?<=\d)[\s'\u2019_](?=\d{3}(?!\d))")  # 1 300 000
_POWER_OF_TEN = re.compile(r"10(?:\^|\*\*)\{?(?=\d)")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<digits>\d[\d.,]*|[.,]\d+)"
    r"(?:e(?P<e>[+-]?\d{1,4})|[x\u00d7*\u00b7]10(?:(?:\^|\*\*)\{?(?P<ten>\d{1,3})|(?P<bare>[1-9]\d?(?!\d)))\}?)?"
    r"(?P<scale>[a-z]*)"
)
_INFINITY = re.compile(r"([+-]?)inf(?:inity)?")
_LETTERS_AT_END = re.compile(r"[a-z]+$")
_GROUPS = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+") for mark in ",."}
_ONE_GROUP = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


@dataclass(frozen=True)
class Sizes:
    """A column of sizes, read.

    Parameters
    ----------
    number : pandas.Series
        Floats; NaN where a cell is empty or no number, ``inf`` where it is larger than any float.
    unit : pandas.Series
        The word for the unit that a cell states, empty where it states none.
    scaled : pandas.Series
        True where a cell states a scale, such as trillions, or a unit: its number is complete.
    note : str
        What the reader should know of how the numbers were read; empty where nothing.
    """

    number: pd.Series
    unit: pd.Series
    scaled: pd.Series
    note: str


class _Parts(NamedTuple):
    """What a cell says, before it is known what its points and commas mean."""

    digits: str
    exponent: int
    machine: bool  # 1.300e12 is written by programs, whose point is a decimal one
    unit: str
    scaled: bool


def parse_numbers(cells: pd.Series) -> pd.Series:
    """Read numbers as people write them.

    Examples
    --------
    >>> parse_numbers(pd.Series(["1,300,000", "1.3e12", "15T", "1e400", "many"])).tolist()
    [1300000.0, 1300000000000.0, 15000000000000.0, inf, nan]
    """
    read = parse_sizes(cells)
    return read.number.where(read.unit == "")


def parse_sizes(cells: pd.Series) -> Sizes:
    """Read numbers that may state their unit.

    Examples
    --------
    >>> read = parse_sizes(pd.Series(["15T+ tokens", "1.5 trillion", "570 GB"]))
    >>> read.number.tolist(), read.unit.tolist()
    ([15000000000000.0, 1500000000000.0, 570.0], ['tokens', '', 'gb'])
    """
    found = {text: _parts(text) for text in cells.unique()}
    read = [parts for parts in found.values() if parts is not None]
    style = _style(read)
    numbers = {text: np.nan if parts is None else _number(parts, style) for text, parts in found.items()}
    return Sizes(
        cells.map(numbers).astype(float),
        cells.map({text: parts.unit if parts else "" for text, parts in found.items()}).astype("str"),
        cells.map({text: bool(parts and parts.scaled) for text, parts in found.items()}).astype(bool),
        _note(found, style),
    )


def _parts(cell: str) -> _Parts | None:
    text = cell.lower().strip()
    if not text or len(text) > LONGEST_NUMBER:
        return None
    text = _LEAD.sub("", text, count=1) if _LEAD.match(text) else text
    text, unit = _without_unit(text.rstrip("+ "))
    text = _SUPERSCRIPT.sub(_raised, text)
    text = _GROUPED.sub("", text)
    if re.search(r"\d\s+\d", text):
        return None
    text = "".join(text.split())
    if infinite := _INFINITY.fullmatch(text):
        return _Parts(f"{infinite[1]}inf", 0, True, unit, False)
    match = _NUMBER.fullmatch(_POWER_OF_TEN.sub("1e", text, count=1) if _POWER_OF_TEN.match(text) else text)
    if match is None or (match["scale"] and match["scale"] not in SCALES):
        return None
    power = match["e"] or match["ten"] or match["bare"]
    exponent = int(power or 0) + SCALES.get(match["scale"], 0)
    return _Parts(match["sign"] + match["digits"], exponent, bool(power), unit, bool(unit or match["scale"]))


def _raised(found: re.Match[str]) -> str:
    """Turn digits that are set high into a power: 10¹² is 10^12."""
    return "^" + "".join(str(unicodedata.digit(digit)) for digit in found[0])


def _without_unit(text: str) -> tuple[str, str]:
    """Cut a unit off the end; ``15ttokens`` has a scale before it."""
    letters = _LETTERS_AT_END.search(text)
    if letters is None:
        return text, ""
    word = letters[0]
    for scale in ("", *SCALES):
        unit = word.removeprefix(scale)
        if unit in UNITS or (not scale and unit in BYTES):
            return text[: len(text) - len(unit)].rstrip("+- "), unit
    return text, ""


def _style(read: Iterable[_Parts]) -> str:
    """Tell whether a column is written in the English way (1,300.5), the continental one (1.300,5), or both."""
    styles = {style for parts in read if (style := _own_style(parts)) in ("english", "continental")}
    return "unknown" if not styles else styles.pop() if len(styles) == 1 else "mixed"


def _own_style(parts: _Parts) -> str:
    """Tell how a number is written: english, continental, plain, open where it can be either, or wrong."""
    digits = parts.digits.lstrip("+-")
    commas, points = digits.count(","), digits.count(".")
    if not commas and not points:
        return "plain"
    if commas and points:
        decimal = "." if digits.rfind(".") > digits.rfind(",") else ","
        group = "," if decimal == "." else "."
        whole, _, _ = digits.rpartition(decimal)
        right = digits.count(decimal) == 1 and _GROUPS[group].fullmatch(whole)
        return ("english" if decimal == "." else "continental") if right else "wrong"
    mark, count = (",", commas) if commas else (".", points)
    if count > 1:
        return ("english" if mark == "," else "continental") if _GROUPS[mark].fullmatch(digits) else "wrong"
    if _ONE_GROUP.fullmatch(digits) and not (mark == "." and parts.machine):
        return "open"
    return "continental" if mark == "," else "english"


def _number(parts: _Parts, style: str) -> float:
    own = _own_style(parts)
    if own == "open":
        own = "english" if style == "unknown" else style
    if own in ("wrong", "mixed"):
        return np.nan
    digits = parts.digits
    digits = digits.replace(".", "").replace(",", ".") if own == "continental" else digits.replace(",", "")
    # Put together as text, because 5.85 times 1e11 is not the float nearest to 5.85e11.
    return float(digits) if digits.endswith("inf") else float(f"{digits}e{parts.exponent}")


def _note(found: dict[str, _Parts | None], style: str) -> str:
    if style not in ("unknown", "mixed"):
        return ""
    unclear = [text for text, parts in found.items() if parts is not None and _own_style(parts) == "open"]
    if not unclear:
        return ""
    parts = found[unclear[0]]
    assert parts is not None
    shown = f"{_number(parts, style):.12g}"
    such = f"a size such as {unclear[0]!r}"
    if style == "mixed":
        return f"{such} is not read: the column has both decimal commas and decimal points"
    return f"{such} is read as {shown}: if that is wrong, write the numbers without separators"
