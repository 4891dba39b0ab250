"""Ratios of scores with errors shared in two ways."""

import numpy as np
import pytest
from scipy.stats import t

from forecast.errors import InputError
from forecast.evaluate.backtest import interval_coverage
from forecast.evaluate.backtest.run import read_stored
from forecast.evaluate.two_way import by_origin_and_target, two_way_ratio


def test_without_common_errors_it_is_the_interval_of_independent_rows():
    rng = np.random.default_rng(1)
    ours, theirs = rng.gamma(4.0, size=40), rng.gamma(4.0, size=40)
    u = ours / ours.sum() - theirs / theirs.sum()
    one = two_way_ratio(ours, theirs, range(40), ["x"] * 40)
    half = t.ppf(0.95, 39) * np.sqrt(np.sum(u**2) * 40 / 39)
    assert one.interval == pytest.approx((one.ratio * np.exp(-half), one.ratio * np.exp(half)))
    assert one.n_effective == pytest.approx(39)


def test_rows_said_twice_make_no_forecast_surer():
    rng = np.random.default_rng(2)
    ours, theirs = rng.gamma(4.0, size=20), rng.gamma(4.0, size=20)
    once = two_way_ratio(ours, theirs, range(20), ["x"] * 20)
    twice = two_way_ratio(np.tile(ours, 2), np.tile(theirs, 2), [*range(20)] * 2, ["x"] * 40)
    assert twice.interval == pytest.approx(once.interval)
    assert twice.n_effective == pytest.approx(once.n_effective)


def test_errors_by_origin_widen_what_targets_alone_would_say():
    rng = np.random.default_rng(3)
    origin, target = np.repeat(np.arange(14), 8), np.repeat(np.arange(14), 8) + np.tile(np.arange(1, 9), 14)
    theirs = np.ones(112)
    ours = np.exp(0.5 * rng.standard_normal(14))[origin] * np.exp(0.05 * rng.standard_normal(112))
    both = by_origin_and_target(ours, theirs, origin.tolist(), target.tolist())
    alone = two_way_ratio(ours, theirs, target.tolist(), ["x"] * 112)
    assert both.interval[1] / both.interval[0] > alone.interval[1] / alone.interval[0]
    assert both.n_effective < 30


def test_weights_are_those_of_repeated_rows():
    ours, theirs = [1.0, 2.0, 4.0], [2.0, 2.0, 2.0]
    weighted = two_way_ratio(ours, theirs, "abc", "xxx", weights=[1.0, 2.0, 1.0])
    repeated = two_way_ratio([1.0, 2.0, 2.0, 4.0], [2.0] * 4, "abbc", "xxxx")
    assert weighted.interval == pytest.approx(repeated.interval)


@pytest.mark.parametrize("theirs", [[0.0, 0.0], [1.0, np.inf], [1.0]])
def test_scores_that_cannot_be_compared_are_refused(theirs):
    with pytest.raises(InputError):
        two_way_ratio([1.0, 1.0], theirs, "ab", "xy")


def test_scores_of_one_cluster_are_refused():
    with pytest.raises(InputError, match="two clusters"):
        two_way_ratio([1.0, 1.0], [1.0, 2.0], "aa", "xx")


def test_the_interval_holds_the_truth_of_simulated_histories():
    found = interval_coverage.measured(histories=150)
    assert found["held"] >= 0.85
    assert min(found["kinds"].values()) >= 0.80


def test_simulated_records_never_fall_and_scores_are_of_the_design():
    ours, theirs, places = interval_coverage.scores("stalling", 5, np.random.default_rng(4))
    assert ours.shape == theirs.shape == (5, len(places))
    assert (ours > 0).all()
    assert (theirs > 0).all()
    assert len(set(places[:, 0])) == interval_coverage.ORIGINS
    assert (places[:, 1] - places[:, 0]).max() == interval_coverage.AHEAD


def test_stored_comparisons_allow_for_origins_and_targets():
    pairs = {(p["against"], p["rows"]): p for p in read_stored().content["pairs"]}
    pair = pairs["epoch2024", "all"]
    low, high = pair["interval_0.9"]
    by_target = pair["interval_0.9_by_target"]
    assert pair["clustered_by"] == ["origin", "target"]
    assert low < by_target[0] < pair["crps_ratio"] < by_target[1] < high
    assert pair["n_effective"] < 30
