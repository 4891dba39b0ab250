"""The data-constrained scaling law: published values, inverse, limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from forecast.scenarios.levers.repetition import R_STAR, epochs_for, scaling_law, useful_passes


@pytest.mark.parametrize(
    ("parameters", "tokens", "loss"), [(6.34e9, 242e9, 2.2256440889984477), (8.67e9, 178e9, 2.2269634075087867)]
)
def test_the_law_gives_the_published_values(parameters, tokens, loss):
    assert scaling_law(parameters, tokens, 25e9) == pytest.approx(loss, rel=1e-15)


def test_the_best_use_of_a_published_budget():
    # 1e22 FLOP and 25e9 unique tokens: 2.3734e11 tokens, 9.4935 epochs, 7.022e9 parameters.
    best = minimize_scalar(
        lambda x: scaling_law(1e22 / 6 / 10**x, 10**x, 25e9), bounds=(10.5, 12.5), options={"xatol": 1e-10}
    )
    # The published point comes from a grid: next to the minimum, and as good to six digits.
    assert 10**best.x == pytest.approx(2.3734e11, rel=1e-3)
    epochs = 2.3734e11 / 25e9
    assert epochs == pytest.approx(9.4935, abs=5e-4)
    assert scaling_law(7.022e9, 2.3734e11, 25e9) == pytest.approx(best.fun, rel=1e-6)


@pytest.mark.parametrize(
    ("epochs", "worth"), [(1, 1.0), (2, 1.97), (4, 3.73), (5, 4.52), (8, 6.62), (16, 10.58), (40, 15.17)]
)
def test_useful_passes_as_the_table_of_estimates_has_them(epochs, worth):
    assert float(useful_passes(epochs)) == pytest.approx(worth, abs=0.005)


def test_the_worth_of_repeating_has_a_limit():
    assert float(useful_passes(1e6)) == pytest.approx(1 + R_STAR) == pytest.approx(16.39, abs=0.005)


@given(st.floats(1.0, 16.0), st.floats(0.0, 20.0))
def test_worth_rises_by_less_and_less_and_can_be_turned_round(passes, more):
    assert float(useful_passes(epochs_for(passes))) == pytest.approx(passes, rel=1e-6)
    epochs = float(epochs_for(passes))
    gained = float(useful_passes(epochs + more) - useful_passes(epochs))
    assert -1e-9 <= gained <= more + 1e-9
