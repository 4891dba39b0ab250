"""The observation law against integrals over the errors, and the laws of what it simulates."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import gammaln

from forecast.consumption.observation import (
    log_density,
    log_normal_cdf,
    log_positive_moment,
    simulate_largest,
    simulate_published,
)


def moment(mean, sd, power):
    """E max(Y, 0)^p by quadrature."""
    low, high = max(0.0, mean - 12 * sd), max(mean, 0.0) + 12 * sd
    return integrate.quad(lambda y: y**power * stats.norm.pdf(y, mean, sd), low, high, epsabs=0, epsrel=1e-10)[0]


@pytest.mark.parametrize("z", [-6.0, -2.0, -0.5, 0.0, 0.7, 2.0, 8.0])
@pytest.mark.parametrize("power", [0.0, 1.0, 2.0, 3.0])
def test_moments_of_whole_order_are_exact(z, power):
    sd = 0.3
    assert np.exp(log_positive_moment(z * sd, sd, power)) == pytest.approx(moment(z * sd, sd, power), rel=2e-6)


@pytest.mark.parametrize("z", [-4.0, -1.0, 0.0, 1.0, 3.0])
@pytest.mark.parametrize(
    ("power", "error"), [(0.3, 7.5e-3), (0.8, 2.5e-3), (1.5, 2e-3), (2.4, 1.5e-3), (3.6, 1e-2), (4.0, 2.2e-2)]
)
def test_moments_between_are_as_near_as_the_method_says(z, power, error):
    assert np.exp(log_positive_moment(z * 0.2, 0.2, power)) == pytest.approx(moment(z * 0.2, 0.2, power), rel=error)


@pytest.mark.parametrize("z", [-300.0, -31.0, -30.5, -29.5])
@pytest.mark.parametrize("power", [0.0, 1.0, 1.7, 2.0])
def test_far_out_the_moments_are_those_of_an_exponential(z, power):
    """E[Y+^p] nears phi(z) Gamma(p + 1) / |z|^(p + 1)."""
    found = float(log_positive_moment(z, 1.0, power))
    limit = stats.norm.logpdf(z) + gammaln(power + 1) - (power + 1) * np.log(-z)
    assert found == pytest.approx(limit, abs=0.015)


@pytest.mark.parametrize("z", [-40.0, -8.0, -1.0, 0.0, 2.0, 29.0])
def test_the_normal_distribution_far_out(z):
    assert float(log_normal_cdf(z)) == pytest.approx(stats.norm.logcdf(z), rel=1e-9, abs=1e-12)


def direct(frontier, size, sd, exposure, spread, shape):
    """log p of the r largest sizes of one block, from the two integrals of METHODS, 3."""
    error = np.sqrt(np.asarray(sd) ** 2 + 0.02**2)
    terms = [
        np.log(exposure * shape / spread**shape * moment(f - x, e, shape - 1))
        for f, x, e in zip(frontier, size, error, strict=True)
    ]
    least = int(np.argmin(size))
    usual = np.sqrt(np.mean(error**2))
    return sum(terms) - exposure / spread**shape * moment(frontier[least] - size[least], usual, shape)


@pytest.mark.parametrize("shape", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_the_density_is_that_of_the_displaced_process(shape, rows):
    frontier, size = np.array([13.1, 13.15, 13.2])[:rows], np.array([13.0, 12.2, 12.6])[:rows]
    sd = np.array([0.05, 0.3, 0.12])[:rows]
    padded = lambda values, fill: np.pad(values, (0, 3 - rows), constant_values=fill)[None]  # noqa: E731
    found = log_density(
        padded(frontier, 13.2),
        padded(size, 10.0),
        padded(sd, 0.1),
        padded(np.ones(rows), 0.0),
        np.array([0.7]),
        0.4,
        shape,
    )
    assert found[0] == pytest.approx(direct(frontier, size, sd, 0.7, 0.4, shape), rel=1e-6)


def test_blocks_without_rows_or_unseen_say_nothing_and_draws_stand_first():
    three = np.array([[13.0, 12.5, 12.0]] * 3)
    observed = np.array([[1.0, 1, 1], [0, 0, 0], [1, 1, 1]])
    exposure = np.array([1.0, 1.0, 0.0])
    frontier = np.stack([three + 0.5, three + 1.0])
    found = log_density(
        frontier, three, three * 0 + 0.1, observed, exposure, np.array([0.3, 0.5]), np.array([1.5, 2.0])
    )
    assert found.shape == (2, 3)
    assert (found[:, 1:] == 0).all()
    for draw, (spread, shape) in enumerate([(0.3, 1.5), (0.5, 2.0)]):
        alone = direct(frontier[draw, 0], three[0], [0.1] * 3, 1.0, spread, shape)
        assert found[draw, 0] == pytest.approx(alone, abs=0.02)


def test_simulated_deficits_follow_the_process():
    """The k-th deficit e has c (e/s)^alpha ~ Gamma(k)."""
    size = 20_000
    frontier = np.broadcast_to(np.array([13.0, 14.0]), (size, 2))[:, :, None].repeat(3, axis=2)
    exposure = np.array([1.0, 0.4])
    sizes = simulate_largest(frontier, exposure, np.full(size, 0.3), np.full(size, 1.7), np.random.default_rng(2))
    arrivals = exposure[:, None] * ((frontier - sizes) / 0.3) ** 1.7
    for k in range(3):
        for block in range(2):
            assert stats.kstest(arrivals[:, block, k], stats.gamma(k + 1).cdf).pvalue > 1e-3
    none = simulate_largest(frontier[:2], np.array([1.0, 0.0]), np.ones(2), np.ones(2), np.random.default_rng(1))
    assert np.isneginf(none[:, 1]).all()


def test_the_largest_published_size_has_the_law_of_the_displaced_process():
    """P(no published size above x) = exp(-Lambda(x)), with the winner's curse in it."""
    size, sd, spread, shape, exposure = 20_000, 0.25, 0.3, 2.0, 0.8
    frontier = np.full((size, 1), 13.0)
    found = simulate_published(
        frontier,
        np.array([exposure]),
        np.array([sd]),
        np.full(size, spread),
        np.full(size, shape),
        np.random.default_rng(4),
    )
    top = found[:, 0, 0]
    error = np.sqrt(sd**2 + 0.02**2)
    for x in (12.7, 12.9, 13.1):
        expected = np.exp(-exposure / spread**shape * moment(13.0 - x, error, shape))
        assert np.mean(top <= x) == pytest.approx(expected, abs=0.012)
    assert (np.diff(found[:, 0], axis=1) <= 0).all()
