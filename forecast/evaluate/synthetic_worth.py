"""What a synthetic token is worth, made once by the collapse laboratory and shown in reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from forecast.collapse.curves import YieldCurve, simulate_yield_curve
from forecast.collapse.engine import Filter
from forecast.collapse.yields import SCENARIO_SETTINGS, YieldDraws, scenario_yield
from forecast.core.seeds import DEFAULT_SEED, generator

QUANTILES = tuple(round(place / 100, 2) for place in range(1, 101))
"""Probabilities at which the yields of the curve are kept: enough for every band that is drawn."""

DRAWS = 4000
"""Draws of each yield."""


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Draw the yield curve and the yields of the shipped scenarios."""
    del jobs, scheduler
    curve = simulate_yield_curve(seed=DEFAULT_SEED, size=DRAWS)
    progress("drew the yield curve")
    return {
        "seed": DEFAULT_SEED,
        "curve": curve_content(curve),
        "scenarios": {
            name: scenario_yield(name, generator(DEFAULT_SEED, "evaluate", "synthetic_worth", name), DRAWS).summary()
            for name in SCENARIO_SETTINGS
        },
    }


def curve_content(curve: YieldCurve) -> dict[str, Any]:
    """Return a yield curve as it is stored: quantiles instead of draws."""
    return {
        "regime": curve.regime,
        "shares": list(curve.shares),
        "settings": [
            [generations, None if verifier is None else [verifier.keep_right, verifier.keep_wrong]]
            for generations, verifier in curve.settings
        ],
        "quantiles": [
            [np.round(np.quantile(found.draws, QUANTILES, method="inverted_cdf"), 5).tolist() for found in yields]
            for yields in curve.yields
        ],
        "seed": curve.seed,
    }


def curve_from(content: Mapping[str, Any]) -> YieldCurve:
    """Return a yield curve from what was stored."""
    settings = tuple(
        (int(generations), None if verifier is None else Filter(*verifier))
        for generations, verifier in content["settings"]
    )
    shares = tuple(content["shares"])
    yields = tuple(
        tuple(
            YieldDraws(content["regime"], share, generations, verifier, np.array(drawn), np.array([np.inf]), ())
            for share, drawn in zip(shares, curve, strict=True)
        )
        for (generations, verifier), curve in zip(settings, content["quantiles"], strict=True)
    )
    return YieldCurve(content["regime"], shares, settings, yields, int(content["seed"]))
