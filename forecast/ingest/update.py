"""The newest public model table: fetched when asked for, checked, compared with the one before, and kept.

Nothing here runs by itself: ``forecast data update`` fetches, and only ``--models latest`` uses what it kept. A table
is kept as ``models/<sha256>.csv`` in the user's data folder, and ``models/latest.json`` says which one holds, where it
came from and when. The record is written last, in one step: whatever goes wrong before, the old table stays. A table
that lost a fifth of its rows is kept beside the old one, named by ``models/waiting.json``, until it is accepted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.core.files import atomic_file
from forecast.errors import ForecastError, InputError
from forecast.ingest.download import STAYS, cut_off, fetch, without_secrets
from forecast.ingest.fetched import (
    HOLDS,
    LATEST,
    WAITS,
    Kept,
    credit,
    folder,
    latest,
    read_record,
    table_path,
)
from forecast.ingest.models import ModelTable, read_models
from forecast.ingest.records import records_of

ADDRESS = "https://epoch.ai/data/all_ai_models.csv"
"""Where Epoch AI offers its table of all models, updated daily; described at https://epoch.ai/data/ai-models."""

COMPARED = (
    "organization", "modality", "quantity", "unit", "tokens", "stage", "epochs", "parameters", "active_parameters",
    "training_compute_flop", "open_weights", "confidence",
)  # fmt: skip
"""Columns in which a row counts as changed; a row is known by its model's name and publication date."""

MOST_LOST = 0.2
"""Largest share of its usable rows that a table may lose and still take the place of the one before; judgement: the
tables of 2023, 2024 and 2025 each had nearly twice the rows of the one before."""

_UNITS_STATED = ("stated", "total", "gradients", "datapoints", "words", "shipped")


@dataclass(frozen=True)
class Changes:
    """What differs between two model tables, row by row, among the rows that can be used.

    Parameters
    ----------
    added, removed : tuple of dict
        Model and publication date of rows that only the new or only the old table has.
    changed : tuple of dict
        Model, publication date, and ``columns``: by name what was there and what is there now.
    """

    added: tuple[dict[str, Any], ...]
    changed: tuple[dict[str, Any], ...]
    removed: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Update:
    """What a fetch brought.

    Parameters
    ----------
    kept : Kept
        The table that is kept now.
    against : str
        What it is compared with.
    rows, rows_before : int
        Rows that can be used, now and before.
    changes : Changes
        Row by row.
    record, record_before : dict
        The largest usable text corpus, audit laid over: model, organization, publication_date, tokens (human text).
    newest, newest_before : str
        Publication date of the newest row, ISO.
    credit : str
        What has to be printed wherever the table is used.
    taken : bool
        Whether the table holds now; False for one that lost a fifth of its rows and waits to be accepted.
    """

    kept: Kept
    against: str
    rows: int
    rows_before: int
    changes: Changes
    record: dict[str, Any]
    record_before: dict[str, Any]
    newest: str
    newest_before: str
    credit: str
    taken: bool

    @property
    def record_moved(self) -> bool:
        """Whether another corpus holds the record, or the same one has another size."""
        same = self.record["model"] == self.record_before["model"]
        return not same or abs(self.record["tokens"] / self.record_before["tokens"] - 1) > 1e-6

    def as_dict(self) -> dict[str, Any]:
        """Return everything, JSON-ready."""
        return asdict(self) | {
            "kept": asdict(self.kept) | {"path": str(self.kept.path)},
            "record_moved": self.record_moved,
        }


def update(address: str | None = None, *, accept: bool = False) -> Update:
    """Fetch a model table, check it, compare it with the one before, and keep it."""
    if accept and address is None:
        kept = read_record(WAITS, "fetch one: forecast data update")
        body = kept.path.read_bytes()
    else:
        body = fetch(address or ADDRESS)
        digest = hashlib.sha256(body).hexdigest()
        fetched = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        kept = Kept(table_path(digest), without_secrets(address or ADDRESS), fetched, digest)
    with tempfile.TemporaryDirectory() as place:
        new = _checked(body, Path(place) / "models.csv", kept.address)
    try:
        previous: Kept | None = latest()
        old = read_models(LATEST)
    except ForecastError:  # none yet, or a damaged one: the shipped table is always there
        previous, old = None, read_models()
    found = Update(
        kept=kept,
        against=f"the table fetched on {previous.fetched[:10]}"
        if previous
        else "the table that comes with this package",
        rows=len(new.rows),
        rows_before=len(old.rows),
        changes=compare(old.rows, new.rows),
        record=record_of(new.rows),
        record_before=record_of(old.rows),
        newest=f"{new.rows['publication_date'].max():%Y-%m-%d}",
        newest_before=f"{old.rows['publication_date'].max():%Y-%m-%d}",
        credit=credit(),
        taken=accept or len(new.rows) > (1 - MOST_LOST) * len(old.rows),
    )
    _keep(body, found, previous)
    return found


def compare(before: pd.DataFrame, now: pd.DataFrame) -> Changes:
    """Say which rows are new, which are gone, and which say something else.

    Examples
    --------
    >>> from forecast.ingest.models import load_models
    >>> rows = load_models()
    >>> found = compare(rows.iloc[1:], rows)
    >>> len(found.added), len(found.changed), len(found.removed)
    (1, 0, 0)
    """
    old, new = _by_key(before), _by_key(now)
    changed = []
    for key in sorted(old.keys() & new.keys()):
        pairs = {name: (_plain(old[key][name]), _plain(new[key][name])) for name in COMPARED}
        differing = {name: list(pair) for name, pair in pairs.items() if not _equal(*pair)}
        if differing:
            changed.append(_named(key) | {"columns": differing})
    return Changes(
        added=tuple(_named(key) for key in sorted(new.keys() - old.keys())),
        changed=tuple(changed),
        removed=tuple(_named(key) for key in sorted(old.keys() - new.keys())),
    )


def record_of(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the largest usable text corpus, with the record audit laid over the table."""
    from forecast.ingest.corpora import text_corpora

    corpora = text_corpora(rows)
    largest = corpora.iloc[int(corpora["log10_size"].to_numpy().argmax())]
    return {
        "model": str(largest["model"]),
        "organization": str(largest["organization"]),
        "publication_date": f"{largest['publication_date']:%Y-%m-%d}",
        "tokens": float(f"{10 ** float(largest['log10_size']):.6g}"),
    }


def _checked(body: bytes, path: Path, address: str) -> ModelTable:
    """Read the body as a model table; the messages name the address, not the temporary file."""
    path.write_bytes(body)
    try:
        table = read_models(path)
        record_of(table.rows)
    except ForecastError as error:
        raise InputError(error.got.replace(str(path), address), error.expected, STAYS) from None
    if table.layout not in _UNITS_STATED:
        wanted = "a size column whose unit is known, such as Training dataset size (total)"
        raise InputError(f"{address}, whose size column does not tell its unit", wanted, STAYS)
    if _last_row_is_short(body):
        raise cut_off(address, "its last row has fewer cells than the header")
    return table


def _last_row_is_short(body: bytes) -> bool:
    """Tell whether a body that a server sent without saying its length ends within a row."""
    found = records_of(body, "the table")
    last = found.header
    for record in found.rows:
        last = record or last
    return len(last) < len(found.header)


def _by_key(rows: pd.DataFrame) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Return rows by date, name, and a number that tells apart those that share both."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for row in rows.to_dict("records"):
        date, name, number = f"{row['publication_date']:%Y-%m-%d}", str(row["model"]), 0
        while (date, name, number) in found:
            number += 1
        found[date, name, number] = {str(column): value for column, value in row.items()}
    return found


def _named(key: tuple[str, str, int]) -> dict[str, Any]:
    return {"model": key[1], "publication_date": key[0]}


def _plain(value: Any) -> Any:
    """Return a cell JSON-ready; None where it is missing."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))  # how a number was written is no change
    return one == other


def _keep(body: bytes, found: Update, previous: Kept | None) -> None:
    """Write the table, then the record that makes it hold or wait; tables that neither names go."""
    kept = found.kept
    with atomic_file(kept.path) as temporary:
        temporary.write_bytes(body)
    said: Mapping[str, str] = {"address": kept.address, "fetched": kept.fetched, "sha256": kept.sha256}
    with atomic_file(folder() / (HOLDS if found.taken else WAITS)) as temporary:
        temporary.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    if found.taken:  # what waited was older, or is what has been taken
        (folder() / WAITS).unlink(missing_ok=True)
    # The previous one stays: a run that began before may be about to read it.
    needed = {kept.path, previous.path if previous else kept.path}
    for path in folder().glob("*.csv"):
        if path not in needed and re.fullmatch(r"[0-9a-f]{64}", path.stem):
            path.unlink(missing_ok=True)
