"""How results of the laboratory are shown: a table, a sentence of what they show, figure and data where asked."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.cli.options import teller, warn
from forecast.cli.printing import say, say_json, say_table, say_text
from forecast.core.files import check_writable
from forecast.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LESSONS = {
    "distillation": "Teach small transformers by others that read more: what a teacher is worth.",
    "passes": "Read the same text again, or new text: what passes are worth.",
    "adaptation": "Learn a language from a start that was learnt on its relatives: what the start is worth.",
}
"""Experiments that are stored for readers without the extra, and what each is about."""


def simulate(
    experiment: str, *, regime: list[str] | None, out: Path | None, as_json: bool, quiet: bool, **settings: Any
) -> None:
    """Run an experiment with its command's options, show what it came to, and save figure and data where asked."""
    check_target(out)
    tell = teller(quiet or as_json)
    learner = importlib.import_module(f"forecast.collapse.learners.{_ROOMS.get(experiment, experiment)}")
    told_every = getattr(learner, "TOLD_EVERY", _TOLD_EVERY)

    def advance(generation: int) -> None:
        if generation % told_every == 0:
            tell(f"{experiment}: generation {generation:,}")

    chosen = regime or learner.DEFAULT_REGIMES
    result = getattr(learner, f"simulate_{experiment}")(regimes=chosen, progress=advance, **settings)
    if getattr(result, "by_character", False) and not quiet:
        warn("note: the text puts no spaces between words: it is counted by character")
    present(result, f"draw_{experiment}", _by_generation, out=out, as_json=as_json)


def _by_generation(document: Mapping[str, Any]) -> None:
    """Print every measure by generation, and what the experiment shows."""
    from forecast.collapse.tables import shown_generations, wide_rows

    shown = shown_generations(document["generations"])
    say_text("Simulation and, in brackets, closed form, by generation n:", "")
    rows: list[list[str]] = []
    title = None
    for row in wide_rows(document, shown):
        if row[0] != title:
            title = row[0]
            rows.append([title, *[""] * len(shown)])
        rows.append([f"  {row[1]}", *row[2:]])
    say_table(["", *(f"n = {n:,}" for n in shown)], rows)
    for chain in document["chains"]:
        for generation, words in chain.get("continued", {}).items():
            say_text(f"{chain['title']}, n = {generation}: {' / '.join(words.splitlines())}", hang=2)
    say_text("", finding(document))


def tabulate(experiment: str, *, out: Path | None, as_json: bool, quiet: bool, **settings: Any) -> None:
    """Run an experiment whose result brings its own table and finding, and save figure and data where asked."""
    check_target(out)
    tell = teller(quiet or as_json)
    lesson = experiment in LESSONS
    room = importlib.import_module(f"forecast.collapse.learners.{'lessons' if lesson else experiment}")
    every, made = (1 if lesson else _TOLD_EVERY), 0

    def advance(_: int) -> None:
        nonlocal made
        made += 1
        if made % every == 0:
            tell(f"{experiment}: {made:,} fits made")

    def show(_: Mapping[str, Any]) -> None:
        columns, rows = result.table
        say_table(columns, rows, right=range(1, len(columns)))
        say_text("", result.finding)

    if lesson and not room.transformer.installed():
        from forecast.evaluate import stored

        kept = stored("lessons")
        warn(f"note: as stored, with default settings; install the extra 'lab' to run it again. {kept.sentence()}")
        result = room.Lesson.from_json(kept.content[experiment])
    else:
        result = getattr(room, f"simulate_{experiment}")(progress=advance, **settings)
    present(result, f"draw_{experiment}", show, out=out, as_json=as_json)


_TOLD_EVERY = 10
"""Generations between two words of progress where the learner names no other (count)."""

_ROOMS = {"transformer": "transformers"}
"""Modules of experiments that are not called like them."""

_MEASURES = {
    "gaussian": ("mean_variance", "the variance"),
    "mixture": ("within", "the spread within components"),
    "ngram": ("vocabulary", "the vocabulary"),
    "regression": ("error", "the error"),
    "dice": ("faces", "the number of faces"),
    "transformer": ("perplexity", "the perplexity"),
    "vae": ("variance", "the variance"),
}
"""What an experiment is about, by its name: the measure, and how a sentence calls it."""


def finding(document: Mapping[str, Any]) -> str:
    """Say in one sentence what an experiment shows: with a model's own data alone, and with what changes least."""
    measure, words = _MEASURES[document["experiment"]]
    last = f"after {document['generations']:,} generations"
    found = []
    for chain in document["chains"]:
        told = [value for value in chain["simulation"].get(measure, []) if value is not None]
        if len(told) > 1 and told[0] > 0 and told[-1] > 0:
            theory = chain["theory"].get(measure)
            form = f" (closed form {theory[-1] / theory[0]:.3g})" if theory and theory[0] and theory[-1] else ""
            found.append((abs(math.log(told[-1] / told[0])), f"{told[-1] / told[0]:.3g} times", form, chain["title"]))
    if not found:
        return f"What it shows: {last} nothing is left to compare."
    alone = next((one for one in found if one[-1] == "replace"), max(found))
    _, ratio, form, title = alone
    said = f"What it shows: {last} {words} is {ratio} what it was at first{form} with the regime '{title}'"
    others = [one for one in found if one[-1] != title]
    if not others:
        return f"{said}."
    _, ratio, form, title = min(others)
    return f"{said}, and {ratio}{form} with '{title}'."


def yield_finding(document: Mapping[str, Any]) -> str:
    """Say in one sentence what a synthetic token is worth in the middle of the mixes."""
    shares = sorted({one["share"] for one in document["yields"]})
    middle = shares[(len(shares) - 1) // 2]
    first, *_, last = [one for one in document["yields"] if one["share"] == middle] * 2

    def words(one: Mapping[str, Any]) -> str:
        low, high = one["yield"]["intervals"]["0.8"]
        checked = "unverified" if one["verification"] is None else "verified"
        worth = f"{one['yield']['median']:.2g} ({low:.2g} to {high:.2g}, 80%)"
        return f"{worth} {checked} after {one['generations']} generations"

    both = words(first) if first == last else f"{words(first)}, and {words(last)}"
    return f"What it shows: where {100 * middle:.0f}% of the mix is synthetic, a synthetic token is worth {both}, in human tokens."


def check_target(out: Path | None) -> None:
    """Refuse a bad --out before anything is simulated, which may take minutes."""
    if out is not None and out.suffix and out.suffix.lower() not in {".svg", ".png", ".pdf"} and not out.is_dir():
        raise InputError(f"--out {out}", "a .svg, .png or .pdf file, or a folder", "choose one of these endings")
    if out is not None:
        check_writable(out.parent if out.suffix and not out.is_dir() else out)


def present(
    result: Any,
    draw: str,
    show: Callable[[Mapping[str, Any]], None],
    *,
    out: Path | None,
    as_json: bool,
) -> None:
    """Save figure and data where asked, then print the document, or what it says in words and where it is."""
    document = result.to_json()
    if out is not None:
        from forecast.plots import collapse as plots

        figure: Figure = getattr(plots, draw)(result)
        plots.save_figure(figure, document, out)
    if as_json:
        say_json(document, allow_nan=False)
        return
    show(document)
    if out is not None:
        say(f"Written to {out}")


__all__ = ["LESSONS", "check_target", "finding", "present", "simulate", "tabulate", "yield_finding"]
