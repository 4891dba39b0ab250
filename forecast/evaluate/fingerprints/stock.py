"""The stock and the levers: every estimator's draws, every lever at fixed settings, machine-written text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.errors import InputError
from forecast.evaluate.fingerprints.probe import Probe
from forecast.production import ESTIMATORS, Estimator, Given, draw_estimator
from forecast.production.machine_text import draw_machine_share, human_stock
from forecast.scenarios.levers import DEPENDENCES, LEVERS, Lever, LeverParameter
from forecast.scenarios.levers.dependence import OUTCOME, ranks
from forecast.scenarios.market import Market

SEED = 7
YEARS = np.array([2018.0, 2023.9, 2024.0, 2026.5, 2030.0, 2060.0])

FEW = 4.0
"""Highest plain number, so that the laboratory has few generations to simulate (in the setting's unit)."""

HIGHEST = 4.0
"""Stands for the upper bound of a setting that has none worth the name (in the setting's unit)."""


def probes() -> list[Probe]:
    """Return the parts of this room: estimators and levers by their registries, then the rest."""
    here = "the probes of forecast/evaluate/fingerprints/stock.py"
    drawn = ("core/streams", "core/distributions", "core/default_seed")
    estimators = [
        Probe(
            f"stock/{name}", kind.version, partial(of_estimator, kind), f"version of {kind.__name__}",
            _beneath(name, drawn), tuple(kind().tables),
        )
        for name, kind in ESTIMATORS.shipped.items()
    ]  # fmt: skip
    levers = [
        Probe(
            f"levers/{name}", lever.version, partial(of_lever, lever), f"version of {type(lever).__name__}",
            (*drawn, "laboratory/yield") if name == "synthetic" else drawn, lever.tables,
        )
        for name, lever in LEVERS.shipped.items()
    ]  # fmt: skip
    return [
        *estimators,
        Probe("stock/given", Given.version, given, "version of Given", (*drawn, "stock/indexed_web")),
        Probe(
            "stock/machine_text", 1, machine_text, here, (*drawn, "stock/indexed_web"),
            ("synthetic_share", *ESTIMATORS["indexed_web"]().tables),
        ),
        *levers,
        Probe("levers/dependence", 3, dependence, here),
        Probe("levers/clearing", 1, clearing, here),
    ]  # fmt: skip


def of_estimator(kind: type[Estimator]) -> Any:
    """An estimator's inputs, stock and yearly addition, draw by draw."""
    fit = draw_estimator(kind(), seed=SEED, size=40)
    return [
        {name: values[:4] for name, values in fit.draws.items()},
        fit.project(YEARS)[::5],
        fit.project_flow(YEARS)[::5],
    ]


def given() -> Any:
    """A stock that a scenario states."""
    return draw_estimator(Given(LogNormal(1e15, 0.2, 0.4), "fixed"), seed=SEED, size=5).project(YEARS)


def machine_text() -> Any:
    """The machine-written share of new pages, and what it leaves of a stock."""
    machine = draw_machine_share(SEED, 8)
    fit = draw_estimator(ESTIMATORS["indexed_web"](), seed=SEED, size=8)
    return [machine, human_stock(fit, YEARS, machine)]


def of_lever(lever: Lever) -> Any:
    """A lever's change of a fixed path, for each word that it knows."""
    level = 14.0 if lever.side == "stock" else 12.5
    path = level + np.array([0.0, 0.2, 0.5])[:, None] + 0.1 * (YEARS - 2018.0)[None, :]
    found: list[Any] = [_at_rest(lever)]
    for settings, choices, number in _ways(lever):
        draws = {name: _draws(setting, place, number) for place, (name, setting) in enumerate(settings.items())}
        try:
            derived = lever.derive(draws, choices, np.array([0.2, 0.7, 0.4]), np.random.default_rng(5))
            found.append([choices, lever.apply(path, {**draws, **derived}, YEARS)])
        except InputError:
            found.append([choices, "refused"])
    return found


def clearing() -> Any:
    """Prices, what they call for, and bills of fixed markets: with text to spare, short, and hopeless."""
    one, wanted = np.array(1.0), np.array([[1e13], [4e14], [1e17]])
    there = Market(
        wanted=wanted,
        public=np.array([[2e14]]),
        found=0.02 * one,
        closed=np.array([[5e13]]),
        asked=200.0 * one,
        spread=2.0 * one,
        sold=0.1 * one,
        most_rewritten=np.array([[6e13]]),
        rewritten=0.5 * one,
        written=2e4 * one,
        computing=10.0 * one,
        most_paid=np.array([[30.0]]),
        response=0.7 * one,
    )
    price = there.price()
    return [price, there.settled(price), there.next_prices(), there.bill()]


def _ways(lever: Lever) -> Iterator[tuple[dict[str, LeverParameter], dict[str, str], float]]:
    """Yield all that a lever can be told: each word, each of its alternative settings, plain numbers from low to high."""
    told = {name: setting for name, setting in lever.settings.items() if not setting.choices}
    words = [(name, setting.choices) for name, setting in lever.settings.items() if setting.choices]
    numbers = (0.0, 0.4, 1.0) if any(setting.kind == "number" for setting in told.values()) else (0.4,)
    for place in range(max((len(known) for _, known in words), default=1)):
        choices = {name: known[place % len(known)] for name, known in words}
        for chosen in lever.alternatives or ("",):
            settings = {name: each for name, each in told.items() if name == chosen or name not in lever.alternatives}
            for number in numbers:
                yield settings, choices, number


def _draws(setting: LeverParameter, place: int, number: float) -> np.ndarray:
    """Return three values of a setting inside its bounds."""
    if setting.kind == "date":
        return np.array([2025.0, 2026.0, 2028.0])
    if setting.kind == "number":
        # One number for all futures, as a scenario gives it.
        lower, upper = max(setting.lower, 0.0), min(setting.upper, FEW)
        return np.full(3, lower + number * (upper - lower))
    shares = np.roll([0.2, 0.5, 0.8], place)
    if setting.upper > 1e3 and setting.lower > 0:
        return 10 ** (np.log10(setting.lower) + shares * np.log10(min(setting.upper, 1e30) / setting.lower))
    return setting.lower + shares * (min(setting.upper, HIGHEST) - setting.lower)


def _at_rest(lever: Lever) -> bool:
    """Tell whether the lever holds itself idle with every setting at its neutral value."""
    neutral = {name: setting.neutral for name, setting in lever.settings.items() if setting.neutral is not None}
    numbers = {name: LogNormal(value, 0.0, 0.0) for name, value in neutral.items() if isinstance(value, float | int)}
    return lever.is_idle(numbers, {name: value for name, value in neutral.items() if isinstance(value, str)})


def dependence() -> Any:
    """Which settings are drawn jointly, and their ranks."""
    pairs = [[name, each.on, each.score_correlation] for name, each in DEPENDENCES.items()]
    named = [("quality", "usable_share"), ("synthetic", OUTCOME), *DEPENDENCES]
    return [pairs, [ranks(*name, seed=SEED, size=4) for name in named]]


def _beneath(name: str, drawn: tuple[str, ...]) -> tuple[str, ...]:
    """Return what an estimator uses: the synthesis all others of its resource."""
    others = [key for key, kind in ESTIMATORS.items() if kind.resource_name == ESTIMATORS[name].resource_name]
    return (*drawn, *(f"stock/{key}" for key in others if key != name)) if name == "synthesis" else drawn
