"""First passage against closed forms, the published readings against what they should give, and the table of rows."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from forecast.errors import InputError
from forecast.production import stocks2022
from forecast.production.online_people import ONLINE_2022, ONLINE_2024, people_by_year, person_years
from forecast.replicate import model2024, procedure2022
from forecast.replicate.compute import START_YEAR, draw_compute
from forecast.replicate.published_forecast import HORIZON, grid_crossing, line_crossing, rows_to_date, trajectory_years
from forecast.replicate.trend import HandSet


def test_line_crossing_has_the_quantiles_of_its_closed_form():
    gap = 2.0 + 0.3 * ndtri((np.arange(20_001) + 0.5) / 20_001)
    years = line_crossing(gap, np.array(0.4), at=2024.0, origin=2000.0)
    expected = 2024 + (2.0 + 0.3 * ndtri([0.1, 0.5, 0.9])) / 0.4
    np.testing.assert_allclose(np.quantile(years, [0.1, 0.5, 0.9]), expected, atol=0.002)


@pytest.mark.parametrize(
    ("gap", "closing", "expected"),
    [
        (1.0, 0.0, np.inf),
        (1.0, -0.1, np.inf),
        (0.0, -0.1, 2024.0),
        (-1.0, -0.1, 2024.0),
        (1.0, 0.013, np.inf),
        (1.0, 0.5, 2026.0),
    ],
)
def test_line_crossing_at_its_edges(gap, closing, expected):
    assert line_crossing(np.array([gap]), np.array([closing]), at=2024.0, origin=2024.0)[0] == expected


def test_grid_crossing_agrees_with_line_crossing():
    rng = np.random.default_rng(1)
    gap, closing = rng.normal(2, 1.5, 500), rng.normal(0.1, 0.2, 500)
    years = np.arange(2022.0, HORIZON + 1)
    on_grid = grid_crossing(gap[:, None] - closing[:, None] * (years - 2022), years)
    np.testing.assert_allclose(on_grid, line_crossing(gap, closing, at=2022.0, origin=2022.0), rtol=0, atol=1e-9)
    assert np.isinf(on_grid).any()
    assert (on_grid == 2022.0).any()


def test_grid_crossing_takes_the_first_of_several():
    assert grid_crossing(np.array([[1.0, -1.0, 1.0, -1.0]]), np.arange(4.0))[0] == 0.5


@pytest.mark.parametrize("more", [0.1, 1.0])
def test_more_stock_never_brings_exhaustion_forward(more):
    gap, closing = np.linspace(-1, 3, 50), np.linspace(-0.1, 0.5, 50)
    before = line_crossing(gap, closing, at=2024.0, origin=2020.0)
    assert (line_crossing(gap + more, closing, at=2024.0, origin=2020.0) >= before).all()


def test_the_published_probability_is_half_a_point_below_the_distribution_of_the_passage():
    demand = HandSet(0.375, 0.055)
    found = model2024.published_run_out({"one": model2024.Case()}, demand, seed=1)["one"]
    passage = model2024.passage(model2024.Case(), demand, seed=1, draws=100_000)
    exact = np.array([np.mean(passage <= year) for year in found.years])
    middle = (exact > 0.1) & (exact < 0.9)
    assert -0.012 < np.mean(found.probability[middle] - exact[middle]) < 0.0
    assert np.abs(found.probability - exact).max() < 0.03


def test_the_published_reading_is_the_grid_year_before():
    run_out = model2024.RunOut(np.array([2027.0, 2028.0, 2029.0]), np.array([0.2, 0.6, 0.9]))
    assert [run_out.at(level) for level in (0.1, 0.5, 0.9, 0.95)] == [-np.inf, 2027.0, 2028.0, np.inf]


def test_overtraining_acts_by_its_square_root_and_not_before_its_start():
    demand = HandSet(0.375, 1e-9)
    base = model2024.passage(model2024.Case(), demand, seed=1, draws=20_000)
    five = model2024.passage(model2024.Case(overtraining=5.0), demand, seed=1, draws=20_000)
    assert five.min() >= min(base.min(), 2025.0)
    late = five > 2025
    growth = 0.375 - 0.5 * np.log10(5) / (base - five)[late]  # of the stock, by path
    np.testing.assert_allclose(10 ** np.median(growth), 1.03 * 1.0488, atol=0.002)


def test_the_recipe_finds_where_two_known_lines_meet():
    stock = stocks2022.Stock(np.full(1000, 0.0), lambda year: np.asarray(14.0 + 0 * np.asarray(year)))
    sets = procedure2022.DataSets(1e12, 0.25, 0.01, 0.0)
    sharp = procedure2022.published_procedure(stock.density, sets.values, whole_years=False, window=1)
    assert sharp.at(0.5) == pytest.approx(2030.0, abs=0.11)
    smooth = procedure2022.published_procedure(stock.density, sets.values, whole_years=False, window=21)
    assert smooth.at(0.5) - sharp.at(0.5) == pytest.approx(1.0, abs=0.11)


def test_the_recipe_needs_no_ratio_draws():
    rng = np.random.default_rng(1)
    stock, sizes = 15 + 0.3 * rng.standard_normal(2_000_000), 14.9 + 0.4 * rng.standard_normal(2_000_000)
    sampled = np.mean(np.abs(stock / sizes - 1) < 0.002) / 0.004
    direct = np.mean(sizes * np.interp(sizes, stocks2022.GRID, stocks2022.histogram(stock)))
    assert direct == pytest.approx(sampled, rel=0.02)


def test_person_years_are_those_of_the_papers():
    def years_of_2022(year):
        online = dict(zip(*people_by_year(ONLINE_2022), strict=True))
        return float(person_years(ONLINE_2022, year, first=1951, inclusive=True)) / online[2022.0]

    # The papers used an earlier population table: half a per cent of difference.
    assert years_of_2022(2022) == pytest.approx(12.791, rel=0.005)
    assert years_of_2022(2030) == pytest.approx(21.838, rel=0.005)
    assert years_of_2022(2050) == pytest.approx(49.001, rel=0.01)
    assert model2024.internet_users_years(2025.0) == pytest.approx(11.623, rel=0.005)
    assert float(person_years(ONLINE_2024, 1951.0, first=1950, inclusive=False)) == people_by_year(ONLINE_2024)[1][0]


def test_growth_of_data_sets_comes_from_the_stated_doubling_times():
    words, images = procedure2022.WORDS, procedure2022.IMAGES
    ends = [sets.growth_mean + z * 1.6448536 * sets.growth_sd for sets in (words, images) for z in (-1, 1)]
    np.testing.assert_allclose(ends, [0.26477, 0.39162, 0.09589, 0.23341], atol=1e-5)


def test_bytes_a_token_go_below_zero_unless_mended():
    published = model2024.draw_stock(np.random.default_rng(1), 200_000)
    corrected = model2024.draw_stock(np.random.default_rng(1), 200_000, corrected=True)
    assert np.mean(published.raw < 0) == pytest.approx(0.00095, abs=0.0003)
    assert corrected.raw.min() > 0
    assert np.median(corrected.raw) == pytest.approx(np.median(published.raw), rel=0.01)


def test_the_rebuilt_compute_follows_its_description():
    paths = draw_compute(1, 20_000)
    doublings = np.median(paths.log10_flop(2029.0) - paths.log10_flop(2027.0)) / np.log10(2)
    assert doublings == pytest.approx(4.0, abs=0.1)
    low, high = np.quantile(paths.reversion - 2022, [0.05, 0.95])
    assert (low, high) == (pytest.approx(8, abs=0.2), pytest.approx(18, abs=0.4))
    assert np.median(paths.log10_flop(2060.0) - paths.log10_flop(2058.0)) < 0.6 * 4 * np.log10(2)
    assert np.median(paths.log10_flop(START_YEAR)) == pytest.approx(np.log10(2.53e24), abs=0.02)
    cap = paths.cap + paths.cap_growth * 40
    assert (paths.log10_flop(2062.0) <= cap + 1e-9).all()


def test_rows_to_date_refuse_what_cannot_be_used():
    good = pd.DataFrame({"year": [2020.0, 2021.0, 2022.0], "tokens": [1e11, np.nan, 1e12]})
    years, sizes = rows_to_date(good, 2021.5, fewest=1)
    assert (years.tolist(), sizes.tolist()) == ([2020.0], [11.0])
    with pytest.raises(InputError, match="without tokens"):
        rows_to_date(good[["year"]], 2022.0, fewest=1)
    with pytest.raises(InputError, match="at least 5"):
        rows_to_date(good, 2023.0, fewest=5)
    with pytest.raises(InputError, match="positive"):
        rows_to_date(good.assign(tokens=[0.0, 1.0, 1.0]), 2023.0, fewest=1)
    with pytest.raises(InputError, match="different dates"):
        rows_to_date(good.assign(year=2020.0, tokens=1e11), 2023.0, fewest=2)


def test_trajectories_start_at_their_origin():
    years = trajectory_years(2026.64)
    assert years[0] == 2026.64
    assert 2050.0 <= years[-1] < 2050.25
    assert len(trajectory_years(2060.0)) == 2
