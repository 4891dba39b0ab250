"""``forecast replicate``: a published analysis, re-run, beside what was published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.options import AsJson, Quiet, Seed, teller
from forecast.cli.printing import say, say_json, say_table
from forecast.core.files import check_writable
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import InputError
from forecast.replicate import ANALYSES, DEFAULT_DRAWS, run_analysis

if TYPE_CHECKING:
    from forecast.replicate.analysis import Analysis

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
    tell = teller(quiet)
    if not as_json:
        tell(f"Running {analysis} again with {draws} draws.")
    result = run_analysis(analysis, seed=seed, draws=draws, bridge=bridge, progress=tell)
    if out is not None:
        from forecast.plots.bridge import save_bridge

        save_bridge(result.bridge, out)
        tell(f"Figure written to {out}")
    if as_json:
        say_json(result.to_json(), indent=1, allow_nan=False)
    else:
        show(result)
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
    """Print an analysis as tables and reasons."""
    from forecast.replicate.analysis import FOOTNOTE, reasons, table_rows

    say(result.title, "")
    say_table(("figure", "unit", "published", "ours", "difference", "status"), table_rows(result))
    say("", FOOTNOTE, "")
    for line in reasons(result):
        say(line)
    if result.bridge:
        from forecast.replicate.bridge import table_rows as bridge_rows

        say("", "From their procedure towards ours", "")
        say_table(("step", "median", "80 % interval", "moved by"), bridge_rows(result.bridge))
    say("", f"Data: {' '.join(result.credits)}")
