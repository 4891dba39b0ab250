"""Compute of disclosed runs: the fit finds a known bend, and the prior of compute-led demand is what the table says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecast.consumption.alternatives.compute_trend import (
    BEND_AT,
    LARGEST,
    SINCE,
    compute_trend,
    disclosed_runs,
    elasticity,
)
from forecast.consumption.members.compute_led import BEND, ComputeLed
from forecast.core.units import REFERENCE_YEAR


def made(slope: float, bend: float, each: int = LARGEST) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    year = np.repeat(SINCE + 0.25 + 0.5 * np.arange(8), each)
    compute = (
        24 + slope * (year - BEND_AT) + bend * np.maximum(year - BEND_AT, 0) + 0.01 * rng.standard_normal(len(year))
    )
    size = 12 + 0.5 * (compute - 24)
    frame = pd.DataFrame({"year": year, "compute": compute, "size": size, "in_tokens": True})
    return frame.assign(half_year=np.floor(2 * year) / 2)


def test_a_known_bend_is_found():
    found = compute_trend(made(0.6, -0.4))
    for estimate, truth in ((found.before, 0.6), (found.bend, -0.4), (found.after, 0.2)):
        assert estimate.value == pytest.approx(truth, abs=0.02)
        assert estimate.low < truth < estimate.high
    assert elasticity(2022, 2030, made(0.6, -0.4)).value == pytest.approx(0.5)


def test_half_years_with_few_runs_do_not_count():
    full, thin = made(0.6, -0.4), made(0.6, 5.0, each=2)
    late = thin[thin["year"] > 2025.9].assign(year=2026.2, half_year=2026.0, compute=30.0)
    assert compute_trend(pd.concat([full, late])) == compute_trend(full)


def test_what_the_shipped_table_says():
    """METHODS, 5: the numbers beside the prior of compute-led demand."""
    runs = disclosed_runs()
    found = compute_trend(runs)
    assert found.runs == 64
    told = {
        "before": (0.66, 0.49, 0.82),
        "bend": (-0.65, -1.10, -0.20),
        "after": (0.01, -0.32, 0.34),
        "bend_by_half_years": (-0.69, -1.65, 0.26),
    }
    for name, numbers in told.items():
        estimate = getattr(found, name)
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx(numbers, abs=0.006), name
    early, late = elasticity(SINCE, BEND_AT, runs), elasticity(BEND_AT, 2027.0, runs)
    assert (early.value, early.low, early.high) == pytest.approx((0.44, 0.38, 0.50), abs=0.006)
    assert (late.value, late.low, late.high) == pytest.approx((0.55, 0.46, 0.63), abs=0.006)


def test_the_prior_is_that_of_the_table():
    assert REFERENCE_YEAR + BEND == BEND_AT
    found, ends = compute_trend(), (elasticity(SINCE, BEND_AT), elasticity(BEND_AT, 2027.0))
    member = ComputeLed()
    low, high = (found.before.value * one.value for one in ends)
    assert low < member.slope.centre < high, "compute's growth times the elasticity of tokens to it"
    _, top = member.slope.quantile(np.array([0.05, 0.95]))
    assert top > found.before.high * ends[0].value, "the prior is no narrower than the table is sure"
    table = [value / found.before.value for value in (found.after.value, found.after.high)]
    assert table[0] < member.kept.centre < table[1], "above what disclosed runs kept, within what they may have"
    assert member.kept.quantile(np.array([0.95])).item() == pytest.approx(1.0), (
        "that nothing has slowed is not excluded"
    )
