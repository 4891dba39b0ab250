"""Dates as people write them in tables."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from forecast.ingest.cells import is_empty

ACCEPTED_DATES = "2024-06-05, 2024-06, 2024, 5 June 2024, June 2024 or 05.06.2024"
"""Forms to advise."""

EXCEL_EPOCH = dt.date(1899, 12, 30)
"""Day 0 of the serial dates of spreadsheets, which count a day too many since 1900."""

_FIRST_SERIAL, _LAST_SERIAL = 18_264, 54_789  # days: 1950-01-01 and 2050-01-01; other numbers are no serial dates
_LONGEST = 60  # characters; a longer cell is prose
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_TIME = re.compile(
    r"(?<=\d)(?:t\d{1,2}(?::\d{2})?| \d{1,2}:\d{2})(?::\d{2}(?:[.,]\d{1,9})?)?"
    r"(?: ?[ap]m)?(?: ?(?:z|utc|gmt|[+-]\d{2}(?::?\d{2})?))?$"
)
_YEAR_FIRST = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?|/(\d{1,2})(?:/(\d{1,2}))?|\.(\d{1,2})\.(\d{1,2})|\.0)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-](\d{4})")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_TWO_DAYS = "two days"


def parse_dates(cells: pd.Series) -> pd.Series:
    """Read dates; a bare year or month means its first day.

    Examples
    --------
    >>> parse_dates(pd.Series(["2024-05", "6 May 2024", "05/06/2024"])).dt.strftime("%Y-%m-%d").tolist()
    ['2024-05-01', '2024-05-06', nan]
    """
    if are_serial(cells):
        days: dict[str, dt.date | str | None] = {
            text: None if text.strip() == "" else _from_serial(text.strip()) for text in cells.unique()
        }
    else:
        days = {text: _date(text) for text in cells.unique()}
    dates = {text: day if isinstance(day, dt.date) else None for text, day in days.items()}
    return pd.Series([dates[text] for text in cells], cells.index, dtype="object").astype("datetime64[us]")


def two_days(cells: pd.Series) -> pd.Series:
    """Tell which dates can be two days.

    Examples
    --------
    >>> two_days(pd.Series(["05/06/2024", "25/12/2024", "05/05/2024", "Jun-24"])).tolist()
    [True, False, False, True]
    """
    return cells.map({text: _date(text) == _TWO_DAYS for text in cells.unique()}).astype(bool)


def are_serial(cells: pd.Series) -> bool:
    """Tell whether a column holds serial numbers of days and nothing else.

    Examples
    --------
    >>> are_serial(pd.Series(["45292", "", "45300.0"])), are_serial(pd.Series(["45292", "2024"]))
    (True, False)
    """
    filled = cells[~is_empty(cells)].str.strip().unique()
    return len(filled) > 0 and all(
        _SERIAL.fullmatch(text) and _FIRST_SERIAL <= float(text) < _LAST_SERIAL for text in filled
    )


def decimal_years(dates: pd.Series) -> pd.Series:
    """Turn dates into decimal years, as `forecast.core.units.decimal_year` does for one.

    Examples
    --------
    >>> decimal_years(pd.to_datetime(pd.Series(["2026-07-02"]))).tolist()
    [2026.4986301369863]
    """
    return dates.dt.year + (dates.dt.day_of_year - 1) / (365 + dates.dt.is_leap_year.astype(int))


def _from_serial(text: str) -> dt.date | None:
    return EXCEL_EPOCH + dt.timedelta(days=int(float(text))) if _SERIAL.fullmatch(text) else None


def _date(cell: str) -> dt.date | str | None:
    """Return the day, None where it is none, and `_TWO_DAYS` where it can be two."""
    text = " ".join(cell.lower().split())
    if not text or len(text) > _LONGEST:
        return None
    found = _numeric(text) or _numeric(_TIME.sub("", text)) or _named(text) or _named(_TIME.sub("", text))
    if found is None or isinstance(found, str):
        return found
    try:
        return dt.date(*found)
    except ValueError:
        return None


def _numeric(text: str) -> tuple[int, int, int] | str | None:
    if match := _YEAR_FIRST.fullmatch(text):
        given = [*(int(part) for part in match.groups() if part is not None), 1, 1]
        return given[0], given[1], given[2]
    if match := _COMPACT.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _MONTH_YEAR.fullmatch(text):
        return int(match[2]), int(match[1]), 1
    if match := _YEAR_LAST.fullmatch(text):
        one, other, year = int(match[1]), int(match[3]), int(match[4])
        if len(match[4]) == 2:
            return _TWO_DAYS
        if match[2] == "." or one > 12 or one == other:  # with points, the day comes first
            return year, other, one
        return (year, one, other) if other > 12 else _TWO_DAYS
    return None


def _named(text: str) -> tuple[int, int, int] | str | None:
    """Read a date with the name of its month."""
    parts = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", text)
    parts = re.sub(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", parts)
    words = re.sub(r"[\s,./-]+", " ", parts).split()
    months = [word for word in words if _MONTH.fullmatch(word)]
    numbers = [word for word in words if word.isdecimal()]
    if len(months) != 1 or len(words) != 1 + len(numbers) or not 1 <= len(numbers) <= 2:
        return None
    month = 1 + _MONTHS.index(months[0][:3])
    years, days = [word for word in numbers if len(word) == 4], [word for word in numbers if len(word) <= 2]
    if len(years) == 1 and len(years) + len(days) == len(numbers):
        return int(years[0]), month, int(days[0]) if days else 1
    if len(days) == 2 and words[1] == months[0]:  # 5-Jun-24, as spreadsheets show a day
        return 2000 + int(days[1]) - (100 if int(days[1]) > 68 else 0), month, int(days[0])
    return _TWO_DAYS if len(days) == len(numbers) else None
