"""Cheap tasks that workers import: pure ones, one that keeps a fit, and some that misbehave once or always."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import sys
import time
from pathlib import Path

from forecast.core.seeds import generator
from forecast.errors import ModelError
from forecast.fits import kept as cache


def draw(number: int) -> list[float]:
    """Numbers that depend on the argument alone."""
    return generator(7, "executor", str(number)).standard_normal(5).tolist()


def seen(number: int) -> tuple[int, int, list[str]]:
    """The process, and what its main module has."""
    return number, os.getpid(), sorted(name for name in vars(sys.modules["__main__"]) if not name.startswith("__"))


def chatter(number: int) -> int:
    """Prints, and reads whatever there is to read."""
    print("a task that prints")
    os.write(1, b"a library that prints\n")
    assert sys.stdin.read() == ""
    return number


def leave(number: int) -> None:
    """Ends its own process without a word."""
    os._exit(3)


def slow_draw(argument: tuple[int, str]) -> list[float]:
    """The same, slowly enough to be killed at; says in a folder who works on what."""
    number, folder = argument
    (Path(folder) / f"{number}-{os.getpid()}").touch()
    time.sleep(0.3)
    return draw(number)


def wait(folder: str) -> None:
    """Says in a folder that it has begun, and takes longer than any test waits."""
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(300)


def wait_untied(folder: str) -> None:
    """The same in a process that the system does not end with its parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, 0)  # PR_SET_PDEATHSIG: no signal
    wait(folder)


def die_once(argument: tuple[int, str]) -> list[float]:
    """Kills its own process the first time."""
    number, folder = argument
    mark = Path(folder) / f"died-{number}"
    if number % 3 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return draw(number)


def die_always(number: int) -> None:
    """Kills whoever takes it."""
    os.kill(os.getpid(), signal.SIGKILL)


def complain(number: int) -> int:
    """Raises an error of ours for one argument."""
    if number == 3:
        raise ModelError("a fit number 3", "another one", "leave it out")
    return number


def blunder(number: int) -> float:
    """Raises an error that nobody meant."""
    return 1 / number


def key_of(number: int) -> str:
    """Name of a kept result."""
    return hashlib.sha256(str(number).encode()).hexdigest()[:40]


def keep(argument: tuple[int, str]) -> int:
    """Keeps a small fit in the cache where it runs; says in a folder that it did the work."""
    import xarray as xr

    number, folder = argument
    if cache.load(key_of(number)) is None:
        (Path(folder) / f"made-{number}-{time.monotonic_ns()}").touch()
        tree = xr.DataTree.from_dict({"/posterior": xr.Dataset({"x": ("draw", draw(number))})})
        cache.store(key_of(number), tree, {"number": number})
    return number


def title_of(name: str) -> tuple[int, str]:
    """The process, and the title of a growth member that it knows by name."""
    from forecast.consumption.members import MEMBERS

    return os.getpid(), MEMBERS[name].title
