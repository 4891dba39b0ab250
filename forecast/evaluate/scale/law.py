r"""How seconds grow with size: :math:`\text{start} + c\,\text{size}^{\text{slope}}`, by least squares of relative errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from forecast.errors import InputError

SLOPES = np.arange(0.0, 2.5001, 0.01)
"""Exponents that are tried (no unit)."""

VISIBLE = 1.25
"""Times by which the dearest size costs more than the cheapest where a slope is given at all (ratio; judgement: less is
within what two runs of one size differ by)."""

FEWEST = 4
"""Sizes from which a law is fitted (count): one more than it has parameters."""


@dataclass(frozen=True)
class Law:
    """A fixed start and a power of the size.

    Parameters
    ----------
    start : float
        Seconds that every size takes.
    scale : float
        Seconds of a size of 1 beyond the start.
    slope : float
        Exponent: 1 is in proportion.
    """

    start: float
    scale: float
    slope: float

    def at(self, size: float) -> float:
        """Return the seconds that a size is expected to take.

        Examples
        --------
        >>> Law(2.0, 0.5, 1.0).at(10)
        7.0
        """
        return self.start + self.scale * size**self.slope


class Fitted(NamedTuple):
    """A law, and the least and largest slope when each size in turn is left out."""

    law: Law
    between: tuple[float, float]


def fitted(sizes: Sequence[float], seconds: Sequence[float]) -> Fitted | None:
    """Fit the law to measurements.

    Parameters
    ----------
    sizes, seconds : sequence of float, shape (size,)
        What was measured; four sizes or more.

    Returns
    -------
    Fitted or None
        None where the size hardly matters, so that there is no slope to see.

    Raises
    ------
    InputError
        If there are too few sizes.

    Examples
    --------
    >>> found = fitted([10, 100, 1000, 10_000], [1.01, 1.1, 2.0, 11.0])
    >>> round(found.law.start, 2), round(found.law.slope, 2)
    (1.0, 1.0)
    """
    if len(sizes) < FEWEST or len(sizes) != len(seconds):
        raise InputError(f"{len(sizes)} sizes", f"{FEWEST} or more, each with its seconds", "measure more sizes")
    if max(seconds) < VISIBLE * min(seconds):
        return None
    x, y = np.asarray(sizes, dtype=float), np.asarray(seconds, dtype=float)
    slopes = [_least(np.delete(x, at), np.delete(y, at)).slope for at in range(len(x))]
    return Fitted(_least(x, y), (min(slopes), max(slopes)))


def _least(x: np.ndarray, y: np.ndarray) -> Law:
    from scipy.optimize import nnls

    largest = x.max()  # in units of the largest size, so that both columns are of one order
    best = (np.inf, Law(0.0, 0.0, 0.0))
    for slope in SLOPES:
        columns = np.column_stack([1 / y, (x / largest) ** slope / y])
        (start, scale), off = nnls(columns, np.ones(len(y)))
        if off < best[0] - 1e-12:
            best = off, Law(float(start), float(scale / largest**slope), round(float(slope), 2))
    return best[1]


__all__ = ["Fitted", "Law", "fitted"]
