"""``forecast compare``: what differs between two runs, and how far each difference moves the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.options import AsJson, Jobs, Quiet, teller
from forecast.cli.printing import say, say_json, say_table

if TYPE_CHECKING:
    from forecast.runs.compare import Comparison

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
    from forecast.runs.compare import compare as make

    found = make(first, second, models=models or (), progress=teller(quiet or as_json), sampling=sample, jobs=jobs)
    if as_json:
        say_json(found.to_dict(), indent=1)
    else:
        _show(found)


def _show(found: Comparison) -> None:
    from forecast.core.wording import year_tenth
    from forecast.report.cards import points_words, shown, years_words
    from forecast.runs.sentence import percent

    def median(value: float) -> str:
        return "beyond the horizon" if value == float("inf") else year_tenth(value)

    answers = [
        (name, median(answer.median), percent(answer.probability))
        for name, answer in ((found.first_name, found.first), (found.second_name, found.second))
    ]
    say_table(("", "median", "by 2030"), answers, right=(1, 2))
    say("")
    moves = [(_indented(m.name), years_words(m.median_years), points_words(m.probability)) for m in found.moves]
    say_table(("moves from the first to the second", "years", "points"), moves, right=(1, 2))
    for move in found.moves:
        if not move.known or move.name in ("together", "code"):
            say(f"{move.name}: {move.how}")
    say("")
    if not found.changes:
        say("Nothing differs.")
    for change in found.changes:
        say(f"{change.part}: {change.setting}: {shown(change.first)} -> {shown(change.second)}")


def _indented(name: str) -> str:
    return f"  {name}" if "." in name else name
