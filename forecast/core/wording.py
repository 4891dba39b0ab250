"""Years, odds and percentages in words: one rule for every sentence, table and page.

A date is named by the period in which it falls and never rounded into the next one: its third of a year in sentences
("late 2027"), its calendar year in tables ("2027"), its tenth where differences are the point ("2027.8").
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

HEADLINE_HORIZON = 2050
"""Headline statements go no further than this year (calendar year)."""

_TIGHT = re.compile(r"(?<=\d)[ \u00a0]%")


@dataclass(frozen=True)
class Odds:
    """A share in the words of everyday speech.

    Parameters
    ----------
    share : float
        The share that the words stand for (probability).
    words : str
        Of a crowd, as in "four in five say so".
    lead : str
        Of a judgement, as in "the model gives about four-in-five odds"; by default made from the words.
    """

    share: float
    words: str
    lead: str = ""

    def of_a_crowd(self) -> str:
        """Return the words for a part of many, with "about" where they are a fraction."""
        return self.words if self.lead and not self.lead.startswith("gives") else f"about {self.words}"

    def of_the_model(self) -> str:
        """Return what the model does: gives odds, or calls it certain."""
        return self.lead or f"gives about {self.words.replace(' ', '-')} odds"


ODDS = (
    Odds(0.0, "almost none", "sees almost no chance"),
    Odds(1 / 100, "one in a hundred", "gives about one-in-a-hundred odds"),
    Odds(1 / 50, "one in 50"),
    Odds(1 / 40, "one in 40"),
    Odds(1 / 25, "one in 25"),
    Odds(1 / 20, "one in 20"),
    Odds(1 / 15, "one in 15"),
    Odds(1 / 10, "one in ten"),
    Odds(1 / 8, "one in eight"),
    Odds(1 / 7, "one in seven"),
    Odds(1 / 6, "one in six"),
    Odds(1 / 5, "one in five"),
    Odds(1 / 4, "one in four"),
    Odds(3 / 10, "three in ten"),
    Odds(1 / 3, "one in three"),
    Odds(3 / 8, "three in eight"),
    Odds(2 / 5, "two in five"),
    Odds(0.45, "slightly fewer than half", "puts it at slightly less than even odds"),
    Odds(1 / 2, "half", "gives about even odds"),
    Odds(0.55, "slightly more than half", "puts it at slightly better than even odds"),
    Odds(3 / 5, "three in five"),
    Odds(5 / 8, "five in eight"),
    Odds(2 / 3, "two in three"),
    Odds(7 / 10, "seven in ten"),
    Odds(3 / 4, "three in four"),
    Odds(4 / 5, "four in five"),
    Odds(5 / 6, "five in six"),
    Odds(7 / 8, "seven in eight"),
    Odds(9 / 10, "nine in ten"),
    Odds(19 / 20, "19 in 20"),
    Odds(24 / 25, "24 in 25"),
    Odds(1.0, "nearly all", "calls it nearly certain"),
)
"""Fractions that people say, close enough together that the nearest is within three points of any share."""


def odds(share: float) -> Odds:
    """Return the nearest of the fractions that people say.

    Examples
    --------
    >>> odds(0.79).of_the_model(), odds(0.18).of_a_crowd(), odds(0.99).of_the_model(), odds(0.004).of_a_crowd()
    ('gives about four-in-five odds', 'about one in six', 'calls it nearly certain', 'almost none')
    """
    return min(ODDS, key=lambda one: abs(one.share - share))


WHOLE_POINTS = 0.005
"""Largest Monte Carlo standard error at which a probability is printed in whole points (probability): half a point."""

FIVES = 0.025
"""Likewise in steps of five points, half of such a step; beyond it the steps are ten points."""


def percent_words(share: float, error: float | None = None) -> str:
    """Return a probability in as many digits as its Monte Carlo error allows: never 0% or 100%.

    Whole points where the standard error is at most half a point; beyond that "about" and the nearest five points, and
    the nearest ten where it is above 2.5: so that a digit that another machine or seed would not repeat is not printed.

    Examples
    --------
    >>> percent_words(0.79), percent_words(0.79, 0.0064), percent_words(0.79, 0.03), percent_words(0.004)
    ('79%', 'about 80%', 'about 80%', 'less than 1%')
    >>> percent_words(0.02, 0.006), percent_words(0.99, 0.02)
    ('less than 5%', 'more than 95%')
    """
    step = _step(error)
    points = step * round(100 * share / step)
    if share < 0.01 or points == 0:
        return f"less than {step}%"
    if share > 0.99 or points == 100:
        return f"more than {100 - step}%"
    return f"{points}%" if step == 1 else f"about {points}%"


def odds_told(share: float, error: float | None) -> Odds:
    """Return the odds of a probability beside its percentage: those of the number that is printed.

    Examples
    --------
    >>> odds_told(0.824, 0.0107).words, percent_words(0.824, 0.0107), odds_told(0.824, None).words
    ('four in five', 'about 80%', 'five in six')
    """
    step = _step(error)
    return odds(share if step == 1 else step * round(100 * share / step) / 100)


def _step(error: float | None) -> int:
    """Return the step in which a probability with an error is printed (points)."""
    return 1 if error is None or error <= WHOLE_POINTS else 5 if error <= FIVES else 10


def tight(text: str) -> str:
    """Return text whose percent signs follow their numbers at once, so that no line breaks between them.

    Examples
    --------
    >>> tight("between 66 % and 99 %")
    'between 66% and 99%'
    """
    return _TIGHT.sub("%", text)


def year_words(year: float | None) -> str:
    """Return a decimal year as the calendar year that it falls in, for tables; beyond the headline horizon "after 2050".

    Examples
    --------
    >>> year_words(2031.9), year_words(None)
    ('2031', 'after 2050')
    """
    return str(int(year)) if year is not None and _told(year) else f"after {HEADLINE_HORIZON}"


def year_phrase(year: float | None) -> str:
    """Return a decimal year as the third of the year that it falls in, for sentences.

    Examples
    --------
    >>> year_phrase(2028.5), year_phrase(2033.9), year_phrase(2031.0), year_phrase(None)
    ('mid-2028', 'late 2033', 'early 2031', 'after 2050')
    """
    if year is None or not _told(year):
        return f"after {HEADLINE_HORIZON}"
    part = ("early ", "mid-", "late ")[min(int(3 * (year - math.floor(year))), 2)]
    return f"{part}{int(year)}"


def year_tenth(year: float | None) -> str:
    """Return a decimal year as the tenth of the year that it falls in, for tables of differences.

    Examples
    --------
    >>> year_tenth(2027.96), year_tenth(2027.3), year_tenth(float("inf"))
    ('2027.9', '2027.3', 'after 2050')
    """
    if year is None or not _told(year):
        return f"after {HEADLINE_HORIZON}"
    # Nudged, since 2027.3 itself is stored as a little less.
    return f"{math.floor(10 * year + 1e-9) / 10:.1f}"


def _told(year: float) -> bool:
    return year < HEADLINE_HORIZON + 1


def date_words(date: str) -> str:
    """Return an ISO date as a sentence says it.

    Examples
    --------
    >>> date_words("2026-09-22")
    '22 September 2026'
    """
    day = dt.date.fromisoformat(date)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
"""In English whatever the locale."""

_COUNTS = ("no times", "once", "twice", "three times", "four times", "five times", "six times", "seven times",
           "eight times", "nine times", "ten times")  # fmt: skip


def times_words(factor: float) -> str:
    """Return how often something is done, to the nearest whole number.

    Examples
    --------
    >>> times_words(3.1), times_words(1.9), times_words(16.0)
    ('three times', 'twice', '16 times')
    """
    count = round(factor)
    return _COUNTS[count] if count < len(_COUNTS) else f"{count} times"


def years_moved(years: float | None) -> str:
    """Return a move of the median in years.

    Examples
    --------
    >>> years_moved(1.25), years_moved(0.0), years_moved(float("inf")), years_moved(None)
    ('+1.2', '0', 'to never', 'not known')
    """
    if years is None:
        return "not known"
    if math.isinf(years):
        return "to never" if years > 0 else "from never"
    return f"{years:+.1f}" if abs(years) >= 0.05 else "0" if years == 0 else f"{years:+.2g}"


def points_moved(share: float | None) -> str:
    """Return a move of a probability in percentage points.

    Examples
    --------
    >>> points_moved(-0.12), points_moved(0.0), points_moved(0.002)
    ('-12', '0', '+0.2')
    """
    if share is None:
        return "not known"
    points = 100 * share
    return "0" if abs(points) < 1e-9 else f"{points:+.0f}" if abs(points) >= 1 else f"{points:+.2g}"


SIZES = ((1e18, "quintillion"), (1e15, "quadrillion"), (1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
"""Names of large numbers; below the last a number is written out."""


def quantity_words(value: float) -> str:
    """Return a large number as people say it.

    Examples
    --------
    >>> quantity_words(4.5e13), quantity_words(3.2e14), quantity_words(1.2e15), quantity_words(2.5e10)
    ('45 trillion', '320 trillion', '1.2 quadrillion', '25 billion')
    """
    rounded = float(f"{value:.2g}")
    for size, name in SIZES:
        if rounded >= size:
            return f"{float(f'{rounded / size:.2g}'):g} {name}"
    return f"{rounded:g}"


__all__ = [
    "FIVES",
    "HEADLINE_HORIZON",
    "MONTHS",
    "ODDS",
    "WHOLE_POINTS",
    "Odds",
    "date_words",
    "odds",
    "odds_told",
    "percent_words",
    "quantity_words",
    "tight",
    "times_words",
    "year_phrase",
    "year_tenth",
    "year_words",
]
