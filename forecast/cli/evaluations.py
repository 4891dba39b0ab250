"""What the commands that show an evaluation share: the stored one or a new one, its figure, its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.printing import say_table

if TYPE_CHECKING:
    import pandas as pd

Fresh = Annotated[bool, typer.Option("--new", help="Make it anew, instead of showing what is stored.")]
Folder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Also write the figure (SVG), its data (CSV) and the JSON.")
]


def stored_or_new(
    name: str,
    settings: Callable[[], Mapping[str, Any]],
    make: Callable[[], dict[str, Any]],
    *,
    fresh: bool,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Return an evaluation: the stored one where there is one, stale or not, else a new one."""
    from forecast.ingest.stored import exists, read

    if fresh or not exists(name):
        return make()
    found = read(name, settings())
    tell(found.sentence())
    return dict(found.content)


def print_table(rows: pd.DataFrame, *, wide: tuple[str, ...] = ()) -> None:
    """Print a table, its texts wrapped rather than cut."""
    cells = (["" if value is None else str(value) for value in line] for line in rows.itertuples(index=False))
    say_table([str(column) for column in rows.columns], cells, whole=lambda name: name not in wide)
