"""The observation law with its gradient in one compiled function: what a sampler calls hundreds of thousands of times.

The same law as `observation.log_density`, which says it in arrays and is what this is tested against. As a graph of array
operations, which it was, it takes a sampler's step more than twice as long.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch import basic as numba_basic
from pytensor.link.numba.dispatch.basic import numba_funcify, register_funcify_default_op_cache_key
from pytensor.scalar.basic import float64
from pytensor.scalar.math import erfcx
from scipy.special import erfcx as erfcx_in_python

from forecast.consumption.observation import DIGITS_END, LARGEST_SHAPE, SEEN_WEIGHT, SMALLEST_ERROR

VERSION = 1
"""Raised with every change of the compiled function: it is kept on disk under it."""


def _law(compile_: Any, scaled_tail: Any) -> Any:
    """Return the function that computes the law and its derivatives, each of its parts compiled by `compile_`."""
    weights = SEEN_WEIGHT

    @compile_
    def moment(mean: float, sd: float, power: float) -> tuple[float, float, float]:
        """Return `observation.log_positive_moment` and its derivatives by mean and power."""
        z = mean / sd
        capped = min(z, 30.0)
        scaled = scaled_tail(-capped / math.sqrt(2.0))
        hazard = math.sqrt(2.0 / math.pi) / scaled
        found = math.log(scaled / 2.0) - capped * capped / 2.0
        by_z = hazard if z < 30.0 else 0.0
        bends = -hazard * (z + hazard) if z < 30.0 else 0.0
        # First moment and variance in units of sd, given that it is positive; d_ is the derivative by z.
        if z < DIGITS_END:
            first = -1.0 / z
            d_first = first * first
            variance, d_variance = first * first, 2.0 * first * d_first
        else:
            first, d_first = z + hazard, 1.0 + bends
            if first < 1e-9:
                first, d_first = 1e-9, 0.0
            variance, d_variance = 1.0 - hazard * first, -bends * first - hazard * d_first
            if variance < 1e-4 * first * first:
                variance, d_variance = 1e-4 * first * first, 2e-4 * first * d_first
        k, scale = first * first / variance, variance / first
        d_k = (2.0 * first * d_first - k * d_variance) / variance
        d_log_scale = d_variance / variance - d_first / first
        middle = k + (power - 1.0) / 2.0
        cubic = power * (power * power - 1.0)
        bent = 1.0 - cubic / (24.0 * middle * middle)
        d_bent = cubic / (12.0 * middle * middle * middle) / bent
        log_size = math.log(scale * middle)
        found += power * (math.log(sd) + log_size) + math.log(bent)
        by_z += power * (d_log_scale + d_k / middle) + d_bent * d_k
        by_power = math.log(sd) + log_size + power / (2.0 * middle)
        by_power += d_bent / 2.0 - (3.0 * power * power - 1.0) / (24.0 * middle * middle) / bent
        if z >= -30.0:
            second = 1.0 + z * first
            third = z * second + 2.0 * first
            fourth = z * third + 3.0 * second
            d_second = first + z * d_first
            d_third = second + z * d_second + 2.0 * d_first
            d_fourth = third + z * d_third + 3.0 * d_second
            of_gamma = k * (k + 1.0) * (k + 2.0) * scale * scale * scale
            d_of_gamma = d_k * (1.0 / k + 1.0 / (k + 1.0) + 1.0 / (k + 2.0)) + 3.0 * d_log_scale
            lacks_3 = math.log(third / of_gamma) / 6.0
            lacks_4 = math.log(fourth / (of_gamma * (k + 3.0) * scale)) / 24.0
            d_lacks_3 = (d_third / third - d_of_gamma) / 6.0
            d_lacks_4 = (d_fourth / fourth - d_of_gamma - d_k / (k + 3.0) - d_log_scale) / 24.0
            weight = power * (power - 1.0) * (power - 2.0)
            between = lacks_3 + (lacks_4 - lacks_3) * (power - 3.0)
            found += weight * between
            by_z += weight * (d_lacks_3 + (d_lacks_4 - d_lacks_3) * (power - 3.0))
            by_power += (3.0 * power * power - 6.0 * power + 2.0) * between + weight * (lacks_4 - lacks_3)
        return found, by_z / sd, by_power

    @compile_
    def law(
        at_rows: Any, within: Any, size: Any, sd: Any, observed: Any, exposure: Any, spread: Any, shape: Any
    ) -> Any:
        """Return the log density by block, and its derivatives by the frontier (at rows, within), spread and shape."""
        blocks, rows = size.shape
        density, by_spread, by_shape = np.zeros(blocks), np.zeros(blocks), np.zeros(blocks)
        by_rows, by_within = np.zeros((blocks, rows)), np.zeros((blocks, 2))
        spread, free = spread.item(), shape.item() < LARGEST_SHAPE
        shape = min(shape.item(), LARGEST_SHAPE)
        log_spread, log_shape = math.log(spread), math.log(shape)
        for block in range(blocks):
            if exposure[block] <= 0:
                continue
            count, squares, smallest = 0.0, 0.0, np.inf
            log_exposure = math.log(max(exposure[block], 1e-9))
            for row in range(rows):
                used = observed[block, row]
                if used <= 0:
                    continue
                square = sd[block, row] ** 2 + SMALLEST_ERROR**2
                count, squares = count + used, squares + used * square
                smallest = min(smallest, size[block, row])
                gap, error = at_rows[block, row] - size[block, row], math.sqrt(square)
                found, by_mean, by_power = moment(gap, error, shape - 1.0)
                density[block] += used * (log_exposure + log_shape + found - shape * log_spread)
                by_rows[block, row] = used * by_mean
                by_shape[block] += used * (1.0 / shape + by_power - log_spread)
                by_spread[block] -= used * shape / spread
            if count <= 0:
                continue
            usual = math.sqrt(squares / max(count, 1.0))
            for place in range(2):
                found, by_mean, by_power = moment(within[block, place] - smallest, usual, shape)
                expected = exposure[block] * weights[place] * math.exp(found - shape * log_spread)
                density[block] -= expected
                by_within[block, place] = -expected * by_mean
                by_shape[block] -= expected * (by_power - log_spread)
                by_spread[block] += expected * shape / spread
            if not free:
                by_shape[block] = 0.0
        return density, by_rows, by_within, by_spread, by_shape

    return law


class ObservationLaw(Op):
    """Log density by block of the largest corpora; its further outputs are its derivatives."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Any:
        """Take the frontier at rows and within blocks, size, sd, observed, exposure, spread, shape."""
        inputs = tuple(pt.as_tensor_variable(value).astype("float64") for value in inputs)
        at_rows, within, *_, exposure, _, _ = inputs
        kinds = (exposure, at_rows, within, exposure, exposure)
        return Apply(self, inputs, [pt.tensor(dtype="float64", shape=kind.type.shape) for kind in kinds])

    def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
        """Compute without a compiler, for small checks."""
        del node
        with np.errstate(all="ignore"):
            for storage, value in zip(outputs, _in_python(*inputs), strict=True):
                storage[0] = value

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Say that only the density has a gradient, and by which inputs."""
        return [[at in (0, 1, 6, 7), *[False] * 4] for at in range(len(node.inputs))]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Return the derivatives, which are computed with the density."""
        from pytensor.gradient import disconnected_type

        _, by_rows, by_within, by_spread, by_shape = outputs
        given = cotangents[0]
        found = [disconnected_type()] * len(inputs)
        found[0], found[1] = given[:, None] * by_rows, given[:, None] * by_within
        found[6], found[7] = pt.sum(given * by_spread), pt.sum(given * by_shape)
        return found


@register_funcify_default_op_cache_key(ObservationLaw)
def _compiled(op: Any, node: Any, **options: Any) -> Any:
    """Return the compiled function."""
    del op, node, options
    tail = numba_funcify(erfcx, node=erfcx.make_node(float64()))
    return _law(numba_basic.numba_njit, tail), VERSION


_in_python = _law(lambda function: function, lambda x: float(erfcx_in_python(x)))

observation_law = ObservationLaw()
