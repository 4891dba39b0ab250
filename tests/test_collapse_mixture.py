"""The mixture experiment: the known picture in small, and in full when there is time."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.collapse.learners.mixture import SNAPSHOTS, simulate_mixture, true_mixture


def test_the_density_integrates_to_one():
    truth = true_mixture(3)
    grid = np.linspace(-9, 9, 181)
    points = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    assert np.exp(truth.log_density(points)).sum() * 0.1**2 == pytest.approx(1.0, abs=1e-4)


def test_draws_have_the_moments_of_the_mixture():
    truth = true_mixture(2)
    points = truth.draw(20_000, np.random.default_rng(1))
    second = truth.covariances.mean(axis=0) + truth.means.T @ truth.means / 2
    assert np.cov(points.T) == pytest.approx(second, abs=0.15)


def test_components_thin_out_when_replaced_and_not_when_some_data_are_kept():
    result = simulate_mixture(samples=100, generations=150, regimes=["replace", "keep:0.5"], seed=1)
    assert result.within("replace")[150] < 0.3
    assert result.within("keep:0.5")[150] > 0.5
    # 150 generations of 50 samples a component: theory's band of histories holds this one.
    assert result.theory(0.001)[150] < result.within("replace")[150] < result.theory(0.999)[150]


def test_snapshots_are_the_published_generations():
    assert SNAPSHOTS == (0, 50, 100, 150, 200, 350, 2000)
    result = simulate_mixture(samples=40, generations=60, regimes=["replace"], seed=1)
    assert sorted(result.snapshots("replace")) == [0, 50, 60]
    assert result.points("replace", 60).shape == (1000, 2)


def test_a_mixture_that_has_become_a_point_goes_on():
    result = simulate_mixture(samples=4, generations=80, regimes=["replace"], seed=2)
    assert np.isfinite(result.within("replace")).all()


def test_the_same_seed_gives_the_same_mixture():
    first, second = (simulate_mixture(50, 5, ["fresh:0.2"], seed=7).to_json() for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_the_known_picture():
    result = simulate_mixture(seed=1, regimes=["replace", "keep:0.1"])
    assert result.within("replace")[2000] < 0.02
    assert 0.5 < result.within("keep:0.1")[2000] < 1.5
    loss = result.chains["replace"].metrics["cross_entropy"][:, 0]
    assert loss[50] > loss[0]
    assert loss[-1] > 100
