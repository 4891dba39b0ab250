"""Parts of a run and of its report kept on disk: what the same code made of the same numbers is not made again.

The key holds all that a part is made of: the numbers, and size and time of every file of this package, its tables and its
stored results. Like a kept fit, a part is whole or absent, and whoever may write in the cache is its user.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from forecast.core.files import atomic_file
from forecast.core.folders import RUN_ROOM
from forecast.errors import OutputError
from forecast.fits.kept import cache_folder, versions
from forecast.ingest.catalog import data_directory

FORMAT = "part/1"
"""Version of an entry's layout; a new one leaves old entries unused."""

MOST = 400
"""Parts kept (count), the oldest go first: those of a dozen reports, about 100 MB; judgement."""

_MATTERS = ("fonttools", "matplotlib", "numpy", "pandas", "scipy")
"""Packages that shape parts: what reads tables, computes and draws."""

_AFRESH: contextvars.ContextVar[bool] = contextvars.ContextVar("afresh", default=False)


def kept_part(kind: str, make: Callable[[], Any], **numbers: Any) -> Any:
    """Return a part, JSON-ready: as it is kept, else made now and kept; `numbers` are all that it is made of."""
    if _AFRESH.get():
        return make()
    content = {"format": FORMAT, "kind": kind, "made_by": made_by(), **numbers}
    key = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:40]
    path = _folder() / f"{key}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # absent, damaged or not ours
        return json.loads(path.read_bytes())["part"]
    made = make()
    with contextlib.suppress(OSError, OutputError):  # a cache that cannot be written costs time, no more
        if not has_room():
            return made
        with atomic_file(path) as temporary:
            temporary.write_text(json.dumps({"part": made}), encoding="utf-8")
        _forget_the_oldest()
    return made


@contextlib.contextmanager
def afresh() -> Iterator[None]:
    """Make every part again inside the block, and keep none: what checks a report does not ask what made it."""
    token = _AFRESH.set(True)
    try:
        yield
    finally:
        _AFRESH.reset(token)


def clear() -> int:
    """Remove every kept part, and return how many there were."""
    found = list(_folder().glob("*.json"))
    for path in found:
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # it holds something that is not ours, or is not there
        _folder().rmdir()
    return len(found)


def _folder() -> Path:
    return cache_folder() / "parts"


def has_room() -> bool:
    """Return whether a run still fits on the disk: its fits, which take longer to make, go first."""
    there = next(place for place in (_folder(), *_folder().parents) if place.exists())
    return shutil.disk_usage(there).free >= RUN_ROOM


def _forget_the_oldest() -> None:
    found = sorted(_folder().glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in found[:-MOST]:
        path.unlink(missing_ok=True)


def made_by() -> str:
    """Return a hash of the files of this package and its data, and of the libraries that compute and draw."""
    return _hash_of(Path(__file__).parents[1], data_directory())


@functools.cache
def _hash_of(*folders: Path) -> str:
    """Return a hash of what makes a part: the files of this package and of its data, by size and time, and libraries."""
    found = [list(_files(folder)) for folder in folders]
    return hashlib.sha256(repr([found, versions(_MATTERS)]).encode()).hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Yield name, size (bytes) and time of change (nanoseconds) of every file below a folder, sorted."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            told = os.stat(os.path.join(where, name))
            yield os.path.relpath(os.path.join(where, name), folder), told.st_size, told.st_mtime_ns
