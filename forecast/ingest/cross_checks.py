"""Conditions across the columns of a table, by kind: ascending, given together, a sum, a date within its period.

Each function gives one `CrossCheck`; which table is held to which is in `forecast.ingest.conditions`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast.ingest.catalog import table

if TYPE_CHECKING:
    import pandas as pd

NO_ADDRESS = "no address:"
"""How a note begins to say why a row has none."""


@dataclass(frozen=True)
class CrossCheck:
    """A condition on every row that spans several columns.

    Parameters
    ----------
    problem : str
        What to say where it does not hold.
    holds : callable
        From the typed table to one boolean a row.
    needs : tuple of str
        Columns without which it cannot be asked.

    Examples
    --------
    >>> import pandas as pd
    >>> ordered("low", "high").holds(pd.DataFrame({"low": [1.0, 3.0], "high": [2.0, 2.0]})).tolist()
    [True, False]
    """

    problem: str
    holds: Callable[[pd.DataFrame], pd.Series]
    needs: tuple[str, ...]


def ordered(*names: str, slack: float = 0.0) -> CrossCheck:
    """Columns that must not fall from left to right, empty cells aside."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        numbers = frame[list(names)].astype("float64")
        # Going left to right, the largest so far must not exceed the value: empty cells neither raise nor fail it.
        return (numbers.cummax(axis=1) - numbers <= slack).where(numbers.notna(), True).all(axis=1)

    return CrossCheck(f"{' <= '.join(names)} does not hold", holds, names)


def any_of(*names: str) -> CrossCheck:
    """Require that one of the columns is filled."""
    return CrossCheck(
        f"none of {', '.join(names)} is given", lambda frame: frame[list(names)].notna().any(axis=1), names
    )


def together(one: str, other: str) -> CrossCheck:
    """Require both columns, or neither."""
    return CrossCheck(
        f"{one} and {other} do not come together",
        lambda frame: frame[one].notna() == frame[other].notna(),
        (one, other),
    )


def with_reason(value: str, reason: str) -> CrossCheck:
    """Require a reason beside a value."""
    return CrossCheck(
        f"{value} is given without {reason}",
        lambda frame: frame[value].isna() | frame[reason].notna(),
        (value, reason),
    )


def basis(value: str) -> CrossCheck:
    """Say that a value has a known basis, and an unknown basis no value."""
    basis = f"{value}_basis"
    return CrossCheck(
        f"{value} and {basis} contradict each other",
        lambda frame: frame[value].notna() == (frame[basis] != "unknown"),
        (value, basis),
    )


def fractions_of(unit: str, word: str, *names: str) -> CrossCheck:
    """Where the unit says fraction, the values lie between 0 and 1."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        numbers = frame[list(names)].astype("float64")
        return (frame[unit] != word) | (numbers.isna() | ((numbers >= 0) & (numbers <= 1))).all(axis=1)

    return CrossCheck(f"a {word} lies outside 0 to 1", holds, (unit, *names))


def ratio(share: str, part: str, whole: str, tolerance: float) -> CrossCheck:
    """Require that the share is the part over the whole."""
    return CrossCheck(
        f"{share} is not {part} / {whole}",
        lambda frame: (frame[part] / frame[whole] - frame[share]).abs() <= tolerance,
        (share, part, whole),
    )


def sum_of(total: str, parts: tuple[str, ...], tolerance: float) -> CrossCheck:
    """Require that the total is the sum of its parts."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        whole = frame[total].astype("float64")
        gap = (whole - frame[list(parts)].astype("float64").sum(axis=1)).abs()
        return whole.isna() | (gap <= tolerance * whole)

    return CrossCheck(f"{total} is not the sum of its parts", holds, (total, *parts))


def rising(name: str) -> CrossCheck:
    """Require that the column does not fall from row to row."""
    return CrossCheck(f"{name} falls from one row to the next", lambda frame: ~(frame[name].diff() < 0), (name,))


def not_after_snapshot(
    name: str, column: str, projected: Callable[[pd.DataFrame], pd.Series] | None = None
) -> CrossCheck:
    """Say that nothing is dated after the day up to which its table reaches, projections aside."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        known = frame[column].isna() | (frame[column] <= np.datetime64(table(name).snapshot))
        return known if projected is None else known | projected(frame)

    return CrossCheck(f"{column} is later than the table", holds, (column,))


def period_said(name: str, column: str, *, dated_to_the_end: bool = True) -> CrossCheck:
    """Say that a date which stands for a period shows it.

    Figures of a month or a year are dated to its last day, or to the table's own while it lasts; a day that happens to be
    the last of a month is named in words, or it reads as a figure of the month.
    """

    def holds(frame: pd.DataFrame) -> pd.Series:
        date, precision = frame[column], frame["date_precision"]
        texts = frame.select_dtypes(exclude=["number", "bool", "datetime"]).fillna("").agg(" ".join, axis=1)
        words = (date.dt.day.astype("Int64").astype("str") + " " + date.dt.month_name()).fillna("")
        named = np.array([bool(day) and day in text for day, text in zip(words, texts, strict=True)], dtype=bool)
        good = date.isna() | (precision != "day") | ~date.dt.is_month_end | named
        ends = {"month": date.dt.is_month_end, "quarter": date.dt.is_quarter_end, "year": date.dt.is_year_end}
        last = date >= np.datetime64(table(name).snapshot)
        for period, end in ends.items() if dated_to_the_end else ():
            good &= (precision != period) | end | last
        return good

    return CrossCheck(f"{column} and date_precision contradict each other", holds, (column, "date_precision"))


def addressed(*notes: str, computed: bool = False) -> CrossCheck:
    """Say that a row without an address says why, or was computed here."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        good = frame["source_url"].notna()
        for note in notes:
            good |= frame[note].astype("str").str.lower().str.contains(NO_ADDRESS, regex=False)
        return good | (frame["source_type"] == "computed") if computed else good

    return CrossCheck(
        "source_url is empty without a reason", holds, ("source_url", *notes, *(("source_type",) if computed else ()))
    )
