"""Backtests: half-yearly origins, rows published by then, and scores of what came 0.5 to 4 years later.

Everything that shapes a score is in the protocol, which is frozen first (`forecast.evaluate.backtest.protocol`); what the
scores come to is told by `forecast.evaluate.backtest.skill`. A band is never widened on the origins that it is scored on: what is
learned here enters a new protocol, beside the old.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from forecast.consumption.fitting import ENGINES, FitRequest, fit_member, jobs_for, verdict_of
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.consumption.particles import particle_fits
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.units import calendar_date
from forecast.errors import InputError, ModelError, unknown_name
from forecast.evaluate.backtest import protocol
from forecast.evaluate.backtest.predictions import COMBINATION, combined, from_fit, others
from forecast.evaluate.backtest.protocol import (
    COVERAGE_LEVELS,
    DENSITY_FLOOR,
    DENSITY_RANGE,
    DENSITY_WIDTH,
    ENGINE,
    PARTICLES,
    Plan,
)
from forecast.evaluate.backtest.scoring import Truth, firm_models, scored, truths
from forecast.evaluate.backtest.skill import goals, known, summarised
from forecast.fits.executor import run_tasks
from forecast.fits.gate import posterior_found

if TYPE_CHECKING:
    import pandas as pd

    from forecast.consumption.fit import Fit
    from forecast.ingest.stored import StoredResult

NAME = "backtest"
"""Name under which the scores are stored."""

QUANTITIES = ("record", "maximum", "largest")
"""What is foretold, the main quantity first."""


@dataclass(frozen=True)
class BacktestTask:
    """All that is foretold at one origin; picklable.

    Parameters
    ----------
    origin : float
        Decimal year.
    plan : Plan
        Members, horizons, sampling, seed.
    corpora : pandas.DataFrame
        All rows.
    later : FrontierData
        What came.
    came : mapping of float to Truth
        The same, half-year by half-year.
    fits : mapping of str to Fit, optional
        Posteriors by member, where they are not kept on disk.
    """

    origin: float
    plan: Plan
    corpora: pd.DataFrame
    later: FrontierData
    came: Mapping[float, Truth]
    fits: Mapping[str, Fit] | None = None


def backtest(
    corpora: pd.DataFrame,
    as_of: float,
    firm: Sequence[str],
    *,
    plan: Plan | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Forecast from every origin and score what has come."""
    chosen = plan or Plan()
    if chosen.engine not in ENGINES:
        raise unknown_name("engine", chosen.engine, ENGINES)
    jobs = jobs_for(chosen.members, jobs)
    corpora = corpora.copy()
    corpora.attrs = {}  # a table's notes: pandas would copy them with every selection, thousands of times
    later = frontier_data(corpora, as_of)
    came = {round(end, 6): truth for end, truth in truths(later, firm).items()}
    tasks = [BacktestTask(origin, chosen, corpora, later, came) for origin in chosen.origins]
    requests = [
        FitRequest(who, frontier_data(corpora, origin), chosen.seed, chosen.sampling)
        for who in chosen.members
        for origin in chosen.origins
    ]
    if chosen.engine == "particles":
        drawn = iter(particle_fits(requests, PARTICLES, jobs, progress, scheduler))
        by_member = {who.name: {origin: next(drawn) for origin in chosen.origins} for who in chosen.members}
        tasks = [replace(task, fits={name: by_member[name][task.origin] for name in by_member}) for task in tasks]
    else:
        # By member first: a worker compiles each once. The fits are kept; scoring finds them.
        for done, (position, made) in enumerate(run_tasks(verdict_of, requests, jobs, scheduler=scheduler), 1):
            request, count = requests[position], f"{done} of {len(requests)} fits"
            progress(f"{calendar_date(request.data.as_of)} {request.member.name}: {made}, {count}")
    found: dict[int, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {}
    for position, result in run_tasks(score_origin, tasks, jobs=1 if chosen.engine == "nuts" else jobs):
        found[position] = result
        progress(f"{calendar_date(tasks[position].origin)} scored, {len(found)} of {len(tasks)}")
    rows = [row for position in range(len(tasks)) for row in found[position][0]]
    if not rows:
        raise InputError(f"origins from {chosen.origins[0]:g}", "origins whose half-years have come", "choose others")
    content = protocol.protocol(chosen, corpora, as_of)
    return {
        "protocol": protocol.digest(content),
        "as_of": calendar_date(as_of).isoformat(),
        **compared(rows, chosen.seed),
        "out": [line for position in range(len(tasks)) for line in found[position][1]],
        "rows": rows,
    }


def score_origin(task: BacktestTask) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Forecast from one origin by every method and score it."""
    plan, at = task.plan, calendar_date(task.origin).isoformat()
    members, out = [], []
    for who in plan.members:
        request = FitRequest(who, frontier_data(task.corpora, task.origin), plan.seed, plan.sampling)
        try:
            drawn = fit_member(request) if task.fits is None else task.fits[who.name]
        except ModelError as error:
            out.append({"origin": task.origin, "date": at, "method": who.name, "reasons": [str(error)]})
            continue
        # Draws that are not of the posterior are nobody's forecast: they are not scored.
        if posterior_found(drawn.diagnostics["checks"]):
            members.append((from_fit(drawn, plan.horizons, task.later), drawn.diagnostics["verdict"]))
        if drawn.diagnostics["verdict"] == "FAIL":
            reasons = [f"{c['name']}: {c['sentence']}" for c in drawn.diagnostics["checks"] if c["status"] == "FAIL"]
            out.append({"origin": task.origin, "date": at, "method": who.name, "reasons": reasons})
    verdicts = {made.method: verdict for made, verdict in members}
    predictions = [made for made, _ in members]
    held = [made for made, verdict in members if verdict != "FAIL"]
    if held:
        predictions.append(combined(held))
    more, silent = others(task.corpora, task.origin, plan.horizons, plan.seed)
    out += [{"origin": task.origin, "date": at, "method": name, "reasons": [why]} for name, why in silent.items()]
    density = (DENSITY_WIDTH, DENSITY_FLOOR, DENSITY_RANGE)
    rows = [
        row | ({"gate": verdicts[made.method]} if made.method in verdicts else {})
        for made in [*predictions, *more]
        for row in scored(made, task.came, COVERAGE_LEVELS, density, plan.seed)
    ]
    return rows, out


def compared(rows: Sequence[Mapping[str, Any]], seed: int) -> dict[str, Any]:
    """Return what scores come to: by method and pair, against the goals, and for what else was foretold."""
    by_quantity = {name: [row for row in rows if row["quantity"] == name] for name in QUANTITIES}
    return {
        **summarised(by_quantity["record"], seed),
        "goals": goals(rows, seed),
        "others": {name: summarised(by_quantity[name], seed) for name in QUANTITIES[1:]},
    }


def sentences(content: Mapping[str, Any]) -> list[str]:
    """Say in a few sentences what a backtest found, every number from it."""
    ours = content["summary"][COMBINATION]
    origins = sorted({row["origin"] for row in content["rows"]})
    horizons = sorted({row["horizon"] for row in content["rows"]})
    frozen = f"frozen on {content['frozen'][:10]}" if content.get("frozen") else "never frozen"
    first = (
        f"By protocol {content['protocol'][:12]}, {frozen}: {ours['n']} forecasts of the record from {len(origins)} "
        f"half-yearly origins ({calendar_date(origins[0])} to {calendar_date(origins[-1])}), {horizons[0]:g} to "
        f"{horizons[-1]:g} years ahead. They share {len(origins)} origins and {ours['n_targets']} half-years."
    )
    first = " ".join([first, *known(content)])
    goals_said = [f"{'Reached' if g['reached'] else 'Not reached'}: {g['sentence']}" for g in content["goals"]]
    return [first, *goals_said]


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"engine": ENGINE, "sampling": asdict(PARTICLES)}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Freeze the protocol where it is new, then score it, and keep what earlier protocols came to."""
    from forecast.evaluate import store

    # Written before anything is scored, by whatever way the scores are asked for.
    content = protocol.evaluate(progress)
    if content["protocols"] != protocol.load():
        store.keep(protocol.NAME, content, tables=("epoch_models", "record_audit"))
    made = from_shipped(jobs=jobs, scheduler=scheduler, progress=progress)
    return packed({**made, "earlier": earlier(made["protocol"])})


def read_stored() -> StoredResult:
    """Return the scores that ship with the package."""
    from forecast.ingest.stored import read

    found = read(NAME, settings())
    return replace(found, content=unpacked(found.content))


def packed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores with one line per row, so that the stored file stays readable."""
    columns = list(dict.fromkeys(key for row in content["rows"] for key in row))
    lines = [json.dumps([row.get(key) for key in columns], ensure_ascii=False) for row in content["rows"]]
    return {**content, "rows": {"columns": columns, "lines": lines}}


def unpacked(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores with their rows as `backtest` gives them."""
    columns = content["rows"]["columns"]
    values = json.loads(f"[{','.join(content['rows']['lines'])}]")  # at once: one by one takes three times as long
    lines = [dict(zip(columns, row, strict=True)) for row in values]
    rows = [{key: value for key, value in row.items() if value is not None} for row in lines]
    if all("clustered_by" in pair for pair in content["pairs"]):
        return {**content, "rows": rows}
    # Scores as they are stored; only how sure a comparison is, is worked out by today's rule.
    return {**content, **compared(rows, DEFAULT_SEED), "rows": rows}


def from_shipped(
    *,
    engine: str = ENGINE,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """Backtest the shipped rows."""
    from forecast.ingest.catalog import load_table
    from forecast.ingest.corpora import audited_as_of, text_corpora
    from forecast.ingest.models import load_models

    corpora = text_corpora(load_models())
    for name in without:
        if name not in set(corpora["model"]):
            raise InputError(f"--without {name!r}", "a model among the corpora", "see forecast data show record_audit")
    corpora = corpora[~corpora["model"].isin(list(without))]
    made = backtest(
        corpora,
        audited_as_of(),
        firm_models(load_table("record_audit")),
        plan=Plan(engine=engine),
        jobs=jobs,
        scheduler=scheduler,
        progress=progress,
    )
    known = {entry["sha256"]: entry["frozen"] for entry in protocol.load()}
    return {**made, "frozen": known.get(made["protocol"]), "without": list(without)}


def earlier(sha256: str) -> list[dict[str, Any]]:
    """Return what earlier protocols came to, from the stored scores."""
    from forecast.errors import MissingFileError
    from forecast.ingest.stored import read

    try:
        before = read(NAME, None).content
    except MissingFileError:
        return []
    parts = ("protocol", "frozen", "as_of", "summary", "pairs", "goals")
    last = {part: before[part] for part in parts}
    return [entry for entry in (last, *before.get("earlier", [])) if entry["protocol"] != sha256]
