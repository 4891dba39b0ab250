"""The tables that come with the package: what they are, whose they are, under which licence, and how to load them.

``datapackage.json`` (Frictionless Data Package) is the one description: names, publishers, licences, hashes and a
sentence and a unit for every column. It is read once, when it is first asked for; a table is read by `load_table`
alone, so that listing the tables needs neither pandas nor pandera.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.errors import InputError, MissingFileError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

PACKAGE_FILE = "datapackage.json"
"""File that describes every table, beside the tables."""

UNLICENSED = "unlicensed"
"""Folder, inside that of the tables, of those whose publisher states no licence: in the repository, in no package."""

_TOUCHED: contextvars.ContextVar[tuple[set[str], ...]] = contextvars.ContextVar("touched_tables", default=())


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Name in the header of the CSV.
    type : str
        Frictionless type: string, integer, number, boolean or date.
    unit : str
        Unit of a quantity, or what kind of text it is ("name", "category", "web address").
    description : str
        What the column says, for a reader who knows nothing of this project.
    constraints : mapping of str to Any
        Frictionless constraints: required, unique, minimum, exclusiveMinimum, maximum, enum, pattern.

    Examples
    --------
    >>> table("internet_users").columns[2].required
    True
    """

    name: str
    type: str
    unit: str
    description: str
    constraints: Mapping[str, Any]

    @property
    def required(self) -> bool:
        """Whether a cell of this column may not be empty."""
        return bool(self.constraints.get("required", False))


@dataclass(frozen=True)
class Table:
    """One table of the package.

    Parameters
    ----------
    name : str
        Name under which it is loaded.
    path : pathlib.Path
        The CSV file.
    title, description : str
        What it is, in a few words and in a paragraph.
    publisher : str
        Who publishes the figures.
    licence, licence_address : str
        Licence of the table, and where it is written.
    address : str
        Where the publisher offers the figures.
    snapshot : str
        ISO date of the state that is shipped.
    sha256 : str
        Hash of the CSV, 64 hexadecimal digits.
    bytes, rows : int
        Size of the CSV, and its rows without the header.
    attribution : str
        What has to be printed wherever the table is used.
    refresh : str
        How to get a newer one: a command, or what to do by hand.
    columns : tuple of Column
        In the order of the file.
    primary_key : tuple of str
        Columns that together name a row, empty where there is none.

    Examples
    --------
    >>> table("internet_users").columns[1].unit
    'calendar year'
    """

    name: str
    path: Path
    title: str
    description: str
    publisher: str
    licence: str
    licence_address: str
    address: str
    snapshot: str
    sha256: str
    bytes: int
    rows: int
    attribution: str
    refresh: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]

    @property
    def source(self) -> dict[str, str]:
        """Title, publisher, licence, snapshot and hash: what a result says about the data behind it."""
        return {
            "table": self.name,
            "title": self.title,
            "publisher": self.publisher,
            "licence": self.licence,
            "address": self.address,
            "snapshot": self.snapshot,
            "sha256": self.sha256,
        }


def data_directory() -> Path:
    """Return the folder of the tables: inside an installed package, or ``data/`` of a clone.

    Examples
    --------
    >>> (data_directory() / "datapackage.json").is_file()
    True
    """
    package = Path(__file__).resolve().parents[1]
    places = (package / "_data", package.parent / "data")
    for place in places:
        if (place / PACKAGE_FILE).is_file():
            return place
    raise MissingFileError(
        f"no {PACKAGE_FILE} in {places[0]} or {places[1]}", "the tables beside the package", "install the package again"
    )


def read_package(directory: Path) -> dict[str, Any]:
    """Read the description of the tables in a folder.

    Examples
    --------
    >>> read_package(data_directory())["name"]
    'data-depletion'
    """
    path = directory / PACKAGE_FILE
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        _ = package["resources"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{path}, which cannot be read", "a Frictionless data package", "restore the file") from None
    return package


def tables() -> tuple[Table, ...]:
    """Return every table of the package, in the order of its description.

    Examples
    --------
    >>> tables()[0].name
    'epoch_models'
    """
    return _tables()


def unlicensed() -> tuple[Table, ...]:
    """Return the tables that no package carries; none where the package is installed.

    Examples
    --------
    >>> {entry.licence for entry in unlicensed()} <= {"none stated"}
    True
    """
    return _unlicensed()


def table(name: str) -> Table:
    """Return what is known about one table.

    Parameters
    ----------
    name : str
        Its name, such as ``"common_crawl_monthly"``.

    Returns
    -------
    Table
        The table.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the message gives the nearest one.

    Examples
    --------
    >>> table("claims").licence
    'Apache-2.0 (collection); figures quoted as facts'
    """
    known = {entry.name: entry for entry in (*_tables(), *_unlicensed())}
    if name not in known:
        raise unknown_name("table", name, known)
    for names in _TOUCHED.get():
        names.add(name)
    return known[name]


@contextlib.contextmanager
def touched() -> Iterator[set[str]]:
    """Note which tables are asked for inside the block, in this thread."""
    names: set[str] = set()
    token = _TOUCHED.set((*_TOUCHED.get(), names))
    try:
        yield names
    finally:
        _TOUCHED.reset(token)


def forget() -> None:
    """Empty every memory of a function of this package, so that the tables behind it are asked for again."""
    package = __name__.partition(".")[0]
    for item in gc.get_objects():
        if type(item) is functools._lru_cache_wrapper and str(item.__module__).partition(".")[0] == package:
            item.cache_clear()


def load_table(name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Load one table with the types that its description gives.

    Parameters
    ----------
    name : str
        Its name, such as ``"common_crawl_monthly"``.
    columns : sequence of str, optional
        Those to be read, which is quicker; all by default.

    Returns
    -------
    pandas.DataFrame
        Columns as described: numbers are float64; integers int64, or Int64 where cells may be empty; booleans bool or
        boolean likewise; dates datetime64. ``attrs["source"]`` holds title, publisher, licence, snapshot and sha256.

    Raises
    ------
    UnknownNameError
        If there is no such table.
    InputError
        If the file does not fit its description.

    Examples
    --------
    >>> frame = load_table("world_population")
    >>> frame.attrs["source"]["licence"]
    'CC BY 3.0 IGO'
    """
    from forecast.ingest.reading import read_text, typed

    entry = table(name)
    frame, faults = typed(read_text(entry.path, columns), entry)
    if faults:
        column, row, value, wanted = faults[0]
        raise InputError(
            f"{value!r} in column {column}, line {row} of {entry.path}", wanted, "see all with: forecast data check"
        )
    frame.attrs["source"] = entry.source
    return frame


def attributions(names: Iterable[str]) -> list[str]:
    """Return what has to be printed where these tables are used.

    Examples
    --------
    >>> attributions(["epoch_models"])[0].startswith("Epoch AI")
    True
    """
    return list(dict.fromkeys(table(name).attribution for name in names))


@functools.cache
def _tables() -> tuple[Table, ...]:
    directory = data_directory()
    return tuple(_table(resource, directory) for resource in read_package(directory)["resources"])


@functools.cache
def _unlicensed() -> tuple[Table, ...]:
    directory = data_directory() / UNLICENSED
    if not directory.is_dir():
        return ()
    return tuple(_table(resource, directory) for resource in read_package(directory)["resources"])


def _table(resource: Mapping[str, Any], directory: Path) -> Table:
    fields = resource["schema"]["fields"]
    licence = resource["licenses"][0]
    return Table(
        name=resource["name"],
        path=directory / resource["path"],
        title=resource["title"],
        description=resource["description"],
        publisher=resource["contributors"][0]["title"],
        licence=licence["title"],
        licence_address=licence["path"],
        address=resource["homepage"],
        snapshot=resource["snapshot"],
        sha256=resource["hash"].removeprefix("sha256:"),
        bytes=resource["bytes"],
        rows=resource["rows"],
        attribution=resource["attribution"],
        refresh=resource.get("refresh") or f"by hand: compare with {resource['homepage']}",
        columns=tuple(
            Column(f["name"], f["type"], f["unit"], f["description"], f.get("constraints", {})) for f in fields
        ),
        primary_key=tuple(resource["schema"].get("primaryKey", ())),
    )
