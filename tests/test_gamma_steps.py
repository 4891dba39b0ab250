"""Gamma increments: whatever the place that is sampled, their law is the gamma law."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import gamma

from forecast.consumption.gamma_steps import NEGLIGIBLE, SMALLEST_SHAPE, SOFTNESS, START, gamma_steps

SHAPES = (1e-12, 0.003, 0.2, 1.0, 4.0)
SCALE = 0.3


@pytest.fixture(scope="module")
def law():
    """The log density of one place and its increment, by shape."""
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    shape = pt.dscalar("shape")
    with pm.Model(coords={"step": [0]}) as model:
        steps = gamma_steps("increment", shape * np.ones(1), SCALE * np.ones(1))
    inputs = [model["increment_place__"], shape]
    wanted = [model.potentials[0], steps]
    return pytensor.function(inputs, wanted, mode=pytensor.compile.mode.Mode("py", None))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_law_of_the_increment_is_the_gamma_law(law, shape):
    """Its probability up to any value is that of the gamma, by integrating over the place."""

    def density(place: float) -> float:
        return float(np.exp(law(np.array([place]), shape)[0]))

    right = max(shape, SMALLEST_SHAPE)
    whole = quad(density, -60.0, 12.0, limit=400, points=[-6.0, -2.0, 0.0, 2.0])[0]
    assert whole == pytest.approx(1.0, abs=2e-6)
    for place in (-3.0, -1.0, 0.5, 1.5):
        increment = float(law(np.array([place]), shape)[1][0])
        if increment < 1e-300:  # smaller than numbers are: nothing to hold it against
            continue
        share = quad(density, -60.0, place, limit=400, points=[min(-6.0, place - 1)])[0]
        assert share == pytest.approx(gamma(right, scale=SCALE).cdf(increment), abs=2e-5)


def test_places_are_logs_of_increments_that_matter_and_stretched_below(law):
    for place in (0.0, 1.0):
        assert law(np.array([place]), 0.2)[1][0] == pytest.approx(np.exp(place + START), rel=0.06)
    far, further = (float(np.log(law(np.array([place]), 0.01)[1][0])) for place in (-8.0, -9.0))
    assert far - further == pytest.approx(100.0, rel=0.01)  # one place is 1 / shape in the log


def test_the_bend_is_as_documented(law):
    place, shape = -3.0, 0.05
    beyond = (np.log(NEGLIGIBLE) - (place + START)) / SOFTNESS
    logarithm = place + START - (1 / shape - 1) * SOFTNESS * np.logaddexp(0.0, beyond)
    assert float(law(np.array([place]), shape)[1][0]) == pytest.approx(np.exp(logarithm))
    stretch = 1 + (1 / shape - 1) * expit(beyond)
    expected = gamma(shape, scale=SCALE).logpdf(np.exp(logarithm)) + logarithm + np.log(stretch)
    assert float(law(np.array([place]), shape)[0]) == pytest.approx(expected)
