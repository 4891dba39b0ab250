"""The one way to a terminal: everything that a command prints passes through here, on stdout and on stderr.

A result is fitted to the width of a terminal, or to COLUMNS where that is set. Elsewhere, in a file or a pipe, a
paragraph is one line and so is the row of a table.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import typer

from forecast.cli import live
from forecast.core.wording import tight
from forecast.text import json_text, line

MOST_WIDE = 100
"""Longest line of a paragraph (characters); judgement: longer ones are hard to follow with the eye."""

_GAP = 2
"""Spaces between columns."""


def width() -> int | None:
    """Return the number of characters that a result has to fit into; None where nothing limits it."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def say(*lines: object, err: bool = False) -> None:
    """Print lines as they are: paths, text of the user's own."""
    text = "\n".join(map(line, lines))
    if not (err and live.above(text)):
        live.stop()
        typer.echo(text, err=err)


def say_text(*paragraphs: str, hang: int = 0) -> None:
    """Print paragraphs, wrapped between words; `hang` indents every line but the first (characters)."""
    limit = width()
    for paragraph in paragraphs:
        text = tight(line(paragraph))
        say(*([text] if limit is None else wrapped(text, min(limit, MOST_WIDE), hang=hang, fold=False)))


def say_json(document: Any, **named: Any) -> None:
    """Print one JSON document."""
    live.stop()
    typer.echo(json_text(document, **named))


def say_table(
    heading: Sequence[str] | None,
    rows: Iterable[Sequence[str]],
    *,
    right: Iterable[int] = (),
    whole: Callable[[str], bool] = lambda _: False,
) -> None:
    """Print rows in columns, wrapped between words; as blocks of lines, a row each, where that fits or is shorter.

    Nothing is cut and no word is broken that fits into the width. `whole` names columns that are never wrapped.
    """
    cells = [[tight(line(cell)) for cell in row] for row in rows]
    names = None if heading is None else [tight(line(name)) for name in heading]
    if not cells and names is None:
        return
    table = cells if names is None else [names, *cells]
    keep = [whole(name) for name in heading] if heading is not None else [False] * len(cells[0])
    limit = width()
    widths = _widths(table, keep, limit)
    if limit is not None:
        blocks = list(_blocks(names, cells, limit))
        if widths is None or (len(cells) > 1 and _height(table, widths) > len(blocks)):
            say(*blocks)
            return
    assert widths is not None, "without a limit every table fits"
    numbers = set(right)
    for place, row in enumerate(table):
        shown = _row(row, widths, numbers)
        say(*(map(_bold, shown) if names is not None and place == 0 else shown))


def say_records(rows: Sequence[Mapping[str, str]], *, wide: tuple[str, ...] = ()) -> None:
    """Print rows that name their cells, the same names in every row; only columns named `wide` are wrapped."""
    if rows:
        names = list(rows[0])
        say_table(names, [[row[name] for name in names] for row in rows], whole=lambda name: name not in wide)


def wrapped(text: str, limit: int, *, hang: int = 0, fold: bool = True) -> list[str]:
    """Return text in lines of at most so many characters, broken between words; its indentation is kept.

    Examples
    --------
    >>> wrapped("  as far as words go", 10)
    ['  as far', '  as words', '  go']
    """
    indent = " " * min(len(text) - len(text.lstrip()), limit // 2)
    lines: list[str] = []
    current = ""
    for word in text.split():
        room = limit - len(indent) - (hang if lines else 0)
        joined = f"{current} {word}" if current else word
        if _cells(joined) <= room:
            current = joined
            continue
        if current:
            lines.append(current)
            room = limit - len(indent) - hang
        *folded, current = _folded(word, room) if fold else [word]
        lines += folded
    first, *rest = [*lines, current]
    return [indent + first, *(indent + " " * hang + one for one in rest)]


def _widths(table: Sequence[Sequence[str]], keep: Sequence[bool], limit: int | None) -> list[int] | None:
    """Return the width of every column; None where no choice lets the rows fit without breaking words."""
    columns = list(zip(*table, strict=True))
    natural = [max(map(_cells, column)) for column in columns]
    room = None if limit is None else limit - _GAP * (len(columns) - 1)
    if room is None or sum(natural) <= room:
        return natural
    least = [
        widest if whole else max((_cells(word) + _indent(cell) for cell in column for word in cell.split()), default=0)
        for column, widest, whole in zip(columns, natural, keep, strict=True)
    ]
    if sum(least) > room:
        return None
    # Step by step the column gives way whose narrowing makes the table least taller, the widest of several.
    found = natural
    while sum(found) > room:
        choices = [[*found[:p], found[p] - 1, *found[p + 1 :]] for p in range(len(found)) if found[p] > least[p]]
        found = min(choices, key=lambda sizes: (_height(table, sizes), max(sizes)))
    return found


def _height(table: Sequence[Sequence[str]], widths: Sequence[int]) -> int:
    """Return how many lines a table takes."""
    return sum(max(map(_lines, row, widths)) for row in table)


@functools.cache
def _lines(cell: str, size: int) -> int:
    return len(wrapped(cell, size))


def _row(row: Sequence[str], widths: Sequence[int], right: set[int]) -> list[str]:
    parts = [wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]
    lines = []
    for place in range(max(map(len, parts))):
        shown = [
            (" " * (size - _cells(text)) + text) if column in right else (text + " " * (size - _cells(text)))
            for column, (part, size) in enumerate(zip(parts, widths, strict=True))
            for text in [part[place] if place < len(part) else ""]
        ]
        lines.append((" " * _GAP).join(shown).rstrip())
    return lines


def _blocks(names: Sequence[str] | None, cells: Sequence[Sequence[str]], limit: int) -> Iterator[str]:
    """Return each row as its first cell and, under it, the others by name; empty ones are left out."""
    labels = [""] * len(cells[0]) if names is None else names
    size = max(map(_cells, labels[1:]), default=0)
    for place, (first, *others) in enumerate(cells):
        if place and names is not None:
            yield ""
        for one in wrapped(first, limit):
            yield _bold(one)
        indent = "  " if limit > len("  ") else ""
        for label, text in zip(labels[1:], others, strict=True):
            if not text:
                continue
            start = f"{indent}{label}{' ' * (size - _cells(label) + _GAP)}" if size else indent
            if _cells(start) > limit // 2:
                yield from wrapped(f"{indent}{label}", limit)
                start = f"{indent}{indent}"
            for number, one in enumerate(wrapped(text.strip(), max(limit - _cells(start), 1))):
                yield (start if number == 0 else " " * _cells(start)) + one


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _bold(text: str) -> str:
    return typer.style(text, bold=True) if sys.stdout.isatty() and os.environ.get("TERM") != "dumb" else text


def _cells(text: str) -> int:
    """Return how many places of a terminal a text takes: wide letters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _folded(word: str, limit: int) -> list[str]:
    if _cells(word) <= limit:
        return [word]
    from rich.cells import chop_cells

    return chop_cells(word, max(limit, 2))
