"""Priors: what is stated is what is drawn, for NumPy and for PyMC alike."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from forecast.consumption.members import MEMBERS
from forecast.core.priors import Prior

NORMAL = Prior("normal", 12.0, 1.5, "log10 tokens", "example")
LOGNORMAL = Prior.lognormal(0.35, 0.75, "log10 per year", "example")
HALF_NORMAL = Prior("half_normal", 0.3, 0.0, "log10", "example")
ORACLES = [
    (NORMAL, stats.norm(12.0, 1.5)),
    (LOGNORMAL, stats.lognorm(np.log(0.75 / 0.35) / 1.6448536, scale=0.35)),
    (HALF_NORMAL, stats.halfnorm(scale=0.3)),
]
P = np.array([0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999])


@pytest.mark.parametrize(("prior", "oracle"), ORACLES)
def test_quantiles_and_distribution_function_are_those_of_the_family(prior, oracle):
    assert prior.quantile(P) == pytest.approx(oracle.ppf(P), rel=1e-6)
    assert prior.cdf(oracle.ppf(P)) == pytest.approx(P, rel=1e-6)
    assert prior.cdf(prior.quantile(P)) == pytest.approx(P)


def test_a_lognormal_is_fixed_by_its_median_and_its_95_percent_point():
    assert LOGNORMAL.quantile(np.array([0.5, 0.95])) == pytest.approx([0.35, 0.75])
    assert float(LOGNORMAL.cdf(np.array(-1.0))) == 0.0


@pytest.mark.parametrize(("prior", "oracle"), ORACLES)
def test_draws_follow_the_prior_and_repeat_with_the_seed(prior, oracle):
    draws = prior.sample(np.random.default_rng(5), 4000)
    assert stats.kstest(draws, oracle.cdf).pvalue > 0.01
    assert np.array_equal(draws, prior.sample(np.random.default_rng(5), 4000))


@pytest.mark.parametrize(("prior", "oracle"), ORACLES)
def test_pymc_reads_the_same_prior(prior, oracle):
    pm = pytest.importorskip("pymc")
    with pm.Model():
        variable = prior.random_variable("x")
        values = oracle.ppf(P)
        density = pm.logp(variable, values).eval()
    assert density == pytest.approx(oracle.logpdf(values), rel=1e-6)


@pytest.mark.parametrize("name", list(MEMBERS))
def test_every_prior_of_every_member_has_a_unit_and_a_source(name):
    priors = dict(MEMBERS[name]().priors())
    assert priors
    for prior in priors.values():
        assert prior.unit
        assert len(prior.source) > 10 or prior.source in ("example",)
        assert np.isfinite(prior.quantile(P)).all()
        assert (np.diff(prior.quantile(P)) > 0).all(), "the lower end of its interval comes first"
        if prior.family != "normal":
            assert (prior.quantile(P) > 0).all()
