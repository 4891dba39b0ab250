"""``forecast replicate``: a published analysis, re-run, beside what was published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.options import AsJson, Quiet, Seed, credit_line, teller
from forecast.cli.printing import say, say_json, say_table, say_text
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import InputError
from forecast.replicate import ANALYSES, DEFAULT_DRAWS, run_analysis

if TYPE_CHECKING:
    from forecast.replicate.analysis import Analysis, PublishedNumber

PICTURES = (".svg", ".png", ".pdf")
"""Endings of a figure's file."""

Name = Annotated[str, typer.Argument(metavar="ANALYSIS", help=f"Which one: {' or '.join(ANALYSES)}.")]
Bridge = Annotated[
    bool,
    typer.Option("--bridge", help="Correct the procedure step by step, up to the baseline forecast (epoch2024 only)."),
]
Picture = Annotated[
    Path | None, typer.Option("--out", metavar="FIGURE", help="With --bridge: its waterfall, as .svg, .png or .pdf.")
]
Draws = Annotated[int, typer.Option("--draws", metavar="N", help="Draws of every input.")]


def replicate(
    analysis: Name,
    bridge: Bridge = False,
    seed: Seed = DEFAULT_SEED,
    draws: Draws = DEFAULT_DRAWS,
    out: Picture = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a published analysis again and show where and why it differs.

    Ends with exit code 1 if a figure that can be reproduced was not matched.
    """
    _check_out(out, bridge)
    ANALYSES[analysis]  # An unknown name is refused before anything is said.
    tell = teller(quiet, only_notes=as_json)
    tell(f"running {analysis} again with {draws:,} draws")
    result = run_analysis(analysis, seed=seed, draws=draws, bridge=bridge, progress=tell)
    if out is not None:
        from forecast.plots.bridge import save_bridge

        save_bridge(result.bridge, out)
    if as_json:
        say_json(result.to_json(), indent=1, allow_nan=False)
    else:
        show(result)
        if out is not None:
            say(f"Written to {out}")
    if not result.holds:
        raise typer.Exit(1)


def _check_out(out: Path | None, bridge: bool) -> None:
    # Before anything is run: a bad --out should not cost a minute.
    if out is None:
        return
    if not bridge:
        raise InputError("--out without --bridge", "both: the figure is that of the bridge", "add --bridge")
    if out.suffix.lower() not in PICTURES:
        raise InputError(f"--out {out}", "a file that ends in .svg, .png or .pdf", "choose one of these endings")
    check_writable(out.parent)


def show(result: Analysis) -> None:
    """Print an analysis: how many figures were matched, the tables by quantity, the reasons."""
    say_text(f"{result.title}: {_outcome(result)}", "")
    for heading, rows in _groups(result).items():
        say_table((heading, "published", "ours", "difference", "status"), rows)
        say("")
    say_text(
        f"Brackets hold equal-tailed intervals of {100 * result.interval:.0f}%, unless another is named; *: rests on the "
        "compute projection rebuilt from its description."
    )
    said = [one for one in result.figures if one.published is not None]
    if said:
        say_text("", "Every published figure:")
    for one in said:
        say_text(f"  {figure_words(one.name)}: {one.reason}", hang=2)
    if result.bridge:
        from forecast.replicate.bridge import table_rows as bridge_rows

        say_text("", "From their procedure towards ours:")
        say_table(("step", "median", "80% interval", "moved by"), bridge_rows(result.bridge))
    say_text("", credit_line(result.credits))


def figure_words(name: str) -> str:
    """Return a figure's name as a reader says it.

    Examples
    --------
    >>> figure_words("exhaustion.low_quality_text.first_passage"), figure_words("stock.raw.2024")
    ('exhaustion: low quality text, first passage', 'stock: raw, 2024')
    """
    first, *rest = (part.replace("_", " ") for part in name.split("."))
    return f"{first}: {', '.join(rest)}" if rest else first


def _outcome(result: Analysis) -> str:
    published = [one for one in result.figures if one.published is not None]
    matched = sum(one.status == "matched" for one in published)
    missed = sum(one.status == "missed" for one in published)
    rest = len(published) - matched - missed
    words = [f"{matched} of {len(published)} published figures are matched"]
    words += [f"{missed} missed"] if missed else []
    words += [f"{rest} differ for a reason given below or cannot be reproduced"] if rest else []
    return f"{', '.join(words)}."


def _groups(result: Analysis) -> dict[str, list[tuple[str, ...]]]:
    """Return the figures as lines of tables, one for each quantity and unit."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for one in result.figures:
        scale, target = _scale(one.unit), one.published
        level = result.interval if target is None or target.interval is None else target.interval
        published = _NONE if target is None else scale.words(target.median, target.low, target.high)
        ours = "not computed" if one.quantiles is None else scale.words(one.median, *one.interval(level))
        if one.quantiles is not None and level != result.interval:
            ours = f"{ours}, {100 * level:.0f}%"
        quantity, _, name = figure_words(one.name).rpartition(": ")
        found.setdefault(f"{quantity}{', ' if quantity else ''}{scale.title}", []).append(
            (
                f"{name}{'*' if one.rebuilt else ''}",
                published,
                ours,
                _difference(one),
                "" if target is None and one.status == "explained" else one.status,
            )
        )
    return found


_NONE = "no published figure"


@dataclass(frozen=True)
class _Scale:
    """How the numbers of a unit are written: its name, from stored to shown, and whether these are years or rates."""

    title: str
    shown: Callable[[float], str]

    def words(self, median: float | None, low: float | None, high: float | None) -> str:
        one, *ends = ("later" if value is None else self.shown(value) for value in (median, low, high))
        return one if low is None and high is None else f"{one} ({ends[0]} to {ends[1]})"


def _scale(unit: str) -> _Scale:
    """Return how a unit is written: amounts by the trillion, growth in percent or as a factor a year."""
    if unit == "year":
        return _Scale("year", lambda value: f"{value:.1f}")
    if unit == "log10 per year":
        return _Scale("factor a year", lambda value: f"x{10**value:.2f}")
    if unit == "per year":
        return _Scale("percent a year", lambda value: f"{100 * value:.1f}%")
    if unit.startswith("log10 "):
        return _Scale(f"trillion {unit.removeprefix('log10 ')}", lambda value: _trillions(10**value))
    return _Scale(f"trillion {unit}", _trillions)


def _trillions(value: float) -> str:
    return f"{float(f'{value / 1e12:.2g}'):,.6g}"


def _difference(one: PublishedNumber) -> str:
    """Return how far our median lies from the published one."""
    if one.published is None or one.median is None:
        return ""
    gap = one.median - one.published.median
    if one.unit == "year":
        return f"{gap:+.1f} years"
    if one.unit == "per year":
        return f"{100 * gap:+.1f} points"
    return f"{100 * (10**gap - 1 if one.unit.startswith('log10 ') else gap / one.published.median):+.1f}%"
