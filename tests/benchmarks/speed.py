"""How long the commands take and how much memory, each in a process of its own; run by ``make benchmarks``, never by pytest.

The promises are for two idle processors and byte-compiled files. Beside them stand what a user would otherwise run: the
procedure of Villalobos et al. (2024) as rebuilt here, and PyMC's own sampler on one growth model.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast.ingest.catalog import data_directory

COLD, WARM = 600.0, 300.0
"""Promised memory (MB): of a run that samples, of one that does not."""

PYMC = """\
import pymc as pm
from forecast.consumption.members import member
from forecast.evaluate.baseline import prepare
from forecast.runs.pipeline import Options
who, data = member("damped"), prepare(Options()).data
with who.model(data):
    pm.sample(draws=1500, tune=1000, chains=4, random_seed=1, progressbar=False)
"""
"""One of the four growth models by PyMC's own sampler, at the length that a run has."""


@dataclass(frozen=True)
class Measured:
    """What a command took.

    Parameters
    ----------
    name : str
        The command.
    promise : float or None
        Promised seconds.
    times : sequence of float
        Seconds by the clock.
    memory : float
        Most memory of the process itself (MB).
    most : float
        Promised memory (MB).
    """

    name: str
    promise: float | None
    times: Sequence[float]
    memory: float
    most: float = WARM

    @property
    def kept(self) -> bool:
        """Whether it took no more than promised; what has no promise breaks none."""
        return self.promise is None or (statistics.median(self.times) <= self.promise and self.memory <= self.most)


def once(line: Sequence[object], cache: Path) -> tuple[float, float]:
    """Run a command in a process; return seconds from start to end, and megabytes."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *map(str, line)],
        env={**os.environ, "FORECAST_CACHE": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(map(str, line))} ended with {process.returncode}: {said}")
    return took, used.ru_maxrss / 1024


def own_table(folder: Path) -> Path:
    """Write a table of a user's own: the shipped one without its oldest row, so that no fit of it is kept or shipped."""
    target = folder / "own.csv"
    with (data_directory() / "epoch_models.csv").open(encoding="utf-8", newline="") as source:
        header, *rows = csv.reader(source)
    oldest = min(rows, key=lambda row: row[header.index("publication_date")] or "9")
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(row for row in rows if row is not oldest)])
    return target


def measure(firsts: int, others: int, *, beside: bool) -> list[Measured]:
    """Return what every command takes.

    Parameters
    ----------
    firsts : int
        How often each run in an empty cache is made.
    others : int
        How often everything else is run.
    beside : bool
        Whether what a user would otherwise run is measured too.

    Returns
    -------
    list of Measured
        One for each command.
    """
    found = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cli, warm, own = ("-m", "forecast.cli.main"), folder / "warm", own_table(folder)

        def add(name: str, promise: float | None, line: Sequence[object], times: int, *, most: float = WARM) -> None:
            taken = [once(line, warm) for _ in range(times)]
            found.append(Measured(name, promise, [t for t, _ in taken], max(m for _, m in taken), most))

        def add_cold(name: str, promise: float, line: Sequence[object]) -> None:
            taken = [once(line, folder / f"cold-{len(found)}-{number}") for number in range(firsts)]
            found.append(Measured(name, promise, [t for t, _ in taken], max(m for _, m in taken), COLD))

        run = (*cli, "run", "--quiet", "--out", folder / "out")
        report = (*cli, "report", "--quiet", "--out", folder / "report")
        other = (*cli, "run", "closed_web", "--quiet", "--out", folder / "other")
        add("import forecast", 0.1, ("-c", "import forecast"), others)
        add("forecast --help", 0.5, (*cli, "--help"), others)
        add_cold("run, empty cache (shipped fits)", 5.0, run)
        add_cold("report, empty cache (shipped fits)", 38.0, report)
        add_cold("run on a user's own table, empty cache", 45.0, (*run, "--models", own))
        once(report, warm)
        once(other, warm)
        add("run, again", 1.5, run, others)
        add("report, again", 3.0, report, others)
        add("report of another scenario, fits kept", None, (*cli, "report", "closed_web", "--out", folder / "r2"), 1)
        add("compare two runs", 3.0, (*cli, "compare", folder / "out", folder / "other"), others)
        add("scenario diff", 3.0, (*cli, "scenario", "diff", "baseline", "closed_web"), others)
        add("scenario list, all with their answers", 10.0, (*cli, "scenario", "list"), others)
        add("sensitivity, stored", 3.0, (*cli, "sensitivity"), others)
        if beside:
            add("beside: Epoch's procedure of 2024", None, (*cli, "replicate", "epoch2024"), 1)
            add("beside: pm.sample of one growth model", None, ("-c", PYMC), 1, most=COLD)
    return found


def main() -> int:
    """Print the table; 1 when a median breaks its promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firsts", type=int, default=1, help="runs in an empty cache, of each kind")
    parser.add_argument("--others", type=int, default=5, help="runs of everything else")
    parser.add_argument("--alone", action="store_true", help="without what a user would otherwise run")
    asked = parser.parse_args()
    rows = measure(max(1, asked.firsts), max(1, asked.others), beside=not asked.alone)
    print(f"{'command':42}{'runs':>6}{'min':>9}{'median':>9}{'max':>9}{'promise':>9}{'MB':>7}   (seconds)")
    for row in rows:
        numbers = "".join(f"{value:9.2f}" for value in (min(row.times), statistics.median(row.times), max(row.times)))
        limit = f"{row.promise:9.1f}" if row.promise is not None else f"{'-':>9}"
        print(f"{row.name:42}{len(row.times):6}{numbers}{limit}{row.memory:7.0f}{'' if row.kept else '   broken'}")
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
