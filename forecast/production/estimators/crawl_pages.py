"""The distinct pages of one whole crawl, counted by the laboratory that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from forecast.core.distributions import LogNormal
from forecast.production.estimators.counted_pages import TOKENS_PER_PAGE_SOURCE, CountedPages, inputs

_FUNNEL = (
    "Microsoft AI 2026, MAI-Thinking-1, appendix on data (read second hand, table stock_estimates): 4.23e11 pages after "
    "exact and 1.9e11 after near deduplication"
)
_RANGE = (
    "judgement: 80 % between the pages left after near deduplication and 6.4e11, the exact-distinct ones plus the third "
    "that block lists removed"
)


@dataclass(frozen=True)
class CrawlPages(CountedPages):
    """Pages with a text of their own in Microsoft AI's crawl, times tokens a page of released corpora.

    A crawl finds what its operator lets it look for and leaves out what robots.txt closes; block lists remove pages that
    are text all the same; near-copies count as different texts: the range of pages has room for all three.

    Parameters
    ----------
    pages : LogNormal
        Distinct pages at the end of September 2025: 4.23e11, and 1.9e11 to 6.4e11 at 80 %.
    tokens_per_page : LogNormal
        Tokens a page (tokens): 842 to 1,750 at 80 %.
    page_growth, bytes_growth : LogNormal
        Yearly factors of the indexed web; each future keeps its own through time.
    """

    name: ClassVar[str] = "crawl_pages"
    title: ClassVar[str] = "Distinct pages of one whole crawl (Microsoft AI)"
    lineage: ClassVar[str] = "microsoft_crawl"
    sources: ClassVar[tuple[str, ...]] = (_FUNNEL, _RANGE, TOKENS_PER_PAGE_SOURCE)
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = inputs(f"{_FUNNEL}; {_RANGE}")
    counted_at: ClassVar[float] = 2025.75

    pages: LogNormal = LogNormal.from_interval(1.9e11, 6.4e11, 0.80, median=4.23e11)
