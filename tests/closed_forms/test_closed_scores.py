"""Scores and comparisons against their definitions, METHODS, 16, summed by brute force."""

import itertools

import numpy as np
import pytest
from scipy import stats

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

RNG = np.random.default_rng(8)
DRAWS = RNG.normal(2030.0, 4.0, (5, 7))
WEIGHTS = RNG.uniform(0.1, 2.0, (5, 7))
SEEN = np.array([2029.0, 2035.0, 2020.0, 2031.0, 2030.5])
INF = float("inf")


def integral(draws, weights, seen):
    """The integral of (F - 1{y <= x})^2 over the steps of F."""
    points = np.sort(np.append(draws, seen))
    total = 0.0
    for low, high in itertools.pairwise(points):
        share = weights[draws <= low].sum() / weights.sum()
        total += (share - (seen <= low)) ** 2 * (high - low)
    return total


@pytest.mark.parametrize("cap", [INF, 2031.0])
def test_crps_is_its_integral(cap):
    found = crps(DRAWS, SEEN, WEIGHTS, censored_at=cap)
    wanted = [integral(np.minimum(d, cap), w, min(y, cap)) for d, w, y in zip(DRAWS, WEIGHTS, SEEN, strict=True)]
    assert found == pytest.approx(wanted)
    assert crps(DRAWS, 2030.0) == pytest.approx([integral(d, np.ones(7), 2030.0) for d in DRAWS])
    assert crps(DRAWS[0], 2030.0, WEIGHTS[0] * 3) == pytest.approx(crps(DRAWS[0], 2030.0, WEIGHTS[0]))
    assert crps(np.full(3, 2030.0), 2030.0) == 0.0


def test_crps_of_never():
    never = np.array([2030.0, INF])
    assert crps(never, 2030.0) == INF
    assert crps(never, INF) == INF
    assert crps(never, 2030.0, np.array([1.0, 0.0])) == 0.0
    assert crps(np.array([INF, INF]), INF) == 0.0
    assert crps(never, INF, censored_at=2050.0) == pytest.approx(0.25 * 20)
    assert crps(np.stack([never, [2029.0, 2031.0]]), 2030.0).tolist() == [INF, 0.5]


def test_pinball_and_interval_score():
    assert pinball(2034.0, 2030.0, 0.9) == pytest.approx(0.4)
    assert pinball(2030.0, 2034.0, 0.9) == pytest.approx(3.6)
    assert pinball(INF, INF, 0.9) == 0.0
    assert pinball(INF, 2030.0, 0.9) == INF
    levels, q = np.array([0.05, 0.25, 0.5, 0.75, 0.95]), np.array([1.0, 2.0, 4.0, 5.0, 9.0])
    for y in (0.0, 3.0, 10.0):
        wanted = np.mean([2 * (max(t * (y - x), (t - 1) * (y - x))) for t, x in zip(levels, q, strict=True)])
        assert wis(q, levels, y) == pytest.approx(wanted)
    both = wis(np.stack([q, q + 1]), levels, np.array([3.0, 4.0]))
    assert both == pytest.approx([wis(q, levels, 3.0)] * 2)
    for bad in ([0.0, 0.5], [0.5, 1.0], [0.5], [[0.5, 0.6]]):
        with pytest.raises(InputError):
            wis(np.array([1.0, 2.0]), bad, 1.5)


def test_quantiles_are_draws_that_reach_the_level():
    draws, weights = np.array([5.0, 1.0, 3.0]), np.array([1.0, 2.0, 1.0])
    assert weighted_quantiles(draws, [0.5, 0.51, 0.75, 0.76], weights).tolist() == [1.0, 3.0, 3.0, 5.0]
    assert weighted_quantiles(draws, [0.3, 0.34, 0.67]).tolist() == [1.0, 3.0, 5.0]
    several = weighted_quantiles(DRAWS, [0.1, 0.5, 0.9])
    assert several.shape == (5, 3)
    assert several[:, 1] == pytest.approx(np.sort(DRAWS, axis=1)[:, 3])
    weighted = weighted_quantiles(DRAWS, [0.5], WEIGHTS)[:, 0]
    for d, w, q in zip(DRAWS, WEIGHTS, weighted, strict=True):
        assert w[d < q].sum() < w.sum() / 2 <= w[d <= q].sum()


def test_interval_score_of_draws_is_that_of_their_quantiles_up_to_the_cap():
    levels = (0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.975)
    q = weighted_quantiles(DRAWS, levels, WEIGHTS)
    assert wis_of_draws(DRAWS, SEEN, WEIGHTS) == pytest.approx(wis(q, levels, SEEN))
    capped = wis(np.minimum(q, 2031.0), levels, np.minimum(SEEN, 2031.0))
    assert wis_of_draws(DRAWS, SEEN, WEIGHTS, censored_at=2031.0) == pytest.approx(capped)


def test_log_score_and_pools():
    assert log_score(np.log([[0.1, 0.4], [0.2, 0.2]]), np.array([1.0, 3.0])) == pytest.approx(np.log([0.325, 0.2]))
    draws, weights = pooled([np.arange(4.0), np.arange(2.0)], [1.0, 3.0])
    assert draws.tolist() == [0, 1, 2, 3, 0, 1]
    assert weights == pytest.approx([1 / 16] * 4 + [3 / 8] * 2)
    draws, weights = pooled([np.zeros((3, 4)), np.ones((3, 2))])
    assert draws.shape == (3, 6)
    assert weights == pytest.approx([1 / 8] * 4 + [1 / 4] * 2)


def test_pit_lies_evenly_between_the_shares_below_and_up_to():
    draws = np.tile([1.0, 2.0, 2.0, INF], (4000, 1))
    weights = np.array([1.0, 2.0, 1.0, 4.0])
    found = pit(draws, np.full(4000, 2.0), np.random.default_rng(1), weights)
    assert stats.kstest(found, stats.uniform(1 / 8, 3 / 8).cdf).pvalue > 1e-3
    never = pit(draws, np.full(4000, INF), np.random.default_rng(1), weights)
    assert stats.kstest(never, stats.uniform(1 / 2, 1 / 2).cdf).pvalue > 1e-3
    assert pit(draws[0], 1.5, np.random.default_rng(1), weights) == 1 / 8


def test_intervals_hold_their_ends():
    draws = np.arange(1.0, 101.0)
    held = [bool(covered(draws, y, 0.8)) for y in (9.0, 10.0, 90.0, 91.0)]
    assert held == [False, True, True, False]
    assert covered(np.tile(draws, (2, 1)), np.array([10.0, 91.0]), 0.8).tolist() == [True, False]
    assert covered(np.array([1.0, 2.0]), 2.0, 0.5, np.array([9.0, 1.0])) == np.False_


@pytest.mark.parametrize(
    ("draws", "seen", "weights"),
    [
        (np.array(3.0), 1.0, None),
        (np.zeros((2, 0)), 1.0, None),
        (np.array([1.0, np.nan]), 1.0, None),
        (np.array([1.0, 2.0]), np.nan, None),
        (np.zeros((2, 3)), np.zeros(5), None),
        (np.zeros(3), 1.0, np.ones(2)),
        (np.zeros(2), 1.0, np.array([1.0, -1.0])),
        (np.zeros(2), 1.0, np.array([2.0, -1.0])),
        (np.zeros(2), 1.0, np.zeros(2)),
        (np.zeros(2), 1.0, np.array([1.0, INF])),
        (np.zeros((2, 2)), 1.0, np.array([[1.0, 1.0], [0.0, 0.0]])),
    ],
)
def test_what_is_no_forecast_is_refused(draws, seen, weights):
    with pytest.raises(InputError):
        crps(draws, seen, weights)


@pytest.mark.parametrize(("hits", "trials", "level"), [(0, 12, 0.95), (9, 12, 0.95), (12, 12, 0.9), (40, 50, 0.8)])
def test_the_ends_of_wilson_solve_its_equation(hits, trials, level):
    """(p - share)^2 = z^2 p (1 - p) / n at both ends."""
    z = stats.norm.ppf((1 + level) / 2)
    low, high = wilson(hits, trials, level)
    for end in (low, high):
        assert (end - hits / trials) ** 2 == pytest.approx(z**2 * end * (1 - end) / trials, abs=1e-12)
    assert 0.0 <= low < high <= 1.0
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0.2, 0.5)[1] < 1.0


def by_hand(values, targets):
    """Kish's effective number with the correlation of a one-way analysis of variance."""
    values, targets = np.asarray(values, float), np.asarray(targets)
    groups = [values[targets == name] for name in np.unique(targets)]
    n, k = len(values), len(groups)
    within = sum(((g - g.mean()) ** 2).sum() for g in groups) / (n - k)
    between = sum(len(g) * (g.mean() - values.mean()) ** 2 for g in groups) / (k - 1)
    squares = sum(len(g) ** 2 for g in groups)
    typical = (n - squares / n) / (k - 1)
    rho = np.clip((between - within) / (between + (typical - 1) * within), 0, 1)
    return n / (1 + (squares / n - 1) * rho)


def test_effective_rows():
    targets = list("aaabbbbccdd")
    for seed in range(6):
        values = np.random.default_rng(seed).normal(size=11) + 0.8 * np.array([ord(t) for t in targets])
        assert effective_n(values, targets) == pytest.approx(by_hand(values, targets))
    assert effective_n([1.0] * 5, list("aabbb")) == pytest.approx(5 / (1 + (13 / 5 - 1)))
    assert effective_n([1.0, 2.0, 3.0], ["a"] * 3) == pytest.approx(1.0)
    assert effective_n([1.0, 2.0], ["a", "b"]) == 2.0
    assert effective_n([0, 1, 0, 1], list("aabb")) == 4.0  # less alike within than between: no correlation
    found = coverage([True, True, False, True], list("aabb"))
    assert (found.share, found.n, found.n_targets) == (0.75, 4, 2)
    assert found.n_effective == pytest.approx(by_hand([1, 1, 0, 1], list("aabb")))
    assert found.interval == pytest.approx(wilson(0.75 * found.n_effective, found.n_effective, 0.95))
    narrow = coverage([True, True, False, True], list("aabb"), level=0.5)
    assert narrow.interval == pytest.approx(wilson(0.75 * narrow.n_effective, narrow.n_effective, 0.5))
    assert coverage([True, False]).n_targets == 2


def test_the_ratio_of_two_forecasts():
    """With two targets a resample has one twice, both, or the other twice: probabilities 1/4, 1/2, 1/4."""
    ours, theirs, targets = [1.0, 2.0, 5.0], [2.0, 2.0, 4.0], ["a", "a", "b"]
    found = paired_ratio(ours, theirs, targets, seed=1, level=0.4)
    assert (found.ratio, found.interval, found.level, found.n, found.n_targets) == (1.0, (1.0, 1.0), 0.4, 3, 2)
    assert paired_ratio(ours, theirs, targets, seed=1).interval == (0.75, 1.25)
    assert paired_ratio([1.0, 1.0], [0.0, 1.0], list("ab"), seed=1).interval == (1.0, INF)
    assert without_each(ours, theirs, targets) == {"a": 1.25, "b": 0.75}
    three = without_each([1.0, 9.0, 2.0], [2.0, 3.0, 2.0], list("abc"))
    assert list(three) == ["b", "a", "c"]  # the one that moves it most comes first
    assert list(three.values()) == pytest.approx([0.75, 2.2, 2.0])
    assert without_each([1.0, 2.0], [0.0, 1.0], list("ab"))["b"] == INF


@pytest.mark.parametrize(
    ("ours", "theirs", "targets"),
    [
        ([1.0, 2.0], [1.0], list("ab")),
        ([[1.0, 2.0]], [[1.0, 2.0]], list("ab")),
        ([1.0, INF], [1.0, 1.0], list("ab")),
        ([1.0, 1.0], [1.0, np.nan], list("ab")),
        ([1.0, 1.0], [0.0, 0.0], list("ab")),
        ([1.0, 1.0], [1.0, 1.0], list("a")),
        ([1.0, 1.0], [1.0, 1.0], list("aa")),
        ([], [], []),
    ],
)
def test_what_cannot_be_compared_is_refused(ours, theirs, targets):
    with pytest.raises(InputError):
        paired_ratio(ours, theirs, targets, seed=1)
