"""A search engine's index, by the sworn word of its owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from forecast.core.distributions import LogNormal
from forecast.production.estimators.counted_pages import TOKENS_PER_PAGE_SOURCE, CountedPages, inputs

_TESTIMONY = (
    "P. Nayak's testimony in US v. Google: about 400 billion documents in 2020, by the HTTP Archive's Web Almanac 2024 "
    "(read second hand, table stock_estimates)"
)
_RANGE = (
    "judgement: a factor of two either way at 80 %, since an index leaves out what is not worth serving and holds other "
    "documents than pages"
)


@dataclass(frozen=True)
class IndexTestimony(CountedPages):
    """Documents in Google's index of 2020, brought to 2024 by the growth of pages, times tokens a page.

    It is the same index that the indexed web estimates from outside, counted by those who hold it.

    Parameters
    ----------
    pages : LogNormal
        Documents at the end of 2020: 4e11, and 2e11 to 8e11 at 80 %.
    tokens_per_page : LogNormal
        Tokens a page (tokens): 842 to 1,750 at 80 %.
    page_growth, bytes_growth : LogNormal
        Yearly factors of the indexed web; each future keeps its own through time.
    """

    name: ClassVar[str] = "index_testimony"
    title: ClassVar[str] = "Google's index, by sworn testimony"
    lineage: ClassVar[str] = "google_testimony"
    sources: ClassVar[tuple[str, ...]] = (_TESTIMONY, _RANGE, TOKENS_PER_PAGE_SOURCE)
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = inputs(f"{_TESTIMONY}; {_RANGE}")
    counted_at: ClassVar[float] = 2021.0

    pages: LogNormal = LogNormal.from_interval(2e11, 8e11, 0.80)
