"""Files that are either whole or not there: atomic writes, folders that are swapped in when complete, hashes."""

from __future__ import annotations

import contextlib
import ctypes
import glob
import hashlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from forecast.errors import OutputError

_AT_FDCWD = -100  # linux/fcntl.h: "relative to the working directory"
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h on macOS
_STALE_AFTER = 86_400.0
"""Age at which what an interrupted writer left is removed, whoever it was (seconds)."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; what is written there takes its place when the block ends well.

    Parameters
    ----------
    path : pathlib.Path
        Where the finished file will stand.

    Yields
    ------
    pathlib.Path
        Where to write.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        number, name = tempfile.mkstemp(prefix=f"{_beside(path)}{_writer()}-", dir=path.parent)
        os.close(number)
        temporary = Path(name)
        # As any file would be: a temporary one is made for its writer alone.
        temporary.chmod(0o644)
    except OSError as error:
        raise _cannot_write(path.parent, error) from None
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def swapped_folder(target: Path, marker: str) -> Iterator[Path]:
    """Give an empty folder beside `target`; it takes the target's place in one step when the block ends well.

    A kill at any moment leaves the old folder or the new one whole: on Linux and macOS the two names are exchanged
    in one system call; elsewhere the old folder is set aside under a name that `recover_folder` puts back.

    Parameters
    ----------
    target : pathlib.Path
        The folder to make or to replace.
    marker : str
        A file name that an existing, replaceable folder must hold.

    Yields
    ------
    pathlib.Path
        Where to write.

    Raises
    ------
    OutputError
        If the target is something else than a replaceable folder, or cannot be written.
    """
    target = target.resolve()
    check_replaceable(target, marker)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        temporary = Path(tempfile.mkdtemp(prefix=f"{_beside(target)}{_writer()}-", dir=target.parent))
        temporary.chmod(0o755)
    except OSError as error:
        raise _cannot_write(target.parent, error) from None
    try:
        yield temporary
        _swap(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_replaceable(target: Path, marker: str) -> None:
    """Refuse a target that is not a folder of ours, before any work is done for it.

    Parameters
    ----------
    target : pathlib.Path
        The folder to make or to replace.
    marker : str
        A file name that an existing, replaceable folder must hold.

    Raises
    ------
    OutputError
        If something else stands there, or its parent cannot be written.
    """
    # What a link points to is replaced, not the link.
    target = target.resolve()
    recover_folder(target)
    if target.exists() and not (target.is_dir() and ((target / marker).is_file() or not any(target.iterdir()))):
        raise OutputError(
            f"{target}, which is not a run folder", f"a new folder or one that holds {marker}", "choose another --out"
        )
    parent = next(p for p in target.parents if p.exists())
    if not parent.is_dir():
        raise OutputError(f"{parent}, which is a file", "a folder to write in", "choose another --out")
    if not os.access(parent, os.W_OK) or (target.exists() and not os.access(target, os.W_OK)):
        raise OutputError(f"{parent}, which cannot be written", "a writable folder", "choose another --out")


def recover_folder(target: Path) -> None:
    """Put back a folder that an interrupted replacement had set aside.

    Parameters
    ----------
    target : pathlib.Path
        The folder that should be there.
    """
    aside = target.parent / f".{target.name}.old"
    if aside.is_dir():
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(target)


def _beside(path: Path) -> str:
    """Return how the names of what is being written for a path begin."""
    return f".{path.name}.new-"


def _writer() -> str:
    """Return a name of this process, of this machine: numbers of processes mean nothing on another one."""
    import socket

    return f"{hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]}-{os.getpid()}"


def _remove_leftovers(path: Path) -> None:
    """Remove what killed writers left beside a path: those of this machine that are gone, others after a day."""
    here = _writer().partition("-")[0]
    for left in path.parent.glob(f"{glob.escape(_beside(path))}*"):
        named = re.fullmatch(r"([0-9a-f]{8})-(\d+)-.*", left.name[len(_beside(path)) :])
        with contextlib.suppress(OSError):
            gone = named is not None and named[1] == here and not _is_running(int(named[2]))
            if gone or time.time() - left.stat().st_mtime > _STALE_AFTER:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _is_running(process: int) -> bool:
    if sys.platform == "win32":
        return True  # there, asking with signal 0 would end the process; what it left goes after a day
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _swap(new: Path, target: Path) -> None:
    if not target.exists():
        with contextlib.suppress(OSError):
            os.rename(new, target)
            return
    if _exchange(new, target):
        return  # `new` now names the old folder, which the caller removes
    aside = target.with_name(f".{target.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(target, aside)
    os.rename(new, target)
    shutil.rmtree(aside, ignore_errors=True)


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


def _cannot_write(place: Path, error: OSError) -> OutputError:
    reason = error.strerror or type(error).__name__
    return OutputError(f"{place}, which cannot be written ({reason})", "a writable folder", "choose another place")
