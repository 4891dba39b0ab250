"""Growth members: closed forms, paths into the future, and the recovery of a known truth."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.consumption.fit import MAXIMUM_LOG10, Fit, interpolate
from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, LARGEST, FrontierData, frontier_data
from forecast.consumption.members import MEMBERS, member
from forecast.consumption.members.damped import Damped
from forecast.consumption.members.windowed_exponential import WindowedExponential
from forecast.consumption.observation import SMALLEST_ERROR, simulate_largest
from forecast.errors import InputError, UnknownNameError
from forecast.fits.sampling import Sampling

AS_OF = 2026.6


def corpora(years: np.ndarray, sizes: np.ndarray, sd: float = 0.03) -> pd.DataFrame:
    """Make rows of corpora as `text_corpora` does."""
    names = [f"model {index}" for index in range(len(years))]
    return pd.DataFrame({"model": names, "year": years, "log10_size": sizes, "measurement_sd": sd})


def simple_data(as_of: float = AS_OF) -> FrontierData:
    """Return a table of four corpora per half-year on a straight line."""
    starts = np.arange(FIRST_KNOT + 0.2, as_of, BLOCK_YEARS)
    years = (starts[:, None] + 0.02 * np.arange(4)).ravel()
    below = np.tile(0.2 * np.arange(4), len(starts))
    return frontier_data(corpora(years, 10.0 + 0.35 * (years - 2018) - below), as_of)


def made_up_fit(chosen, *, draws: int = 4000, jump: float = 0.15, seed: int = 1, **parameters: float) -> Fit:
    """Return a fit whose posterior is one point, so that what comes after it is known."""
    import xarray as xr

    data = simple_data()
    shape = (2, draws // 2)
    frontier = np.broadcast_to(10.0 + 0.35 * (data.knots - 2018), (*shape, len(data.knots)))
    values = {"jump": jump, "spread": 0.35, "shape": 1.8, "level": 12.0, **parameters}
    posterior = xr.Dataset(
        {name: (("chain", "draw"), np.full(shape, value)) for name, value in values.items()}
        | {"frontier": (("chain", "draw", "knot"), frontier)}
    )
    return Fit(chosen, data, xr.DataTree.from_dict({"/posterior": posterior}), {"verdict": "PASS"}, seed)


# --- expected growth


@given(
    slope=st.floats(0.05, 1.0), damping=st.floats(0.01, 1.0), start=st.floats(-6.0, 70.0), length=st.floats(0.1, 10.0)
)
def test_damped_growth_is_its_closed_form(slope, damping, start, length):
    def level(t: float) -> float:
        return slope * (1 - np.exp(-damping * t)) / damping

    found = Damped().expected_growth(start, start + length, {"slope": slope, "damping": damping}, np)
    assert found == pytest.approx(level(start + length) - level(start), rel=1e-6, abs=1e-9)


@given(slope=st.floats(0.05, 1.0), start=st.floats(-6.0, 30.0), length=st.floats(0.1, 10.0))
def test_damped_tends_to_exponential_as_damping_vanishes(slope, start, length):
    exponential = WindowedExponential().expected_growth(start, start + length, {"slope": slope}, np)
    assert exponential == pytest.approx(slope * length)
    gaps = [
        abs(Damped().expected_growth(start, start + length, {"slope": slope, "damping": r}, np) - exponential)
        for r in (1e-3, 1e-4, 1e-5)
    ]
    assert gaps[2] <= 1e-4 * (1 + abs(start) + length) ** 2
    assert gaps[0] >= gaps[1] >= gaps[2] - 1e-9


def test_damped_comes_to_rest():
    late = Damped().expected_growth(76.0, 77.0, {"slope": 0.4, "damping": 0.3}, np)
    assert 0 <= late < 1e-9


# --- paths


CASES = [
    (Damped(), {"slope": 0.35, "damping": 0.05}),
    (WindowedExponential(), {"slope": 0.35}),
]


@pytest.mark.parametrize(("chosen", "parameters"), CASES)
def test_paths_never_fall_and_grow_on_average_as_the_member_says(chosen, parameters):
    fit = made_up_fit(chosen, **parameters)
    years = np.arange(2022.0, 2041.0, 0.5)
    paths = fit.project(years).values
    assert np.all(np.diff(paths, axis=1) >= 0)
    last = fit.data.last_knot
    t = years[years >= last] - 2024.0
    expected = np.array([chosen.expected_growth(last - 2024.0, end, parameters, np) for end in t])
    grown = paths[:, years >= last] - paths[:, years == last]
    error = 4 * np.sqrt(0.15 * expected / len(paths)) + 1e-9  # the variance of a gamma process is its scale x its mean
    assert np.all(np.abs(grown.mean(axis=0) - expected) <= error)
    assert grown[:, -1].var() == pytest.approx(0.15 * expected[-1], rel=0.15)


@pytest.mark.parametrize(("chosen", "parameters"), CASES)
def test_growth_now_is_that_of_the_year_after_the_data(chosen, parameters):
    fit = made_up_fit(chosen, **parameters)
    start = fit.data.last_knot - 2024.0
    assert fit.growth_now() == pytest.approx(chosen.expected_growth(start, start + 1, parameters, np))


def test_the_same_seed_gives_the_same_paths_and_another_one_others():
    years = np.arange(2022.0, 2040.0, 0.5)
    one, same, other = (made_up_fit(Damped(), slope=0.35, damping=0.1, seed=s).project(years).values for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.array_equal(one[:, years <= 2026.5], other[:, years <= 2026.5]), "the past is not drawn anew"


def test_the_grid_that_is_asked_for_does_not_change_the_paths():
    fit = made_up_fit(Damped(), slope=0.35, damping=0.1, draws=200)
    whole = fit.project()
    part = fit.project(np.array([2026.0, 2030.25, 2100.0]))
    assert part.values[:, 2] == pytest.approx(whole.sel(year=2100.0).values)
    between = 0.5 * (whole.sel(year=2030.0).values + whole.sel(year=2030.5).values)
    assert part.values[:, 1] == pytest.approx(between)


def test_the_record_is_the_known_one_and_then_moves_below_the_frontier():
    fit = made_up_fit(Damped(), slope=0.35, damping=0.1, spread=0.3, shape_excess=0.5, draws=400)
    years = fit.data.last_knot + np.arange(-4.0, 12.0, 0.5)
    frontier, record = fit.project(years).values, fit.project_record(years).values
    assert np.all(np.diff(record, axis=1) >= 0)
    assert record[:, years <= fit.data.last_knot][:, -1] == pytest.approx(fit.data.record())
    above = record - np.maximum(frontier, fit.data.record())
    assert above.max() < 6 * np.hypot(fit.data.usual_error, SMALLEST_ERROR), "but for the error of a published size"
    assert np.mean(above > 0) < 0.05
    assert record[:, -1].mean() > fit.data.record(), "a growing frontier moves the record"
    assert fit.project_record(years).attrs["role"] == "consumption"


def test_a_thinned_fit_is_the_same_fit_with_fewer_draws():
    fit = made_up_fit(Damped(), slope=0.35, damping=0.1, draws=400)
    thin = fit.thinned(50)
    assert thin.project(np.array([2030.0])).shape == (50, 1)
    assert len(thin.growth_now()) == 50
    assert fit.thinned(10_000).project(np.array([2030.0])).shape == fit.project(np.array([2030.0])).shape


def test_the_past_is_the_posterior_and_a_trajectory_says_what_it_is():
    fit = made_up_fit(WindowedExponential(), slope=0.35, draws=10)
    path = fit.project(np.array([2022.0, 2024.25, 2030.0]))
    assert path.values[:, 0] == pytest.approx(11.4)
    assert path.values[:, 1] == pytest.approx(10 + 0.35 * 6.25)
    assert path.dims == ("draw", "year")
    assert path.attrs == {
        "resource": "public_text",
        "unit": "log10(tokens)",
        "long_name": "log10 of the largest training set",
        "role": "consumption",
        "source": "windowed_exponential",
    }


def test_paths_stop_before_floating_point_does():
    fit = made_up_fit(WindowedExponential(), slope=30.0, draws=10)
    assert fit.project(np.array([2026.0, 2100.0])).values.max() == MAXIMUM_LOG10


def test_a_frontier_at_rest_stays_where_it_is():
    fit = made_up_fit(Damped(), slope=0.3, damping=8.0, draws=10)
    paths = fit.project(np.array([2030.0, 2100.0])).values
    assert np.isfinite(paths).all()
    assert paths[:, 1] == pytest.approx(paths[:, 0], abs=1e-6)


def test_reading_off_between_knots_is_linear_and_flat_outside():
    paths = np.array([[1.0, 3.0, 4.0]])
    knots = np.array([2020.0, 2021.0, 2022.0])
    assert interpolate(paths, knots, np.array([2019.0, 2020.5, 2021.0, 2025.0])).tolist() == [[1.0, 2.0, 3.0, 4.0]]


# --- what members see


def test_the_largest_of_each_half_year_are_seen_and_nothing_later():
    years = np.array([2018.1, 2018.2, 2018.3, 2018.4, 2019.0, 2020.0, 2021.0, 2017.0])
    data = frontier_data(corpora(years, np.array([9.0, 9.5, 9.2, 8.0, 10.0, 11.0, 12.0, 99.0])), 2020.3)
    assert data.labels[0] == ("model 1", "model 2", "model 0")
    assert data.size[0].tolist() == [9.5, 9.2, 9.0]
    assert (data.record(), data.blocks, data.last_knot) == (11.0, 5, 2020.5)
    assert data.observed.sum() == LARGEST + 2
    assert data.exposure[4] == pytest.approx(0.6)
    assert np.all(data.exposure[5:] == 0)
    assert data.time[0].tolist() == [2018.2, 2018.3, 2018.1]


@pytest.mark.parametrize("as_of", [2026.0, 2026.5])
def test_on_a_border_the_block_before_it_is_complete(as_of):
    data = simple_data(as_of)
    assert data.last_knot == as_of
    assert data.exposure[data.blocks - 1] == 1.0


@pytest.mark.parametrize("border", [2020.0, 2020.5])
def test_what_is_published_on_a_border_is_seen_in_the_half_year_that_ends(border):
    """The next half-year has seen nothing yet: a row in it would count for the record and for no law."""
    on_the_day = border if border % 1 == 0 else 2020 + 182 / 366  # 1 July of a leap year
    data = frontier_data(corpora(np.array([2019.2, 2019.8, on_the_day]), np.array([11.0, 11.5, 12.0])), border)
    assert np.all(data.observed[data.exposure == 0] == 0)
    assert data.size[data.blocks - 1, 0] == data.record() == 12.0


def test_arrays_keep_their_length_so_that_nothing_is_compiled_anew():
    assert simple_data(2021.0).size.shape == simple_data(2026.9).size.shape


@pytest.mark.parametrize("years", [[2020.1], [2020.1, 2020.2], [2010.0, 2011.0, 2012.0]])
def test_too_little_to_go_on_is_refused(years):
    with pytest.raises(InputError, match="at least 2 half-years"):
        frontier_data(corpora(np.array(years), np.full(len(years), 12.0)), 2026.0)


def test_a_digest_changes_with_anything_that_a_fit_depends_on():
    data = simple_data()
    changed = [
        dataclasses.replace(data, size=data.size + 1e-9),
        dataclasses.replace(data, sd=data.sd * 1.001),
        dataclasses.replace(data, as_of=data.as_of + 0.01),
        dataclasses.replace(data, resource_name="code"),
    ]
    assert data.digest() == simple_data().digest()
    assert len({data.digest(), *(d.digest() for d in changed)}) == 5
    request = FitRequest(Damped(), data)
    moved = dataclasses.replace(Damped(), damping=dataclasses.replace(Damped().damping, centre=0.2))
    keys = {
        request.key(),
        FitRequest(moved, data).key(),
        FitRequest(WindowedExponential(), data).key(),
        FitRequest(Damped(), data, seed=2).key(),
        FitRequest(Damped(), data, sampling=Sampling(draws=10)).key(),
        FitRequest(Damped(), changed[0]).key(),
    }
    assert len(keys) == 6
    assert FitRequest(Damped(), simple_data()).key() in keys


def test_the_window_holds_the_last_five_years():
    data = simple_data()
    seen = data.knots[:-1][WindowedExponential().sees(data) > 0]
    assert seen.min() == pytest.approx(2022.0)  # the first half-year that begins within five years of 2026.6
    assert seen.max() == pytest.approx(2026.5)
    assert Damped().sees(data).sum() == data.blocks


def test_an_unknown_member_is_named_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'damped'"):
        member("dampd")


@pytest.mark.parametrize("name", list(MEMBERS))
def test_a_member_says_who_it_is(name):
    chosen = member(name)
    assert chosen.name == name
    assert chosen.title
    assert chosen.formula
    assert set(chosen.tail_parameters) <= {field for field, _ in chosen.priors()}


# --- a known truth


def simulated(chosen, parameters: dict[str, float], seed: int) -> tuple[FrontierData, np.ndarray]:
    """Return corpora simulated from a member with known parameters, and the frontier behind them."""
    rng = np.random.default_rng(seed)
    knots = FIRST_KNOT + BLOCK_YEARS * np.arange(18)
    t = knots - 2024.0
    growth = chosen.expected_growth(t[:-1], t[1:], parameters, np)
    frontier = 10.5 + np.concatenate([[0.0], np.cumsum(rng.gamma(growth / 0.15) * 0.15)])
    middle = 0.5 * (frontier[:-1] + frontier[1:])
    at = np.repeat(middle[None, :, None], LARGEST, axis=2)
    sizes = simulate_largest(at, np.ones(17), np.array([0.35]), np.array([1.8]), rng)[0]
    published = sizes + 0.04 * rng.standard_normal(sizes.shape)
    years = np.repeat(knots[:-1] + 0.25, LARGEST)
    return frontier_data(corpora(years, published.ravel(), sd=0.04), float(knots[-1])), frontier


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("chosen", "parameters"), CASES)
def test_a_known_truth_is_recovered(chosen, parameters):
    held = {name: [] for name in (*parameters, "frontier")}
    errors = []
    for world in range(5):
        data, truth = simulated(chosen, parameters, seed=100 + world)
        fit = fit_member(FitRequest(chosen, data, sampling=Sampling(draws=400, tune=400)))
        for name, value in parameters.items():
            low, high = np.quantile(fit.draws[name], [0.025, 0.975])
            held[name].append(low <= value <= high)
        end = fit.draws["frontier"][:, data.blocks]
        low, high = np.quantile(end, [0.025, 0.975])
        held["frontier"].append(low <= truth[-1] <= high)
        errors.append(np.median(end) - truth[-1])
        assert fit.diagnostics["divergences"] <= 20
    # Five worlds and 95 % intervals: three or fewer hits would happen once in forty times.
    assert all(sum(hits) >= 4 for hits in held.values()), held
    assert abs(np.mean(errors)) < 0.25


# --- the record before anything was published


def test_the_record_of_a_resource_that_began_late_is_known_from_its_first_half_year_on():
    """No number stands before the first corpus: none, rather than not a number."""
    from forecast.consumption.mixture import mixture

    fit = made_up_fit(WindowedExponential(), slope=0.3, shape_excess=0.8)
    late = fit.data.knots[:-1] >= 2022.0
    observed = np.where(late[:, None], fit.data.observed, 0.0)
    begun = dataclasses.replace(fit, data=dataclasses.replace(fit.data, observed=observed))
    years = np.arange(2021.0, 2030.5, 0.5)
    record = mixture([begun], years, 200, of="record")
    assert not np.isnan(record.values).any()
    assert np.isneginf(record.sel(year=slice(None, 2022.0)).values).all()
    first = begun.data.size[np.flatnonzero(late)[0]].max()
    assert record.sel(year=2022.5).values == pytest.approx(first)
    assert (np.diff(record.sel(year=slice(2022.5, None)).values, axis=1) >= 0).all()
    whole = mixture([fit], years, 200, of="record")
    assert record.sel(year=slice(2024.0, None)).values == pytest.approx(whole.sel(year=slice(2024.0, None)).values)
