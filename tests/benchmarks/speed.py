"""How long the commands take, each in a process of its own; run by ``make benchmarks``, never by pytest.

The promises, on two processors and byte-compiled: ``forecast --help`` under half a second, the first ``forecast run``
in an empty cache under a minute, the second under three seconds.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HELP, FIRST, SECOND = 0.5, 60.0, 3.0
"""Promised times (seconds)."""


def seconds(arguments: Sequence[object], cache: Path) -> float:
    """Return how long one command takes.

    Parameters
    ----------
    arguments : sequence
        What follows ``forecast``.
    cache : pathlib.Path
        The cache of fits that it uses.

    Returns
    -------
    float
        Wall time from start to end of the process.
    """
    line = [sys.executable, "-m", "forecast.cli.main", *map(str, arguments)]
    begin = time.perf_counter()
    done = subprocess.run(line, env={**os.environ, "FORECAST_CACHE": str(cache)}, capture_output=True, text=True)
    took = time.perf_counter() - begin
    if done.returncode not in (0, 1):
        sys.exit(f"forecast {' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr}")
    return took


def measure(firsts: int, others: int) -> list[tuple[str, float, list[float]]]:
    """Return the times of every command.

    Parameters
    ----------
    firsts : int
        How often a first run in an empty cache is made.
    others : int
        How often everything else is run.

    Returns
    -------
    list of tuple
        Command, promised seconds, measured seconds.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run = ("run", "--quiet", "--out", folder / "out")
        report = ("report", "--quiet", "--out", folder / "out")
        helped = [seconds(["--help"], folder) for _ in range(others)]
        first = [seconds(run, folder / f"cache-{number}") for number in range(firsts)]
        second = [seconds(run, folder / "cache-0") for _ in range(others)]
        reported = [seconds(report, folder / "cache-0") for _ in range(others)]
    return [
        ("forecast --help", HELP, helped),
        ("forecast run, empty cache", FIRST, first),
        ("forecast run, again", SECOND, second),
        ("forecast report, again", float("nan"), reported),
    ]


def main() -> int:
    """Print the table; 1 when a median breaks its promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firsts", type=int, default=2, help="first runs, each in an empty cache")
    parser.add_argument("--others", type=int, default=5, help="runs of everything else")
    asked = parser.parse_args()
    rows = measure(max(1, asked.firsts), max(1, asked.others))
    print(f"{'command':28}{'runs':>6}{'min':>9}{'median':>9}{'max':>9}{'promise':>9}   (seconds)")
    kept = True
    for name, promise, times in rows:
        middle = statistics.median(times)
        broken = middle > promise
        kept &= not broken
        numbers = "".join(f"{value:9.2f}" for value in (min(times), middle, max(times)))
        limit = f"{promise:9.1f}" if not math.isnan(promise) else f"{'-':>9}"
        print(f"{name:28}{len(times):6}{numbers}{limit}{'   too slow' if broken else ''}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
