"""Cells as they are written, and the types that a table's description gives them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import InputError, MissingFileError

if TYPE_CHECKING:
    import pandas as pd

    from forecast.ingest.catalog import Table

FALSE_WORDS = frozenset({"false", "False"})
"""How a table writes no."""

TRUE_WORDS = frozenset({"true", "True"})
"""How a table writes yes."""


def read_text(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a CSV with every cell as it is written; only an empty cell is missing.

    Examples
    --------
    >>> from forecast.ingest.catalog import table
    >>> "nan" in set(read_text(table("fineweb2_languages").path)["language_iso639_3"])
    True
    """
    import pandas as pd

    try:
        return pd.read_csv(
            path,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8",
            low_memory=False,
            usecols=None if columns is None else list(columns),
        )
    except FileNotFoundError:
        raise MissingFileError(f"{path}, which is not there", "a CSV file", "restore the table") from None
    except (UnicodeDecodeError, ValueError, OSError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        raise InputError(
            f"{path}, which cannot be read ({reason})", "a CSV file in UTF-8", "restore the table"
        ) from None


def typed(frame: pd.DataFrame, entry: Table) -> tuple[pd.DataFrame, list[tuple[str, int, str, str]]]:
    """Turn text into the types that a table's description gives.

    Examples
    --------
    >>> from forecast.ingest.catalog import table
    >>> frame, faults = typed(read_text(table("world_population").path), table("world_population"))
    >>> faults
    []
    """
    import pandas as pd

    done: dict[str, pd.Series] = {}
    faults: list[tuple[str, int, str, str]] = []
    described = {column.name: column for column in entry.columns}
    for name in frame.columns:
        text = frame[name]
        column = described.get(name)
        if column is None or column.type == "string":
            done[name] = text
            continue
        values = _READERS[column.type](text)
        bad = values.isna() & text.notna()
        positions = [index for index, wrong in enumerate(bad) if wrong]
        faults.extend((name, index + 2, str(text.iloc[index]), _EXPECTED[column.type]) for index in positions)
        whole = not values.isna().any()
        if column.type == "integer":
            values = values.astype("int64" if column.required and whole else "Int64")
        elif column.type == "boolean":
            values = values.astype("bool" if column.required and whole else "boolean")
        done[name] = values
    return pd.DataFrame(done, index=frame.index), faults


def _read_number(text: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd

    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _read_integer(text: pd.Series) -> pd.Series:
    # Counts of pages and addresses exceed 2**31 but not 2**53, so that float64 holds them exactly.
    numbers = _read_number(text)
    return numbers.where(numbers == numbers.round())


def _read_boolean(text: pd.Series) -> pd.Series:
    words = {**dict.fromkeys(TRUE_WORDS, True), **dict.fromkeys(FALSE_WORDS, False)}
    return text.map(words).astype("boolean")


def _read_date(text: pd.Series) -> pd.Series:
    import pandas as pd

    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")


_READERS = {"number": _read_number, "integer": _read_integer, "boolean": _read_boolean, "date": _read_date}
_EXPECTED = {"number": "a number", "integer": "a whole number", "boolean": "true or false", "date": "a date YYYY-MM-DD"}
