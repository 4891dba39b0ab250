"""Model tables as they lie on disk: bytes to text cells, and which column is which.

Epoch AI has published its table of models in several layouts. The name column is ``Model`` or ``System``; the size
column carries its meaning in brackets, and that meaning has changed: ``(datapoints)`` held words or images until
mid-2025, ``(gradients)`` and ``(total)`` hold tokens or patches. What a cell says is read in `forecast.ingest.cells`.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from forecast.errors import InputError, MissingFileError

LAYOUTS = {
    "shipped": "the table that comes with this package: its own unit column",
    "words": "Epoch's list of 2024: words",
    "total": "tokens or patches (2026)",
    "gradients": "tokens or patches (2025-12)",
    "datapoints": "words, later tokens, or images (to mid-2025)",
    "plain": "no brackets, so the domain alone tells the unit",
    "deprecated": "the old field where newer files keep it: mixed units",
}
"""What the size column means in each layout; where a file has several size columns, the first filled one counts."""

_NAME, _DATE, _SIZE = "model", "publication_date", "size"

_COLUMNS: dict[str, tuple[str, ...]] = {
    _NAME: ("model", "system", "model name", "system name"),
    "organization": ("organization", "organisation", "organizations", "organisations"),
    _DATE: ("publication date", "date", "release date", "date of publication"),
    "domain": ("domain", "domains"),
    "task": ("task", "tasks"),
    "notes": ("dataset size notes", "training dataset size notes", "training dataset notes"),
    "dataset_notes": ("training dataset notes",),
    "compute_notes": ("training compute notes",),
    "unit": ("dataset unit",),
    "unit_stated": ("unit basis",),
    "size_field": ("dataset size field",),
    "confidence": ("confidence",),
    "epochs": ("epochs",),
    "parameters": ("parameters",),
    "parameters_notes": ("parameters notes",),
    "active_parameters": ("active parameters",),
    "training_compute_flop": ("training compute (flop)", "training compute flop", "training compute"),
    "open_weights": ("open model weights?", "open model weights", "open weights"),
    "accessibility": ("model accessibility",),
    "country": ("country (of organization)", "country (from organization)", "country"),
    "link": ("link",),
    "base_model": ("base model",),
    "finetune_compute": ("finetune compute (flop)",),
    "is_finetune": ("is finetune",),
}

_SIZE_WORDS = re.compile(r"^(?:deprecated\W*)?(?:training )?dataset size(?: words)?(?: *\((?P<meaning>[a-z ]+)\))?")


@dataclass(frozen=True)
class RawTable:
    """The cells of a model table as text, under the names used here.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row a row of the file; a column that the file lacks is missing here too.
    sizes : dict of str to pandas.Series
        The size columns as text, by layout, the preferred one first.
    too_long : pandas.Series
        True where a row has more cells than the header, so that its columns cannot be told.
    """

    cells: pd.DataFrame
    sizes: dict[str, pd.Series]
    too_long: pd.Series

    @property
    def layout(self) -> str:
        """Name of the layout, one of `LAYOUTS`."""
        return next(iter(self.sizes))


def read_raw(path: Path) -> RawTable:
    r"""Read a model table from disk, every cell as text.

    Parameters
    ----------
    path : pathlib.Path
        A CSV file: comma, semicolon or tab; UTF-8 with or without byte-order mark, UTF-16 with one, or Latin-1.

    Returns
    -------
    RawTable
        Its cells.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it is a folder, unreadable, empty, binary, a web page, or lacks the name, date or size column.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "models.csv"
    ...     _ = path.write_text("System;Publication date;Training dataset size (total)\nA;2024-01-01;1,300,000")
    ...     read_raw(path).layout
    'total'
    """
    records = _split(_decode(_read_bytes(path), path), path)
    header, body = records[0], [record for record in records[1:] if any(cell.strip() for cell in record)]
    if not body:
        raise InputError(f"{path}, which has a header and no rows", "at least one model", "fill it in")
    width = len(header)
    too_long = [any(cell.strip() for cell in record[width:]) for record in body]
    cells = [(record + [""] * width)[:width] for record in body]
    return name_columns(pd.DataFrame(cells, columns=range(width), dtype="str"), header, str(path), too_long)


def name_columns(cells: pd.DataFrame, header: list[str], place: str, too_long: list[bool] | None = None) -> RawTable:
    """Find out which column is which.

    Parameters
    ----------
    cells : pandas.DataFrame
        Text cells, columns numbered from 0.
    header : list of str
        The names of the columns as they stand in the file.
    place : str
        Where they come from, for messages.
    too_long : list of bool, optional
        Which rows had more cells than the header; none by default.

    Returns
    -------
    RawTable
        The columns that are used, under the names used here.

    Raises
    ------
    InputError
        If the name, date or size column is missing.

    Examples
    --------
    >>> cells = pd.DataFrame([["PaLM (540B)", "2022-04-04", "7.8e11"]])
    >>> name_columns(cells, ["Model", "Publication date", "Training dataset size (gradients)"], "here").layout
    'gradients'
    """
    plain = [re.sub(r"[\s_]+", " ", name.strip().strip("\ufeff")).lower() for name in header]
    place_of = {name: number for number, name in reversed(list(enumerate(plain)))}  # the first of two equal names wins
    found = {
        ours: place_of[theirs]
        for ours, names in _COLUMNS.items()
        if (theirs := next((name for name in names if name in place_of), None)) is not None
    }
    sizes = {layout: number for number, name in enumerate(plain) if (layout := _layout_of(name, plain)) is not None}
    _require(_NAME in found, "no column for the model's name", "Model or System", "model", header, place)
    _require(bool(sizes), "no size column", "Training dataset size (total)", "training dataset size", header, place)
    _require(_DATE in found, "no date column", "Publication date", "publication date", header, place)
    named = pd.DataFrame({ours: cells[number].str.strip() for ours, number in found.items()})
    in_order = {layout: cells[sizes[layout]].str.strip() for layout in LAYOUTS if layout in sizes}
    long_rows = pd.Series(too_long if too_long is not None else False, index=named.index, dtype=bool)
    return RawTable(named, in_order, long_rows)


def _layout_of(name: str, header: list[str]) -> str | None:
    """Return the layout that a column name stands for, None if it holds no sizes."""
    match = _SIZE_WORDS.match(name)
    if match is None or "notes" in name or name in ("dataset size field", "dataset size snapshot"):
        return None
    if "deprecated" in name:
        return "deprecated"
    if name == "dataset size words":
        return "words"
    if name == "dataset size":
        return "shipped" if "dataset unit" in header else "plain"
    meaning = match["meaning"]
    if meaning is None:
        return "plain" if name == "training dataset size" else None
    return meaning if meaning in ("total", "gradients", "datapoints", "words") else "plain"


def _require(there: bool, got: str, expected: str, wanted: str, header: list[str], place: str) -> None:
    if there:
        return
    names = [name.strip() for name in header if name.strip()]
    near = difflib.get_close_matches(wanted, [name.lower() for name in names], n=3, cutoff=0.3)
    nearest = [next(name for name in names if name.lower() == low) for low in near] or names[:3]
    shown = ", ".join(repr(name[:60]) for name in nearest)
    raise InputError(f"{got} in {place} (nearest: {shown})", f"a column {expected!r}", "rename the column")


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}, which is a folder", "a CSV file", "name the file in it")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"no file {path}", "a model table in CSV", "check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise InputError(f"{path}, which cannot be read ({reason})", "a readable CSV file", "check it") from None


def _decode(data: bytes, path: Path) -> str:
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise InputError(f"{path}, which is empty", "a model table in CSV", "download or fill it again")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    elif b"\0" in data[:65536] or data[:2] == b"\x1f\x8b" or data[:4] in (b"%PDF", b"PK\x03\x04"):
        raise InputError(f"{path}, which is binary", "a model table in CSV (text)", "export it as CSV")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")  # what spreadsheets write on many desktops; never fails
    start = text[:2000].lstrip().lower()
    if re.match(r"<(!doctype|html|head|body|\?xml|!--)", start):
        raise InputError(f"{path}, which is a web page (HTML)", "a model table in CSV", "download the CSV itself")
    return text


def _split(text: str, path: Path) -> list[list[str]]:
    """Split text into records; broken quotes are an error, since they would swallow rows in silence."""
    text = text.lstrip("\ufeff\r\n ")
    first = text.splitlines()[0]
    counts = Counter({mark: first.count(mark) for mark in ",;\t"})
    mark = counts.most_common(1)[0][0]
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise InputError(
            f"{path} with broken CSV near line {reader.line_num} ({error})", "closed quotes", "mend that line"
        ) from None
