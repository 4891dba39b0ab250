"""The compiled observation law: the law in arrays, and its gradient."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.consumption.observation import log_density

pytest.importorskip("pytensor")

RNG = np.random.default_rng(4)
SIZE = RNG.normal(12.6, 0.4, (5, 3))
SD = RNG.uniform(0.02, 0.3, (5, 3))
OBSERVED = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1], [0, 0, 0], [1, 1, 1]], dtype=float)
EXPOSURE = np.array([1.0, 0.3, 1.0, 1.0, 0.0])


@pytest.fixture(scope="module", params=["py", "NUMBA"])
def law(request):
    """Law and gradient of the weighted sum, by Python and compiled."""
    import pytensor
    import pytensor.tensor as pt

    from forecast.consumption.compiled_law import observation_law

    free = [pt.dmatrix("at_rows"), pt.dmatrix("within"), pt.dscalar("spread"), pt.dscalar("shape")]
    given = [pt.as_tensor(value) for value in (SIZE, SD, OBSERVED, EXPOSURE)]
    density = observation_law(free[0], free[1], *given, free[2], free[3])[0]
    mode = pytensor.compile.mode.Mode("py", None) if request.param == "py" else "NUMBA"
    return pytensor.function(free, [density, *pt.grad((density * weights()).sum(), free)], mode=mode)


def weights() -> np.ndarray:
    return np.arange(1.0, 6.0)


def in_arrays(at_rows, within, spread, shape):
    return log_density(at_rows, SIZE, SD, OBSERVED, EXPOSURE, spread, shape, None, within)


@pytest.mark.parametrize("shift", [0.3, 0.0, -1.0, -20.0, 5.0])
@pytest.mark.parametrize("shape", [1.02, 1.8, 3.4, 5.0])
def test_it_is_the_law_in_arrays_with_its_gradient(law, shift, shape):
    at_rows, within = (
        SIZE + shift + RNG.normal(0, 0.1, SIZE.shape),
        SIZE.min(axis=1)[:, None] + shift + 0.1 * np.arange(2),
    )
    place = [at_rows, within, np.float64(0.4), np.float64(shape)]
    found, *gradient = law(*place)
    assert found == pytest.approx(in_arrays(*place), rel=1e-9, abs=1e-9)
    for number, by in enumerate(gradient):
        for at in np.ndindex(by.shape):
            step = np.zeros(by.shape)
            step[at] = 1e-6
            near = [
                [value + sign * step if n == number else value for n, value in enumerate(place)] for sign in (1, -1)
            ]
            slope = (weights() * (in_arrays(*near[0]) - in_arrays(*near[1]))).sum() / 2e-6
            assert by[at] == pytest.approx(slope, rel=2e-4, abs=2e-4 * max(1.0, np.abs(found).max()))
