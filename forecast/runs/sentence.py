"""The horizon and the year of the headline, and how tables write years and probabilities."""

from __future__ import annotations

from forecast.core.wording import HEADLINE_HORIZON, percent_words, year_words

HEADLINE_YEAR = 2030
"""The year of the quotable sentence (calendar year, by its end)."""

NO_HEADLINE = "No headline: the diagnostics say FAIL."
"""What stands in place of the sentence where the diagnostics say FAIL."""


percent = percent_words
"""A probability fit for a table: never 0% or 100%."""

__all__ = ["HEADLINE_HORIZON", "HEADLINE_YEAR", "NO_HEADLINE", "percent", "year_words"]
