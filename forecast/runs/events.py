"""What "used up" may mean: the definitions of exhaustion, all from the same draws in one pass.

The main definition compares the frontier, in tokens seen, with the effective stock. People who speak of exhaustion
often mean another event. Each of those is a pair of paths and a threshold here, computed future by future from the
very draws of the main one, so that differences between definitions are differences of meaning and not of chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.registry import Registry
from forecast.core.resources import Resource
from forecast.core.seeds import generator
from forecast.runs.passage import FirstPassage, Layer, Pair, passages

if TYPE_CHECKING:
    import xarray as xr

MAIN = "main"
"""Name of the main definition among the passages; it is at the top of the document, not in its list."""

NOTHING = -30.0
"""log10 of no use at all in a year: far below one unit, and finite so that paths can be interpolated."""

UNION_OVER_LARGEST = LogNormal.from_interval(1.3, 4.0, 0.90, lower=1.0)
"""Unique data in the union of all training sets over that of the largest single run (ratio)."""

UNION_SOURCE = (
    "judgement: 1.3 to 4 at 90 %. Among released corpora (table text_corpora) the largest holds 30 trillion filtered "
    "tokens; with the PDF, code and open-licence corpora beside it 39 trillion, 1.3 times as many, if all web corpora "
    "are the same text, and with the other large web corpora 111 trillion, 3.7 times, if they share none. They are cut "
    "from the same crawls, so the truth lies between; what laboratories hold for themselves comes on top"
)
"""Why; the released corpora bound what overlap can do, nothing published measures it for training sets."""


@dataclass(frozen=True)
class Definition:
    """An event that may be meant by exhaustion.

    Parameters
    ----------
    title : str
        A few words for tables and figures.
    sentence : str
        The event in one sentence; ``{unit}`` and ``{title}`` stand for the resource's.
    """

    title: str
    sentence: str

    def describe(self, resource: Resource) -> str:
        """Return the sentence for a resource."""
        return self.sentence.format(unit=resource.unit, title=resource.title)


DEFINITIONS = Registry[Definition](
    "definition of exhaustion",
    {
        "record": Definition(
            "published record reaches the stock",
            "The first time at which the largest training set published so far, in {unit} of human-made data seen, reaches "
            "the effective stock of {title}; what was run and never published does not count.",
        ),
        "single_pass": Definition(
            "single pass: unique data on both sides",
            "The first time at which the unique {unit} in the frontier's training set reach the stock of {title} worth "
            "training on, with every text counted once on both sides.",
        ),
        "share_10": Definition(
            "a tenth of the stock",
            "The first time at which the frontier reaches 10 % of the effective stock of {title}.",
        ),
        "share_50": Definition(
            "half of the stock",
            "The first time at which the frontier reaches 50 % of the effective stock of {title}.",
        ),
        "used_once": Definition(
            "everything used once by somebody",
            "The first time at which the union of all training sets, in unique {unit}, reaches the stock of {title} worth "
            "training on: everything has then been used once by somebody.",
        ),
        "flow": Definition(
            "yearly use exceeds yearly production",
            "The first time at which the unique {unit} that the frontier has added within a year exceed the usable {title} "
            "that people have produced within that year.",
        ),
    },
)
"""The definitions beside the main one, in the order of the document."""


@dataclass(frozen=True)
class Passes:
    """Passes over the same data that frontier runs make: what is stated of the largest rows, a prior for the rest.

    Parameters
    ----------
    stated : tuple of float
        Counted passes of the largest corpora of the last years that state them.
    unstated : int
        How many of those corpora do not.
    prior : LogNormal
        What stands in for one that is not stated.
    source : str
        Where this comes from.
    """

    stated: tuple[float, ...]
    unstated: int
    prior: LogNormal
    source: str

    def draw(self, *, seed: int, size: int) -> np.ndarray:
        """Draw passes: each future has a corpus of the last years for its model, and that one's passes.

        Examples
        --------
        >>> Passes((1.0,), 0, LogNormal(1.1, 0.0, 0.0), "example").draw(seed=1, size=2)
        array([1., 1.])
        """
        rng = generator(seed, "definitions", "passes")
        place = rng.integers(max(1, len(self.stated) + self.unstated), size=size)
        drawn = self.prior.sample(rng, size)
        known = np.append(np.asarray(self.stated, dtype=float), np.nan)[np.minimum(place, len(self.stated))]
        return np.maximum(np.where(np.isnan(known), drawn, known), 1.0)


@dataclass(frozen=True)
class Sides:
    """Everything that the definitions compare, from the same draws.

    Parameters
    ----------
    years : array, shape (year,)
        Decimal years of the grid, evenly spaced.
    frontier, record : array, shape (draw, year)
        log10 of the largest training set, practicable and published, in units seen.
    effective, once : array, shape (draw, year)
        log10 of the effective stock, with passes over the same data counted, and with every text counted once.
    produced : array, shape (draw, year)
        log10 of the usable new data of the year that ends then.
    passes : array, shape (draw,)
        Passes that the frontier run makes.
    union : array, shape (draw,)
        Unique data in all training sets over that of the largest.
    """

    years: np.ndarray
    frontier: np.ndarray
    record: np.ndarray
    effective: np.ndarray
    once: np.ndarray
    produced: np.ndarray
    passes: np.ndarray
    union: np.ndarray

    def pairs(self) -> list[Pair]:
        """Return what is compared, with the names of the definitions as those of the thresholds."""
        # Year after year in memory: so the passes go through it.
        frontier, record, effective, once, produced = (
            np.asfortranarray(path) for path in (self.frontier, self.record, self.effective, self.once, self.produced)
        )
        log10_passes = np.log10(self.passes)
        added = yearly_difference(frontier, self.years) - log10_passes[:, None]
        return [
            Pair(frontier, effective, {MAIN: 0.0, "share_10": np.log10(0.1), "share_50": np.log10(0.5)}),
            Pair(record, effective, {"record": 0.0}),
            Pair(frontier, once, {"single_pass": log10_passes, "used_once": log10_passes - np.log10(self.union)}),
            Pair(added, produced, {"flow": 0.0}, pace=frontier),
        ]

    def passages(self) -> dict[str, FirstPassage]:
        """Return the first passage of every definition."""
        found = passages(self.pairs(), self.years)
        return {name: found[name] for name in (MAIN, *DEFINITIONS)}


def yearly_difference(path: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return log10 of what was added to a quantity within the year that ends at each point of an even grid.

    Examples
    --------
    >>> yearly_difference(np.log10([[1.0, 2.0, 5.0]]), np.array([2024.0, 2024.5, 2025.0])).round(3).tolist()
    [[-30.0, -30.0, 0.602]]
    """
    steps = round(1.0 / (years[1] - years[0]))
    added = np.full_like(path, NOTHING)
    late, early = path[:, steps:], path[:, :-steps]
    with np.errstate(divide="ignore", invalid="ignore"):
        # From the ratio of the two, as their difference in plain numbers would overflow for the steepest paths.
        change = late + np.log10(-np.expm1((early - late) * np.log(10.0)))
    np.maximum(change, NOTHING, out=added[:, steps:], where=late > early)
    return added


def produced_in_a_year(stock: Any, raw: xr.DataArray, layers: Sequence[Layer]) -> np.ndarray:
    """Return log10 of the usable data that people produce in a year."""
    years = raw["year"].values

    def grown(path: np.ndarray) -> np.ndarray:
        added = yearly_difference(path, years)
        steps = round(1.0 / (years[1] - years[0]))
        added[:, :steps] = added[:, steps : steps + 1]
        return added

    # A flow is stated for the middle of its year; here a year is named by its end.
    known = hasattr(stock, "project_flow")
    flow = np.asarray(stock.project_flow(years - 0.5).values) if known else grown(raw.values)
    for layer in layers:
        if layer.counts_as:  # passes and additions are nothing that people have newly written
            continue
        if layer.effect == "multiplies":
            flow = flow + layer.log10_factor
        else:
            flow = flow + grown(layer.log10_level) - grown(layer.log10_level - layer.log10_factor)
    return np.maximum(flow, 0.0)


def draw_union(*, seed: int, size: int) -> np.ndarray:
    """Draw the unique data in all training sets over that of the largest."""
    return UNION_OVER_LARGEST.sample(generator(seed, "definitions", "union"), size)
