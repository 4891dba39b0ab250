"""Priors: what is stated is what is drawn, for NumPy and for PyMC alike."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import forecast as fc
from forecast.consumption.members import MEMBERS, member
from forecast.core.distributions import LogNormal
from forecast.core.priors import Prior
from forecast.errors import InputError

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


# --- PreliZ


class Normal:
    """A distribution as PreliZ has it: its parameters, or None where they are not fixed."""

    def __init__(self, mu=None, sigma=None):
        self.mu, self.sigma = mu, sigma


class LogNormalOfPreliz(Normal):
    pass


LogNormalOfPreliz.__name__ = "LogNormal"


class HalfNormal:
    def __init__(self, sigma=None):
        self.sigma = sigma


class Gamma(Normal):
    pass


@pytest.mark.parametrize(
    "prior",
    [
        Prior("normal", 12.0, 1.5, "log10 tokens", "test"),
        Prior("lognormal", 0.3, 0.6, "none", "test"),
        Prior("half_normal", 2.0, 0.0, "none", "test"),
    ],
)
def test_a_prior_goes_to_preliz_and_back(prior, monkeypatch):
    stand_in = types.SimpleNamespace(Normal=Normal, LogNormal=LogNormalOfPreliz, HalfNormal=HalfNormal)
    monkeypatch.setitem(sys.modules, "preliz", stand_in)
    again = Prior.from_preliz(prior.to_preliz(), prior.unit, prior.source)
    p = np.array([0.05, 0.5, 0.95])
    assert again.quantile(p) == pytest.approx(prior.quantile(p))
    assert again.family == prior.family


def test_the_real_preliz_agrees():
    import preliz as pz

    prior = Prior("lognormal", 0.3, 0.6, "none", "test")
    assert prior.to_preliz().ppf(0.9) == pytest.approx(float(prior.quantile(np.array(0.9))))
    assert Prior.from_preliz(pz.HalfNormal(2.0), "none", "test").centre == 2.0


def test_every_shipped_prior_goes_to_the_real_preliz_and_back():
    p, tried = np.array([0.05, 0.5, 0.95]), set()
    for name in MEMBERS:
        for _, prior in member(name).priors():
            there = prior.to_preliz()
            assert there.ppf(p) == pytest.approx(prior.quantile(p))
            assert Prior.from_preliz(there, prior.unit, prior.source).quantile(p) == pytest.approx(prior.quantile(p))
            tried.add(prior.family)
    assert tried == {"normal", "lognormal", "half_normal"}
    for setting in fc.scenario.load("baseline").levers.values():
        for quantity in setting.quantities.values():
            if (
                isinstance(quantity, LogNormal)
                and quantity.sd_low > 0
                and np.isclose(quantity.sd_low, quantity.sd_high)
            ):
                there = quantity.to_preliz()
                assert there.ppf(p) == pytest.approx(quantity.quantile(p))
                assert LogNormal.from_preliz(there).quantile(p) == pytest.approx(quantity.quantile(p))
                tried.add(type(there).__name__)
    assert "Truncated" in tried


def test_the_page_on_preliz_runs():
    import matplotlib.pyplot as plt

    page = (Path(__file__).parents[1] / "notebooks" / "site" / "own_scenario.md").read_text(encoding="utf-8")
    section = page[page.index("### Elicit it with PreliZ") : page.index("The growth models, of which")]
    code = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    ") or not line)
    exec(code, found := {})
    plt.close("all")  # the page draws one
    damped = found["scenario"].growth("damped")
    assert damped.damping.cdf(np.array([0.05, 0.4])) @ [-1, 1] == pytest.approx(0.9, abs=0.01)
    assert found["scenario"].levers["quality"].quantities["usable_share"].upper == 1.0


class Truncated:
    """A distribution within bounds, as PreliZ has it."""

    def __init__(self, dist, lower, upper):
        self.dist, self.lower, self.upper = dist, lower, upper


@pytest.mark.parametrize("bounds", [{}, {"lower": 0.01, "upper": 1.0}])
def test_a_setting_of_a_lever_goes_to_preliz_and_back(bounds, monkeypatch):
    stand_in = types.SimpleNamespace(LogNormal=LogNormalOfPreliz, Truncated=Truncated)
    monkeypatch.setitem(sys.modules, "preliz", stand_in)
    share = LogNormal.from_interval(0.1, 0.4, 0.9, **bounds)
    there = share.to_preliz()
    assert isinstance(there, Truncated if bounds else LogNormalOfPreliz)
    p = np.array([0.025, 0.5, 0.975])
    assert LogNormal.from_preliz(there).quantile(p) == pytest.approx(share.quantile(p))
    with pytest.raises(InputError, match="one width"):
        LogNormal.from_interval(0.1, 0.4, 0.9, median=0.15).to_preliz()
    for strange in (Gamma(1.0, 2.0), LogNormalOfPreliz(), Truncated(Normal(0.0, 1.0), 0, 1)):
        with pytest.raises(InputError, match="a LogNormal with its parameters"):
            LogNormal.from_preliz(strange)


def test_what_is_no_prior_of_ours_is_refused(monkeypatch):
    for strange in (Gamma(1.0, 2.0), LogNormalOfPreliz(), "Normal"):
        with pytest.raises(InputError, match="Normal, LogNormal, HalfNormal"):
            Prior.from_preliz(strange, "none", "test")
    monkeypatch.setitem(sys.modules, "preliz", None)
    with pytest.raises(InputError, match="pip install preliz"):
        Prior("normal", 0.0, 1.0, "none", "test").to_preliz()
