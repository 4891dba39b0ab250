"""Rows that carry the answer: training runs and published stocks, each left out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast import production
from forecast.consumption.frontier_data import FIRST_KNOT
from forecast.consumption.particles import particle_fits
from forecast.core.distributions import LogNormal
from forecast.evaluate.baseline import Baseline, mixture, table_row
from forecast.evaluate.influence.drawn import answers
from forecast.evaluate.influence.number import GRADES, Answers, CarryingNumber, Grade, address_of, graded
from forecast.evaluate.row_filters import long_records
from forecast.evaluate.sensitivity.tornado import HIGH, LOW
from forecast.ingest.catalog import load_table
from forecast.production.estimators.published import readings
from forecast.production.synthesis import Synthesis, measurements
from forecast.runs.passage import apply_levers, first_passage
from forecast.runs.sentence import HEADLINE_YEAR

if TYPE_CHECKING:
    import pandas as pd

    from forecast.runs.results import Results

RECENT = 4.0
"""Rows that set the record within so many years are left out once (years); what came before shows in long records."""

NEWEST = 2
"""Rows of the newest half-year that are left out once as well, the largest (count)."""


def influential_rows(corpora: pd.DataFrame, as_of: float) -> list[str]:
    """Return the training runs that may carry the answer: record-setters, old ones that stood long, and the newest."""
    rows = corpora[(corpora["year"] >= FIRST_KNOT) & (corpora["year"] <= as_of)].sort_values("year", kind="stable")
    records = rows[rows["log10_size"] > rows["log10_size"].cummax().shift(fill_value=-np.inf)]
    recent = records.loc[records["year"] >= as_of - RECENT, "model"]
    half = np.floor(as_of * 2) / 2
    newest = rows[rows["year"] >= half].nlargest(NEWEST, "log10_size")["model"]
    return list(dict.fromkeys([*long_records(rows), *recent, *newest]))


def training_runs(baseline: Baseline, progress: Callable[[str], None]) -> list[CarryingNumber]:
    """Return the influential training runs, each with the answer that the other rows give, by particles."""
    names = influential_rows(baseline.corpora, baseline.as_of)
    asked = {name: baseline.defaults(baseline.corpora[baseline.corpora["model"] != name]) for name in names}
    listed = [request for requests in asked.values() for request in requests]
    given = baseline.options
    fits = particle_fits(listed, None, given.jobs, progress, given.scheduler)
    made = {request.key(): fit for request, fit in zip(listed, fits, strict=True)}
    audit = load_table("record_audit").set_index("model")
    known: dict[str, dict[str, Any]] = {row["model"]: row for row in baseline.corpora.to_dict("records")}  # type: ignore[misc]
    found = []
    for name, requests in asked.items():
        row = table_row(baseline, mixture(baseline, [made[request.key()] for request in requests]))["exhaustion_year"]
        without = Answers(row["median"], row["probability_by"][str(HEADLINE_YEAR)])
        own = known[name]
        size = LogNormal(10 ** own["log10_size"], own["measurement_sd"], own["measurement_sd"])
        grade, read = _read(audit, name)
        found.append(
            CarryingNumber(
                kind="training run", name=f"Human text read by {name} ({own['organization']}, {int(own['year'])})",
                key=name, unit="tokens", **_quantity(size), grade=grade, read=read,
                address=str(own["source_url"]), without=without,
            )
        )  # fmt: skip
    return found


def stock_estimates(results: Results, *, seed: int) -> list[CarryingNumber]:
    """Return what the stock is combined from, each with the answer that the others give."""
    stock = results.scenario.stock()
    if not isinstance(stock, Synthesis):
        return []
    read = {reading.name: reading for reading in readings()}
    entries = {entry.name: entry for entry in production.ESTIMATORS.values()}
    published = load_table("stock_estimates")
    found = []
    for one in measurements():
        if one.name in stock.leave_out:
            continue
        if one.name in read:
            reading = read[one.name]
            title, size, source = reading.name, reading.stock, reading.source
            second = published.loc[[one.name.startswith(name) for name in published["name"]], "secondary_reading"]
            # A figure that is converted is worked out, however well it was read.
            grade: Grade = "C" if bool(second.any()) else "B" if "as raw text" in one.name else "A"
        else:
            entrant = entries[one.name]
            title, source = entrant.title, "; ".join(entrant().sources)
            grade = "C" if any(graded(each)[0] == "C" for each in entrant().sources) else "B"
            size = LogNormal(10**one.mean, one.sd, one.sd)
        shorter = replace(results.scenario, leave_out=(*results.scenario.leave_out, one.name))
        raw = production.draw_estimator(shorter.stock(), seed=seed, size=len(results.delta)).project(
            results.frontier["year"].values
        )
        effective, _ = apply_levers(raw, shorter, seed=seed)
        found.append(
            CarryingNumber(
                kind="stock estimate", name=title + (", a lower bound" if one.kind == "lower bound" else ""), key=one.name,
                unit="tokens", **_quantity(size), grade=grade, read=GRADES[grade], address=address_of(source),
                without=answers(first_passage(results.frontier, effective).year),
            )
        )  # fmt: skip
    return found


def _read(audit: pd.DataFrame, name: str) -> tuple[Grade, str]:
    """Return the grade of a training run, and how its size was read."""
    if name not in audit.index:
        return "C", "as in Epoch AI's table, not checked here"
    row = audit.loc[name]
    grade: Grade = str(row["confidence"])  # type: ignore[assignment]
    second = bool(row["secondary_reading"])
    return grade, f"size: {row['tokens_seen_basis']}; share of text: {row['text_share_basis']}" + (
        "; second hand" if second else ""
    )


def _quantity(size: LogNormal) -> dict[str, Any]:
    low, middle, high = (float(f"{float(size.quantile(np.array(p))):.6g}") for p in (LOW, 0.5, HIGH))
    return {"value": middle, "low": low, "high": high}
