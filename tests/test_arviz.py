"""Fits as ArviZ's users expect them: its groups, its functions without warnings, densities that leave a half-year out."""

from __future__ import annotations

import warnings

import arviz as az
import numpy as np
import pytest
import xarray as xr
from sampling import short_run
from scipy.special import logsumexp

import forecast as fc
from forecast.consumption.fit import stacked
from forecast.consumption.left_out import _redrawn, half_years_with_rows, left_out_density
from forecast.consumption.particles import density_of, seen_by
from forecast.core.seeds import generator
from forecast.errors import InputError

GROUPS = {
    "posterior",
    "sample_stats",
    "prior",
    "prior_predictive",
    "log_likelihood",
    "posterior_predictive",
    "observed_data",
    "constant_data",
}


@pytest.fixture(scope="module")
def fits():
    return short_run().fits()


@pytest.fixture(scope="module")
def tree(fits):
    return fits["damped"].to_arviz()


def test_the_groups_are_arvizs(tree, fits):
    assert set(tree.children) == GROUPS
    fit = fits["damped"]
    same = {dim: fit.posterior["posterior"].sizes[dim] for dim in ("chain", "draw")}
    for name in ("posterior", "prior", "log_likelihood", "posterior_predictive", "prior_predictive", "sample_stats"):
        assert {dim: tree[name].sizes[dim] for dim in same} == same
    assert {"level", "jump", "slope", "damping", "spread"} <= set(tree["posterior"].data_vars)
    assert {name for name, _ in fit.member.priors()} | {"frontier"} == set(tree["prior"].data_vars)
    assert tree["observed_data"]["largest_corpus"].max() == pytest.approx(fit.data.record())
    assert tree["log_likelihood"].sizes["half_year"] == len(half_years_with_rows(fit.member, fit.data))


def test_nothing_in_the_posterior_is_constant_or_beyond_the_data(tree, fits):
    for name, values in tree["posterior"].data_vars.items():
        assert float(values.std(("chain", "draw")).min()) > 0, name
    data = fits["damped"].data
    assert tree["posterior"]["knot"].max() == data.last_knot
    assert "log_density" not in tree["posterior"].data_vars


def test_what_is_the_same_in_all_draws_is_constant_data(fits):
    fit = fits["damped"]
    held = fit.posterior["posterior"].to_dataset()
    held = held.assign(fixed=xr.ones_like(held["level"]))
    kept = xr.DataTree.from_dict({"/posterior": held, "/sample_stats": fit.posterior["sample_stats"].to_dataset()})
    found = type(fit)(fit.member, fit.data, kept, fit.diagnostics, fit.seed).to_arviz()
    assert "fixed" not in found["posterior"].data_vars
    assert float(found["constant_data"]["fixed"]) == 1.0


def test_the_posterior_is_the_kept_one_and_stays_as_it_was(tree, fits):
    fit = fits["damped"]
    assert np.array_equal(tree["posterior"]["slope"], fit.posterior["posterior"]["slope"])
    assert "log_density" in fit.posterior["posterior"].data_vars
    few = fit.to_arviz(draws=40)
    assert few["posterior"].sizes["draw"] == few["log_likelihood"].sizes["draw"] == 20
    assert fit.to_arviz().equals(tree)


def test_arvizs_functions_take_a_fit(tree, fits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary = az.summary(tree)
        drawn = az.plot_ppc_dist(tree)
    assert "slope" in summary.index
    assert drawn is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 200 draws are too few for the weights
        assert np.isfinite(az.loo(tree).elpd)
        compared = az.compare(
            {name: fit.to_arviz() for name, fit in fits.items() if name == "damped"} | {"again": tree}
        )
    assert compared["elpd_diff"].abs().max() < 1e-9


def test_predictions_of_the_posterior_surround_what_was_observed(tree):
    observed = tree["observed_data"]["largest_corpus"]
    below = (tree["posterior_predictive"]["largest_corpus"] <= observed).mean(("chain", "draw"))
    assert 0.25 < float(below.mean()) < 0.75
    wider = tree["prior_predictive"]["largest_corpus"].std(("chain", "draw")).mean()
    assert float(wider) > 2 * float(tree["posterior_predictive"]["largest_corpus"].std(("chain", "draw")).mean())


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_half_year_left_out_has_the_density_of_a_grid(fits, place):
    """Known truth: the integral over both borders of the half-year by quadrature, for a few draws."""
    fit = fits["damped"]
    member, data = fit.member, fit.data
    some = fit.posterior["posterior"].to_dataset().isel(chain=[0], draw=[3, 50])
    found = left_out_density(member, data, some, 1, redrawn=10_000)[:, place]
    draws, seen = stacked(some), seen_by(member, data)
    block = half_years_with_rows(member, data)[place]
    density = density_of(member, seen.inputs, len(data.knots) - 1)
    t = data.knots - 2024.0
    for n in range(2):
        one = {name: values[n : n + 1, None] for name, values in draws.items() if values.ndim == 1}
        shape = (member.expected_growth(t[None, :-1], t[None, 1:], one, np) / one["jump"])[0]
        first, last = max(block - 1, seen.first), min(block + 2, seen.last)
        path = draws["frontier"][n]
        low, high = path[first], path[last]
        jump = float(draws["jump"][n])
        # A grid over the borders that move, dense near the ends, where gamma steps crowd.
        u = np.concatenate([np.geomspace(1e-9, 0.5, 250), 1 - np.geomspace(1e-9, 0.5, 250)[::-1][1:]])
        middle, width = (u[1:] + u[:-1]) / 2, np.diff(u)
        if first < block and last > block + 1:
            a, b = np.meshgrid(middle, middle, indexing="ij")
            weight = np.outer(width, width)
            f0 = low + a * (high - low)
            f1 = f0 + b * (high - f0)
            steps, jacobian = (f0 - low, f1 - f0, high - f1), (high - low) * (high - f0)
            paths = np.stack([np.full_like(a, low), f0, f1, np.full_like(a, high)], -1)
        else:
            reach = 12 * jump
            a, b = np.meshgrid(middle, middle, indexing="ij")
            weight, jacobian = np.outer(width, width), reach**2
            if first < block:  # nothing is held after it
                steps = (a * reach, b * reach)
                paths = np.stack([np.full_like(a, low), low + steps[0], low + steps[0] + steps[1]], -1)
            else:
                steps = (b * reach, a * reach)
                paths = np.stack([high - steps[0] - steps[1], high - steps[1], np.full_like(a, high)], -1)
        steps = tuple(np.maximum(step, 1e-14) for step in steps)  # what rounding leaves of the smallest
        law = sum((k - 1) * np.log(s) - s / jump for k, s in zip(shape[first:], steps, strict=False))
        laws = {name: np.full(a.size, draws[name][n]) for name in member.of_rows}
        by_block = density(first, paths.reshape(a.size, -1), laws)
        own = by_block[:, block - first]
        others = by_block.sum(axis=1) - own + (law + np.log(weight * jacobian)).ravel()
        if first < seen.anchor < last or seen.anchor in (block, block + 1):
            others = others + member.level.log_density(paths.reshape(a.size, -1)[:, seen.anchor - first])
        exact = logsumexp(others + own) - logsumexp(others)
        assert found[n] == pytest.approx(exact, abs=0.08)


def test_a_redrawn_stretch_keeps_what_is_outside_it():
    frontier = np.linspace(10, 14, 9)[None].repeat(3, axis=0)
    shape, jump = np.full((3, 8), 2.0), np.full(3, 0.2)
    first, paths = _redrawn(frontier, shape, jump, 4, (0, 8), 50, generator(1, "test"))
    assert first == 3
    assert paths.shape == (150, 4)
    assert (np.diff(paths, axis=1) >= 0).all()
    assert paths[:, 0] == pytest.approx(frontier[0, 3])
    assert paths[:, 3] == pytest.approx(frontier[0, 6])
    assert paths[:, 1].mean() == pytest.approx(frontier[0, 4], abs=0.05)  # equal shapes share equally
    first, paths = _redrawn(frontier, shape, jump, 0, (0, 8), 4000, generator(1, "test"))
    assert first == 0
    assert paths[:, 2] == pytest.approx(frontier[0, 2])
    assert np.diff(paths, axis=1).mean() == pytest.approx(0.4, rel=0.05)


def test_fits_of_a_forecast_need_its_data():
    made = short_run()
    broken = {**made.document, "provenance": {**made.document["provenance"], "data": []}}
    with pytest.raises(InputError, match="make it again here"):
        type(made)(made.exhaustion_year, made.consumption, made.stock, broken, made.posterior).fits()


@pytest.mark.slow
def test_leaving_out_works_on_the_baselines_fits():
    """Weights of every half-year but one hold (Pareto k), for growth models whose path is integrated out.

    That of 2020H2 lies at the border, between 0.6 and 0.8 by the draws and by how often its stretch is drawn again.
    """
    trees = {name: fc.consumption.fit(name).to_arviz() for name in ("damped", "compute_led")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ArviZ's own, about that half-year
        for tree in trees.values():
            pareto = az.loo(tree, pointwise=True).pareto_k
            assert float(pareto.where(pareto.half_year != "2020H2").max()) < 0.7
            assert float(pareto.max()) < 0.8
        assert len(az.compare(trees)) == 2
