"""Logistic growth of the logarithm: an S-curve towards an asymptote that the prior names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from forecast.consumption.member import Member
from forecast.core.priors import Prior


@dataclass(frozen=True)
class Logistic(Member):
    """A logistic curve in log10 size; `room` is what was left, at 2024.0, up to its asymptote.

    Parameters
    ----------
    room : Prior
        Expected growth from 2024.0 to the asymptote; not in the data until the level-off shows.
    steepness : Prior
        k, rate of the curve.
    midpoint : Prior
        m, date of the fastest growth, years since 2024.0.

    Examples
    --------
    >>> import numpy as np
    >>> curve = {"room": 1.5, "steepness": 0.5, "midpoint": -1.0}
    >>> round(float(Logistic().expected_growth(0.0, 200.0, curve, np)), 6)
    1.5
    """

    name: ClassVar[str] = "logistic"
    title: ClassVar[str] = "Logistic curve in log size"
    formula: ClassVar[str] = (
        r"\mathrm{E}\,F(t) = F(t_0) + g\,\frac{\sigma(k(t - m)) - \sigma(k(t_0 - m))}{\sigma(km)},\quad "
        r"\sigma(x) = \frac{1}{1 + e^{-x}}"
    )
    tail_parameters: ClassVar[tuple[str, ...]] = ("room", "steepness")

    room: Prior = Prior.lognormal(
        1.5, 4.0, "log10", "judgement: 30 times the frontier of 2024 in the end; 4 to 10,000 times at 90 %"
    )
    steepness: Prior = Prior.lognormal(
        0.35, 1.0, "per year", "judgement: from a tenth to nine tenths of the way in 4 to 36 years, median 13"
    )
    midpoint: Prior = Prior("normal", -1.0, 3.0, "years since 2024.0", "judgement: fastest in 2017 to 2029 at 95 %")

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return the curve's rise from `start` to `end`; a small floor keeps a curve at rest inside the gamma law."""
        room, k, m = parameters["room"], parameters["steepness"], parameters["midpoint"]
        risen = _sigmoid(k * (end - m), math) - _sigmoid(k * (start - m), math)
        return math.maximum(room * risen / _sigmoid(k * m, math), 1e-9)


def _sigmoid(x: Any, math: Any) -> Any:
    """Return 1 / (1 + exp(-x)), finite for any x that a path meets."""
    return 1.0 / (1.0 + math.exp(-math.clip(x, -80.0, 80.0)))
