"""Files that are either whole or not there: atomic writes, places that are tried before work is done, hashes.

What is being written lies in a temporary folder beside its place. That folder holds a marker of ours: only what
carries it is ever removed, whatever its name.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from forecast.errors import ForecastError, OutputError

MADE_BY = "data-depletion"
"""What our markers and manifests say made them."""

_MARKER = ".data-depletion-temporary"
_OWN_NAME = re.compile(r"\.new-([0-9a-f]{8})-(\d{1,9})-[a-z0-9_]{8}$")
"""How the name of a temporary folder ends: machine, process, and what makes it the only one."""

_MARKER_SIZE = 4096
"""No marker of ours is longer (bytes)."""

_STALE_AFTER = 86_400.0
"""Age at which what an interrupted writer left is removed, whoever it was (seconds)."""

_LONGEST_NAME = 200
"""A longer name is shortened in that of its temporary folder: most file systems end at 255 (bytes)."""

_FILE_OF_A_RUN = 4_000_000
"""About the largest file that a run writes; the room asked for counts several of them (bytes)."""

_OF_WRITING = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS", "EACCES", "EPERM", "ENAMETOOLONG", "EILSEQ", "ENOTDIR")
    if hasattr(errno, name)
)
"""Errors that tell of the place that is written to."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a temporary path; what is written there takes the place of `path` when the block ends well."""
    target = resolved(path)
    if os.path.lexists(target) and not target.is_file():
        raise OutputError(f"{path}, which is no regular file", "a file or a new name", "choose another place")
    with temporary_beside(target, named=path) as work:
        temporary = work / "file"
        with writing(path):
            temporary.touch()
            if target.exists():
                shutil.copymode(target, temporary)
            yield temporary
            os.replace(temporary, target)


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the system's refusals to write inside the block into one line that names the place."""
    try:
        yield
    except ForecastError:
        raise
    except OSError as error:
        if error.errno not in _OF_WRITING:
            raise
        raise cannot_write(place, error) from error


@contextlib.contextmanager
def temporary_beside(target: Path, *, named: Path | None = None) -> Iterator[Path]:
    """Give an empty folder of ours beside a path, for what is to go there; it is gone after the block."""
    made = [parent for parent in target.parents if not os.path.exists(parent)]
    # Named before it is made: whoever is interrupted in between still knows what to remove.
    work = target.parent / f"{_beside(target)}{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target)
        work.mkdir(mode=0o700)
    except (OSError, ValueError) as error:
        _remove_empty(made)
        raise cannot_write(named or target, error) from error
    except BaseException:
        _remove(work)
        _remove_empty(made)
        raise
    try:
        with writing(named or target):
            marker = {"made_by": MADE_BY, "temporary_for": printable(target.name)}
            (work / _MARKER).write_text(json.dumps(marker), encoding="utf-8")
        yield work
    except BaseException:
        _remove(work)
        _remove_empty(made)
        raise
    try:
        _remove(work)
    except BaseException:  # interrupted while it was being removed
        _remove(work)
        raise


def check_writable(folder: Path, *, room: int = 0) -> None:
    """Refuse a folder that cannot be written, by writing there; nothing of it stays."""
    folder = resolved(folder)
    try:
        there = next(place for place in (folder, *folder.parents) if os.path.exists(place))
        if not there.is_dir():
            raise OutputError(f"{there}, which is a file", "a folder to write in", "choose another place")
        with temporary_beside(there / "probe", named=folder) as work:
            # Every name on the way is tried, and whether a file may become as large as those of a run.
            (work / folder.relative_to(there)).mkdir(parents=True, exist_ok=True)
            with (work / "probe").open("wb") as handle:
                handle.write(bytes(_MARKER_SIZE))
                handle.truncate(max(_MARKER_SIZE, min(room, _FILE_OF_A_RUN)))
            free = shutil.disk_usage(work).free
    except OutputError:
        raise
    except (OSError, ValueError) as error:
        raise cannot_write(folder, error) from error
    if free < room:
        raise OutputError(
            f"{folder}, where {free / 1e6:.1f} MB are free",
            f"at least {room / 1e6:.0f} MB",
            "make room there or choose another place",
        )


def resolved(path: Path) -> Path:
    """Return where a path leads, links followed."""
    try:
        if not path.is_absolute():
            os.getcwd()
    except OSError:
        raise OutputError(
            f"{path} in a working folder that is gone", "a folder that exists", "change to another folder"
        ) from None
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise cannot_write(path, error) from error


def printable(text: str) -> str:
    r"""Return a name from the command line or the file system as text that a file can hold.

    Examples
    --------
    >>> printable("caf\udcc3\udca9"), printable("caf\udce9")
    ('café', 'caf\\xe9')
    """
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()


def cannot_write(place: Path, error: Exception) -> OutputError:
    """Return the error for a place that cannot be written."""
    reason = getattr(error, "strerror", None) or (
        os.strerror(error.errno) if isinstance(error, OSError) and error.errno else type(error).__name__
    )
    return OutputError(
        f"{_shortened(str(place))}, which cannot be written ({reason})", "a writable place", "choose another place"
    )


def leftovers(target: Path) -> Iterator[Path]:
    """Find the temporary folders of ours beside a path."""
    for left in target.parent.glob(f"{glob.escape(_beside(target))}*"):
        marker = left / _MARKER
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            if left.is_symlink() or marker.is_symlink():
                continue
            if set(os.listdir(left)) <= {_MARKER} and not (marker.exists() and marker.stat().st_size):
                if _OWN_NAME.search(left.name):
                    yield left
            elif marker.stat().st_size <= _MARKER_SIZE:
                said = json.loads(marker.read_text(encoding="utf-8"))
                if said["made_by"] == MADE_BY and said["temporary_for"] == printable(target.name):
                    yield left


def is_gone(left: Path, *, after: float = _STALE_AFTER) -> bool:
    """Tell whether the writer of a temporary folder has ended."""
    named = _OWN_NAME.search(left.name)
    if named and named[1] == _machine() and not _is_running(int(named[2])):
        return True
    return time.time() - left.stat().st_mtime > after


def remove_leftovers(target: Path) -> None:
    """Remove what writers of ours that have ended left beside a path."""
    for left in leftovers(target):
        with contextlib.suppress(OSError):
            if is_gone(left):
                _remove(left)


def _remove(work: Path) -> None:
    """Remove a temporary folder, the marker last: a kill in between leaves what is known to be ours."""
    for entry in work.iterdir() if work.is_dir() else ():
        if entry.name == _MARKER:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
    (work / _MARKER).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        work.rmdir()


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders that were made on the way to a place that was not written, from the innermost on."""
    for folder in folders:
        with contextlib.suppress(OSError, ValueError):
            folder.rmdir()


def _beside(path: Path) -> str:
    """Return how the names of temporary folders for a path begin."""
    name = path.name
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return f".{name}.new-"


def _machine() -> str:
    """Return a name of this machine: the number of a process means nothing on another one."""
    import socket

    return hashlib.sha256(socket.gethostname().encode(errors="surrogateescape")).hexdigest()[:8]


def _is_running(process: int) -> bool:
    if sys.platform == "win32":
        return True  # there, asking with signal 0 would end the process; what it left goes after a day
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:100]}…{text[-60:]}"
