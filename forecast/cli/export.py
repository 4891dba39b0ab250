"""``forecast export``: a forecast in the forms that other tools read. Nothing is sent anywhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.options import AsJson, Jobs, Quiet, teller
from forecast.cli.printing import say, say_json
from forecast.core.files import check_writable, resolved
from forecast.errors import OutputError

if TYPE_CHECKING:
    from forecast.runs.forecast import Forecast

app = typer.Typer(
    no_args_is_help=True, help="A forecast for other tools: hub, metaculus, csv, parquet. Nothing is sent."
)

Run = Annotated[
    str | None, typer.Argument(metavar="[RUN]", help="A run folder; by default the baseline is made, from kept fits.")
]

_ROOM = 10_000_000
"""Space that a file takes at most (bytes): 4,000 futures have 0.9 MB."""


def _place(default: str, what: str) -> Any:
    return typer.Option("--out", metavar=what, help=f"Where it goes; {default} by default.")


@app.command("hub")
def export_hub(
    run: Run = None,
    out: Annotated[Path, _place("hub", "DIR")] = Path("hub"),
    jobs: Jobs = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write a forecast hub in hubverse's layout: rounds that others can answer, with this forecast and its rivals in it.

    A hub that was written before is brought up to date; what other teams put there stays.
    """
    from forecast.exchange.hub import check_hub_place, to_hub

    check_hub_place(out)
    made = _forecast(run, jobs, teller(quiet, only_notes=as_json))
    to_hub(made, out)
    _tell(out, "a hub: its README.md says how others submit; check with: forecast rounds check", as_json)


@app.command("metaculus")
def export_metaculus(
    run: Run = None,
    out: Annotated[Path, _place("metaculus.json", "FILE")] = Path("metaculus.json"),
    jobs: Jobs = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write questions with resolution rules and 201-point distribution functions, as Metaculus's public API takes them."""
    from forecast.exchange.metaculus import to_metaculus

    _check_new(out)
    made = to_metaculus(_forecast(run, jobs, teller(quiet, only_notes=as_json)), out)
    _tell(out, f"{len(made['questions'])} questions; nothing was sent", as_json)


@app.command("csv")
def export_csv(
    run: Run = None,
    out: Annotated[Path, _place("forecast.csv", "FILE")] = Path("forecast.csv"),
    jobs: Jobs = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write one row a future: exhaustion year, growth model, levers, levels; units beside it in a .schema.json."""
    from forecast.exchange.tables import DESCRIPTION, to_csv

    _check_new(out)
    _check_new(out.with_suffix(DESCRIPTION))
    to_csv(_forecast(run, jobs, teller(quiet, only_notes=as_json)), out)
    _tell(out, f"one row a future; columns and units in {out.with_suffix(DESCRIPTION).name}", as_json)


@app.command("parquet")
def export_parquet(
    run: Run = None,
    out: Annotated[Path, _place("forecast.parquet", "FILE")] = Path("forecast.parquet"),
    jobs: Jobs = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write one row a future: exhaustion year, growth model, levers, levels; units are in the file."""
    from forecast.exchange.tables import check_parquet, to_parquet

    _check_new(out)
    check_parquet()
    to_parquet(_forecast(run, jobs, teller(quiet, only_notes=as_json)), out)
    _tell(out, "one row a future; units in the metadata of its columns", as_json)


def _forecast(run: str | None, jobs: int | None, tell: Callable[[str], None]) -> Forecast:
    """Return the forecast of a run folder, or the baseline."""
    if run is not None:
        from forecast.runs.forecast import Forecast

        return Forecast.load(run)
    from forecast.runs.pipeline import run as make

    return make("baseline", jobs=jobs, progress=tell, warn=teller(quiet=False))


def _check_new(out: Path) -> None:
    """Refuse a file that is there, or a place that cannot be written, before any work is done for it."""
    target = resolved(out)
    if os.path.lexists(target):
        raise OutputError(f"{out}, which is there", "a new file", "choose another --out")
    check_writable(target.parent, room=_ROOM)


def _tell(out: Path, words: str, as_json: bool) -> None:
    if as_json:
        files = sorted(path for path in out.rglob("*") if path.is_file()) if out.is_dir() else [out]
        say_json({"out": str(out), "files": [str(path) for path in files]}, indent=1)
    else:
        say(f"Written to {out}: {words}")
