"""Files that are either whole or not there: atomic writes, folders that are swapped in when complete, hashes."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from forecast.errors import OutputError

_AT_FDCWD = -100  # linux/fcntl.h: "relative to the working directory"
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # sys/stdio.h on macOS


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
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(number)
    except OSError as error:
        raise _cannot_write(path.parent, error) from None
    temporary = Path(name)
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
    target = target.absolute()
    check_replaceable(target, marker)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.new-", dir=target.parent))
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
    target = target.absolute()
    recover_folder(target)
    if target.exists() and not (target.is_dir() and ((target / marker).is_file() or not any(target.iterdir()))):
        raise OutputError(
            f"{target}, which is not a run folder", f"a new folder or one that holds {marker}", "choose another --out"
        )
    parent = target if target.exists() else next(p for p in target.parents if p.exists())
    if not os.access(parent, os.W_OK) or not os.access(target.parent if target.parent.exists() else parent, os.W_OK):
        raise OutputError(f"{parent}, which cannot be written", "a writable folder", "choose another --out")


def recover_folder(target: Path) -> None:
    """Put back a folder that an interrupted replacement had set aside.

    Parameters
    ----------
    target : pathlib.Path
        The folder that should be there.
    """
    aside = target.with_name(f".{target.name}.old")
    if aside.is_dir():
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(target)


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
