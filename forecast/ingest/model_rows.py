"""Rows of a model table: each gets its quantity, unit and measurement error, or the reason why it cannot be used.

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
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from forecast.ingest.cells import MODALITIES, is_empty, modality_of, unknown_domains
from forecast.ingest.dates import ACCEPTED_DATES, are_serial, decimal_years, parse_dates, two_days
from forecast.ingest.layouts import RawTable
from forecast.ingest.measurement import corpus_ids, measurement_sd
from forecast.ingest.numerals import parse_numbers
from forecast.ingest.quantities import add_numbers, add_units, settle_contradictions, state_units
from forecast.ingest.sizes import choose_sizes
from forecast.text import from_cell

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
    "two_days": f"the publication date can be two days (accepted: {ACCEPTED_DATES})",
    "date": "the publication date cannot be read",
    "impossible": "the publication date is impossible",
    "wrong": "Epoch marks the record as wrong",
    "bytes": "the size is in bytes or characters, not in tokens or words",
    "unit": "the unit of the size cannot be told",
    "contradicted": "its number, notes and compute contradict each other tenfold",
    "duplicate": "the same model and date are in an earlier row",
}
"""Why a row is not used; the first that holds is given."""

LARGEST_SIZE = 1e18
"""Largest size that is believed (any unit): 500 times the upper bound of the text on the indexed web, 2e15 tokens."""

EARLIEST, GATHERED = dt.date(1950, 1, 1), dt.date(2026, 11, 21)
"""No model is older than the first; the second, when the shipped data were gathered, holds where a clock is behind."""

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
        Columns model, publication_date, value (as the file has them) and reason (one of `REASONS`).
    layout : str
        Which layout the file has, one of `forecast.ingest.layouts.LAYOUTS`.
    source : str
        Where it comes from.
    n_read : int
        Rows of the file: always ``len(rows) + len(rejected)``.
    notes : tuple of str
        What the reader should know of how the table was read, one sentence each; also ``rows.attrs["notes"]``.
    sha256 : str
        Of the file as it was read; empty for the shipped table.
    contradicted : pandas.DataFrame
        Rows whose number their notes and compute contradict tenfold: columns model, publication_date, value (as the
        file has them), tokens (what the number says) and taken (the notes' own, in tokens), which is missing where
        the row is left out.
    """

    rows: pd.DataFrame
    rejected: pd.DataFrame
    layout: str
    source: str
    n_read: int
    notes: tuple[str, ...] = ()
    sha256: str = ""
    contradicted: pd.DataFrame = field(default_factory=pd.DataFrame)


def clean(raw: RawTable, source: str, last_day: dt.date | None = None) -> ModelTable:
    """Give every row its quantity, unit and error, or the reason why not; by default no model is of a day to come."""
    latest = _latest() if last_day is None else pd.Timestamp(last_day)
    cells = raw.cells.copy()
    for name in _TEXTS:
        if name not in cells:
            cells[name] = "language" if name == "domain" else ""  # a table without domains is taken for text
    for name in ("model", "organization", "domain", "confidence", "country", "link"):
        names = {text: from_cell(text) for text in cells[name].unique()}
        cells[name] = cells[name].map(names)
    sizes = choose_sizes(raw)
    value, layout = sizes.text, sizes.layout
    rows = pd.DataFrame({name: cells[name] for name in ("model", "organization", "domain", "confidence")})
    rows["publication_date"] = parse_dates(cells["publication_date"])
    rows["quantity"] = sizes.quantity
    kinds = {pair: modality_of(*pair) for pair in set(zip(cells["domain"], cells["task"], strict=True))}
    rows["modality"] = [kinds[pair] for pair in zip(cells["domain"], cells["task"], strict=True)]
    if "modality" in cells:
        rows["modality"] = cells["modality"].where(cells["modality"].isin(MODALITIES), rows["modality"])
    rows["year"] = decimal_years(rows["publication_date"])
    add_numbers(rows, cells)
    add_units(rows, cells, layout, _newest(rows["publication_date"], latest))
    state_units(rows, sizes.unit)
    filed, taken, left_out = settle_contradictions(rows, cells)
    reason = _reasons(rows, cells, value, raw.too_long, left_out, latest)
    as_filed = pd.DataFrame(
        {"model": cells["model"], "publication_date": cells["publication_date"], "value": value, "reason": reason}
    )
    rejected, kept = as_filed[reason != ""].reset_index(drop=True), reason == ""
    contradicted = as_filed.drop(columns="reason").assign(tokens=filed, taken=rows["tokens"].where(taken))
    contradicted = contradicted[(taken & kept) | (reason == REASONS["contradicted"])].reset_index(drop=True)
    rows, cells = rows[kept].reset_index(drop=True), cells[kept].reset_index(drop=True)
    rows = _complete(rows, cells)
    notes = (*raw.notes, *sizes.notes, *_notes(raw.cells))
    return ModelTable(
        rows[list(COLUMNS)], rejected, sizes.preferred, source, len(reason), notes, raw.sha256, contradicted
    )


def _notes(cells: pd.DataFrame) -> list[str]:
    """Say what was assumed of domains and dates."""
    notes = []
    if "domain" not in cells:
        notes.append("there is no column Domain: every model is taken for a model of text")
    else:
        notes += unknown_domains(cells["domain"])
    if are_serial(cells["publication_date"]):
        notes.append("the dates are read as the serial numbers of days that spreadsheets keep")
    return notes


def _latest() -> pd.Timestamp:
    """Return the last day on which a model can have been published."""
    return pd.Timestamp(max(dt.date.today(), GATHERED))


def _newest(dates: pd.Series, latest: pd.Timestamp) -> float:
    """Return when the newest model of a table was published (decimal year); impossible dates aside."""
    possible = dates[dates <= latest]
    return float(decimal_years(possible).max()) if len(possible) else float("nan")


def _reasons(
    rows: pd.DataFrame,
    cells: pd.DataFrame,
    value: pd.Series,
    too_long: pd.Series,
    contradicted: pd.Series,
    latest: pd.Timestamp,
) -> pd.Series:
    """Return the first reason against each row, empty where there is none."""
    date, quantity = rows["publication_date"], rows["quantity"]
    impossible = (date < pd.Timestamp(EARLIEST)) | (date > latest)
    tests = {
        "cells": too_long,
        "model": cells["model"].eq(""),
        "size": is_empty(value),
        "number": quantity.isna() | (quantity <= 0),
        "huge": quantity > LARGEST_SIZE,
        "no_date": is_empty(cells["publication_date"]),
        "two_days": date.isna() & two_days(cells["publication_date"]),
        "date": date.isna(),
        "impossible": impossible,
        "wrong": cells["confidence"].str.lower().eq("wrong"),
        "bytes": rows["unit"].eq("bytes"),
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
    if "measurement_sd" in cells:  # rows of `load_models`, saved: the evidence behind their errors is not in them
        stated = parse_numbers(cells["measurement_sd"])
        rows["measurement_sd"] = stated.where((stated > 0) & np.isfinite(stated), rows["measurement_sd"])
    return rows


def _finetuned(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """Tell models that were made out of another: a base model, compute spent on tuning, or a name that says so."""
    if "stage" in cells and cells["stage"].isin(["pretraining", "finetune"]).all():
        return cells["stage"].eq("finetune")
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
