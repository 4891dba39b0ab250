"""Run folders are replaced whole: written beside their place, swapped in when complete, and only where all is ours.

A kill at any moment leaves the old folder or the new one: on Linux and macOS the two names are exchanged in one
system call; elsewhere the old folder is set aside in a temporary folder of ours, from which it is put back.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from forecast.core.files import (
    check_writable,
    is_gone,
    leftovers,
    remove_leftovers,
    resolved,
    temporary_beside,
    writing,
)
from forecast.core.manifest import refuse_foreign
from forecast.errors import OutputError

_AT_FDCWD = -100  # linux/fcntl.h: "relative to the working directory"
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h on macOS

RUN_ROOM = 16_000_000
"""Space that a run with its report takes, about: 14 MB for the baseline (bytes)."""

_BETWEEN_RENAMES = 10.0
"""The two renames follow each other at once: an older folder set aside was left there by a kill (seconds)."""


@contextlib.contextmanager
def swapped_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target`; it takes the target's place in one step when the block ends well."""
    named, target = target, resolved(target)
    recover_folder(target)
    _refuse(target)
    with temporary_beside(target, named=named) as work, writing(named):
        new, aside = work / "new", work / "old"
        new.mkdir()
        yield new
        try:
            _swap(new, target, aside)
        finally:
            if aside.is_dir() and not os.path.lexists(target):
                os.rename(aside, target)


def check_replaceable(target: Path, *, room: int = RUN_ROOM) -> None:
    """Refuse a target that is not a folder of ours, or cannot be written, before any work is done for it."""
    target = resolved(target)
    recover_folder(target)
    _refuse(target)
    remove_leftovers(target)
    check_writable(target if not os.path.lexists(target) else target.parent, room=room)
    if target.exists() and not os.access(target, os.W_OK):
        raise OutputError(f"{target}, which cannot be written", "a writable folder", "choose another --out")


def recover_folder(target: Path) -> None:
    """Put back a folder that an interrupted replacement of ours had set aside; nothing else is touched."""
    if os.path.lexists(target):
        return
    for left in leftovers(target):
        with contextlib.suppress(OSError):
            if (left / "old").is_dir() and is_gone(left, after=_BETWEEN_RENAMES):
                os.rename(left / "old", target)
                return


def _refuse(target: Path) -> None:
    try:
        if not os.path.lexists(target):
            return
        if not target.is_dir() or target == Path(target.anchor):
            raise OutputError(f"{target}, which is not a run folder", "a folder of its own", "choose another --out")
        if os.path.ismount(target):
            raise OutputError(
                f"{target}, where another file system begins", "a folder that can be replaced whole", "name one in it"
            )
        refuse_foreign(target)
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{target}, which cannot be read ({error.strerror})", "a folder of yours", "choose another --out"
        ) from error


def _swap(new: Path, target: Path, aside: Path) -> None:
    if not os.path.lexists(target):
        os.rename(new, target)
        return
    if _exchange(new, target):
        try:
            # Looked at once more where nobody else writes: it may have been added to since.
            refuse_foreign(new)
        except OutputError as error:
            _exchange(new, target)
            raise OutputError(error.got.replace(str(new), str(target)), error.expected, error.do) from None
        return
    refuse_foreign(target)
    os.rename(target, aside)
    os.rename(new, target)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one system call where the system has one."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        a, b = os.fsencode(one), os.fsencode(other)
        if sys.platform == "linux":
            return library.renameat2(_AT_FDCWD, a, _AT_FDCWD, b, _RENAME_EXCHANGE) == 0
        if sys.platform == "darwin":
            return library.renamex_np(a, b, _RENAME_SWAP) == 0
    except (AttributeError, OSError, TypeError):
        return False
    return False
