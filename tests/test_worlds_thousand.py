"""The thousand worlds: families are what their names say, frozen by hash, and coverage of toys is what it must be."""

from __future__ import annotations

import json

import numpy as np
import pytest

from forecast.consumption.frontier_data import BLOCK_YEARS, FEWEST_BLOCKS, FIRST_KNOT, frontier_data
from forecast.consumption.members import member
from forecast.consumption.undisclosed import Undisclosed
from forecast.errors import InputError
from forecast.evaluate.backtest.scores import crps, pooled
from forecast.evaluate.calibration.coverage import HORIZONS
from forecast.evaluate.worlds import making, run
from forecast.evaluate.worlds.growth import GROWTHS
from forecast.evaluate.worlds.publication import LEFT_OVER, PUBLICATIONS, WRONG, runs
from forecast.evaluate.worlds.scoring import WorldTask, score_world, scored
from forecast.evaluate.worlds.shift import MIXTURE, Law, candidates, judged, learned, of_the_forecast
from forecast.evaluate.worlds.summary import chosen, clustered, held, summary, worst_pair
from forecast.fits.particles.sweep import Care
from forecast.plots.worlds import worlds as draw
from forecast.plots.worlds import worlds_table, worlds_text

T = np.arange(0.0, 13.01, 1 / 12)


def grown(name: str, seed: int = 3) -> tuple[np.ndarray, dict[str, float]]:
    return GROWTHS[name](T, np.random.default_rng(seed))


def published(name: str, seed: int = 3):
    return PUBLICATIONS[name](frontier, 2026.0, np.random.default_rng(seed))


def frontier(year: np.ndarray) -> np.ndarray:
    return 10.0 + 0.4 * (year - FIRST_KNOT)


@pytest.mark.parametrize("name", GROWTHS)
@pytest.mark.parametrize("seed", range(8))
def test_every_path_starts_at_zero_and_never_falls(name, seed):
    path, _ = grown(name, seed)
    assert path[0] == 0
    assert np.all(np.isfinite(path))
    assert np.diff(path).min() >= -1e-12


def test_steady_growth_has_one_slope_and_damped_growth_halves_in_its_time():
    path, true = grown("exponential")
    assert np.diff(path) * 12 == pytest.approx(true["slope"])
    path, true = grown("damped")
    assert path == pytest.approx(true["slope"] / true["rate"] * (1 - np.exp(-true["rate"] * T)))
    slopes = np.diff(path)
    assert slopes[12] / slopes[0] == pytest.approx(np.exp(-true["rate"]))


@pytest.mark.parametrize("seed", range(8))
def test_a_change_of_pace_is_one_and_regimes_are_several(seed):
    path, true = grown("changepoint", seed)
    slopes = np.diff(path) * 12
    before, after = slopes[T[1:] <= true["turn"]], slopes[T[:-1] >= true["turn"]]
    assert before == pytest.approx(true["slope"])
    assert after == pytest.approx(true["slope"] * true["factor"])
    assert not 0.5 < true["factor"] < 1.5
    path, true = grown("regimes", seed)
    kinds = len(np.unique(np.round(np.diff(path), 9)))
    assert 3 <= true["turns"] + 1 <= kinds <= 2 * true["turns"] + 1  # and a month that holds a turn


def test_a_local_trend_wanders_within_its_bounds():
    slopes = np.array([np.diff(grown("local_trend", seed)[0]) * 12 for seed in range(60)])
    start = np.array([grown("local_trend", seed)[1]["slope"] for seed in range(60)])
    moved = np.log(slopes / start[:, None])
    assert np.abs(moved).max() == pytest.approx(np.log(2.5))
    assert moved[:, -1].std() > 2 * moved[:, 6].std()  # as a walk does


@pytest.mark.parametrize("seed", range(8))
def test_a_ceiling_is_not_passed_and_a_hard_one_is_reached_along_a_line(seed):
    path, true = grown("ceiling", seed)
    assert path.max() <= true["height"] + 1e-12
    if not true["soft"]:
        assert path[-1] == pytest.approx(true["height"])
        rising = path[1:] < true["height"] - 1e-9
        assert np.diff(path)[rising] == pytest.approx(path[1])


@pytest.mark.parametrize("seed", range(8))
def test_a_stall_rests_for_its_length_and_resumes_with_the_old_slope(seed):
    path, true = grown("stall", seed)
    end = true["start"] + true["length"]
    assert path[-1] == pytest.approx(true["slope"] * (T[-1] - true["length"]))
    resting = (true["start"] <= T) & (end >= T)
    assert np.ptp(path[resting]) == pytest.approx(0)
    assert np.diff(path[end <= T]) * 12 == pytest.approx(true["slope"])


def test_a_jumpy_record_mostly_rests_and_drifts_on_average():
    found = [grown("jumpy", seed) for seed in range(300)]
    assert np.mean([np.mean(np.diff(path) == 0) for path, _ in found]) > 0.8
    assert np.mean([path[-1] / T[-1] / true["drift"] for path, true in found]) == pytest.approx(1, abs=0.08)


def test_plain_runs_lie_below_the_frontier_and_are_read_with_their_stated_error():
    found, _ = published("plain")
    assert np.all(found.true < frontier(found.year))
    pulls = np.concatenate([(one.size - one.true) / one.sd for one, _ in (published("plain", s) for s in range(20))])
    assert pulls.std() == pytest.approx(1, abs=0.05)


def test_numbers_of_runs_grow_or_shrink_by_the_factor_that_is_told():
    ends = []
    for seed in range(40):
        found, true = published("counts", seed)
        late, early = np.sum(found.year >= 2024.0), np.sum(found.year < 2020.0)
        ends.append((np.log((late + 0.5) / (early + 0.5)), 0.75 * np.log(true["factor"])))  # 6 years apart, of 8
        assert 5 <= max(true["factor"], 1 / true["factor"]) <= 30
    made, told = np.array(ends).T
    assert np.corrcoef(made, told)[0, 1] > 0.95
    assert np.mean(made - told) == pytest.approx(0, abs=0.15)
    assert {True, False} == {bool(one) for one in told > 0}


@pytest.mark.parametrize("seed", range(8))
def test_undisclosed_runs_leave_the_frontier_hidden(seed):
    found, true = published("undisclosed", seed)
    assert np.log10(2.5) <= true["gap"] <= 1
    late = found.year >= true["since"]
    assert np.all(frontier(found.year[late]) - found.true[late] >= true["gap"])
    twin = runs(frontier, 2026.0, np.random.default_rng(5))
    hidden = runs(frontier, 2026.0, np.random.default_rng(5), gap=(0.7, 2022.0))
    assert twin.true - hidden.true == pytest.approx(np.where(twin.year >= 2022.0, 0.7, 0.0))


@pytest.mark.parametrize("seed", range(8))
def test_wrong_units_are_few_and_known_factors(seed):
    found, true = published("units", seed)
    twin = runs(frontier, 2026.0, np.random.default_rng(seed))
    moved = found.size - twin.size
    assert np.sum(moved != 0) == true["wrong"]
    assert 2 <= true["wrong"] <= 6
    for one in moved[moved != 0]:
        assert min(abs(one - factor) for factor in WRONG.values()) < 1e-9


def test_disclosure_stops_at_its_date():
    shares = []
    for seed in range(30):
        found, true = published("stop", seed)
        twin = runs(frontier, 2026.0, np.random.default_rng(seed))
        assert np.array_equal(found.year[found.year < true["since"]], twin.year[twin.year < true["since"]])
        shares.append([np.sum(found.year >= true["since"]), np.sum(twin.year >= true["since"])])
    shown, all_runs = np.sum(shares, axis=0)
    assert shown / all_runs == pytest.approx(LEFT_OVER, abs=0.02)


def test_a_thousand_worlds_each_pair_as_often_and_half_of_the_pairs_held_out():
    names, halves, known = making.names(), making.halves(), making.frozen()
    assert len(set(names)) == 1000 == known["worlds"] == len(known["digests"])
    for start in range(0, 1000, 40):
        assert {name.rpartition("/")[0] for name in names[start : start + 40]} == set(halves)
    assert sorted(halves.values()) == ["held_out"] * 20 + ["learning"] * 20
    assert halves == known["halves"]
    assert len(making.ORIGINS) >= 4
    assert known["origins"] == list(making.ORIGINS)
    assert {one.name for one in making.worlds(40, "learning")} == {
        f"{p}/0" for p, h in halves.items() if h == "learning"
    }


def test_the_first_worlds_are_the_frozen_ones_and_can_be_forecast_from_every_origin():
    known = making.frozen()["digests"]
    for one in making.worlds(80):
        assert one.digest()[: making.SHOWN] == known[one.name], one.name
        assert one.years[-1] >= making.ORIGINS[-1] + max(HORIZONS)
        assert one.year.max() <= making.END
        assert np.all(np.diff(one.year) >= 0)
        seen = frontier_data(one.corpora(), making.ORIGINS[0])
        assert seen.observed.any(axis=1).sum() >= FEWEST_BLOCKS
        assert one.record[-1] <= one.frontier[-1]


@pytest.mark.slow
def test_all_worlds_are_the_frozen_ones():
    made, known = making.freeze(making.worlds()), making.frozen()
    assert made == known
    blocks = (making.END - FIRST_KNOT) / BLOCK_YEARS
    for one in making.worlds():
        for origin in making.ORIGINS:
            assert FEWEST_BLOCKS <= frontier_data(one.corpora(), origin).observed.any(axis=1).sum() <= blocks


def test_another_world_than_the_frozen_one_is_refused():
    name = making.names()[0]
    run.check_frozen([name], making.frozen()["digests"])
    with pytest.raises(InputError, match="unlike the frozen one"):
        run.check_frozen([name], {name: "0" * making.SHOWN})


def test_errors_of_clusters_are_those_of_their_means():
    rng = np.random.default_rng(2)
    means = rng.standard_normal(50)
    mean, error = clustered(np.repeat(means, 8), np.repeat(np.arange(50), 8))
    assert mean == pytest.approx(means.mean())
    assert error == pytest.approx(means.std(ddof=1) / np.sqrt(50))
    assert np.isnan(clustered([1.0, 0.0], ["one", "one"])[1])


def rows_of(names, paths, truth, rng) -> list[dict]:
    """Return the scores of forecasters and of their equal pool, by horizon."""
    rows = []
    for step, ahead in enumerate(HORIZONS):
        parts = [path[:, step] for path in paths]
        forecasts = [*((name, part, None) for name, part in zip(names, parts, strict=True)), (MIXTURE, *pooled(parts))]
        rows += [{"who": who, "horizon": ahead, **scored(draws, truth[step], rng, w)} for who, draws, w in forecasts]
    return rows


def toys(worlds: int = 400, draws: int = 400) -> dict:
    """Right, narrow (a third as wide) and low (one standard deviation) forecasters of a standard normal truth."""
    rng, rows = np.random.default_rng(11), []
    for name in making.names()[:worlds]:
        for origin in making.ORIGINS[:1]:
            truth = rng.standard_normal(len(HORIZONS))
            paths = [rng.standard_normal((draws, len(HORIZONS))) * scale + shift for scale, shift in TOYS.values()]
            found = rows_of(list(TOYS), paths, truth, rng)
            rows += [{"world": name, "origin": origin, **row} for row in found]
    return summary(rows, making.halves())


TOYS = {"right": (1.0, 0.0), "narrow": (1 / 3, 0.0), "low": (1.0, -1.0)}


@pytest.fixture(scope="module")
def content() -> dict:
    return {**toys(), "members": list(TOYS), "horizons": list(HORIZONS), "evaluated": 400, "subset": "400 toys"}


def test_toy_forecasters_hold_what_they_must(content):
    from scipy.stats import norm

    expected = {
        "right": {level: level for level in (0.5, 0.8, 0.9)},
        "narrow": {level: 2 * norm.cdf(norm.ppf(0.5 + level / 2) / 3) - 1 for level in (0.5, 0.8, 0.9)},
        "low": {
            level: norm.cdf(norm.ppf(0.5 + level / 2) - 1) - norm.cdf(-norm.ppf(0.5 + level / 2) - 1)
            for level in (0.5, 0.8, 0.9)
        },
    }
    for who, levels in expected.items():
        (row,) = chosen(content, "overall", who)
        for level, share in levels.items():
            made, error = row["coverage"][str(level)]
            assert made == pytest.approx(share, abs=4 * error + 0.01), (who, level)
    (low,) = chosen(content, "overall", "low")
    assert low["above"]["0.1"][0] == pytest.approx(norm.sf(norm.ppf(0.9) - 1), abs=0.04)
    assert chosen(content, "overall", "right")[0]["crps"][0] == pytest.approx(1 / np.sqrt(np.pi), abs=0.04)


def test_the_mixture_is_the_equal_pool_whatever_the_number_of_draws():
    rng = np.random.default_rng(1)
    paths = [np.zeros((10, 4)), np.ones((1000, 4))]
    rows = rows_of(["low", "high"], paths, np.full(4, 0.5), rng)
    assert [row["place"] for row in rows if row["who"] == MIXTURE] == [0.5] * 4
    assert {row["crps"] for row in rows if row["who"] == MIXTURE} == {0.25}


def test_rows_are_gathered_by_pair_family_half_and_horizon(content):
    assert len(chosen(content, "pairs", MIXTURE)) == 40
    assert len(chosen(content, "growth", MIXTURE, 2.0)) == 8
    assert len(chosen(content, "publication", MIXTURE)) == 5
    (everything,) = chosen(content, "overall", "right")
    by_half = chosen(content, "halves", "right")
    assert everything["n"] == 1600 == sum(row["n"] for row in by_half)
    assert everything["worlds"] == 400
    assert held(worst_pair(content, "narrow")) == min(held(row) for row in chosen(content, "pairs", "narrow"))
    json.dumps(content, allow_nan=False)


def test_what_few_draws_cost_is_what_simulated_forecasters_lose():
    from scipy.stats import norm

    draws = np.random.default_rng(4).standard_normal((40_000, 40))
    low, high = np.quantile(draws, [0.1, 0.9], axis=1, method="median_unbiased")
    made = np.mean(norm.cdf(high) - norm.cdf(low))
    # Interpolated quantiles of so few draws lie a little further out than their probability: the loss is an order, no more.
    assert 0 < 0.8 - made < 1.5 * run.lost(40, 0.8)
    rows = [{"who": who, "effective": worth} for who, worth in (("a", 25.0), ("b", 100.0), (MIXTURE, 125.0))]
    found = run.precision(rows)
    assert found["effective_draws"] == 40.0  # the mean of the inverse
    assert found["place_error"] == pytest.approx(0.079)
    assert found["lost_at_80"]["member"] == pytest.approx(2 * found["lost_at_80"][MIXTURE], abs=1e-4)


def test_the_sentences_carry_the_numbers(content):
    first, second = run.sentences(content)
    (row,) = chosen(content, "overall", MIXTURE)
    assert f"{held(row):.0f} of 100 intervals" in first
    assert "400 toys" in first
    assert f"{held(worst_pair(content, MIXTURE)):.0f} of 100" in second


def test_a_world_is_scored_by_members_and_mixture():
    who = tuple(member(name) for name in ("windowed_exponential", "record_drift"))
    task = WorldTask(
        "stall/stop/0", who, (2020.0, 2022.0), Care(particles=20, clouds=2, sweeps=(1, 1), last_sweeps=(1, 1))
    )
    found = score_world(task)
    rows = [*found["rows"], *of_the_forecast(found["tried"])]
    assert len(rows) == 2 * 4 * 3
    assert {row["who"] for row in rows} == {"windowed_exponential", "record_drift", MIXTURE}
    assert all(0 <= row["place"] <= 1 and 0 < row["crps"] < 3 for row in rows)
    assert score_world(task) == found
    assert len(found["tried"]) == 2 * 4
    assert all(len(entry[name]) == len(candidates()) for entry in found["tried"] for name in ("crps", "place"))
    assert task.key() != WorldTask("stall/stop/1", who, task.origins, task.care).key()


def test_the_shift_that_is_learned_is_that_of_made_truths():
    rng, tried = np.random.default_rng(8), []
    draws, weights = rng.normal(0.0, 0.05, 2000), np.full(2000, 1 / 2000)
    names = [name for name in making.names() if making.halves()[name.rpartition("/")[0]] == "learning"][:300]
    for name in names:
        error = rng.standard_normal()
        truth = 0.6 * error if error > 0 else 0.1 * error
        tried.append({"world": name, "horizon": 0.0, **judged(draws, weights, 2026.0, truth, 3, rng)})
    found = learned(tried, making.halves())
    assert found["chosen"] == {"below": pytest.approx(0.1), "above": pytest.approx(0.6, abs=0.11)}
    assert found["targets"] == 300


def test_the_forecast_has_the_scores_of_its_own_law():
    usual, rng = Undisclosed(), np.random.default_rng(3)
    draws, weights = rng.normal(13.0, 0.1, 500), np.full(500, 1 / 500)
    entry = {"world": "a", "origin": 2026.0, "horizon": 2.0, **judged(draws, weights, 2028.0, 13.4, 5, rng)}
    (row,) = of_the_forecast([entry])
    own = draws + usual.draw(seed=5, size=500)
    assert row["crps"] == pytest.approx(float(crps(own, 13.4, weights)), abs=1e-4)
    assert {name: row[name] for name in ("world", "origin", "horizon", "who")} == {
        "world": "a", "origin": 2026.0, "horizon": 2.0, "who": MIXTURE
    }  # fmt: skip


def test_a_law_goes_either_way_and_makes_no_frontier_fall():
    law, draws = Law(0.1, 0.6), np.full(40_000, 13.0)
    early, late = (law.shifted(draws, year, 1) - 13.0 for year in (2020.0, 2027.0))
    assert early.max() == 0.0
    assert np.array_equal(np.minimum(late, 0.0), early), "what is overstated is so in every year"
    assert np.median(late) == pytest.approx(0.0, abs=0.01)
    assert np.quantile(late, [0.1, 0.9]) == pytest.approx([-0.1 * 1.2816, 0.6 * 1.2816], abs=0.02)


def test_the_figure_has_a_line_for_each_family_and_says_the_finding(content):
    axes = draw(content)
    assert len(axes.get_yticks()) == 1 + 8 + 5
    words = [text.get_text() for text in axes.texts]
    assert {"right", "narrow", "low", MIXTURE, "How the frontier grows"} <= set(words)
    (row,) = chosen(content, "overall", MIXTURE)
    assert f"{held(row):.0f} of 100" in axes.get_title(loc="left")
    rounds = [line for line in axes.lines if line.get_marker() == "o"]
    assert float(rounds[0].get_xdata()[0]) == pytest.approx(held(row))
    again = draw(content, axes.figure.add_subplot())
    assert again is not axes


def test_words_and_table_of_the_figure_hold_the_same_numbers(content):
    text, table = worlds_text(content), worlds_table(content)
    (row,) = chosen(content, "overall", MIXTURE)
    assert f"all worlds: mixture {held(row):.0f} " in text
    assert "largest runs undisclosed" in text
    whole = table[(table["worlds of"] == "all") & (table["forecaster"] == MIXTURE) & (table["years ahead"] == "all")]
    assert 100 * float(whole["held by 80%"].iloc[0]) == pytest.approx(held(row))
