"""Rows of the shipped tables as plain text cells, read once per process.

A stock estimator needs a handful of cells. The tables are checked whole by ``forecast data check`` and by the tests;
here they are only read, by the standard library, because a second run should take seconds.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping

import numpy as np

from forecast.errors import InputError
from forecast.ingest.catalog import table


@functools.cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of a shipped table, every cell as it is written.

    Examples
    --------
    >>> rows("world_population")[0]["year"]
    '1950'
    """
    with table(name).path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def number(cell: str) -> float:
    """Return a cell as a number.

    Examples
    --------
    >>> number("5e12"), number("")
    (5000000000000.0, nan)
    """
    return float(cell) if cell else float("nan")


def numbers(name: str, column: str) -> np.ndarray:
    """Return a column as numbers.

    Examples
    --------
    >>> float(numbers("world_population", "year")[0])
    1950.0
    """
    return np.array([number(row[column]) for row in rows(name)])


def row(table_name: str, /, **cells: str) -> Mapping[str, str]:
    """Return the one row whose cells are these.

    Examples
    --------
    >>> row("stock_estimates", name="Every unique book", unit="tokens")["median"]
    '21000000000000.0'
    """
    found = [one for one in rows(table_name) if all(one[column] == cell for column, cell in cells.items())]
    if len(found) != 1:
        raise InputError(f"{len(found)} rows of {table_name} with {cells}", "exactly one", "restore the table")
    return found[0]
