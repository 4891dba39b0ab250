"""The options that several commands share: the same word everywhere."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli import live
from forecast.cli.printing import say


def scenario_names(incomplete: str) -> list[str]:
    """Return the shipped scenarios that a shell may complete to."""
    from forecast.scenarios.scenario import names

    return [name for name in names() if name.startswith(incomplete)]


ScenarioName = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A shipped name, or a path that ends in .toml.",
        show_default=True,
        autocompletion=scenario_names,
    ),
]
ResourceName = Annotated[str | None, typer.Option("--resource", help="Kind of data; by default the scenario's own.")]
Models = Annotated[
    str | None,
    typer.Option(
        "--models",
        metavar="CSV",
        help="A model table of your own, in any layout that Epoch has published, or: latest (see forecast data update).",
    ),
]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Only rows published by then count.")]
Horizon = Annotated[int, typer.Option("--horizon", metavar="YEAR", help="Last year that is looked at.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The one seed of the run.")]
Draws = Annotated[int, typer.Option("--draws", metavar="N", help="Posterior draws kept in all.")]
Out = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="Run folder; an existing one is replaced, anything else is refused."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, only the result.")]
Sample = Annotated[bool, typer.Option("--sample", help="Sample fits again instead of using those kept or shipped.")]
Jobs = Annotated[int | None, typer.Option("--jobs", metavar="N", help="Processes; by default one per processor.")]

Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786, to make the fits."),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine", metavar="NAME", help="What makes the posteriors: particles, in seconds, or nuts, the headline's."
    ),
]
Likelihood = Annotated[
    str,
    typer.Option("--likelihood", metavar="SCALE", help="Words for probabilities, beside the numbers: ipcc, icd203."),
]
Add = Annotated[
    list[str] | None,
    typer.Option(
        "--add",
        metavar="ROW",
        help='One more row, "MODEL,DATE,TOKENS"; a later one moves the date of the data to its own. Repeatable.',
    ),
]
LeaveOut = Annotated[
    list[str] | None,
    typer.Option("--leave-out", metavar="NAME", help="Synthesise the stock without this estimator or lineage."),
]


def teller(quiet: bool, only_notes: bool = False) -> Callable[[str], None]:
    """Return a function that tells of progress on stderr: a bar on a terminal, drawn from now on; in a pipe nothing.

    Notes, which say that something is not as asked for, are lines in both; `quiet` leaves out even these.
    """
    drawn = live.is_terminal() and not only_notes
    lines = bool(os.environ.get(live.LINES)) and not only_notes

    def tell(words: str) -> None:
        if drawn:
            live.step(words)
        if words.startswith("note: ") or (lines and not drawn):
            warn(words)

    if quiet:
        return lambda _: None
    if drawn:
        live.start()
    return tell


def warn(words: str) -> None:
    """Print a warning on stderr, whoever reads it."""
    # A terminal that is gone is no reason to lose a run.
    with contextlib.suppress(OSError, ValueError):
        say(words, err=True)


def credit_line(credits: Sequence[str]) -> str:
    """Return the credits of the data in one line, the one that a licence asks for by name.

    Examples
    --------
    >>> credit_line(["Epoch AI, licensed under CC BY 4.0", "World Bank"])
    'Data: Epoch AI (CC BY 4.0) and 1 other source. Credits: forecast data cite'
    """
    asked = [one for one in credits if one.startswith("Epoch AI,") and "CC BY 4.0" in one]
    count = len(credits) - len(asked)
    others = f"{count} {'other ' if asked else ''}source{'' if count == 1 else 's'}"
    named = [*(["Epoch AI (CC BY 4.0)"] if asked else []), *([others] if count else [])]
    return f"Data: {' and '.join(named)}. Credits: forecast data cite"


def command_line() -> str:
    """Return the command as it was typed, for the record."""
    import shlex

    from forecast.core.files import printable

    return printable(shlex.join(["forecast", *sys.argv[1:]]))


def options(given: Mapping[str, Any], **more: Any) -> Any:
    """Return the pipeline's options from those of a command; the pipeline is imported only now."""
    import inspect

    from forecast.runs.pipeline import Options

    values = {name: given[name] for name in inspect.signature(Options).parameters if name in given}
    values["leave_out"] = tuple(values.get("leave_out") or ())
    if rows := values.pop("add", None):
        from forecast.ingest.added_rows import added_row, added_rows

        values["add"] = added_rows([added_row(row) for row in rows])
    return Options(**values, **more, command=command_line())
