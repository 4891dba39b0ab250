"""First passage: the first instant at which a use reaches its limit.

One posterior draw is one future. The two paths are straight lines between their knots in log10, so the crossing
between two knots is found exactly. A future that never crosses is ``inf``, counted, and classified by its reason.

Definitions that share a pair of paths differ by a threshold alone ("a tenth of the stock" is a gap of -1 in log10).
`passages` therefore goes through the years once for each pair, whatever the number of thresholds, and only with the
futures that are still undecided. Nothing is assumed of the paths: the gap may open and close as it likes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from forecast.core.seeds import DEFAULT_SEED
from forecast.core.trajectory import DRAW, YEAR, make_trajectory
from forecast.errors import InputError
from forecast.scenarios import market
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.levers.lever import CountsAs, Effect

if TYPE_CHECKING:
    import xarray as xr

    from forecast.scenarios.scenario import Scenario

REASONS = ("frontier_saturates", "stock_escapes", "horizon")
"""Why a future does not cross within the horizon, in the order in which they are tried."""

AT_REST = 0.01
"""A frontier that grows by less than this over its last decade has stopped growing (log10 per year, 2.3 % a year)."""

_LAST_YEARS = 10.0
"""Years before the horizon over which a future that has not crossed is judged; judgement: longer than any one jump."""

_YEARS_AT_ONCE = 16
"""Years of the grid that are looked at together (count)."""


@dataclass(frozen=True)
class FirstPassage:
    """Exhaustion years and what became of the futures that never get there.

    Parameters
    ----------
    year : array, shape (draw,)
        Decimal exhaustion year; ``inf`` when not within the horizon.
    never : mapping of str to float
        Share of all futures by reason.
    horizon : float
        Last decimal year looked at.
    """

    year: np.ndarray
    never: Mapping[str, float]
    horizon: float


@dataclass(frozen=True)
class Layer:
    """What one lever has done to its side, draw by draw and year by year.

    Parameters
    ----------
    name, title : str
        The lever's.
    effect, counts_as : str
        Whether it multiplies, adds or caps, and whether it counts as a pass or an addition.
    log10_factor, log10_level : array, shape (draw, year)
        What it multiplies the path by, and the path after it.
    source : str
        Where its numbers come from.
    draws : mapping of str to array, shape (draw,)
        The value of each setting, and of what follows from them.
    """

    name: str
    title: str
    effect: Effect
    counts_as: CountsAs
    log10_factor: np.ndarray
    log10_level: np.ndarray
    source: str
    draws: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """A use, its limit, and the gaps between them that are waited for.

    Parameters
    ----------
    use, limit : array, shape (draw, year)
        log10 paths. Year-major memory (Fortran order) is gone through as it is, other layouts are copied once.
    thresholds : mapping of str to float or array of shape (draw,)
        Name to the gap ``use - limit`` (log10) that counts as arrived; 0 is equality.
    pace : array, shape (draw, year), optional
        The path whose growth says whether a future has stopped growing; the use itself by default.
    """

    use: np.ndarray
    limit: np.ndarray
    thresholds: Mapping[str, float | np.ndarray]
    pace: np.ndarray | None = None


def first_passage(
    consumption: xr.DataArray, stock: xr.DataArray, scenario: Scenario | None = None, *, seed: int = DEFAULT_SEED
) -> FirstPassage:
    """Return the first instant at which consumption reaches the stock, future by future.

    Parameters
    ----------
    consumption, stock : xarray.DataArray
        Trajectories with equal dims ``(draw, year)``. Where one has more draws than the other, draws are paired
        from the front and the rest is left out.
    scenario : Scenario, optional
        When given, `stock` is raw and the scenario's levers are applied first; otherwise it is effective already.
    seed : int, optional
        The run's seed, for drawing levers.

    Returns
    -------
    FirstPassage
        Years by draw, and the shares that never cross.

    Raises
    ------
    InputError
        If the years differ, or the units do.

    Examples
    --------
    >>> years = np.array([2024.0, 2034.0])
    >>> make = lambda a, b, role: make_trajectory(np.array([[a, b]]), years, resource_name="public_text",
    ...                                           role=role, source="example")
    >>> first_passage(make(13.0, 15.0, "consumption"), make(14.0, 14.0, "stock")).year
    array([2029.])
    """
    if scenario is not None:
        consumption, demand = apply_levers(consumption, scenario, seed=seed)
        stock, layers = apply_levers(stock, scenario, seed=seed)
        saved, brought = at_the_price(consumption, stock, demand, layers, scenario, seed=seed)
        consumption, stock = moved_by(consumption, saved), moved_by(stock, brought)
    years = consumption[YEAR].values
    if not np.array_equal(years, stock[YEAR].values):
        raise InputError("trajectories over different years", "the same years on both sides", "project both alike")
    if consumption.attrs.get("unit") != stock.attrs.get("unit"):
        raise InputError(
            f"{consumption.attrs.get('unit')} against {stock.attrs.get('unit')}", "one unit", "compare one resource"
        )
    count = min(consumption.sizes[DRAW], stock.sizes[DRAW])
    pair = Pair(consumption.values[:count], stock.values[:count], {"main": 0.0})
    return passages([pair], years)["main"]


def passages(pairs: Sequence[Pair], years: np.ndarray) -> dict[str, FirstPassage]:
    """Return the first passages of several pairs of paths, each over one or more thresholds.

    Examples
    --------
    >>> rising, flat = np.array([[13.0, 15.0]]), np.array([[14.0, 14.0]])
    >>> found = passages([Pair(rising, flat, {"main": 0.0, "half": np.log10(0.5)})], np.array([2024.0, 2034.0]))
    >>> [round(float(p.year[0]), 2) for p in found.values()]
    [2029.0, 2027.49]
    """
    found: dict[str, FirstPassage] = {}
    for pair in pairs:
        names = list(pair.thresholds)
        levels = np.empty((len(names), len(pair.use)))
        for row, name in enumerate(names):
            levels[row] = pair.thresholds[name]
        crossed = _crossings(pair.use, pair.limit, levels, years)
        resting, escaping = _last_decade(pair.use if pair.pace is None else pair.pace, pair.limit, years)
        for name, when in zip(names, crossed, strict=True):
            found[name] = FirstPassage(when, _never(np.isinf(when), resting, escaping), float(years[-1]))
    return found


def crossing_years(frontier: np.ndarray, stock: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return when each path first reaches the other."""
    return _crossings(frontier, stock, np.zeros((1, len(frontier))), years)[0]


def _crossings(use: np.ndarray, limit: np.ndarray, levels: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return when use - limit first reaches each level, shape (level, draw).

    A few years at a time: only where their highest gap is at a level is it asked when. Once most futures are decided,
    the rest is gone through alone.
    """
    use, limit = (path.T if path.flags.f_contiguous else np.ascontiguousarray(path.T) for path in (use, limit))
    already = use[0] - limit[0] >= levels
    crossed = np.where(already, years[0], np.inf)
    undecided = ~already
    alive: np.ndarray | None = None
    for start in range(0, len(years) - 1, _YEARS_AT_ONCE):
        part = slice(start, start + _YEARS_AT_ONCE + 1)
        gap = use[part] - limit[part] if alive is None else use[part].take(alive, 1) - limit[part].take(alive, 1)
        reached = undecided & (gap[1:].max(axis=0) >= levels)
        undecided ^= reached
        for level, row in enumerate(reached):
            at = np.flatnonzero(row)
            if at.size:
                when = _within(gap.take(at, 1) - levels[level, at], years[part])
                crossed[level, at if alive is None else alive[at]] = when
        left = np.flatnonzero(undecided.any(axis=0))
        if not left.size:
            break
        if 2 * left.size < undecided.shape[1]:
            alive = left if alive is None else alive[left]
            undecided, levels = undecided.take(left, 1), levels.take(left, 1)
    return crossed


def _within(gap: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return when each gap, shape (year, draw), negative in the first year, first reaches zero."""
    after = 1 + np.argmax(gap[1:] >= 0, axis=0)
    draws = np.arange(gap.shape[1])
    g0, g1 = gap[after - 1, draws], gap[after, draws]
    # From nothing at all (-inf) it arrives at the end of the step.
    share = np.divide(-g0, g1 - g0, out=np.ones_like(g0), where=np.isfinite(g0))
    return years[after - 1] + share * (years[after] - years[after - 1])


def apply_levers(
    trajectory: xr.DataArray, scenario: Scenario, *, seed: int = DEFAULT_SEED, leave_out: Sequence[str] = ()
) -> tuple[xr.DataArray, list[Layer]]:
    """Apply a scenario's levers to the side that they act on."""
    years = trajectory[YEAR].values
    draws = trajectory.values
    side, resource_name = trajectory.attrs["role"], trajectory.attrs["resource"]
    layers = []
    for name, said in scenario.levers.items():
        lever = LEVERS[name]
        if name in leave_out or lever.side != side or resource_name not in lever.applies_to:
            continue
        drawn = scenario.draw_lever(name, seed=seed, size=len(draws))
        after = lever.apply(draws, drawn, years)
        factor = after - draws
        layers.append(Layer(name, lever.title, lever.effect, lever.counts_as, factor, after, said.source, drawn))
        draws = after
    changed = make_trajectory(
        draws,
        years,
        resource_name=resource_name,
        role=side,
        source=trajectory.attrs["source"],
    )
    return changed, layers


def at_the_price(
    frontier: xr.DataArray,
    effective: xr.DataArray,
    demand: list[Layer],
    layers: list[Layer],
    scenario: Scenario,
    *,
    seed: int = DEFAULT_SEED,
) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Return what the price at which both sides meet adds to each in log10, and note it among the layers.

    Nothing, where the scenario does not let them answer to prices.
    """
    if not market.acts(scenario):
        return 0.0, 0.0
    years, size = frontier[YEAR].values, min(frontier.sizes[DRAW], effective.sizes[DRAW])
    use, stock = frontier.values[:size], effective.values[:size]
    factors = {layer.name: layer.log10_factor[:size] for layer in layers}
    there = market.market(scenario, use, stock, factors, years, seed=seed)
    saved, brought = there.settled(there.price())
    said, lever = scenario.levers[market.NAME].source, LEVERS[market.NAME]
    own = next(place for place, layer in enumerate(demand) if layer.name == market.NAME)
    demand[own] = Layer(market.NAME, lever.title, "multiplies", "", saved, use + saved, said)
    # What licences and machines bring is nothing that people have newly published.
    layers.append(Layer(market.NAME, market.BROUGHT, "adds", "addition", brought, stock + brought, said))
    return saved, brought


def moved_by(path: xr.DataArray, log10: np.ndarray | float) -> xr.DataArray:
    """Return a path moved by so much; itself, where that is one number and so nothing."""
    return path if np.ndim(log10) == 0 else path.copy(data=path.values + log10)


def _last_decade(pace: np.ndarray, limit: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell of each future whether its frontier rests, and else whether its limit grows as fast, before the horizon."""
    back = np.searchsorted(years, years[-1] - _LAST_YEARS)
    span = max(years[-1] - years[back], 1e-9)
    growth = (pace[:, -1] - pace[:, back]) / span
    limit_growth = (limit[:, -1] - limit[:, back]) / span
    resting = growth < AT_REST
    return resting, ~resting & (limit_growth >= growth)


def _never(open_: np.ndarray, resting: np.ndarray, escaping: np.ndarray) -> dict[str, float]:
    """Split the futures that never cross by what they do in the last decade before the horizon."""
    shares = (open_ & resting, open_ & escaping, open_ & ~resting & ~escaping)
    return {reason: float(np.mean(share)) for reason, share in zip(REASONS, shares, strict=True)}
