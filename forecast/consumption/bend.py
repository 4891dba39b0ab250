"""Growth at one rate up to a date and at another from then on, with a bend in place of a corner."""

from __future__ import annotations

from typing import Any

BEND_WIDTH = 0.125
"""Half-width of the bend (years): a corner would stop the sampler's gradients, and data by half-years cannot see it."""


def bent_growth(start: Any, end: Any, before: Any, after: Any, bend: Any, math: Any) -> Any:
    """Return growth at one rate up to a date and at another from then on.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(bent_growth(-4.0, 4.0, 0.5, 0.1, 0.0, np)), 3)
    2.4
    """
    bent = BEND_WIDTH * (_softplus((end - bend) / BEND_WIDTH, math) - _softplus((start - bend) / BEND_WIDTH, math))
    return before * ((end - start) - bent) + after * bent


def _softplus(x: Any, math: Any) -> Any:
    """Return log(1 + exp(x)) without overflow."""
    return math.maximum(x, 0.0) + math.log1p(math.exp(-math.abs(x)))
