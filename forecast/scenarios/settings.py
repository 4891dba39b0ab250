"""Every setting that a scenario can say, with unit, bounds, neutral value, and what one scenario says for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.priors import Prior
from forecast.scenarios.growth import parameters
from forecast.scenarios.levers import LEVERS, Lever, LeverParameter
from forecast.scenarios.values import RAW, described

if TYPE_CHECKING:
    from forecast.scenarios.scenario import Scenario

_SHOWN = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
"""Quantiles by which a prior is told (probability)."""


def settings(scenario: Scenario) -> list[dict[str, Any]]:
    """List the raw stock, every setting of every lever and every prior of its growth models, as a file names them.

    Parameters
    ----------
    scenario : Scenario
        Whose values are told.

    Returns
    -------
    list of dict
        ``setting``, ``unit``, ``lower``, ``upper``, ``choices``, ``neutral`` (None where it has none), ``value`` (None
        where the scenario does not say it), ``main`` (whether ``replace`` sets it by the lever's name) and ``description``.

    Examples
    --------
    >>> from forecast import scenario
    >>> rows = {row["setting"]: row for row in settings(scenario.load("baseline"))}
    >>> rows["levers.repetition.epochs"]["neutral"], rows["levers.repetition.epochs"]["upper"]
    (1.0, 1000.0)
    """
    raw = None if scenario.raw is None else described(scenario.raw)
    rows = [_row("stock.raw", RAW, raw, main=False)]
    for name, lever in LEVERS.items():
        rows += [
            _row(f"levers.{name}.{key}", parameter, _value(scenario, lever, key), main=key == lever.main_setting)
            for key, parameter in lever.settings.items()
        ]
    for name in scenario.members:
        rows += [
            _growth(f"consumption.members.{name}.{key}", own) for key, own in parameters(scenario.growth(name)).items()
        ]
    return rows


def _growth(name: str, own: Prior | float) -> dict[str, Any]:
    """Return a prior or a window of a growth model."""
    row: dict[str, Any] = {"setting": name, "unit": "", "lower": 0.0, "upper": None, "choices": [], "neutral": None}
    if not isinstance(own, Prior):
        return {**row, "value": own, "main": False, "description": "Number of the growth model"}
    ends = own.quantile(np.array(list(_SHOWN.values())))
    value = {label: float(f"{end:.6g}") for label, end in zip(_SHOWN, ends, strict=True)}
    lower = None if own.family == "normal" else 0.0
    words = f"Prior ({own.family.replace('_', '-')})"
    return {**row, "unit": own.unit, "lower": lower, "value": value, "main": False, "description": words}


def _row(name: str, parameter: LeverParameter, value: Any, *, main: bool) -> dict[str, Any]:
    word = parameter.kind == "choice"
    return {
        "setting": name,
        "unit": parameter.unit,
        "lower": None if word else parameter.lower,
        "upper": None if word else parameter.upper,
        "choices": list(parameter.choices),
        "neutral": parameter.neutral,
        "value": value,
        "main": main,
        "description": parameter.description,
    }


def _value(scenario: Scenario, lever: Lever, key: str) -> Any:
    said = scenario.setting(lever.name)
    if said is None:
        return None
    return said.choices.get(key) if key not in said.quantities else described(said.quantities[key])
