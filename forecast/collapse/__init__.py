"""The model-collapse laboratory: what synthetic data are worth.

Experiments train models on what models wrote, under regimes that decide what each generation reads; closed forms
accompany every simulation; the yield curve turns both, and published results, into human-token equivalents.

Examples
--------
>>> import forecast as fc
>>> round(fc.collapse.break_even_error(0.9, 0.3), 2)
0.75
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_PUBLIC = {
    "simulate_gaussian": "learners.gaussian",
    "simulate_mixture": "learners.mixture",
    "simulate_ngram": "learners.ngram",
    "simulate_regression": "learners.regression",
    "simulate_floor": "learners.labels",
    "simulate_break_even": "learners.labels",
    "simulate_dice": "learners.dice",
    "simulate_transformer": "learners.transformers",
    "simulate_vae": "learners.vae",
    "simulate_capacity": "learners.capacity",
    "Curves": "learners.neural",
    "simulate_yield_curve": "curves",
    "synthetic_yield": "yields",
    "scenario_yield": "yields",
    "YieldDraws": "yields",
    "break_even_error": "theory",
    "REGIMES": "regimes",
    "parse_regime": "regimes",
    "Filter": "engine",
    "run_chain": "engine",
}

__all__ = [*_PUBLIC]

if TYPE_CHECKING:
    from forecast.collapse.curves import simulate_yield_curve
    from forecast.collapse.engine import Filter, run_chain
    from forecast.collapse.learners.capacity import simulate_capacity
    from forecast.collapse.learners.dice import simulate_dice
    from forecast.collapse.learners.gaussian import simulate_gaussian
    from forecast.collapse.learners.labels import simulate_break_even, simulate_floor
    from forecast.collapse.learners.mixture import simulate_mixture
    from forecast.collapse.learners.neural import Curves
    from forecast.collapse.learners.ngram import simulate_ngram
    from forecast.collapse.learners.regression import simulate_regression
    from forecast.collapse.learners.transformers import simulate_transformer
    from forecast.collapse.learners.vae import simulate_vae
    from forecast.collapse.regimes import REGIMES, parse_regime
    from forecast.collapse.theory import break_even_error
    from forecast.collapse.yields import YieldDraws, scenario_yield, synthetic_yield


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(f"forecast.collapse.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module 'forecast.collapse' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
