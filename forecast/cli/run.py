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
    Sample,
    ScenarioName,
    Scheduler,
    Seed,
    command_line,
    credit_line,
    options,
    teller,
    warn,
)
from forecast.cli.printing import say, say_json, say_table, say_text
from forecast.core.folders import check_replaceable
from forecast.core.seeds import DEFAULT_SEED
from forecast.runs.document import credits_of
from forecast.runs.sentence import HEADLINE_YEAR, NO_HEADLINE

if TYPE_CHECKING:
    from forecast.runs.document_types import Document
    from forecast.runs.forecast import Forecast
    from forecast.runs.kept_runs import Told


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
    sample: Sample = False,
) -> None:
    """Make a forecast: the table on stdout, the run folder on disk; a report in that folder is made again.

    With --add the forecast is also made without the rows, and what they moved is said.

    Ends with exit code 1 when the diagnostics say FAIL.
    """
    given = locals()
    tell = teller(quiet, only_notes=as_json)
    check_replaceable(out)
    from forecast.runs import kept_runs

    key = kept_runs.key_of(scenario, given)
    found = kept_runs.find(key, out, command_line())
    if found is not None and kept_runs.copy_to(out, *found):
        tell(f"wrote {out}, as it was computed before")
        _say(found[1], out, as_json)
        return
    told = kept_runs.Told(tell, warn)
    made, moved = _made(scenario, options(given, previous=out), told, sample)
    tell(f"writing {out}")
    made.save(out, warn=warn)
    if not told.something:
        kept_runs.keep(key, out)
    _say(made.document, out, as_json, moved)


def _made(scenario: str, chosen: Any, told: Told, sample: bool) -> tuple[Forecast, Sequence[str]]:
    """Make a forecast, and say what added rows moved."""
    from forecast.fits import kept as cache
    from forecast.runs.pipeline import run as make

    with cache.sampled_again(sample):
        made = make(scenario, progress=told.tell, warn=told.warn, options=chosen)
    if not chosen.add:
        return made, ()
    from forecast.runs.update import moved_from, moved_words

    before = make(scenario, progress=told.tell, warn=told.warn, options=replace(chosen, previous=None, add=()))
    made = moved_from(before, made)
    return made, moved_words(before, made)


def _say(document: Document, out: Path, as_json: bool, moved: Sequence[str] = ()) -> None:
    """Print a forecast, and end with 1 when its diagnostics say FAIL."""
    if as_json:
        say_json(document, indent=1, allow_nan=False)
    else:
        if moved:
            say_text(*moved, "")
        show(document, out)
    if document["diagnostics"]["verdict"] == "FAIL":
        raise typer.Exit(1)


def show(document: Document, out: Path) -> None:
    """Print a forecast: the sentence, its tables, what the diagnostics say, where it is."""
    say_text(document["sentence"] or NO_HEADLINE, "")
    say_table(_COLUMNS, _rows(document), right=range(1, 5))
    if document["sentence"] is not None:
        _headline(document)
    say_text("", f"The event: {document['definition']}", "")
    say_text(f"Diagnostics: {document['diagnostics']['verdict']}")
    for (status, advice), found in _findings(document).items():
        say_text(f"  {status}: {advice}", *(f"    {one}" for one in found), hang=2)
    say_text("", credit_line(credits_of(document)))
    say(f"Written to {out}")


_COLUMNS = ("", "10%", "median", "90%", f"by {HEADLINE_YEAR}")


def _rows(document: Document) -> list[tuple[str, ...]]:
    """Return the lines of the table: the answer, each growth model alone, the other readings."""
    members, others = document["consumption"]["members"], document["definitions"]
    weights = "weighted" if document.get("provenance", {}).get("scenario", {}).get("weights") else "equal weights"
    rows = [_row(f"All growth models, {weights}", document["exhaustion_year"])]
    rows += [
        _row(f"  {m['title']}{'' if m['verdict'] == 'PASS' else f' ({m["verdict"]})'}", m["exhaustion_year"])
        for m in members
    ]
    rows.append(("Other ways to define running out", "", "", "", ""))
    return rows + [_row(f"  {other['title']}", other["exhaustion_year"]) for other in others]


def _findings(document: Document) -> dict[tuple[str, str], list[str]]:
    """Return what the diagnostics say beyond PASS, each advice once."""
    found: dict[tuple[str, str], list[str]] = {}
    for check in document["diagnostics"]["checks"]:
        if check["status"] != "PASS":
            found.setdefault((check["status"], check["advice"]), []).append(f"{check['name']}: {check['sentence']}")
    return found


def _headline(document: Document) -> None:
    """Print what can be checked, and the three things that people mean by it."""
    from forecast.runs.headline import CAPTION, COLUMNS, DOES_NOT_MEAN, NOT_MEANT, question, reading_rows

    if asked := question(document):
        say_text("", asked)
    rows = [(plain, share, year) for plain, _, share, year in reading_rows(document)]
    say_text("", f"{CAPTION}:")
    say_table((COLUMNS[0], *COLUMNS[2:]), rows, right=(1, 2))
    say_text("", f"{NOT_MEANT} {' '.join(DOES_NOT_MEAN)}")


def _row(label: str, year: Any) -> tuple[str, ...]:
    from forecast.core.wording import percent_words, year_words

    low, high = year["intervals"]["0.8"]
    by = percent_words(year["probability_by"][str(HEADLINE_YEAR)])
    return label, year_words(low), year_words(year["median"]), year_words(high), by
