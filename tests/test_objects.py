"""Objects of the Python side say in one line what they are, answer whether two are equal, and take years and levels in lists."""

from __future__ import annotations

import dataclasses
from importlib.resources import files

import numpy as np
import pytest
import xarray as xr

import forecast as fc
from forecast.consumption.fit import Fit
from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.members import MEMBERS, member
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError
from forecast.replicate.analysis import PublishedNumber
from forecast.runs.forecast import Forecast

YEARS = np.array([2027.2, 2028.0, 2030.5, 2031.0, np.inf])


def made(years: np.ndarray = YEARS) -> Forecast:
    """A forecast of a few draws."""
    paths = np.tile([13.0, 14.0], (len(years), 1))
    side = make_trajectory(paths, np.array([2026.0, 2030.0]), resource_name="public_text", role="stock", source="test")
    document = {"scenario": "baseline", "resource": "public_text", "diagnostics": {"verdict": "PASS"}}
    return Forecast(years, side, side, document)


def fit(seed: int = 1, verdict: str = "PASS") -> Fit:
    """A fit whose posterior is made up."""
    knots = 2018 + 0.5 * np.arange(4)
    rows = np.ones((3, 3))
    data = FrontierData(knots, 10 * rows, 0.1 * rows, 2018 * rows, rows, np.ones(3), 2019.5, (("a",),) * 3)
    posterior = xr.DataTree.from_dict({"/posterior": xr.Dataset({"jump": (("chain", "draw"), np.ones((2, 5)))})})
    return Fit(member(next(iter(MEMBERS))), data, posterior, {"verdict": verdict}, seed)


# --- one line


def test_a_forecast_says_what_it_found():
    assert repr(made()) == (
        "Forecast('baseline', 'public_text': 60% by the end of 2030, median 2030.5, 80 % interval 2027.2 to after 2050; "
        "5 draws, diagnostics PASS)"
    )


def test_a_fit_says_whose_it_is():
    assert repr(fit()) == (
        f"Fit({next(iter(MEMBERS))!r}: 10 draws, 'public_text' as of 2019.50, seed 1, diagnostics PASS)"
    )


@pytest.mark.parametrize("name", fc.scenario.names())
def test_a_scenario_says_what_it_assumes(name):
    scenario = fc.scenario.load(name)
    said = repr(scenario)
    assert "\n" not in said
    assert len(said) < 300
    for word in (scenario.name, scenario.resource_name, *scenario.members, *scenario.levers):
        assert word in said


# --- equal or not


def test_equality_answers():
    assert made() == made()
    assert made() != made(YEARS + 1)
    assert made() != dataclasses.replace(made(), document={**made().document, "scenario": "other"})
    assert made() != 3
    assert fit() == fit()
    assert fit().data == fit().data
    assert fit() != fit(seed=2)
    assert fit() != fit(verdict="FAIL")
    assert fit() != "fit"
    assert fit().data != dataclasses.replace(fit().data, as_of=2019.4)
    baseline = fc.scenario.load("baseline")
    assert baseline == fc.scenario.load("baseline")
    assert baseline != baseline.replace(repetition=(2, 8))


@pytest.mark.parametrize("make", [made, fit, lambda: fit().data, lambda: fc.scenario.load("baseline")])
def test_equal_objects_are_one_in_a_set(make):
    assert len({make(), make()}) == 1


# --- the distribution of the exhaustion year


def test_several_years_at_once():
    f = made()
    assert f.probability(by=2030) == 0.6
    assert f.probability(by=[2026, 2028, 2030.5, 2030.6]).tolist() == [0, 0.4, 0.4, 0.6]
    assert isinstance(f.probability(by=2030), float)


def test_the_distribution_function_is_of_instants_and_turns_quantiles_round():
    f = made()
    assert f.cdf(2028) == 0.4
    assert f.cdf(np.array([2027.9, 2031, 1e9])).tolist() == [0.2, 0.8, 0.8]
    levels = [0.1, 0.4, 0.5, 0.8]
    assert f.quantile(levels).tolist() == [2027.2, 2028.0, 2030.5, 2031.0]
    assert (f.cdf(f.quantile(levels)) >= levels).all()
    assert f.quantile(0.9) == np.inf
    assert f.interval(0.2) == (2028.0, 2030.5)
    assert f.quantile(0.5) == f.median()


def test_a_sample_is_of_the_draws():
    f = made()
    assert sorted(f.sample(5)) == sorted(YEARS)
    assert f.sample(3).tolist() == f.sample(3).tolist()
    many = f.sample(20_000, seed=3)
    assert set(many) == set(YEARS)
    assert np.mean(many <= 2030.5) == pytest.approx(0.6, abs=0.02)  # its standard error is 0.0035


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda f: f.interval(80), "got a level of 80, expected a probability between 0 and 1: write 0.8"),
        (lambda f: f.interval(0), "got a level of 0, expected"),
        (lambda f: f.interval("0.8 %"), "got a level of '0.8 %', expected"),
        (lambda f: f.interval(float("nan")), "got a level of nan, expected"),
        (lambda f: f.quantile([0.5, 95]), "got a level of [0.5, 95], expected"),
        (lambda f: f.quantile(-0.1), "got a level of -0.1, expected"),
        (lambda f: f.probability(by="soon"), "got 'soon' as a year, expected"),
        (lambda f: f.probability(by=None), "got None as a year, expected"),
        (lambda f: f.cdf([2030, np.nan]), "as a year, expected"),
        (lambda f: f.sample(0), "got a sample of 0, expected"),
        (lambda f: f.sample(2.5), "got a sample of 2.5, expected"),
    ],
)
def test_what_makes_no_sense_is_one_of_our_errors(ask, told):
    with pytest.raises(InputError) as caught:
        ask(made())
    assert told in str(caught.value)


def test_an_interval_of_a_replication_takes_the_same_levels():
    figure = PublishedNumber("a", "year", {"0.1": 2027.0, "0.5": 2028.0, "0.9": 2030.0}, None, "matched", "")
    assert figure.interval(0.8) == (2027.0, 2030.0)
    with pytest.raises(InputError, match=r"write 0\.8"):
        figure.interval(80)


def test_type_checkers_read_our_types():
    assert files("forecast").joinpath("py.typed").is_file()
