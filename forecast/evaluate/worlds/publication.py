"""Ways in which the runs of a made world are published: what is shown of them, and which faults that has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from forecast.consumption.frontier_data import FIRST_KNOT


@dataclass(frozen=True)
class Runs:
    """Runs of a world by date.

    Parameters
    ----------
    year : array, shape (run,)
        Decimal year.
    true, size, sd : array, shape (run,)
        True and published log10 size; stated error (log10).
    """

    year: np.ndarray
    true: np.ndarray
    size: np.ndarray
    sd: np.ndarray

    def only(self, which: np.ndarray) -> Runs:
        """Return some of the runs."""
        return Runs(self.year[which], self.true[which], self.size[which], self.sd[which])


Published = tuple[Runs, dict[str, float]]
"""What is published, and the true numbers behind it."""

Frontier = Callable[[np.ndarray], np.ndarray]
"""True log10 frontier at decimal years."""

_SDS = ([0.03, 0.05, 0.08, 0.15, 0.25], [0.2, 0.3, 0.2, 0.2, 0.1])
"""Stated errors (log10) and their shares, as in the shipped corpora: from counted to estimated."""

WRONG = {"words": np.log10(0.75), "bytes": np.log10(4.5), "thousand too small": -3.0, "thousand too large": 3.0}
"""What a wrong unit does to a size (log10): words and bytes read as tokens, millions and billions mixed up."""

_WRONG_SHARES = (0.4, 0.4, 0.15, 0.05)
"""How often each occurs among the wrong rows: the grosser, the more easily seen before it enters a table."""

LEFT_OVER = 0.05
"""Share of the runs that are still disclosed after disclosure has stopped (no unit)."""


def runs(
    frontier: Frontier, end: float, rng: np.random.Generator, growth: float = 0.0, gap: tuple[float, float] = (0.0, 9e9)
) -> Runs:
    """Return runs up to a date, each a gamma-distributed distance below the frontier of its day.

    Their number grows by so much a year (log). A gap is a distance (log10) that all keep from the frontier, and the date
    from which they do.
    """
    a_year = rng.uniform(12.0, 40.0)
    months = FIRST_KNOT + np.arange(round(12 * (end - FIRST_KNOT))) / 12
    # The mean over all years is the same however the number changes.
    shape = np.exp(growth * (months - FIRST_KNOT))
    counts = rng.poisson(a_year / 12 * shape / shape.mean())
    counts[:7] += np.array([1, 0, 0, 0, 0, 0, 1])  # a member needs two half-years
    year = np.sort(np.repeat(months, counts) + rng.uniform(size=counts.sum()) / 12)
    heaviness, scale = rng.uniform(1.0, 2.5), rng.uniform(0.2, 0.5)
    true = frontier(year) - rng.gamma(heaviness, scale, size=len(year)) - np.where(year >= gap[1], gap[0], 0.0)
    sd = rng.choice(_SDS[0], p=_SDS[1], size=len(year))
    return Runs(year, true, true + sd * rng.standard_normal(len(year)), sd)


def plain(frontier: Frontier, end: float, rng: np.random.Generator) -> Published:
    """Return runs of which nothing is hidden or wrong."""
    return runs(frontier, end, rng), {}


def counts(frontier: Frontier, end: float, rng: np.random.Generator) -> Published:
    """Return runs whose number grows or shrinks, 5 to 30 times over the years."""
    factor = float(np.exp(rng.uniform(np.log(5.0), np.log(30.0))) ** rng.choice([-1.0, 1.0]))
    return runs(frontier, end, rng, np.log(factor) / (end - FIRST_KNOT)), {"factor": factor}


def undisclosed(frontier: Frontier, end: float, rng: np.random.Generator) -> Published:
    """Return runs that from some date on leave the frontier, 2.5 to 10 times larger, to runs that nobody publishes."""
    gap, since = float(np.log10(rng.uniform(2.5, 10.0))), rng.uniform(2019.0, 2024.0)
    return runs(frontier, end, rng, gap=(gap, since)), {"gap": gap, "since": since}


def units(frontier: Frontier, end: float, rng: np.random.Generator) -> Published:
    """Return runs of which two to six are published in a wrong unit."""
    found = runs(frontier, end, rng)
    rows = rng.choice(len(found.year), size=min(int(rng.integers(2, 7)), len(found.year)), replace=False)
    size = found.size.copy()
    size[rows] += rng.choice(list(WRONG.values()), p=_WRONG_SHARES, size=len(rows))
    return Runs(found.year, found.true, size, found.sd), {"wrong": float(len(rows))}


def stop(frontier: Frontier, end: float, rng: np.random.Generator) -> Published:
    """Return runs that are hardly disclosed from some date on."""
    found, since = runs(frontier, end, rng), rng.uniform(2021.5, 2025.5)
    shown = (found.year < since) | (rng.uniform(size=len(found.year)) < LEFT_OVER)
    return found.only(shown), {"since": since}


PUBLICATIONS: Mapping[str, Callable[[Frontier, float, np.random.Generator], Published]] = {
    "plain": plain,
    "counts": counts,
    "undisclosed": undisclosed,
    "units": units,
    "stop": stop,
}
"""Publication families by name; in all but the first something is as no member expects it."""
