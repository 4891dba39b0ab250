"""The Gaussian experiment against its closed forms, within Monte Carlo error, and against published anchors."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.collapse import theory
from forecast.collapse.learners.gaussian import GaussianLearner, simulate_gaussian

SAMPLES, GENERATIONS = 100, 100


@pytest.fixture(scope="module")
def result():
    return simulate_gaussian(SAMPLES, GENERATIONS, 3000, ["replace"], seed=1)


@pytest.mark.parametrize("estimator", ["ml", "unbiased"])
@pytest.mark.parametrize("measure", ["mean_variance", "wasserstein"])
@pytest.mark.parametrize("generation", [1, 10, 50])
def test_means_agree_with_theory(result, estimator, measure, generation):
    simulated = result.curve(estimator, "replace", measure)[generation]
    error = result.standard_error(estimator, "replace", measure)[generation]
    assert abs(simulated - result.theory(estimator, "replace", measure)[generation]) < 4 * error


@pytest.mark.parametrize("estimator", ["ml", "unbiased"])
def test_the_median_collapses_as_theory_says(result, estimator):
    simulated = result.curve(estimator, "replace", "median_variance")
    # The log of the variance is nearly normal with variance n psi_1, so this is the median's own standard error.
    error = 1.2533 * np.sqrt(GENERATIONS * 2 / SAMPLES / 3000)
    expected = theory.median_variance(GENERATIONS, SAMPLES, estimator == "unbiased")
    assert abs(np.log(simulated[GENERATIONS] / expected)) < 4 * error


def test_total_variance_grows_only_without_bias(result):
    assert result.curve("unbiased", "replace", "marginal_variance")[10] == pytest.approx(1.1, abs=0.06)
    assert result.curve("ml", "replace", "marginal_variance")[10] == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize(
    ("estimator", "generation", "anchors"),
    [
        ("ml", 10, (0.8954, 0.8165, 0.9918, 0.1445)),
        ("ml", 100, (0.3373, 0.1277, 0.9706, 1.0498)),
        ("unbiased", 10, (1.0023, 0.9151, 1.1019, 0.1477)),
        ("unbiased", 50, (1.0197, 0.621, 1.5388, 0.7566)),
    ],
)
def test_anchors_of_an_independent_simulation(result, estimator, generation, anchors):
    measures = ("mean_variance", "median_variance", "marginal_variance", "wasserstein")
    found = [result.curve(estimator, "replace", measure)[generation] for measure in measures]
    assert found == pytest.approx(anchors, rel=0.12)


def test_accumulate_and_fresh_agree_with_their_closed_forms():
    result = simulate_gaussian(50, 40, 4000, ["accumulate", "fresh:0.2"], ["ml"], seed=3)
    for regime in ("accumulate", "fresh:0.2"):
        gap = result.curve("ml", regime, "mean_variance") - result.theory("ml", regime, "mean_variance")
        assert np.abs(gap[[1, 10, 40]]).max() < 4 * result.standard_error("ml", regime, "mean_variance").max()


def test_a_verifier_of_single_samples_cannot_bring_back_lost_spread():
    result = simulate_gaussian(100, 60, 500, ["replace", "verification:1/0"], ["ml"], seed=4)
    lost, verified = (result.curve("ml", r, "median_variance")[60] for r in ("replace", "verification:1/0"))
    assert verified < lost
    # What it can do is keep the mean from wandering off.
    means = [result.chains["ml", r].metrics["mean"][-1].std() for r in ("replace", "verification:1/0")]
    assert means[1] < means[0]


def test_merged_moments_are_the_moments_of_everything():
    rng = np.random.default_rng(5)
    learner = GaussianLearner(3, rng, unbiased=True)
    parts = [learner.human(count) + shift for count, shift in ((4, 0.0), (9, 5.0), (1, -3.0))]
    mean, sd = learner.fit(learner.merge([learner.digest(part) for part in parts]))
    whole = np.concatenate(parts, axis=1)
    assert mean == pytest.approx(whole.mean(axis=1))
    assert sd == pytest.approx(whole.std(axis=1, ddof=1))


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    one, two, other = (simulate_gaussian(20, 5, 10, ["keep:0.5"], seed=seed).to_json() for seed in (1, 1, 2))
    assert one == two
    assert one["chains"] != other["chains"]
