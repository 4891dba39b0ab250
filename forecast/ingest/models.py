"""Model tables: what AI models were trained on, one row a model, with date, quantity, unit and measurement error.

`read_models` takes the table that comes with this package or a user's own, in any layout that Epoch AI has published.
Every row of the file ends in one of two places: in ``rows``, or in ``rejected`` with one plain sentence that says why.

**The unit.** The notes of a row decide where they state a unit for its number; else the layout does, together with the
domain: ``(gradients)`` and ``(total)`` mean tokens or patches, ``(datapoints)`` meant words of text or images and came
to mean tokens, which is decided row by row: see `forecast.ingest.text_units`. Without brackets only the domain speaks
(text: tokens). In vision tables the newer layouts still hold numbers of images, so that only numbers too large for
images are read as patches. Where nothing tells, the row is rejected.

**Contradictions.** A number that its notes and compute contradict tenfold gives way to the notes' own or is rejected:
see `forecast.ingest.contradictions`.

Sister models share a ``corpus_id``, and every row carries its error: see `forecast.ingest.measurement`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.errors import InputError, unknown_name
from forecast.ingest.cells import (
    MODALITIES,
    decimal_years,
    is_empty,
    modality_of,
    parse_dates,
    parse_numbers,
)
from forecast.ingest.layouts import RawTable, name_columns, read_raw
from forecast.ingest.measurement import corpus_ids, measurement_sd
from forecast.ingest.quantities import add_numbers, add_units, settle_contradictions

COLUMNS = (
    "model", "organization", "publication_date", "year", "domain", "modality", "quantity", "unit", "unit_basis",
    "tokens", "stage", "corpus_id", "measurement_sd", "epochs", "parameters", "active_parameters",
    "training_compute_flop", "open_weights", "confidence", "country", "link",
)  # fmt: skip
"""Columns of ``rows``, in this order."""

REASONS = {
    "cells": "the row has more cells than the header",
    "model": "no model name",
    "size": "no training dataset size",
    "number": "the size is not a positive number",
    "huge": "the size is larger than any possible training set",
    "no_date": "no publication date",
    "date": "the publication date cannot be read",
    "impossible": "the publication date is impossible",
    "wrong": "Epoch marks the record as wrong",
    "unit": "the unit of the size cannot be told",
    "contradicted": "its number, notes and compute contradict each other tenfold",
    "duplicate": "the same model and date stand in an earlier row",
}
"""Why a row is not used; the first that holds is given."""

LARGEST_SIZE = 1e18
"""Largest size that is believed (any unit): 500 times the upper bound of the text on the indexed web, 2e15 tokens."""

EARLIEST, GATHERED = dt.date(1950, 1, 1), dt.date(2026, 11, 21)
"""No model is older than the first; the second, when the shipped data were gathered, holds where a clock is behind."""

LATEST = "latest"
"""The word that stands for the fetched table wherever a model table can be named."""

SHIPPED = "epoch_models"
ATTRIBUTION = {
    "title": "Epoch AI: data on AI models (merged snapshots, the latest of 2026-08-22)",
    "publisher": "Epoch AI",
    "address": "https://epoch.ai/data/ai-models",
    "licence": "CC BY 4.0",
    "attribution": "Epoch AI, 'Data on AI Models', https://epoch.ai/data/ai-models, CC BY 4.0; merged and cleaned here",
}
"""The credit that the licence of the shipped table asks for."""

_TEXTS = (
    "organization", "domain", "task", "notes", "dataset_notes", "compute_notes", "parameters_notes", "confidence",
    "country", "link",
)  # fmt: skip
_TUNED = re.compile(r"fine-?tun|\binstruct\b|-(?:chat|instruct|sft|dpo|thinking)\b", re.IGNORECASE)


@dataclass(frozen=True)
class ModelTable:
    """A model table, read: the rows that can be used, and the others with the reason.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns as in `COLUMNS`; quantity as given, tokens of text where they can be worked out, sd in log10 units.
    rejected : pandas.DataFrame
        Columns model, publication_date, value (as they stand in the file) and reason (one of `REASONS`).
    layout : str
        Which layout the file has, one of `forecast.ingest.layouts.LAYOUTS`.
    source : str
        Where it comes from.
    n_read : int
        Rows of the file: always ``len(rows) + len(rejected)``.
    corrected : pandas.DataFrame
        Rows whose size is that of their notes, since the number in the file is off tenfold: columns model,
        publication_date, value (as they stand in the file) and taken (the size used, in tokens).
    """

    rows: pd.DataFrame
    rejected: pd.DataFrame
    layout: str
    source: str
    n_read: int
    corrected: pd.DataFrame = field(default_factory=pd.DataFrame)


def read_models(path: Path | str | None = None) -> ModelTable:
    """Read a model table in any layout that Epoch AI has published.

    Parameters
    ----------
    path : pathlib.Path or str, optional
        A CSV file, or the word ``latest`` for the table that ``forecast data update`` fetched; the table that comes
        with this package by default.

    Returns
    -------
    ModelTable
        Rows that can be used, in the order of the file, and rows that cannot; ``rows.attrs["source"]`` holds the
        credit, ``rows.attrs["rejected"]`` how many cannot.

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
        raw, credit = _shipped()
    elif path == LATEST:
        from forecast.ingest.update import latest

        kept = latest()
        raw, credit = read_raw(kept.path), kept.source
    else:
        raw, credit = read_raw(Path(path)), {"title": str(path)}
    source = credit["title"]
    table = _clean(raw, source)
    table.rows.attrs.update(source=credit, rejected=len(table.rejected))
    if table.rows.empty:
        counts = table.rejected["reason"].value_counts()
        why = "; ".join(f"{count}: {reason}" for reason, count in counts.head(3).items())
        got = f"{source}, of whose {table.n_read} rows none can be used ({why})"
        raise InputError(got, "at least one usable row", "mend the table")
    return table


def load_models(path: Path | str | None = None) -> pd.DataFrame:
    """Return the rows of a model table that can be used.

    Parameters
    ----------
    path : pathlib.Path or str, optional
        A CSV file, or ``latest`` for the fetched table; the table that comes with this package by default.

    Returns
    -------
    pandas.DataFrame
        Columns as in `COLUMNS`; ``.attrs["source"]`` holds the credit, ``.attrs["rejected"]`` the number of rows
        that could not be used.

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
    return read_models(path).rows


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
    """Turn the shipped table back into text cells, so that one path reads every layout, and give its credit."""
    from forecast.ingest.catalog import load_table

    frame = load_table(SHIPPED)
    cells = frame.astype(object).where(frame.notna(), "").astype(str)
    raw = name_columns(cells.set_axis(range(cells.shape[1]), axis=1), list(frame.columns), SHIPPED)
    return raw, ATTRIBUTION | dict(frame.attrs.get("source", {}))


def _clean(raw: RawTable, source: str) -> ModelTable:
    """Give every row its quantity, unit and error, or the reason why not."""
    cells = raw.cells.copy()
    for name in _TEXTS:
        if name not in cells:
            cells[name] = "language" if name == "domain" else ""  # a table without domains is taken for text
    value, layout = _first_filled(raw.sizes)
    rows = pd.DataFrame({name: cells[name] for name in ("model", "organization", "domain", "confidence")})
    rows["publication_date"] = parse_dates(cells["publication_date"])
    rows["quantity"] = parse_numbers(value)
    kinds = {pair: modality_of(*pair) for pair in set(zip(cells["domain"], cells["task"], strict=True))}
    rows["modality"] = [kinds[pair] for pair in zip(cells["domain"], cells["task"], strict=True)]
    rows["year"] = decimal_years(rows["publication_date"])
    add_numbers(rows, cells)
    add_units(rows, cells, layout, _newest(rows["publication_date"]))
    taken, left_out = settle_contradictions(rows, cells)
    reason = _reasons(rows, cells, value, raw.too_long, left_out)
    as_filed = pd.DataFrame(
        {"model": cells["model"], "publication_date": cells["publication_date"], "value": value, "reason": reason}
    )
    rejected, kept = as_filed[reason != ""].reset_index(drop=True), reason == ""
    corrected = as_filed.drop(columns="reason").assign(taken=rows["tokens"])[taken & kept].reset_index(drop=True)
    rows, cells = rows[kept].reset_index(drop=True), cells[kept].reset_index(drop=True)
    rows = _complete(rows, cells)
    return ModelTable(rows[list(COLUMNS)], rejected, raw.layout, source, len(reason), corrected)


def _first_filled(sizes: dict[str, pd.Series]) -> tuple[pd.Series, pd.Series]:
    """Take each row's size from the first size column that is filled, and say which layout that is."""
    (name, column), *others = sizes.items()
    value, layout = column.copy(), pd.Series(name, index=column.index, dtype="str")
    for name, column in others:
        take = is_empty(value) & ~is_empty(column)
        value, layout = value.where(~take, column), layout.where(~take, name)
    return value, layout


def _latest() -> pd.Timestamp:
    """Return the last day on which a model can have been published."""
    return pd.Timestamp(max(dt.date.today(), GATHERED))


def _newest(dates: pd.Series) -> float:
    """Return when the newest model of a table was published (decimal year); impossible dates aside."""
    possible = dates[dates <= _latest()]
    return float(decimal_years(possible).max()) if len(possible) else float("nan")


def _reasons(
    rows: pd.DataFrame, cells: pd.DataFrame, value: pd.Series, too_long: pd.Series, contradicted: pd.Series
) -> pd.Series:
    """Return the first reason against each row, empty where there is none."""
    date, quantity = rows["publication_date"], rows["quantity"]
    impossible = (date < pd.Timestamp(EARLIEST)) | (date > _latest())
    tests = {
        "cells": too_long,
        "model": cells["model"].eq(""),
        "size": is_empty(value),
        "number": quantity.isna() | (quantity <= 0),
        "huge": quantity > LARGEST_SIZE,
        "no_date": is_empty(cells["publication_date"]),
        "date": date.isna(),
        "impossible": impossible,
        "wrong": cells["confidence"].str.lower().eq("wrong"),
        "unit": rows["unit"].eq("unknown"),
        "contradicted": contradicted,
    }
    chosen = np.select([test.to_numpy(bool) for test in tests.values()], [REASONS[name] for name in tests], "")
    reason = pd.Series(chosen, rows.index, dtype="str")
    good = reason == ""
    key = pd.DataFrame({"model": cells["model"].str.lower(), "by": cells["organization"].str.lower(), "date": date})
    again = key[good].duplicated().reindex(reason.index, fill_value=False)
    return reason.where(~again, REASONS["duplicate"])


def _complete(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that need no judgement, then corpus and error."""
    if rows.empty:
        return rows.reindex(columns=list(COLUMNS))
    rows["stage"] = np.where(_finetuned(rows, cells), "finetune", "pretraining")
    rows["open_weights"] = _open_weights(cells)
    rows["country"], rows["link"] = cells["country"], cells["link"]
    rows["corpus_id"] = corpus_ids(rows)
    rows["measurement_sd"] = measurement_sd(rows)
    return rows


def _finetuned(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """Tell models that were made out of another: a base model, compute spent on tuning, or a name that says so."""
    if "is_finetune" in cells:
        return cells["is_finetune"].str.lower().isin(["true", "yes", "1"])
    tuned = rows["model"].str.contains(_TUNED)
    if "base_model" in cells:
        tuned = tuned | ~is_empty(cells["base_model"])
    if "finetune_compute" in cells:
        tuned = tuned | (parse_numbers(cells["finetune_compute"]) > 0)
    return tuned


def _open_weights(cells: pd.DataFrame) -> pd.Series:
    """Return True, False or missing."""
    answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    said = pd.Series(pd.NA, cells.index, dtype="boolean")
    if "open_weights" in cells:
        said = cells["open_weights"].str.lower().map(answers).astype("boolean")
    if "accessibility" in cells:
        access = cells["accessibility"].str.lower()
        said = said.fillna(access.str.startswith("open weights").astype("boolean").where(~is_empty(access)))
    return said
