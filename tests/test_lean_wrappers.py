"""Lean wrappers: the same draws to the bit, and nutpie's own way where nutpie is built otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from nutpie import compile_pymc as theirs

from forecast.fits.lean_wrappers import lean_wrappers


def model():
    """Return a small model with data of every rank, some of it an integer."""
    import pymc as pm

    with pm.Model() as found:
        scale, centre = pm.Data("scale", 2.0), pm.Data("centre", np.arange(3.0))
        weights = pm.Data("weights", np.ones((2, 3)))
        x = pm.Normal("x", centre, scale, shape=3)
        pm.Deterministic("twice", 2 * x)
        pm.Potential("more", -(weights * x**2).sum() * pm.Data("whole", 2))
    return found


def draws(compiled, **data):
    """Return what a short run draws."""
    import nutpie

    settings = {"draws": 40, "tune": 40, "chains": 2, "cores": 1, "seed": 3, "progress_bar": False}
    found = nutpie.sample(compiled.with_data(**data), **settings)["posterior"]
    return {name: found[name].values for name in ("x", "twice")}


@pytest.fixture(scope="module")
def own():
    return theirs.compile_pymc_model(model())


@pytest.fixture(scope="module")
def lean():
    with lean_wrappers():
        return theirs.compile_pymc_model(model())


@pytest.mark.parametrize("data", [{}, {"scale": 0.5, "weights": np.full((2, 3), 4.0), "whole": 5}])
def test_draws_are_the_same_to_the_bit(own, lean, data):
    assert lean.compiled_logp_func.native_name != own.compiled_logp_func.native_name
    right, found = draws(own, **data), draws(lean, **data)
    assert all(np.array_equal(found[name], right[name]) for name in right)


def test_a_density_that_is_no_number_is_said_to_be_none():
    import nutpie
    import pymc as pm

    with pm.Model() as broken:
        pm.Potential("never", pm.Normal("x") * np.nan)
    with lean_wrappers():
        compiled = theirs.compile_pymc_model(broken)
    with pytest.raises(RuntimeError):
        nutpie.sample(compiled, draws=5, tune=5, chains=1, cores=1, progress_bar=False)


def test_nutpie_is_left_as_it_was(monkeypatch):
    before = theirs._make_c_logp_func
    with lean_wrappers():
        assert theirs._make_c_logp_func is not before
    assert theirs._make_c_logp_func is before
    monkeypatch.delattr(theirs, "make_user_data")
    with lean_wrappers():
        assert theirs._make_c_logp_func is before
