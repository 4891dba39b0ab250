"""From draws to the one shape in which every uncertain quantity is reported.

Quantiles are equal-tailed and taken by ``inverted_cdf``: a value that was drawn, never an interpolation, because
interpolating next to ``inf`` gives NaN. ``inf`` becomes ``None`` (null in JSON), never a large number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np

from forecast.errors import InputError

QUANTILE_LEVELS = (0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.975)
"""Probabilities whose quantiles are reported (no unit)."""

INTERVAL_LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Probabilities inside the reported equal-tailed intervals (no unit)."""


class Quantity[Value](TypedDict):
    """An uncertain quantity as it is reported, in plain units: of floats, or of None too where it may be infinite."""

    median: Value
    quantiles: Mapping[str, Value]
    intervals: Mapping[str, Sequence[Value]]


def quantiles(draws: np.ndarray, levels: Sequence[float], weights: np.ndarray | None = None) -> np.ndarray:
    """Return equal-tailed quantiles that survive infinite draws; of weighted draws where weights are given.

    Examples
    --------
    >>> quantiles(np.array([2028.0, 2030.0, np.inf]), [0.5, 0.9])
    array([2030.,   inf])
    """
    draws = np.asarray(draws, dtype=float)
    if np.isnan(draws).any():
        raise ValueError("draws hold NaN: a quantity that was not computed cannot be summarised")
    return np.quantile(draws, levels, axis=0, method="inverted_cdf", weights=weights)


def shares_within(given: Any) -> np.ndarray:
    """Return one probability or several as an array, each between 0 and 1.

    Examples
    --------
    >>> shares_within(0.8)
    array([0.8])
    >>> shares_within(80)
    Traceback (most recent call last):
    forecast.errors.InputError: got a level of 80, expected a probability between 0 and 1: write 0.8
    """
    try:
        shares = np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        shares = np.array([np.nan])
    if shares.ndim == 1 and ((shares > 0) & (shares < 1)).all():
        return shares
    (percent,) = shares[:1] if np.ndim(given) == 0 else (np.nan,)
    do = f"write {percent / 100:g}" if 1 < percent < 100 else "choose another level"
    raise InputError(f"a level of {given!r}", "a probability between 0 and 1", do)


def summarise(draws: np.ndarray) -> Quantity[Any]:
    """Return a quantity's median, quantiles and intervals as plain, JSON-ready numbers.

    Examples
    --------
    >>> summarise(np.arange(1.0, 100.0))["intervals"]["0.8"]
    [10.0, 90.0]
    """
    tails = [(round((1 - level) / 2, 6), round((1 + level) / 2, 6)) for level in INTERVAL_LEVELS]
    wanted = sorted({*QUANTILE_LEVELS, *(p for pair in tails for p in pair)})
    values = dict(zip(wanted, quantiles(draws, wanted).tolist(), strict=True))
    return {
        "median": plain(values[0.5]),
        "quantiles": {f"{p:g}": plain(values[p]) for p in QUANTILE_LEVELS},
        "intervals": {
            f"{level:g}": [plain(values[low]), plain(values[high])]
            for level, (low, high) in zip(INTERVAL_LEVELS, tails, strict=True)
        },
    }


def plain(value: float) -> float | None:
    """Return a JSON-ready number: ``None`` for an infinite one, six significant digits otherwise.

    Examples
    --------
    >>> plain(float("inf")) is None, plain(2029.123456), plain(3.2204567e14)
    (True, 2029.1235, 322046000000000.0)
    """
    if not np.isfinite(value):
        return None
    return round(float(value), 4) if 1000 <= abs(value) < 10_000 else float(f"{value:.6g}")
