"""The uncertain inputs of a forecast as independent groups, and the answer for any combination of them.

A run draws every input once per future. Groups of inputs that are drawn jointly stay together, the groups are independent
of each other, so that any draw of one group may meet any draw of another: this is what a sensitivity analysis needs.
Within a group the draws are ordered by what they do to the gap between frontier and stock at the start of 2030,
so that one number between 0 and 1, the rank, picks a draw; the lowest rank exhausts the stock latest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast.consumption.undisclosed import Undisclosed
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.trajectory import DRAW, YEAR, make_trajectory
from forecast.production import Synthesis
from forecast.runs.passage import crossing_years
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios.levers import DEPENDENCES, LEVERS
from forecast.scenarios.levers.dependence import WITH_STOCK

if TYPE_CHECKING:
    from forecast.runs.build_document import Results

MEMBER, PATH, UNDISCLOSED, STOCK = "growth member", "growth path", "undisclosed", "raw stock"
"""Inputs beside the levers: which member holds, its path, what was not disclosed, and the raw stock."""

TITLES: Mapping[str, str] = {
    MEMBER: "which growth model holds",
    PATH: "how training sets grow within a model",
    UNDISCLOSED: "undisclosed training sets",
    STOCK: "raw stock",
    "quality": "share worth training on",
    "access": "restricted pages",
    "repetition": "useful passes",
    "contamination": "machine-written pages",
    "compute_cap": "largest practicable computation",
}
"""Inputs in a few words; a lever that is not named here has its own title."""

MEASUREMENTS: Mapping[str, str] = {
    MEMBER: "years of further training sets, until one kind of growth stands out",
    PATH: "the sizes of the next years' largest training sets",
    UNDISCLOSED: "disclosure of the training sets of closed models",
    STOCK: "a count of the pages and tokens of the indexed web",
    "quality": "what share of a crawl frontier laboratories keep after filtering",
    "access": "a census of robots.txt, of terms, and of what crawlers obey",
    "repetition": "repetition experiments at frontier size",
    "contamination": "the machine-written share of new pages, by detectors with known errors",
    "compute_cap": "power, chips and money that the largest run of 2030 can have",
}
"""What would have to be measured to learn an input."""

GAP_AT = float(HEADLINE_YEAR)
"""Instant of the gap that inputs are ordered by (decimal year, 1 January)."""

_HIGH_PATH = 0.99


@dataclass(frozen=True)
class Group:
    """Inputs that are drawn jointly.

    Parameters
    ----------
    name : str
        Names of its inputs.
    inputs : tuple of str
        `MEMBER`, `PATH`, `UNDISCLOSED`, `STOCK` or names of levers.
    effect : array, shape (row,)
        What a draw does to the log10 gap at the start of 2030, rising; relative among the draws of the group only.
    """

    name: str
    inputs: tuple[str, ...]
    effect: np.ndarray

    @property
    def size(self) -> int:
        """Number of draws."""
        return len(self.effect)

    @property
    def title(self) -> str:
        """The group in a few words."""
        return " and ".join(TITLES.get(name, LEVERS[name].title if name in LEVERS else name) for name in self.inputs)

    @property
    def measurement(self) -> str:
        """What would have to be measured to learn it."""
        return "; ".join(MEASUREMENTS.get(name, f"what is {TITLES.get(name, name)}") for name in self.inputs)

    def rows(self, ranks: np.ndarray) -> np.ndarray:
        """Return the draws at given ranks."""
        return np.minimum((np.asarray(ranks) * self.size).astype(int), self.size - 1)


@dataclass(frozen=True)
class Population:
    """All groups of a run with their draws.

    Parameters
    ----------
    results : Results
        The run.
    groups : tuple of Group
        The independent groups.
    disclosed : array, shape (member, path, year)
        Disclosed frontiers, log10.
    delta : array, shape (row,)
        Undisclosed shifts, log10.
    grown : array, shape (year,)
        Share of the shift that counts by a year.
    raw : array, shape (row, year)
        Raw stocks, log10.
    levers : mapping of str to mapping of str to array
        Draws of each lever that acts, by setting, shape (row,).
    drawn : mapping of str to array
        Rows of the run's own futures, by group, shape (draw,).
    """

    results: Results
    groups: tuple[Group, ...]
    disclosed: np.ndarray
    delta: np.ndarray
    grown: np.ndarray
    raw: np.ndarray
    levers: Mapping[str, Mapping[str, np.ndarray]]
    drawn: Mapping[str, np.ndarray]

    @property
    def years(self) -> np.ndarray:
        """Decimal years of the grid."""
        return self.results.frontier[YEAR].values

    def gap(self, rows: Mapping[str, np.ndarray], end: float = np.inf) -> np.ndarray:
        """Return the gap between frontier and effective stock."""
        frontier, stock = self.sides(rows, end)
        return frontier - stock

    def sides(self, rows: Mapping[str, np.ndarray], end: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
        """Return frontier and effective stock, each of shape (n, year), log10; as `gap`."""
        columns = self.years <= end
        years = self.years[columns]
        at = {name: rows[group.name] for group in self.groups for name in group.inputs}
        frontier = self.disclosed[:, :, columns][at[MEMBER], at[PATH]]
        if UNDISCLOSED in at:
            frontier = frontier + self.delta[at[UNDISCLOSED], None] * self.grown[columns]
        sides = {"consumption": frontier, "stock": self.raw[:, columns][at[STOCK]]}
        for name, draws in self.levers.items():
            lever = LEVERS[name]
            sides[lever.side] = lever.apply(
                sides[lever.side], {key: values[at[name]] for key, values in draws.items()}, years
            )
        return sides["consumption"], sides["stock"]

    def exhaustion_year(self, rows: Mapping[str, np.ndarray], end: float = np.inf) -> np.ndarray:
        """Return the exhaustion year."""
        frontier, stock = self.sides(rows, end)
        return crossing_years(frontier, stock, self.years[self.years <= end])


def population(results: Results, *, seed: int = DEFAULT_SEED) -> Population:
    """Return a run's inputs as independent groups."""
    years, scenario = results.frontier[YEAR].values, results.scenario
    size, members = results.disclosed.sizes[DRAW], len(results.held)
    each = size // members
    at = int(np.argmin(np.abs(years - GAP_AT)))
    disclosed = results.disclosed.values.reshape(members, each, -1)
    raw = results.raw.values
    acting = {
        name: dict(scenario.draw_lever(name, seed=seed, size=size))
        for name in scenario.levers
        if results.resource.name in LEVERS[name].applies_to
    }
    # A cap shows on high paths alone.
    reference = {
        "consumption": np.quantile(disclosed, _HIGH_PATH, axis=(0, 1))[None],
        "stock": np.median(raw, axis=0)[None],
    }
    effects = {name: _effect(name, draws, reference[LEVERS[name].side], years, at) for name, draws in acting.items()}

    groups: list[Group] = []
    drawn: dict[str, np.ndarray] = {}
    order: dict[str, np.ndarray] = {}

    def add(inputs: tuple[str, ...], effect: np.ndarray, own: np.ndarray | None = None) -> np.ndarray:
        by_effect = np.argsort(effect, kind="stable")
        place = np.empty(len(effect), dtype=int)
        place[by_effect] = np.arange(len(effect))
        group = Group(" + ".join(inputs), inputs, effect[by_effect])
        groups.append(group)
        drawn[group.name] = place if own is None else place[own]
        order.update(dict.fromkeys(inputs, by_effect))
        return by_effect

    by_member = add((MEMBER,), np.median(disclosed[:, :, at], axis=1), np.repeat(np.arange(members), each))
    # One rank for all members: each member's own paths in their own order.
    by_path = np.argsort(disclosed[:, :, at], axis=1, kind="stable")
    ordered = np.take_along_axis(disclosed, by_path[:, :, None], axis=1)
    place = np.argsort(by_path, axis=1)
    groups.append(Group(PATH, (PATH,), ordered[:, :, at].mean(axis=0)))
    drawn[PATH] = place.reshape(-1)
    delta = results.delta
    if np.ptp(delta) > 0:
        delta = delta[add((UNDISCLOSED,), delta)]
    effects[STOCK] = -raw[:, at]
    # A synthesis estimates the usable share jointly with the stock.
    together = ((STOCK, WITH_STOCK[0]),) if isinstance(scenario.stock(), Synthesis) else ()
    for inputs in joint({STOCK: raw, **acting}, together):
        moving = [name for name in inputs if np.ptp(effects[name]) > 0 or len(inputs) == 1]
        add(inputs, sum((effects[name] for name in moving), start=np.zeros(size)))
    raw = raw[order[STOCK]]
    levers = {name: {key: values[order[name]] for key, values in draws.items()} for name, draws in acting.items()}
    ones = make_trajectory(
        np.zeros((1, len(years))), years, resource_name=results.resource.name, role="consumption", source="grown"
    )
    grown = Undisclosed().add(ones, np.ones(1)).values[0]
    return Population(results, tuple(groups), ordered[by_member], delta, grown, raw, levers, drawn)


def joint(names: Mapping[str, object], together: Sequence[tuple[str, str]] = ()) -> list[tuple[str, ...]]:
    """Return inputs in groups that are drawn jointly: by the dependences of levers, and other pairs.

    Examples
    --------
    >>> joint(dict.fromkeys(["access", "quality", "repetition"]))
    [('access', 'quality'), ('repetition',)]
    """
    group = {name: {name} for name in names}
    pairs = [(lever, dependence.on[0]) for (lever, _), dependence in DEPENDENCES.items()]
    for lever, other in (*pairs, *together):
        if lever in group and other in group and group[lever] is not group[other]:
            merged = group[lever] | group[other]
            for name in merged:
                group[name] = merged
    found = []
    for name in names:
        inputs = tuple(other for other in names if other in group[name])
        if inputs not in found:
            found.append(inputs)
    return found


def _effect(
    name: str, draws: Mapping[str, np.ndarray], reference: np.ndarray, years: np.ndarray, at: int
) -> np.ndarray:
    """Return what each draw of a lever does to the gap on a reference path."""
    size = len(next(iter(draws.values())))
    path = np.repeat(reference, size, axis=0)
    change = (LEVERS[name].apply(path, draws, years) - path)[:, at]
    return change if LEVERS[name].side == "consumption" else -change
