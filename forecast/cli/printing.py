"""The one way to a terminal: everything that a command prints passes through here, on stdout and on stderr."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import typer

from forecast.text import json_text, line


def say(*lines: object, err: bool = False) -> None:
    """Print lines."""
    typer.echo("\n".join(map(line, lines)), err=err)


def say_json(document: Any, **named: Any) -> None:
    """Print one JSON document."""
    typer.echo(json_text(document, **named))


def say_columns(rows: Sequence[Sequence[str]], *, right: Iterable[int] = ()) -> None:
    """Print rows in aligned columns; the last is as long as it likes."""
    cells = [[line(cell) for cell in row] for row in rows]
    last = len(cells[0]) - 1
    widths = [max(len(row[place]) for row in cells) for place in range(last + 1)]
    for row in cells:
        aligned = [
            text.rjust(width) if place in right else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        say("  ".join(aligned).rstrip())
