"""Rows of the caller's own beside those of a model table: a run of some size, published on some day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.dates import iso_date
from forecast.core.units import calendar_date, parse_date
from forecast.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

ADDED = "rows added by the user"
"""What a forecast calls them among its tables."""

FURTHEST_AHEAD = 5.0
"""Years after the data up to which a row may be dated; judgement: all half-years before it count as seen and empty."""

_FORM = "a model, its date and its tokens, such as Model X,2026-12-01,1e14"


@dataclass(frozen=True)
class AddedRow:
    """One run that is taken as published.

    Parameters
    ----------
    model : str
        Its name.
    date : str
        ISO date of its publication; it may lie ahead.
    tokens : float
        Size of its training set (tokens).
    """

    model: str
    date: str
    tokens: float

    def words(self) -> str:
        """Return it in words."""
        return f"{self.model}, {self.date}, {self.tokens:g} tokens"

    def recorded(self) -> list[Any]:
        """Return it as a run records it."""
        return [self.model, self.date, self.tokens]


def added_row(given: Any) -> AddedRow:
    """Read one row, from text or from its three parts.

    Examples
    --------
    >>> added_row("Model X,2026-12-01,1e14") == added_row(("Model X", "2026-12-01", 100_000_000_000_000))
    True
    >>> added_row("Model X,2026-12-01")
    Traceback (most recent call last):
    forecast.errors.InputError: got the row 'Model X,2026-12-01', expected a model, its date and its tokens, such as \
    Model X,2026-12-01,1e14: write all three
    """
    if isinstance(given, AddedRow):
        return given
    parts = given.rsplit(",", 2) if isinstance(given, str) else given
    if isinstance(parts, Mapping) or not isinstance(parts, Sequence) or len(parts) != 3:
        raise InputError(f"the row {given!r}", _FORM, "write all three")
    model = " ".join(str(parts[0]).split())
    if not model:
        raise InputError(f"the row {given!r} without a name", _FORM, "name the model")
    day = parse_date(str(iso_date(parts[1]))).isoformat()
    try:
        tokens = float(parts[2])
    except (TypeError, ValueError, OverflowError):
        tokens = np.nan
    if not (tokens > 0 and np.isfinite(tokens)):
        raise InputError(
            f"{parts[2]!r} tokens of {model}", "a positive number such as 1e14", "write the size in tokens"
        )
    return AddedRow(model, day, tokens)


def added_rows(given: Any) -> tuple[AddedRow, ...]:
    """Read rows: several, or one by itself; a data frame has one row each with its first three columns.

    Examples
    --------
    >>> [row.model for row in added_rows(["A,2026-12-01,1e13", ("B", "2027-01-01", 2e13)])]
    ['A', 'B']
    """
    if hasattr(given, "itertuples"):
        given = [tuple(row)[:3] for row in given.itertuples(index=False)]
    one = isinstance(given, str | AddedRow) or (len(given) == 3 and isinstance(given[0], str) and "," not in given[0])
    rows = tuple(added_row(each) for each in ([given] if one else given))
    names = [row.model for row in rows]
    if len(set(names)) < len(names):
        raise InputError(f"two rows named {max(names, key=names.count)}", "a name of its own for each", "rename one")
    return rows


def with_added(table: pd.DataFrame, rows: Sequence[AddedRow], newest: float) -> pd.DataFrame:
    """Return a model table with further rows, read as a table of model, date and tokens would be."""
    import pandas as pd

    from forecast.ingest.layouts import name_columns
    from forecast.ingest.models import clean

    there = {str(name).casefold() for name in table["model"]}
    for row in rows:
        if row.model.casefold() in there:
            raise _known(row)
    last = calendar_date(newest + FURTHEST_AHEAD)
    cells = pd.DataFrame([[row.model, row.date, repr(row.tokens)] for row in rows], dtype="str")
    read = clean(name_columns(cells, ["model", "date", "tokens"], ADDED), ADDED, last)
    for model, date, value, reason in read.rejected.itertuples(index=False):
        expected = f"a row that can be used, dated by {last} at the latest"
        raise InputError(f"the row {model},{date},{value} ({reason})", expected, "correct it")
    both = pd.concat([table, read.rows.astype(table.dtypes.to_dict())], ignore_index=True)
    both.attrs = dict(table.attrs)
    return both


def check_used(rows: Iterable[AddedRow], corpora: pd.DataFrame) -> None:
    """Refuse a row that does not count because the table or its audit has a model, or a training set, of its own."""
    for row in rows:
        if row.model not in set(corpora.loc[~corpora["audited"], "model"]):
            raise _known(row)


def _known(row: AddedRow) -> InputError:
    return InputError(
        f"the row {row.words()}", "a model that the table does not have yet", "choose another name for it"
    )


def digest(rows: Iterable[AddedRow]) -> str:
    """Return a hash of rows."""
    return hashlib.sha256(json.dumps([row.recorded() for row in rows]).encode()).hexdigest()
