"""What is learned from histories: the arrays, the hierarchy, its predictive and the numbers that are kept."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import gamma, norm

from forecast.consumption import learned_from_histories
from forecast.consumption.learned import hierarchy as hierarchies
from forecast.consumption.learned import left_out, model, numbers, predictive, priors, series
from forecast.consumption.learned.checks import STATISTICS, made, p_values, statistics
from forecast.consumption.learned.hierarchy import SHARED, Hierarchy
from forecast.consumption.learned.predictive import (
    draws_for_members,
    given_pace,
    given_years,
    member_parameters,
    onward,
)
from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.evaluate.histories import learned
from forecast.evaluate.histories.learned import LearnedForecaster, pace_ratios, parts
from forecast.fits.sampling import Sampling
from forecast.ingest.catalog import UNLICENSED, data_directory
from forecast.ingest.histories import History, load_histories
from forecast.ingest.history_split import split
from forecast.ingest.known import known_at

GROWTH, SLOWING, VOLATILITY, JUMP, STALL, RESUMPTION = np.log(0.2), 0.0, np.log(1e-6), np.log(0.5), -1.0, 0.5


def certain(draws=1, reversion=0.4, catch_up=0.0, sd=1e-6, **quantity):
    """Return a hierarchy all of whose series are the same, but for the log growth with standard deviation sd."""
    mean = {"growth": GROWTH, "slowing": SLOWING, "volatility": VOLATILITY, "jump": JUMP}
    mean |= {"stall": STALL, "resumption": RESUMPTION} | quantity
    none = np.zeros((draws, 6))
    own = none.copy()
    own[:, 0] = sd
    shared = dict.fromkeys(SHARED, none) | {"sd_series": own}
    shared |= {"mean": np.tile([mean[name] for name in model.NAMES], (draws, 1))}
    shared |= {"reversion": np.full(draws, reversion), "catch_up": np.full(draws, catch_up)}
    return Hierarchy(shared, {"kind": {}, "domain": {}})


def probability(logit):
    return 1 / (1 + np.exp(-logit))


def rng():
    return np.random.default_rng(7)


def history(value, as_of, **more):
    year = np.arange(2000.0, 2000.0 + len(value))
    given = {"series": "a", "family": "a", "kind": "record", "domain": "d"} | more
    return History(
        **given, unit="", quantity="", direction="higher", year=year, value=10.0 ** np.array(value), as_of=as_of
    )


def test_priors_and_constants_are_those_that_were_chosen():
    assert [(q.name, round(np.exp(q.centre) if q.name in ("growth", "volatility", "jump") else q.centre, 6), q.spread, q.scale)
            for q in model.QUANTITIES] == [
        ("growth", 0.06, 1.0, 1.0),
        ("slowing", -0.1, 0.3, 0.4),
        ("volatility", 0.5, 0.5, 0.3),
        ("jump", 0.4, 0.6, 0.4),
        ("stall", -1.0, 1.0, 0.8),
        ("resumption", -0.5, 1.0, 0.8),
    ]  # fmt: skip
    assert (model.REVERSION, model.CATCH_UP, model.GROUP_SCALE) == ((0.4, 0.7), 0.5, 0.5)
    assert (series.NOTHING, predictive.PLATEAU, predictive.PLATEAU_YEARS) == (1e-4, 0.02, 5)
    assert (predictive.AGE, predictive.RATIO_YEARS, predictive.PACED, predictive.MEMBER_DRAWS) == (8, 5, 0.1, 60_000)
    assert (left_out.RELIABLE, left_out.TOGETHER, left_out.PARTICLES) == (0.7, 30, 1000)
    assert (learned.REFITS, learned.SCORED_PARTICLES, learned.PLATEAUS) == (1, 5000, (0.0, 0.02, 0.06))


def test_growth_is_read_up_to_when_a_series_was_followed():
    data = series.changes([history([0.0, 0.3, 0.2, 0.5], 2005.0, kind="best_of_year", domain="")])
    assert np.allclose(data.growth[0], [0.3, 0.0, 0.2, 0.0, 0.0])
    assert (data.kinds, data.domains, data.years) == (("record",), ("a",), 5)
    assert series.years_since(data.growth[0]).tolist() == [1, 1, 2, 1, 2]


def test_no_more_than_forty_values_count_and_none_is_an_error():
    assert len(series.changes([history(np.arange(60) / 10, 2059.0)]).growth[0]) == 39
    with pytest.raises(InputError, match="no history"):
        series.changes([])


def test_stalls_and_resumptions_are_counted_from_a_year_with_news():
    given = model.arrays(series.changes([history([0.0, 0.3, 0.3, 0.3, 0.7, 0.7], 2005.0)]))
    assert given.inputs["counts"].tolist() == [[2, 3, 1, 2]]
    assert np.allclose(given.inputs["off_middle"], [-2, 1])
    assert np.allclose(np.exp(given.inputs["log_since"]), [1, 3])
    assert np.allclose(np.exp(given.inputs["log_growth"]), [0.3, 0.4])


def test_a_known_kind_has_its_effect_and_an_unknown_one_the_spread_of_kinds():
    plain = certain(draws=2)
    shared = {**plain.shared, "sd_kind": np.full((2, 6), 0.3), "sd_series": np.full((2, 6), 0.4)}
    taught = Hierarchy(shared, {"kind": {"record": np.ones((2, 6))}, "domain": {}})
    centre, spread = taught.centre_and_spread("record", "new")
    assert np.allclose(centre, plain.shared["mean"] + 1)
    assert np.allclose(spread, 0.4)
    centre, spread = taught.centre_and_spread("new", "new")
    assert np.allclose(centre, plain.shared["mean"])
    assert np.allclose(spread, 0.5)


def test_moments_of_the_next_year_and_of_waits_are_the_closed_form():
    start = given_years(certain(), np.array([0.2, 0.2]), "record", "", rng(), draws=40_000, particles=40_000)
    future = onward(start, 3, rng(), plateau=0.0)
    stall, resume = probability(STALL), probability(RESUMPTION)
    mean, square = (1 - stall) * 0.2, (1 - stall) * 0.2**2 * 1.5
    assert future.at(1).mean() == pytest.approx(mean, abs=0.004)
    assert future.at(1).var() == pytest.approx(square - mean**2, rel=0.05)
    assert future.no_news(1) == pytest.approx(stall, abs=0.01)
    assert future.no_news(3) == pytest.approx(stall * (1 - resume) ** 2, abs=0.01)
    assert future.no_news(1.5) == pytest.approx(stall * (1 - resume) ** 0.5, abs=0.01)
    assert np.allclose(future.at(1.5), (future.at(1) + future.at(2)) / 2)


def test_plateaus_stop_a_series_for_good():
    start = given_years(certain(stall=-20.0), np.array([0.2, 0.2]), "record", "", rng(), draws=20_000, particles=20_000)
    future = onward(start, 5, rng(), plateau=0.1)
    assert future.no_news(5) == pytest.approx(0.1, abs=0.01)
    stopped = np.isclose(np.diff(future.growth, axis=1), 0)
    assert stopped[:, -1].mean() == pytest.approx(1 - 0.9**5, abs=0.012)
    assert (stopped[:, 1:] >= stopped[:, :-1]).all()


def test_slowing_is_the_log_ratio_of_the_pace_after_five_years():
    start = given_years(certain(slowing=-0.5, stall=-20.0), np.full(9, 0.2), "record", "", rng(), draws=60_000)
    yearly = np.diff(onward(start, 6, rng(), plateau=0.0).growth.mean(axis=0))
    assert yearly[4] / yearly[0] == pytest.approx(np.exp(-0.5 * 4 / 5), rel=0.02)
    found = member_parameters(start, plateau=0.02)
    assert np.allclose(found["damping"], 0.12)
    assert np.allclose(found["slope"], 0.2 * np.exp(-0.5 * 4 / 5), rtol=1e-3)
    assert np.allclose(found["long_run_slope"] / found["slope"], np.exp(-0.5), rtol=1e-3)


def test_the_filter_gives_the_posterior_of_a_gamma_rate():
    growth = np.array([0.1, 0.35, 0.2, 0.6, 0.05, 0.3])
    found = given_years(certain(sd=0.8, stall=-3.0), growth, "record", "", rng(), draws=4000, particles=60_000)
    grid = np.linspace(-5, 2, 4001)
    shape = 2.0
    log_density = -0.5 * ((grid - GROWTH) / 0.8) ** 2 - 6 * shape * grid - growth.sum() * shape * np.exp(-grid)
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()
    mean = grid @ weight
    assert found.quantity["growth"].mean() == pytest.approx(mean, abs=0.02)
    assert found.quantity["growth"].std() == pytest.approx(np.sqrt((grid - mean) ** 2 @ weight), abs=0.02)


def test_growth_and_unevenness_for_members_are_those_of_long_made_paths():
    start = given_years(certain(catch_up=0.4), np.array([0.2, 0.2]), "record", "", rng(), draws=3000, particles=3000)
    found = member_parameters(start)
    yearly = np.diff(onward(start, 60, rng(), plateau=0.0).growth, axis=1)[:, 10:]
    assert found["slope"][0] == pytest.approx(yearly.mean(), rel=0.02)
    assert found["jump"][0] == pytest.approx(yearly.var() / yearly.mean(), rel=0.04)


def test_a_past_is_described_by_its_pace_and_nearly_gives_what_its_years_give():
    wide = certain(draws=3, sd=1.0)
    slow, fast = (
        given_pace(wide, age=8, pace_5=pace, pace_10=pace, sd=pace, rng=rng(), simulated=60_000) for pace in (0.1, 0.3)
    )
    assert np.median(fast.quantity["growth"]) - np.median(slow.quantity["growth"]) == pytest.approx(np.log(3), abs=0.35)
    still = given_pace(wide, age=8, pace_5=0.1, pace_10=0.1, sd=0.1, still=1, rng=rng(), simulated=60_000)
    assert (still.since == 2).all()


@pytest.mark.parametrize(
    "past", [{"age": 1, "pace_5": 0.1, "pace_10": 0.1}, {"age": 9, "pace_5": -0.1, "pace_10": 0.1},
             {"age": 10, "pace_5": 0.3, "pace_10": 0.1}]
)  # fmt: skip
def test_what_is_no_past_is_refused(past):
    with pytest.raises(InputError):
        given_pace(certain(), **past, sd=0.1, rng=rng(), simulated=100)


def test_a_past_that_no_history_resembles_is_refused():
    with pytest.raises(InputError, match="one like those of histories"):
        given_pace(certain(), age=8, pace_5=30.0, pace_10=30.0, sd=0.1, rng=rng(), simulated=2000)


def test_a_lognormal_prior_has_the_median_and_95_percent_point_of_the_draws_above_zero():
    draws = np.concatenate([0.2 * np.exp(0.5 * rng().standard_normal(20_000)), [-1.0] * 100])
    prior = predictive.as_prior(draws, "per year", "test")
    assert (prior.family, prior.unit) == ("lognormal", "per year")
    assert prior.centre == pytest.approx(0.2, rel=0.02)
    assert prior.spread == pytest.approx(0.5, rel=0.03)


def test_a_plateau_is_seen_where_a_series_that_moved_ends_with_five_years_of_nothing():
    ended, going, never = np.array([0.2] * 3 + [0] * 5), np.array([0.2, 0, 0, 0, 0]), np.zeros(9)
    assert predictive.plateaus_seen([ended, going, never]) == (1, 13)


def test_statistics_of_a_series_and_their_p_values():
    found = dict(zip(STATISTICS, statistics(np.array([0.1, 0.0, 0.0, 0.3, 0.1, 0.3])), strict=True))
    assert found["Years without news, share"] == pytest.approx(1 / 3)
    assert found["Longest wait, years"] == 2
    assert found["Spread of news, CV"] == pytest.approx(0.5)
    assert found["Later over earlier, log10"] == pytest.approx(np.log10(0.7 / 3 + 1e-3) - np.log10(0.1 / 3 + 1e-3))
    data = series.changes(
        [history([0.0, 0.3, 0.3, 0.9, 1.3, 1.5], 2005.0), history([0.0, 0.2, 0.5, 0.6, 1.0, 1.4], 2005.0)]
    )
    same = np.array([[statistics(one) for one in data.growth]])
    assert set(p_values(data, same).values()) == {0.5}
    assert set(p_values(data, same + 0.1).values()) == {1.0}


def test_kept_numbers_are_of_the_learning_half_alone():
    if not (data_directory() / UNLICENSED).is_dir():
        pytest.skip("series that only the repository holds are among them")
    kept, halves = numbers.load(), split(load_histories(with_unlicensed=True))
    assert kept.series == tuple(h.series for h in halves["learning"])
    assert kept.split == series.hash_of_split(halves["learning"])
    assert kept.growth == series.hash_of_growth(series.changes(halves["learning"]))
    others = {h.series for half in ("held_out", "burnt") for h in halves[half]}
    assert not others & set(kept.series)
    assert kept.diagnostics["gate"] == "PASS"
    assert kept.hierarchy.draws == 300
    assert set(kept.hierarchy.effects["kind"]) == {"record", "total", "cost"}


def test_series_that_the_fitted_hierarchy_makes_are_like_those_of_the_lists():
    data = series.changes(series.learning_half())
    found = p_values(data, made(numbers.load().hierarchy, data, rng(), 60))
    assert all(0.05 < value < 0.95 for value in found.values()), found


def test_nothing_of_ai_models_or_text_is_learned_from():
    half = series.learning_half()
    assert not any("target" in one.flags.split() for one in half)
    assert not {"AI models", "text"} & {one.domain for one in half}
    assert not any(word in one.series for one in half for word in ("ai_", "token", "parameter", "training"))


def test_the_hash_hangs_on_the_rule_and_on_every_series(monkeypatch):
    half = series.learning_half()
    whole = series.hash_of_split(half)
    assert series.hash_of_split(half[::-1]) == whole
    assert series.hash_of_split(half[1:]) != whole
    monkeypatch.setattr(series, "RULE", "another")
    assert series.hash_of_split(half) != whole


def test_numbers_that_cannot_be_read_say_what_to_run(tmp_path):
    with pytest.raises(MissingFileError, match=r"consumption\.learned"):
        numbers.load(tmp_path / "none.json")
    other = tmp_path / "other.json"
    other.write_text('{"version": 0}')
    with pytest.raises(InputError, match="version 1"):
        numbers.load(other)


def test_learned_priors_are_those_of_the_draws_that_are_kept():
    document, made = priors.learned_tables(), numbers.for_members(numbers.load().hierarchy)
    assert set(document["priors"]) == {*priors.NEW_RECORD, *priors.AFTERWARDS} == set(made)
    for name, entry in document["priors"].items():
        assert entry["lognormal"] == pytest.approx(made[name]["lognormal"], rel=1e-6), name
        prior = priors.learned_prior(name)
        assert prior.quantile(np.array([0.5, 0.95])) == pytest.approx(entry["lognormal"])
        assert "39 histories of 27 technologies" in prior.source
    assert document["learned_from"]["series"] == len(numbers.load().series)
    assert "whatever its pace" in priors.learned_prior("slope").source
    assert "87%" in priors.learned_prior("damping").source


@pytest.mark.parametrize(
    ("literal", "name"),
    [("SLOPE", "slope"), ("SLOPE_WHILE_MOVING", "slope_while_moving"), ("JUMP", "jump"), ("DAMPING", "damping")],
)
def test_what_members_have_written_down_is_what_was_learned(literal, name):
    written, learned_of = getattr(learned_from_histories, literal), priors.learned_prior(name)
    assert (written.family, written.centre, written.unit) == (learned_of.family, learned_of.centre, learned_of.unit)
    assert written.spread == pytest.approx(learned_of.spread, rel=1e-12)
    of = priors.learned_tables()["learned_from"]
    for told in (written, learned_of):
        assert f"{of['series']} histories of {of['families']} technologies, {of['years']} years" in told.source


def test_the_states_of_a_stall_are_those_of_the_learned_hazards():
    """Two states with hazards a of stopping and b of going on: b / (a + b) of the time in motion, exp(-(a + b)) is left."""
    of = learned_from_histories
    for hazard, name in ((of.STALL, "stall"), (of.RESUMPTION, "resumption")):
        assert hazard == priors.learned_tables()["priors"][name]["lognormal"][0]
    in_motion = of.RESUMPTION / (of.STALL + of.RESUMPTION)
    assert round(-norm.ppf(in_motion), 2) == of.THRESHOLD.centre
    assert f"{in_motion:.0%} of the time" in of.THRESHOLD.source
    left = np.exp(-(of.STALL + of.RESUMPTION))
    assert f"{left:.0%} is left after a year" in of.PERSISTENCE.source
    # Two normal values of correlation r have signs of correlation (2 / pi) arcsin r.
    assert round(-np.log(np.sin(np.pi / 2 * left)), 2) == of.PERSISTENCE.centre


def test_states_above_a_threshold_are_left_as_the_hazards_leave_them():
    """By simulation, with the threshold where it is: the arcsine law holds at zero, the threshold is near enough to it."""
    of, draws = learned_from_histories, 400_000
    keep = np.exp(-of.PERSISTENCE.centre)
    now = rng().standard_normal(draws)
    later = keep * now + np.sqrt(1 - keep**2) * np.random.default_rng(8).standard_normal(draws)
    moves = [state > of.THRESHOLD.centre for state in (now, later)]
    assert np.corrcoef(*moves)[0, 1] == pytest.approx(np.exp(-(of.STALL + of.RESUMPTION)), abs=0.01)


def test_learned_priors_of_a_hierarchy_that_is_certain_are_the_closed_form():
    found = {name: draws for name, (_, draws) in draws_for_members(certain(slowing=-0.5), rng(), plateau=0.02).items()}
    stall, resume = probability(STALL), probability(RESUMPTION)
    moving = resume / (stall + resume)
    assert np.allclose(found["slope_while_moving"], 0.2, rtol=1e-3)
    assert np.allclose(found["slope"], 0.2 * moving, rtol=1e-3)
    assert np.allclose(found["damping"], 0.12)
    assert np.allclose(found["damping_while_going"], 0.10)
    assert np.allclose(1 - np.exp(-found["stall"]), stall)
    assert np.allclose(1 - np.exp(-found["resumption"]), resume)
    assert np.allclose(found["jump_over_slope"], found["jump"] / found["slope"])
    steady = certain(slowing=-0.5, stall=-30.0, jump=-12.0)
    ratio = draws_for_members(steady, rng(), plateau=0.0)["pace_ratio"][1]
    assert np.median(ratio) == pytest.approx(np.exp(-0.5), rel=0.01)


def test_a_learned_prior_that_is_not_there_names_those_that_are(tmp_path):
    with pytest.raises(UnknownNameError, match="damping"):
        priors.learned_prior("dampin")
    with pytest.raises(MissingFileError, match=r"consumption\.learned"):
        priors.learned_tables(tmp_path / "none.json")
    (tmp_path / "other.json").write_text('{"schema": "other"}')
    with pytest.raises(InputError, match="learned_priors/1"):
        priors.learned_tables(tmp_path / "other.json")


def test_parts_hold_every_family_once():
    assert parts([]) == []
    assert parts(["b"]) == [("b",)]
    assert parts(["c", "a", "b"], 2) == [("a", "c"), ("b",)]


def test_pace_ratios_are_those_of_the_lists_with_one_vote_a_record():
    slows = history(np.cumsum([0, *[0.4] * 5, *[0.2] * 5]), 2010.0, family="a")
    other = history(np.cumsum([0, *[0.4] * 15]), 2015.0, family="b")
    cost = history(np.cumsum([0, *[0.4] * 5, *[0.9] * 5]), 2010.0, family="c", kind="cost")
    found = pace_ratios(series.changes([slows, slows, other, cost]), certain(stall=-9.0))
    assert found["lists"] == pytest.approx([0.5, 0.5, 0.5, 1.0, 1.0])
    assert found["plateau_0.06"][1] < found["plateau_0"][1]


def test_the_evidence_of_a_family_is_that_of_a_grid():
    """One series of five years, all with news, log growth normal: a one-dimensional integral."""
    data = series.changes([history(np.cumsum([0, 0.1, 0.35, 0.2, 0.6, 0.3]), 2005.0, family="f", domain="")])
    given = certain(draws=2, sd=0.8, stall=-3.0)
    shared = {**given.shared, "mean": given.shared["mean"] + np.array([[0.0] * 6, [1.0, 0, 0, 0, 0, 0]])}
    found = left_out.log_evidence(replace(given, shared=shared), data, "f", rng())
    growth, grid, shape = data.growth[0], np.linspace(-8, 6, 8001), 2.0
    for place, centre in enumerate([GROWTH, GROWTH + 1]):
        log_density = norm.logpdf(grid, centre, 0.8) + gamma.logpdf(
            growth[:, None], shape, scale=np.exp(grid) / shape
        ).sum(axis=0)
        exact = np.log(np.trapezoid(np.exp(log_density), grid)) + 5 * np.log(1 - probability(-3.0))
        assert found[place] == pytest.approx(exact, abs=0.1)


def test_the_evidence_of_two_series_allows_for_what_their_family_shares():
    """Two alike: of a common effect they are likelier together than each by itself."""
    one = np.cumsum([0, 0.4, 0.6, 0.5, 0.5, 0.4, 0.6])
    pair = [history(one, 2006.0, family="f", series=name) for name in "ab"]
    same = certain(sd=0.1, stall=-5.0, draws=20)
    wide = np.zeros((20, 6))
    wide[:, 0] = 0.8
    family = replace(same, shared={**same.shared, "sd_family": wide})
    apart = sum(left_out.log_evidence(family, series.changes([history]), "f", rng()).mean() for history in pair)
    together = left_out.log_evidence(family, series.changes(pair), "f", rng()).mean()
    assert 0.4 < together - apart < 1.5


def test_leaving_out_a_family_that_says_nothing_changes_nothing_and_one_that_does_moves_away():
    data = series.changes(
        [history(np.arange(9) * 0.6, 2008.0, family="fast"), history([0.0, 0.2], 2001.0, family="short")]
    )
    plain = certain(draws=200, sd=0.5, stall=-5.0)
    centres = plain.shared["mean"] + np.outer(np.linspace(-1, 1, 200), [1.0, 0, 0, 0, 0, 0])
    spread = replace(plain, shared={**plain.shared, "mean": centres})
    mean = {
        name: left_out.without(spread, data, name, rng()).hierarchy.shared["mean"][:, 0].mean()
        for name in ("fast", "short")
    }
    assert mean["fast"] < mean["short"] - 0.2
    assert mean["short"] == pytest.approx(GROWTH, abs=0.15)


def test_the_forecaster_continues_a_record_and_more_plateaus_never_add():
    growth = np.array([0.1, 0.35, 0.2, 0.25, 0.05, 0.3, 0.2, 0.15, 0.4, 0.1, 0.2])
    known = known_at(history(np.cumsum([0.0, *growth]), 2011.0), 2011.0)
    kept = numbers.load().hierarchy
    draws = LearnedForecaster(kept).forecast(known, [1.0, 2.5, 5.0], rng(), 2000)
    assert draws.shape == (3, 2000)
    assert (draws >= known.record - 1e-12).all()
    assert (np.diff(draws, axis=0) >= -1e-12).all()
    # 0.68 and 0.78 by 400,000 particles; straight on it would be 1.05.
    assert np.median(draws[2] - known.record) == pytest.approx(0.68, abs=0.08)
    assert np.mean(draws[2] - known.record) == pytest.approx(0.78, abs=0.08)
    more = LearnedForecaster(kept, plateau=0.2).forecast(known, [5.0], rng(), 2000)
    assert more.mean() < draws[2].mean()


def test_a_family_is_scored_by_what_has_not_seen_it_beside_rivals(monkeypatch):
    monkeypatch.setattr(learned, "AGAINST", ("farmer_lafond", "neighbours"))
    other = history(np.cumsum([0, *[0.1, 0.3, 0.2, 0.25, 0.05, 0.3, 0.2] * 2]), 2014.0, family="b", series="b")
    one = history(np.cumsum([0, 0.2, 0.1, 0.3, 0.2, 0.15, 0.25, 0.2, 0.3]), 2008.0)
    found = learned.of_family([one, other], "a", certain(sd=0.3), certain(growth=np.log(0.01), sd=0.05), jobs=1)
    assert not found.failures
    assert {row["series"] for row in found.rows} == {"a"}
    assert {row["method"] for row in found.rows} == {
        "learned", "learned_plateau_0", "learned_plateau_0.06", "fixed_prior", "farmer_lafond", "neighbours"
    }  # fmt: skip
    mean = {who: np.mean([r["score"] for r in found.rows if r["method"] == who]) for who in ("learned", "fixed_prior")}
    assert mean["learned"] < mean["fixed_prior"]


def made_histories(truth, effect, count=30, years=20):
    """Return histories of a known hierarchy, half records and half totals, whose log growth differs by an effect.

    Growth is the same in both halves but for that, at evenly spread points of its distribution: no effect by chance.
    """
    random = np.random.default_rng(11)
    spread = (
        random.permutation(norm.ppf((np.arange(count // 2) + 0.5) / (count // 2))) * truth.shared["sd_series"][0, 0]
    )
    found = []
    for number in range(count):
        kind = "record" if number % 2 else "total"
        own = truth.shared["mean"].copy()
        own[:, 0] += effect / 2 * (1 if number % 2 else -1)
        one, _, _ = hierarchies.new_series(
            replace(truth, shared={**truth.shared, "mean": own}), "", "", years, random, 1
        )
        one = replace(one, quantity={**one.quantity, "growth": own[:, 0] + spread[number // 2]})
        growth = []
        for year in range(years):
            if year:
                one = replace(one, wander=hierarchies.next_wander(one, random), off_middle=one.off_middle + 1)
            amount, one = predictive.one_year(one, random)
            growth.append(amount[0])
        value = np.concatenate([[0.0], np.cumsum(growth)])
        found.append(
            history(value, 2000.0 + years, series=f"s{number}", family=f"f{number}", kind=kind, domain=f"d{number % 5}")
        )
    return found


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_known_hyperparameters_are_recovered_and_effects_that_are_none_shrink():
    truth = certain(volatility=np.log(0.4), slowing=-0.4, reversion=0.5, catch_up=0.3, sd=0.5)
    data = series.changes(made_histories(truth, effect=0.0))
    settings = Sampling(chains=2, draws=500, keep=500, tune=500, target_accept=0.9)
    tree, _, _ = model.fit(data, settings=settings, seed=3, once=True)
    posterior = tree["posterior"]
    mean = posterior["mean"].values.reshape(-1, 6)
    low, high = np.quantile(mean, [0.01, 0.99], axis=0)
    expected = truth.shared["mean"][0]
    assert ((low < expected) & (expected < high)).all()
    own = posterior["sd_series"].values.reshape(-1, 6)
    assert np.quantile(own[:, 0], 0.02) < 0.5 < np.quantile(own[:, 0], 0.98)
    # The other quantities are the same for all series, kinds and domains: half-normals of their scales would say 0.67.
    for name in ("sd_kind", "sd_domain"):
        scale = 0.5 * np.array([quantity.scale for quantity in model.QUANTITIES])
        assert (np.median(posterior[name].values.reshape(-1, 6), axis=0) < 0.67 * scale).all()
    for group in ("kind", "domain"):
        effect = posterior[f"effect_{group}"].values.reshape(-1, *posterior[f"effect_{group}"].shape[2:])
        assert np.abs(np.median(effect, axis=0)).max() < 0.25


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_an_effect_of_kind_is_found():
    data = series.changes(made_histories(certain(volatility=np.log(0.3), sd=0.2), effect=1.5))
    settings = Sampling(chains=2, draws=500, keep=500, tune=500, target_accept=0.9)
    tree, given, _ = model.fit(data, settings=settings, seed=3, once=True)
    effect = tree["posterior"]["effect_kind"].values.reshape(-1, 2, 6)[:, :, 0]
    record, total = (given.groups["kind"][0].index(kind) for kind in ("record", "total"))
    assert np.median(effect[:, record] - effect[:, total]) == pytest.approx(1.5, abs=0.5)
