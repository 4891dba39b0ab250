"""Distributions fixed by an interval: the ends stay the ends, arms may differ, bounds are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.core.distributions import LogNormal, z_of
from forecast.errors import InputError

POSITIVE = st.floats(1e-6, 1e18)
LEVEL = st.sampled_from([0.5, 0.8, 0.9, 0.95])


@pytest.mark.parametrize(("level", "z"), [(0.8, 1.2816), (0.9, 1.6449), (0.95, 1.9600)])
def test_an_interval_is_read_with_its_own_z(level, z):
    assert z_of(level) == pytest.approx(z, abs=5e-5)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 80.0, float("nan")])
def test_an_impossible_level_is_refused(level):
    with pytest.raises(InputError, match="probability between 0 and 1"):
        z_of(level)


@given(low=POSITIVE, ratio=st.floats(1.001, 1e6), level=LEVEL)
def test_quantiles_at_the_ends_are_the_ends(low, ratio, level):
    quantity = LogNormal.from_interval(low, low * ratio, level)
    ends = quantity.quantile(np.array([(1 - level) / 2, 0.5, (1 + level) / 2]))
    assert ends == pytest.approx([low, low * np.sqrt(ratio), low * ratio], rel=1e-6)


@given(low=POSITIVE, below=st.floats(1.01, 1e3), above=st.floats(1.01, 1e3), level=LEVEL)
def test_each_arm_of_a_stated_median_has_its_own_width(low, below, above, level):
    quantity = LogNormal.from_interval(low, low * below * above, level, median=low * below)
    ends = quantity.quantile(np.array([(1 - level) / 2, 0.5, (1 + level) / 2]))
    assert ends == pytest.approx([low, low * below, low * below * above], rel=1e-6)
    assert quantity.sd_low / quantity.sd_high == pytest.approx(np.log(below) / np.log(above))


def test_half_of_the_draws_lie_on_each_side_of_a_split_median():
    draws = LogNormal.from_interval(1.0, 1e6, 0.9, median=10.0).sample(np.random.default_rng(1), 20_000)
    assert np.mean(draws < 10.0) == pytest.approx(0.5, abs=0.01)
    assert np.mean(draws < 1.0) == pytest.approx(0.05, abs=0.005)
    assert np.mean(draws > 1e6) == pytest.approx(0.05, abs=0.005)


def test_a_truncated_one_stays_within_its_bounds_and_keeps_its_form_inside():
    cut = LogNormal.from_interval(1, 4, 0.95, upper=5.0)
    whole = LogNormal.from_interval(1, 4, 0.95)
    draws = cut.sample(np.random.default_rng(2), 50_000)
    assert draws.max() <= 5.0
    assert not np.any(draws == 5.0), "mass beyond the bound is redistributed, not heaped upon it"
    inside = whole.sample(np.random.default_rng(3), 200_000)
    inside = inside[inside <= 5.0]
    levels = [0.05, 0.5, 0.95, 0.999]
    assert np.quantile(draws, levels) == pytest.approx(np.quantile(inside, levels), rel=0.02)


@given(p=st.lists(st.floats(0.001, 0.999), min_size=2, max_size=20), upper=st.floats(1.5, 10.0))
def test_quantiles_rise_with_the_probability(p, upper):
    quantity = LogNormal.from_interval(1.0, 4.0, 0.9, lower=0.5, upper=upper)
    values = quantity.quantile(np.sort(np.array(p)))
    assert np.all(np.diff(values) >= 0)
    assert np.all((values >= 0.5) & (values <= upper))


def test_a_fixed_number_has_no_width():
    assert LogNormal(3.0, 0.0, 0.0).quantile(np.array([0.01, 0.5, 0.99])) == pytest.approx([3.0, 3.0, 3.0])


@pytest.mark.parametrize(
    ("low", "high", "median"),
    [(4, 1, None), (0, 1, None), (-1, 1, None), (1, np.inf, None), (1, 4, 5), (1, 4, 0.5), (np.nan, 1, None)],
)
def test_an_impossible_interval_is_refused(low, high, median):
    with (
        pytest.raises(InputError, match="0 < low <= median <= high"),
        np.errstate(invalid="ignore"),
    ):
        LogNormal.from_interval(low, high, 0.9, median=median)
