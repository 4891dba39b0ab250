"""Vintages: the exhaustion year as this model would have put it at each half-year since 2019, and why it moved.

Code, scenario and stock are those of now; only the rows are held back. So these are pseudo-vintages: rows published by
a date, with today's readings. True snapshots of Epoch AI's tables exist from November 2024 on; the vintages that follow
one are marked. The last vintage is the run itself, by NUTS; those before are by particles. Between two vintages the move is taken apart by substitution: first the new rows with the members of
the earlier mixture, then the members that pass the gate now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.consumption.members import member
from forecast.consumption.particles import particle_fits
from forecast.core.resources import RESOURCES
from forecast.core.summaries import plain, summarise
from forecast.core.units import calendar_date, decimal_year
from forecast.errors import InputError, ModelError
from forecast.evaluate.backtest.origins import origins
from forecast.fits.particles.sweep import Care
from forecast.replicate.targets import load_targets
from forecast.runs.attribution import Substitution, decomposed, moved
from forecast.runs.document import levels
from forecast.runs.events import MAIN
from forecast.runs.inputs import TEXT, Inputs
from forecast.runs.pipeline import Options, year_grid
from forecast.runs.results import compute
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios import scenario as scenarios

if TYPE_CHECKING:
    from forecast.scenarios.scenario import Scenario

NAME = "vintages"
"""Name under which they are stored."""

SHOWN_YEARS = (HEADLINE_YEAR, 2040, 2050)
"""Years whose probability is noted (calendar years, by their end)."""

PUBLISHED: Mapping[str, tuple[str, str]] = {
    "exhaustion.low_quality_text.historical": ("Epoch 2022, all language data", "2022-10-26"),
    "exhaustion.high_quality_text.historical": ("Epoch 2022, high-quality language data", "2022-10-26"),
    "exhaustion.mixture": ("Epoch 2024, public text", "2024-06-04"),
}
"""Published answers: title, and the date of the version of arXiv 2211.04325 that gave them (v1, v2)."""


@dataclass(frozen=True)
class Vintage:
    """What is told at one date.

    Parameters
    ----------
    origin : float
        Decimal year up to which rows count.
    fits : sequence of Fit
        Members that could be fitted.
    out : mapping of str to list of str
        Members that are not in the mixture, and why.
    years : mapping of tuple of str to array
        Exhaustion years by the members in the mixture.
    frontier : mapping of str to dict
        Q of the frontier on 1 January of the coming years.
    """

    origin: float
    fits: Sequence[Fit]
    out: Mapping[str, list[str]]
    years: Mapping[tuple[str, ...], np.ndarray]
    frontier: Mapping[str, Any]

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the members in the mixture."""
        return tuple(fit.member.name for fit in self.fits if fit.member.name not in self.out)


def vintages(
    scenario: Scenario,
    inputs: Inputs,
    dates: Sequence[float],
    corpora: Any,
    *,
    options: Options | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Tell the exhaustion year at each date and take the moves apart."""
    chosen = options or Options()
    if scenario.resource_name not in TEXT:
        raise InputError(
            f"vintages of {scenario.resource_name}", f"one of {', '.join(TEXT)}", "choose another scenario"
        )
    data = {date: frontier_data(corpora, date) for date in dates}
    fits = {name: _fits_of(name, data, chosen, progress) for name in scenario.members}
    told: list[Vintage] = []
    for date in dates:
        here = {name: by_date[date] for name, by_date in fits.items()}
        told.append(
            _vintage(scenario, replace(inputs, data=data[date]), here, chosen, told[-1].members if told else ())
        )
        progress(f"{calendar_date(date)} told, {len(told)} of {len(dates)}")
    marks = snapshots()
    rows = [_row(one, before, marks, dates) for one, before in zip(told, [None, *told[:-1]], strict=True)]
    return {
        "scenario": scenario.name,
        "scenario_sha256": scenario.digest(),
        "resource": scenario.resource_name,
        "horizon": chosen.horizon,
        "held_fixed": (
            "code, priors, scenario and stock as of now; rows by date of publication with today's readings "
            "(pseudo-vintages)"
        ),
        "vintages": rows,
        "snapshots": marks,
        "published": published(),
        "decomposition": decomposition(rows),
    }


def decomposition(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the moves by cause."""
    steps = [step for row in rows for step in row["because"]]
    causes = ("data", "definition", "model")
    known = {
        c: [s["moved_by_years"] for s in steps if s["cause"] == c and s["moved_by_years"] is not None] for c in causes
    }
    return {
        **{
            cause: {"net_years": plain(sum(by)), "total_years": plain(sum(map(abs, by)))} for cause, by in known.items()
        },
        "beyond_the_horizon": sum(step["moved_by_years"] is None for step in steps),
    }


def published() -> list[dict[str, Any]]:
    """Return the published answers of 2022 and 2024."""
    targets = {**load_targets("epoch2022"), **load_targets("epoch2024")}
    return [
        {
            "name": name,
            "title": title,
            "date": date,
            "origin": round(decimal_year(date), 4),
            "median": targets[name].median,
            "interval": [targets[name].low, targets[name].high],
            "level": targets[name].interval,
        }
        for name, (title, date) in PUBLISHED.items()
    ]


def snapshots() -> list[str]:
    """Return the dates of the true snapshots behind the shipped model table.

    Examples
    --------
    >>> snapshots()[0]
    '2024-11-05'
    """
    from forecast.ingest.catalog import data_directory, read_package

    entry = next(r for r in read_package(data_directory())["resources"] if r["name"] == "epoch_models")
    dates = (re.search(r"\d{4}-\d{2}-\d{2}$", source["title"]) for source in entry["sources"])
    return sorted({found[0] for found in dates if found})


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    options = Options()
    scenario = scenarios.load("baseline").numbers_digest()
    return {
        "sampling": asdict(options.sampling),
        "particles": asdict(Care()),
        "draws": options.draws,
        "scenario": scenario,
    }


def from_shipped(
    scenario: str | Path = "baseline",
    *,
    options: Options | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Tell the vintages of a scenario from the shipped rows."""
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models
    from forecast.runs.inputs import read_inputs

    loaded, now = scenarios.load(scenario), audited_as_of()
    dates = [*(date for date in origins(now) if date < now), now]
    read = read_inputs(RESOURCES[loaded.resource_name])
    return vintages(loaded, read, dates, text_corpora(load_models()), options=options, progress=progress)


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Tell the vintages of the baseline."""
    return from_shipped(options=Options(jobs=jobs, scheduler=scheduler), progress=progress)


def _fits_of(
    name: str, data: Mapping[float, FrontierData], options: Options, progress: Callable[[str], None]
) -> dict[float, Fit | ModelError]:
    """Return a member's fit at each date, or why there is none."""
    requests = [FitRequest(member(name), rows, options.seed, options.sampling) for rows in data.values()]
    found: list[Fit | ModelError] = []
    try:
        found += particle_fits(requests[:-1], None, options.jobs, scheduler=options.scheduler)
    except ModelError as error:
        found += [error] * (len(requests) - 1)
    try:
        found.append(fit_member(requests[-1]))
    except ModelError as error:
        found.append(error)
    progress(f"{name} fitted at {len(requests)} dates")
    return dict(zip(data, found, strict=True))


def _vintage(
    scenario: Scenario,
    inputs: Inputs,
    made: Mapping[str, Fit | ModelError],
    options: Options,
    before: tuple[str, ...],
) -> Vintage:
    """Tell the exhaustion year with the members that pass now, and with those that were in the mixture before."""
    fits, out = [], {}
    for name, fit in made.items():
        if isinstance(fit, ModelError):
            out[name] = [str(fit)]
            continue
        fits.append(fit)
        if fit.diagnostics["verdict"] == "FAIL":
            checks = fit.diagnostics["checks"]
            out[name] = [f"{c['name']}: {c['sentence']}" for c in checks if c["status"] == "FAIL"]
    if not fits:
        raise InputError(
            f"no member that can be fitted at {calendar_date(inputs.data.as_of)}",
            "at least one",
            "choose a later date, or see forecast backtest for the reasons",
        )
    # As in a run: where all fail, all are shown.
    held = [fit for fit in fits if fit.member.name not in out] or fits
    out = {name: why for name, why in out.items() if name not in {fit.member.name for fit in held}}
    grid = year_grid(inputs.data.as_of, options.horizon)
    resource = RESOURCES[scenario.resource_name]
    found = compute(resource, scenario, inputs, fits, held, grid, options)
    names = tuple(fit.member.name for fit in held)
    years = {names: found.passages[MAIN].year}
    same = [fit for fit in fits if fit.member.name in before]
    if same and tuple(fit.member.name for fit in same) != names:
        other = compute(resource, scenario, inputs, fits, same, grid, options).passages[MAIN].year
        years[tuple(fit.member.name for fit in same)] = other
    shown = sorted({int(np.ceil(inputs.data.as_of)), HEADLINE_YEAR})
    return Vintage(inputs.data.as_of, fits, out, years, levels(found.frontier, shown))


def _row(one: Vintage, before: Vintage | None, marks: Sequence[str], dates: Sequence[float]) -> dict[str, Any]:
    """Return one vintage, JSON-ready."""
    years = one.years[one.members]
    position = list(dates).index(one.origin)
    since = dates[position - 1] if position else -np.inf
    return {
        "origin": round(one.origin, 4),
        "date": calendar_date(one.origin).isoformat(),
        "kind": "now" if position == len(dates) - 1 else "pseudo",
        "snapshots": [mark for mark in marks if since < decimal_year(mark) <= one.origin],
        "rows": int(sum(fit.data.observed.sum() for fit in one.fits[:1])),
        "members": list(one.members),
        "out": dict(one.out),
        "exhaustion_year": {
            **summarise(years),
            "probability_by": {str(y): round(float(np.mean(years < y + 1)), 6) for y in SHOWN_YEARS},
            "probability_after_horizon": round(float(np.mean(np.isinf(years))), 6),
        },
        "frontier": dict(one.frontier),
        "moved_by_years": None if before is None else moved(before.years[before.members], years),
        "because": [] if before is None else _because(one, before),
    }


def _because(one: Vintage, before: Vintage) -> list[dict[str, Any]]:
    """Take the move since the vintage before apart."""
    start = before.years[before.members]
    kept = tuple(name for name in (fit.member.name for fit in one.fits) if name in before.members)
    first, last = (calendar_date(told.origin) for told in (before, one))
    by_rows = one.years[kept] if kept else start
    new = [name for name in one.members if name not in before.members]
    gone = [name for name in before.members if name not in one.members]
    said = [f"in: {', '.join(new)}"] * bool(new) + [f"out by the gate: {', '.join(gone)}"] * bool(gone)
    steps = [
        Substitution("data", f"rows published from {first} to {last}", by_rows),
        Substitution("definition", "scenario and stock are those of now at every date", by_rows),
        Substitution("model", "; ".join(said) or "the same members", one.years[one.members]),
    ]
    return decomposed(start, steps)
