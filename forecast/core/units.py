"""Conversions between the units at the edges and those inside the models.

Quantities at the edges are plain numbers with a unit (tokens, words, seconds); inside the models they are log10.
Time is a decimal year: 2026.5 is 2 July 2026, 2026.0 is 1 January 2026 at midnight.
"""

from __future__ import annotations

import datetime as dt
import math

from forecast.errors import InputError

WORDS_PER_TOKEN = 0.75
"""Words per token (words/token), the convention of Epoch AI's model table; Epoch's 2024 paper used 0.8."""

REFERENCE_YEAR = 2024.0
"""The year at which stock estimates are stated and from which model time is counted (decimal year)."""

FIRST_OF_JULY = 0.4952
"""Between 30 June of a leap year (0.4945) and 1 July of another one (0.4959; share of a year): half-years part here."""


def decimal_year(when: dt.date | str) -> float:
    """Turn a date into a decimal year.

    Examples
    --------
    >>> decimal_year("2026-07-02")
    2026.4986301369863
    """
    date = parse_date(when) if isinstance(when, str) else when
    start = dt.date(date.year, 1, 1)
    days = (dt.date(date.year + 1, 1, 1) - start).days if date.year < dt.MAXYEAR else 365
    return date.year + (date - start).days / days


def calendar_date(year: float) -> dt.date:
    """Turn a decimal year into the date that it falls on.

    Examples
    --------
    >>> calendar_date(2026.5).isoformat()
    '2026-07-02'
    """
    whole = math.floor(year)
    start = dt.date(whole, 1, 1)
    days = (dt.date(whole + 1, 1, 1) - start).days
    return start + dt.timedelta(days=math.floor((year - whole) * days + 1e-9))


def half_year_name(year: float) -> str:
    """Return the name of the half-year that holds a decimal year.

    Examples
    --------
    >>> half_year_name(2026.62), half_year_name(2024.0), half_year_name(2024.5)
    ('2026H2', '2024H1', '2024H2')
    """
    date = calendar_date(year)
    return f"{date.year}H{1 if date.month <= 6 else 2}"


def parse_date(text: str) -> dt.date:
    """Read an ISO date; a bare year or month means its first day.

    Examples
    --------
    >>> parse_date("2022-11").isoformat()
    '2022-11-01'
    """
    parts = str(text).strip().split("-")
    try:
        if not 1 <= len(parts) <= 3 or len(parts[0]) != 4:
            raise ValueError
        numbers = [int(part) for part in parts] + [1] * (3 - len(parts))
        return dt.date(*numbers)
    except ValueError:
        raise InputError(f"the date {text!r}", "YYYY-MM-DD", "write it like 2026-08-22") from None


def words_to_tokens(words: float, words_per_token: float = WORDS_PER_TOKEN) -> float:
    """Turn a number of words into tokens: a token is less than a word, so the number grows.

    Examples
    --------
    >>> words_to_tokens(1.5e12)
    2000000000000.0
    """
    if not words_per_token > 0:
        raise InputError(f"{words_per_token} words per token", "a positive number", "use 0.75 unless measured")
    return words / words_per_token
