"""A scenario as a run keeps it: exact, so that the run can be made again, and read back without its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.consumption.member import Member
from forecast.consumption.members import MEMBERS
from forecast.core.distributions import LogNormal
from forecast.errors import InputError, UnknownNameError
from forecast.production.lineages import BY_INPUTS
from forecast.scenarios.growth import check_weights, recorded_changes, restored_changes
from forecast.scenarios.levers import LEVERS, LeverParameter
from forecast.scenarios.own_parts import require_parts
from forecast.scenarios.parse import OLD_DESCRIPTION
from forecast.scenarios.scenario import Scenario
from forecast.scenarios.values import RAW, LeverValue, lever_value, parameter_of, possible, quantity


def recorded(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as plain values that lose nothing.

    Examples
    --------
    >>> from forecast import scenario
    >>> baseline = scenario.load("baseline")
    >>> restored(recorded(baseline)) == baseline
    True
    """
    return {
        "name": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "resource": scenario.resource_name,
        "estimator": scenario.estimator,
        "leave_out": list(scenario.leave_out),
        "lineages": scenario.lineages,
        "raw": None if scenario.raw is None else _numbers(scenario.raw),
        "raw_source": scenario.raw_source,
        "levers": {name: _lever(setting) for name, setting in scenario.levers.items()},
        "idle": {name: _lever(setting) for name, setting in scenario.idle.items()},
        "members": list(scenario.members),
        "include_undisclosed": scenario.include_undisclosed,
        **({"priors": recorded_changes(scenario.priors)} if scenario.priors else {}),
        **({"weights": dict(scenario.weights)} if scenario.weights else {}),
        **({"weights_source": scenario.weights_source} if scenario.weights else {}),
    }


def restored(record: Mapping[str, Any]) -> Scenario:
    """Return the scenario that a record holds."""
    try:
        return Scenario(
            name=str(record["name"]),
            title=str(record["title"]),
            description=str(record["description" if "description" in record else OLD_DESCRIPTION]),
            resource_name=str(record["resource"]),
            estimator=str(record["estimator"]),
            levers={name: _value(name, given) for name, given in record["levers"].items()},
            members=tuple(record["members"]),
            include_undisclosed=bool(record["include_undisclosed"]),
            raw=None if record["raw"] is None else _quantity(record["raw"], RAW, "stock.raw"),
            raw_source=str(record["raw_source"]),
            idle={name: _value(name, given) for name, given in record["idle"].items()},
            leave_out=tuple(record["leave_out"]),
            lineages=str(record.get("lineages", BY_INPUTS)),
            priors=restored_changes(record.get("priors", {})),
            weights=check_weights(record.get("weights", {}), record["members"]),
            weights_source=str(record.get("weights_source", "")),
        )
    except InputError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(
            f"a recorded scenario that is not whole ({error})", "what forecast run recorded", "make the run again"
        ) from error


def recorded_in(document: Mapping[str, Any]) -> Scenario | None:
    """Return the scenario that a run has recorded in its document."""
    record = document["provenance"].get("scenario")
    try:
        return None if record is None else restored(record)
    except (InputError, UnknownNameError):
        return None


def recorded_member(document: Mapping[str, Any], name: str) -> Member:
    """Return a growth member of a run with the priors that its scenario gave it."""
    require_parts(document)
    scenario = recorded_in(document) if "provenance" in document else None
    return MEMBERS[name]() if scenario is None else scenario.growth(name)


def _lever(setting: LeverValue) -> dict[str, Any]:
    return {
        "quantities": {key: _numbers(value) for key, value in setting.quantities.items()},
        "choices": dict(setting.choices),
        "sources": dict(setting.sources),
    }


def _value(name: str, given: Mapping[str, Any]) -> LeverValue:
    """Return a recorded lever, held against what is possible as a file's is; dates may have passed since."""
    lever = LEVERS[name]
    said: dict[str, LogNormal | str] = {}
    for key, value in given["quantities"].items():
        said[key] = _quantity(value, parameter_of(lever, key), f"levers.{name}.{key}")
    for key, word in given["choices"].items():
        said[key] = quantity(word, parameter_of(lever, key), f"levers.{name}.{key}")
    return lever_value(lever, said, {key: str(given["sources"][key]) for key in said})


def _numbers(value: LogNormal) -> dict[str, float | None]:
    upper = float(value.upper)
    return {
        "median": float(value.median),
        "sd_low": float(value.sd_low),
        "sd_high": float(value.sd_high),
        "lower": float(value.lower),
        "upper": None if np.isinf(upper) else upper,
    }


def _quantity(given: Mapping[str, Any], parameter: LeverParameter, where: str) -> LogNormal:
    upper = np.inf if given["upper"] is None else float(given["upper"])
    value = LogNormal(
        float(given["median"]), float(given["sd_low"]), float(given["sd_high"]), float(given["lower"]), upper
    )
    return possible(value, parameter, where)
