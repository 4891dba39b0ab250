"""How long the particle engine takes, in processor seconds and by the clock; run by hand, never by pytest.

The promises, on two processors: the default backtest under a minute, a thousand fits of the calibration under five,
the tables over priors under a minute. By the clock a busy machine breaks them; the processor's seconds, halved, tell
what two free processors would need.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

BACKTEST, THOUSAND_FITS, OVER_PRIORS = 60.0, 300.0, 60.0
"""Promised times (seconds)."""


def measured(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what work gives, the seconds by the clock and those of the processor, children included.

    Parameters
    ----------
    work : callable
        Without arguments.

    Returns
    -------
    tuple
        Result, seconds by the clock, processor seconds.
    """
    before, begin = os.times(), time.perf_counter()
    found = work()
    after = os.times()
    spent = sum(after[at] - before[at] for at in range(4))
    return found, time.perf_counter() - begin, spent


def backtest(jobs: int) -> tuple[float, float, str]:
    """Run the default backtest."""
    from forecast.evaluate.backtest.run import from_shipped

    found, clock, processor = measured(lambda: from_shipped(engine="particles", jobs=jobs))
    ours = found["summary"]["combination"]
    return clock, processor, f"combination: CRPS {ours['crps']:.3f}; out or silent: {len(found['out'])}"


def calibration(jobs: int, fits: int) -> tuple[float, float, str]:
    """Fit and score worlds of the members' own families; the seconds are those of a thousand."""
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
    found, clock, processor = measured(lambda: [item for _, item in run_tasks(recovery.score, tasks, jobs)])
    care = recovery.PARTICLES
    worth = (
        f"{care.clouds} clouds of {care.particles} particles are worth {effective_draws(found):.0f} independent draws"
    )
    return clock * 1000 / fits, processor * 1000 / fits, f"{fits} fits measured; {worth}"


def over_priors(jobs: int) -> tuple[float, float, str]:
    """Make the tables over priors."""
    from forecast.evaluate.over_priors import run_over_priors
    from forecast.runs.pipeline import Options

    rows, clock, processor = measured(lambda: run_over_priors(options=Options(jobs=jobs), engine="particles"))
    return (
        clock,
        processor,
        f"{len(rows)} lines; verdicts of single members {sorted({r['alone']['verdict'] for r in rows})}",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the times; 1 when the processor's seconds, shared by two, break a promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["backtest", "calibration", "over_priors"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fits", type=int, default=40, help="fits of the calibration that are measured")
    asked = parser.parse_args(arguments)
    work = {
        "backtest": (BACKTEST, lambda: backtest(asked.jobs)),
        "calibration": (THOUSAND_FITS, lambda: calibration(asked.jobs, asked.fits)),
        "over_priors": (OVER_PRIORS, lambda: over_priors(asked.jobs)),
    }
    broken = False
    with tempfile.TemporaryDirectory() as cache:
        os.environ["FORECAST_CACHE"] = cache
        for name in asked.what:
            promise, run = work[name]
            clock, processor, words = run()
            broken |= processor / 2 > promise
            print(
                f"{name}: {clock:.0f} s by the clock, {processor:.0f} of the processor; promise {promise:.0f}; {words}",
                flush=True,
            )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
