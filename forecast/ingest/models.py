"""Model tables: what AI models were trained on, one row a model, with date, quantity, unit and measurement error.

`read_models` takes the table that comes with this package or a user's own, in any layout that Epoch AI has published.
Every row of the file ends in one of two places: in ``rows``, or in ``rejected`` with one plain sentence that says why.

**The unit.** The notes of a row decide where they state a unit for its number; else the layout does, together with the
domain: ``(datapoints)`` means words of text or images, ``(gradients)`` and ``(total)`` mean tokens or patches. Without
brackets only the domain speaks (text: tokens). In vision tables the newer layouts still hold numbers of images, so
that only numbers too large for images are read as patches. Where nothing tells, the row is rejected.

Sister models share a ``corpus_id``, and every row carries its error: see `forecast.ingest.measurement`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.errors import InputError, unknown_name
from forecast.ingest.cells import (
    MODALITIES,
    TOO_MANY_IMAGES,
    active_parameters_of,
    decimal_years,
    is_empty,
    modality_of,
    parse_dates,
    parse_numbers,
    unit_from_notes,
)
from forecast.ingest.layouts import RawTable, name_columns, read_raw
from forecast.ingest.measurement import UNIT_SD, corpus_ids, measurement_sd
from forecast.text import from_cell
from forecast.units import words_to_tokens

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

_SHIPPED_UNITS = {
    "tokens": "tokens", "tokens_or_words": "tokens", "words": "words", "images": "images", "image_text_pairs": "images",
    "patches": "patches", "seconds": "seconds", "samples": "samples", "pairs": "samples", "sentences": "samples",
    "frames": "samples", "residues": "samples",
}  # fmt: skip
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
    """

    rows: pd.DataFrame
    rejected: pd.DataFrame
    layout: str
    source: str
    n_read: int


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
    for name in ("organization", "domain", "task", "notes", "confidence", "country", "link", "parameters_notes"):
        if name not in cells:
            cells[name] = "language" if name == "domain" else ""  # a table without domains is taken for text
    for name in ("model", "organization", "domain", "confidence", "country", "link"):
        names = {text: from_cell(text) for text in cells[name].unique()}
        cells[name] = cells[name].map(names)
    value, layout = _first_filled(raw.sizes)
    rows = pd.DataFrame({name: cells[name] for name in ("model", "organization", "domain", "confidence")})
    rows["publication_date"] = parse_dates(cells["publication_date"])
    rows["quantity"] = parse_numbers(value)
    kinds = {pair: modality_of(*pair) for pair in set(zip(cells["domain"], cells["task"], strict=True))}
    rows["modality"] = [kinds[pair] for pair in zip(cells["domain"], cells["task"], strict=True)]
    rows["unit"], rows["unit_basis"] = _units(rows, cells, layout)
    reason = _reasons(rows, cells, value, raw.too_long)
    rejected = pd.DataFrame(
        {"model": cells["model"], "publication_date": cells["publication_date"], "value": value, "reason": reason}
    )[reason != ""].reset_index(drop=True)
    kept = reason == ""
    rows, cells = rows[kept].reset_index(drop=True), cells[kept].reset_index(drop=True)
    rows = _complete(rows, cells)
    return ModelTable(rows[list(COLUMNS)], rejected, raw.layout, source, len(reason))


def _first_filled(sizes: dict[str, pd.Series]) -> tuple[pd.Series, pd.Series]:
    """Take each row's size from the first size column that is filled, and say which layout that is."""
    (name, column), *others = sizes.items()
    value, layout = column.copy(), pd.Series(name, index=column.index, dtype="str")
    for name, column in others:
        take = is_empty(value) & ~is_empty(column)
        value, layout = value.where(~take, column), layout.where(~take, name)
    return value, layout


def _units(rows: pd.DataFrame, cells: pd.DataFrame, layout: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Tell each row's unit and what it rests on: its notes, else the layout with the domain, else the domain alone."""
    text = rows["modality"].isin(["text", "code"])
    multimodal, image = rows["modality"] == "multimodal", rows["modality"] == "image"
    large = rows["quantity"] >= TOO_MANY_IMAGES
    old, new = layout == "datapoints", layout.isin(["gradients", "total"])
    bare = layout.isin(["plain", "deprecated"])
    cases: list[tuple[pd.Series, str, str]] = [
        (layout == "words", "words", "layout"),
        (old & text, "words", "layout"),
        (old & multimodal & large, "words", "layout"),
        (old & image, "images", "layout"),
        (new & text, "tokens", "layout"),
        (new & multimodal & large, "tokens", "domain default"),  # tokens of text and image patches in one number
        (new & image & large, "patches", "layout"),
        (bare & text, "tokens", "domain default"),
        (bare & multimodal & large, "tokens", "domain default"),
        (bare & image & ~large, "images", "domain default"),
        (bare & image & large, "patches", "domain default"),
    ]
    conditions = [case.to_numpy() for case, _, _ in cases]
    unit = pd.Series(np.select(conditions, [u for _, u, _ in cases], "unknown"), rows.index, dtype="str")
    basis = pd.Series(np.select(conditions, [b for _, _, b in cases], "layout"), rows.index, dtype="str")
    # The tag [WORDS] is left over from the old layouts: in the newer ones the number beside it is in tokens.
    noted = cells["notes"].ne("") & np.isfinite(rows["quantity"]) & (rows["quantity"] > 0) & (layout != "shipped")
    asked = zip(rows["quantity"], cells["notes"], noted, new, strict=True)
    said = [unit_from_notes(number, note, trust_tags=not newer) if ask else None for number, note, ask, newer in asked]
    stated = pd.Series(said, rows.index, dtype="str")
    unit, basis = stated.fillna(unit), basis.where(stated.isna(), "stated in notes")
    if "unit" in cells:
        ours = layout == "shipped"
        unit = unit.where(~ours, cells["unit"].str.lower().map(_SHIPPED_UNITS).fillna("unknown"))
        known = cells["unit_stated"].where(cells["unit_stated"].isin(list(UNIT_SD))) if "unit_stated" in cells else None
        basis = basis.where(~ours, "shipped" if known is None else known.fillna("shipped"))
    return unit, basis


def _reasons(rows: pd.DataFrame, cells: pd.DataFrame, value: pd.Series, too_long: pd.Series) -> pd.Series:
    """Return the first reason against each row, empty where there is none."""
    latest = max(dt.date.today(), GATHERED)
    date, quantity = rows["publication_date"], rows["quantity"]
    impossible = (date < pd.Timestamp(EARLIEST)) | (date > pd.Timestamp(latest))
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
    }
    chosen = np.select([test.to_numpy(bool) for test in tests.values()], [REASONS[name] for name in tests], "")
    reason = pd.Series(chosen, rows.index, dtype="str")
    good = reason == ""
    key = pd.DataFrame({"model": cells["model"].str.lower(), "by": cells["organization"].str.lower(), "date": date})
    again = key[good].duplicated().reindex(reason.index, fill_value=False)
    return reason.where(~again, REASONS["duplicate"])


def _complete(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that need no judgement, then tokens, corpus and error."""
    if rows.empty:
        return rows.reindex(columns=list(COLUMNS))
    rows["year"] = decimal_years(rows["publication_date"])
    for name in ("epochs", "parameters", "active_parameters", "training_compute_flop"):
        numbers = parse_numbers(cells[name]) if name in cells else pd.Series(np.nan, rows.index)
        rows[name] = numbers.where((numbers > 0) & np.isfinite(numbers))
    if "active_parameters" not in cells:
        pairs = zip(cells["model"], cells["parameters_notes"], strict=True)
        active = pd.Series([active_parameters_of(*pair) for pair in pairs], rows.index, dtype=float)
        rows["active_parameters"] = active.where(~(active > rows["parameters"]))
    text = rows["modality"].isin(["text", "code", "multimodal"])
    in_tokens = rows["quantity"].where(rows["unit"] != "words", words_to_tokens(1.0) * rows["quantity"])
    rows["tokens"] = in_tokens.where(text & rows["unit"].isin(["tokens", "words"]))
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
