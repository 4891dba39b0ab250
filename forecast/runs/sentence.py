"""The quotable sentence of a forecast, and how its years and probabilities are put into words."""

from __future__ import annotations

from forecast.runs.document_types import Document

HEADLINE_HORIZON = 2050
"""Headline statements go no further than this year (calendar year)."""

HEADLINE_YEAR = 2030
"""The year of the quotable sentence (calendar year, by its end)."""


def headline(document: Document, title: str) -> str | None:
    """Return the quotable sentence, every number taken from the document."""
    if document["diagnostics"]["verdict"] == "FAIL":
        return None
    year = document["exhaustion_year"]
    probability = percent(year["probability_by"][str(HEADLINE_YEAR)])
    low, high = (year_words(end) for end in year["intervals"]["0.8"])
    return (
        f"{probability} probability that by the end of {HEADLINE_YEAR} the largest training run reaches the effective "
        f"stock of {title} (model probability; median {year_words(year['median'])}, 80 % interval {low} to {high}; "
        f"scenario {document['scenario']}, data as of {document['as_of']})."
    )


def percent(share: float) -> str:
    """Return a probability in words fit for a sentence: never 0 % or 100 %.

    Examples
    --------
    >>> percent(0.412), percent(0.0004), percent(0.999)
    ('41 %', 'less than 1 %', 'more than 99 %')
    """
    if share < 0.01:
        return "less than 1 %"
    return "more than 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def year_words(year: float | None) -> str:
    """Return a decimal year as the calendar year that it falls in; beyond the headline horizon as "after 2050".

    Examples
    --------
    >>> year_words(2031.9), year_words(None)
    ('2031', 'after 2050')
    """
    if year is None or year >= HEADLINE_HORIZON + 1:
        return f"after {HEADLINE_HORIZON}"
    return str(int(year))


__all__ = ["HEADLINE_HORIZON", "HEADLINE_YEAR", "headline", "percent", "year_words"]
