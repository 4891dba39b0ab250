"""A hidden state that forgets itself and is stationary from the first step on, in a PyMC model and without a loop."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS

FASTEST = 20.0
"""Rate above which a state is as good as forgotten within a half-year (per year): one part in 20,000 of it is left. Higher
rates are read as this one, so that no weight leaves the range of a floating-point number."""


def stationary_state(noise: Any, rate: Any) -> Any:
    r"""Return the state :math:`\mathrm{d}x = -\kappa x\,\mathrm{d}t + \sqrt{2\kappa}\,\mathrm{d}W` at every step.

    Parameters
    ----------
    noise : tensor, shape (step,)
        Standard normal.
    rate : tensor, scalar
        :math:`\kappa`, per year.

    Returns
    -------
    tensor, shape (step,)
        Standard normal each, in standard deviations of the state.
    """
    import pymc as pm
    import pytensor.tensor as pt

    steps = len(pm.modelcontext(None).coords["step"])
    passed = pt.minimum(rate, FASTEST) * BLOCK_YEARS
    left = pt.exp(-passed * np.arange(steps))
    scale = pt.concatenate([pt.ones(1), pt.sqrt(-pt.expm1(-2.0 * passed)) * pt.ones(steps - 1)])
    # Each shock weighs what is left of it: a running sum in the scale of the first step.
    return left * pt.cumsum(noise * scale / left)
