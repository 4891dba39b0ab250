"""Gamma increments, stated so that a sampler moves freely through half-years in which hardly anything grows.

A gamma variable x of shape a far below one has nearly all of its probability at values that no row tells from zero, and in
the log, in which samplers move, it lies there with a scale of 1 / a. A path that has come to rest is then hardly left again.
Here the place that is sampled is log x down to a negligible increment, and a log x below it, where it has a scale of one.
The law of x is the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NEGLIGIBLE = 0.01
"""Increment below which the place is stretched (log10, 2 %): half of the least error of a row."""

SOFTNESS = 0.5
"""Width of the bend between both (log, no unit); it changes the sampler's way, not the law."""

START = -2.0
"""log of the increments from which chains start, but for their own jitter: 0.14 log10 a half-year."""

SMALLEST_SHAPE = 1e-9
"""Shape of a gamma at rest (no unit): one in a million of such steps is no zero."""


def gamma_steps(name: str, shape: Any, scale: Any) -> Any:
    """Create gamma increments in a PyMC model with the dimension ``step``.

    Parameters
    ----------
    name : str
        Name of the increments; their places are ``<name>_place__``.
    shape, scale : tensor, shape (step,)
        Above zero; a shape below `SMALLEST_SHAPE`, growth at rest, is read as that.

    Returns
    -------
    TensorVariable
        The increments, shape (step,), in the unit of `scale`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    shape = pt.maximum(shape, SMALLEST_SHAPE)
    place = pm.Flat(f"{name}_place__", dims="step") + START
    further = pt.maximum(1.0 / shape - 1.0, 0.0)
    beyond = (np.log(NEGLIGIBLE) - place) / SOFTNESS
    logarithm = place - further * SOFTNESS * pt.softplus(beyond)
    stretch = pt.log1p(further * pt.sigmoid(beyond))
    steps = pm.Deterministic(name, pt.exp(logarithm), dims="step")
    density = shape * (logarithm - pt.log(scale)) - steps / scale - pt.gammaln(shape) + stretch
    pm.Potential(f"{name}_law", pt.sum(density))
    return steps
