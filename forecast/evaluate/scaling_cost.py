"""Spreading: how long the fits of a calibration take with one worker and with two, processes and a Dask cluster.

Every measurement starts from nothing: a fresh process and an empty cache; what a worker needs to start counts.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from forecast.consumption.members import DEFAULT_MEMBERS, member
from forecast.evaluate.calibration.recovery import PARTICLES, RecoveryTask, score, shipped_data
from forecast.evaluate.calibration.worlds import own_world
from forecast.fits.executor import available_cores, run_tasks

NAME = "spreading"
"""Under which the result is stored."""

FITS = 600
"""Fits of a measurement."""

EFFICIENCY = 0.8
"""Promised share of the second worker's time that is put to use (fraction)."""

PROCESSES, CLUSTER = "two processes", "two workers of a Dask cluster"

_FIRST_WORLD = 100_000


def work(fits: int) -> list[RecoveryTask]:
    """Return independent fits of a calibration, each to a world of its own that no other evaluation uses."""
    template, members = shipped_data(), [member(name) for name in DEFAULT_MEMBERS]
    return [
        RecoveryTask(own_world(who, template, _FIRST_WORLD + number), who, care=PARTICLES)
        for number, who in zip(range(fits), itertools.cycle(members), strict=False)
    ]


def seconds(fits: int, workers: int, *, cluster: bool = False) -> float:
    """Return how long fits take from the start of a process to its end."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = f"base_compiledir={Path(folder) / 'compiled'}"
        own = {"FORECAST_CACHE": str(Path(folder) / "cache"), "PYTENSOR_FLAGS": compiled}
        line = [sys.executable, "-m", __name__, str(fits), str(workers), *(["--cluster"] * cluster)]
        begin = time.perf_counter()
        subprocess.run(line, check=True, env={**os.environ, **own}, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begin


def measure(fits: int = FITS, progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Measure one worker, two processes and two workers of a cluster."""
    found = {"one process": seconds(fits, 1)}
    for name, cluster in ((PROCESSES, False), (CLUSTER, True)):
        progress(f"{fits} fits took {found['one process']:.0f} s with one process; now {name}")
        found[name] = seconds(fits, 2, cluster=cluster)
    one = found["one process"]
    return {
        "engine": "particles",
        "fits": fits,
        "processors": available_cores(),
        "seconds": {name: round(took, 1) for name, took in found.items()},
        "efficiency": {name: round(one / (2 * found[name]), 3) for name in (PROCESSES, CLUSTER)},
    }


def sentence(content: dict[str, Any], fits: int = 1000) -> str:
    """Say what a calibration's fits cost, and what a second worker brings.

    Examples
    --------
    >>> took = {"one process": 120.0, "two processes": 66.0, "two workers of a Dask cluster": 70.0}
    >>> sentence({"engine": "particles", "fits": 40, "seconds": took, "efficiency": {"two processes": 0.9}, "processors": 2})
    '1,000 fits of a calibration, by particles, take 50.0 minutes with one process and 27.5 with two processes (efficiency
     0.90; measured on 40 fits and 2 processors, starting included).'
    """
    one, two = (content["seconds"][name] * fits / content["fits"] / 60 for name in ("one process", PROCESSES))
    shares = ", ".join(f"{name}: {share:.2f}" for name, share in content["efficiency"].items() if name != PROCESSES)
    more = f"; with {shares}" if shares else ""
    by = "by particles" if content.get("engine") == "particles" else "short ones by NUTS"
    return (
        f"{fits:,} fits of a calibration, {by}, take {one:.1f} minutes with one process and {two:.1f} with "
        f"{PROCESSES} (efficiency {content['efficiency'][PROCESSES]:.2f}{more}; measured on {content['fits']} fits and "
        f"{content['processors']} processors, starting included)."
    )


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"fits": FITS, "particles": asdict(PARTICLES)}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Measure in full; how many workers there are is part of the measurement, so both options play no part."""
    del jobs, scheduler
    return measure(progress=progress)


def main(arguments: list[str] | None = None) -> int:
    """Make fits in this process's own cache: what `seconds` starts."""
    parser = argparse.ArgumentParser(prog=f"python -m {NAME}", description=__doc__)
    parser.add_argument("fits", type=int)
    parser.add_argument("workers", type=int)
    parser.add_argument("--cluster", action="store_true")
    asked = parser.parse_args(arguments)
    if not asked.cluster:
        _make(asked.fits, asked.workers, None)
        return 0
    from distributed import LocalCluster

    with LocalCluster(n_workers=asked.workers, threads_per_worker=1, dashboard_address=None) as started:
        _make(asked.fits, asked.workers, started.scheduler_address)
    return 0


def _make(fits: int, workers: int, scheduler: str | None) -> None:
    for _ in run_tasks(score, work(fits), workers, scheduler=scheduler):
        pass


if __name__ == "__main__":
    sys.exit(main())
