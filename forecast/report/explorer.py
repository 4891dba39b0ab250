"""The explorer: the forecast's own futures packed into the page, for the reader's browser to move the levers.

What is packed is every future's frontier and stock without the levers that can be moved, and for each setting of those
levers its distribution and every future's rank in it. The browser then does what `forecast.scenarios.levers` does: it takes the
quantiles again at the same ranks, applies the levers, and looks for the first crossing. A slider sets the median of a
setting; its relative width and its bounds stay as the scenario has them. A setting without a width stays without.

Nothing is drawn again here: the document holds the scenario exactly, and a seed makes the same draws again. Where
they do not come out as the forecast has them, there is no explorer, rather than one that disagrees with its report.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from forecast import production
from forecast.core.distributions import LogNormal
from forecast.core.repetition import EXPONENT
from forecast.core.summaries import quantiles
from forecast.core.trajectory import DRAW, YEAR
from forecast.core.units import decimal_year
from forecast.core.wording import ODDS
from forecast.report.explorer_packing import STEP, Pack
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.headline import PATTERN, RANGES, fixed_words, need, repeated, scenario_words
from forecast.runs.passage import apply_levers
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import LEVERS, counted_as
from forecast.scenarios.levers.access import (
    FIRST_RULES,
    FIRST_SHARES,
    HALF_LIFE,
    LATER,
    NETWORK_SINCE,
    OBSERVED_UNTIL,
)
from forecast.scenarios.levers.synthetic import SOURCE_CORPUS
from forecast.scenarios.record import restored
from forecast.scenarios.scenario import Scenario
from forecast.scenarios.values import LeverValue
from forecast.text import printable

SCRIPT = Path(__file__).with_name("templates") / "explorer.js"
"""What runs in the browser; it names the module that each of its functions mirrors."""

SYNTHETIC_EXAMPLE = "synthetic_accumulate"
"""Scenario that lends the yield of synthetic text to those that count none."""

MOST_DRAWS = 4000
"""Futures that are packed (count): as many as a run keeps by default; of more, every k-th in order of their answer."""

HALF_YEARS_UNTIL, YEARS_UNTIL, THEN_EVERY = 2041.0, 2061.0, 5.0
"""Knots of the packed paths (decimal years): half-years, then years, then every five years; lines in log10 between."""

STOCK_YEARS_UNTIL = 2035.0
"""The stock changes slowly: yearly knots up to here, then every five years."""

TABLE = (2026, 2027, 2028, 2029, 2030, 2032, 2035, 2040, 2050)
"""Years of the explorer's table (calendar years, by their end)."""


@dataclass(frozen=True)
class Slider:
    """Something that a reader can move.

    Parameters
    ----------
    lever, setting : str
        What it sets.
    label, help : str
        What it is called, and what moving it means.
    low, high : float
        Ends of the slider, in the setting's unit.
    scale : {"linear", "log"}
        How its length is laid out.
    form : {"percent", "times", "factor", "worth"}
        How its value is written.
    """

    lever: str
    setting: str
    label: str
    help: str
    low: float
    high: float
    scale: str = "linear"
    form: str = "percent"

    @property
    def name(self) -> str:
        """Its name in the address of the page."""
        return f"{self.lever}.{self.setting}"


SLIDERS = (
    Slider("repetition", "epochs", "Repetition", "times the same text is read", 1.0, 40.0, "log", "times"),
    Slider("repetition", "passes", "Repetition", "what repeating is worth, in fresh reads", 1.0, 16.0, "log", "times"),
    Slider("quality", "usable_share", "Quality", "share of raw text worth training on", 0.01, 1.0, "log"),
    Slider(
        "access", "restricted_growth_2030", "Closing by 2030", "factor on the odds that text is closed, from mid-2026",
        0.2, 100.0, "log", "times",
    ),
    Slider("access", "restricted_share_2030", "Closed in 2030", "share of text that robots.txt restricts", 0.01, 0.99),
    Slider("access", "compliance_2030", "Compliance in 2030", "how far such rules are followed", 0.01, 1.0),
    Slider(
        "overtraining", "ratio", "Overtraining", "tokens a parameter, over the fitted path", 1.0, 1000.0, "log", "times"
    ),
    Slider("synthetic", "share", "Synthetic share", "part of the training mix, beside human text", 0.0, 0.9),
    Slider("synthetic", "yield", "Synthetic yield", "human tokens that one is worth", -1.0, 4.0, "linear", "worth"),
    Slider(
        "data_efficiency", "gain_per_year", "Efficiency", "fewer tokens for the same model, each year", 1.0, 3.0, "log",
        "factor",
    ),
)  # fmt: skip
"""What can be moved, in the order of the page; of alternatives, the one that the scenario uses."""

_MOVED = [lever for name, lever in LEVERS.items() if name in {slider.lever for slider in SLIDERS}]

MULTIPLYING = tuple(lever.name for lever in _MOVED if lever.side == "stock" and lever.effect == "multiplies")
"""Levers of the stock that the browser multiplies by; all come before those that add."""

DEMAND = tuple(lever.name for lever in _MOVED if lever.side == "consumption")
"""Levers of the frontier that can be moved; they multiply after all that caps."""


def explorer(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the explorer needs: sliders for the page, data for the browser."""
    content = forecast.document["provenance"].get("scenario")
    if content is None or forecast.document["sentence"] is None:
        return None
    scenario = restored(content)
    if scenario.weights:  # the page begins with equal ones
        return None
    base = _without_levers(forecast, scenario)
    if base is None:
        return None
    frontier, stock, keep = base
    sliders = _sliders(scenario)
    packed = Pack()
    settings = _settings(forecast, scenario, packed, keep)
    years = forecast.consumption[YEAR].values
    knots, stock_knots = _knots(years)
    members = _members(forecast, keep)
    rest = {slider.name: settings[slider.lever][slider.setting]["median"] for slider in sliders}
    data = {
        "sentence": printable(forecast.document["sentence"]),
        "words": _words(forecast.document),
        "headlineYear": HEADLINE_YEAR,
        "horizon": forecast.document["horizon"],
        "tableYears": [year for year in TABLE if str(year) in forecast.document["exhaustion_year"]["probability_by"]],
        "reported": forecast.document["exhaustion_year"]["probability_by"],
        "draws": len(keep),
        "step": STEP,
        "years": years[knots].tolist(),
        "stockYears": years[stock_knots].tolist(),
        "members": members,
        "sliders": [
            {"name": s.name, "label": s.label, "low": s.low, "high": s.high, "scale": s.scale, "form": s.form}
            for s in sliders
        ],
        "rest": rest,
        "settings": settings,
        "added": _added(scenario, forecast, packed, keep),
        "access": access_dates(),
        "sourceCorpus": SOURCE_CORPUS,
        "exponent": EXPONENT,
        "frontier": packed.paths(frontier[np.ix_(keep, knots)]),
        "stock": packed.paths(stock[np.ix_(keep, stock_knots)]),
    }
    data["packed"] = packed.text()
    return {
        "sliders": sliders,
        "members": members,
        "draws": len(keep),
        "table_years": data["tableYears"],
        "script": SCRIPT.read_text(encoding="utf-8"),
        # "<" as an escape: whatever a name holds, it cannot end the element.
        "data": json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"),
    }


def _words(document: Document) -> dict[str, Any]:
    """Return the sentence as a pattern that the browser fills, with what it may be filled with."""
    pattern = PATTERN
    for name, words in fixed_words(document).items():
        pattern = pattern.replace(f"{{{name}}}", printable(words))
    return {
        "pattern": pattern,
        "need": printable(need(document)),
        "repeated": repeated(document),
        "ranges": dict(RANGES),
        "odds": [{"share": one.share, "crowd": one.of_a_crowd(), "lead": one.of_the_model()} for one in ODDS],
        "scenario": printable(scenario_words(document)),
        "asOf": decimal_year(document["as_of"]),
    }


def access_dates() -> dict[str, Any]:
    """Return the dates and shares of the lever access that the page's script needs."""
    return {
        "instants": [*FIRST_RULES, OBSERVED_UNTIL, LATER],
        "early": list(FIRST_SHARES),
        "since": OBSERVED_UNTIL,
        "until": LATER,
        "networkSince": NETWORK_SINCE,
        "halfLife": HALF_LIFE,
    }


def lever_draws(scenario: Scenario, name: str, *, seed: int, size: int) -> dict[str, np.ndarray]:
    """Return a lever's draws as the explorer moves them: those of the scenario, with a yield where it counts none."""
    draws = scenario.draw_lever(name, seed=seed, size=size)
    if name == "synthetic" and not draws["yield"].any():
        example = scenarios.load(SYNTHETIC_EXAMPLE).draw_lever(name, seed=seed, size=size)
        draws |= {key: example[key] for key in ("yield", "saturation", "replaced")}
    return draws


def moved(scenario: Scenario, medians: Mapping[str, float]) -> Scenario:
    """Return a scenario with the medians of some settings moved, as a slider moves them."""
    settings = {**scenario.idle, **scenario.levers}
    for name, median in medians.items():
        lever, _, key = name.partition(".")
        before = settings[lever]
        if key in before.quantities:
            quantities = {**before.quantities, key: replace(before.quantities[key], median=median)}
            settings[lever] = LeverValue(quantities, before.sources, before.choices)
    return scenario.with_levers(settings)


def _without_levers(forecast: Forecast, scenario: Scenario) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return both paths without the levers that can be moved, and which draws are packed; None where they differ."""
    seed, size = int(forecast.provenance["seed"]), forecast.consumption.sizes[DRAW]
    years = forecast.consumption[YEAR].values
    raw = production.draw_estimator(scenario.stock(), seed=seed, size=size).project(years)
    effective, _ = apply_levers(raw, scenario, seed=seed)
    if scenario.digest() != forecast.provenance["scenario_sha256"] or not np.allclose(
        effective.values, forecast.stock.values, atol=STEP
    ):
        return None
    stock, _ = apply_levers(raw, scenario, seed=seed, leave_out=(*MULTIPLYING, *counted_as("addition")))
    frontier = np.array(forecast.consumption.values)
    for name in DEMAND:
        if name in scenario.levers:
            frontier -= LEVERS[name].log10_factor(scenario.draw_lever(name, seed=seed, size=size), years)
    return frontier, stock.values, _kept(forecast)


def _blocks(forecast: Forecast) -> list[tuple[Mapping[str, Any], slice]]:
    """Return the members of the mixture, each with its draws."""
    held = [member for member in forecast.document["consumption"]["members"] if member["weight"] > 0]
    each = forecast.consumption.sizes[DRAW] // len(held)
    return [(member, slice(place * each, (place + 1) * each)) for place, member in enumerate(held)]


def _kept(forecast: Forecast) -> np.ndarray:
    """Return which draws are packed: all, or of each member every k-th in order of the exhaustion year.

    Evenly spaced in the order of the answer, the chosen ones have the quantiles of all.
    """
    blocks = _blocks(forecast)
    most = MOST_DRAWS // len(blocks)
    chosen = []
    for _, block in blocks:
        of = np.arange(block.start, block.stop)
        if len(of) > most:
            order = of[np.argsort(forecast.exhaustion_year[of], kind="stable")]
            of = order[((np.arange(most) + 0.5) * len(of) / most).astype(int)]
        chosen.append(of)
    return np.concatenate(chosen)


def _members(forecast: Forecast, keep: np.ndarray) -> list[dict[str, Any]]:
    return [
        {"name": member["name"], "title": member["title"], "draws": int(((keep >= at.start) & (keep < at.stop)).sum())}
        for member, at in _blocks(forecast)
    ]


def _sliders(scenario: Scenario) -> list[Slider]:
    """Return the sliders of what the scenario names and the resource knows."""
    found = []
    for slider in SLIDERS:
        said = scenario.setting(slider.lever)
        if said is None or scenario.resource_name not in LEVERS[slider.lever].applies_to:
            continue
        if slider.setting in said.quantities or slider.setting == "yield":
            found.append(slider)
    return found


def _settings(forecast: Forecast, scenario: Scenario, packed: Pack, keep: np.ndarray) -> dict[str, Any]:
    """Return every setting of the levers that can be moved: its distribution, and where its ranks are packed."""
    seed, size = int(forecast.provenance["seed"]), forecast.consumption.sizes[DRAW]
    found: dict[str, Any] = {}
    for name in (*MULTIPLYING, "synthetic", *DEMAND):
        said = scenario.setting(name)
        if said is None or scenario.resource_name not in LEVERS[name].applies_to:
            continue
        found[name] = {
            key: _described(value, lambda key=key: packed.ranks(scenario.ranks(name, key, seed=seed, size=size)[keep]))  # noqa: B023
            for key, value in said.quantities.items()
        }
        if name == "repetition":
            law = scenario.draw_lever(name, seed=seed, size=size)["law"]
            found[name]["law"] = {"draws": packed.numbers(law[keep])}
        if name == "synthetic":
            draws = lever_draws(scenario, name, seed=seed, size=size)
            found[name]["yield"] = {
                "median": float(quantiles(draws["yield"], [0.5])[0]),
                "draws": packed.numbers(draws["yield"][keep]),
            }
            found[name]["saturation"] = {"draws": packed.numbers(draws["saturation"][keep])}
            found[name]["replaced"] = {"median": float(draws["replaced"][0])}
    return found


def _described(value: LogNormal, where: Any) -> dict[str, Any]:
    if not value.sd_low and not value.sd_high:
        return {"median": value.median}
    return {
        "median": value.median,
        "sd": [value.sd_low, value.sd_high],
        "bounds": [value.lower, None if value.upper == np.inf else value.upper],
        "ranks": where(),
    }


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
                "ramp": packed.numbers(draws["ramp_years"][keep]),
            }
        )
    return found


def _knots(years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which years of the grid are packed, for the frontier and for the stock."""

    def every(step: float) -> np.ndarray:
        from_end = (years[-1] - years) / step
        return np.isclose(from_end, from_end.round())

    ends = np.isin(np.arange(len(years)), (0, len(years) - 1))
    frontier = (years <= HALF_YEARS_UNTIL) | (every(1.0) & (years <= YEARS_UNTIL)) | every(THEN_EVERY) | ends
    # Machine-written text begins in November 2022: half-years up to there, where the stock has its one bend.
    stock = (years <= FIRST_RULES[0] + 0.5) | (every(1.0) & (years <= STOCK_YEARS_UNTIL)) | every(THEN_EVERY) | ends
    return np.flatnonzero(frontier), np.flatnonzero(stock)


def script_hash() -> str:
    """Return what the page's content policy allows to run: the explorer's script and nothing else."""
    digest = hashlib.sha256(SCRIPT.read_text(encoding="utf-8").encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
