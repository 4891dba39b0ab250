"""The hidden state in a PyMC model: the recursion that it stands for, at any rate."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.consumption.frontier_data import BLOCK_YEARS
from forecast.consumption.stationary_state import FASTEST, stationary_state

STEPS = 40
NOISE = np.random.default_rng(5).standard_normal(STEPS)


def one_after_the_other(rate):
    keep, state = np.exp(-rate * BLOCK_YEARS), [NOISE[0]]
    for shock in NOISE[1:]:
        state.append(keep * state[-1] + np.sqrt(1 - keep**2) * shock)
    return np.array(state)


@pytest.fixture(scope="module")
def state_and_gradient():
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    rate, noise = pt.dscalar("rate"), pt.dvector("noise")
    with pm.Model(coords={"step": np.arange(STEPS)}):
        state = stationary_state(noise, rate)
    weights = np.linspace(-1.0, 2.0, STEPS)
    return pytensor.function([rate, noise], [state, pt.grad((state * weights).sum(), rate)], mode="FAST_COMPILE")


@pytest.mark.parametrize("rate", [1e-6, 0.05, 0.85, 5.0, 19.9])
def test_it_is_the_recursion_with_its_gradient(rate, state_and_gradient):
    state, gradient = state_and_gradient(rate, NOISE)
    assert state == pytest.approx(one_after_the_other(rate), abs=1e-9)
    step = 1e-6 * rate
    after, before = (one_after_the_other(rate + sign * step) for sign in (1, -1))
    slope = ((after - before) * np.linspace(-1.0, 2.0, STEPS)).sum() / (2 * step)
    assert gradient == pytest.approx(slope, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("rate", [FASTEST, 1e3, 1e12])
def test_a_state_that_forgets_at_once_is_its_shocks(rate, state_and_gradient):
    state, gradient = state_and_gradient(rate, NOISE)
    assert state == pytest.approx(NOISE, abs=3e-4)
    assert np.isfinite(gradient)
