"""Backtests on many histories: members, mixture and rivals at every origin of every series.

The neighbours learn from the learning half. The held-out half is scored once for each version of the protocol, by
`evaluate`, and only shown afterwards; a table of the user's own is scored whenever it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fitting import jobs_for
from forecast.consumption.member import Member
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import InputError, MissingFileError
from forecast.evaluate.backtest import protocol as text_protocol
from forecast.evaluate.histories import protocol, text
from forecast.evaluate.histories.members import MIXTURE, PARTICLES, default_members
from forecast.evaluate.histories.rivals import RIVALS, Forecaster
from forecast.evaluate.histories.scoring import HistoryTask, Scored, pairs, score_history, summary
from forecast.fits.executor import run_tasks
from forecast.fits.particles.sweep import Care
from forecast.ingest.catalog import UNLICENSED, data_directory
from forecast.ingest.histories import History, load_histories
from forecast.ingest.history_split import split
from forecast.ingest.known import origins

if TYPE_CHECKING:
    from forecast.ingest.stored import StoredResult

NAME = "histories"
"""Name under which the scores are stored."""

REFERENCE = "neighbours"
"""Whom the others are compared with where no mixture takes part: what any model has to beat."""

HELD_OUT = "held_out"


def shipped() -> list[History]:
    """Return every history that there is: those of the package, those that only the repository holds, and parameters."""
    known = load_histories(with_unlicensed=(data_directory() / UNLICENSED).is_dir())
    return [*known, parameters()]


def parameters() -> History:
    """Return the most parameters published so far, from the model table: what is forecast here, and so burnt."""
    from forecast.ingest.corpora import audited_as_of
    from forecast.ingest.dates import decimal_years
    from forecast.ingest.models import load_models

    models = load_models()
    rows = models.dropna(subset=["parameters", "publication_date"])
    rows = rows[rows["parameters"] > 0].sort_values("publication_date")
    best = rows[rows["parameters"].cummax() == rows["parameters"]].drop_duplicates("publication_date", keep="last")
    year = np.asarray(decimal_years(best["publication_date"]), dtype=float)
    return History(
        series="ai_parameters",
        family="ai_parameters",
        kind="record",
        domain="AI models",
        unit="parameters",
        quantity="most parameters of a published model",
        direction="higher",
        year=year,
        value=best["parameters"].to_numpy(dtype=float),
        as_of=max(float(year[-1]), audited_as_of()),
        flags="target",
    )


def rivals(learning: Sequence[History]) -> tuple[Forecaster, ...]:
    """Return every rival, those that learn having learned."""
    return tuple(kind().learn(learning) for kind in RIVALS.values())


def scored(
    histories: Sequence[History],
    forecasters: Sequence[Forecaster],
    members: Sequence[Member] = (),
    *,
    care: Care = PARTICLES,
    seed: int = DEFAULT_SEED,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Scored:
    """Score forecasters on every history that is long enough, in the order of the histories."""
    long_enough = [history for history in histories if origins(history)]
    # The longest first, so that no process is left alone with it at the end.
    order = sorted(range(len(long_enough)), key=lambda at: -len(origins(long_enough[at])))
    tasks = [HistoryTask(long_enough[at], tuple(forecasters), seed, members=tuple(members), care=care) for at in order]
    found: dict[int, Scored] = {}
    for position, made in run_tasks(score_history, tasks, jobs_for(members, jobs), scheduler=scheduler):
        found[order[position]] = made
        where = len({row["origin"] for row in made.rows})
        progress(f"{tasks[position].history.series}: {where} origins, {len(found)} of {len(tasks)} series")
    parts = [found[at] for at in range(len(tasks))]
    return Scored([row for part in parts for row in part.rows], [line for part in parts for line in part.failures])


def backtest_histories(
    table: Path | None = None,
    *,
    more: Sequence[Forecaster] = (),
    members: Sequence[Member] | None = None,
    care: Care = PARTICLES,
    held_out: bool = False,
    seed: int = DEFAULT_SEED,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Score every rival, every member, their mixture, and what else is given, on histories.

    Parameters
    ----------
    table : pathlib.Path, optional
        A table of histories of the user's own; by default the shipped histories and the burnt origins of text.
    more : sequence of Forecaster, optional
        Others: with one named ``"combination"`` among them, ratios are of it over the others.
    members : sequence of Member, optional
        Growth members, each scored and the default ones mixed; by default those of the shipped mixture and all that were
        registered beside them.
    care : Care, optional
        How many particles they have, how long moved.
    held_out : bool, default False
        Whether the half that is held out is scored too; else it is shown as it was stored.
    seed, jobs, scheduler, progress
        As in every evaluation.
    """
    halves = split(shipped())
    who = (*more, *rivals(halves["learning"]))
    members = default_members() if members is None else tuple(members)
    sets: dict[str, Sequence[History]]
    if table is not None:
        sets = {"user": load_histories(table)}
        if not any(origins(history) for history in sets["user"]):
            raise InputError(f"{table} with no series of seven years or more", "at least one", "give longer series")
    else:
        sets = {"learning": halves["learning"], "burnt": halves["burnt"]}
        sets |= {HELD_OUT: halves["held_out"]} if held_out else {}
    of = MIXTURE if members or any(one.name == MIXTURE for one in more) else REFERENCE
    found = {}
    for name, part in sets.items():
        made = scored(part, who, members, care=care, seed=seed, jobs=jobs, scheduler=scheduler, progress=progress)
        found[name] = judged(made, of, name)
    content: dict[str, Any] = {
        "protocol": protocol.digest_in_use(),
        "series": sum(bool(origins(h)) for part in sets.values() for h in part),
        "learned_from": sorted(h.series for h in halves["learning"] if origins(h)),
        "held_out": sorted(h.series for h in halves["held_out"] if origins(h)),
        "too_short": sorted(h.series for part in sets.values() for h in part if not origins(h)),
        "of": of,
        "pairs": [pair for part in found.values() for pair in part["pairs"]],
        "coverage": {
            name: part["summary"][of if of in part["summary"] else REFERENCE]["coverage"]
            for name, part in found.items()
            if part["summary"]
        },
        "summary": {name: part["summary"] for name, part in found.items()},
        "members": [who.name for who in members],
        "failures": {name: part["failures"] for name, part in found.items()},
    }
    if table is None:
        content["pairs"] += burnt_text(who, seed)
        if not held_out:
            content = with_held_out(content)
    return content


def judged(made: Scored, of: str, name: str) -> dict[str, Any]:
    """Return the pairs, the summary and the failures of one set of histories."""
    import pandas as pd

    failures = counted(made)
    if not made.rows:
        return {"pairs": [], "summary": {}, "failures": failures}
    frame = pd.DataFrame(made.rows)
    who = of if (frame["method"] == of).any() else REFERENCE
    return {"pairs": pairs(frame, who, name), "summary": summary(frame), "failures": failures}


def counted(made: Scored) -> dict[str, Any]:
    """Count, by method, origins without a forecast and those at which the gate leaves a member out of the mixture."""
    every = {(row["series"], row["origin"]) for row in (*made.rows, *made.failures)}
    found: dict[str, Any] = {"origins": len(every), "methods": {}}
    for line in made.failures:
        entry = found["methods"].setdefault(
            line["method"], {"no_forecast": 0, "fails_gate": 0, "by_series": {}, "example": ""}
        )
        entry["fails_gate" if line["scored"] else "no_forecast"] += 1
        entry["by_series"][line["series"]] = entry["by_series"].get(line["series"], 0) + 1
        entry["example"] = entry["example"] or f"{line['series']} at {line['origin']:g}: {line['reason']}"
    return found


def failure_lines(failures: Mapping[str, Any]) -> list[str]:
    """Say which members and rivals failed in a set, how often and for example why."""
    lines = []
    for name, entry in failures["methods"].items():
        of = f"of {failures['origins']} origins"
        parts = [
            f"{entry[key]} {of} {words}"
            for key, words in (("no_forecast", "without a forecast"), ("fails_gate", "out of the mixture by its gate"))
            if entry[key]
        ]
        lines.append(f"{name}: {', '.join(parts)}, in {len(entry['by_series'])} series ({entry['example']})")
    return lines


def burnt_text(forecasters: Sequence[Forecaster], seed: int) -> list[dict[str, Any]]:
    """Compare the stored mixture with the rivals on the record of text; nothing where no scores are stored."""
    from forecast.evaluate.backtest import run as backtest
    from forecast.ingest.corpora import text_corpora
    from forecast.ingest.models import load_models

    try:
        stored = backtest.read_stored().content["rows"]
    except MissingFileError:
        return []
    others = [one for one in forecasters if one.name in RIVALS]
    return text.text_pairs(stored, text.score_text(text_corpora(load_models()), stored, others, seed))


def with_held_out(content: Mapping[str, Any]) -> dict[str, Any]:
    """Add what is stored of the held-out half, if it is of the protocol in use."""
    try:
        before = read_stored().content
    except MissingFileError:
        return dict(content)
    if before["protocol"] != content["protocol"] or HELD_OUT not in before["summary"]:
        return dict(content)
    return {
        **content,
        "series": content["series"] + len(content["held_out"]),
        "pairs": [*content["pairs"], *(pair for pair in before["pairs"] if pair["set"] == HELD_OUT)],
        "coverage": {**content["coverage"], HELD_OUT: before["coverage"][HELD_OUT]},
        "summary": {**content["summary"], HELD_OUT: before["summary"][HELD_OUT]},
        "failures": {**content["failures"], HELD_OUT: before["failures"][HELD_OUT]},
    }


def known(content: Mapping[str, Any]) -> list[str]:
    """Say in three lines what the histories can tell and what they cannot."""
    main = [p for p in content["pairs"] if p["horizon"] == "all" and p["kind"] == "all"]
    chosen = next((name for name in ("user", HELD_OUT, "learning") if any(p["set"] == name for p in main)), None)
    if chosen is None:
        return ["Known: nothing; no two forecasters could be compared.", "Not known: the rest.", ""]
    own = [p for p in main if p["set"] == chosen]
    of = "the mixture" if own[0]["of"] == MIXTURE else own[0]["of"]

    def named(holds: Callable[[float, float], bool]) -> str:
        said = [
            f"{p['against']} {p['crps_ratio']:.2f} [{p['interval_0.9'][0]:.2f}, {p['interval_0.9'][1]:.2f}]"
            for p in own
            if p["against"] in RIVALS and holds(*p["interval_0.9"])
        ]
        return ", ".join(said) or "none"

    where = {"user": "these series", HELD_OUT: "the held-out half", "learning": "the learning half"}[chosen]
    first = f"Known, on {where} (CRPS ratio, 90 % interval by family and origin): {of} is better than "
    first += named(lambda _, high: high < 1)
    worse = named(lambda low, _: low > 1)
    coverage = content["coverage"][chosen]
    without = "" if own[0]["of"] == MIXTURE else " The mixture takes no part: nothing is known of it here."
    no_mixture = content["failures"][chosen]["methods"].get(MIXTURE, {}).get("no_forecast", 0)
    if own[0]["of"] == MIXTURE and no_mixture:
        without = f" At {no_mixture} of {content['failures'][chosen]['origins']} origins no member passes its gate: no mixture."
    low, high = coverage["interval_0.8"]
    return [
        first + ("." if worse == "none" else f"; worse than {worse}."),
        f"Not known, which is better, {of} or: {named(lambda low, high: low <= 1 <= high)}.{without}",
        f"Of the 80 % intervals of {of} {100 * coverage['0.8']:.0f} % held ({100 * low:.0f} to {100 * high:.0f} %); "
        "lists of technologies keep survivors, and text is one history more.",
    ]


def read_stored() -> StoredResult:
    """Return the scores that ship with the package."""
    from forecast.ingest.stored import read

    return read(NAME, {})


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Score the shipped histories; the held-out half only if the protocol in use has not scored it before."""
    from forecast.evaluate import store

    # Written before anything is scored.
    frozen = text_protocol.load()
    if (protocols := protocol.with_second(frozen)) != frozen:
        store.keep(text_protocol.NAME, {"protocols": protocols}, tables=("epoch_models", "record_audit"))
    try:
        before = read_stored().content
        once = before["protocol"] == protocol.digest_in_use() and HELD_OUT in before["summary"]
    except MissingFileError:
        once = False
    progress("the held-out half was scored before" if once else "the held-out half is scored")
    return backtest_histories(held_out=not once, jobs=jobs, scheduler=scheduler, progress=progress)
