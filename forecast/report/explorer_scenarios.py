"""The scenarios that a reader can choose in the explorer: each with its levers at the ranks of the run's own futures.

A scenario differs from another by distributions, not by ranks: the futures stay, and each reads its settings off where it
lies in what the scenario says. The run's own scenario comes first and is packed whole; of the others only what differs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from forecast import production
from forecast.core import fingerprints
from forecast.core.distributions import LogNormal
from forecast.core.summaries import quantiles
from forecast.core.trajectory import DRAW, YEAR, plain_at
from forecast.core.units import decimal_year
from forecast.errors import OutputError
from forecast.fits.kept import fit_key, kept_score
from forecast.report.explorer_controls import CAP, DEMAND, HIDDEN, MULTIPLYING, SLIDERS, STOCK, Slider
from forecast.report.explorer_formulas import frontier_steps, stock_steps
from forecast.report.explorer_packing import Pack
from forecast.report.explorer_paths import Shifts, bare_stock, since
from forecast.report.stored_for import scenarios_for
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.headline import need, repeated, scenario_words
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import LEVERS, counted_as
from forecast.scenarios.scenario import Scenario
from forecast.scenarios.values import LeverValue
from forecast.text import printable

SYNTHETIC_EXAMPLE = "synthetic_accumulate"
"""Scenario that lends the yield of synthetic text to those that count none."""

_OUTCOMES = ("yield", "saturation", "replaced")
"""What the lever of synthetic text derives from its settings."""

_UNCOUNTED = ("none", "isolation")
"""Regimes that count no synthetic text: they have no yield of their own."""

_BEFORE_CONTAMINATION = ("contamination", "language_share")
"""Levers that are in the packed stock: scenarios that agree in them and in the raw stock share one."""

_SHOWN_FROM = 2030.0
"""Instant (decimal year) at which it is told whether an addition adds something."""


def choices(
    forecast: Forecast,
    own: Scenario,
    packed: Pack,
    keep: np.ndarray,
    stock: np.ndarray,
    knots: np.ndarray,
    *,
    shifts: Collection[str],
    demand: bool,
) -> list[dict[str, Any]]:
    """Return every scenario that can be chosen, JSON-ready: the run's own, then the shipped ones of its resource.

    `shifts` names the sliders that shift the frontier, none where it is packed as the run has it.
    """
    first = _choice(forecast, own, packed, keep, stock[np.ix_(keep, knots)], shifts=shifts, demand=demand)
    found = [first | {"reported": _reported(forecast.document), "whole": True}]
    stored = scenarios_for(forecast.document)
    rows = {} if stored is None or stored.stale else {row["name"]: row for row in stored.content["scenarios"]}
    seed, size = int(forecast.provenance["seed"]), forecast.consumption.sizes[DRAW]
    years = forecast.consumption[YEAR].values
    for other in _shipped():
        name = other.name
        if name == own.name or other.resource_name != own.resource_name:
            continue
        same = _same_stock(own, other)
        bare = stock if same else bare_stock(other, seed, size, years)
        paths = bare[np.ix_(keep, knots)]
        choice = _choice(
            forecast, other, packed, keep, paths, shifts=shifts, demand=demand, like=(own, first["settings"])
        )
        held = {member["name"] for member in forecast.document["consumption"]["members"] if member["weight"] > 0}
        moved = other.setting(CAP) != own.setting(CAP) or other.include_undisclosed != own.include_undisclosed
        row = rows.get(name)
        if not same:
            choice["rest"][STOCK] = _raw_median(other, seed, size, float(stock_year(forecast.document)))
        choice |= {
            "settings": _difference(first["settings"], choice["settings"]),
            "whole": set(other.members) == held and (bool(shifts) or not moved),
            "reported": None if row is None else _answer(row["exhaustion_year"], {}),
        }
        found.append(choice)
    return found


def _choice(
    forecast: Forecast,
    scenario: Scenario,
    packed: Pack,
    keep: np.ndarray,
    stock: np.ndarray,
    *,
    shifts: Collection[str],
    demand: bool,
    like: tuple[Scenario, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    settings = _settings(forecast, scenario, packed, keep, like)
    if not shifts:
        settings.pop(CAP, None)
    rest = {s.name: settings[s.lever][s.setting]["median"] for s in sliders(scenario) if s.lever in settings}
    words = _as_document(forecast, scenario)
    added = _added(scenario, forecast, packed, keep)
    return {
        "name": scenario.name,
        "run": scenario.name if scenario.name in scenarios.names() else "YOUR_SCENARIO.toml",
        "title": printable(scenario.title),
        "words": printable(scenario_words(words)),
        "need": printable(need(words)),
        "repeated": repeated(words),
        "settings": settings,
        "rest": rest
        | {STOCK: float(forecast.document["stock"]["raw"][stock_year(forecast.document)]["median"])}
        | ({HIDDEN: Shifts().hidden * scenario.include_undisclosed} if shifts else {}),
        "stock": packed.paths(stock, smooth=True),
        "added": added,
        "formulas": {
            "frontier": frontier_steps(settings, since(forecast), shifts, demand=demand),
            "stock": stock_steps(settings, len(added)),
        },
    }


def sliders(scenario: Scenario) -> list[Slider]:
    """Return the sliders of what a scenario names and the resource knows, and those that set no lever."""

    def known(slider: Slider) -> bool:
        said = scenario.setting(slider.lever)
        there = said is not None and (slider.setting in said.quantities or slider.setting == "yield")
        return there and scenario.resource_name in LEVERS[slider.lever].applies_to

    return [slider for slider in SLIDERS if not slider.lever or known(slider)]


def lever_draws(scenario: Scenario, name: str, *, seed: int, size: int) -> dict[str, np.ndarray]:
    """Return a lever's draws as the explorer moves them: those of the scenario, with a yield where it counts none."""
    draws = scenario.draw_lever(name, seed=seed, size=size)
    return draws | _outcome(scenario, seed, size) if name == "synthetic" else draws


def _outcome(scenario: Scenario, seed: int, size: int) -> dict[str, np.ndarray]:
    """Return what the laboratory says of a scenario's synthetic text, kept since it takes a second; of none, the example's."""
    said = scenario.setting("synthetic")
    counted = said is not None and said.choices.get("regime") not in _UNCOUNTED
    source = scenario if counted else scenarios.load(SYNTHETIC_EXAMPLE)

    def made() -> dict[str, Any]:
        draws = source.draw_lever("synthetic", seed=seed, size=size)
        return {key: draws[key].tolist() for key in _OUTCOMES}

    key = fit_key(
        outcome="synthetic", laboratory=fingerprints.version("laboratory/yield"), scenario=source.digest(), seed=seed, size=size
    )  # fmt: skip
    try:
        found = kept_score(key, made)
    except (OutputError, OSError, ValueError):  # nothing can be kept here, or what was kept is damaged
        found = made()
    return {key: np.array(found[key]) for key in _OUTCOMES}


def _shipped() -> list[Scenario]:
    return [scenarios.load(name) for name in scenarios.names()]


def moved(scenario: Scenario, medians: Mapping[str, float]) -> Scenario:
    """Return a scenario with the medians of some settings moved, as a slider moves them."""
    settings = {**scenario.idle, **scenario.levers}
    for name, median in medians.items():
        lever, _, key = name.partition(".")
        before = settings.get(lever)
        if before is not None and key in before.quantities:
            quantities = {**before.quantities, key: replace(before.quantities[key], median=median)}
            settings[lever] = LeverValue(quantities, before.sources, before.choices)
    return scenario.with_levers(settings)


def _settings(
    forecast: Forecast,
    scenario: Scenario,
    packed: Pack,
    keep: np.ndarray,
    like: tuple[Scenario, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return every setting of the levers that can be moved: its distribution, and where its ranks are packed.

    What another scenario with the same stock says likewise is as it was packed for that one.
    """
    seed, size = int(forecast.provenance["seed"]), forecast.consumption.sizes[DRAW]
    found: dict[str, Any] = {}
    for name in (*MULTIPLYING, "synthetic", CAP, *DEMAND):
        said = scenario.setting(name)
        if said is None or scenario.resource_name not in LEVERS[name].applies_to:
            continue
        if like and like[0].stock_to_dict() == scenario.stock_to_dict() and like[0].setting(name) == said:
            found[name] = like[1][name]
            continue

        def where(key: str, lever: str = name) -> int:
            return packed.ranks(scenario.ranks(lever, key, seed=seed, size=size)[keep])

        found[name] = {key: _described(value, functools.partial(where, key)) for key, value in said.quantities.items()}
        if name == "repetition":
            law = scenario.draw_lever(name, seed=seed, size=size)["law"]
            found[name]["law"] = {"draws": packed.numbers(law[keep])}
        if name == "synthetic":
            outcome = _outcome(scenario, seed, size)
            found[name]["yield"] = {
                "median": float(quantiles(outcome["yield"], [0.5])[0]),
                "draws": packed.numbers(outcome["yield"][keep]),
            }
            found[name]["saturation"] = {"draws": packed.numbers(outcome["saturation"][keep])}
            found[name]["replaced"] = {"median": float(outcome["replaced"][0])}
    return found


def _described(value: LogNormal, where: Callable[[], int]) -> dict[str, Any]:
    if not value.sd_low and not value.sd_high:
        return {"median": value.median}
    return {
        "median": value.median,
        "sd": [value.sd_low, value.sd_high],
        "bounds": [value.lower, None if value.upper == np.inf else value.upper],
        "ranks": where(),
    }


def _difference(own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return what another scenario's settings change; None where it has no such setting.

    Examples
    --------
    >>> _difference({"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "z": 3}})
    {'a': {'z': 3, 'y': None}}
    """
    found: dict[str, Any] = {}
    for lever in {**own, **other}:
        before, after = own.get(lever, {}), other.get(lever, {})
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        changed |= {key: None for key in before if key not in after}
        if changed:
            found[lever] = changed
    return found


def _added(scenario: Scenario, forecast: Forecast, packed: Pack, keep: np.ndarray) -> list[dict[str, Any]]:
    """Return what levers add to the stock that cannot be moved: an amount a future, and its ramp."""
    seed, size = int(forecast.provenance["seed"]), forecast.consumption.sizes[DRAW]
    found = []
    for name in counted_as("addition"):
        if name == "synthetic" or name not in scenario.levers or scenario.resource_name not in LEVERS[name].applies_to:
            continue
        draws = scenario.draw_lever(name, seed=seed, size=size)
        # The amount once the ramp is complete, from what the lever itself makes of an empty stock.
        late = np.array([float(draws["start"].max() + draws["ramp_years"].max() + 1.0)])
        amount = 10.0 ** LEVERS[name].apply(np.zeros((size, 1)), draws, late)[:, 0] - 1.0
        found.append(
            {
                "amount": packed.numbers(amount[keep]),
                "start": packed.numbers(draws["start"][keep]),
                "ramp_years": packed.numbers(draws["ramp_years"][keep]),
            }
        )
    return found


def stock_year(document: Document) -> str:
    """Return the last year that the document has the raw stock of, of those before the date of the data."""
    years = [year for year in document["stock"]["raw"] if float(year) <= decimal_year(document["as_of"])]
    return years[-1] if years else next(iter(document["stock"]["raw"]))


def _raw_median(scenario: Scenario, seed: int, size: int, year: float) -> float:
    raw = production.draw_estimator(scenario.stock(), seed=seed, size=size).project(np.array([year]))
    return float(10 ** quantiles(raw.values[:, 0], [0.5])[0])


def _same_stock(own: Scenario, other: Scenario) -> bool:
    alike = (scenario.stock_to_dict() for scenario in (own, other))
    levers = [[scenario.setting(name) for name in _BEFORE_CONTAMINATION] for scenario in (own, other)]
    return next(alike) == next(alike) and levers[0] == levers[1]


def _as_document(forecast: Forecast, scenario: Scenario) -> Document:
    """Return as much of a scenario's document as the words of its sentence are made of."""
    if scenario.name == forecast.document["scenario"]:
        return forecast.document
    seed, size = int(forecast.provenance["seed"]), forecast.consumption.sizes[DRAW]
    at = np.array([_SHOWN_FROM])
    level = np.log10(plain_at(forecast.stock, at).values)
    layers = []
    for name in (*counted_as("pass"), *counted_as("addition")):
        if name in scenario.levers and scenario.resource_name in LEVERS[name].applies_to:
            draws = scenario.draw_lever(name, seed=seed, size=size)
            factor = LEVERS[name].apply(level, draws, at) - level
            median = float(10 ** quantiles(factor[:, 0], [0.5])[0])
            layers.append({"name": name, "title": LEVERS[name].title, "factor": {"median": median}})
    words = {
        "resource": scenario.resource_name,
        "scenario": scenario.name,
        "provenance": {"scenario": {"title": scenario.title}},
        "stock": {"layers": layers},
    }
    return cast(Document, words)


def _reported(document: Document) -> dict[str, Any]:
    errors = document["monte_carlo_error"]["probability_by"] if "monte_carlo_error" in document else {}
    return _answer(document["exhaustion_year"], errors)


def _answer(year: Mapping[str, Any], errors: Mapping[str, float]) -> dict[str, Any]:
    """Return the numbers of an answer that the page can show without computing."""
    low, high = year["intervals"]["0.8"]
    return {
        "median": year["median"],
        "low": low,
        "high": high,
        "by": dict(year["probability_by"]),
        "already": year["probability_already"],
        "never": year["probability_after_horizon"],
        "errors": dict(errors),
    }


__all__ = ["SYNTHETIC_EXAMPLE", "choices", "lever_draws", "moved", "sliders", "stock_year"]
