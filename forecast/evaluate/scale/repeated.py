"""Memory of a process that makes many runs, one after the other: `python -m forecast.evaluate.scale.repeated RUNS`."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from forecast.errors import ModelError

RUNS = 200
"""Runs in one process (count)."""

WARM_UP = 10
"""Runs before memory is compared (count): libraries and tables are loaded by then."""

EVERY = 10
"""Runs from one reading of the memory to the next (count)."""

DRAWS = 100
"""Draws of each run (count): the fewest that a run takes."""

GROWTH = 30.0
"""Promised growth of memory from the warm-up to the last run (MB): 200 forecasts of 100 draws, if none were let go, would
take 100 (judgement)."""

_STATM = Path("/proc/self/statm")


def resident() -> float:
    """Return the memory of this process now (MB).

    Raises
    ------
    ModelError
        Where the system does not tell: only Linux does.
    """
    if not _STATM.is_file():
        raise ModelError(f"the system {sys.platform}", "Linux, which tells how much memory a process has", "skip this")
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def memory_of_runs(runs: int) -> list[tuple[int, float]]:
    """Return the memory (MB) of a new process after so many runs of the baseline, its fits kept."""
    line = [sys.executable, "-m", __name__, str(runs)]
    told = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    return [(int(count), float(found)) for count, found in json.loads(told)]


def growth(found: Sequence[tuple[int, float]]) -> float:
    """Return the growth of memory after the warm-up (MB).

    Examples
    --------
    >>> growth([(5, 200.0), (10, 250.0), (20, 251.0)])
    1.0
    """
    warm = [memory for count, memory in found if count >= WARM_UP]
    return warm[-1] - warm[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the runs and print the memory as JSON."""
    from forecast.runs.pipeline import run

    (runs,) = sys.argv[1:] if arguments is None else arguments
    found = []
    for count in range(1, int(runs) + 1):
        run("baseline", draws=DRAWS, jobs=1)
        if count % EVERY == 0:
            gc.collect()  # what refers to itself waits for the collector, which comes when it likes
            found.append((count, round(resident(), 1)))
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
