"""The one way to a terminal: everything that a command prints passes through here, on stdout and on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import typer

from forecast.text import json_text, line

WIDEST = 100_000
"""Width at which no table is wrapped (characters)."""


def say(*lines: object, err: bool = False) -> None:
    """Print lines."""
    typer.echo("\n".join(map(line, lines)), err=err)


def say_json(document: Any, **named: Any) -> None:
    """Print one JSON document."""
    typer.echo(json_text(document, **named))


def say_table(
    heading: Sequence[str] | None,
    rows: Iterable[Sequence[str]],
    *,
    right: Iterable[int] = (),
    whole: Callable[[str], bool] = lambda _: False,
) -> None:
    """Print rows in columns: on a terminal wrapped between words, elsewhere a line a row; nothing is cut."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    cells = [[line(cell) for cell in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=heading is not None)
    for place, name in enumerate(heading if heading is not None else cells[0]):
        widest = max(map(cell_len, (line(name), *(row[place] for row in cells)))) if whole(name) else None
        table.add_column(
            line(name),
            no_wrap=whole(name),
            min_width=widest,
            overflow="fold",
            justify="right" if place in right else "left",
        )
    for row in cells:
        table.add_row(*row)
    console = Console(emoji=False, highlight=False, markup=False)
    needs = console.measure(table, options=console.options.update(width=WIDEST))
    console.width = max(console.width, needs.minimum) if sys.stdout.isatty() else needs.maximum
    with console.capture() as printed:
        console.print(table)
    typer.echo("\n".join(text.rstrip() for text in printed.get().splitlines()))
