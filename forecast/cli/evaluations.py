"""What the commands that show an evaluation share: the stored one or a new one, its figure, its data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Fresh = Annotated[bool, typer.Option("--new", help="Make it anew, instead of showing what is stored.")]
Folder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Also write the figure (SVG), its data (CSV) and the JSON.")
]

_READABLE = 0o644


def stored_or_new(
    name: str,
    inputs: Callable[[], Mapping[str, str]],
    make: Callable[[], dict[str, Any]],
    *,
    fresh: bool,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Return an evaluation: the stored one where there is one, stale or not, else a new one.

    Parameters
    ----------
    name : str
        Its name.
    inputs : callable
        Gives the hashes of now.
    make : callable
        Makes it anew.
    fresh : bool
        Whether to make it anew in any case.
    tell : callable
        Told whether a stored one still fits.

    Returns
    -------
    dict
        Its content.
    """
    from forecast.ingest.results import is_stored, stored

    if fresh or not is_stored(name):
        return make()
    found = stored(name, inputs())
    tell(found.sentence())
    return dict(found.content)


def write_evaluation(
    folder: Path,
    name: str,
    content: Mapping[str, Any],
    draw: Callable[[Mapping[str, Any]], Axes],
    text: Callable[[Mapping[str, Any]], str],
    table: pd.DataFrame,
) -> None:
    """Write an evaluation's JSON, its figure with alternative text, and the data behind it.

    Parameters
    ----------
    folder : pathlib.Path
        Made where it is missing; files of these names in it are replaced.
    name : str
        Name of the files.
    content : mapping
        What `stored_or_new` gave.
    draw, text : callable
        The figure, and the figure in words.
    table : pandas.DataFrame
        The data behind it.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    from forecast.files import atomic_file

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_file(folder / f"{name}.json") as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            temporary.chmod(_READABLE)
        with atomic_file(folder / f"{name}.csv") as temporary:
            table.to_csv(temporary, index=False, lineterminator="\n")
            temporary.chmod(_READABLE)
        with atomic_file(folder / f"{name}.svg") as temporary:
            figure = draw(content).get_figure(root=True)
            assert figure is not None, "axes always belong to a figure"
            # Labels may reach beyond the axes that they belong to.
            figure.savefig(
                temporary, format="svg", bbox_inches="tight", metadata={"Description": text(content), "Date": None}
            )
            temporary.chmod(_READABLE)
    except OSError as error:
        raise OutputError(f"{folder}, which cannot be written ({error})", "a folder", "choose another --out") from None


def print_table(rows: pd.DataFrame, *, wide: tuple[str, ...] = ()) -> None:
    """Print a table, its texts wrapped rather than cut.

    Parameters
    ----------
    rows : pandas.DataFrame
        What to print, as text.
    wide : tuple of str
        Columns that may take several lines; the others stay on one.
    """
    import sys

    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows.columns:
        table.add_column(str(column), no_wrap=column not in wide)
    for line in rows.itertuples(index=False):
        table.add_row(*("" if value is None else str(value) for value in line))
    # A pipe or a file has no width of its own; a table cut to 80 columns would lose its numbers.
    Console(width=None if sys.stdout.isatty() else 200).print(table, markup=False)
