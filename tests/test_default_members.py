"""The members of the shipped mixture, each against what is known of it: limits, closed forms, and a truth found again."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from forecast.consumption.alternatives.full_exponential import FullExponential
from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, predictive_p_values
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, frontier_data
from forecast.consumption.judged import JUDGED, judged
from forecast.consumption.members import DEFAULT_MEMBERS, MEMBERS, member
from forecast.consumption.members.compute_led import BEND, ComputeLed
from forecast.consumption.members.damped import Damped
from forecast.consumption.members.record_drift import RecordDrift
from forecast.consumption.members.stall_and_resumption import StallAndResumption, moving
from forecast.consumption.observation import SMALLEST_ERROR, seen_positions
from forecast.consumption.particles import particle_fits
from forecast.core.priors import Prior
from forecast.core.seeds import generator
from forecast.fits.particles.sweep import Care

KNOTS = FIRST_KNOT + BLOCK_YEARS * np.arange(20)


def table(years, sizes, sd=0.05):
    """Make rows of corpora as `text_corpora` does."""
    names = [f"model {index}" for index in range(len(years))]
    return pd.DataFrame({"model": names, "year": years, "log10_size": sizes, "measurement_sd": sd})


def made_up_fit(who, data, draws=4000, level=13.0, growth=0.3, **values):
    """Return a fit whose posterior is one point but for what is given by draw."""
    import xarray as xr

    values = {"jump": 0.15, "spread": 0.35, "shape_excess": 0.8, "level": 12.0} | values
    frontier = np.broadcast_to(level + growth * (data.knots - data.last_knot), (1, draws, len(data.knots)))
    posterior = xr.Dataset(
        {
            name: (("chain", "draw", *[f"{name}_step"] * (np.ndim(value) - 1)), whole(value, draws))
            for name, value in values.items()
        }
        | {"frontier": (("chain", "draw", "knot"), frontier)}
    )
    return Fit(who, data, xr.DataTree.from_dict({"/posterior": posterior}), {"verdict": "PASS"}, 1)


def whole(value, draws):
    return np.broadcast_to(value, (draws, *np.shape(value)[1:]))[None].copy()


@pytest.fixture(scope="module")
def data():
    """Three corpora a half-year up to the middle of 2025, below a straight line."""
    years = (np.arange(2018.1, 2025.5, 0.5)[:, None] + 0.03 * np.arange(3)).ravel()
    return frontier_data(table(years, 10.0 + 0.4 * (years - 2018) - np.tile([0.0, 0.2, 0.5], 15)), 2025.5)


def test_the_shipped_members_are_of_the_registry_and_those_that_left_say_so():
    assert set(DEFAULT_MEMBERS) <= set(MEMBERS)
    assert all(member(name).left == "" for name in DEFAULT_MEMBERS)
    assert {name: member(name).left for name in ("local_trend", "windowed_exponential")} == {
        "local_trend": "0.2.0",
        "windowed_exponential": "0.2.0",
    }
    assert [name for name in MEMBERS if member(name).record_alone] == ["record_drift"]


# --- stall and resumption


def of_stall(draws=500, seed=3, **values):
    """Return draws of a stall member's parameters and shocks, in arrays."""
    who, rng = StallAndResumption(), np.random.default_rng(seed)
    found = {name: prior.sample(rng, draws)[:, None] for name, prior in who.priors() if name != "level"}
    found |= {name: np.full((draws, 1), value) for name, value in values.items()}
    return found | {"state_noise": rng.standard_normal((draws, len(KNOTS) - 1))}


def test_with_the_threshold_far_below_growth_never_stalls_and_far_above_never_moves():
    for threshold, share in ((-40.0, 1.0), (40.0, 0.0)):
        own = StallAndResumption().parameters_in_numpy(of_stall(slope=0.3, threshold=threshold))
        t = KNOTS - 2024.0
        found = StallAndResumption().expected_growth(t[:-1], t[1:], own, np)
        straight = FullExponential().expected_growth(t[:-1], t[1:], {"slope": 0.3}, np)
        np.testing.assert_allclose(found, np.broadcast_to(share * straight, found.shape), atol=1e-12)


def test_the_hidden_state_is_standard_and_forgets_itself_at_its_rate():
    drawn = of_stall(20_000, persistence=0.85)
    state = StallAndResumption().parameters_in_numpy(drawn)["state"]
    assert state.mean(axis=0) == pytest.approx(np.zeros(19), abs=0.04)
    assert state.std(axis=0) == pytest.approx(np.ones(19), abs=0.03)
    for steps in (1, 2, 6):
        after = np.mean(state[:, :-steps] * state[:, steps:])
        assert after == pytest.approx(np.exp(-0.85 * BLOCK_YEARS * steps), abs=0.02), steps


def test_the_time_in_which_growth_moves_is_that_of_the_threshold():
    state = np.random.default_rng(1).standard_normal(200_000)
    for threshold in (-0.31, 0.0, 0.8):
        share = moving(state, np.array(threshold))
        assert np.mean(share > 0.5) == pytest.approx(norm.sf(threshold), abs=0.004)
    assert np.mean((share > 0.1) & (share < 0.9)) < 0.4, "most states move or rest"


def test_future_growth_goes_on_from_the_state_in_which_the_data_end():
    who, draws = StallAndResumption(), 40_000
    knots = KNOTS[15:19]
    state = np.zeros((draws, 19))
    state[:, 14] = 1.6  # the step that ends at the first future knot
    posterior = {
        "slope": np.full(draws, 0.4), "threshold": np.full(draws, -0.3), "persistence": np.full(draws, 0.85),
        "state": state,
    }  # fmt: skip
    found = who.future_growth(posterior, knots, generator(1, "test"))
    assert found.shape == (draws, 3)
    for step in range(3):
        keep = np.exp(-0.85 * 0.5 * (step + 1))
        around = keep * 1.6 + np.sqrt(1 - keep**2) * np.random.default_rng(step).standard_normal(draws)
        assert found[:, step].mean() == pytest.approx(0.2 * moving(around, np.array(-0.3)).mean(), rel=0.01)
    late = who.future_growth(posterior, np.array([KNOTS[15], 2090.0, 2090.5]), generator(1, "test"))[:, 1]
    of_any_time = 0.2 * moving(np.random.default_rng(9).standard_normal(draws), np.array(-0.3))
    assert late.mean() == pytest.approx(of_any_time.mean(), rel=0.02), "after long it is as at any time"
    started = who.started({"slope": posterior["slope"]}, np.random.default_rng(2))["state"]
    assert started.shape == (draws, 1)
    assert started.std() == pytest.approx(1.0, abs=0.02)


# --- compute led


def test_compute_led_growth_bends_once_in_closed_form():
    grow, rates = ComputeLed().expected_growth, {"slope": 0.3, "kept": 0.4}
    assert BEND == 0.5
    assert grow(-6.0, -5.0, rates, np) == pytest.approx(0.3, abs=1e-9)
    assert grow(2.0, 4.0, rates, np) == pytest.approx(2 * 0.3 * 0.4, abs=1e-6)
    assert grow(-1.5, 2.5, rates, np) == pytest.approx(2 * 0.3 + 2 * 0.12, abs=1e-6)
    straight = FullExponential().expected_growth(-3.0, 5.0, {"slope": 0.3}, np)
    assert grow(-3.0, 5.0, rates | {"kept": 1.0}, np) == pytest.approx(straight)


def test_compute_led_growth_is_the_same_in_pytensor():
    import pytensor
    import pytensor.tensor as pt

    t = KNOTS - 2024.0
    slope, kept = pt.dscalars("slope", "kept")
    graph = ComputeLed().expected_growth(t[:-1], t[1:], {"slope": slope, "kept": kept}, pt)
    compiled = pytensor.function([slope, kept], graph, mode=pytensor.compile.mode.Mode("py", None))
    expected = ComputeLed().expected_growth(t[:-1], t[1:], {"slope": 0.3, "kept": 0.4}, np)
    assert compiled(0.3, 0.4) == pytest.approx(expected)


# --- record plus drift


def of_records():
    """Half-years of which the second has no new record, the third no row and the last is not over."""
    rows = table(
        np.array([2018.1, 2018.2, 2018.7, 2019.6, 2019.7, 2020.05]),
        np.array([10.0, 10.4, 10.2, 10.9, 10.3, 11.3]),
        np.array([0.05, 0.10, 0.20, 0.30, 0.07, 0.15]),
    )
    return frontier_data(rows, 2020.2)


def test_each_half_year_with_a_row_is_read_once_as_a_record_or_a_bound():
    plain, read = of_records(), RecordDrift().reads(of_records())
    assert plain.observed.sum(axis=1)[:5].tolist() == [2, 1, 0, 2, 1]
    assert read.observed[:6, 0].tolist() == [1, 0, 0, 1, 1, 0], "a new record"
    assert read.observed[:6, 1].tolist() == [0, 1, 0, 0, 0, 0], "one that stands; where no row is, nothing was read"
    assert read.observed[:, 2:].sum() == 0, "and no other rows"
    assert read.size[[0, 3, 4], 0].tolist() == [10.4, 10.9, 11.3]
    assert read.size[1, 1] == 10.4
    assert read.sd[[0, 1, 3, 4], 0] == pytest.approx([0.10, 0.20, 0.30, 0.15]), "with the error of its own largest row"
    assert read.time[:5, 0] == pytest.approx([2018.5, 2019.0, 2019.5, 2020.0, 2020.2]), "at the half-year's end"
    assert read.record() == plain.record()
    again = RecordDrift().reads(read)
    assert np.array_equal(again.size[:5, 0], read.size[:5, 0]), "reading twice is reading once"
    assert np.array_equal(again.observed, read.observed)
    inputs = RecordDrift().inputs(plain)
    assert inputs["position"][:5, 0] == pytest.approx([1.0, 1.0, 1.0, 1.0, 0.4])


def test_nothing_is_read_before_the_first_row():
    late = frontier_data(table(np.array([2019.2, 2020.3]), np.array([10.0, 10.5])), 2020.5)
    read = RecordDrift().reads(late)
    assert read.observed[:, 0].tolist()[:6] == [0.0, 0.0, 1.0, 0.0, 1.0, 0.0]
    assert read.observed[:, 1:].sum() == 0
    assert np.isfinite(read.size).all()
    assert np.isfinite(read.sd).all()


def test_a_record_has_the_density_of_its_error_and_none_the_probability_of_less():
    data, who = of_records(), RecordDrift()
    rng = np.random.default_rng(2)
    frontier = np.sort(10.0 + 1.5 * rng.uniform(size=(30, len(data.knots))), axis=1)
    found = who.log_density(data, {"frontier": frontier})
    read = who.reads(data)
    error = np.hypot(read.sd[:, 0], SMALLEST_ERROR)
    for block in (0, 3, 4):
        start, stop = frontier[:, block], frontier[:, block + 1]
        at = start + (stop - start) * (0.4 if block == 4 else 1.0)
        np.testing.assert_allclose(found[:, block], norm.logpdf(read.size[block, 0], at, error[block]))
    np.testing.assert_allclose(found[:, 1], norm.logcdf(10.4, frontier[:, 2], error[1]), rtol=1e-6)
    assert (found[:, 2] == 0).all()
    assert (found[:, 5:] == 0).all()
    pt = pytest.importorskip("pytensor.tensor")
    inputs = {name: pt.as_tensor(value) for name, value in who.inputs(data).items()}
    at_rows = frontier[0][:-1, None] + np.diff(frontier[0])[:, None] * who.inputs(data)["position"]
    graph = who.rows_density(pt.as_tensor(at_rows), None, inputs, {}, pt)
    np.testing.assert_allclose(graph.eval(), found[0])


def test_what_is_published_is_read_once_with_an_error_and_no_number_is_spoken_of(data):
    who = RecordDrift()
    frontier = np.tile([12.0, 12.5], (4000, 1))
    said = who.published(frontier, np.array([1.0, 0.2]), np.full(2, 0.1), {}, np.random.default_rng(1), 2)
    assert np.array_equal(said[:, :, 0], said[:, :, 1]), "there is one reading"
    assert said[:, :, 0].mean(axis=0) == pytest.approx([12.0, 12.5], abs=0.01)
    assert said[:, :, 0].std(axis=0) == pytest.approx(np.full(2, np.hypot(0.1, SMALLEST_ERROR)), rel=0.04)
    assert who.deficit(np.array([0.3, -0.1]), 0.1, {}).tolist() == [0.0, 0.0]
    assert who.record_alone
    assert {"spread", "shape_excess"}.isdisjoint(dict(who.priors()))
    fit = made_up_fit(who, data, draws=4000, level=data.record() + 0.5, slope=1e-9)
    (half,) = fit.project_record(np.array([data.last_knot + BLOCK_YEARS])).values.T
    frontier = fit.project(np.array([data.last_knot + BLOCK_YEARS])).values[:, 0]
    error = np.hypot(data.usual_error, SMALLEST_ERROR)
    assert np.mean(half - frontier) == pytest.approx(0.0, abs=4 * error / np.sqrt(4000)), "at the end of the half-year"
    assert np.std(half - frontier) == pytest.approx(error, rel=0.06)


def test_made_worlds_of_the_record_are_read_without_a_lean():
    """The record of noisy readings lies high; the frontier that is inferred from it does not."""
    from forecast.evaluate.calibration.worlds import own_worlds

    who, template = (
        RecordDrift(),
        frontier_data(table(np.arange(2018.2, 2024.4, 0.25), np.linspace(10.0, 12.5, 25)), 2024.4),
    )
    places, high = [], []
    for world in own_worlds(who, template, 24):
        (fit,) = particle_fits(
            [FitRequest(who, frontier_data(world.corpora(), world.as_of), 4)],
            Care(60, 2, (1, 1), (2, 3), half_years=4),
            jobs=1,
        )
        truth = float(np.interp(fit.data.last_knot, world.years, world.frontier))
        places.append(float(np.mean(fit.project(np.array([fit.data.last_knot])).values < truth)))
        high.append(fit.data.record() > truth)
    assert np.mean(places) == pytest.approx(0.5, abs=0.18), "three standard errors of 24 uniform places"
    assert np.mean(high) > 0.6


def test_the_gate_holds_the_record_against_its_own_reading(data):
    who = RecordDrift()
    read = who.reads(data)
    new = read.observed[:, 0] > 0
    at = {
        "frontier": np.interp(data.knots, read.time[new, 0], read.size[new, 0])[None]
        + 0.01 * np.arange(-50, 50)[:, None]
    }
    found = predictive_p_values(who, data, at, 1)
    assert found["the record"] == pytest.approx(0.6, abs=0.12)
    assert predictive_p_values(who, data, {"frontier": at["frontier"] - 2.0}, 1)["the record"] == 0.0


def test_what_is_drawn_beside_the_posterior_is_what_the_member_reads():
    from forecast.plots.posterior_predictive import _predicted

    fit = made_up_fit(RecordDrift(), of_records(), draws=50, slope=0.3)
    starts, observed, maxima = _predicted(fit)
    assert starts.tolist() == [2018.0, 2019.5, 2020.0]
    assert observed.tolist() == [10.4, 10.9, 11.3]
    assert maxima.shape == (50, 3)


def test_a_made_record_and_its_drift_are_found_again():
    """Fourteen records under a frontier that the member itself has made."""
    who = RecordDrift(slope=Prior.lognormal(0.2, 0.8, "log10 per year", "wide, for this test"))
    rng = np.random.default_rng(11)
    frontier = 11.0 + np.r_[0.0, np.cumsum(rng.gamma(0.5 * BLOCK_YEARS / 0.1, size=14) * 0.1)]
    ends = KNOTS[1:15]
    sizes = np.maximum.accumulate(frontier[1:] + np.hypot(0.02, SMALLEST_ERROR) * rng.standard_normal(14))
    data = frontier_data(table(ends - 0.1, sizes, sd=0.02), 2025.0)
    (fit,) = particle_fits([FitRequest(who, data, 4)], Care(150, 2, (1, 1), (4, 6), half_years=4), jobs=1)
    low, middle, high = np.quantile(fit.draws["frontier"][:, 14], [0.05, 0.5, 0.95])
    assert low - 0.02 < frontier[-1] < high + 0.02
    assert high - low < 0.15, "the record says where the frontier is"
    assert middle == pytest.approx(frontier[-1], abs=0.06)
    low, high = np.quantile(fit.draws["slope"], [0.05, 0.95])
    assert low < 0.5 < high
    assert np.isfinite(fit.draws["log_density"][:, :14]).all()
    assert {"spread", "shape_excess"}.isdisjoint(fit.draws)


# --- pace after the data


def test_a_pace_ratio_multiplies_growth_ahead_alone(data):
    who, years = Damped(), np.arange(2020.0, 2036.0, 0.5)
    own = {"slope": 0.3, "damping": 0.05}
    plain, half = (made_up_fit(who, data, **own, pace_ratio=ratio) for ratio in (1.0, 0.5))
    none = made_up_fit(dataclasses.replace(who, pace_ratio=None), data, **own)
    past = years <= data.last_knot
    one, two = plain.project(years).values, half.project(years).values
    assert np.array_equal(one[:, past], two[:, past])
    assert np.array_equal(one, none.project(years).values), "a ratio of one is none"
    grown = one[:, -1] - one[:, past][:, -1], two[:, -1] - two[:, past][:, -1]
    expected = who.expected_growth(data.last_knot - 2024.0, years[-1] - 2024.0, own, np)
    assert grown[0].mean() == pytest.approx(expected, rel=0.02)
    assert grown[1].mean() == pytest.approx(0.5 * expected, rel=0.02)
    assert grown[1].var() == pytest.approx(0.15 * 0.5 * expected, rel=0.1), "it slows the process, not the paths"
    assert half.growth_now() == pytest.approx(0.5 * plain.growth_now())


def test_a_fit_can_be_paced_without_touching_its_past(data):
    own = {"slope": 0.3, "damping": 0.05}
    years = np.arange(2020.0, 2036.0, 0.5)
    for fit, before in (
        (made_up_fit(Damped(), data, **own, pace_ratio=0.8), 0.8),
        (made_up_fit(dataclasses.replace(Damped(), pace_ratio=None), data, **own), 1.0),
    ):
        other = fit.paced(2.5)
        assert other.draws["pace_ratio"] == pytest.approx(2.5 * before)
        assert other.growth_now() == pytest.approx(2.5 * fit.growth_now())
        assert np.array_equal(
            other.project(years).values[:, years <= 2025.5], fit.project(years).values[:, years <= 2025.5]
        )
        assert "pace_ratio" not in fit.draws or fit.draws["pace_ratio"] == pytest.approx(before), (
            "the first is as it was"
        )


@pytest.mark.parametrize("name", DEFAULT_MEMBERS)
def test_no_row_tells_the_pace_ratio(name, data):
    """It is a variable of the compiled model that nothing else in it hangs on, and particles draw it from its prior."""
    who = member(name)
    model = who.model(data)
    assert "pace_ratio" in {variable.name for variable in model.free_RVs}
    value = model.rvs_to_values[model["pace_ratio"]]
    from pytensor.graph.traversal import ancestors

    assert value not in set(ancestors([*model.potentials, model["frontier"]]))
    assert who.pace_ratio is not None
    (fit,) = particle_fits([FitRequest(who, frontier_data(early(), 2020.0), 3)], Care(400, 2, (1, 1), (3, 3)), jobs=1)
    places = who.pace_ratio.cdf(fit.draws["pace_ratio"])
    assert places.mean() == pytest.approx(0.5, abs=0.08)
    assert places.std() == pytest.approx(np.sqrt(1 / 12), abs=0.05)
    assert "pace_ratio" not in dict(dataclasses.replace(who, pace_ratio=None).priors())


def early():
    years = np.arange(2018.2, 2020.0, 0.5)
    return table(years, 10.0 + 0.4 * (years - 2018))


# --- numbers published above a size


def test_the_law_counts_in_closed_form_up_to_its_largest_shape():
    gap = np.array([[0.6, -0.2], [0.6, 0.3]])
    draws = {"spread": np.array([0.3, 0.3]), "shape_excess": np.array([0.5, 9.0])}
    found = Damped().mean_above(gap, draws)
    assert found == pytest.approx(np.array([[2.0**1.5, 0.0], [2.0**4, 1.0]]))
    deep = Damped().mean_above(gap[:, :, None] * np.ones(3), draws)
    assert deep.shape == (2, 2, 3)
    assert deep[:, :, 1] == pytest.approx(found)


def test_numbers_are_those_that_are_published():
    who, draws = Damped(), {"spread": np.full(20_000, 0.3), "shape_excess": np.full(20_000, 0.5)}
    said = who.published(np.full((20_000, 1), 13.0), np.ones(1), np.zeros(1), draws, np.random.default_rng(1), 6)
    number = np.mean((said[:, 0] > 12.85).sum(axis=1))
    assert number == pytest.approx(
        who.mean_above(np.array([[0.15]]), {k: v[:1] for k, v in draws.items()})[0, 0], rel=0.03
    )


# --- growth priors as they were judged


@pytest.mark.parametrize("name", list(MEMBERS))
def test_a_judged_member_is_the_same_but_for_what_histories_taught(name):
    who, other = member(name), judged(member(name))
    assert type(other) is type(who)
    assert other.pace_ratio is None
    before, after = dict(who.priors()), dict(other.priors())
    assert after == {key: JUDGED.get(key, prior) for key, prior in before.items() if key != "pace_ratio"}
    assert not any("learned from" in prior.source for key, prior in after.items() if key in JUDGED)


def test_seen_positions_are_within_what_is_seen():
    exposure = np.array([1.0, 0.4, 0.0])
    assert (seen_positions(exposure) <= exposure[:, None]).all()
