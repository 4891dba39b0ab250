"""How long the particle engine takes, in processor seconds and by the clock; run by hand, never by pytest.

The promises, on two processors: the default backtest under a minute, a thousand fits of the calibration under five,
the tables over priors under a minute. Each is a process of its own, from its start to its end, with an empty cache and
nothing compiled. By the clock a busy machine breaks them; the processor's seconds, halved, tell what two free
processors would need.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

BACKTEST, THOUSAND_FITS, OVER_PRIORS = 60.0, 300.0, 60.0
"""Promised times (seconds)."""


def measured(name: str, jobs: int, fits: int) -> tuple[str, float, float]:
    """Run one of the promises in a new process.

    Parameters
    ----------
    name : str
        Which.
    jobs, fits : int
        Processes; fits of the calibration.

    Returns
    -------
    tuple
        What it found, seconds by the clock, processor seconds; all its processes included.
    """

    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    line = [sys.executable, __file__, name, "--here", "--jobs", str(jobs), "--fits", str(fits)]
    with tempfile.TemporaryDirectory() as empty:
        flags = f"{os.environ.get('PYTENSOR_FLAGS', '')},base_compiledir={empty}/compiled".lstrip(",")
        places = {"FORECAST_CACHE": f"{empty}/cache", "PYTENSOR_FLAGS": flags}
        before, begin = spent(), time.perf_counter()
        done = subprocess.run(line, env={**os.environ, **places}, stdout=subprocess.PIPE, text=True)
        clock, processor = time.perf_counter() - begin, spent() - before
    if done.returncode:
        sys.exit(f"{name} ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1]), clock, processor


def backtest(jobs: int) -> str:
    """Run the default backtest."""
    from forecast.evaluate.backtest.run import from_shipped

    found = from_shipped(engine="particles", jobs=jobs)
    ours = found["summary"]["combination"]
    return f"combination: CRPS {ours['crps']:.3f}; out or silent: {len(found['out'])}"


def calibration(jobs: int, fits: int) -> str:
    """Fit and score worlds of the members' own families."""
    from forecast.consumption.members import member
    from forecast.evaluate.calibration import recovery
    from forecast.evaluate.calibration.run import effective_draws
    from forecast.evaluate.calibration.worlds import own_world
    from forecast.fits.executor import run_tasks

    template, names = recovery.shipped_data(), recovery.DEFAULT_MEMBERS
    tasks = [
        recovery.RecoveryTask(
            own_world(member(names[at % len(names)]), template, 1000 + at),
            member(names[at % len(names)]),
            care=recovery.PARTICLES,
        )
        for at in range(fits)
    ]
    found = [item for _, item in run_tasks(recovery.score, tasks, jobs)]
    care = recovery.PARTICLES
    worth = (
        f"{care.clouds} clouds of {care.particles} particles are worth {effective_draws(found):.0f} independent draws"
    )
    return f"{fits} fits measured; {worth}"


def over_priors(jobs: int) -> str:
    """Make the tables over priors."""
    from forecast.evaluate.over_priors import run_over_priors
    from forecast.runs.pipeline import Options

    rows = run_over_priors(options=Options(jobs=jobs), engine="particles")
    return f"{len(rows)} lines; verdicts of single members {sorted({r['alone']['verdict'] for r in rows})}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the times; 1 when the processor's seconds, shared by two, break a promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["backtest", "calibration", "over_priors"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fits", type=int, default=40, help="fits of the calibration that are measured")
    parser.add_argument("--here", action="store_true", help="in this process, not measured")
    asked = parser.parse_args(arguments)
    work = {
        "backtest": (BACKTEST, lambda: backtest(asked.jobs)),
        "calibration": (THOUSAND_FITS, lambda: calibration(asked.jobs, asked.fits)),
        "over_priors": (OVER_PRIORS, lambda: over_priors(asked.jobs)),
    }
    broken = False
    for name in asked.what:
        promise, run = work[name]
        if asked.here:
            print(json.dumps(run()))
            continue
        words, clock, processor = measured(name, asked.jobs, asked.fits)
        if name == "calibration":  # the processes' start comes once, however many fits there are
            few = asked.fits // 4
            _, clock_of_few, processor_of_few = measured(name, asked.jobs, few)
            times = (1000 - asked.fits) / (asked.fits - few)
            clock, processor = (
                clock + times * (clock - clock_of_few),
                processor + times * (processor - processor_of_few),
            )
        broken |= processor / 2 > promise
        print(
            f"{name}: {clock:.0f} s by the clock, {processor:.0f} of the processor; promise {promise:.0f}; {words}",
            flush=True,
        )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
