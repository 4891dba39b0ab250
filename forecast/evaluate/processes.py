"""What a process costs from its start to its end: seconds by the clock, processor seconds, most memory; and on what machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.errors import ModelError
from forecast.fits.executor import available_cores


@dataclass(frozen=True)
class Cost:
    """What a process cost.

    Parameters
    ----------
    clock : float
        Seconds by the clock; on a busy machine more than it needs.
    processor : float
        Processor seconds, those of its own processes included. They hardly hang on what else runs.
    megabytes : float
        Most memory of the largest of these processes (MB).
    """

    clock: float
    processor: float
    megabytes: float


def cost_of(line: Sequence[object], env: Mapping[str, str] | None = None, ends: Sequence[int] = (0,)) -> Cost:
    """Run Python in a process of its own, and say what that cost.

    Parameters
    ----------
    line : sequence
        What follows the name of the interpreter.
    env : mapping of str to str, optional
        Variables beside those of this process.
    ends : sequence of int, default (0,)
        Exit codes that are no failure.

    Raises
    ------
    ModelError
        If the process ends otherwise.

    Examples
    --------
    >>> cost_of(["-c", "pass"]).megabytes > 1
    True
    """
    words = [sys.executable, *map(str, line)]
    with tempfile.TemporaryDirectory() as place:
        found = Path(place) / "found.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _LAUNCH, found, *words],
            env={**os.environ, **(env or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
        took, processor, most, code = json.loads(found.read_text(encoding="utf-8"))
    if code not in ends:
        raise ModelError(
            f"{' '.join(words[1:])} that ended with {code}: {done.stderr.strip().rpartition('\n')[2]}",
            f"an end with {' or '.join(map(str, ends))}",
            "run it by itself",
        )
    return Cost(took, processor, most / (2**20 if sys.platform == "darwin" else 2**10))  # bytes there, else kilobytes


_LAUNCH = """\
import json, os, sys, time
begin = time.perf_counter()
_, status, used = os.wait4(os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ), 0)
found = time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status)
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
"""
"""A small process between: on Linux a process counts the memory of the one that started it as its own."""


def machine() -> dict[str, Any]:
    """Return what a measurement of time hangs on beside the code.

    Examples
    --------
    >>> sorted(machine())
    ['processors', 'python', 'system']
    """
    return {
        "processors": available_cores(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def machine_words(found: Mapping[str, Any]) -> str:
    """Return a machine in words.

    Examples
    --------
    >>> machine_words({"processors": 2, "python": "3.13.0", "system": "Linux x86_64"})
    '2 processors, Linux x86_64, Python 3.13.0'
    """
    count = found["processors"]
    return f"{count} processor{'' if count == 1 else 's'}, {found['system']}, Python {found['python']}"


__all__ = ["Cost", "cost_of", "machine", "machine_words"]
