"""``forecast replicate``: a published analysis, re-run, beside what was published."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from forecast.cli.options import AsJson, Quiet, Seed, teller
from forecast.replicate import ANALYSES, DEFAULT_DRAWS, run_analysis
from forecast.seeds import DEFAULT_SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast.replicate.figures import Analysis

Name = Annotated[str, typer.Argument(metavar="ANALYSIS", help=f"Which one: {' or '.join(ANALYSES)}.")]
Bridge = Annotated[bool, typer.Option("--bridge", help="Mend the procedure step by step (epoch2024 only).")]
Draws = Annotated[int, typer.Option("--draws", metavar="N", help="Draws of every input.")]


def replicate(
    analysis: Name,
    bridge: Bridge = False,
    seed: Seed = DEFAULT_SEED,
    draws: Draws = DEFAULT_DRAWS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a published analysis again and show where and why it differs.

    Ends with exit code 1 if a figure that can be reproduced was not matched.
    """
    teller(quiet or as_json)(f"Running {analysis} again with {draws} draws.")
    result = run_analysis(analysis, seed=seed, draws=draws, bridge=bridge)
    if as_json:
        typer.echo(result.to_text())
    else:
        show(result)
    if not result.holds:
        raise typer.Exit(1)


def show(result: Analysis) -> None:
    """Print an analysis as tables and reasons.

    Parameters
    ----------
    result : Analysis
        The re-run.
    """
    from forecast.replicate.figures import FOOTNOTE, reasons, table_rows

    typer.echo(f"{result.title}\n")
    _print_table(("figure", "unit", "published", "ours", "difference", "status"), table_rows(result))
    typer.echo(f"\n{FOOTNOTE}\n")
    for line in reasons(result):
        typer.echo(line)
    if result.bridge:
        from forecast.replicate.bridge import table_rows as bridge_rows

        typer.echo("\nFrom their procedure towards ours\n")
        _print_table(("step", "median", "80 % interval", "moved by"), bridge_rows(result.bridge))
    typer.echo(f"\nData: {' '.join(result.credits)}")


def _print_table(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*heading, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    # A pipe or a file has no width of its own; a table cut to 80 columns would lose its numbers.
    Console(width=None if sys.stdout.isatty() else 200).print(table, markup=False)
