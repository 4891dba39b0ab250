"""Which number is a row's size: out of several columns, in the unit and scale that cell, column or row state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.core.units import words_to_tokens
from forecast.errors import InputError
from forecast.ingest.cells import is_empty
from forecast.ingest.headers import BYTES, UNITS, unit_phrase
from forecast.ingest.layouts import RawTable, SizeColumn
from forecast.ingest.numerals import Sizes, parse_sizes

STATED = "stated in file"
"""What a unit rests on that the cell, the name of its column or a column of units states."""

SMALLEST_EXPECTED = 1e8
"""A smaller text (tokens) makes one ask for the unit: GPT-1 of 2018 read ten times as much."""

_AGREEMENT = 1.5
"""Two columns that differ by more contradict each other (ratio); words and tokens of one text differ by 4/3."""


@dataclass(frozen=True)
class ChosenSizes:
    """One size a row.

    Parameters
    ----------
    text : pandas.Series
        The cell as the file has it.
    quantity : pandas.Series
        The number that it states, times the scale; NaN where it is none.
    layout : pandas.Series
        The layout of its column.
    unit : pandas.Series
        The unit that is stated in the file: one of the units used here, ``bytes``, or empty.
    preferred : str
        The layout of the column that counts first.
    notes : tuple of str
        What the reader should know, one sentence each.
    """

    text: pd.Series
    quantity: pd.Series
    layout: pd.Series
    unit: pd.Series
    preferred: str
    notes: tuple[str, ...] = ()


def choose_sizes(raw: RawTable) -> ChosenSizes:
    """Take each row's size from the first size column that is filled."""
    read = [(column, parse_sizes(column.cells)) for column in raw.sizes]
    numeric = [pair for pair in read if _holds_numbers(*pair)] or read
    notes = [
        f"the column {column.name[:60]!r} is passed over: it holds no numbers"
        for column, _ in read
        if not any(column is kept for kept, _ in numeric)
    ]
    notes += [sizes.note for _, sizes in numeric if sizes.note]
    first, *others = [_as_stated(raw, column, sizes) for column, sizes in numeric]
    text, quantity, layout, unit = first.text, first.quantity, first.layout, first.unit
    for (column, _), other in zip(numeric[1:], others, strict=True):
        notes += _contradictions(numeric[0][0].name, first, column.name, other)
        take = is_empty(text) & ~is_empty(other.text)
        text, quantity = text.where(~take, other.text), quantity.where(~take, other.quantity)
        layout, unit = layout.where(~take, other.layout), unit.where(~take, other.unit)
    return ChosenSizes(text, quantity, layout, unit, first.preferred, tuple(notes))


def ask_for_units(rows: pd.DataFrame, source: str) -> list[str]:
    """Ask whether millions, billions or trillions are meant where a text is smaller than any of its kind."""
    tokens = rows["tokens"].to_numpy(dtype=float)
    small = tokens < SMALLEST_EXPECTED
    if not small.any():
        return []
    if np.nanmax(tokens) < SMALLEST_EXPECTED:
        raise InputError(
            f"{source}, whose largest text has {np.nanmax(tokens):.3g} tokens",
            f"sizes in tokens, the largest at least {SMALLEST_EXPECTED:.0e}",
            "write the numbers in full, or state the unit in the name of the column, such as 'tokens (trillions)'",
        )
    least = int(np.nanargmin(tokens))
    name = str(rows["model"].iloc[least])[:60]
    return [
        f"{small.sum()} of {np.isfinite(tokens).sum()} texts are smaller than {SMALLEST_EXPECTED:.0e} tokens "
        f"({name!r}: {tokens[least]:.3g}): if billions or trillions are meant, state it in the name of the column, "
        "such as 'tokens (trillions)'"
    ]


def _holds_numbers(column: SizeColumn, sizes: Sizes) -> bool:
    filled = ~is_empty(column.cells)
    return bool(filled.any() and sizes.number[filled].notna().mean() >= 0.5)


def _as_stated(raw: RawTable, column: SizeColumn, sizes: Sizes) -> ChosenSizes:
    """Give a column's numbers the scale and unit that the cell states, else the row's unit column, else the name."""
    says = column.says
    number, scale = sizes.number, pd.Series(says.scale, column.cells.index)
    unit = pd.Series(says.unit or "", column.cells.index, dtype="str")
    if says.layout == "shipped" and "unit_stated" not in raw.cells:  # a unit column that is not of our making
        phrases = {text: unit_phrase(text) for text in raw.cells["unit"].unique()}
        stated = raw.cells["unit"].map({text: phrase[0] for text, phrase in phrases.items() if phrase is not None})
        unit = stated.astype("str").fillna(unit)  # where no phrase is known, the map gives numbers
        per = {text: phrase[1] for text, phrase in phrases.items() if phrase is not None}
        scale = scale * raw.cells["unit"].map(per).astype(float).fillna(1.0)
    own = sizes.unit.map({word: name for word, (name, _) in UNITS.items()} | dict.fromkeys(BYTES, "bytes"))
    own_scale = sizes.unit.map({word: each for word, (_, each) in UNITS.items()}).astype(float).fillna(1.0)
    unit = own.fillna(unit).astype("str")
    scale = own_scale.where(sizes.scaled, scale)
    layout = pd.Series(says.layout, column.cells.index, dtype="str")
    return ChosenSizes(column.cells, number * scale, layout, unit, says.layout)


def _contradictions(name: str, first: ChosenSizes, other_name: str, other: ChosenSizes) -> list[str]:
    one, two = _in_tokens(first), _in_tokens(other)
    with np.errstate(divide="ignore", invalid="ignore"):
        both = np.isfinite(one) & np.isfinite(two) & (one > 0) & (two > 0)
        apart = both & (np.abs(np.log(one) - np.log(two)) > np.log(_AGREEMENT))
    if not apart.any():
        return []
    return [
        f"the columns {name[:60]!r} and {other_name[:60]!r} contradict each other in {apart.sum()} of {both.sum()} "
        f"rows: {name[:60]!r} is read"
    ]


def _in_tokens(sizes: ChosenSizes) -> np.ndarray:
    words = (sizes.unit == "words") | ((sizes.unit == "") & (sizes.layout == "words"))
    return sizes.quantity.where(~words, words_to_tokens(1.0) * sizes.quantity).to_numpy(dtype=float)
