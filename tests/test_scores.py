"""Scores against their definitions, closed forms and an independent library, at values near 2000 as years have."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from forecast.core.summaries import QUANTILE_LEVELS, quantiles
from forecast.errors import InputError
from forecast.evaluate.backtest.comparison import coverage, effective_n, paired_ratio, wilson, without_each
from forecast.evaluate.backtest.scores import (
    covered,
    crps,
    log_score,
    pinball,
    pit,
    pooled,
    weighted_quantiles,
    wis,
    wis_of_draws,
)

RNG = np.random.default_rng(20260822)
YEARS = 2030 + 4 * RNG.standard_normal((6, 200))
CAME = 2030 + 5 * RNG.standard_normal(6)
WEIGHTS = RNG.uniform(0, 1, 200) * (RNG.uniform(size=200) > 0.2)


def integral(draws: np.ndarray, came: float, weights: np.ndarray | None = None, end: float = np.inf) -> float:
    """The CRPS by its definition: the integral of the squared difference of two step functions, step by step."""
    w = np.ones(len(draws)) if weights is None else weights
    w = w / w.sum()
    borders = np.unique(np.minimum([*draws[np.isfinite(draws)], came, end], end))
    borders = borders[np.isfinite(borders)]
    total = 0.0
    for left, right in itertools.pairwise(borders):
        total += (right - left) * (w[draws <= left].sum() - (came <= left)) ** 2
    return total


# --- CRPS


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_crps_is_the_integral_of_its_definition(weights):
    found = crps(YEARS, CAME, weights)
    wanted = [integral(draws, came, weights) for draws, came in zip(YEARS, CAME, strict=True)]
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


def test_crps_of_one_draw_is_the_absolute_error():
    assert crps(np.array([2031.5]), 2030.0) == pytest.approx(1.5, abs=1e-12)
    np.testing.assert_allclose(crps(CAME[:, None] + 3, CAME), 3)


def test_crps_nears_the_closed_form_of_the_normal():
    draws = 2030 + 4 * ndtri((np.arange(20_000) + 0.5) / 20_000)
    z = (CAME - 2030) / 4
    closed = 4 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    np.testing.assert_allclose(crps(draws, CAME), closed, rtol=1e-4)


@given(
    st.lists(st.floats(2020, 2060), min_size=1, max_size=12),
    st.floats(2020, 2060),
    st.floats(-2000, 2000),
    st.floats(0.01, 100),
)
def test_crps_moves_and_scales_with_the_unit(draws, came, shift, scale):
    x = np.array(draws)
    score = crps(x, came)
    assert score >= 0
    assert crps(scale * (x + shift), scale * (came + shift)) == pytest.approx(scale * score, rel=1e-6, abs=1e-8)


def test_crps_is_proper_also_of_censored_years():
    """Averaged over what comes from one law, that law scores better than a shifted, a narrow and a wide one."""
    truth = np.where(RNG.uniform(size=3000) < 0.2, np.inf, 2030 + 4 * RNG.standard_normal(3000))
    came, right = truth[:1500], truth[1500:]
    mean = {
        name: crps(draws, came, censored_at=2040.0).mean()
        for name, draws in {
            "right": right,
            "late": right + 3,
            "narrow": 2030 + 0.3 * (right - 2030),
            "wide": 2030 + 3 * (right - 2030),
            "never never": right[np.isfinite(right)],
        }.items()
    }
    assert min(mean, key=mean.get) == "right"


def test_infinite_years_are_scored_when_they_are_cut_and_infinite_otherwise():
    draws = np.array([2028.0, 2031.0, np.inf, np.inf])
    assert crps(draws, 2030.0, censored_at=2050.0) == pytest.approx(integral(draws, 2030.0, end=2050.0))
    assert crps(draws, np.inf, censored_at=2050.0) == pytest.approx(crps(np.minimum(draws, 2050.0), 2050.0))
    assert crps(draws, 2030.0) == np.inf
    assert crps(draws, np.inf) == np.inf
    assert crps(np.array([2028.0, 2031.0]), np.inf) == np.inf
    assert crps(np.full(3, np.inf), np.inf) == 0
    assert crps(draws, 2030.0, np.array([1.0, 1.0, 0.0, 0.0])) == pytest.approx(crps(draws[:2], 2030.0))
    # Beyond the cut nothing matters, neither in the forecast nor in what comes.
    assert crps(draws, 2060.0, censored_at=2050.0) == crps(draws, np.inf, censored_at=2050.0)


def test_weights_are_what_repeating_draws_is():
    x, times = np.array([2027.0, 2030.0, 2041.0]), np.array([3, 1, 2])
    repeated = np.repeat(x, times)
    for came in (2020.0, 2028.0, 2030.0, 2050.0):
        assert crps(x, came, times) == pytest.approx(crps(repeated, came))
        assert wis_of_draws(x, came, times) == pytest.approx(wis_of_draws(repeated, came))
    np.testing.assert_array_equal(weighted_quantiles(x, [0.1, 0.5, 0.55, 0.9], times), [2027, 2027, 2030, 2041])


def test_a_mixture_gives_each_part_its_share_however_many_draws_it_has():
    one, other = np.full(10, 2028.0), np.full(990, 2040.0)
    draws, weights = pooled([one, other])
    assert weights.sum() == pytest.approx(1)
    assert crps(draws, 2028.0, weights) == pytest.approx(12 * 0.25)
    draws, weights = pooled([one, other], [3, 1])
    assert crps(draws, 2028.0, weights) == pytest.approx(12 * 0.0625)


# --- pinball and weighted interval score


def test_pinball_is_smallest_in_the_mean_at_the_quantile():
    came = 2030 + 4 * RNG.standard_normal(4001)
    for level in (0.05, 0.5, 0.9):
        places = np.linspace(2015, 2045, 601)
        loss = [pinball(place, came, level).mean() for place in places]
        assert places[int(np.argmin(loss))] == pytest.approx(np.quantile(came, level), abs=0.06)


def test_wis_is_that_of_weighted_intervals():
    """Bracher et al.: half the error of the median and alpha/2 of each interval score, over K + 1/2."""
    alphas = [0.05, 0.2, 0.5]
    levels = [a / 2 for a in alphas] + [0.5] + [1 - a / 2 for a in reversed(alphas)]
    q = np.quantile(YEARS, levels, axis=-1).T
    total = 0.5 * np.abs(CAME - q[:, 3])
    for place, alpha in enumerate(alphas):
        low, high = q[:, place], q[:, -1 - place]
        penalty = 2 / alpha * (np.maximum(low - CAME, 0) + np.maximum(CAME - high, 0))
        total += alpha / 2 * (high - low + penalty)
    np.testing.assert_allclose(wis(q, levels, CAME), total / 3.5, rtol=1e-12)


def test_wis_nears_the_crps_as_levels_become_many():
    levels = (np.arange(2000) + 0.5) / 2000
    np.testing.assert_allclose(wis_of_draws(YEARS, CAME, levels=levels), crps(YEARS, CAME), rtol=2e-3)


def test_wis_does_not_depend_on_where_zero_is():
    at_zero = wis_of_draws(YEARS - 2030, CAME - 2030)
    np.testing.assert_allclose(wis_of_draws(YEARS, CAME), at_zero, rtol=1e-9)


def test_wis_of_years_that_may_never_come():
    draws = np.array([2028.0, 2031.0, np.inf, np.inf])
    assert wis_of_draws(draws, 2030.0) == np.inf
    assert np.isfinite(wis_of_draws(draws, 2030.0, censored_at=2050.0))
    assert wis_of_draws(draws, np.inf, censored_at=2050.0) == wis_of_draws(draws, 2051.0, censored_at=2050.0)
    assert pinball(np.inf, np.inf, 0.9) == 0


@pytest.mark.parametrize("levels", [[0.1, 0.5], [0.0, 0.5, 0.9], [0.1, 0.5, 1.0]])
def test_levels_that_do_not_fit_are_refused(levels):
    with pytest.raises(InputError):
        wis(np.array([1.0, 2.0, 3.0]), levels, 2.0)


def test_quantiles_are_the_reported_ones():
    draws = np.append(YEARS[0], np.inf)
    np.testing.assert_array_equal(weighted_quantiles(draws, QUANTILE_LEVELS), quantiles(draws, QUANTILE_LEVELS))
    even = np.full(len(draws), 0.3)
    np.testing.assert_array_equal(weighted_quantiles(draws, [0.25, 0.5], even), quantiles(draws, [0.25, 0.5]))


# --- log score


def test_log_score_is_the_log_of_the_mean_density():
    means = np.array([13.2, 13.5, 14.0])
    densities = stats.norm.pdf(13.6, means, 0.2)
    assert log_score(np.log(densities)) == pytest.approx(np.log(densities.mean()))
    shares = np.array([0.5, 0.25, 0.25])
    assert log_score(np.log(densities), shares) == pytest.approx(np.log(densities @ shares))


def test_log_score_survives_densities_beyond_the_range_of_floats():
    assert log_score(np.array([-5000.0, -5000.0])) == pytest.approx(-5000)
    assert log_score(np.array([-np.inf, np.log(0.5)])) == pytest.approx(np.log(0.25))
    assert log_score(np.array([-np.inf, -np.inf])) == -np.inf
    assert log_score(np.array([-np.inf, 0.0]), np.array([1.0, 0.0])) == -np.inf


# --- PIT and coverage


def test_pit_of_a_right_forecast_is_uniform_also_at_ties():
    rng = np.random.default_rng(1)
    for law in (lambda n: rng.normal(2030, 4, n), lambda n: rng.integers(2028, 2032, n).astype(float),
                lambda n: np.where(rng.uniform(size=n) < 0.4, np.inf, rng.normal(2030, 4, n))):  # fmt: skip
        places = pit(np.broadcast_to(law(5000), (2000, 5000)), law(2000), rng)
        assert stats.kstest(places, "uniform").pvalue > 0.001


def test_pit_without_ties_needs_no_chance():
    draws = np.arange(2001.0, 2101.0)
    assert pit(draws, 2050.5, np.random.default_rng(1)) == pytest.approx(0.5)
    assert pit(draws, 2000.0, np.random.default_rng(1)) == 0
    assert pit(draws, np.inf, np.random.default_rng(1)) == pytest.approx(1)
    half = np.where(draws > 2050, 3.0, 1.0)
    assert pit(draws, 2050.5, np.random.default_rng(1), half) == pytest.approx(0.25)


def test_intervals_cover_what_they_promise():
    rng = np.random.default_rng(2)
    draws, came = rng.normal(2030, 4, (4000, 400)), rng.normal(2030, 4, 4000)
    for level in (0.5, 0.8, 0.95):
        low, high = wilson(covered(draws, came, level).sum(), 4000, 0.999)
        assert low < level + 0.005
        assert level - 0.005 < high
    assert covered(np.array([2030.0, np.inf, np.inf]), np.inf, 0.8)
    assert covered(np.array([2030.0, np.inf, np.inf]), 2099.0, 0.8)


def test_wilson_is_the_published_interval():
    """Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I, method 3."""
    for (hits, n), ends in {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611)}.items():
        assert wilson(hits, n) == pytest.approx(ends, abs=5e-5)


def test_wilson_holds_the_share_whose_test_just_rejects():
    low, high = wilson(37, 50, 0.9)
    for share in (low, high):
        assert abs(37 / 50 - share) / np.sqrt(share * (1 - share) / 50) == pytest.approx(ndtri(0.95))


# --- few targets


def test_effective_n_counts_rows_or_targets_as_they_err():
    names = np.repeat(np.arange(12), 5)
    rng = np.random.default_rng(3)
    assert effective_n(rng.standard_normal(60), np.arange(60)) == 60
    assert effective_n(np.repeat(rng.standard_normal(12), 5), names) == pytest.approx(12)
    assert effective_n(np.ones(60), names) == pytest.approx(12)  # nothing varies: only targets count
    assert effective_n(rng.standard_normal(60), np.zeros(60)) == 1
    uneven = np.repeat([0, 1, 2], [8, 1, 1])
    assert effective_n(uneven.astype(float), uneven) == pytest.approx(100 / 66)


def test_effective_n_recovers_a_known_design_effect():
    """The variance of the mean of clustered rows is that of the effective number of independent ones."""
    rng = np.random.default_rng(4)
    names = np.repeat(np.arange(40), 6)
    rows = np.repeat(rng.normal(0, np.sqrt(0.3), (400, 40)), 6, axis=1) + rng.normal(0, np.sqrt(0.7), (400, 240))
    found = np.median([effective_n(row, names) for row in rows])
    assert found == pytest.approx(240 / (1 + 5 * 0.3), rel=0.05)
    assert rows.mean(axis=1).var() == pytest.approx(1 / found, rel=0.25)


def test_coverage_with_few_targets_is_less_sure():
    hits = np.repeat([True, True, True, False], 10)
    alone, shared = coverage(hits), coverage(hits, np.repeat(["a", "b", "c", "d"], 10))
    assert alone.share == shared.share == 0.75
    assert (alone.n_effective, shared.n_effective) == (40, pytest.approx(4))
    assert (alone.n_targets, shared.n_targets) == (40, 4)
    assert shared.interval[0] < alone.interval[0] < 0.75 < alone.interval[1] < shared.interval[1]
    assert shared.interval == pytest.approx(wilson(3, 4))


def test_paired_ratio_of_a_constant_factor_is_that_factor():
    theirs = RNG.uniform(1, 3, 30)
    found = paired_ratio(0.7 * theirs, theirs, np.arange(30) % 10, seed=1)
    assert found.ratio == pytest.approx(0.7)
    assert found.interval == pytest.approx((0.7, 0.7))
    assert (found.n, found.n_targets) == (30, 10)


def test_paired_ratio_resamples_targets_and_not_rows():
    """Rows that repeat their target's scores say nothing new: the interval is that of the targets alone."""
    rng = np.random.default_rng(5)
    ours, theirs = rng.gamma(2, 1, 12), rng.gamma(2, 1, 12)
    alone = paired_ratio(ours, theirs, range(12), seed=1)
    repeated = paired_ratio(np.repeat(ours, 9), np.repeat(theirs, 9), np.repeat(np.arange(12), 9), seed=1)
    assert repeated.interval == pytest.approx(alone.interval)
    rows = paired_ratio(np.repeat(ours, 9), np.repeat(theirs, 9), range(108), seed=1)
    assert rows.interval[1] - rows.interval[0] < 0.5 * (alone.interval[1] - alone.interval[0])
    assert paired_ratio(ours, theirs, range(12), seed=1) == alone
    assert paired_ratio(ours, theirs, range(12), seed=2) != alone


def test_paired_ratio_covers_the_true_ratio():
    """A 90 % interval from 30 targets of two rows holds the ratio of the expected scores about as often."""
    rng = np.random.default_rng(6)
    names = np.repeat(np.arange(30), 2)
    held = 0
    for seed in range(300):
        common = rng.gamma(3, 1, 30)
        ours, theirs = (np.repeat(common * rng.gamma(4, mean / 4, 30), 2) for mean in (0.8, 1.0))
        low, high = paired_ratio(ours, theirs, names, seed=seed, resamples=1000).interval
        held += low <= 0.8 <= high
    low, high = wilson(held, 300, 0.999)
    assert low <= 0.9 <= high


def test_what_hangs_on_one_target_is_named_first():
    found = without_each([1.0, 1.0, 9.0, 1.0], [2.0, 2.0, 2.0, 2.0], ["a", "a", "b", "c"])
    assert next(iter(found)) == "b"
    assert found["b"] == pytest.approx(0.5)
    assert found["a"] == pytest.approx(10 / 4)
    assert without_each([1.0, 1.0], [1.0, 0.0], ["a", "b"])["a"] == np.inf


# --- what cannot be scored


@pytest.mark.parametrize(
    "call",
    [
        lambda: crps(np.array([2030.0, np.nan]), 2030.0),
        lambda: crps(np.array([2030.0]), np.nan),
        lambda: crps(np.array([]), 2030.0),
        lambda: crps(np.ones((3, 5)), np.ones(4)),
        lambda: crps(np.ones(3), 1.0, np.array([1.0, -1.0, 1.0])),
        lambda: crps(np.ones(3), 1.0, np.zeros(3)),
        lambda: crps(np.ones(3), 1.0, np.ones(4)),
        lambda: coverage([]),
        lambda: coverage([True, False], ["a"]),
        lambda: paired_ratio([1.0], [1.0, 2.0], ["a", "b"], seed=1),
        lambda: paired_ratio([1.0, np.inf], [1.0, 2.0], ["a", "b"], seed=1),
        lambda: paired_ratio([1.0, 1.0], [1.0, 2.0], ["a", "a"], seed=1),
        lambda: paired_ratio([1.0, 1.0], [0.0, 0.0], ["a", "b"], seed=1),
    ],
)
def test_what_cannot_be_scored_is_one_line(call):
    with pytest.raises(InputError) as caught:
        call()
    assert "\n" not in str(caught.value)


# --- an independent library


@pytest.fixture(scope="module")
def oracle():
    """Its import takes seconds."""
    return pytest.importorskip("scoringrules")


@pytest.mark.slow
def test_crps_agrees_with_scoringrules(oracle):
    plain = oracle.crps_ensemble(CAME, YEARS, estimator="nrg", backend="numpy")
    np.testing.assert_allclose(crps(YEARS, CAME), plain, rtol=1e-9)
    weights = np.broadcast_to(WEIGHTS, YEARS.shape)
    weighted = oracle.crps_ensemble(CAME, YEARS, ens_w=weights, estimator="nrg", backend="numpy")
    np.testing.assert_allclose(crps(YEARS, CAME, WEIGHTS), weighted, rtol=1e-9)
    cut = oracle.twcrps_ensemble(CAME, YEARS, b=2032.0, estimator="nrg", backend="numpy")
    np.testing.assert_allclose(crps(YEARS, CAME, censored_at=2032.0), cut, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_pinball_and_interval_scores_agree_with_scoringrules(oracle):
    q = weighted_quantiles(YEARS, QUANTILE_LEVELS)
    for place, level in enumerate(QUANTILE_LEVELS):
        np.testing.assert_allclose(pinball(q[:, place], CAME, level), oracle.quantile_score(CAME, q[:, place], level))
    alphas = 2 * np.array(QUANTILE_LEVELS[:5])
    low, high = q[:, :5], q[:, :5:-1]
    np.testing.assert_allclose(high[:, 0], q[:, -1])
    scores = oracle.interval_score(CAME, low, high, alphas, backend="numpy")
    by_hand = (0.5 * np.abs(CAME - q[:, 5]) + np.sum(alphas / 2 * scores, axis=-1)) / 5.5
    np.testing.assert_allclose(wis(q, QUANTILE_LEVELS, CAME), by_hand, rtol=1e-10)
    # Compiled, its weighted score is right; in NumPy, version 0.11 adds the median itself instead of its error.
    compiled = oracle.weighted_interval_score(CAME, q[:, 5], low, high, alphas, backend="numba")
    np.testing.assert_allclose(wis(q, QUANTILE_LEVELS, CAME), compiled, rtol=1e-9)
