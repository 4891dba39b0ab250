"""``forecast run``: a forecast; table on stdout, run folder on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from forecast.cli.options import (
    Add,
    AsJson,
    AsOf,
    Draws,
    Horizon,
    Jobs,
    LeaveOut,
    Models,
    Out,
    Quiet,
    ResourceName,
    ScenarioName,
    Scheduler,
    Seed,
    options,
    teller,
)
from forecast.cli.printing import say, say_json, say_table
from forecast.core.folders import check_replaceable
from forecast.core.seeds import DEFAULT_SEED
from forecast.runs.document import credits_of
from forecast.runs.sentence import NO_HEADLINE

if TYPE_CHECKING:
    from forecast.runs.document_types import Document
    from forecast.runs.forecast import Forecast


def run(
    scenario: ScenarioName = "baseline",
    resource: ResourceName = None,
    models: Models = None,
    as_of: AsOf = None,
    horizon: Horizon = 2100,
    seed: Seed = DEFAULT_SEED,
    draws: Draws = 4000,
    out: Out = Path("out"),
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    leave_out: LeaveOut = None,
    add: Add = None,
) -> None:
    """Make a forecast: the table on stdout, the run folder on disk; a report in that folder is made again.

    With --add the forecast is also made without the rows, and what they moved is said.

    Ends with exit code 1 when the diagnostics say FAIL.
    """
    chosen = options(locals(), previous=out)
    check_replaceable(out)
    from forecast.runs.pipeline import run as make

    warn = teller(quiet=False)
    progress = teller(quiet, only_notes=as_json)
    made = make(scenario, progress=progress, warn=warn, options=chosen)
    moved: Sequence[str] = ()
    if chosen.add:
        from forecast.runs.update import moved_from, moved_words

        before = make(scenario, progress=progress, warn=warn, options=replace(chosen, previous=None).adding(()))
        made = moved_from(before, made)
        moved = moved_words(before, made)
    made.save(out, warn=warn)
    if as_json:
        say_json(made.document, indent=1, allow_nan=False)
    else:
        say(*moved, *([""] if moved else []))
        show(made, out)
    if made.diagnostics["verdict"] == "FAIL":
        raise typer.Exit(1)


def show(made: Forecast, out: Path) -> None:
    """Print a forecast as a table and a sentence."""
    document = made.document
    year = document["exhaustion_year"]
    say(document["definition"], "")
    heading = ("", "10 %", "median", "90 %", "by 2030")
    weights = "weighted" if document["provenance"].get("scenario", {}).get("weights") else "equal weights"
    rows = [_row(f"all members, {weights}", year)]
    rows += [_row(f"  {m['title']} ({m['verdict']})", m["exhaustion_year"]) for m in document["consumption"]["members"]]
    rows += [("Other meanings of exhaustion, same futures", "", "", "", "")]
    rows += [_row(f"  {other['title']}", other["exhaustion_year"]) for other in document["definitions"]]
    say_table(heading, rows, right=range(1, 5))
    say("", f"Diagnostics: {document['diagnostics']['verdict']}")
    for check in document["diagnostics"]["checks"]:
        if check["status"] != "PASS":
            say(f"  {check['status']}: {check['name']}: {check['sentence']}; {check['advice']}")
    _headline(document)
    say(f"Data: {' '.join(credits_of(document))}")
    say(f"Written to {out}")


def _headline(document: Document) -> None:
    """Print the sentence, what can be checked, and the three things that people mean by it."""
    from forecast.runs.headline import CAPTION, COLUMNS, DOES_NOT_MEAN, NOT_MEANT, question, reading_rows

    say(document["sentence"] or NO_HEADLINE)
    if document["sentence"] is None:
        return
    if asked := question(document):
        say("", asked)
    rows = [(plain, share, year) for plain, _, share, year in reading_rows(document)]
    say("", f"{CAPTION}:")
    say_table((COLUMNS[0], *COLUMNS[2:]), rows, right=(1, 2))
    say("", f"{NOT_MEANT} {' '.join(DOES_NOT_MEAN)}", "")


def _row(label: str, year: Any) -> tuple[str, ...]:
    from forecast.runs.sentence import HEADLINE_YEAR, percent, year_words

    low, high = year["intervals"]["0.8"]
    by = percent(year["probability_by"][str(HEADLINE_YEAR)])
    return label, year_words(low), year_words(year["median"]), year_words(high), by
