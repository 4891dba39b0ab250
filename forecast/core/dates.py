"""Years and dates as people have them: numbers, ISO text, dates, timestamps of pandas and NumPy."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from forecast.core.units import decimal_year
from forecast.errors import InputError


def read_years(given: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return one or several years or dates as decimal years, and which of them were dates.

    Examples
    --------
    >>> years, dated = read_years([2030, dt.date(2030, 7, 2), "2030-01-01"])
    >>> years.round(2).tolist(), dated.tolist()
    ([2030.0, 2030.5, 2030.0], [False, True, True])
    """
    try:
        found = np.atleast_1d(np.asarray(given))
        if found.dtype.kind == "M":
            found = found.astype("datetime64[D]").astype(object)
        if found.dtype.kind in "OU":
            pairs = [_read_year(value) for value in found.tolist()]
            years, dated = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
        else:
            years, dated = found.astype(float), np.zeros(found.shape, dtype=bool)
    except (InputError, TypeError, ValueError):
        years, dated = np.array([np.nan]), np.zeros(1, dtype=bool)
    if np.isnan(years).any() or years.ndim > 1:
        raise InputError(f"{given!r} as a year", "years as numbers or dates, such as 2030 or 2030-07-01", "give those")
    return years, dated


def _read_year(value: Any) -> tuple[float, bool]:
    if isinstance(value, dt.date):
        return decimal_year(value.date() if isinstance(value, dt.datetime) else value), True
    try:
        return float(value), False
    except (TypeError, ValueError):
        return decimal_year(str(value)), True


def iso_date(given: dt.date | np.datetime64 | str | None) -> str | None:
    """Return a date as it is recorded, from whatever holds one; text is left as it is, to be read where it is used.

    Examples
    --------
    >>> iso_date(dt.datetime(2026, 8, 22, 12)), iso_date(np.datetime64("2026-08-22")), iso_date("2026-08")
    ('2026-08-22', '2026-08-22', '2026-08')
    """
    if isinstance(given, np.datetime64):
        return str(given.astype("datetime64[D]"))
    if isinstance(given, dt.datetime):
        return given.date().isoformat()
    return given.isoformat() if isinstance(given, dt.date) else given
