"""First passage: against closed forms, and what must hold whatever the paths."""

from __future__ import annotations

import functools
import itertools
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError
from forecast.runs.document import exhaustion_block
from forecast.runs.passage import REASONS, Pair, apply_levers, crossing_years, first_passage, passages
from forecast.scenarios import scenario as scenarios

YEARS = np.arange(2021.0, 2101.25, 0.5)


def trajectory(draws: np.ndarray, years: np.ndarray = YEARS, role: str = "consumption", name: str = "public_text"):
    """Make a trajectory out of a list of paths."""
    return make_trajectory(np.atleast_2d(draws), years, resource_name=name, role=role, source="test")


def passage(frontier: np.ndarray, stock: np.ndarray, years: np.ndarray = YEARS):
    """Return the first passage of bare arrays."""
    return first_passage(trajectory(frontier, years), trajectory(stock, years, "stock"))


def smooth_paths(rng: np.random.Generator, count: int, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return damped frontiers and slow stocks, one row per future, from parameters alone."""
    a, b, r = rng.normal(13.6, 0.2, count), rng.lognormal(np.log(0.35), 0.3, count), rng.lognormal(-2.1, 0.6, count)
    t = years[None, :] - 2026.0
    frontier = a[:, None] + b[:, None] * (1 - np.exp(-r[:, None] * t)) / r[:, None]
    stock = rng.normal(14.8, 0.4, count)[:, None] + rng.normal(0.02, 0.01, count)[:, None] * t
    return frontier, stock


# --- known truth


@given(
    level=st.floats(12.0, 14.0), slope=st.floats(0.1, 1.0), height=st.floats(14.0, 15.0), drift=st.floats(-0.05, 0.05)
)
def test_two_exponentials_cross_where_the_closed_form_says(level, slope, height, drift):
    truth = 2026.0 + (height - level) / (slope - drift)
    t = YEARS - 2026.0
    found = passage(level + slope * t, height + drift * t).year[0]
    if truth < YEARS[-1]:
        assert found == pytest.approx(truth, abs=1e-6)
    else:
        assert found == np.inf


def test_between_knots_the_crossing_is_exact_and_not_read_off_the_grid():
    years = np.array([2024.0, 2027.0, 2040.0])
    assert passage([13.0, 13.3, 15.9], [14.0, 14.0, 14.0], years).year[0] == pytest.approx(2027 + 13 * 0.7 / 2.6)


def test_what_touches_has_arrived():
    years = np.array([2024.0, 2025.0, 2026.0])
    assert passage([13.0, 14.0, 13.5], [14.0, 14.0, 14.0], years).year[0] == 2025.0


def test_what_begins_crossed_is_dated_to_the_beginning_and_counted_as_already():
    found = passage(np.full(len(YEARS), 16.0), np.full(len(YEARS), 14.0))
    assert found.year[0] == YEARS[0]
    block = exhaustion_block(found.year, as_of=2026.5, horizon=2100, never=found.never)
    assert block["probability_already"] == 1.0
    assert block["probability_by"]["2026"] == 1.0


def test_only_the_first_passage_counts():
    years = np.arange(2024.0, 2030.0)
    frontier = [13.0, 15.0, 13.0, 15.0, 15.0, 15.0]
    assert passage(frontier, np.full(6, 14.0), years).year[0] == 2024.5


# --- never


def test_futures_that_never_cross_are_inf_counted_and_told_apart():
    t = YEARS - 2026.0
    frontier = np.stack(
        [
            13 + (1 - np.exp(-0.5 * t)),  # stops growing below
            13 + 0.1 * t,  # the stock runs away from it
            np.maximum(13 + 0.05 * t, 0),  # still closing in at the horizon
            13 + 0.5 * t,  # gets there
        ]
    )
    stock = np.stack([np.full(len(t), 16.0), 14 + 0.2 * t, np.full(len(t), 18.0), np.full(len(t), 15.0)])
    found = passage(frontier, stock)
    assert np.isinf(found.year).tolist() == [True, True, True, False]
    assert found.never == {"frontier_saturates": 0.25, "stock_escapes": 0.25, "horizon": 0.25}
    assert tuple(found.never) == REASONS
    assert found.horizon == YEARS[-1]


@given(seed=st.integers(0, 1000))
def test_the_reasons_add_up_to_what_never_crosses(seed):
    frontier, stock = smooth_paths(np.random.default_rng(seed), 200, YEARS)
    found = passage(frontier, stock + 1.5)
    assert sum(found.never.values()) == pytest.approx(np.mean(np.isinf(found.year)))
    block = exhaustion_block(found.year, as_of=2026.5, horizon=2100, never=found.never)
    assert sum(block["never"].values()) == pytest.approx(block["probability_after_horizon"], abs=2e-6)
    for value in (
        block["median"],
        *block["quantiles"].values(),
        *functools.reduce(operator.iadd, block["intervals"].values(), []),
    ):
        assert value is None or value <= 2101


# --- what must hold whatever the paths

PATHS = hnp.arrays(float, (8, 12), elements=st.floats(10.0, 18.0))


@given(frontier=PATHS, stock=PATHS, more=st.floats(0.0, 3.0))
def test_more_stock_never_brings_it_forward(frontier, stock, more):
    years = np.arange(2024.0, 2036.0)
    before, after = crossing_years(frontier, stock, years), crossing_years(frontier, stock + more, years)
    # The same crossing worked out twice may differ in its last digits.
    assert np.all((after >= before - 1e-9) | (np.isinf(after) & np.isinf(before)))


@given(frontier=PATHS, stock=PATHS, unit=st.sampled_from([-15, -12, -3, 3, 6]))
def test_a_change_of_unit_moves_nothing(frontier, stock, unit):
    years = np.arange(2024.0, 2036.0)
    one, other = crossing_years(frontier, stock, years), crossing_years(frontier + unit, stock + unit, years)
    # A gap that is nothing but rounding may fall to either side of zero.
    clear = np.abs(frontier - stock).min(axis=1) > 1e-9
    assert np.array_equal(np.isinf(one[clear]), np.isinf(other[clear]))
    finite = clear & np.isfinite(one)
    assert other[finite] == pytest.approx(one[finite], abs=1e-6)


@given(frontier=PATHS, stock=PATHS)
def test_a_crossing_lies_between_the_knots_where_the_order_changes(frontier, stock):
    years = np.arange(2024.0, 2036.0)
    for row, year in enumerate(crossing_years(frontier, stock, years)):
        gap = frontier[row] - stock[row]
        if np.isinf(year):
            assert np.all(gap < 0)
        else:
            assert np.all(gap[years < year - 1e-9] < 0)
            assert gap[np.searchsorted(years, year - 1e-9)] >= 0


@given(years=st.lists(st.one_of(st.floats(2018.0, 2101.0), st.just(np.inf)), min_size=1, max_size=50))
def test_the_distribution_by_year_never_falls_and_ends_at_what_is_left(years):
    block = exhaustion_block(np.array(years), as_of=2026.5, horizon=2100)
    by = list(block["probability_by"].values())
    assert list(block["probability_by"]) == [str(y) for y in range(2026, 2101)]
    assert all(a <= b for a, b in itertools.pairwise(by))
    assert block["probability_already"] <= by[0]
    assert by[-1] <= 1 - block["probability_after_horizon"] + 1e-6


def test_a_finer_grid_moves_no_quantile_by_a_hundredth_of_a_year():
    levels = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.9])

    def quantiles(step: float) -> np.ndarray:
        years = np.arange(2021.0, 2101.0 + step / 2, step)
        found = crossing_years(*smooth_paths(np.random.default_rng(3), 4000, years), years)
        return np.quantile(found, levels, method="inverted_cdf")

    coarse, fine = quantiles(0.5), quantiles(0.5 / 16)
    assert np.isfinite(coarse[:5]).all()
    assert np.array_equal(np.isinf(coarse), np.isinf(fine))
    assert coarse[np.isfinite(coarse)] == pytest.approx(fine[np.isfinite(fine)], abs=0.01)


# --- many thresholds in one pass


def one_by_one(frontier: np.ndarray, stock: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Find crossings as slowly and plainly as can be."""
    found = []
    for use, limit in zip(frontier, stock, strict=True):
        gap = use - limit
        place = next((i for i, value in enumerate(gap) if value >= 0), None)
        if place is None:
            found.append(np.inf)
        elif place == 0:
            found.append(years[0])
        else:
            step = years[place] - years[place - 1]
            found.append(years[place - 1] + step * -gap[place - 1] / (gap[place] - gap[place - 1]))
    return np.array(found)


@given(
    seed=st.integers(0, 10_000),
    points=st.integers(2, 70),
    height=st.floats(-1.0, 6.0),
    order=st.sampled_from(["C", "F"]),
)
def test_one_pass_over_many_thresholds_finds_what_a_plain_search_finds(seed, points, height, order):
    rng = np.random.default_rng(seed)
    years = 2024.0 + np.cumsum(rng.uniform(0.1, 1.0, points))
    # Paths that go up and down, so that futures are decided early, late and never, and cross again.
    use = np.asarray(13.0 + np.cumsum(rng.normal(0.1, 0.4, (60, points)), axis=1), order=order)
    limit = np.asarray(13.0 + height + np.cumsum(rng.normal(0.0, 0.3, (60, points)), axis=1), order=order)
    own = rng.normal(0.0, 1.0, 60)
    before = use.copy(), limit.copy()
    found = passages([Pair(use, limit, {"zero": 0.0, "tenth": -1.0, "own": own, "far": 50.0})], years)
    for name, threshold in (("zero", 0.0), ("tenth", -1.0), ("own", own[:, None]), ("far", 50.0)):
        assert found[name].year == pytest.approx(one_by_one(use, limit + threshold, years), abs=1e-9), name
    assert np.array_equal(use, before[0])
    assert np.array_equal(limit, before[1])


def test_all_thresholds_give_what_each_gives_alone():
    frontier, stock = smooth_paths(np.random.default_rng(9), 300, YEARS)
    together = passages([Pair(frontier, stock, {"a": 0.0, "b": -1.0, "c": 0.7})], YEARS)
    for name, level in (("a", 0.0), ("b", -1.0), ("c", 0.7)):
        alone = passages([Pair(frontier, stock, {name: level})], YEARS)[name]
        assert np.array_equal(together[name].year, alone.year)
        assert together[name].never == alone.never


def test_from_nothing_a_path_arrives_at_the_end_of_the_step():
    years = np.array([2024.0, 2025.0, 2026.0])
    assert crossing_years(np.array([[-np.inf, -np.inf, 14.0]]), np.full((1, 3), 13.0), years).tolist() == [2026.0]


# --- what is refused


def test_different_years_or_units_are_not_compared():
    one = trajectory(np.full(len(YEARS), 13.0))
    with pytest.raises(InputError, match="different years"):
        first_passage(one, trajectory(np.full(3, 14.0), YEARS[:3], "stock"))
    with pytest.raises(InputError, match=r"log10\(tokens\) against log10\(images\)"):
        first_passage(one, trajectory(np.full(len(YEARS), 14.0), role="stock", name="images"))


@pytest.mark.parametrize(
    ("draws", "years"),
    [
        (np.zeros((2, 3)), np.array([2024.0, 2025.0])),
        (np.zeros((2, 2)), np.array([2025.0, 2024.0])),
        (np.array([[np.nan, 1.0]]), np.array([2024.0, 2025.0])),
    ],
)
def test_a_trajectory_out_of_shape_is_refused(draws, years):
    with pytest.raises(InputError):
        make_trajectory(draws, years, resource_name="public_text", role="stock", source="test")


def test_the_longer_side_is_cut_to_the_shorter():
    long, short = np.full((5, len(YEARS)), 15.0), np.full((2, len(YEARS)), 14.0)
    assert passage(long, short).year.shape == (2,)


# --- levers


def test_levers_multiply_the_stock_and_leave_the_frontier_alone():
    scenario = scenarios.load("baseline").replace(repetition=4.0, quality=0.25)
    raw, seen = np.full((50, len(YEARS)), 14.0), np.full((50, len(YEARS)), 13.0)
    effective, layers = apply_levers(trajectory(raw, role="stock"), scenario, seed=1)
    factors = {layer.name: layer.log10_factor for layer in layers}
    assert factors["quality"] == pytest.approx(np.log10(0.25))
    assert factors["repetition"] == pytest.approx(np.log10(4.0))
    assert effective.values == pytest.approx(raw + sum(factors.values()))
    assert all(layer.source for layer in layers)
    assert np.array_equal(apply_levers(trajectory(seen), scenario, seed=1)[0].values, seen)


def test_first_passage_with_a_scenario_applies_its_levers():
    scenario = scenarios.load("baseline").replace(quality=0.1)
    scenario = scenario.with_levers({"quality": scenario.levers["quality"]})
    t = YEARS - 2026.0
    frontier, raw = trajectory(13.0 + 0.5 * t), trajectory(np.full(len(YEARS), 15.0), role="stock")
    bare, with_levers = first_passage(frontier, raw).year[0], first_passage(frontier, raw, scenario).year[0]
    assert bare == pytest.approx(2030.0)
    assert with_levers == pytest.approx(2028.0)
