"""Tables on stdout, the same for every command."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from forecast.text import line


def print_rows(
    heading: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    wide: Sequence[str] | None = None,
) -> None:
    """Print rows in columns, long texts wrapped rather than cut."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in heading:
        table.add_column(line(name), no_wrap=wide is not None and name not in wide)
    for row in rows:
        table.add_row(*map(line, row))
    # A pipe or a file has no width of its own; a table cut to 80 columns would lose its numbers.
    Console(width=None if sys.stdout.isatty() else 200).print(table, markup=False)
