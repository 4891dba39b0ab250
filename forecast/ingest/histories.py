"""Histories of records, totals and costs of technologies: those that are shipped, and tables of the same columns.

However a series is stated, `History.best_so_far` reads it upwards, as log10 of the best that was known: a price as its
lowest yet, a fall of a total as no news. So read, every one is a record like that of the training sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecast.core.registry import Registry
from forecast.errors import InputError, MissingFileError
from forecast.ingest.catalog import UNLICENSED, data_directory, load_table, table
from forecast.ingest.headers import plain_name
from forecast.ingest.records import read_records

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = ("technology_frontiers", "technology_frontiers_share_alike")
"""Tables that every package carries."""

SERIES = "technology_frontiers_series"
"""Table that says of each series where it is from and how far it can be trusted."""

NOT_SHIPPED = "technology_frontiers_unlicensed"
"""Table that the repository alone holds."""

BESIDE = "_series.csv"
"""How the name of a table beside a user's own ends that says of each series what its rows do not."""

SAID_BESIDE = ("family", "domain", "better", "unit", "as of", "flags")
"""Columns that the table beside may have."""

ELO = "elo"
"""Flag, or start of the unit, of a series in points of Elo."""

REQUIRED = ("series", "kind", "date", "value")
"""Columns that a table of histories needs."""

OPTIONAL = ("family", "domain", "better", "quantity", "unit", "as of", "flags")
"""Columns that are read where there are any."""

KINDS = ("record", "total", "cost", "typical", "best_of_year")
"""What a series can be."""

ELO_PER_DECADE = 400.0
"""Points of Elo that make a factor of ten in the odds of winning: the scale is a logarithm already."""


@dataclass(frozen=True, eq=False)
class History:
    """One series.

    Parameters
    ----------
    series : str
        Its name.
    family : str
        Series that move together have one family; its own name where none is given.
    kind : str
        One of `KINDS`.
    domain, unit, quantity : str
        Field, unit and what is measured; empty where not given.
    direction : {"higher", "lower"}
        Which way is better.
    year : numpy.ndarray
        Dates (decimal years), rising.
    value : numpy.ndarray
        Values in that unit, as stated.
    as_of : float
        Until when the source was followed (decimal year): no later row means that nothing better was known.
    flags, reliability : str
        As `SERIES` has them (``"target"`` marks what is forecast here); empty for other tables.
    """

    series: str
    family: str
    kind: str
    domain: str
    unit: str
    quantity: str
    direction: Literal["higher", "lower"]
    year: NDArray[np.float64]
    value: NDArray[np.float64]
    as_of: float
    flags: str = ""
    reliability: str = ""

    def best_so_far(self) -> NDArray[np.float64]:
        """Return log10 of the best value known at each date, upwards: for costs, minus the log10 of the lowest.

        Examples
        --------
        >>> year = np.array([2000.0, 2001.0, 2002.0])
        >>> price = History("x", "x", "cost", "", "USD", "", "lower", year, np.array([100.0, 10.0, 1000.0]), 2003.0)
        >>> price.best_so_far().tolist()
        [-2.0, -1.0, -1.0]
        """
        elo = self.unit.lower().startswith(ELO) or ELO in self.flags.replace(";", " ").replace(",", " ").lower().split()
        log10 = self.value / ELO_PER_DECADE if elo else np.log10(self.value)
        return np.maximum.accumulate(log10 if self.direction == "higher" else -log10)


@dataclass(frozen=True)
class HistoryTable:
    """Histories by a name.

    Parameters
    ----------
    name : str
        The name.
    load : callable
        Returns them.
    """

    name: str
    load: Callable[[], list[History]]


def _history_table(given: Any) -> HistoryTable:
    """Return what was registered as histories: one, a table, or a function that returns some."""
    if isinstance(given, HistoryTable):
        return given
    if isinstance(given, History):
        return HistoryTable(given.series, lambda: [given])
    if isinstance(given, str | Path):
        path = Path(given)
        return HistoryTable(path.stem, lambda: load_histories(path))
    if isinstance(given, FunctionType):
        return HistoryTable(given.__name__, given)
    raise InputError(
        f"{given!r} as histories", "a History, the path of a table, or a function", "register one of these"
    )


HISTORIES = Registry[HistoryTable]("table of histories", group="histories", check=_history_table, replaced=True)
"""Histories of a user's own, by name: `load_histories` reads them where there is no file of that name."""


def load_histories(path: str | Path | None = None, *, with_unlicensed: bool = False) -> list[History]:
    """Load the histories that are shipped, or those of a table of the same columns.

    Parameters
    ----------
    path : str or pathlib.Path, optional
        A name of `HISTORIES`, or a table with the columns series, kind, date and value, and family, domain, better, quantity, unit, as_of and
        flags where they are known; what of these a table beside it (``NAME_series.csv``, one row a series) has, is read
        from there. By default the tables of the package.
    with_unlicensed : bool, default False
        Add the series whose collection states no licence, which only the repository holds.

    Returns
    -------
    list of History
        In the order of the tables.

    Raises
    ------
    InputError
        If the table cannot be used.
    MissingFileError
        If there is no such file, or no table of unlicensed series.

    Examples
    --------
    >>> histories = load_histories()
    >>> len(histories), histories[0].series, round(float(histories[0].best_so_far()[0]), 2)
    (33, 'top500_rank1_rmax', 10.78)
    """
    if path is not None and not Path(path).is_file() and str(path) in HISTORIES:
        return HISTORIES[str(path)].load()
    if path is not None:
        return _histories(_with_beside(_read(Path(path)), Path(path)), str(path))
    names = [*SHIPPED]
    if with_unlicensed:
        if not (data_directory() / UNLICENSED).is_dir():
            raise MissingFileError(
                f"no folder {UNLICENSED} beside the tables", "a clone of the repository", "leave these series out"
            )
        names.append(NOT_SHIPPED)
    known = load_table(SERIES).fillna({"flags": ""}).set_index("series")
    return [
        replace(
            history,
            flags=str(known.loc[history.series, "flags"]),
            reliability=str(known.loc[history.series, "reliability"]),
        )
        for name in names
        for history in _histories(_read(table(name).path), name)
    ]


def _with_beside(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Fill cells that a table of rows leaves empty from the table of series beside it, if there is one."""
    beside = path.with_name(f"{path.stem}{BESIDE}")
    if not beside.is_file():
        return frame
    said = _read(beside, ("series",)).drop_duplicates("series").set_index("series")
    for column in SAID_BESIDE:
        empty = frame[column] == ""
        frame.loc[empty, column] = frame.loc[empty, "series"].map(said[column]).fillna("")
    return frame


def _read(path: Path, required: tuple[str, ...] = REQUIRED) -> pd.DataFrame:
    """Return the known columns of a table as text."""
    import pandas as pd

    records = read_records(path)
    header = [plain_name(name) for name in records.header]
    missing = [name for name in required if name not in header]
    if missing:
        raise InputError(
            f"{path} without a column {missing[0]!r}", f"the columns {', '.join(required)}", "add or rename the column"
        )
    places = {name: header.index(name) for name in (*REQUIRED, *OPTIONAL) if name in header}
    rows = [
        [row[place].strip() if place < len(row) else "" for place in places.values()]
        for row in records.rows
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise InputError(f"{path}, which has a header and no rows", "at least one series", "add rows")
    frame = pd.DataFrame(rows, columns=list(places), dtype="str")
    return frame.reindex(columns=[*REQUIRED, *OPTIONAL], fill_value="")


def _histories(frame: pd.DataFrame, place: str) -> list[History]:
    from forecast.ingest.dates import decimal_years, parse_dates
    from forecast.ingest.numerals import parse_numbers

    values = parse_numbers(frame["value"])
    _require(values.between(0, np.inf, inclusive="neither"), frame["value"], "value", "a number above zero", place)
    _require(frame["series"] != "", frame["series"], "series", "a name", place)
    _require(frame["kind"].isin(KINDS), frame["kind"], "kind", f"one of {', '.join(KINDS)}", place)
    _require(frame["better"].isin(["higher", "lower", ""]), frame["better"], "better", "higher or lower", place)
    dates, as_of = parse_dates(frame["date"]), parse_dates(frame["as of"])
    _require(dates.notna(), frame["date"], "date", "a date such as 2024-06-05", place)
    _require(as_of.notna() | (frame["as of"] == ""), frame["as of"], "as_of", "a date such as 2024-06-05", place)
    rows = frame.assign(year=decimal_years(dates), value=values, followed=decimal_years(as_of))
    return [_history(str(name), group, place) for name, group in rows.groupby("series", sort=False)]


def _history(name: str, rows: pd.DataFrame, place: str) -> History:
    def only(column: str) -> str:
        texts = list(dict.fromkeys(rows[column]))
        if len(texts) > 1:
            raise InputError(
                f"{texts[0]!r} and {texts[1]!r} in column {column.replace(' ', '_')} of series {name!r} in {place}",
                "the same in every row of a series",
                "correct the rows, or give them two names",
            )
        return texts[0]

    kind = only("kind")
    direction = only("better") or ("lower" if kind == "cost" else "higher")
    # Of two values of one day the better one counts.
    rows = rows.sort_values(["year", "value"], ascending=[True, direction == "higher"], kind="stable")
    rows = rows.drop_duplicates("year", keep="last")
    year, value = (rows[column].to_numpy(dtype=float) for column in ("year", "value"))
    for array in (year, value):
        array.setflags(write=False)
    followed = rows["followed"].max()
    return History(
        series=name,
        family=only("family") or name,
        kind=kind,
        domain=only("domain"),
        unit=only("unit"),
        quantity=rows["quantity"].iloc[0],
        direction="lower" if direction == "lower" else "higher",
        year=year,
        value=value,
        as_of=max(float(year[-1]), float(followed)) if followed == followed else float(year[-1]),
        flags=only("flags"),
    )


def _require(holds: pd.Series, cells: pd.Series, column: str, wanted: str, place: str) -> None:
    if holds.all():
        return
    row = int(np.flatnonzero(~holds.to_numpy())[0])
    cell = cells.iloc[row]
    raise InputError(
        f"{cell!r} in column {column}, row {row + 1} of {place}"
        if cell
        else f"no {column} in row {row + 1} of {place}",
        wanted,
        "correct the cell or remove the row",
    )
