"""Model tables as they lie on disk: which column is which.

Epoch AI has published its table of models in several layouts. The name column is ``Model`` or ``System``; the size
column carries its meaning in brackets, and that meaning has changed: ``(datapoints)`` held words or images until
mid-2025, ``(gradients)`` and ``(total)`` hold tokens or patches. Every name is matched whole; what a size column's
name states is read in `forecast.ingest.headers`, what a cell says in `forecast.ingest.numerals`,
`forecast.ingest.dates` and `forecast.ingest.cells`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from forecast.errors import InputError
from forecast.ingest.headers import ACCEPTED, SizeHeader, plain_name, size_header
from forecast.ingest.records import read_records

LAYOUTS = {
    "shipped": "the table that comes with this package, or saved rows of load_models: a unit column",
    "stated": "the unit that the column's name states",
    "words": "words: Epoch's list of 2024, or the column's name says so",
    "total": "tokens or patches (2026)",
    "gradients": "tokens or patches (2025-12)",
    "datapoints": "words, later tokens, or images (to mid-2025)",
    "plain": "no brackets, so the domain alone tells the unit",
    "deprecated": "the old field where newer files keep it: mixed units",
}
"""What the size column means in each layout; where a file has several size columns, the first filled one counts."""

_NAME, _DATE = "model", "publication_date"

_COLUMNS: dict[str, tuple[str, ...]] = {
    _NAME: ("model", "system", "model name", "system name", "name"),
    "organization": ("organization", "organisation", "organizations", "organisations"),
    _DATE: ("publication date", "date", "release date", "date of publication", "released", "published", "year"),
    "domain": ("domain", "domains", "modality"),
    "modality": ("modality",),
    "task": ("task", "tasks"),
    "notes": ("dataset size notes", "training dataset size notes", "training dataset notes"),
    "dataset_notes": ("training dataset notes",),
    "compute_notes": ("training compute notes",),
    "unit": ("dataset unit", "unit"),
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
    "stage": ("stage",),
    "measurement_sd": ("measurement sd",),
}


@dataclass(frozen=True)
class SizeColumn:
    """One column of sizes.

    Parameters
    ----------
    name : str
        As the file has it.
    says : SizeHeader
        What the name states.
    cells : pandas.Series
        Text.
    """

    name: str
    says: SizeHeader
    cells: pd.Series


@dataclass(frozen=True)
class RawTable:
    """The cells of a model table as text, under the names used here.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row per row of the file; a column that the file lacks is missing here too.
    sizes : tuple of SizeColumn
        The size columns, the preferred one first.
    too_long : pandas.Series
        True where a row has more cells than the header, so that its columns cannot be told.
    notes : tuple of str
        What the reader should know of how the file was read, one sentence each.
    sha256 : str
        Of the file's bytes; empty where it is no file.
    """

    cells: pd.DataFrame
    sizes: tuple[SizeColumn, ...]
    too_long: pd.Series
    notes: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def layout(self) -> str:
        """Name of the layout, one of `LAYOUTS`."""
        return self.sizes[0].says.layout


def read_raw(path: Path) -> RawTable:
    r"""Read a model table from disk, every cell as text.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "models.csv"
    ...     _ = path.write_text("System;Publication date;Training dataset size (total)\nA;2024-01-01;1,300,000")
    ...     read_raw(path).layout
    'total'
    """
    records = read_records(path)
    found = _find(records.header, str(path))
    width = len(records.header)
    # Only the columns that are used are kept: the others can be many, and long.
    wanted = found.numbers
    cells: list[list[str]] = []
    too_long: list[bool] = []
    for record in records.rows:
        if any(cell and not cell.isspace() for cell in record):
            cells.append([record[number] if number < len(record) else "" for number in wanted])
            too_long.append(any(cell.strip() for cell in record[width:]))
    if not cells:
        raise InputError(f"{path}, which has a header and no rows", "at least one model", "add a row")
    frame = pd.DataFrame(cells, columns=wanted, dtype="str")
    return _named(found, frame, too_long, (*records.notes, *found.notes), records.sha256)


def name_columns(cells: pd.DataFrame, header: list[str], place: str) -> RawTable:
    """Find out which column is which.

    Examples
    --------
    >>> cells = pd.DataFrame([["PaLM (540B)", "2022-04-04", "7.8e11"]])
    >>> name_columns(cells, ["Model", "Publication date", "Training dataset size (gradients)"], "here").layout
    'gradients'
    """
    found = _find(header, place)
    return _named(found, cells, [False] * len(cells), found.notes)


@dataclass(frozen=True)
class _Found:
    """Which column is which, by number."""

    columns: Mapping[str, int]
    sizes: Mapping[int, SizeHeader]
    header: Sequence[str]
    notes: tuple[str, ...]

    @property
    def numbers(self) -> list[int]:
        return sorted({*self.columns.values(), *self.sizes})


def _find(header: Sequence[str], place: str) -> _Found:
    plain = [plain_name(name) for name in header]
    place_of = {name: number for number, name in reversed(list(enumerate(plain)))}  # the first of two equal names
    candidates = {ours: [name for name in names if name in place_of] for ours, names in _COLUMNS.items()}
    columns = {ours: place_of[names[0]] for ours, names in candidates.items() if names}
    says = {number: size_header(name, place_of) for name, number in place_of.items()}
    sizes = {number: said for number, said in says.items() if said is not None}
    own = place_of.get("quantity")
    if own in sizes:  # saved rows of load_models: their other sizes are worked out from this one
        sizes = {own: sizes[own]}
    _require(_NAME in columns, "no column for the model's name", "Model or System", "model", header, place)
    _require(bool(sizes), "no size column", "Training dataset size (total)", "training dataset size", header, place)
    _require(_DATE in columns, "no date column", "Publication date", "publication date", header, place)
    usable = {number: said for number, said in sizes.items() if not said.problem}
    if not usable:
        number, said = next(iter(sizes.items()))
        got = f"the column {_quoted(header[number])} of {place} with {said.problem}"
        raise InputError(got, ACCEPTED, "convert the numbers and rename the column")
    used = {*columns.values(), *usable}
    notes = [
        f"{plain.count(name)} columns are called {_quoted(header[number])}: the first one is read"
        for name, number in place_of.items()
        if number in used and plain.count(name) > 1
    ]
    for ours in (_NAME, _DATE):
        rivals = [name for name in candidates[ours] if name != "year"]  # beside a date, its year is no rival
        if len(rivals) > 1:
            others = " and ".join(_quoted(header[place_of[name]]) for name in rivals[1:])
            notes.append(f"the column {_quoted(header[columns[ours]])} is read, and not {others}")
    notes += [
        f"the column {_quoted(header[number])} is passed over: its name has {said.problem}"
        for number, said in sizes.items()
        if said.problem
    ]
    order = list(LAYOUTS)
    ranked = sorted(usable, key=lambda number: (order.index(usable[number].layout), number))
    return _Found(columns, {number: usable[number] for number in ranked}, header, tuple(notes))


def _named(
    found: _Found, cells: pd.DataFrame, too_long: Sequence[bool], notes: tuple[str, ...], sha256: str = ""
) -> RawTable:
    named = pd.DataFrame({ours: cells[number].str.strip() for ours, number in found.columns.items()})
    sizes = tuple(
        SizeColumn(found.header[number].strip(), said, cells[number].str.strip())
        for number, said in found.sizes.items()
    )
    return RawTable(named, sizes, pd.Series(list(too_long), index=named.index, dtype=bool), notes, sha256)


def _require(there: bool, got: str, expected: str, wanted: str, header: Sequence[str], place: str) -> None:
    if there:
        return
    # Long names are cut before they are compared: the comparison takes longer than linear time.
    names = [name.strip()[:60] for name in header[:200] if name.strip()]
    near = difflib.get_close_matches(wanted, [name.lower() for name in names], n=3, cutoff=0.3)
    nearest = [next(name for name in names if name.lower() == low) for low in near] or names[:3]
    shown = ", ".join(_quoted(name) for name in nearest)
    raise InputError(f"{got} in {place} (nearest: {shown})", f"a column {expected!r}", "rename the column")


def _quoted(name: str) -> str:
    return repr(name.strip()[:60])
