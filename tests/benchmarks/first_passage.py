"""How long first passages take: 10,000 draws x 100 scenarios x 6 definitions; run by hand, never by pytest.

The promise, on two processors: under two seconds and under one gigabyte, the stock of every scenario worked out
included. Every scenario has its own stock and its own levers; the frontier, the record and what the frontier adds in a
year are those of all of them, as in a comparison of scenarios that differ in supply.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from forecast.runs.events import yearly_difference
from forecast.runs.passage import Pair, passages

SECONDS, GIGABYTES = 2.0, 1.0
"""Promised time, and promised peak of the process's memory."""

YEARS = np.arange(2025.0, 2101.0, 0.5)
"""The grid: 152 half-years."""


def frontiers(rng: np.random.Generator, draws: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return frontier, record and the yearly additions, log10, year after year in memory.

    Growth halves every three to fifteen years, so that many futures come to rest and never cross: the slow case.
    """
    time_ = YEARS - YEARS[0]
    rate = rng.uniform(0.05, 0.25, (draws, 1))
    growth = 0.2 * np.exp(-rate * time_)
    frontier = np.asfortranarray(13.6 + np.cumsum(rng.gamma(growth / 0.15) * 0.15, axis=1))
    return frontier, np.asfortranarray(frontier - 0.2), np.asfortranarray(yearly_difference(frontier, YEARS))


def one_scenario(sides: tuple[np.ndarray, ...], raw: np.ndarray, passes: np.ndarray, number: int) -> float:
    """Work out one scenario's stock and its six definitions; return the share that never gets there."""
    frontier, record, added = sides
    rng = np.random.default_rng(number)
    quality, repetition = rng.normal(-0.7, 0.2, (len(raw), 1)), rng.normal(0.5, 0.1, (len(raw), 1))
    once = raw + quality
    effective = once + repetition
    found = passages(
        [
            Pair(frontier, effective, {"main": 0.0, "share_10": -1.0, "share_50": np.log10(0.5)}),
            Pair(record, effective, {"record": 0.0}),
            Pair(frontier, once, {"single_pass": passes}),
            Pair(added, once - 1.2, {"flow": 0.0}, pace=frontier),
        ],
        YEARS,
    )
    return float(np.mean(np.isinf(found["main"].year)))


def peak_gigabytes() -> float:
    """Return the peak of the process's memory; NaN where the system does not tell."""
    try:
        import resource
    except ImportError:
        return float("nan")
    scale = 1e9 if sys.platform == "darwin" else 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def main() -> int:
    """Print the times; 1 when the median or the memory breaks its promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--scenarios", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    rng = np.random.default_rng(1)
    sides = frontiers(rng, asked.draws)
    level, growth = rng.normal(14.7, 0.4, (asked.draws, 1)), rng.normal(0.03, 0.01, (asked.draws, 1))
    raw = np.asfortranarray(level + growth * (YEARS - 2024.0))
    work = partial(one_scenario, sides, raw, rng.uniform(0.0, 0.3, asked.draws))
    times = []
    for _ in range(asked.runs):
        begin = time.perf_counter()
        with ThreadPoolExecutor(asked.threads) as pool:
            never = list(pool.map(work, range(asked.scenarios)))
        times.append(time.perf_counter() - begin)
    middle, memory = statistics.median(times), peak_gigabytes()
    print(f"{asked.draws} draws x {asked.scenarios} scenarios x 6 definitions, {asked.threads} threads")
    print(f"seconds: min {min(times):.2f}, median {middle:.2f}, max {max(times):.2f}; promise {SECONDS:g}")
    print(f"peak memory: {memory:.2f} GB; promise {GIGABYTES:g}")
    print(f"futures that never cross: {np.mean(never):.0%}")
    return int(middle > SECONDS or memory > GIGABYTES)


if __name__ == "__main__":
    sys.exit(main())
