"""How two scenarios differ, and how far each difference alone moves the answer.

Frontier and raw stock are made once, without levers, and serve every variation: what moves is the difference that is
looked at, never the random numbers. Only a difference in the growth members asks for other fits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.seeds import DEFAULT_SEED
from forecast.core.summaries import plain, quantiles
from forecast.errors import InputError
from forecast.runs.passage import first_passage
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios.growth import recorded_changes
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.values import described

if TYPE_CHECKING:
    import xarray as xr

    from forecast.scenarios.scenario import Scenario
    from forecast.scenarios.values import LeverValue

Paths = Callable[["Scenario"], tuple["xr.DataArray", "xr.DataArray"]]
"""From a scenario without levers to its frontier and its raw stock."""


@dataclass(frozen=True)
class Answer:
    """The two numbers that a difference is measured by.

    Parameters
    ----------
    median : float
        Median exhaustion year (decimal); ``inf`` when not within the horizon.
    probability : float
        Probability by the end of 2030.
    """

    median: float
    probability: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, null for never."""
        return {"median": plain(self.median), "probability_by_2030": plain(self.probability)}


@dataclass(frozen=True)
class Difference:
    """One thing in which two scenarios differ.

    Parameters
    ----------
    name : str
        ``stock``, ``consumption`` or ``levers.<name>``.
    changes : tuple of (str, Any, Any)
        LeverParameter, its value in the first scenario and in the second; None where a scenario does not name it.
    alone : Answer
        The first scenario's answer with this difference alone.
    """

    name: str
    changes: tuple[tuple[str, Any, Any], ...]
    alone: Answer


@dataclass(frozen=True)
class Differences:
    """All differences between two scenarios.

    Parameters
    ----------
    first, second : Scenario
        The scenarios.
    first_answer, second_answer : Answer
        Their answers.
    differences : tuple of Difference
        In the order stock, levers as they act, consumption.
    """

    first: Scenario
    second: Scenario
    first_answer: Answer
    second_answer: Answer
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "first": {"scenario": self.first.name, "world": self.first.description, **self.first_answer.to_dict()},
            "second": {"scenario": self.second.name, "world": self.second.description, **self.second_answer.to_dict()},
            "differences": [
                {
                    "name": one.name,
                    "changes": [{"setting": key, "first": a, "second": b} for key, a, b in one.changes],
                    "alone": one.alone.to_dict(),
                    "moves_median_by_years": plain(moved(one.alone.median, self.first_answer.median)),
                    "moves_probability_by": plain(one.alone.probability - self.first_answer.probability),
                }
                for one in self.differences
            ],
        }


def moved(median: float, before: float) -> float:
    """Return by how much a median has moved.

    Examples
    --------
    >>> moved(2031.0, 2029.5), moved(float("inf"), 2029.5), moved(float("inf"), float("inf"))
    (1.5, inf, 0.0)
    """
    if np.isinf(median) and np.isinf(before):
        return 0.0
    return float(median - before)


def differences(
    first: Scenario, second: Scenario, *, paths: Paths | None = None, seed: int = DEFAULT_SEED, **settings: Any
) -> Differences:
    """Compare two scenarios, difference by difference.

    Examples
    --------
    >>> from forecast import scenario
    >>> a, b = scenario.load("baseline"), scenario.load("closed_web")
    >>> found = differences(a, b)  # doctest: +SKIP
    >>> [one.name for one in found.differences]  # doctest: +SKIP
    ['levers.access']
    """
    if first.resource_name != second.resource_name:
        raise InputError(
            f"scenarios of {first.resource_name} and of {second.resource_name}",
            "two scenarios of one resource",
            "compare others",
        )
    make = paths or _by_pipeline(seed=seed, **settings)
    same_consumption = _consumption(first) == _consumption(second)
    same_stock = _stock(first) == _stock(second)
    frontier, raw = make(_bare(first))
    other_frontier, other_raw = (frontier, raw) if same_consumption and same_stock else make(_bare(second))

    def answer(frontier: xr.DataArray, raw: xr.DataArray, levers: Scenario) -> Answer:
        year = first_passage(frontier, raw, levers, seed=seed).year
        return Answer(float(quantiles(year, [0.5])[0]), float(np.mean(year < HEADLINE_YEAR + 1)))

    found = []
    if not same_stock:
        changes = _changed(_stock(first), _stock(second))
        found.append(Difference("stock", changes, answer(frontier, other_raw, first)))
    for name in _levers(first, second):
        changes = _changed(_plain(first.setting(name)), _plain(second.setting(name)))
        if changes:
            found.append(Difference(f"levers.{name}", changes, answer(frontier, raw, _with_one(first, second, name))))
    if not same_consumption:
        changes = _changed(_consumption(first), _consumption(second))
        found.append(Difference("consumption", changes, answer(other_frontier, raw, first)))
    return Differences(
        first,
        second,
        answer(frontier, raw, first),
        answer(other_frontier, other_raw, second),
        tuple(found),
    )


def changes(first: Scenario, second: Scenario) -> list[tuple[str, tuple[tuple[str, Any, Any], ...]]]:
    """Return what two scenarios set differently, without an answer.

    Examples
    --------
    >>> from forecast import scenario
    >>> [name for name, _ in changes(scenario.load("baseline"), scenario.load("closed_web"))]
    ['levers.access']
    """
    parts = [("stock", _changed(_stock(first), _stock(second)))]
    parts += [
        (f"levers.{name}", _changed(_plain(first.setting(name)), _plain(second.setting(name))))
        for name in _levers(first, second)
    ]
    parts.append(("consumption", _changed(_consumption(first), _consumption(second))))
    return [(name, changed) for name, changed in parts if changed]


def _levers(*scenarios: Scenario) -> list[str]:
    """Return the levers that scenarios name, in order."""
    return LEVERS.in_order(name for each in scenarios for name in (*each.levers, *each.idle))


def _by_pipeline(**settings: Any) -> Paths:
    from forecast.runs.pipeline import run

    def make(scenario: Scenario) -> tuple[xr.DataArray, xr.DataArray]:
        made = run(scenario, **settings)
        return made.consumption, made.stock

    return make


def _bare(scenario: Scenario) -> Scenario:
    return replace(scenario, levers={}, idle={})


def _with_one(first: Scenario, second: Scenario, name: str) -> Scenario:
    """Return the first scenario with one lever of the second."""
    levers = {**first.idle, **first.levers}
    levers.pop(name, None)
    setting = second.setting(name)
    return first.with_levers(levers if setting is None else {**levers, name: setting})


def _plain(setting: LeverValue | None) -> dict[str, Any]:
    # Sources may differ where the numbers do not: that moves no answer.
    if setting is None:
        return {}
    return {**setting.choices, **{key: described(value) for key, value in setting.quantities.items()}}


def _stock(scenario: Scenario) -> dict[str, Any]:
    if scenario.raw is not None:
        return {"raw": described(scenario.raw)}
    return scenario.stock_to_dict()


def _consumption(scenario: Scenario) -> dict[str, Any]:
    said = {"members": list(scenario.members), "include_undisclosed": scenario.include_undisclosed}
    own = recorded_changes(scenario.priors)
    return said | {f"members.{name}.{key}": value for name, of in own.items() for key, value in of.items()}


def _changed(first: dict[str, Any], second: dict[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    keys = dict.fromkeys((*first, *second))
    return tuple((key, first.get(key), second.get(key)) for key in keys if first.get(key) != second.get(key))
