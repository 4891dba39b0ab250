"""What the commands that show an evaluation share: the stored one or a new one, its figure, its data."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.printing import say, say_json
from forecast.core.seeds import DEFAULT_SEED

if TYPE_CHECKING:
    from forecast.runs.pipeline import Options

Fresh = Annotated[bool, typer.Option("--new", help="Compute it again instead of showing what is stored.")]
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
    tell(f"note: {found.sentence()}" if found.stale else found.sentence())
    return dict(found.content)


DEFAULT_DRAWS = 4000
"""Draws of stored results."""


def of_a_run(
    room: Any,
    name: str,
    scenario: str,
    options: Options,
    *,
    fresh: bool,
    tell: Callable[[str], None],
) -> tuple[dict[str, Any], bool]:
    """Return an evaluation of one run's futures, and whether it is other than the one that can be stored.

    `room` is its module, with the evaluation under its `name` and ``settings``.
    """
    asked = (scenario, options.models, options.as_of, options.seed, options.draws)
    other = asked != ("baseline", None, None, DEFAULT_SEED, DEFAULT_DRAWS)

    def make() -> dict[str, Any]:
        found: dict[str, Any] = getattr(room, name)(scenario, options=options, progress=tell)
        return found

    return stored_or_new(name, room.settings, make, fresh=fresh or other, tell=tell), other


def present(
    name: str,
    content: Mapping[str, Any],
    show: Callable[[], None],
    *,
    out: Path | None,
    as_json: bool,
    tell: Callable[[str], None],
    indent: int | None = 1,
    more: Mapping[str, str] | None = None,
) -> None:
    """Save a result's figures, table and JSON where asked, and print it as JSON or in words.

    `more` names further figures of its module of plots by their files: each has its words beside it.
    """
    drawn: dict[str, Any] = {}
    if out is not None:
        from forecast.plots.saving import save_result

        plots = importlib.import_module(f"forecast.plots.{name}")
        tell("drawing figures")
        drawn = {
            stem: (getattr(plots, figure)(content), getattr(plots, f"{figure}_text")(content))
            for stem, figure in {name: name, **(more or {})}.items()
        }
        save_result(name, content, drawn, getattr(plots, f"{name}_table")(content), out)
    if as_json:
        say_json(content, indent=indent, allow_nan=False)
        return
    show()
    if out is not None:
        say("", f"Written to {out}: {', '.join(f'{stem}.svg' for stem in drawn)}, with data and JSON")
