"""The collapse laboratory: every regime's chains in a small experiment, and what a synthetic token is worth."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from forecast.collapse.engine import Filter
from forecast.collapse.learners.regression import run_regression
from forecast.collapse.regimes import REGIMES
from forecast.collapse.yields import SCENARIO_SETTINGS, scenario_yield, synthetic_yield
from forecast.evaluate.fingerprints.probe import Probe

SEED = 7


def probes() -> list[Probe]:
    """Return the parts of this room: regimes by their registry, then the yield."""
    here = "the probes of forecast/evaluate/fingerprints/laboratory.py"
    regimes = [Probe(f"laboratory/{name}", 1, partial(of_regime, name), here) for name in REGIMES.shipped]
    return [
        *regimes,
        Probe("laboratory/yield", 2, worth, here, ("core/default_seed", *(probe.name for probe in regimes))),
    ]


def of_regime(name: str) -> Any:
    """Errors of a regression, generation by generation."""
    (chain,) = run_regression(60, 4, 6, [name], SEED, 4).values()
    return dict(chain.metrics)


def worth() -> Any:
    """Yields of the shipped scenarios and of a mix."""
    found = [scenario_yield(name, np.random.default_rng(1), 8) for name in SCENARIO_SETTINGS]
    mixed = synthetic_yield("keep", 0.4, 3, Filter(0.9, 0.3), np.random.default_rng(1), 8)
    return [[each.draws, each.saturation] for each in (*found, mixed)]
