"""Studies of the machine-written share of new public pages, and tests of their detectors, from the shipped table."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from forecast.core.units import decimal_year
from forecast.production.tables import number, rows


@dataclass(frozen=True)
class Study:
    """One published share of machine-written text.

    Parameters
    ----------
    population : str
        What was sampled.
    detector : str
        What told machine from human.
    year : float
        Decimal year.
    share : float
        As detected (fraction).
    """

    population: str
    detector: str
    year: float
    share: float


POPULATIONS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "articles, detector Surfer": (
        "articles",
        (("new English articles in Common Crawl sample (65000 URLs)", "share_ai_generated_articles"),),
    ),
    "articles, three detectors": (
        "articles",
        (("new English articles in Common Crawl sample (55400 pages)", "share_primarily_ai_generated_articles"),),
    ),
    "pages mostly machine-written": (
        "pages",
        tuple(
            ("new English web pages (900000)", measure)
            for measure in (
                "share_pages_ai_content_41_to_70pct",
                "share_pages_ai_content_71_to_99pct",
                "share_pages_pure_ai",
            )
        ),
    ),
}
"""Studies of new public pages: name of the series, its population, and rows of the table ``synthetic_share``.

Left out: samples of one kind of writer (newspapers, Wikipedia, press releases, abstracts, comments, job postings), which
are no sample of new pages; pages with *any* machine-written text (74 %), many of which are mostly human; pages chosen by a
search engine; text on active pages, old and new together; what is stated as a lower bound; machine-translated sentences,
which are older than 2022; and the share of new websites (Dolezal et al. 2026), whose licence forbids derivatives: the
tests hold the fit against it. Of the 900,000 pages those with more than 40 % machine-written text count."""

_SUMMED = ("pages mostly machine-written",)


@functools.cache
def studies() -> tuple[Study, ...]:
    """Return the published shares that samples of new public pages give.

    Rows of one series and date are one reading: their mean (two reports of one study), or their sum (classes of pages).

    Examples
    --------
    >>> sorted({study.population for study in studies()})
    ['articles', 'pages']
    """
    found = []
    for series, (population, wanted) in POPULATIONS.items():
        by_date: dict[str, list[float]] = {}
        for row in rows("synthetic_share"):
            if (row["population"], row["measure"]) in wanted and row["kind"] == "measured_share":
                by_date.setdefault(row["date"], []).append(number(row["share"]))
        for date in sorted(by_date):
            share = sum(by_date[date]) if series in _SUMMED else float(np.mean(by_date[date]))
            found.append(Study(population, series, decimal_year(date), share))
    return tuple(found)


@functools.cache
def detector_tests() -> dict[str, tuple[float, float]]:
    """Return false-positive and miss rates of a detector where a test is published."""
    rates = {row["measure"]: number(row["share"]) for row in rows("synthetic_share") if row["kind"] == "detector_error"}
    known = (rates["detector_false_positive_rate"], rates["detector_false_negative_rate"])
    return {"articles, detector Surfer": known}
