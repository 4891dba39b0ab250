"""What figures show, as their titles say it: one sentence each, its numbers from the run.

A forecast without a headline is one whose numbers must not be quoted: its figures then carry a plain title.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.core.resources import RESOURCES
from forecast.core.wording import percent_words, year_phrase, year_words
from forecast.runs.document_types import Document
from forecast.runs.sentence import HEADLINE_YEAR

Row = tuple[str, Mapping[str, Any]]


def of_run(document: Document, finding: str, plain: str) -> str:
    """Return what a figure shows, or its plain title where the run must not be quoted."""
    return plain if document["sentence"] is None else finding


def usable(document: Document) -> str:
    """Return what the effective stock is called for readers."""
    return f"usable {RESOURCES[document['resource']].title}"


def told(document: Document) -> str:
    """Return the probability of the headline, in as many digits as it has."""
    year, error = document["exhaustion_year"], document.get("monte_carlo_error")
    by = str(HEADLINE_YEAR)
    return percent_words(year["probability_by"][by], error and error["probability_by"][by])


def probability(document: Document) -> str:
    """Say how likely exhaustion is by the headline year."""
    finding = f"By the end of {HEADLINE_YEAR} the odds are {told(document)} that a training run could need all {usable(document)}"
    return of_run(document, finding, "Has the largest training run reached the stock?")


def crossing(document: Document) -> str:
    """Say when the largest feasible run reaches the stock."""
    when = year_phrase(document["exhaustion_year"]["median"])
    finding = f"The largest feasible run meets all {usable(document)}: central estimate {when}"
    return of_run(document, finding, "The largest training set against the effective stock")


def years_between(document: Document, rows: Sequence[Row], across: str, plain: str) -> str:
    """Say between which central years rows of exhaustion years lie."""
    medians = [year["median"] for _, year in rows]
    if not medians:
        return plain
    low = min((median for median in medians if median is not None), default=None)
    high = None if None in medians else max(medians)
    first, last = year_words(low), year_words(high)
    lie = f"Central estimates run from {first} to {last}" if first != last else f"The central estimate stays {first}"
    return of_run(document, f"{lie}, {across}", plain)


def growth(document: Document) -> str:
    """Say how fast the frontier is expected to grow next."""
    found = document["consumption"]["growth_oom_per_year"]
    low, middle, high = (10**x for x in (found["intervals"]["0.8"][0], found["median"], found["intervals"]["0.8"][1]))
    finding = f"Growth expected over the next year: ×{middle:.2g} (eight in ten futures: ×{low:.2g} to ×{high:.2g})"
    return of_run(document, finding, "How fast the largest training set grows")


def members(document: Document) -> str:
    """Say how far the growth models lie apart."""
    shares = [
        (member["exhaustion_year"]["probability_by"][str(HEADLINE_YEAR)])
        for member in document["consumption"]["members"]
        if member["weight"] > 0
    ]
    plain = "Each growth model's own answer"
    if len(shares) < 2:
        return plain
    low, high = percent_words(min(shares)), percent_words(max(shares))
    return of_run(document, f"Growth models differ: {low} to {high} by the end of {HEADLINE_YEAR}", plain)
