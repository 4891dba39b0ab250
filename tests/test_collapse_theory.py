"""Closed forms against the numbers that their sources print."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.collapse import theory


def test_maximum_likelihood_variance_falls_and_total_variance_stays():
    assert theory.variance_ml(10, 100) == pytest.approx(0.99**10)
    assert theory.marginal_variance(300, 100, unbiased=False) == 1.0


def test_unbiased_variance_stays_and_total_variance_grows():
    assert theory.variance_unbiased(300, 100) == 1.0
    assert theory.marginal_variance(10, 100, unbiased=True) == pytest.approx(1.1)


def test_published_wasserstein_example():
    assert theory.wasserstein_first_order(11, 100) == pytest.approx(0.165)
    assert theory.wasserstein(11, 100, unbiased=True) == pytest.approx(0.165, abs=0.001)


def test_wasserstein_of_maximum_likelihood_ends_at_two():
    assert theory.wasserstein(100_000, 100, unbiased=False) == pytest.approx(2.0, abs=1e-6)


def test_quantiles_of_the_variance_hold_the_median():
    low, middle, high = (theory.variance_quantile([50], 100, False, level)[0] for level in (0.1, 0.5, 0.9))
    assert low < middle < high
    assert middle == pytest.approx(theory.median_variance(50, 100, False))


def test_accumulating_keeps_almost_all_of_the_variance_for_ever():
    limit = np.sin(np.pi / 10) / (np.pi / 10)  # Euler's product for the sine, M = 100
    assert theory.variance_accumulate_ml(10_000, 100) == pytest.approx(limit, abs=1e-5)


def test_fresh_data_is_replace_at_a_share_of_zero():
    assert theory.variance_fresh_ml([1, 7, 40], 100, 0.0) == pytest.approx(theory.variance_ml([1, 7, 40], 100))


def test_regression_worked_example():
    unit = theory.regression_unit(10, 111)
    assert unit == pytest.approx(0.1)
    assert theory.regression_replace(10) * unit == pytest.approx(1.0)
    assert theory.regression_accumulate(10) * unit == pytest.approx(0.155, abs=0.0005)


def test_accumulating_never_passes_its_limit():
    errors = theory.regression_accumulate(np.arange(1, 5000))
    assert (np.diff(errors) > 0).all()
    assert errors[-1] < theory.ACCUMULATE_LIMIT < errors[-1] + 0.001


@pytest.mark.parametrize(("samples", "expected"), [(1e4, 0.0101), (1e6, 0.0002), (1e8, 0.000101)])
def test_contamination_worked_examples(samples, expected):
    assert theory.contamination_floor(samples, 100, 0.01) == pytest.approx(expected)


@pytest.mark.parametrize(("phi", "psi", "expected"), [(1, 1, 0.5), (0.9, 0.3, 0.75), (0.7, 0.05, 0.933)])
def test_break_even_worked_examples(phi, psi, expected):
    point = theory.break_even_error(phi, psi)
    assert point == pytest.approx(expected, abs=0.0005)
    assert theory.right_after_filter(point, phi, psi) == pytest.approx(0.5)


def test_a_rare_state_is_lost_at_once_with_the_published_probability():
    assert theory.lost_at_once(0.0005, 1000) == pytest.approx(0.606, abs=0.0005)
    assert theory.expected_support(1000, 1000) == pytest.approx(632.3, abs=0.05)


def test_a_word_lives_about_twice_as_many_generations_as_it_had_copies():
    samples, copies = 10_000, 20
    alive = theory.expected_vocabulary([copies / samples], samples, 4 * copies)
    # After 2k / ln 2 generations half of such words are gone: linear in the number of copies.
    half = int(np.argmax(alive < 0.5))
    assert half == pytest.approx(2 * copies / np.log(2), rel=0.1)


def test_vocabulary_of_one_generation_is_that_of_independent_draws():
    alive = theory.expected_vocabulary(np.full(1000, 0.001), 1000, 1)
    assert alive[0] == 1000
    assert alive[1] == pytest.approx(theory.expected_support(1000, 1000), rel=0.001)
