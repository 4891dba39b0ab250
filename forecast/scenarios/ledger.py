"""The elicitation ledger: every number that somebody had to choose, with its quantiles, its source and where it is.

A number is *published* when a source states it, *table* when it was worked out from a table of this package, *measured*
when an experiment of this package gave it, or what it learned from histories or made worlds, and *judgement* when its source
says so for the number or for its range.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from forecast.consumption.undisclosed import Undisclosed
from forecast.core.distributions import LogNormal
from forecast.core.priors import Prior
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.ingest import corpora
from forecast.production import ESTIMATORS, Estimator, machine_text
from forecast.production.synthesis import ENTRANTS, ROUTES, Synthesis
from forecast.scenarios.levers import DEPENDENCES, LEVERS

if TYPE_CHECKING:
    from forecast.scenarios.scenario import Scenario

SourceKind = Literal["published", "table", "measured", "judgement", "caller"]
"""Where a number comes from."""

_LEVELS = (("q05", 0.05), ("q50", 0.5), ("q95", 0.95))
_INGREDIENT_DRAWS = 2000


def ledger(scenario: Scenario) -> list[dict[str, Any]]:
    """List every number behind a scenario: levers, dependences, growth members, the undisclosed shift, the stock.

    Examples
    --------
    >>> from forecast import scenario
    >>> rows = ledger(scenario.load("baseline"))
    >>> sorted({row["kind"] for row in rows})
    ['judgement', 'published', 'table']
    """
    return [
        *_levers(scenario),
        *_dependences(scenario),
        *_ingredients(scenario),
        *_consumption(scenario),
        *_rows(),
        *_production(scenario),
    ]


def source_kind(source: str) -> SourceKind:
    """Tell from the words of a source what kind it is.

    Examples
    --------
    >>> source_kind("Hoffmann et al. 2022; judgement for the range"), source_kind("table synthetic_share: half")
    ('judgement', 'table')
    >>> source_kind("learned from 39 histories of 27 technologies")
    'measured'
    """
    if "judgement" in source.lower():
        return "judgement"
    if source == "set by the caller":
        return "caller"
    if source.startswith("learned "):
        return "measured"
    return "table" if source.startswith("table ") else "published"


def _row(part: str, lever: str, setting: str, unit: str, value: Any, source: str, where: str, **more: Any) -> dict:
    return {
        "part": part,
        "lever": lever,
        "setting": setting,
        "unit": unit,
        **_numbers(value),
        "acts": True,
        "kind": source_kind(source),
        "reason": source,
        "where": where,
        **more,
    }


def _numbers(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"word": value}
    if isinstance(value, float | int):
        return {"value": float(value)}
    if isinstance(value, LogNormal) and value.sd_low == value.sd_high == 0:
        return {"value": value.median}
    return {"quantiles": {label: float(f"{float(value.quantile(np.array(p))):.6g}") for label, p in _LEVELS}}


def _levers(scenario: Scenario) -> Iterator[dict]:
    for name, lever in LEVERS.items():
        said = scenario.setting(name)
        if said is None:
            continue
        values: Mapping[str, Any] = {**said.choices, **said.quantities}
        for key, setting in lever.settings.items():
            if key in values:
                yield _row(
                    "levers", name, key, setting.unit, values[key], said.sources[key],
                    f"scenario {scenario.name}, levers.{name}.{key}", acts=name in scenario.levers,
                )  # fmt: skip


def _dependences(scenario: Scenario) -> Iterator[dict]:
    for (lever, key), dependence in DEPENDENCES.items():
        yield _row(
            "dependences", lever, f"{key} with {'.'.join(dependence.on)}", "Spearman's rank correlation",
            dependence.rank_correlation, dependence.reason, "forecast/scenarios/levers/dependence.py",
            acts=lever in scenario.levers and dependence.on[0] in scenario.levers,
        )  # fmt: skip


def _ingredients(scenario: Scenario) -> Iterator[dict]:
    """Yield what the yield of synthetic text is made of, where the scenario uses one."""
    said = scenario.levers.get("synthetic")
    if said is None:
        return
    from forecast.scenarios.levers.synthetic import yield_of

    draws = {key: np.array([value.median]) for key, value in said.quantities.items()}
    found = yield_of(draws, said.choices, generator(DEFAULT_SEED, "ledger", "synthetic"), _INGREDIENT_DRAWS)
    kinds = {"measured": "measured", "borrowed": "published", "judgement": "judgement"}
    for one in found.ledger if found is not None else ():
        yield {
            "part": "levers",
            "lever": "synthetic",
            "setting": one.name,
            "unit": one.unit,
            "quantiles": {"q10": one.low, "q50": one.median, "q90": one.high},
            "acts": True,
            "kind": kinds[one.kind],
            "reason": one.source,
            "where": "forecast/collapse/yields.py",
        }


def _consumption(scenario: Scenario) -> Iterator[dict]:
    for name in scenario.members:
        member, own = scenario.growth(name), scenario.priors.get(name, {})
        where = type(member).__module__.replace(".", "/") + ".py"
        for key, prior in member.priors():
            place = "the scenario" if key in own else where
            yield _row("consumption", name, key, prior.unit, prior, prior.source, place)
    shift = Undisclosed()
    where = "forecast/consumption/undisclosed.py"
    for item in fields(shift):
        value = getattr(shift, item.name)
        if isinstance(value, Prior):
            yield _row(
                "consumption", "undisclosed", item.name, value.unit, value, value.source, where,
                acts=scenario.include_undisclosed,
            )  # fmt: skip


def _rows() -> Iterator[dict]:
    """Yield what stands in for shares and passes that nobody states."""
    for name, unit in (
        ("UNSTATED_TEXT_SHARE", "share, normal in log10"),
        ("UNSTATED_HUMAN_SHARE", "share, normal in log10"),
        ("UNSTATED_PASSES_EARLY", "passes"),
        ("UNSTATED_PASSES_LATE", "passes"),
        ("CAPPED_PASSES", "passes"),
    ):
        one = getattr(corpora, name)
        yield _row(
            "rows", "corpora", name.lower(), unit, LogNormal(one.middle, one.sd, one.sd),
            f"judgement: {one.reason}", "forecast/ingest/corpora.py",
        )  # fmt: skip


def _production(scenario: Scenario) -> Iterator[dict]:
    """Yield the inputs of the stock: of its estimator, and of those that a synthesis takes in."""
    stock = scenario.stock()
    yield from _inputs(stock)
    if isinstance(stock, Synthesis):
        for name in dict.fromkeys(kind.name for kind in (*ENTRANTS, *ROUTES)):
            yield from _inputs(ESTIMATORS[name]())
    acts = "contamination" in scenario.levers
    where = machine_text.__name__.replace(".", "/") + ".py"
    for name, (mean, sd) in machine_text.PRIORS.items():
        unit = "decimal year" if name == "midpoint" else name.split()[0]
        prior = Prior("normal", mean, sd, unit, "judgement: the prior of the fit to table synthetic_share")
        yield _row("production", "machine_text", name, prior.unit, prior, prior.source, where, acts=acts)


def _inputs(stock: Estimator) -> Iterator[dict]:
    where = type(stock).__module__.replace(".", "/") + ".py"
    for item in fields(stock):
        unit, source = stock.inputs.get(item.name, ("stated in the file", "; ".join(stock.sources)))
        value = getattr(stock, item.name)
        if isinstance(value, LogNormal) or (isinstance(value, float) and not isinstance(value, bool)):
            yield _row("production", stock.name, item.name, unit, value, source, where)
        elif isinstance(value, Prior):
            yield _row("production", stock.name, item.name, value.unit, value, value.source, where)
