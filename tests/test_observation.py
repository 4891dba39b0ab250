"""The observation law: a density that integrates to one, and draws that follow it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from forecast.consumption import observation
from forecast.consumption.observation import log_density, simulate_largest, simulate_published

SPREAD, SHAPE = 0.4, 1.8


def density(deficits: np.ndarray, exposure: float = 1.0, spread: float = SPREAD, shape: float = SHAPE) -> np.ndarray:
    """Return the density of one block a row of deficits, with next to no measurement error."""
    deficits = np.atleast_2d(deficits)
    frontier = np.full(deficits.shape, 13.0)
    ones = np.ones(deficits.shape)
    return np.exp(
        log_density(frontier, 13.0 - deficits, 1e-9 * ones, ones, np.full(len(deficits), exposure), spread, shape)
    )


@pytest.fixture
def exact(monkeypatch):
    """Take away the floor of the measurement error: it blurs the law near the frontier."""
    monkeypatch.setattr(observation, "SMALLEST_ERROR", 1e-7)


@pytest.mark.parametrize(("spread", "shape"), [(0.4, 1.8), (0.2, 1.0), (1.0, 3.5)])
@pytest.mark.parametrize("exposure", [1.0, 0.4])
def test_the_density_of_one_corpus_integrates_to_one(exact, spread, shape, exposure):
    e = np.linspace(1e-6, 30 * spread, 200_001)
    total = integrate.simpson(density(e[:, None], exposure, spread, shape), x=e)
    assert total == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("shape", [1.5, 3.0])
def test_the_density_of_the_two_largest_integrates_to_one(exact, shape):
    first, gap = np.linspace(1e-6, 5 * SPREAD, 601), np.linspace(0.0, 5 * SPREAD, 601)
    pairs = np.stack(np.broadcast_arrays(first[:, None], first[:, None] + gap[None, :]), axis=-1).reshape(-1, 2)
    values = density(pairs, 1.0, SPREAD, shape).reshape(601, 601)
    total = integrate.simpson(integrate.simpson(values, x=gap, axis=1), x=first)
    assert total == pytest.approx(1.0, abs=2e-3)


def test_one_corpus_is_the_second_law_with_the_second_integrated_out(exact):
    e1 = 0.3
    e2 = np.linspace(e1, 8 * SPREAD, 20_001)
    pairs = np.stack([np.full_like(e2, e1), e2], axis=1)
    assert integrate.simpson(density(pairs), x=e2) == pytest.approx(float(density([[e1]])[0]), rel=1e-3)


@pytest.mark.parametrize("exposure", [1.0, 0.3])
def test_draws_follow_the_law(exposure):
    count = 4000
    at = np.full((count, 1, 3), 13.0)
    rng = np.random.default_rng(8)
    spread, shape = np.full(count, SPREAD), np.full(count, SHAPE)
    sizes = simulate_largest(at, np.array([exposure]), spread, shape, rng)[:, 0]
    deficits = 13.0 - sizes
    closed_form = stats.kstest(deficits[:, 0], lambda e: 1 - np.exp(-exposure * (e / SPREAD) ** SHAPE))
    assert closed_form.pvalue > 0.01
    # The r-th smallest deficit: c (e/s)^a is a sum of r unit exponentials.
    for r in (2, 3):
        gamma = exposure * (deficits[:, r - 1] / SPREAD) ** SHAPE
        assert stats.kstest(gamma, stats.gamma(r).cdf).pvalue > 0.01


def test_draws_lie_below_the_frontier_largest_first():
    rng = np.random.default_rng(9)
    at = rng.normal(13.0, 1.0, (200, 5, 1)) * np.ones((1, 1, 3))
    sizes = simulate_largest(at, np.ones(5), rng.lognormal(-1, 0.5, 200), 1 + rng.lognormal(0, 0.5, 200), rng)
    assert np.all(sizes < at)
    assert np.all(np.diff(sizes, axis=-1) <= 0)


def test_the_record_is_a_lower_bound_as_hard_as_its_measurement():
    def at(frontier: float, sd: float) -> float:
        cell = np.array([[13.0]])
        return float(
            log_density(np.array([[frontier]]), cell, np.array([[sd]]), np.ones((1, 1)), np.ones(1), 0.4, 1.5)[0]
        )

    assert at(12.8, 0.02) < at(13.2, 0.02) - 10
    assert at(12.8, 0.3) > at(12.8, 0.02) + 10


def test_rows_that_are_not_there_and_blocks_not_seen_count_nothing():
    frontier, size, sd = np.full((2, 3), 13.0), np.full((2, 3), 12.5), np.full((2, 3), 0.03)
    observed = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    exposure = np.array([1.0, 0.0])
    found = log_density(frontier, size, sd, observed, exposure, SPREAD, SHAPE)
    assert found[1] == 0.0
    wild = np.where(observed > 0, size, -50.0)
    assert log_density(frontier, wild, sd, observed, exposure, SPREAD, SHAPE)[0] == pytest.approx(found[0])


def test_pymc_computes_the_same_density():
    pytensor = pytest.importorskip("pytensor")
    rng = np.random.default_rng(1)
    frontier, size = np.full((4, 3), 13.0), rng.normal(12.6, 0.4, (4, 3))
    sd, observed = np.full((4, 3), 0.1), (rng.uniform(size=(4, 3)) < 0.8).astype(float)
    exposure = np.array([1.0, 1.0, 0.3, 0.0])
    values = (frontier, size, sd, observed, exposure, np.float64(SPREAD), np.float64(SHAPE))
    tensors = [pytensor.tensor.as_tensor(v) for v in values]
    symbolic = log_density(*tensors, pytensor.tensor).eval()
    assert symbolic == pytest.approx(log_density(*values), abs=1e-8)


@pytest.mark.parametrize(("spread", "shape"), [(0.4, 1.8), (0.2, 1.0), (0.3, 2.6)])
@pytest.mark.parametrize("sd", [0.05, 0.2, 0.5])
def test_the_density_of_a_published_size_integrates_to_one_whatever_its_error(spread, shape, sd):
    gap = np.linspace(-8 * sd, 12 * spread + 8 * sd, 40_001)[:, None]
    ones = np.ones(gap.shape)
    values = log_density(np.full(gap.shape, 13.0), 13.0 - gap, sd * ones, ones, np.ones(len(gap)), spread, shape)
    assert integrate.simpson(np.exp(values), x=gap[:, 0]) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("sd", [0.1, 0.4])
def test_published_sizes_follow_the_density_with_the_largest_errors_among_the_largest(sd):
    count = 6000
    rng = np.random.default_rng(11)
    spread, shape = np.full(count, SPREAD), np.full(count, SHAPE)
    drawn = simulate_published(np.full((count, 1), 13.0), np.ones(1), np.full(1, sd), spread, shape, rng)[:, 0, 0]
    gap = np.linspace(-10 * sd, 4.0, 20_001)
    ones = np.ones((len(gap), 1))
    density_at = log_density(
        np.full((len(gap), 1), 13.0), 13.0 - gap[:, None], sd * ones, ones, ones[:, 0], SPREAD, SHAPE
    )
    below = integrate.cumulative_simpson(np.exp(density_at), x=gap, initial=0)
    assert stats.kstest(13.0 - drawn, lambda e: np.interp(e, gap, below / below[-1])).pvalue > 0.01
    naive = simulate_largest(np.full((count, 1, 1), 13.0), np.ones(1), spread, shape, rng)[:, 0, 0]
    assert drawn.mean() > naive.mean() + 0.005, "the largest published size is partly a large error"


def test_the_law_against_a_numerical_integral_of_two_noisy_rows():
    """Density of the two largest of displaced Poisson points, the moments integrated numerically."""
    sd, sizes, frontier = 0.25, np.array([12.7, 12.45]), 13.0
    deficit = np.linspace(1e-7, 6.0, 200_001)

    def moment(size: float, power: float) -> float:
        return float(integrate.simpson(deficit**power * stats.norm.pdf(deficit, frontier - size, error), x=deficit))

    error = float(np.hypot(sd, observation.SMALLEST_ERROR))
    intensity = [SHAPE / SPREAD**SHAPE * moment(size, SHAPE - 1) for size in sizes]
    exact = np.sum(np.log(intensity)) - moment(sizes[1], SHAPE) / SPREAD**SHAPE
    ones = np.ones((1, 2))
    found = log_density(frontier * ones, sizes[None], sd * ones, ones, np.ones(1), SPREAD, SHAPE)
    assert float(found[0]) == pytest.approx(exact, abs=0.01)
