"""A scenario as plain values: all that it says, and the numbers alone that can change an answer; with their hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from forecast.production.lineages import BY_INPUTS
from forecast.scenarios.growth import numbers_of, recorded_changes
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.parse import OLD_DESCRIPTION
from forecast.scenarios.values import described

if TYPE_CHECKING:
    from forecast.core.distributions import LogNormal
    from forecast.scenarios.scenario import Scenario


def plain(scenario: Scenario) -> dict[str, Any]:
    """Return all that a scenario says; `Scenario.to_dict` is the same."""
    settings = {**scenario.levers, **scenario.idle}
    weights = {**scenario.weights, "source": scenario.weights_source}
    return {
        "name": scenario.name,
        "title": scenario.title,
        # What is published keeps its name, and with it the digest of every recorded scenario.
        OLD_DESCRIPTION: scenario.description,
        "resource": scenario.resource_name,
        "stock": plain_stock(scenario),
        "levers": {name: settings[name].to_dict() for name in LEVERS.in_order(settings)},
        "idle": list(scenario.idle),
        "consumption": {
            "members": list(scenario.members),
            "include_undisclosed": scenario.include_undisclosed,
            **({"priors": recorded_changes(scenario.priors)} if scenario.priors else {}),
            **({"weights": weights} if scenario.weights else {}),
        },
    }


def plain_stock(scenario: Scenario) -> dict[str, Any]:
    """Return what it says of the stock; what is as by default is not named."""
    if scenario.raw is not None:
        return {"raw": described(scenario.raw), "source": scenario.raw_source}
    left = {"leave_out": list(scenario.leave_out)} if scenario.leave_out else {}
    drawn = {} if scenario.lineages == BY_INPUTS else {"lineages": scenario.lineages}
    return {"estimator": scenario.estimator, **left, **drawn}


def numbers(scenario: Scenario) -> list[Any]:
    """Return what can change a number: words, sources and levers at rest are not part of it."""
    acting = {
        name: [{key: _digits(quantity) for key, quantity in setting.quantities.items()}, dict(setting.choices)]
        for name, setting in scenario.levers.items()
    }
    drawn = [] if scenario.lineages == BY_INPUTS else [scenario.lineages]
    stock = [scenario.estimator, list(scenario.leave_out), *drawn] if scenario.raw is None else _digits(scenario.raw)
    own = numbers_of(scenario.priors)
    weights = [f"{weight / sum(scenario.weights.values()):.10g}" for weight in scenario.weights.values()]
    own += [["weights", *weights]] if weights else []
    return [scenario.resource_name, stock, acting, list(scenario.members), scenario.include_undisclosed, *own]


def sha256_of_values(values: Any) -> str:
    """Return the hash of plain values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _digits(quantity: LogNormal) -> list[str]:
    # The last digits of a logarithm differ from one processor to the next.
    return [f"{value:.10g}" for value in astuple(quantity)]
