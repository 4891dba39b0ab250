"""Levers: each alone moves the answer in the direction that it states, and a demand lever does nothing to the past."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.collapse.yields import SCENARIO_SETTINGS, synthetic_yield
from forecast.core.seeds import generator
from forecast.core.trajectory import make_trajectory
from forecast.core.units import decimal_year
from forecast.errors import InputError
from forecast.ingest.catalog import load_table
from forecast.production.machine_text import MACHINE_SINCE, fitted
from forecast.runs.passage import crossing_years, first_passage
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import DEPENDENCES, LEVERS, local_level, restrictions
from forecast.scenarios.levers import access as access_lever
from forecast.scenarios.levers.compute_cap import NO_LIMIT
from forecast.scenarios.levers.lever import log10_sum, ramp
from forecast.scenarios.levers.restrictions import restricted_share, series
from forecast.scenarios.levers.synthetic import REGIMES, yield_of

YEARS = np.arange(2021.5, 2101.5, 0.5)
SIZE = 200
RAW = 14.5 + 0.03 * (YEARS - 2024.0)[None, :] + np.linspace(-0.6, 0.6, SIZE)[:, None]
SEEN = 13.8 + 0.25 * (YEARS - 2026.5)[None, :] + np.linspace(0.2, -0.2, SIZE)[:, None]
BASE = scenarios.load("baseline")
START = 2027.0


def draws_of(name: str, scenario=BASE, **numbers: float) -> dict[str, np.ndarray]:
    """A lever's draws as a scenario has them, some settings fixed."""
    draws = scenario.draw_lever(name, seed=1, size=SIZE)
    return {**draws, **{key: np.full(SIZE, float(value)) for key, value in numbers.items()}}


def left(name: str, path: np.ndarray, scenario=BASE, **numbers: float) -> np.ndarray:
    """The path after one lever."""
    return LEVERS[name].apply(path, draws_of(name, scenario, **numbers), YEARS)


def exhausted(scenario) -> np.ndarray:
    """Exhaustion years of the made paths under a scenario's levers."""
    whole = [
        make_trajectory(path, YEARS, resource_name="public_text", role=role, source="test")
        for path, role in ((SEEN, "consumption"), (RAW, "stock"))
    ]
    return first_passage(*whole, scenario, seed=1).year


# --- every lever


def ends(name: str, least: float = 1e-3) -> tuple[float, float]:
    """The bounds of a lever's main setting, the lower one positive."""
    setting = LEVERS[name].settings[LEVERS[name].main_setting]
    return max(setting.lower, least), setting.upper


def strong(name: str) -> float:
    """The bound of the main setting that lies farther from where it changes nothing."""
    neutral = LEVERS[name].settings[LEVERS[name].main_setting].neutral
    low, high = ends(name)
    return low if neutral == high else high


@pytest.mark.parametrize("name", list(LEVERS))
def test_a_lever_keeps_the_shape_and_is_idle_where_the_baseline_says_so(name):
    lever = LEVERS[name]
    path = RAW if lever.side == "stock" else SEEN
    after = left(name, path)
    assert after.shape == path.shape
    assert np.isfinite(after).all()
    assert lever.main_setting in lever.settings
    if name in BASE.idle:
        assert after == pytest.approx(path, abs=1e-12)
    else:
        assert not np.allclose(after, path)


@pytest.mark.parametrize("name", list(LEVERS))
def test_a_lever_moves_exhaustion_the_way_that_it_says(name):
    says = LEVERS[name].larger_means
    assert says, f"{name}: set larger_means to later, sooner or neither"
    low, high = ends(name)
    found = np.array([exhausted(BASE.replace(**{name: value})) for value in (low, np.sqrt(low) * np.sqrt(high), high)])
    sign = {"later": 1, "sooner": -1, "neither": 0}[says]
    if not sign:
        assert (found == found[0]).all()
        return
    assert (sign * found[1:] >= sign * found[:-1]).all()
    assert (sign * found[2] > sign * found[0]).mean() > 0.3


def test_distillation_leaves_the_frontier_and_serves_followers():
    scenario = BASE.replace(distillation=4.0)
    assert np.array_equal(exhausted(scenario), exhausted(BASE))
    draws = draws_of("distillation", scenario, ramp_years=0.0)
    follower = LEVERS["distillation"].followers(SEEN, draws, YEARS)
    assert follower[:, YEARS <= START] == pytest.approx(SEEN[:, YEARS <= START])
    assert follower[:, YEARS > START] == pytest.approx(SEEN[:, YEARS > START] - np.log10(4.0))


@pytest.mark.parametrize("name", [name for name, lever in LEVERS.items() if lever.side == "consumption"])
def test_a_demand_lever_does_nothing_before_its_start(name):
    after = left(name, SEEN, BASE.replace(**{name: strong(name)}))
    assert np.array_equal(after[:, YEARS <= START], SEEN[:, YEARS <= START])
    if LEVERS[name].larger_means != "neither" and not LEVERS[name].settles:
        assert not np.allclose(after[:, YEARS > START], SEEN[:, YEARS > START])


SUPPLY = [
    *(
        (name, lever.main_setting, *ends(name))
        for name, lever in LEVERS.items()
        if lever.side == "stock" and lever.larger_means == "later"
    ),
    ("access", "licensed_share_2030", 0.0, 1.0),
    ("contamination", "human_flow_used", 0.0, 1.0),
    ("quality", "loosening", 1.0, 5.0),
]
"""Main settings by what their levers say of them, and further settings of which more is never sooner."""


@pytest.mark.parametrize(("name", "key", "low", "high"), SUPPLY)
@settings(max_examples=25)
@given(share=st.floats(0.0, 1.0), more=st.floats(0.0, 1.0))
def test_more_of_a_supply_lever_never_brings_exhaustion_forward(name, key, low, high, share, more):
    first = low + (high - low) * share
    second = first + (high - first) * more
    scenario = scenarios.load("closed_web")
    less, greater = (left(name, RAW, scenario, **{key: value}) for value in (first, second))
    assert (greater >= less - 1e-9).all()
    assert (crossing_years(SEEN, greater, YEARS) >= crossing_years(SEEN, less, YEARS) - 1e-6).all()


# --- helpers


def test_a_ramp_rises_in_a_straight_line_or_at_once():
    draws = {"start": np.array([2027.0, 2027.0]), "ramp_years": np.array([4.0, 0.0])}
    assert ramp(draws, np.array([2027.0, 2028.0, 2031.0, 2040.0])).tolist() == [[0, 0.25, 1, 1], [0, 1, 1, 1]]


@given(st.floats(-3, 20), st.floats(0, 1e20))
def test_a_sum_in_logs_is_the_sum(path, added):
    found = log10_sum(np.array([[path]]), np.array([[added]]))
    assert found == pytest.approx(np.log10(10**path + added), abs=1e-9)


def test_a_lever_that_adds_has_no_factor_of_its_own():
    with pytest.raises(InputError, match="call apply"):
        LEVERS["private"].log10_factor(draws_of("private"), YEARS)


# --- one by one


def test_overtraining_multiplies_by_the_root_of_the_ratio_and_moves_a_published_path_by_a_year():
    factor = left("overtraining", SEEN, ratio=5.0, ramp_years=0.0) - SEEN
    assert factor[:, YEARS > START] == pytest.approx(0.5 * np.log10(5.0))
    # Villalobos et al. 2024: 0.38 log10 a year, and five times overtraining brings the date forward by one year.
    path = np.repeat((13.0 + 0.38 * (YEARS - 2024.0))[None, :], SIZE, axis=0)
    stock = np.full_like(path, 15.5)
    moved = crossing_years(left("overtraining", path, ratio=5.0, ramp_years=0.0), stock, YEARS)[0]
    assert crossing_years(path, stock, YEARS)[0] - moved == pytest.approx(1.0, abs=0.1)


def test_half_of_all_compute_for_reinforcement_learning_costs_0_15_orders():
    factor = left("rl_share", SEEN, extra_share=0.5, ramp_years=0.0) - SEEN
    assert factor[:, -1] == pytest.approx(-0.1505, abs=1e-4)


def test_efficiency_stops_at_its_limit():
    factor = left("data_efficiency", SEEN, gain_per_year=1.5, limit=5.17) - SEEN
    assert factor[:, list(YEARS).index(2029.0)] == pytest.approx(-2 * np.log10(1.5))
    assert factor[:, -1] == pytest.approx(-np.log10(5.17))


def test_meta_learning_is_zero_and_says_so():
    assert BASE.idle["meta_learning"].quantities["gain"].median == 0.0
    assert left("meta_learning", SEEN, gain=1.0, ramp_years=0.0)[:, -1] == pytest.approx(SEEN[:, -1] - np.log10(2.0))


def test_quality_loosens_along_a_stated_path_and_never_beyond_everything():
    factor = left("quality", RAW, usable_share=0.2, loosening=2.0, ramp_years=0.0) - RAW
    assert factor[:, YEARS <= START] == pytest.approx(np.log10(0.2))
    assert factor[:, YEARS > START] == pytest.approx(np.log10(0.4))
    assert left("quality", RAW, usable_share=0.5, loosening=9.0, ramp_years=0.0)[:, -1] == pytest.approx(RAW[:, -1])


def test_private_and_other_media_add_what_they_count():
    added = left("private", RAW, total=2e15, reach_share=0.1, worth=0.5, ramp_years=0.0)
    assert 10 ** added[:, -1] == pytest.approx(10 ** RAW[:, -1] + 1e14)
    counts = {"images": 1e13, "video": 8e12, "audio": 1e12, "tokens_each": 22.0}
    added = left("multimodal", RAW, **counts, text_equivalent_share=0.5, ramp_years=0.0)
    assert 10 ** added[:, -1] == pytest.approx(10 ** RAW[:, -1] + 0.5 * 22 * 1.9e13)
    assert np.array_equal(added[:, YEARS <= START], RAW[:, YEARS <= START])


# --- compute cap


def test_the_cap_is_the_training_set_of_the_largest_run_and_the_frontier_still_never_falls():
    numbers = {"limit_2030": 6e28, "tokens_per_parameter": 100.0, "later_growth": 0.1, "later_fading": 0.1}
    after = left("compute_cap", SEEN, **numbers)
    assert (np.diff(after, axis=1) >= -1e-12).all()
    assert after.max(axis=1) == pytest.approx(np.log10(np.sqrt(1e30)) + 0.05 * (1 - np.exp(-7.15)) / 0.1, abs=0.01)
    assert (after <= SEEN + 1e-12).all()


def test_a_frontier_above_the_cap_stays_where_it_was():
    after = left("compute_cap", SEEN, limit_2030=1e22, later_growth=0.0)
    at_start = SEEN[:, list(YEARS).index(START)]
    assert after[:, -1] == pytest.approx(at_start)


def test_no_limit_is_no_cap():
    assert "compute_cap" in scenarios.load("epoch2024").idle
    assert np.array_equal(left("compute_cap", SEEN, limit_2030=NO_LIMIT), SEEN)


# --- access


def test_access_is_the_share_that_is_not_closed():
    numbers = {
        "restricted_share_now": 0.2, "restricted_share_2030": 0.5, "compliance_now": 0.5, "compliance_2030": 0.8,
        "terms_share": 0.4, "terms_compliance_2030": 0.5, "licensed_share_2030": 0.25, "network_share": 0.0,
    }  # fmt: skip
    share = 10 ** (left("access", RAW, **numbers) - RAW)
    assert share[:, YEARS <= 2023.0] == pytest.approx(1.0)
    assert share[:, list(YEARS).index(2026.5)] == pytest.approx(1 - 0.2 * 0.5)
    assert share[:, YEARS >= 2030.0] == pytest.approx(1 - 0.75 * (1 - (1 - 0.5 * 0.8) * (1 - 0.4 * 0.5)))


def test_populations_and_measures_are_kept_apart_and_the_baseline_holds_the_fit():
    found = series()
    keys = [(one.population, one.measure, one.agent) for one in found]
    assert len(set(keys)) == len(keys) >= 3
    assert all(one.last - one.first >= 1.0 and one.count >= 2 for one in found)
    # A slope by hand: 23 % of reputable news sites in September 2023, 60 % in May 2025.
    news = next(one for one in found if "news" in one.population)
    by_hand = (np.log(0.6 / 0.4) - np.log(0.23 / 0.77)) / (news.last - news.first)
    assert news.slope == pytest.approx(by_hand)
    stated = BASE.levers["access"].quantities["restricted_share_now"]
    fit = restricted_share(access_lever.OBSERVED_UNTIL, (0.1, 0.5, 0.9), found)
    assert [float(stated.quantile(p)) for p in (0.1, 0.5, 0.9)] == pytest.approx(fit.tolist(), rel=0.02)


def test_restrictions_spread_out_from_the_last_count():
    at = np.array([restricted_share(year, (0.1, 0.5, 0.9)) for year in (2024.33, 2026.5, 2030.0)])
    assert (np.diff(at[:, 1:], axis=0) > 0).all()
    assert at[0] == pytest.approx([0.053, 0.059, 0.066], abs=0.003)


def test_the_scenarios_hold_the_path_and_what_departs_from_it():
    stated = BASE.levers["access"].quantities
    growth, rank = restrictions.growth((0.1, 0.5, 0.9, 0.95))
    assert [float(stated["restricted_growth_2030"].quantile(p)) for p in (0.1, 0.5, 0.9)] == pytest.approx(
        growth[:3].tolist(), rel=0.03
    )
    assert rank == pytest.approx(DEPENDENCES[("access", "restricted_growth_2030")].rank_correlation, abs=0.01)
    closed = scenarios.load("closed_web").levers["access"].quantities["restricted_growth_2030"]
    assert [float(closed.quantile(p)) for p in (0.05, 0.95)] == pytest.approx(growth[[1, 3]].tolist(), rel=0.03)
    for name in ("access_stays", "open_licensing"):
        alone = scenarios.load(name).levers["access"].quantities["restricted_growth_2030"]
        assert (alone.median, alone.sd_low, alone.sd_high) == (1.0, 0.0, 0.0)
    # All that the two settings say of 2030 is what the path says.
    draws = BASE.draw_lever("access", seed=1, size=20_000)
    share = access_lever.restricted_path(draws, np.array([2030.0]))[:, 0]
    assert np.quantile(share, [0.1, 0.5, 0.9]) == pytest.approx(restricted_share(2030.0, (0.1, 0.5, 0.9)), abs=0.03)


def test_shocks_after_the_surveys_and_licences_are_those_of_the_table():
    table, stated = load_table("access_shocks"), BASE.levers["access"].quantities
    (own,) = table[table["enters"] == "own term"].to_dict("records")
    assert decimal_year(str(own["date"])[:10]) == pytest.approx(access_lever.NETWORK_SINCE, abs=0.002)
    middle, high = (float(stated["network_share"].quantile(p)) for p in (0.5, 0.95))
    assert (own["low_share"], own["mid_share"], own["high_share"]) == (0.0, pytest.approx(middle), pytest.approx(high))
    back = table[table["enters"] == "licences"][["low_share", "mid_share", "high_share"]].sum()
    now = float(stated["restricted_share_now"].quantile(0.5))
    licensed = [float(stated["licensed_share_2030"].quantile(p)) for p in (0.05, 0.5, 0.95)]
    assert licensed == pytest.approx((back / now).tolist(), rel=0.04)


def test_a_standstill_stays_and_a_path_fades():
    years = np.array([2026.5, 2027.0, 2028.0, 2030.0, 2040.0, 2100.0])
    draws = {"restricted_share_now": np.array([0.2, 0.2, 0.0, 1.0]), "restricted_growth_2030": np.array([1, 4, 4, 4.0])}
    share = access_lever.restricted_path(draws, years)
    assert share[0] == pytest.approx(0.2)
    assert share[1, [0, 3]] == pytest.approx([0.2, 0.5])  # odds of 1 to 4, then 1 to 1
    steps = np.diff(np.log(share[1] / (1 - share[1]))) / np.diff(years)
    assert (np.diff(steps) < 0).all()
    assert steps[-1] > 0
    assert share[2].tolist() == [0.0] * 6
    assert share[3] == pytest.approx(1.0)


def test_networks_refuse_from_september_2026_whatever_is_obeyed():
    numbers = {
        "restricted_share_now": 0.0, "restricted_growth_2030": 1.0, "compliance_now": 0.5, "compliance_2030": 0.5,
        "terms_share": 0.4, "terms_compliance_2030": 0.0, "licensed_share_2030": 0.0, "network_share": 0.09,
    }  # fmt: skip
    share = 10 ** (left("access", RAW, **numbers) - RAW)
    assert share[:, YEARS <= 2026.5] == pytest.approx(1.0)
    assert share[:, YEARS >= 2027.0] == pytest.approx(0.91)
    # A run recorded before there was such a setting stays as it was.
    before = {key: np.full(3, value) for key, value in numbers.items() if key != "network_share"}
    assert LEVERS["access"].log10_factor(before, YEARS) == pytest.approx(0.0)


def test_no_slope_runs_across_the_break(monkeypatch):
    before = [one.slope for one in series()]
    rows = load_table("access_restrictions")
    late = rows[rows["corpus"].str.startswith("reputable")].tail(1).assign(date="2027-06-30", value_share=0.05)
    monkeypatch.setattr("forecast.ingest.catalog.load_table", lambda _: pd.concat([rows, late]))
    assert [one.slope for one in series()] == before


def test_a_local_level_is_found_again():
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.uniform(0.05, 0.15, 1500))
    level = np.cumsum(
        0.4 * np.diff(times, prepend=0.0) + 0.3 * np.sqrt(np.diff(times, prepend=0.0)) * rng.normal(size=1500)
    )
    found = local_level.fit(times, level + 0.1 * rng.normal(size=1500))
    assert (found.walk, found.noise) == (pytest.approx(0.3, rel=0.1), pytest.approx(0.1, rel=0.1))
    assert found.drift == pytest.approx(0.4, abs=3 * 0.3 / np.sqrt(times[-1]))
    assert found.level == pytest.approx(level[-1], abs=3 * np.sqrt(found.variance))


def test_a_local_level_agrees_with_statsmodels():
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    rng = np.random.default_rng(5)
    seen = np.cumsum(0.1 + 0.2 * rng.normal(size=400)) + 0.3 * rng.normal(size=400)
    ours = local_level.fit(np.arange(400.0), seen)
    theirs = UnobservedComponents(seen, "lldtrend").fit(disp=False)
    assert [ours.noise**2, ours.walk**2] == pytest.approx(list(theirs.params), rel=0.05)
    assert ours.predicted(1.0)[0] == pytest.approx(float(theirs.forecast(1)[0]), abs=0.05)


# --- contamination


def test_the_archive_is_untouched_and_additions_lose_their_machine_part():
    numbers = {"machine_share": 0.5, "rate": 1e3, "midpoint": MACHINE_SINCE, "drift": 0.0}
    human = 10 ** left("contamination", RAW, **numbers)
    whole = 10**RAW
    before = YEARS <= MACHINE_SINCE
    assert human[:, before] == pytest.approx(whole[:, before])
    archive = 10 ** (RAW[:, 0] + 0.03 * (MACHINE_SINCE - YEARS[0]))
    assert human[:, -1] == pytest.approx(archive + 0.5 * (whole[:, -1] - archive), rel=1e-3)
    isolated = 10 ** left("contamination", RAW, **numbers, human_flow_used=0.0, ramp_years=0.0)
    assert isolated[:, YEARS <= START] == pytest.approx(human[:, YEARS <= START])
    assert isolated[:, -1] == pytest.approx(archive, rel=1e-9)


def test_the_machine_share_of_the_baseline_is_the_fitted_one():
    stated = BASE.levers["contamination"].quantities["machine_share"]
    cap = fitted().draw(generator(3, "test"), 20_000).cap
    ours, theirs = ([float(stated.quantile(p)) for p in (0.05, 0.5, 0.95)], np.quantile(cap, [0.05, 0.5, 0.95]))
    assert ours == pytest.approx(theirs.tolist(), rel=0.06)


# --- synthetic


@pytest.mark.parametrize("name", list(SCENARIO_SETTINGS))
def test_synthetic_scenarios_have_the_settings_of_the_laboratory(name):
    regime, share, generations, verifier = SCENARIO_SETTINGS[name]
    said = scenarios.load(name).levers["synthetic"]
    numbers = {key: value.median for key, value in said.quantities.items()}
    assert said.choices["regime"] == regime
    assert (numbers["share"], numbers["generations"]) == (share, generations)
    kept = (1.0, 1.0) if verifier is None else (verifier.keep_right, verifier.keep_wrong)
    assert (numbers["keep_right"], numbers["keep_wrong"]) == kept


def test_what_a_synthetic_corpus_adds_is_what_the_laboratory_says():
    scenario = scenarios.load("synthetic_accumulate")
    draws = draws_of("synthetic", scenario, saturation_exponent=0.0, ramp_years=0.0)
    path = np.full((SIZE, len(YEARS)), 14.0)
    added = 10 ** LEVERS["synthetic"].apply(path, draws, YEARS)[:, -1] - 1e14
    choices = {"regime": "accumulate"}
    found = yield_of(draws, choices, generator(1, "levers", "synthetic", "derived"), SIZE)
    assert np.sort(added) == pytest.approx(np.sort(found.human_tokens(1e14 * 0.5)), rel=1e-6, abs=1e4)


def test_isolation_reads_no_synthetic_token_and_collapse_never_helps():
    scenario = scenarios.load("data_isolation")
    assert left("synthetic", RAW, scenario) == pytest.approx(RAW)
    harm = left("synthetic", RAW, scenarios.load("synthetic_collapse"))
    assert (harm <= RAW + 1e-12).all()
    assert (harm[:, -1] < RAW[:, -1]).mean() > 0.2
    assert np.isfinite(harm).all()


def test_saturation_that_grows_with_the_source_adds_more():
    scenario = scenarios.load("synthetic_accumulate")
    fixed, grown = (left("synthetic", RAW, scenario, saturation_exponent=power) for power in (0.0, 1.0))
    gains = draws_of("synthetic", scenario)["yield"] > 0
    assert (grown[gains, -1] > fixed[gains, -1]).all()
    assert np.array_equal(grown[~gains], fixed[~gains])


def test_under_replace_no_human_text_is_left():
    share = 1.0
    found = synthetic_yield("replace", share, 2, None, generator(1, "x"), SIZE)
    draws = {
        **draws_of("synthetic", share=share, saturation_exponent=1.0, ramp_years=0.0),
        "yield": found.draws, "saturation": np.full(SIZE, 1e30), "replaced": np.ones(SIZE),
    }  # fmt: skip
    after = LEVERS["synthetic"].apply(RAW, draws, YEARS)
    assert 10 ** (after - RAW)[:, -1] == pytest.approx(np.maximum(found.draws, 1e-12), rel=1e-6, abs=1e-9)
    assert "replace" in REGIMES


def test_levers_are_about_text():
    assert all("public_text" in lever.applies_to for lever in LEVERS.values())
    assert not any("images" in lever.applies_to for lever in LEVERS.values())
