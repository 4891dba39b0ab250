"""Regression on its own labels, the floor of contamination and the break-even of verification, against theory."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.collapse import theory
from forecast.collapse.engine import Filter
from forecast.collapse.learners.labels import _gram, simulate_break_even, simulate_floor
from forecast.collapse.learners.regression import run_regression

SAMPLES, DIMENSION, UNIT = 111, 10, 0.1


@pytest.fixture(scope="module")
def chains():
    regimes = [
        "replace",
        "accumulate",
        "accumulate_subsample",
        "fresh:0.5",
        "isolation:1",
        "isolation:0.5",
        "verification:1/0",
    ]
    return run_regression(SAMPLES, 10, 1000, regimes, seed=2, dimension=DIMENSION)


def mean_and_error(chain, generation):
    errors = chain.metrics["error"][generation - 1]
    return errors.mean(), errors.std() / np.sqrt(len(errors))


@pytest.mark.parametrize("generation", [1, 2, 5, 10])
@pytest.mark.parametrize(
    ("regime", "form"), [("replace", theory.regression_replace), ("accumulate", theory.regression_accumulate)]
)
def test_error_by_generation_agrees_with_theory(chains, regime, form, generation):
    mean, error = mean_and_error(chains[regime], generation)
    assert abs(mean - UNIT * form(generation)) < 4 * error


def test_published_worked_example(chains):
    assert mean_and_error(chains["replace"], 10)[0] == pytest.approx(1.0, rel=0.06)
    assert mean_and_error(chains["accumulate"], 10)[0] == pytest.approx(0.155, rel=0.06)


def test_a_fixed_budget_from_a_growing_pool_lies_between(chains):
    replace, between, accumulate = (
        mean_and_error(chains[name], 10)[0] for name in ("replace", "accumulate_subsample", "accumulate")
    )
    assert 1.2 * accumulate < between < replace / 1.2


def test_half_fresh_data_stops_the_growth(chains):
    mean, error = mean_and_error(chains["fresh:0.5"], 10)
    # First order in d/T: one tenth of slack beside Monte Carlo error.
    assert abs(mean - UNIT * theory.regression_fresh(10, 0.5)) < 4 * error + 0.1 * UNIT


def test_isolation_changes_nothing(chains):
    errors = chains["isolation:1"].metrics["error"]
    assert (errors == errors[0]).all()
    smaller = chains["isolation:0.5"].metrics["error"]
    assert (smaller[1:] == smaller[1]).all()
    assert smaller[1].mean() > 1.5 * UNIT


def test_an_infallible_verifier_helps(chains):
    assert mean_and_error(chains["verification:1/0"], 10)[0] < 0.5 * mean_and_error(chains["replace"], 10)[0]


def test_the_floor_of_contamination():
    floor = simulate_floor(10, sizes=[1000, 20_000, 1_000_000], shares=[0.0, 0.01, 0.1, 0.5], replicates=1000)
    for share, row in zip(floor.shares, floor.errors, strict=True):
        # d/n is chi-squared over d coefficients, and the form leaves out terms of order d/n and p2 (1 - p2) c^2 d/n.
        assert row == pytest.approx(floor.theory(share), rel=0.12)
    assert floor.errors[3, 2] == pytest.approx(0.25, rel=0.005)
    assert floor.errors[0, 2] < 0.1 * floor.errors[1, 2]


def test_a_drawn_gram_matrix_has_the_moments_of_one_that_is_computed():
    rng = np.random.default_rng(1)
    drawn = _gram(50, 3, 20_000, rng)
    rows = rng.standard_normal((20_000, 50, 3))
    computed = np.swapaxes(rows, 1, 2) @ rows
    assert drawn.mean(axis=0) == pytest.approx(50 * np.eye(3), abs=0.5)
    assert drawn.var(axis=0) == pytest.approx(computed.var(axis=0), rel=0.06)


@pytest.mark.parametrize("verifier", [Filter(1, 1), Filter(0.9, 0.3), Filter(0.7, 0.05)])
def test_accuracy_flips_at_the_break_even_error(verifier):
    point = theory.break_even_error(verifier.keep_right, verifier.keep_wrong)
    found = simulate_break_even([verifier], [point - 0.05, point + 0.05], samples=20_000, replicates=3)
    below, above = found.accuracies[0]
    assert below > 0.85
    assert above < 0.15
    assert found.accuracies[0] == pytest.approx(found.theory(verifier), abs=0.03)


def test_a_share_above_one_is_an_error():
    with pytest.raises(ValueError, match=r"shifted share of 1\.5"):
        simulate_floor(shares=[1.5])
