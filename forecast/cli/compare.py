"""``forecast compare``: what differs between two runs, and how far each difference moves the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.options import AsJson, Jobs, Quiet, teller

if TYPE_CHECKING:
    from forecast.comparing import Comparison

First = Annotated[str, typer.Argument(metavar="RUN", help="A run folder.")]
Second = Annotated[str, typer.Argument(metavar="RUN", help="The run folder to compare it with.")]
Tables = Annotated[
    list[str] | None,
    typer.Option("--models", metavar="CSV", help="A model table that a run was made from, if your own; repeatable."),
]
Sample = Annotated[bool, typer.Option("--sample", help="Make fits that are needed and not kept; takes minutes.")]


def compare(
    first: First,
    second: Second,
    models: Tables = None,
    sample: Sample = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
) -> None:
    """Say what differs between two runs in data, scenario and model, and how far each moves the answer."""
    from forecast.comparing import compare as make

    found = make(first, second, models=models or (), progress=teller(quiet or as_json), sampling=sample, jobs=jobs)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=1, ensure_ascii=False))
    else:
        _show(found)


def _show(found: Comparison) -> None:
    from forecast.cli.run import print_columns
    from forecast.document import percent
    from forecast.report.cards import points_words, shown, years_words

    def median(value: float) -> str:
        return "beyond the horizon" if value == float("inf") else f"{value:.1f}"

    answers = [
        (name, median(answer.median), percent(answer.probability))
        for name, answer in ((found.first_name, found.first), (found.second_name, found.second))
    ]
    print_columns([("", "median", "by 2030"), *answers])
    typer.echo("")
    moves = [(_indented(m.name), years_words(m.median_years), points_words(m.probability)) for m in found.moves]
    print_columns([("moves from the first to the second", "years", "points"), *moves])
    for move in found.moves:
        if not move.known or move.name in ("together", "code"):
            typer.echo(f"{move.name}: {move.how}")
    typer.echo("")
    if not found.changes:
        typer.echo("Nothing differs.")
    for change in found.changes:
        typer.echo(f"{change.part}: {change.setting}: {shown(change.first)} -> {shown(change.second)}")


def _indented(name: str) -> str:
    return f"  {name}" if "." in name else name
