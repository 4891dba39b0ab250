"""Rows of tables that the sources of levers name, so that a changed row is noticed.

A source names a row by the table and its key: ``table lever_estimates [repetition | R_D* of the data-constrained law]``.
Every named row has to be there. A number beside such a source is one of the rows' own, or the source says that it was
judged or derived.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.errors import ForecastError, InputError
from forecast.ingest.catalog import load_table, table
from forecast.ingest.schema import Finding

SHIPPED = Path(__file__).parent / "shipped"
"""Folder of the scenarios that come with the package."""

ALMOST = 1e-3
"""Relative difference up to which a number is the row's: scenario files round."""

OWN_WORDS = ("judgement", "derived", "fitted")
"""Words with which a source says that the number is not the row's own."""

_LEVEL = "interval_level_share"  # says how much the other numbers enclose

_NAMED = re.compile(r"table (\w+)((?: \[[^\[\]]+\])+)")
_KEY = re.compile(r"\[([^\[\]]+)\]")


@dataclass(frozen=True)
class SourceRow:
    """A row that a source names.

    Parameters
    ----------
    table : str
        Name of the table.
    key : tuple of str
        Values of its primary key, in order.
    numbers : tuple of float
        The numbers of the row.
    """

    table: str
    key: tuple[str, ...]
    numbers: tuple[float, ...]


def named_rows(source: str) -> list[SourceRow]:
    """Return the rows that a source names.

    Raises
    ------
    InputError
        If there is no such row.

    Examples
    --------
    >>> (row,) = named_rows("table lever_estimates [multimodal | Tokens per image or video second (2030 report)]")
    >>> row.numbers
    (2.0, 22.0, 290.0)
    """
    return [
        _row(name, tuple(part.strip() for part in key.split(" | ")))
        for name, keys in _NAMED.findall(source)
        for key in _KEY.findall(keys)
    ]


def source_findings(folder: Path | None = None) -> list[Finding]:
    """Check the sources of every scenario in a folder, by default those that are shipped.

    Examples
    --------
    >>> source_findings()
    []
    """
    findings: list[Finding] = []
    for path in sorted((SHIPPED if folder is None else folder).glob("*.toml")):
        for where, value, source in _sourced(tomllib.loads(path.read_text(encoding="utf-8"))):
            findings += _findings(f"{path.name}, {where}", value, source)
    return findings


def _findings(where: str, value: Any, source: str) -> Iterator[Finding]:
    names = [name for name, _ in _NAMED.findall(source)]
    try:
        rows = named_rows(source)
    except ForecastError as error:
        yield Finding(names[0], f"{where} names {error.got}")
        return
    if not rows or any(word in source for word in OWN_WORDS):
        return
    known = [number for row in rows for number in row.numbers]
    for number in _numbers(value):
        if not any(abs(number - other) <= ALMOST * abs(other) for other in known):
            yield Finding(names[0], f"{where} has a number that is in none of the rows it names", value=f"{number:.6g}")


def _sourced(document: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Yield place, value and source of every setting of a lever."""
    for lever, given in document.get("levers", {}).items():
        sources = given.get("sources", {})
        for key, value in given.items():
            if key not in ("source", "sources"):
                yield f"levers.{lever}.{key}", value, " ".join(sources.get(key, given.get("source", "")).split())


def _numbers(value: Any) -> list[float]:
    values = value.values() if isinstance(value, Mapping) else [value]
    return [float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]


def _row(name: str, key: tuple[str, ...]) -> SourceRow:
    wanted = table(name).primary_key
    if not wanted or len(key) != len(wanted):
        raise InputError(
            f"the row [{' | '.join(key)}] of {name}", f"[{' | '.join(wanted)}]", "name every part of the key"
        )
    frame = load_table(name)
    here = frame
    for column, part in zip(wanted, key, strict=True):
        here = here[here[column].astype("str") == part]
    if here.empty:
        raise InputError(
            f"the row [{' | '.join(key)}] of {name}, which is not there", "a row of that table", "correct the source"
        )
    columns = [column for column in frame.select_dtypes("number").columns if column != _LEVEL]
    numbers = here.iloc[0][columns].dropna()
    return SourceRow(name, key, tuple(float(number) for number in numbers))
