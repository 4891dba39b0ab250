"""Model tables: what AI models were trained on, one row per model, with date, quantity, unit and measurement error.

`read_models` takes the table that comes with this package or a user's own, in any layout that Epoch AI has published.
What becomes of each row of the file is said in `forecast.ingest.model_rows`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from forecast.errors import InputError, unknown_name
from forecast.ingest.cells import MODALITIES
from forecast.ingest.fetched import LATEST, latest
from forecast.ingest.layouts import RawTable, name_columns, read_raw
from forecast.ingest.model_rows import COLUMNS, REASONS, ModelTable, clean
from forecast.ingest.names import audit_notes
from forecast.ingest.own_table import recorded_name, table_file
from forecast.ingest.sizes import ask_for_units

__all__ = ["COLUMNS", "REASONS", "ModelTable", "clean", "load_models", "read_models", "usable"]

SHIPPED = "epoch_models"
ATTRIBUTION = {
    "title": "Epoch AI: data on AI models (merged snapshots, the latest of 2026-08-22)",
    "publisher": "Epoch AI",
    "address": "https://epoch.ai/data/ai-models",
    "licence": "CC BY 4.0",
    "attribution": "Epoch AI, 'Data on AI Models', https://epoch.ai/data/ai-models, CC BY 4.0; merged and cleaned here",
}
"""The credit that the licence of the shipped table asks for."""


def read_models(path: Path | str | None = None) -> ModelTable:
    """Read a model table in any layout that Epoch AI has published.

    Parameters
    ----------
    path : pathlib.Path or str, optional
        A table in any form that `forecast.ingest.records` reads, or the word ``latest`` for the table that ``forecast
        data update`` fetched; the table that comes with this package by default.

    Returns
    -------
    ModelTable
        Rows that can be used, in the order of the file, and rows that cannot; ``rows.attrs["source"]`` holds the
        credit, ``rows.attrs["rejected"]`` how many cannot, ``rows.attrs["notes"]`` what to know of the reading.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it is no model table, or none of its rows can be used.

    Examples
    --------
    >>> table = read_models()
    >>> table.n_read == len(table.rows) + len(table.rejected)
    True
    """
    if path is None:
        from forecast.ingest.catalog import table as described

        found = _read_once(described(SHIPPED).path)  # asked for each time, so that it is noted who read it
        return replace(
            found, rows=found.rows.copy(), rejected=found.rejected.copy(), contradicted=found.contradicted.copy()
        )
    return _read_models(path)


@functools.cache
def _read_once(_: Path) -> ModelTable:
    """Read the table that comes with this package, once a process and place."""
    return _usable(*_shipped())


def _read_models(path: Path | str) -> ModelTable:
    """Read a table of the user's own, or the one that was fetched."""
    if path == LATEST:
        kept = latest()
        return _usable(read_raw(kept.path), kept.source, asked=True)
    return _usable(read_raw(Path(path)), {"title": recorded_name(path)}, asked=True)


def _usable(raw: RawTable, credit: Mapping[str, str], *, asked: bool = False) -> ModelTable:
    """Clean a table that has rows to use; of one that was asked for, say what to know of its reading."""
    source = credit["title"]
    table = clean(raw, source)
    table.rows.attrs.update(source=credit, rejected=len(table.rejected))
    if table.rows.empty:
        counts = table.rejected["reason"].value_counts()
        why = "; ".join(f"{count}: {reason}" for reason, count in counts.head(3).items())
        got = f"{source}, of whose {table.n_read} rows none can be used ({why})"
        raise InputError(got, "at least one usable row", "correct the table")
    if asked:
        notes = (*table.notes, *ask_for_units(table.rows, source), *audit_notes(table.rows))
        table = replace(table, notes=notes)
    table.rows.attrs["notes"] = table.notes
    return table


def load_models(path: Path | str | pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the rows of a model table that can be used.

    Parameters
    ----------
    path : pathlib.Path, str or pandas.DataFrame, optional
        A table, as CSV, JSON, .xlsx or Parquet, or in memory, or ``latest`` for the fetched one; the table that comes with
        this package by default. What ``to_csv`` makes of these rows reads the same.

    Returns
    -------
    pandas.DataFrame
        Columns as in `COLUMNS`; ``.attrs["source"]`` holds the credit, ``.attrs["rejected"]`` the number of rows
        that could not be used, ``.attrs["notes"]`` what to know of the reading, one sentence each.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it is no model table, or none of its rows can be used.

    Examples
    --------
    >>> load_models().attrs["source"]["licence"]
    'CC BY 4.0'
    """
    with table_file(path) as file:
        return read_models(file).rows


def usable(table: ModelTable, modality: str | Iterable[str]) -> pd.DataFrame:
    """Return the rows of one kind of data; of text, code and multimodal models those whose tokens are known.

    Parameters
    ----------
    table : ModelTable
        What `read_models` returned.
    modality : str or iterable of str
        One or several of `forecast.ingest.cells.MODALITIES`.

    Returns
    -------
    pandas.DataFrame
        At least one row.

    Raises
    ------
    UnknownNameError
        If there is no such modality.
    InputError
        If the table has no such row.

    Examples
    --------
    >>> bool(usable(read_models(), "text")["tokens"].notna().all())
    True
    """
    wanted = [modality] if isinstance(modality, str) else list(modality)
    for name in wanted:
        if name not in MODALITIES:
            raise unknown_name("modality", name, MODALITIES)
    rows = table.rows
    counted = rows["tokens"].notna() | ~rows["modality"].isin(["text", "code", "multimodal"])
    chosen = rows[rows["modality"].isin(wanted) & counted]
    if chosen.empty:
        there = ", ".join(f"{count} {name}" for name, count in rows["modality"].value_counts().items())
        got = f"{table.source} without a usable {' or '.join(wanted)} model (it has {there})"
        raise InputError(got, "at least one", "use another table or another resource")
    return chosen


def _shipped() -> tuple[RawTable, dict[str, str]]:
    """Read the shipped table as any other, cell by cell as text, and give its credit."""
    from forecast.ingest.catalog import table
    from forecast.ingest.reading import read_text

    entry = table(SHIPPED)
    frame = read_text(entry.path).fillna("")
    raw = name_columns(frame.set_axis(range(frame.shape[1]), axis=1), list(frame.columns), SHIPPED)
    return raw, ATTRIBUTION | dict(entry.source)
