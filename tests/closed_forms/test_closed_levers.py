"""The formulas of the levers, METHODS, 12, worked out here by themselves."""

import numpy as np
import pytest
from scipy import stats

from forecast.core.repetition import epochs_for, scaling_law, useful_passes
from forecast.scenarios.levers import DEPENDENCES, LEVERS
from forecast.scenarios.levers.compute_cap import path_at
from forecast.scenarios.levers.dependence import ranks
from forecast.scenarios.levers.lever import constant, log10_share, log10_sum, ramp
from forecast.scenarios.levers.synthetic import yield_of

YEARS = np.array([2022.0, 2023.25, 2024.0, 2025.0, 2026.5, 2027.0, 2028.0, 2028.25, 2030.0, 2035.0, 2060.0])
PATH = np.array([[13.0], [14.5]]) + 0.1 * (YEARS - 2022.0)


def both(**settings):
    """Draws of two futures."""
    return {
        key: np.array(value if isinstance(value, list) else [value, value], float) for key, value in settings.items()
    }


def risen(start, length):
    return np.clip((YEARS - start) / length, 0.0, 1.0)


SINCE = {"start": 2027.0, "ramp_years": 2.0}
R = risen(2027.0, 2.0)


@pytest.mark.parametrize(
    ("name", "settings", "factor"),
    [
        ("language_share", {"share": [0.25, 0.5]}, [0 * R + 0.25, 0 * R + 0.5]),
        ("selection", {"share": [0.25, 0.5], "weight": [2.0, 0.5]}, [0 * R + 0.5, 0 * R + 0.25]),
        ("overtraining", {"ratio": [4.0, 9.0], **SINCE}, [4.0 ** (R / 2), 9.0 ** (R / 2)]),
        ("undertraining", {"ratio": [0.25, 0.04], **SINCE}, [0.25 ** (R / 2), 0.04 ** (R / 2)]),
        ("rl_share", {"extra_share": [0.3, 0.75], **SINCE}, [(1 - 0.3 * R) ** 0.5, (1 - 0.75 * R) ** 0.5]),
        ("meta_learning", {"gain": [1.0, 3.0], **SINCE}, [2.0**-R, 4.0**-R]),
        ("distillation", {"follower_saving": [3.0, 9.0], **SINCE}, [0 * R + 1.0, 0 * R + 1.0]),
        (
            "data_efficiency",
            {"gain_per_year": [1.5, 2.0], "limit": [5.0, 1e3], "start": 2027.0},
            [1 / np.minimum(g ** np.maximum(YEARS - 2027.0, 0), limit) for g, limit in ((1.5, 5.0), (2.0, 1e3))],
        ),
        (
            "quality",
            {"usable_share": [0.2, 0.6], "loosening": [2.0, 3.0], **SINCE},
            [0.2 * 2.0**R, np.minimum(0.6 * 3.0**R, 1.0)],
        ),
        ("repetition", {"passes": [2.0, 5.0]}, [0 * R + 2.0, 0 * R + 5.0]),
        (
            "repetition",
            {"epochs": [2.0, 6.0], "r_star": [15.0, 10.0]},
            [0 * R + 1 + 15 * (1 - np.exp(-1 / 15)), 0 * R + 1 + 10 * (1 - np.exp(-5 / 10))],
        ),
    ],
)
def test_levers_that_multiply(name, settings, factor):
    found = LEVERS[name].log10_factor(both(**settings), YEARS)
    assert 10**found == pytest.approx(np.array(factor))
    assert LEVERS[name].apply(PATH, both(**settings), YEARS) == pytest.approx(PATH + np.log10(factor))


def test_a_follower_is_saved_what_the_frontier_is_not():
    draws = both(follower_saving=[3.0, 9.0], **SINCE)
    found = LEVERS["distillation"].followers(PATH, draws, YEARS)
    assert found == pytest.approx(PATH - np.log10([[3.0], [9.0]]) * R)


def test_levers_that_add():
    draws = both(total=[1e13, 4e14], reach_share=[0.5, 0.25], worth=[0.4, 2.0], **SINCE)
    amount = np.array([[2e12], [2e14]]) * R
    assert LEVERS["private"].apply(PATH, draws, YEARS) == pytest.approx(np.log10(10**PATH + amount))
    draws = both(images=[1e12, 0.0], video=[2e12, 0.0], audio=[5e11, 3e12], tokens_each=[20.0, 5.0],
                 text_equivalent_share=[0.5, 0.1], **SINCE)  # fmt: skip
    amount = np.array([[3.5e13], [1.5e12]]) * R
    assert LEVERS["multimodal"].apply(PATH, draws, YEARS) == pytest.approx(np.log10(10**PATH + amount))


@pytest.mark.parametrize("replaced", [0.0, 1.0])
@pytest.mark.parametrize("worth", [0.7, -0.2])
def test_synthetic_text(worth, replaced):
    draws = both(
        share=[1 / 3, 0.6], replaced=replaced, saturation_exponent=[0.0, 0.5], saturation=[1e12, 3e12], **SINCE
    )
    found = LEVERS["synthetic"].apply(PATH, {**draws, "yield": np.full(2, worth)}, YEARS)
    human = 10**PATH
    n = human * (1.0 if replaced else np.array([[0.5], [1.5]])) * R
    n0 = np.array([[1e12], [3e12]]) * np.array([np.ones(len(YEARS)), (10 ** PATH[1] / 1e12) ** 0.5])
    gained = worth * n / (1 + n / n0) if worth > 0 else worth * n
    assert found == pytest.approx(np.log10(np.maximum(human + gained - human * replaced * R, human * 1e-12)))


def test_below_the_corpora_of_the_experiments_saturation_stays():
    years, path = np.array([2040.0]), np.array([[11.0]])
    one = {"share": 0.5, "replaced": 0.0, "saturation_exponent": 0.8, "saturation": 1e11, "yield": 1.0, "start": 2027.0}
    draws = {key: np.array([value]) for key, value in {**one, "ramp_years": 1.0}.items()}
    assert LEVERS["synthetic"].apply(path, draws, years)[0, 0] == pytest.approx(np.log10(1.5e11))


def test_where_no_synthetic_text_is_counted_nothing_is_drawn():
    choices = {"regime": "none"}
    assert yield_of({}, choices, np.random.default_rng(1), 3) is None
    found = LEVERS["synthetic"].derive({}, choices, np.array([0.2, 0.4, 0.6]), np.random.default_rng(1))
    assert {key: value.tolist() for key, value in found.items()} == {
        "yield": [0.0] * 3, "saturation": [1.0] * 3, "replaced": [0.0] * 3,
    }  # fmt: skip


def test_a_yield_is_what_small_models_say_times_the_factor_of_scale():
    draws = {key: np.full(200, value) for key, value in {
        "share": 0.5, "generations": 2.0, "keep_right": 0.9, "keep_wrong": 0.3, "scale_transfer": 1.0}.items()}  # fmt: skip
    ranks_, half = np.zeros(200), {**draws, "scale_transfer": np.full(200, 0.5)}
    for regime, share, replaced in (("replace", 1.0, 1.0), ("accumulate", 0.5, 0.0)):
        draws["share"] = np.full(200, share)
        found = LEVERS["synthetic"].derive(draws, {"regime": regime}, ranks_, np.random.default_rng(1))
        assert (found["replaced"] == replaced).all()
        again = yield_of({**half, "share": draws["share"]}, {"regime": regime}, np.random.default_rng(1), 200)
        assert found["yield"] == pytest.approx(2 * again.draws)
        assert np.array_equal(found["saturation"], again.saturation)


def test_a_verifier_that_keeps_all_is_none():
    from forecast.collapse.engine import Filter
    from forecast.collapse.yields import synthetic_yield

    draws = {key: np.full(9, value) for key, value in {
        "share": 1.0, "generations": 3.0, "keep_right": 1.0, "scale_transfer": 1.0}.items()}  # fmt: skip
    for wrong, verifier in ((1.0, None), (0.4, Filter(1.0, 0.4))):
        found = yield_of({**draws, "keep_wrong": np.full(9, wrong)}, {"regime": "replace"}, np.random.default_rng(1), 9)
        wanted = synthetic_yield("replace", 1.0, 3, verifier, np.random.default_rng(1), 9, np.ones(9))
        assert found.draws.tolist() == wanted.draws.tolist()


def test_access_by_its_formula():
    settings = both(restricted_share_now=[0.2, 0.5], restricted_share_2030=[0.4, 0.5], compliance_now=[0.5, 0.3],
                    compliance_2030=[0.9, 0.3], terms_share=[0.45, 0.2], terms_compliance_2030=[0.5, 1.0],
                    licensed_share_2030=[0.3, 0.0], network_share=[0.0, 0.05])  # fmt: skip
    since = np.clip((YEARS - 2026.5) / 3.5, 0, 1)
    knots = [2023.0, 2023.5, 2024.33, 2026.5, 2030.0]
    r = np.array([np.interp(YEARS, knots, [0.0, 0.01, 0.06, now, later]) for now, later in ((0.2, 0.4), (0.5, 0.5))])
    c = np.array([0.5 + 0.4 * since, 0.3 + 0 * since])
    md = np.array([0.45 * 0.5 * since, 0.2 * since])
    licence = np.array([0.3 * since, 0 * since])
    n = np.array([0 * since, 0.05 * (YEARS > 2026.704)])
    wanted = 1 - (1 - licence) * (1 - (1 - r * c) * (1 - n) * (1 - md))
    assert 10 ** LEVERS["access"].log10_factor(settings, YEARS) == pytest.approx(wanted)
    late = YEARS >= 2026.5  # where no early knot counts, another way leads to the same
    assert 10 ** LEVERS["access"].log10_factor(settings, YEARS[late]) == pytest.approx(wanted[:, late])
    free = both(**dict.fromkeys(settings, 0.0)) | both(compliance_now=1.0, compliance_2030=1.0)
    assert (LEVERS["access"].log10_factor(free, YEARS) == 0).all()


def test_the_compute_cap_by_its_formula():
    draws = both(limit_2030=[6e28, 6e26], tokens_per_parameter=[100.0, 25.0], later_growth=[0.2, 0.1],
                 later_fading=[0.1, 0.5], start=2027.0)  # fmt: skip
    steep = np.array([[13.0], [14.5]]) + 0.5 * (YEARS - 2022.0)
    later = np.maximum(YEARS - 2030.0, 0.0)
    fading = np.array([[0.1], [0.5]])
    compute = np.log10([[6e28], [6e26]]) + np.array([[0.2], [0.1]]) * (1 - np.exp(-fading * later)) / fading
    cap = 0.5 * (compute + np.log10(np.array([[100.0], [25.0]]) / 6))
    reached = steep[:, [5]]
    wanted = np.where(YEARS > 2027.0, np.minimum(steep, np.maximum(cap, reached)), steep)
    assert LEVERS["compute_cap"].apply(steep, draws, YEARS) == pytest.approx(wanted)
    assert (wanted != steep).any(axis=1).all()


def test_a_path_at_an_instant():
    years = np.array([2020.0, 2022.0, 2025.0])
    path = np.array([[1.0, 3.0, 9.0]] * 5 + [[-np.inf, -np.inf, 2.0]])
    at = np.array([2019.0, 2021.0, 2022.0, 2024.0, 2030.0, 2021.0])
    assert path_at(path, years, at).tolist() == [1.0, 2.0, 3.0, 7.0, 9.0, -np.inf]
    assert path_at(path[:, :1], years[:1], at).tolist() == [1.0] * 5 + [-np.inf]


def test_contamination_takes_machine_text_out_of_what_is_new():
    """A stock that grows by a constant amount, half of the new text by machines: half of the growth is left."""
    years = np.arange(2020.0, 2040.01, 0.25)
    path = np.log10(1e14 + 1e13 * (years - 2020.0))[None]
    draws = {"machine_share": 0.5, "rate": 500.0, "midpoint": 2022.9, "drift": 0.0, "drift_from": 2026.0,
             "human_flow_used": 1.0, "start": 2027.0, "ramp_years": 2.0}  # fmt: skip
    draws = {key: np.array([value]) for key, value in draws.items()}
    since = 2022 + 333 / 365
    new = 1e13 * np.maximum(years - since, 0.0)
    used = LEVERS["contamination"].apply(path, draws, years)
    assert 10**used == pytest.approx((10**path - new / 2), rel=2e-3)
    alone = LEVERS["contamination"].apply(path, {**draws, "human_flow_used": np.array([0.2])}, years)
    left = 10**path - new / 2 - 0.8 * np.clip((years - 2027.0) / 2, 0, 1) * new / 2
    assert 10**alone == pytest.approx(left, rel=2e-3)


def test_the_law_of_repetition_and_its_inverse():
    epochs = np.array([1.0, 2.0, 4.0, 40.0])
    assert useful_passes(epochs, 15.0) == pytest.approx(1 + 15 * (1 - np.exp(-(epochs - 1) / 15)))
    assert epochs_for(useful_passes(epochs)) == pytest.approx(epochs)
    assert epochs_for(2.0, 15.0) == pytest.approx(1 - 15 * np.log(1 - 1 / 15))
    assert scaling_law(6.34e9, 242e9, 25e9) == pytest.approx(2.2256440889984477, rel=1e-12)
    assert scaling_law(1e8, 1e9, 1e12) == pytest.approx(law(1e8, 1e9, 1e12), rel=1e-12)
    assert scaling_law(8e9, 4e11, 1e10) == pytest.approx(law(8e9, 4e11, 1e10), rel=1e-12)


def law(parameters, tokens, unique):
    """Muennighoff et al. 2023, written out; (a / b)^(1 / alpha) parameters a token suit it at the least compute."""
    a, b, e, alpha = np.exp(6.255414), np.exp(7.3049974), np.exp(0.6254804), 0.3526596
    enough = min(parameters, unique * (a / b) ** (1 / alpha))
    read = min(unique, tokens)
    data = read * (1 + 15.387756 * (1 - np.exp(-(tokens / read - 1) / 15.387756)))
    size = enough * (1 + 5.309743 * (1 - np.exp(-(parameters / enough - 1) / 5.309743)))
    return e + a / size**alpha + b / data**alpha


@pytest.mark.parametrize(("pair", "expected"), [
    (("access", "restricted_share_now"), -0.3), (("overtraining", "ratio"), -0.3), (("synthetic", "scale_transfer"), -0.3),
    (("access", "compliance_2030"), 1.0), (("access", "restricted_share_2030"), 1.0)])  # fmt: skip
def test_ranks_are_uniform_and_correlated_as_said(pair, expected):
    own = ranks(*pair, seed=3, size=20_000)
    other = ranks(*DEPENDENCES[pair].on, seed=3, size=20_000)
    assert stats.spearmanr(own, other).statistic == pytest.approx(expected, abs=0.02)
    assert stats.kstest(own, "uniform").pvalue > 1e-3
    assert abs(stats.spearmanr(own, ranks("quality", "loosening", seed=3, size=20_000)).statistic) < 0.03


def test_what_every_lever_shares():
    shares = np.array([0.0, 1e-13, 1e-12, 0.5, 2.0])
    assert log10_share(shares) == pytest.approx([-12, -12, -12, np.log10(0.5), np.log10(2.0)])
    assert constant(np.array([0.1, 10.0]), YEARS[:2]) == pytest.approx(np.array([[-1.0, -1.0], [1.0, 1.0]]))
    assert log10_sum(np.array([[2.0, 2.0, 2.0]]), np.array([[0.0, -50.0, -200.0]])) == pytest.approx(
        np.array([[2.0, np.log10(50.0), -10.0]])
    )
    draws = both(start=[2027.0, 2025.0], ramp_years=[0.0, 4.0])
    assert ramp(draws, np.array([2026.0, 2027.0, 2027.5])).tolist() == [[0.0, 0.0, 1.0], [0.25, 0.5, 0.625]]


def test_when_a_lever_is_idle():
    from forecast.core.distributions import LogNormal

    fixed = lambda value: LogNormal(value, 0.0, 0.0)  # noqa: E731
    lever = LEVERS["contamination"]
    still = {"machine_share": fixed(0.0), "human_flow_used": fixed(1.0), "start": fixed(2027.0)}
    assert lever.is_idle(still, {})
    for moved in ({"machine_share": fixed(0.1)}, {"human_flow_used": fixed(0.9)}):
        assert not lever.is_idle({**still, **moved}, {})
    for wide in (LogNormal(1.0, 0.1, 0.0), LogNormal(1.0, 0.0, 0.1)):
        assert not LEVERS["overtraining"].is_idle({"ratio": wide}, {})
    assert not lever.is_idle({}, {})
    assert LEVERS["synthetic"].is_idle({}, {"regime": "none"})
    assert not LEVERS["synthetic"].is_idle({}, {"regime": "keep"})


def test_restrictions_carried_on_to_a_date():
    """METHODS, 12, access: one more of three paces, by Student's t of two degrees of freedom, fading; a walk about it."""
    from forecast.scenarios.levers.restrictions import restricted_share, series, wandering

    slopes = np.sort([one.slope for one in series()])
    assert slopes.round(2).tolist() == [0.26, 0.52, 0.97]
    assert wandering().walk == pytest.approx(0.27, abs=0.005)
    level = np.log(np.sqrt(0.05 * 0.07) / (1 - np.sqrt(0.05 * 0.07)))
    sd = (np.log(0.07 / 0.93) - np.log(0.05 / 0.95)) / (2 * 1.959963984540054)
    spread = np.std(slopes, ddof=1) * np.sqrt(4 / 3)
    rank = (np.arange(4000) + 0.5) / 4000
    pace = np.maximum(slopes.mean() + spread * stats.t.ppf(rank, 2), 0.0)
    for year, worth in ((2026.5, 2.17), (2030.0, 2.17 + 3 / np.log(2) * (1 - 0.5 ** (3.5 / 3)))):
        width = np.hypot(sd, wandering().walk * np.sqrt(year - 2024.33))
        found = np.log(1 / (1 / restricted_share(year, (0.1, 0.5, 0.9)) - 1))
        # The distribution at the quantiles found, the normal parts integrated out exactly.
        reached = [stats.norm.cdf((x - level - pace * worth) / width).mean() for x in found]
        assert reached == pytest.approx([0.1, 0.5, 0.9], abs=0.004)
