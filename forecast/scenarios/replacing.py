"""What a caller in Python puts in place of a scenario's own: levers, stock estimator, growth members and their weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from forecast.consumption.member import Member
from forecast.errors import InputError
from forecast.production import ESTIMATORS
from forecast.production.lineages import BY_INPUTS
from forecast.scenarios.growth import check_members, check_weights, stated
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.values import LeverValue, lever_value, parameter_of, quantity

if TYPE_CHECKING:
    from forecast.scenarios.scenario import Scenario

_ONLY_IN_A_FILE = {
    **{key: key for key in ("title", "description", "resource", "extends")},
    "resource_name": "resource",
    **{key: f"{key} under [stock]" for key in ("raw", "leave_out", "lineages")},
    "raw_source": "source under [stock]",
    "stock": "the table [stock]",
    "consumption": "the table [consumption]",
    "include_undisclosed": "include_undisclosed under [consumption]",
}
"""What a scenario says beside levers, estimator and members, and where its file says it."""


def replaced_levers(scenario: Scenario, levers: Mapping[str, Any]) -> dict[str, LeverValue]:
    """Return what becomes of the levers that a caller sets, as `Scenario.replace` takes them."""
    found = {}
    for name, value in levers.items():
        if name in _ONLY_IN_A_FILE and name not in LEVERS:
            raise InputError(
                f"{name} to replace",
                "levers by name, estimator or members",
                f"set {_ONLY_IN_A_FILE[name]} in a scenario file of your own",
            )
        lever = LEVERS[name]
        said = {
            key: quantity(
                {"q025": given[0], "q975": given[1]} if isinstance(given, tuple) else given,
                parameter_of(lever, key),
                f"{name}.{key}",
                demand=lever.side == "consumption",
            )
            for key, given in (value if isinstance(value, Mapping) else {lever.main_setting: value}).items()
        }
        changed = lever_value(lever, said, dict.fromkeys(said, "set by the caller"))
        found[name] = changed.over(scenario.setting(name) or LeverValue({}, {}), lever)
    return found


def replaced_parts(
    scenario: Scenario,
    estimator: str | None,
    members: str | Member | Iterable[str | Member] | None,
    weights: Mapping[str, float] | None,
) -> dict[str, Any]:
    """Return the fields of a scenario that change with its stock estimator, its growth members or their weights."""
    changes: dict[str, Any] = {}
    if estimator is not None:
        drawn = {"leave_out": (), "lineages": BY_INPUTS} if estimator != scenario.estimator else {}
        changes |= {"estimator": ESTIMATORS[estimator].name, "raw": None, "raw_source": "", **drawn}
    if members is not None:
        names, changes["priors"] = stated([members] if isinstance(members, str | Member) else members, scenario.priors)
        changes |= {"members": check_members(names), "weights": {}, "weights_source": ""}
    if weights is not None:
        changes["weights"] = check_weights(weights, changes.get("members", scenario.members))
        changes["weights_source"] = "set by the caller" if weights else ""
    return changes
