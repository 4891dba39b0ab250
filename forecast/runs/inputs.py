"""What a run reads: the largest corpora of a resource, how often they were read, and where all this comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, FrontierData, frontier_data
from forecast.consumption.undisclosed import evidence
from forecast.core.distributions import LogNormal
from forecast.core.resources import Resource
from forecast.core.units import FIRST_OF_JULY, calendar_date, decimal_year
from forecast.errors import InputError
from forecast.fits.kept_parts import kept_part
from forecast.ingest.added_rows import ADDED, AddedRow, check_used, digest, with_added
from forecast.ingest.catalog import table, touched
from forecast.runs.document_types import EvidenceBlock, RecordRow, SourceBlock
from forecast.runs.events import Passes
from forecast.scenarios.levers import LEVERS

if TYPE_CHECKING:
    import pandas as pd

    from forecast.scenarios.scenario import Scenario

TEXT = ("public_text", "high_quality_text")
"""Resources whose consumption is that of text: laboratories do not publish apart how much of it was of high quality."""

RECENT_YEARS = 3.0
"""Rows of so many years before the as-of date tell the passes of frontier runs (years); as the gate's last maxima."""


@dataclass(frozen=True)
class Inputs:
    """What a run reads.

    Parameters
    ----------
    data : FrontierData
        The largest corpora of each half-year, as arrays.
    rows : list of dict
        The same rows as the document shows them.
    sources : list of dict
        Tables with hash, snapshot and licence.
    passes : Passes
        Passes over the same data at the frontier.
    rejected : dict of str to int
        Rows of the model table that cannot be used: how many by reason, the most frequent first.
    contradicted : list of dict
        Rows whose number their notes and compute contradict tenfold, as in `ModelTable.contradicted`.
    evidence : dict, optional
        What published compute says about undisclosed models of text; None where the table is not the shipped one.
    notes : tuple of str
        What the reader should know of how the model table was read, one sentence each.
    """

    data: FrontierData
    rows: list[RecordRow]
    sources: list[SourceBlock]
    passes: Passes
    rejected: dict[str, int]
    contradicted: list[dict[str, Any]] = field(default_factory=list)
    evidence: EvidenceBlock | None = None
    notes: tuple[str, ...] = ()


def read_inputs(
    resource: Resource,
    models: str | Path | None = None,
    as_of: str | None = None,
    add: Sequence[AddedRow] = (),
) -> Inputs:
    """Read models and audit; rows that are added count beside them, and move the date of the data to their own.

    What the shipped tables alone come to is kept once it is read, for the day: rows of a day to come do not count.
    """
    if models is not None or add:
        return _read_inputs(resource, models, as_of, add)

    def read() -> dict[str, Any]:
        with touched() as tables:
            return {"inputs": _plain(_read_inputs(resource, None, as_of, ())), "tables": sorted(tables)}

    told = kept_part("inputs", read, of=[resource.name, as_of, dt.date.today().isoformat()])
    for name in told["tables"]:
        table(name)  # whoever notes which tables are read is told of these
    return _restored(told["inputs"])


def _plain(inputs: Inputs) -> dict[str, Any]:
    """Return inputs as JSON holds them, each number to its last digit."""
    told = asdict(inputs)
    arrays = {name: value.tolist() for name, value in told["data"].items() if isinstance(value, np.ndarray)}
    return {**told, "data": {**told["data"], **arrays}}


def _restored(told: Mapping[str, Any]) -> Inputs:
    """Return inputs as they were before `_plain`."""
    data, passes = told["data"], told["passes"]
    arrays = {name: np.array(data[name]) for name in ("knots", "size", "sd", "time", "observed", "exposure")}
    labels = tuple(tuple(block) for block in data["labels"])
    return Inputs(
        **{
            **told,
            "data": FrontierData(**{**data, **arrays, "labels": labels}),
            "passes": Passes(**{**passes, "stated": tuple(passes["stated"]), "prior": LogNormal(**passes["prior"])}),
            "notes": tuple(told["notes"]),
        }
    )


def _read_inputs(resource: Resource, models: str | Path | None, as_of: str | None, add: Sequence[AddedRow]) -> Inputs:
    from forecast.ingest.corpora import audited_as_of
    from forecast.ingest.fetched import LATEST
    from forecast.ingest.models import read_models

    newest = audited_as_of()
    read = read_models(models)
    last_row = float(read.rows["year"].max())
    # The fetched table takes the shipped one's place under the audit, and may speak of later days.
    complete = models is None or models == LATEST
    if models == LATEST:
        newest = max(newest, last_row)
    # A table of the user's own speaks up to its last row: half-years after it are not seen, rather than empty.
    last = newest if complete else min(newest, last_row)
    rows = read.rows
    if add:
        rows, last = _with_added(resource, rows, add, last, as_of)
        newest = max(newest, last)
    date = _in_its_half(last if as_of is None else decimal_year(as_of))
    if not FIRST_KNOT + 1 <= date <= newest + 1:
        raise InputError(
            f"the date {as_of}", f"a date from 2019-01-01 to {calendar_date(newest + 1)}", "choose --as-of"
        )
    shipped, *audits = consumption_tables(resource)
    if models is None:
        sources = [source_of(shipped)]
    else:
        sources = [read.rows.attrs["source"] if models == LATEST else _own(Path(models), read.sha256)]
    hidden = None
    if resource.name in TEXT:
        from forecast.ingest.corpora import text_corpora

        corpora = text_corpora(rows, complete=complete)
        check_used(add, corpora)
        data = frontier_data(corpora, date)
        passes = _passes(data, rows, complete=complete)
        sources += [source_of(name) for name in audits]
        if add:
            sources.append(_source_of_added(add))
        hidden = cast(EvidenceBlock, evidence(data.record(), date)) if models is None and not add else None
    else:
        from forecast.ingest.other_resources import corpora as other_corpora

        corpora = other_corpora(read.rows, resource.name, as_of=date, complete=complete)
        data = frontier_data(corpora, date, resource_name=resource.name)
        passes = Passes((1.0,), 0, LogNormal(1.0, 0.0, 0.0), f"data sets of {resource.title} are counted once")
    rejected = {str(reason): int(count) for reason, count in read.rejected["reason"].value_counts().items()}
    contradicted = cast(list[dict[str, Any]], read.contradicted.to_dict("records"))
    return Inputs(data, _rows(data, corpora), sources, passes, rejected, contradicted, hidden, read.notes)


def _with_added(
    resource: Resource, rows: pd.DataFrame, add: Sequence[AddedRow], last: float, as_of: str | None
) -> tuple[pd.DataFrame, float]:
    """Return the models with further rows, and the date up to which they then speak."""
    if resource.name not in TEXT:
        raise InputError(f"a row to add to {resource.title}", "a resource of text", f"choose among {', '.join(TEXT)}")
    added = max(decimal_year(row.date) for row in add)
    if as_of is not None and added > decimal_year(as_of):
        latest = max(add, key=lambda row: row.date)
        raise InputError(
            f"the row {latest.words()} in a forecast as of {as_of}", "a row of an earlier day", "leave out --as-of"
        )
    return with_added(rows, add, last), max(last, added)


def _source_of_added(add: Sequence[AddedRow]) -> SourceBlock:
    snapshot = max(row.date for row in add)
    return {"table": ADDED, "sha256": digest(add), "snapshot": snapshot, "licence": "the user's own"}


def consumption_tables(resource: Resource) -> tuple[str, ...]:
    """Return the tables that tell the sizes of training sets: the model table, then what is laid over it.

    Examples
    --------
    >>> from forecast.core.resources import RESOURCES
    >>> consumption_tables(RESOURCES["images"])
    ('epoch_models',)
    """
    return ("epoch_models", "record_audit") if resource.name in TEXT else ("epoch_models",)


def _in_its_half(date: float) -> float:
    """Return a date, moved from 1 or 2 July to the middle of the year where that is later.

    Rows of 1 July belong to the second half-year, which has begun by then though less than half of the days are over;
    as of a date before its start they would be in no half-year at all.
    """
    return max(date, np.floor(date) + BLOCK_YEARS) if date % 1 >= FIRST_OF_JULY else date


def _passes(data: FrontierData, models: pd.DataFrame, *, complete: bool) -> Passes:
    """Return the passes of the largest corpora of the last years."""
    from forecast.ingest.corpora import COUNTED_PASSES, UNSTATED_PASSES_LATE, stated_passes

    recent = np.flatnonzero((data.knots[:-1] >= data.as_of - RECENT_YEARS - 0.5) & (data.exposure > 0))
    names = [label for block in recent for label in data.labels[block]]
    found = stated_passes(models, names, complete=complete)
    known = found[~np.isnan(found)]
    late = UNSTATED_PASSES_LATE
    return Passes(
        tuple(np.sort(known).tolist()),
        len(names) - len(known),
        LogNormal(late.middle, late.sd, late.sd, 1.0, COUNTED_PASSES),
        f"passes stated for {len(known)} of the {len(names)} largest corpora of the last {RECENT_YEARS:g} years; for the "
        f"others {late.middle:g} with a sd of {late.sd:g} in log10, at least 1 (judgement: {late.reason})",
    )


def _rows(data: FrontierData, corpora: pd.DataFrame) -> list[RecordRow]:
    """Return the largest corpora of each half-year as the document shows them."""
    known = {row["model"]: row for row in corpora.to_dict("records")}
    shown: list[RecordRow] = []
    for block, labels in enumerate(data.labels):
        for place, label in enumerate(labels):
            row = known[label]
            shown.append(
                {
                    "model": label,
                    "organization": str(row["organization"]),
                    "year": round(float(data.time[block, place]), 3),
                    "log10_size": round(float(data.size[block, place]), 4),
                    "measurement_sd": round(float(data.sd[block, place]), 4),
                    "audited": bool(row["audited"]),
                    "open_weights": bool(row["open_weights"]) if row["open_weights"] in (True, False) else None,
                    "source_url": str(row["source_url"]),
                }
            )
    return shown


def source_of(name: str) -> SourceBlock:
    """Return what a forecast says of a table that it read.

    Examples
    --------
    >>> source_of("epoch_models")["licence"]
    'CC BY 4.0'
    """
    entry = table(name)
    return {
        "table": entry.name,
        "title": entry.title,
        "publisher": entry.publisher,
        "sha256": entry.sha256,
        "snapshot": str(entry.snapshot),
        "licence": entry.licence,
        "attribution": entry.attribution or "",
    }


def sources(resource: Resource, scenario: Scenario, inputs: Inputs) -> list[SourceBlock]:
    """Return the tables behind a forecast: those of the frontier, then those of the stock and of the levers."""
    known = {source["table"] for source in inputs.sources}
    levers = [LEVERS[name] for name in scenario.levers if resource.name in LEVERS[name].applies_to]
    named = [*scenario.stock().tables, *(name for lever in levers for name in lever.tables)]
    return [*inputs.sources, *(source_of(name) for name in dict.fromkeys(named) if name not in known)]


def _own(path: Path, sha256: str) -> SourceBlock:
    return {"table": path.name, "sha256": sha256, "snapshot": "not stated", "licence": "the user's own"}
