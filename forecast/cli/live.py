"""Progress on stderr: a bar on a terminal, from the first second; a pipe stays silent."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forecast.text import line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINES = "FORECAST_PROGRESS"
"""Environment variable that has every step written as a line where there is no terminal: for logs."""

_REFRESHED = 4
"""How often the bar is drawn (times a second); judgement."""

_COUNT = re.compile(r"(\d[\d,]*) of (\d[\d,]*)")


@dataclass
class _Pace:
    """How much of what is counted was done at first, when that was (seconds of the monotonic clock), how much is now."""

    first: float = 0.0
    since: float = field(default_factory=time.monotonic)
    last: float = 0.0


_pace = _Pace()
_bar: Progress | None = None
_task: TaskID | None = None


def is_terminal() -> bool:
    """Return whether progress can be drawn: somebody watches, and lines can be drawn over."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def start() -> None:
    """Begin to draw, before anything slow is imported; harmless where a bar is drawn already."""
    global _bar, _task
    if _bar is not None or not is_terminal():
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    words = TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True))
    left = TextColumn("{task.fields[left]}", markup=False)
    _bar = Progress(
        SpinnerColumn(),
        words,
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        left,
        console=Console(stderr=True, highlight=False, markup=False, emoji=False),
        transient=True,
        refresh_per_second=_REFRESHED,
        expand=True,
    )
    _task = _bar.add_task("starting", total=None, left="")
    with contextlib.suppress(OSError, ValueError):
        _bar.start()


def step(words: str) -> None:
    """Show what is being done; "3 of 4" in its words moves the bar, and what is left is told from when that began."""
    if _bar is None or _task is None:
        return
    global _pace
    total, left, done = None, "", 0.0
    if found := _COUNT.search(words):
        done, total = (float(number.replace(",", "")) for number in found.groups())
        if done <= _pace.last:
            _pace = _Pace(first=done)
        made, spent = done - _pace.first, time.monotonic() - _pace.since
        left = f"about {_minutes(spent / made * (total - done))} left" if made > 0 and done < total else ""
        _pace.last = done
    else:
        _pace = _Pace()
    _bar.update(_task, description=line(words), total=total, completed=done, left=left)


def above(words: str) -> bool:
    """Print a line above the bar; return False where none is drawn."""
    if _bar is None:
        return False
    _bar.console.print(words, soft_wrap=True)
    return True


def stop() -> None:
    """Remove the bar: a result follows, or the end."""
    global _bar, _task
    if _bar is not None:
        with contextlib.suppress(OSError, ValueError):
            _bar.stop()
    _bar = _task = None


def _minutes(seconds: float) -> str:
    """Return a stretch of time in words.

    Examples
    --------
    >>> _minutes(20.0), _minutes(80.0), _minutes(7300.0)
    ('1 min', '2 min', '2 h')
    """
    return f"{round(seconds / 3600)} h" if seconds >= 5400 else f"{max(int(seconds // 60) + 1, 1)} min"
