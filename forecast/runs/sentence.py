"""The horizon and the year of the headline, and how tables write years and probabilities."""

from __future__ import annotations

from forecast.core.wording import HEADLINE_HORIZON, year_words

HEADLINE_YEAR = 2030
"""The year of the quotable sentence (calendar year, by its end)."""

NO_HEADLINE = "No headline: the diagnostics say FAIL."
"""What stands in place of the sentence where the diagnostics say FAIL."""


def percent(share: float) -> str:
    """Return a probability in words fit for a table: never 0% or 100%.

    Examples
    --------
    >>> percent(0.412), percent(0.0004), percent(0.999)
    ('41%', 'less than 1%', 'more than 99%')
    """
    if share < 0.01:
        return "less than 1%"
    return "more than 99%" if share > 0.99 else f"{100 * share:.0f}%"


__all__ = ["HEADLINE_HORIZON", "HEADLINE_YEAR", "NO_HEADLINE", "percent", "year_words"]
