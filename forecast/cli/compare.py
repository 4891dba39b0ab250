"""``forecast compare``: what differs between two runs, and how far each difference moves the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.options import AsJson, Jobs, Quiet, teller
from forecast.cli.printing import say, say_json, say_table, say_text
from forecast.cli.words import median_words, moved_sentence, setting_words, unit_of
from forecast.core.wording import percent_words, points_moved, years_moved
from forecast.runs.sentence import HEADLINE_YEAR

if TYPE_CHECKING:
    from forecast.runs.changes import Change
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
    tell = teller(quiet or as_json)
    from forecast.runs.compare import compare as make

    found = make(first, second, models=models or (), progress=tell, sampling=sample, jobs=jobs)
    if as_json:
        say_json(found.to_dict(), indent=1)
    else:
        _show(found)


def _show(found: Comparison) -> None:
    first, second = found.first, found.second
    names = (found.first_name, found.second_name)
    say_text(
        moved_sentence(names, (first.median, second.median), (first.probability, second.probability))
        if found.changes
        else f"Nothing differs. Both say: median {median_words(first.median)}, "
        f"{percent_words(first.probability)} by the end of {HEADLINE_YEAR}.",
        "",
    )
    answers = [
        (name, median_words(one.median), percent_words(one.probability))
        for name, one in zip(names, (first, second), strict=True)
    ]
    say_table(("", "median", f"by {HEADLINE_YEAR}"), answers, right=(1, 2))
    if not found.changes:
        return
    say("")
    moves = [(_indented(m.name), years_moved(m.median_years), points_moved(m.probability)) for m in found.moves]
    say_table(("moves from the first to the second", "years", "points"), moves, right=(1, 2))
    for move in found.moves:
        if not move.known or move.name in ("together", "code"):
            say_text(f"{move.name}: {move.how}", hang=2)
    say("")
    say_table(("what differs", *names), [_changed(change) for change in found.changes])


def _changed(change: Change) -> tuple[str, ...]:
    """Return a difference as a line of the table, in the unit of the setting."""
    part, _, key = change.setting.rpartition(".")
    values, unit = (change.first, change.second), unit_of(part, key)
    if change.setting.startswith("log10 size of "):
        sizes = (None if size is None else 10**size for size in values)
        first, second = (setting_words(size, "tokens") for size in sizes)
        return f"{change.part}: {change.setting.removeprefix('log10 ')}", first, second
    return f"{change.part}: {change.setting}", *(setting_words(value, unit) for value in values)


def _indented(name: str) -> str:
    return f"  {name}" if "." in name else name
