"""The synthesis: exact where there is a closed form, blind to copies, bounded from below."""

from __future__ import annotations

import numpy as np
import pytest

from forecast import production
from forecast.core.distributions import LogNormal
from forecast.errors import InputError, ModelError, UnknownNameError
from forecast.production import combining, draw_estimator, synthesis
from forecast.production.combining import Measurement, combine, conflict
from forecast.production.lineages import DRAWINGS
from forecast.production.synthesis import Synthesis, measurements
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers.dependence import ranks
from forecast.scenarios.record import recorded, restored

NONE = {"lineage_scale": 0.0, "own_scale": 0.0}


def estimate(name: str, lineage: str, mean: float, sd: float) -> Measurement:
    return Measurement(name, lineage, "estimate", mean, sd)


def bound(name: str, lineage: str, mean: float, sd: float) -> Measurement:
    return Measurement(name, lineage, "lower bound", mean, sd)


def draws_of(known: list[Measurement], size: int = 40_000, **scales: float) -> np.ndarray:
    return combine(known, np.random.default_rng(11), size, **scales).level


def test_without_biases_lineages_are_pooled_by_their_precision():
    known = [estimate("a", "a", 14.0, 0.2), estimate("b", "b", 15.0, 0.4)]
    rounding, prior = combining.ROUNDING_SD**2, combining.PRIOR_SD**2
    precision = np.array([1 / (0.04 + rounding), 1 / (0.16 + rounding), 1 / prior])
    mean = precision @ [14.0, 15.0, combining.PRIOR_MEAN] / precision.sum()
    level = draws_of(known, **NONE)
    assert level.mean() == pytest.approx(mean, abs=0.003)
    assert level.std() == pytest.approx(precision.sum() ** -0.5, rel=0.01)


def test_with_biases_the_posterior_is_that_of_a_sum_over_the_scales():
    """Brute force: evidence and moments of every pair of scales by the multivariate normal."""
    known = [estimate("a", "x", 14.2, 0.3), estimate("b", "x", 14.8, 0.3), estimate("c", "y", 15.3, 0.2)]
    taus, omegas = (
        scale * np.sqrt(2) * np.array([_erfinv((k + 0.5) / 16) for k in range(16)])
        for scale in (combining.LINEAGE_SCALE, combining.OWN_SCALE)
    )
    y, same = np.array([14.2, 14.8, 15.3]) - combining.PRIOR_MEAN, np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    shared = np.array([[0.09, 0.09, 0], [0.09, 0.09, 0], [0, 0, 0.04]])
    weights, means, squares = [], [], []
    for tau in taus:
        for omega in omegas:
            noise = same * tau**2 + shared + np.eye(3) * (omega**2 + combining.ROUNDING_SD**2)
            total = noise + combining.PRIOR_SD**2
            inverse = np.linalg.inv(total)
            weights.append(np.exp(-0.5 * y @ inverse @ y) / np.sqrt(np.linalg.det(total)))
            mean = combining.PRIOR_SD**2 * np.ones(3) @ inverse @ y
            means.append(mean)
            squares.append(combining.PRIOR_SD**2 - combining.PRIOR_SD**4 * np.ones(3) @ inverse @ np.ones(3) + mean**2)
    share = np.array(weights) / np.sum(weights)
    mean = share @ means
    sd = np.sqrt(share @ squares - mean**2)
    level = draws_of(known, 80_000)
    assert level.mean() == pytest.approx(mean + combining.PRIOR_MEAN, abs=0.004)
    assert level.std() == pytest.approx(sd, rel=0.015)


def _erfinv(p: float) -> float:
    from scipy.special import erfinv

    return float(erfinv(p))


def test_a_copy_of_the_same_lineage_adds_almost_nothing():
    first, other = estimate("a", "x", 14.7, 0.3), estimate("b", "y", 14.4, 0.3)
    copies = [estimate(f"copy {number}", "x", 14.7, 0.3) for number in range(6)]
    alone, copied, often = (draws_of([first, *more, other], 80_000) for more in ([], copies[:1], copies))
    independent = draws_of([first, other, *(estimate(f"{n}", f"own {n}", 14.7, 0.3) for n in range(6))], 80_000)
    assert copied.mean() == pytest.approx(alone.mean(), abs=0.01)
    assert copied.std() == pytest.approx(alone.std(), rel=0.02)
    # Only the error of reading is averaged out: a sixth at most of what six independent estimates teach.
    assert alone.var() - often.var() < (alone.var() - independent.var()) / 6
    assert independent.var() < 0.6 * alone.var()


def test_what_lineages_disagree_about_is_their_bias():
    known = [estimate("a", "low", 14.0, 0.05), estimate("b", "high", 15.0, 0.05)]
    found = combine(known, np.random.default_rng(1), 20_000)
    assert found.biases["low"].mean() < -0.3
    assert found.biases["high"].mean() > 0.3
    assert np.median(found.lineage_sd) > combining.LINEAGE_SCALE  # half-normal prior: median 0.67 of the scale
    assert found.level.std() > 0.2


def test_a_lower_bound_cuts_and_the_tightest_of_its_lineage_counts():
    known = [estimate("a", "a", 14.5, 0.3)]
    cut = draws_of([*known, bound("floor", "crawl", 14.5, 0.001)], **NONE)
    free = draws_of(known, **NONE)
    assert cut.min() > 14.5 - 5 * combining.ROUNDING_SD
    middle, half_width = free.mean(), free.std()
    # Mean of a normal law cut at its middle.
    assert cut.mean() == pytest.approx(middle + half_width * np.sqrt(2 / np.pi), abs=0.02)
    copies = [bound(str(number), "crawl", 14.5, 0.001) for number in range(4)]
    assert np.array_equal(cut, draws_of([*known, bound("floor", "crawl", 14.5, 0.001), *copies], **NONE))


def test_a_bound_far_below_changes_nothing():
    known = [estimate("a", "a", 14.5, 0.3)]
    far = draws_of([*known, bound("floor", "crawl", 10.0, 0.1)])
    assert far.mean() == pytest.approx(draws_of(known).mean(), abs=0.01)


def test_bounds_that_contradict_the_estimates_are_refused():
    known = [estimate("a", "a", 13.0, 0.05), bound("floor", "crawl", 16.0, 0.05)]
    with pytest.raises(ModelError, match=r"0\.0% of what the estimates say"):
        draws_of(known, **NONE)


def test_without_an_estimate_nothing_is_said():
    with pytest.raises(InputError, match="no estimate"):
        draws_of([bound("floor", "crawl", 13.0, 0.1)])


def test_conflict_is_small_where_an_estimate_is_odd():
    known = [estimate(name, name, mean, 0.1) for name, mean in (("a", 14.5), ("b", 14.6), ("c", 14.4), ("d", 17.5))]
    p = {one.name: conflict(one, known, np.random.default_rng(1), 20_000) for one in known}
    assert p["d"] < 0.02
    assert conflict(known[0], known[:3], np.random.default_rng(1), 20_000) > 0.5
    # A copy of the odd one agrees with nobody but its original, which does not count.
    copy = estimate("e", "d", 17.5, 0.1)
    assert conflict(copy, [*known, copy], np.random.default_rng(1), 20_000) < 0.02


def test_conflict_without_biases_is_a_tail_of_the_normal():
    known = [estimate("a", "a", 14.5, 0.2), estimate("b", "b", 15.1, 0.2)]
    p = conflict(known[1], known, np.random.default_rng(1), 80_000, prior=(14.5, 50.0), **NONE)
    sd = np.sqrt(2 * (0.2**2 + combining.ROUNDING_SD**2))
    assert p == pytest.approx(2 * (1 - _normal_cdf(0.6 / sd)), abs=0.005)
    low = bound("floor", "c", 14.5, 0.2)
    assert conflict(
        low, [known[0], low], np.random.default_rng(1), 80_000, prior=(14.5, 50.0), **NONE
    ) == pytest.approx(0.5, abs=0.01)


def _normal_cdf(z: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(z))


def test_a_measurement_alone_in_the_world_is_judged_by_the_prior():
    one = estimate("a", "a", combining.PRIOR_MEAN, 0.1)
    assert conflict(one, [one], np.random.default_rng(1), 4000) > 0.9


# Two layers


def filtered(name: str, lineage: str, mean: float, sd: float) -> Measurement:
    return Measurement(name, lineage, "estimate", mean, sd, "after_quality_filter")


def joint_moments(known: list[Measurement]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of raw stock and share without biases, one measurement a lineage: conjugate normal."""
    of = {"raw": [1.0, 0.0], "after_quality_filter": [1.0, 1.0]}
    design = np.array([of[one.layer] for one in known])
    weight = np.diag([1 / (one.sd**2 + combining.ROUNDING_SD**2) for one in known])
    share_sd = np.log10(0.4 / 0.2) / 1.959964
    prior, middle = np.diag([1 / combining.PRIOR_SD**2, 1 / share_sd**2]), [combining.PRIOR_MEAN, np.log10(0.2)]
    covariance = np.linalg.inv(prior + design.T @ weight @ design)
    return covariance @ (prior @ middle + design.T @ weight @ [one.mean for one in known]), covariance


def test_both_layers_are_estimated_as_the_conjugate_normal_law_says():
    known = [estimate("a", "a", 14.6, 0.3), filtered("b", "b", 13.5, 0.2)]
    mean, covariance = joint_moments(known)
    found = combine(known, np.random.default_rng(3), 80_000, **NONE)
    assert [found.level.mean(), found.share.mean()] == pytest.approx(mean, abs=0.004)
    assert np.cov(found.level, found.share) == pytest.approx(covariance, abs=0.002)
    # The filtered figure is low for that raw one: share and stock both give way, against each other.
    assert found.share.mean() < np.log10(0.2) - 0.05
    assert np.corrcoef(found.level, found.share)[0, 1] < -0.2


def test_what_was_measured_after_the_filter_does_not_hang_on_the_share():
    """Divided by the share and multiplied by it again, it would carry the share's error twice."""
    known = [filtered("b", "b", 14.0, 0.2)]
    for share in (LogNormal.from_interval(0.1, 0.4, 0.95), LogNormal.from_interval(0.01, 0.6, 0.95)):
        found = combine(known, np.random.default_rng(3), 60_000, share=share, prior=(14.5, 30.0), **NONE)
        left = found.at("after_quality_filter")
        assert left.mean() == pytest.approx(14.0, abs=0.01)
        assert left.std() == pytest.approx(np.hypot(0.2, combining.ROUNDING_SD), rel=0.02)
        assert found.share.std() == pytest.approx((share.sd_low + share.sd_high) / 2, rel=0.02)


def test_raw_figures_alone_leave_the_share_as_it_was():
    found = combine([estimate("a", "a", 15.5, 0.1)], np.random.default_rng(3), 40_000)
    assert found.share.mean() == pytest.approx(np.log10(0.2), abs=0.003)
    assert 10 ** np.quantile(found.share, [0.025, 0.975]) == pytest.approx([0.1, 0.4], rel=0.03)


def test_a_share_that_somebody_kept_is_a_lower_end_of_the_share_and_not_its_middle():
    known = [
        estimate("a", "a", 14.5, 0.3),
        Measurement("kept", "lab", "lower bound", np.log10(0.017), 0.3, "usable_share"),
    ]
    with_it, without = (combine(some, np.random.default_rng(3), 40_000) for some in (known, known[:1]))
    assert 0 <= with_it.share.mean() - without.share.mean() < 0.005
    tight = combine(
        [known[0], Measurement("kept", "lab", "lower bound", np.log10(0.2), 0.001, "usable_share")],
        np.random.default_rng(3), 40_000, **NONE,
    )  # fmt: skip
    # Cut at its middle, a normal law has the mean sd * sqrt(2 / pi) above it.
    assert tight.share.mean() == pytest.approx(np.log10(0.2) + 0.15358 * np.sqrt(2 / np.pi), abs=0.005)


def test_an_upper_bound_is_a_lower_bound_upside_down():
    known = [estimate("a", "a", 14.5, 0.3)]
    middle = draws_of(known, **NONE)
    cut = draws_of([*known, Measurement("roof", "archive", "upper bound", 14.5, 0.001)], **NONE)
    assert cut.mean() == pytest.approx(middle.mean() - middle.std() * np.sqrt(2 / np.pi), abs=0.02)
    roof = Measurement("roof", "c", "upper bound", 14.8, 0.1)
    p = conflict(roof, [*known, roof], np.random.default_rng(1), 80_000, prior=(14.5, 50.0), **NONE)
    assert p == pytest.approx(_normal_cdf(0.3 / np.sqrt(0.3**2 + 0.1**2 + 2 * combining.ROUNDING_SD**2)), abs=0.005)


def test_a_conversion_that_lineages_share_is_not_averaged_out():
    """Two exact counts of pages by one conversion: its error stays, as if there were one count."""
    converted = [Measurement(name, name, "estimate", 14.5, 0.001, conversion_sd=0.2) for name in "abcd"]
    found = combine(converted, np.random.default_rng(3), 40_000, prior=(14.5, 30.0), **NONE)
    assert found.level.std() == pytest.approx(0.2, rel=0.03)
    apart = [Measurement(name, name, "estimate", 14.5, 0.2) for name in "abcd"]
    assert draws_of(apart, **NONE).std() == pytest.approx(0.1, rel=0.03)


def test_one_lineage_of_several_is_as_wide_as_its_single_figures():
    several = [estimate(str(number), "one", 14.5, 0.3) for number in range(4)]
    single = draws_of(several[:1], 80_000)
    assert draws_of(several, 80_000).std() == pytest.approx(single.std(), rel=0.03)


# How the lineages are drawn


def test_cummins_is_of_common_crawl_by_inputs_and_himself_by_publisher():
    cummins = next(one for one in measurements() if "Cummins" in one.name)
    people = next(one for one in measurements() if one.name == "people")
    testimony = next(one for one in measurements() if one.name == "index_testimony")
    found = {name: [d.lineage(one) for one in (cummins, people, testimony)] for name, d in DRAWINGS.items()}
    assert found == {
        "by_inputs": ["common_crawl", "people", "google_testimony"],
        "by_publisher": ["cummins", "people", "google_testimony"],
        "epoch_derived_as_one": ["cummins", "epoch", "google_testimony"],
        "one_index": ["common_crawl", "people", "epoch"],
        "by_method": ["common_crawl", "people", "pages"],
    }


def test_fewer_lineages_are_wider():
    sd = {
        name: Synthesis(lineages=name).combined(np.random.default_rng(1), 20_000).at("after_quality_filter").std()
        for name in DRAWINGS
    }
    assert sd["by_publisher"] < sd["by_inputs"] < sd["by_method"]
    assert sd["by_inputs"] < sd["one_index"]


def test_an_unknown_drawing_is_given_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'by_inputs'"):
        draw_estimator(Synthesis(lineages="by_input"), seed=1, size=10)


def test_the_share_of_a_future_is_the_one_that_goes_with_its_stock():
    baseline = scenarios.load("baseline")
    stock = draw_estimator(baseline.stock(), seed=4, size=2000)
    share = np.log10(baseline.draw_lever("quality", seed=4, size=2000)["usable_share"])
    # A share is cut at 1 in the scenario, 4.5 sd above the middle, and not in the synthesis.
    assert share == pytest.approx(stock.draws["log10_share"], abs=3e-4)
    assert np.corrcoef(share, stock.draws["log10_level"])[0, 1] == pytest.approx(-0.27, abs=0.06)
    # A stock that is no synthesis leaves the share as the scenario says it.
    theirs = scenarios.load("epoch2024")
    given = theirs.draw_lever("quality", seed=4, size=2000)["usable_share"]
    prior = theirs.levers["quality"].quantities["usable_share"]
    assert np.array_equal(given, prior.quantile(ranks("quality", "usable_share", seed=4, size=2000)))


def test_a_scenario_says_how_lineages_are_drawn(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "t"\ndescription = "d"\n[stock]\nlineages = "by_method"\n', encoding="utf-8")
    mine = scenarios.load(path)
    assert mine.stock() == Synthesis(lineages="by_method")
    assert restored(recorded(mine)) == mine
    assert mine.numbers_digest() != scenarios.load("baseline").numbers_digest()
    assert "lineages" not in scenarios.load("baseline").to_dict()["stock"]


# The shipped synthesis


def test_the_same_seed_gives_the_same_draws():
    years = np.array([2024.0, 2040.0])
    first, again = (production.fit("synthesis", draws=500).project(years).values for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, production.fit("synthesis", draws=500, seed=5).project(years).values)


def test_the_level_of_2024_is_the_combination_and_growth_is_an_estimators_own():
    fitted = production.fit("synthesis", draws=900)
    path = fitted.project(np.array([2020.0, 2024.0, 2035.0])).values
    assert path[:, 1] == pytest.approx(fitted.draws["log10_level"], rel=1e-12)
    routes = fitted.estimator.routes()
    assert sorted(np.unique(fitted.draws["route"])) == list(range(len(routes)))
    lineages = np.array([route.lineage for route in routes])[fitted.draws["route"]]
    assert (lineages == "people").mean() == pytest.approx(0.5, abs=0.06)
    web = [route.name for route in routes].index("indexed_web")
    chosen = fitted.draws["route"] == web
    growth = 10 ** ((path[:, 2] - path[:, 1]) / 11)
    assert growth[chosen] == pytest.approx(fitted.draws["indexed_web.growth"][chosen])


def test_what_is_new_in_a_year_is_that_of_the_estimator_followed():
    fitted = production.fit("synthesis", draws=600)
    years = np.array([2024.0, 2033.0])
    stock, flow = fitted.project(years).values, fitted.project_flow(years).values
    for index, route in enumerate(fitted.estimator.routes()):
        chosen = fitted.draws["route"] == index
        prefix = f"{route.name}."
        own = {n.removeprefix(prefix): v[chosen] for n, v in fitted.draws.items() if n.startswith(prefix)}
        share = route().log10_flow(own, years) - route().log10_stock(own, years)
        assert (flow - stock)[chosen] == pytest.approx(share)


def test_almost_every_future_grows():
    path = production.fit("synthesis", draws=2000).project(np.array([2024.0, 2030.0, 2050.0])).values
    # The published growth of all data, 1.03 to 1.10 at 80 %, leaves a few of its futures shrinking.
    assert (np.diff(path, axis=1) < 0).mean() < 0.01
    assert np.median(np.diff(path, axis=1)) > 0.1


def test_leaving_out_is_one_field():
    years = np.array([2024.0])
    full = production.fit("synthesis", draws=4000).project(years).values
    for left in ("people", "epoch", "published", "Indexed web (Villalobos et al. 2024 v2)"):
        without = draw_estimator(Synthesis(leave_out=(left,)), seed=20260822, size=4000)
        assert not np.array_equal(without.project(years).values, full)
    alone = draw_estimator(Synthesis(leave_out=("epoch", "cummins", "common_crawl")), seed=1, size=20_000)
    people = next(one for one in measurements() if one.name == "people")
    assert np.median(alone.project(years).values) == pytest.approx(people.mean, abs=0.06)
    assert [route.name for route in alone.estimator.routes()] == ["people"]
    # An estimator that is left out gives no growth either.
    assert "people.words_per_user_year" not in draw_estimator(Synthesis(leave_out=("people",)), seed=1, size=50).draws


def test_an_unknown_name_to_leave_out_is_given_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'people'"):
        draw_estimator(Synthesis(leave_out=("peple",)), seed=1, size=10)


def test_a_synthesis_that_cannot_grow_is_refused():
    with pytest.raises(InputError, match="how the stock grows"):
        draw_estimator(Synthesis(leave_out=("people", "epoch")), seed=1, size=10)


def test_entries_show_every_estimator_by_its_own_account():
    entries = {entry.name: entry for entry in synthesis.estimator_entries(draws=3000)}
    assert list(entries) == [one.name for one in measurements() if one.layer != "usable_share"]
    for entry in entries.values():
        assert entry.raw_2024.shape == (3000,)
        assert 0 <= entry.conflict_p <= 1
        assert entry.sources
        assert entry.title
    assert np.median(entries["indexed_web"].raw_2024) == pytest.approx(5.1e14, rel=0.06)
    assert entries["common_crawl"].kind == "lower bound"
    filtered = entries["All high quality web text (Cummins)"]
    assert filtered.layer == "after_quality_filter"
    assert np.median(filtered.measured_2024) == pytest.approx(9.6e13, rel=0.03)
    assert np.median(filtered.raw_2024) == pytest.approx(9.6e13 / 0.2, rel=0.04)


def test_moments_of_a_split_lognormal_are_those_of_its_draws():
    stock = LogNormal(3e14, 0.2, 0.5)
    mean, sd = synthesis.log10_moments(stock)
    log10 = np.log10(stock.quantile((np.arange(200_000) + 0.5) / 200_000))
    assert (mean, sd) == pytest.approx((log10.mean(), log10.std()), abs=1e-4)
