"""``forecast report``: a forecast as a page to read and to cite."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from forecast.cli.options import (
    AsJson,
    AsOf,
    Draws,
    Horizon,
    Jobs,
    LeaveOut,
    Likelihood,
    Models,
    Out,
    Quiet,
    ResourceName,
    Sample,
    Scheduler,
    Seed,
    command_line,
    credit_line,
    options,
    teller,
    warn,
)
from forecast.cli.printing import say, say_json, say_text
from forecast.core.folders import check_replaceable
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import ForecastError, InputError
from forecast.runs import kept_runs
from forecast.runs.document import credits_of
from forecast.runs.folder import DOCUMENT, ONE_PAGE
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import NO_HEADLINE


def report(
    source: str = typer.Argument("baseline", metavar="SCENARIO|RUN", help="A scenario, or a run folder."),
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
    sample: Sample = False,
    likelihood: Likelihood = "ipcc",
    one_page: bool = typer.Option(False, "--one-page", help=f"Also print the path of the one-page PDF, {ONE_PAGE}."),
) -> None:
    """Make a forecast and the report on it: a page with its appendix, PDF, Markdown, figures, forecast.json in a folder.

    Ends with exit code 1 when the diagnostics say FAIL.
    """
    given = locals()
    from forecast.report.likelihood_words import scale

    check_replaceable(out)
    scale(likelihood)
    tell = teller(quiet, only_notes=as_json)
    loaded = os.path.lexists(Path(source) / DOCUMENT)
    key = None if loaded else kept_runs.key_of(source, given)
    found = kept_runs.find(key, out, command_line())
    told = kept_runs.Told(tell, warn)
    if loaded:
        made = Forecast.load(source)
    elif found is not None:
        made = kept_runs.forecast_in(*found)
    else:
        from forecast.fits import kept as cache
        from forecast.runs.pipeline import run as make

        with cache.sampled_again(sample):
            made = make(source, progress=told.tell, warn=told.warn, options=options(given, previous=out))
        if key is not None:
            made = kept_runs.as_read_back(made)
    from forecast.report import write_report

    tell("drawing figures and writing the report")
    try:
        write_report(made, out, likelihood=likelihood, warn=warn)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if not loaded or isinstance(error, ForecastError):
            raise
        # Its shape was looked at, what it says in free fields was not.
        raise InputError(
            f"{source}, a run folder that cannot be shown ({type(error).__name__}: {error})",
            "what forecast run wrote",
            "make the run again with: forecast run",
        ) from error
    if found is None and not told.something:
        kept_runs.keep(key, out)
    if as_json:
        say_json(made.document, indent=1, allow_nan=False)
    else:
        say_text(made.sentence() or NO_HEADLINE)
        if not quiet:
            files = sorted(path.name for path in (*out.glob("report.*"), *out.glob(ONE_PAGE)))
            say_text("", credit_line(credits_of(made.document)))
            say(f"Written to {out}: {', '.join(files)}")
        if one_page and (out / ONE_PAGE).is_file():
            say(str(out / ONE_PAGE))
    if made.diagnostics["verdict"] == "FAIL":
        raise typer.Exit(1)
