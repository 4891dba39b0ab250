"""Backtests: half-yearly origins, rows published by then, and scores of what came 0.5 to 4 years later.

Everything that shapes a score stands in the protocol, which is frozen first (`forecast.evaluate.protocol`). Rows share
few targets, so ratios are resampled by target and coverage is judged by an effective number of rows. A band is never
widened on the origins that it is scored on: what is learned here enters a new protocol, beside the old.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.errors import InputError, ModelError
from forecast.evaluate import comparison, protocol
from forecast.evaluate.predictions import COMBINATION, combined, from_fit, others
from forecast.evaluate.protocol import (
    COMPARISON_LEVEL,
    COVERAGE_LEVELS,
    DENSITY_FLOOR,
    DENSITY_RANGE,
    DENSITY_WIDTH,
    INFLUENTIAL,
    Plan,
)
from forecast.evaluate.scoring import Truth, firm_models, scored, truths
from forecast.inference.executor import run_tasks
from forecast.units import calendar_date

if TYPE_CHECKING:
    import pandas as pd

    from forecast.ingest.results import StoredResult

NAME = "backtest"
"""Name under which the scores are stored."""

QUANTITIES = ("record", "maximum", "largest")
"""What is foretold, the main quantity first."""

KINDS = ("combination", "member", "baseline", "published")
"""Kinds of methods, in the order of tables."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class OriginTask:
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
    """

    origin: float
    plan: Plan
    corpora: pd.DataFrame
    later: FrontierData
    came: Mapping[float, Truth]


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
    """Forecast from every origin and score what has come.

    Parameters
    ----------
    corpora : pandas.DataFrame
        One row a corpus, as `forecast.ingest.corpora.text_corpora` gives them.
    as_of : float
        Decimal year of the data.
    firm : sequence of str
        Models whose size the audit holds for firm.
    plan : Plan, optional
        Who, from when, how far; by default the one of the protocol.
    jobs : int, optional
        Processes; by default one a processor.
    scheduler : str, optional
        Address of a Dask scheduler whose workers make the fits instead.
    progress : callable, optional
        Told of each fit and origin that is done.

    Returns
    -------
    dict
        JSON-ready: protocol, summary, pairs, goals, the other quantities, members that were out, rows.

    Raises
    ------
    InputError
        If nothing that was foretold has come.
    """
    chosen = plan or Plan()
    later = frontier_data(corpora, as_of)
    came = {round(end, 6): truth for end, truth in truths(later, firm).items()}
    tasks = [OriginTask(origin, chosen, corpora, later, came) for origin in chosen.origins]
    requests = [
        FitRequest(who, frontier_data(corpora, origin), chosen.seed, chosen.sampling)
        for who in chosen.members
        for origin in chosen.origins
    ]
    # By member first: a worker compiles each once. The fits are kept; scoring finds them.
    for position, made in run_tasks(_fitted, requests, jobs, scheduler=scheduler):
        request = requests[position]
        progress(f"{calendar_date(request.data.as_of)} {request.member.name}: {made}")
    found: dict[int, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {}
    for position, result in run_tasks(score_origin, tasks, jobs=1):
        found[position] = result
        progress(f"{calendar_date(tasks[position].origin)} scored")
    rows = [row for position in range(len(tasks)) for row in found[position][0]]
    if not rows:
        raise InputError(f"origins from {chosen.origins[0]:g}", "origins whose half-years have come", "choose others")
    content = protocol.protocol(chosen, corpora, as_of)
    return {
        "protocol": protocol.digest(content),
        "as_of": calendar_date(as_of).isoformat(),
        **summarised([row for row in rows if row["quantity"] == "record"], chosen.seed),
        "goals": goals(rows, chosen.seed),
        "others": {
            quantity: summarised([row for row in rows if row["quantity"] == quantity], chosen.seed)
            for quantity in QUANTITIES[1:]
        },
        "out": [line for position in range(len(tasks)) for line in found[position][1]],
        "rows": rows,
    }


def score_origin(task: OriginTask) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Forecast from one origin by every method and score it.

    Parameters
    ----------
    task : OriginTask
        The origin.

    Returns
    -------
    tuple of list and list
        Scored rows; and members or methods that are not scored, with the reason.
    """
    plan, at = task.plan, calendar_date(task.origin).isoformat()
    members, out = [], []
    for who in plan.members:
        request = FitRequest(who, frontier_data(task.corpora, task.origin), plan.seed, plan.sampling)
        try:
            fit = fit_member(request)
        except ModelError as error:
            out.append({"origin": task.origin, "date": at, "method": who.name, "reasons": [str(error)]})
            continue
        made = from_fit(fit, plan.horizons, task.later)
        members.append((made, fit.diagnostics["verdict"]))
        if fit.diagnostics["verdict"] == "FAIL":
            reasons = [f"{c['name']}: {c['sentence']}" for c in fit.diagnostics["checks"] if c["status"] == "FAIL"]
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


def summarised(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Return every method's mean scores, and the combination against each of the others.

    Parameters
    ----------
    rows : sequence of mapping
        Scored rows of one quantity.
    seed : int
        The run's seed.

    Returns
    -------
    dict
        ``summary`` and ``pairs`` as the contract names them, and ``by_horizon``.
    """
    kinds = {row["method"]: row["kind"] for row in rows}
    # A method that is silent at the first origin still stands with its kind.
    methods = sorted(kinds, key=lambda name: KINDS.index(kinds[name]))
    summary = {name: _summary([row for row in rows if row["method"] == name]) for name in methods}
    pairs = [
        pair
        for chosen in ("all", "audited")
        for name in methods
        if name != COMBINATION and (pair := paired(rows, name, seed, chosen)) is not None
    ]
    return {"summary": summary, "pairs": pairs, "by_horizon": _by_horizon(rows)}


def paired(rows: Sequence[Row], against: str, seed: int, chosen: str = "all") -> dict[str, Any] | None:
    """Compare the combination with another method on the rows that both have.

    Parameters
    ----------
    rows : sequence of mapping
        Scored rows of one quantity.
    against : str
        The other method.
    seed : int
        The run's seed.
    chosen : {"all", "audited"}
        Every target, or those that the audit holds for firm.

    Returns
    -------
    dict or None
        CRPS ratio with its interval, log score difference, effective n, and what hangs on single targets; None where
        there are not two targets to compare.
    """
    ours, theirs = (
        {
            (row["origin"], row["target"]): row
            for row in rows
            if row["method"] == name and (chosen == "all" or row["firm"])
        }
        for name in (COMBINATION, against)
    )
    keys = [key for key in ours if key in theirs]
    targets = [key[1] for key in keys]
    if len(set(targets)) < 2:
        return None
    first, second = (np.array([side[key]["crps"] for key in keys]) for side in (ours, theirs))
    found = comparison.paired_ratio(first, second, targets, seed=seed, level=COMPARISON_LEVEL)
    models = [ours[key]["model"] for key in keys]
    wis = [np.array([side[key]["wis"] for key in keys]) for side in (ours, theirs)]
    logs = [np.array([side[key]["log_score"] for key in keys]) for side in (ours, theirs)]
    level = f"interval_{COMPARISON_LEVEL:g}"
    pair: dict[str, Any] = {
        "against": against,
        "kind": theirs[keys[0]]["kind"],
        "rows": chosen,
        "crps_ratio": _short(found.ratio),
        level: [_short(end) for end in found.interval],
        "wis_ratio": _short(wis[0].sum() / wis[1].sum()),
        "log_score_difference": _short(np.mean(logs[0] - logs[1])),
        "n": found.n,
        "n_targets": found.n_targets,
        "n_effective": _short(comparison.effective_n(first - second, targets)),
        "n_corpora": len(set(models)),
    }
    if len(set(models)) > 1:
        by_corpus = comparison.paired_ratio(first, second, models, seed=seed, level=COMPARISON_LEVEL)
        pair[f"{level}_by_corpus"] = [_short(end) for end in by_corpus.interval]
    without = comparison.without_each(first, second, targets)
    pair["without_target"] = [{"target": str(name), "crps_ratio": _finite(r)} for name, r in list(without.items())[:3]]
    pair["without_influential"] = [
        line for name in INFLUENTIAL if (line := _without(name, first, second, targets, models, seed)) is not None
    ]
    if any(_failed(theirs[key]) for key in keys):
        part = paired([row for row in rows if not _failed(row)], against, seed, chosen)
        pair["passing_only"] = part and {name: part[name] for name in ("crps_ratio", level, "n")}
    return pair


def goals(rows: Sequence[Row], seed: int) -> list[dict[str, Any]]:
    """Say what was to be reached and whether it is.

    Parameters
    ----------
    rows : sequence of mapping
        Scored rows.
    seed : int
        The run's seed.

    Returns
    -------
    list of dict
        ``name``, ``sentence``, ``reached``.
    """
    record = [row for row in rows if row["quantity"] == "record"]
    found: list[dict[str, Any]] = []
    names = dict.fromkeys(row["method"] for row in record if row["kind"] == "baseline")
    baselines = [pair for name in names if (pair := paired(record, name, seed)) is not None]
    hardest = max(baselines, key=lambda pair: pair["crps_ratio"], default=None)
    for name, pair in (("epoch2024", paired(record, "epoch2024", seed)), ("statsmodels", hardest)):
        if pair is not None:
            low, high = pair["interval_0.9"]
            found.append(
                {
                    "name": name,
                    "reached": bool(high < 1),
                    "sentence": (
                        f"CRPS ratio to {pair['against']} {pair['crps_ratio']:.2f}, 90 % interval {low:.2f} to {high:.2f}; "
                        "to reach: upper end below 1."
                    ),
                }
            )
    ours = [row for row in record if row["method"] == COMBINATION]
    if ours:
        held = comparison.coverage([row["covered"]["0.8"] for row in ours], [row["target"] for row in ours])
        low, high = held.interval
        found.append(
            {
                "name": "coverage",
                "reached": bool(low <= 0.8 <= high),
                "sentence": (
                    f"80 % intervals held {100 * held.share:.0f} % of what came, 95 % interval {100 * low:.0f} to "
                    f"{100 * high:.0f} % (effective n {held.n_effective:.0f}); to reach: holds 80 %."
                ),
            }
        )
    return found


def sentences(content: Mapping[str, Any]) -> list[str]:
    """Say in a few sentences what a backtest found, every number from it.

    Parameters
    ----------
    content : mapping
        What `backtest` gives, with ``frozen``.

    Returns
    -------
    list of str
        What was foretold, then each goal, reached or not.
    """
    ours = content["summary"][COMBINATION]
    origins = sorted({row["origin"] for row in content["rows"]})
    horizons = sorted({row["horizon"] for row in content["rows"]})
    frozen = f"frozen on {content['frozen'][:10]}" if content.get("frozen") else "never frozen"
    first = (
        f"By protocol {content['protocol'][:12]}, {frozen}: {ours['n']} forecasts of the record from {len(origins)} "
        f"half-yearly origins ({calendar_date(origins[0])} to {calendar_date(origins[-1])}), {horizons[0]:g} to "
        f"{horizons[-1]:g} years ahead. They share {ours['n_targets']} half-years: about "
        f"{ours['n_effective_crps']:.0f} independent ones by their CRPS."
    )
    goals_said = [f"{'Reached' if g['reached'] else 'Not reached'}: {g['sentence']}" for g in content["goals"]]
    return [first, *goals_said]


def inputs() -> dict[str, str]:
    """Return the hashes of what the stored result is made from.

    Returns
    -------
    dict of str to str
        Tables, code, settings.
    """
    from forecast.ingest.results import made_from

    plan = Plan()
    return made_from(NAME, {"sampling": asdict(plan.sampling), "seed": plan.seed})


def evaluate(
    progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Freeze the protocol where it is new, then score it, and keep what earlier protocols came to.

    Parameters
    ----------
    progress : callable
        Told of each step.
    jobs : int, optional
        Processes; by default one a processor.
    scheduler : str, optional
        Address of a Dask scheduler whose workers make the fits instead.

    Returns
    -------
    tuple of dict and dict
        Scores, and what they were made from.
    """
    from forecast.ingest import results

    # Written before anything is scored, by whatever way the scores are asked for.
    content, made_from = protocol.evaluate(progress)
    if content["protocols"] != protocol.load():
        results.store(protocol.NAME, content, made_from)
    made = from_shipped(jobs=jobs, scheduler=scheduler, progress=progress)
    return packed({**made, "earlier": earlier(made["protocol"])}), inputs()


def read_stored() -> StoredResult:
    """Return the scores that ship with the package.

    Returns
    -------
    forecast.ingest.results.StoredResult
        Its content as `from_shipped` gives it, with ``earlier``.

    Raises
    ------
    MissingFileError
        If there are none.
    """
    from forecast.ingest.results import stored

    found = stored(NAME, inputs())
    return replace(found, content=unpacked(found.content))


def packed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores with one line a row, so that the stored file stays readable.

    Parameters
    ----------
    content : mapping
        As `backtest` gives it.

    Returns
    -------
    dict
        ``rows`` holds ``columns`` and ``lines``, each line a JSON list; a field that a row lacks is null.
    """
    columns = list(dict.fromkeys(key for row in content["rows"] for key in row))
    lines = [json.dumps([row.get(key) for key in columns], ensure_ascii=False) for row in content["rows"]]
    return {**content, "rows": {"columns": columns, "lines": lines}}


def unpacked(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores with their rows as `backtest` gives them.

    Parameters
    ----------
    content : mapping
        As `packed` gives it.

    Returns
    -------
    dict
        With ``rows`` as a list of mappings.
    """
    columns = content["rows"]["columns"]
    rows = [dict(zip(columns, json.loads(line), strict=True)) for line in content["rows"]["lines"]]
    return {**content, "rows": [{key: value for key, value in row.items() if value is not None} for row in rows]}


def from_shipped(
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """Backtest the shipped rows.

    Parameters
    ----------
    jobs : int, optional
        Processes; by default one a processor.
    scheduler : str, optional
        Address of a Dask scheduler whose workers make the fits instead.
    progress : callable, optional
        Told of each step.
    without : sequence of str
        Models whose rows nobody sees, neither forecasters nor targets.

    Returns
    -------
    dict
        As `backtest` gives it, with ``frozen``: when the protocol was, null where it never was.

    Raises
    ------
    InputError
        If a model is not among the rows.
    """
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
        jobs=jobs,
        scheduler=scheduler,
        progress=progress,
    )
    known = {entry["sha256"]: entry["frozen"] for entry in protocol.load()}
    return {**made, "frozen": known.get(made["protocol"]), "without": list(without)}


def earlier(sha256: str) -> list[dict[str, Any]]:
    """Return what earlier protocols came to, from the stored scores.

    Parameters
    ----------
    sha256 : str
        The protocol of now, which is left out.

    Returns
    -------
    list of dict
        Protocol, when it was frozen, summary, pairs and goals; the newest first.
    """
    from forecast.errors import MissingFileError
    from forecast.ingest.results import stored

    try:
        before = stored(NAME, {}).content
    except MissingFileError:
        return []
    parts = ("protocol", "frozen", "as_of", "summary", "pairs", "goals")
    last = {part: before[part] for part in parts}
    return [entry for entry in (last, *before.get("earlier", [])) if entry["protocol"] != sha256]


def _fitted(request: FitRequest) -> str:
    """Make a fit, or find it; a member that cannot be sampled is told of when it is scored."""
    try:
        return str(fit_member(request).diagnostics["verdict"])
    except ModelError:
        return "FAIL"


def _failed(row: Row) -> bool:
    """Tell whether a row is of a fit that failed the gate, which nobody would have been shown."""
    return bool(row.get("gate") == "FAIL")


def _summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Return one method's mean scores and coverage; beside them, those of a member where it passes the gate."""
    targets = [row["target"] for row in rows]
    crps = [row["crps"] for row in rows]
    found: dict[str, Any] = {
        "kind": rows[0]["kind"],
        "crps": _short(np.mean(crps)),
        "wis": _short(np.mean([row["wis"] for row in rows])),
        "log_score": _short(np.mean([row["log_score"] for row in rows])),
        "n": len(rows),
        "n_targets": len(set(targets)),
        "n_effective": _short(comparison.effective_n(crps, targets)),
    }
    if "covered" in rows[0]:
        held = {
            level: comparison.coverage([row["covered"][level] for row in rows], targets) for level in rows[0]["covered"]
        }
        found["coverage"] = {level: _short(c.share) for level, c in held.items()}
        found["coverage_interval"] = {level: [_short(end) for end in c.interval] for level, c in held.items()}
        found["coverage_n_effective"] = {level: _short(c.n_effective) for level, c in held.items()}
        # The number behind the coverage that is quoted.
        found["n_effective"] = found["coverage_n_effective"]["0.8"]
        found["n_effective_crps"] = _short(comparison.effective_n(crps, targets))
        found["pit_deciles"] = np.histogram([row["pit"] for row in rows], np.linspace(0, 1, 11))[0].tolist()
    passing = [row for row in rows if not _failed(row)]
    if 0 < len(passing) < len(rows):
        found["passing_only"] = _summary(passing)
    return found


def _by_horizon(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the combination's scores by how far ahead they look."""
    ours = [row for row in rows if row["method"] == COMBINATION]
    found = []
    for horizon in sorted({row["horizon"] for row in ours}):
        at = [row for row in ours if row["horizon"] == horizon]
        line = {"horizon": horizon, "n": len(at), "crps": _short(np.mean([row["crps"] for row in at]))}
        if "covered" in at[0]:
            line["coverage_0.8"] = _short(np.mean([row["covered"]["0.8"] for row in at]))
        found.append(line)
    return found


def _without(
    name: str, first: np.ndarray, second: np.ndarray, targets: Sequence[str], models: Sequence[str], seed: int
) -> dict[str, Any] | None:
    """Return the comparison without the targets that a row is; None where it is none, or nothing is left."""
    keep = np.array([model != name for model in models])
    left = [target for target, kept in zip(targets, keep, strict=True) if kept]
    if keep.all() or len(set(left)) < 2:
        return None
    found = comparison.paired_ratio(first[keep], second[keep], left, seed=seed, level=COMPARISON_LEVEL)
    return {
        "model": name,
        "rows_left_out": int((~keep).sum()),
        "crps_ratio": _short(found.ratio),
        f"interval_{COMPARISON_LEVEL:g}": [_short(end) for end in found.interval],
    }


def _finite(value: float) -> float | None:
    return _short(value) if np.isfinite(value) else None


def _short(value: Any) -> float:
    return round(float(value), 4)
