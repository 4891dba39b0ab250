r"""The uncertain inputs of a forecast as independent groups, and the answer for any combination of them.

A run draws every input once per future. Groups of inputs that are drawn jointly stay together, the groups are independent
of each other, so that any draw of one group may meet any draw of another: this is what a sensitivity analysis needs.
Within a group the draws are ordered by what they do to the gap between frontier and stock at the start of 2030,
so that one number between 0 and 1, the rank, picks a draw; the lowest rank exhausts the stock latest.

**A path has two parts** that the data do not leave independent: how far the frontier stands above the record when the
half-year of the data ends (the premium), and how it grows from there. They are taken in this order (Rosenblatt 1952,
doi:10.1214/aoms/1177729394): the rank of the premium is the level's among a model's paths; the rank of the growth is
among the paths of nearly the same level (`NEIGHBOURS`). The two ranks are independent, whatever the dependence of the
parts; what the premium tells of the growth counts as the premium's.

**Lineages.** The forecast draws the lineages of stock estimates in one way. Here each way counts as equally likely, which
widens the spread that is explained by what the choice is worth; the run's own futures have the scenario's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast import production
from forecast.consumption.frontier_data import BLOCK_YEARS
from forecast.consumption.undisclosed import Undisclosed
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.trajectory import DRAW, YEAR
from forecast.production import Synthesis
from forecast.production.lineages import DRAWINGS
from forecast.runs.passage import crossing_years
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios.levers import DEPENDENCES, LEVERS
from forecast.scenarios.levers.dependence import WITH_STOCK

if TYPE_CHECKING:
    from forecast.runs.results import Results

MEMBER, PREMIUM, GROWTH = "growth member", "premium over the record", "further growth"
"""Inputs of the disclosed frontier: which member holds, and the two parts of its path."""

UNDISCLOSED, STOCK, LINEAGES = "undisclosed", "raw stock", "lineages"
"""Further inputs beside the levers: what was not disclosed, the raw stock, and how its lineages are drawn."""

TITLES: Mapping[str, str] = {
    MEMBER: "which growth model holds",
    PREMIUM: "how far the largest feasible run stands above the record",
    GROWTH: "how training sets grow from here on",
    UNDISCLOSED: "undisclosed training sets",
    STOCK: "raw stock",
    LINEAGES: "which estimates of the stock count as one",
    "quality": "share worth training on",
    "access": "restricted pages",
    "repetition": "useful passes over the same text",
    "contamination": "machine-written pages",
    "compute_cap": "largest practicable computation",
}
"""Inputs in a few words; a lever that is not named here has its own title."""

MEASUREMENTS: Mapping[str, str] = {
    MEMBER: "years of further training sets, until one kind of growth stands out",
    PREMIUM: "the size of its largest run, stated by one laboratory that publishes none",
    GROWTH: "the sizes of the next years' largest training sets",
    UNDISCLOSED: "disclosure of the training sets of closed models",
    STOCK: "a count of the pages and tokens of the indexed web",
    LINEAGES: "which pages, words and corpora each published estimate was reckoned from",
    "quality": "what share of a crawl frontier laboratories keep after filtering",
    "access": "a census of robots.txt, of terms, and of what crawlers obey",
    "repetition": "repetition experiments at frontier size",
    "contamination": "the machine-written share of new pages, by detectors with known errors",
    "compute_cap": "power, chips and money that the largest run of 2030 can have",
}
"""What would have to be measured to learn an input."""

GAP_AT = float(HEADLINE_YEAR)
"""Instant of the gap that inputs are ordered by (decimal year, 1 January)."""

NEIGHBOURS = 50
"""Paths of nearly the same level among which growth is ranked (count): with 1,000 a model, twentieths of its levels."""

_HIGH_PATH = 0.99


@dataclass(frozen=True)
class Group:
    """Inputs that are drawn jointly.

    Parameters
    ----------
    name : str
        Names of its inputs.
    inputs : tuple of str
        Constants of this module, or names of levers.
    effect : array, shape (row,)
        What a draw does to the log10 gap at the start of 2030, rising; relative among the draws of the group only.
    choice : bool
        Whether its draws are a few alternatives, of which there is no half.
    words : str
        Its title, where that depends on the run.
    """

    name: str
    inputs: tuple[str, ...]
    effect: np.ndarray
    choice: bool = False
    words: str = ""

    @property
    def size(self) -> int:
        """Number of draws."""
        return len(self.effect)

    @property
    def title(self) -> str:
        """The group in a few words."""
        return self.words or " and ".join(
            TITLES.get(name, LEVERS[name].title if name in LEVERS else name) for name in self.inputs
        )

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
    paths : Paths
        Disclosed frontiers.
    delta : array, shape (row,)
        Undisclosed shifts, log10.
    grown : array, shape (year,)
        Share of the shift that counts by a year.
    raw : array, shape (drawing, row, year)
        Raw stocks, log10, by how lineages are drawn.
    levers : mapping of str to mapping of str to array
        Draws of each lever that acts, by setting, shape (drawing, row): some are drawn jointly with the stock.
    drawn : mapping of str to array
        Rows of the run's own futures, by group, shape (draw,).
    """

    results: Results
    groups: tuple[Group, ...]
    paths: Paths
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
        frontier = self.paths.take(at[MEMBER], at[PREMIUM], at[GROWTH], columns)
        if UNDISCLOSED in at:
            frontier = frontier + self.delta[at[UNDISCLOSED], None] * self.grown[columns]
        drawing = at.get(LINEAGES, np.zeros(len(frontier), dtype=int))
        sides = {"consumption": frontier, "stock": self.raw[:, :, columns][drawing, at[STOCK]]}
        for name, draws in self.levers.items():
            lever = LEVERS[name]
            sides[lever.side] = lever.apply(
                sides[lever.side], {key: values[drawing, at[name]] for key, values in draws.items()}, years
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
    names, own, raw, acting = _stocks(results, seed)
    # A cap shows on high paths alone.
    reference = {
        "consumption": np.quantile(disclosed, _HIGH_PATH, axis=(0, 1))[None],
        "stock": np.median(raw[own], axis=0)[None],
    }
    effects = {
        name: np.array(
            [
                _effect(
                    name, {key: values[d] for key, values in draws.items()}, reference[LEVERS[name].side], years, at
                )
                for d in range(len(names))
            ]
        )
        for name, draws in acting.items()
    }

    groups: list[Group] = []
    drawn: dict[str, np.ndarray] = {}
    order: dict[str, np.ndarray] = {}

    def add(inputs: tuple[str, ...], effect: np.ndarray, **more: Any) -> np.ndarray:
        """Add a group whose rows are ordered for each drawing of lineages by its own effect."""
        by_effect = np.argsort(effect, axis=1, kind="stable")
        group = Group(" + ".join(inputs), inputs, effect[own][by_effect[own]], **more)
        groups.append(group)
        drawn[group.name] = np.argsort(by_effect[own])
        order.update(dict.fromkeys(inputs, by_effect))
        return by_effect

    everywhere = (len(names), 1)
    by_member = add((MEMBER,), np.tile(np.median(disclosed[:, :, at], axis=1), everywhere), choice=True)[own]
    drawn[MEMBER] = np.repeat(drawn[MEMBER], each)
    since = float(np.ceil(results.inputs.data.as_of / BLOCK_YEARS - 1e-9)) * BLOCK_YEARS
    paths, premium, growth = split(disclosed, int(np.argmin(np.abs(years - since))), at)
    month = "January" if since % 1 == 0 else "July"
    for name, effect, rows, words in (
        (PREMIUM, paths.level.mean(axis=0), premium, ""),
        (GROWTH, paths.growth(at), growth, f"how training sets grow after {month} {since:.0f}"),
    ):
        groups.append(Group(name, (name,), effect, words=words))
        drawn[name] = rows
    delta = results.delta
    if np.ptp(delta) > 0:
        delta = delta[add((UNDISCLOSED,), np.tile(delta, everywhere))[own]]
    effects[STOCK] = -raw[:, :, at]
    # A synthesis estimates the usable share jointly with the stock.
    together = ((STOCK, WITH_STOCK[0]),) if isinstance(scenario.stock(), Synthesis) else ()
    for inputs in joint({STOCK: raw, **acting}, together):
        moving = [name for name in inputs if np.ptp(effects[name]) > 0 or len(inputs) == 1]
        effect = sum((effects[name] for name in moving), start=np.zeros((len(names), size)))
        add(inputs, effect)
        if STOCK in inputs and len(names) > 1:
            found = add((LINEAGES,), np.tile(np.median(effect, axis=1), everywhere), choice=True)[own]
            drawn[LINEAGES] = np.full(size, int(np.flatnonzero(found == own)[0]))
    by_drawing = order[LINEAGES][own] if LINEAGES in order else np.arange(1)
    raw = np.take_along_axis(raw, order[STOCK][:, :, None], axis=1)[by_drawing]
    levers = {
        name: {key: np.take_along_axis(values, order[name], axis=1)[by_drawing] for key, values in draws.items()}
        for name, draws in acting.items()
    }
    return Population(
        results, tuple(groups), paths.of(by_member), delta, Undisclosed().grown(years), raw, levers, drawn
    )


def _stocks(results: Results, seed: int) -> tuple[list[str], int, np.ndarray, dict[str, dict[str, np.ndarray]]]:
    """Return the drawings of lineages, which one is the run's own, and by drawing raw stocks and draws of levers."""
    scenario, years, size = results.scenario, results.frontier[YEAR].values, results.disclosed.sizes[DRAW]
    synthesised = scenario.raw is None and isinstance(scenario.stock(), Synthesis)
    names = list(DRAWINGS) if synthesised else [scenario.lineages]
    raw, acting = [], []
    for name in names:
        drawn = replace(scenario, lineages=name)
        same = name == scenario.lineages
        stock = None if same else production.draw_estimator(drawn.stock(), seed=seed, size=size)
        raw.append(results.raw.values if stock is None else stock.project(years).values)
        acting.append(
            {
                lever: drawn.draw_lever(lever, seed=seed, size=size)
                for lever in scenario.levers
                if results.resource.name in LEVERS[lever].applies_to
            }
        )
    stacked = {
        lever: {key: np.stack([one[lever][key] for one in acting]) for key in draws}
        for lever, draws in acting[0].items()
    }
    return names, names.index(scenario.lineages), np.stack(raw), stacked


@dataclass(frozen=True)
class Paths:
    """Paths of every member in two parts, their level at a date and their growth from there.

    Parameters
    ----------
    values : array, shape (member, path, year)
        log10, paths in the order of their levels.
    level : array, shape (member, path)
        log10 at the date, rising.
    by_growth : array, shape (member, path)
        Paths of the same neighbourhood, one neighbourhood after the other, each in the order of its growth.
    """

    values: np.ndarray
    level: np.ndarray
    by_growth: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """First path of each neighbourhood, and one past the last."""
        each = self.level.shape[1]
        return np.linspace(0, each, max(each // NEIGHBOURS, 1) + 1).round().astype(int)

    def grows_as(self, member: np.ndarray, premium: np.ndarray, growth: np.ndarray) -> np.ndarray:
        """Return the paths whose growth is at given ranks among the neighbours of given levels."""
        starts, each = self.starts, self.level.shape[1]
        place = np.searchsorted(starts, premium, side="right") - 1
        first, width = starts[place], starts[place + 1] - starts[place]
        return self.by_growth[member, first + growth * width // each]

    def take(self, member: np.ndarray, premium: np.ndarray, growth: np.ndarray, columns: Any) -> np.ndarray:
        """Return paths with the level of one and the growth of another, shape (n, year)."""
        other = self.grows_as(member, premium, growth)
        step = self.level[member, premium] - self.level[member, other]
        return self.values[:, :, columns][member, other] + step[:, None]

    def growth(self, at: int) -> np.ndarray:
        """Return the mean growth up to a year at each rank of growth, over members and neighbourhoods."""
        members, each = self.level.shape
        rank, starts = np.arange(each), self.starts[:-1]
        member, first = (grid.reshape(-1, 1) for grid in np.meshgrid(np.arange(members), starts, indexing="ij"))
        chosen = self.grows_as(member, first, rank[None])
        return (self.values[member, chosen, at] - self.level[member, chosen]).mean(axis=0)

    def of(self, members: np.ndarray) -> Paths:
        """Return the paths of members in another order."""
        return Paths(self.values[members], self.level[members], self.by_growth[members])


def split(disclosed: np.ndarray, since: int, at: int) -> tuple[Paths, np.ndarray, np.ndarray]:
    """Split paths into level and growth: the paths, and the rows of both at which each path is found again."""
    members, each, _ = disclosed.shape
    by_level = np.argsort(disclosed[:, :, since], axis=1, kind="stable")
    values = np.take_along_axis(disclosed, by_level[:, :, None], axis=1)
    level = values[:, :, since]
    paths = Paths(values, level, np.tile(np.arange(each), (members, 1)))
    growth = np.empty((members, each), dtype=int)
    for first, last in zip(paths.starts[:-1], paths.starts[1:], strict=True):
        order = np.argsort(values[:, first:last, at] - level[:, first:last], axis=1, kind="stable")
        paths.by_growth[:, first:last] = first + order
        # The lowest rank at which `grows_as` finds the path.
        growth[:, first:last] = -(-np.argsort(order, axis=1) * each // (last - first))
    premium = np.argsort(by_level, axis=1)
    return paths, premium.reshape(-1), np.take_along_axis(growth, premium, axis=1).reshape(-1)


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
