"""The explorer's formulas: the levers' own code and `explorer_paths.Shifts`, written down step by step for the browser.

A formula makes of a packed path what a scenario's levers make of it. Names in it: ``path``, ``year``, ``place``, ``demand``; a
lever's setting as ``lever.setting``; a slider's value, ``now.name``, and where it stands in the report, ``rest.name``; what
an addition brings, ``added.0.amount``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from forecast.core.formulas import Step, steps, symbol
from forecast.report.explorer_controls import CAP, DEMAND, MULTIPLYING, STOCK
from forecast.report.explorer_paths import Shifts
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.levers.lever import log10_sum, ramp

PATH, YEAR, PLACE = "path", "year", "place"
"""Names of the packed path, the decimal year and a future's place among all."""

DEMAND_PATH = "demand"
"""Name of the factor on the frontier that cannot be moved (log10)."""

OF_ALL = ("now.", "rest.")
"""How names begin that stand for one number of all futures."""


def frontier_steps(
    settings: Mapping[str, Collection[str]], since: float, shifts: Collection[str], *, demand: bool
) -> list[Step]:
    """Return how the packed frontier becomes the largest feasible run.

    Parameters
    ----------
    settings : mapping of str to collection of str
        The settings that a scenario has, by lever.
    since : float
        Where growth becomes a forecast (decimal year).
    shifts : collection of str
        Sliders that set no lever.
    demand : bool
        Whether a factor of other levers is packed.
    """
    path, year = symbol(PATH), symbol(YEAR)
    moved = {name: (symbol(f"now.{name}"), symbol(f"rest.{name}")) for name in shifts if name != STOCK}
    if moved:
        shift = Shifts.of(
            {name: now for name, (now, _) in moved.items()}, {name: rest for name, (_, rest) in moved.items()}
        )
        path = shift.frontier(path, year, since, symbol(PLACE))
    path = _after((CAP,), path, settings)
    if demand:
        path = path + symbol(DEMAND_PATH)
    return steps(_after(DEMAND, path, settings))


def stock_steps(settings: Mapping[str, Collection[str]], added: int) -> list[Step]:
    """Return how the packed stock becomes the effective one; `added` counts the additions beside synthetic text."""
    path, year = symbol(PATH), symbol(YEAR)
    path = path + Shifts.of({STOCK: symbol(f"now.{STOCK}")}, {STOCK: symbol(f"rest.{STOCK}")}).stock
    adding = [name for name, lever in LEVERS.items() if name in settings and lever.effect == "adds"]
    path = _after((*MULTIPLYING, *adding), path, settings)
    for place in range(added):
        draws = {key: symbol(f"added.{place}.{key}") for key in ("amount", "start", "ramp_years")}
        path = log10_sum(path, draws["amount"] * ramp(draws, year))
    return steps(path)


def _after(names: tuple[str, ...], path: Any, settings: Mapping[str, Collection[str]]) -> Any:
    """Return a path after some levers, as far as there are settings of theirs."""
    for name in names:
        if name in settings:
            drawn = {key: symbol(f"{name}.{key}") for key in settings[name]}
            path = LEVERS[name].apply(path, drawn, symbol(YEAR))
    return path


__all__ = ["DEMAND_PATH", "OF_ALL", "PATH", "YEAR", "frontier_steps", "stock_steps"]
