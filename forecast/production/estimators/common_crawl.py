"""A lower bound: the addresses that Common Crawl has fetched, each counted once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.units import decimal_year
from forecast.production.estimator import Estimator
from forecast.production.estimators.indexed_web import IndexedWeb
from forecast.production.tables import numbers, rows

OWN_TEXT_SHARE = LogNormal.from_interval(0.50, 0.95, 0.90, upper=1.0)
"""Share of addresses with a text of their own (fraction). Judgement: identical pages are 2 % of a crawl (digests over
addresses); texts that differ only in dates, counters or menus are more, and were never counted over all crawls."""


@functools.cache
def cumulative_addresses() -> tuple[np.ndarray, np.ndarray]:
    """Return the addresses that Common Crawl has fetched so far.

    Examples
    --------
    >>> years, addresses = cumulative_addresses()
    >>> bool((np.diff(addresses) > 0).all())
    True
    """
    years = np.array([decimal_year(row["date"]) for row in rows("common_crawl_monthly")])
    return years, numbers("common_crawl_monthly", "cumulative_urls_estim")


@dataclass(frozen=True)
class CommonCrawl(Estimator):
    """Unique addresses fetched up to a date, times plain-text bytes per page, over bytes per token.

    There is at least that much public text. It is no estimate: the crawls are scheduled to overlap as their operator
    chooses, so that capture and recapture says nothing about the pages that none of them fetched. After the last crawl
    the bound stays.

    Parameters
    ----------
    bytes_per_page : LogNormal
        Plain text a page (bytes).
    six_less_bytes_per_token : LogNormal
        6 less the bytes per token (bytes), as for the indexed web.
    own_text_share : LogNormal
        Share of addresses with a text of their own (fraction).
    """

    name: ClassVar[str] = "common_crawl"
    title: ClassVar[str] = "Addresses fetched by Common Crawl, each once"
    lineage: ClassVar[str] = "common_crawl"
    resource_name: ClassVar[str] = "public_text"
    tables: ClassVar[tuple[str, ...]] = ("common_crawl_monthly",)
    kind: ClassVar[Literal["estimate", "lower bound", "given"]] = "lower bound"
    formula: ClassVar[str] = r"S(t) \ge \frac{A(t)\,u\,b}{k}"
    sources: ClassVar[tuple[str, ...]] = (
        "Common Crawl, crawl statistics: cumulative unique addresses",
        "Villalobos et al. 2024, arXiv 2211.04325v2: bytes a page and bytes a token",
        "judgement: 50 to 95 % of the addresses have a text of their own (90 %)",
    )
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "bytes_per_page": ("bytes", sources[1]),
        "six_less_bytes_per_token": ("bytes", sources[1]),
        "own_text_share": ("share", sources[2]),
    }

    bytes_per_page: LogNormal = IndexedWeb.bytes_per_page
    six_less_bytes_per_token: LogNormal = IndexedWeb.six_less_bytes_per_token
    own_text_share: LogNormal = OWN_TEXT_SHARE

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw bytes per page, bytes per token and the share of addresses with a text of their own."""
        return {
            "bytes_per_page": self.bytes_per_page.sample(rng, size),
            "bytes_per_token": 6.0 - self.six_less_bytes_per_token.sample(rng, size),
            "own_text_share": self.own_text_share.sample(rng, size),
        }

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year); before the first crawl the bound is a single address."""
        dates, addresses = cumulative_addresses()
        counted = np.interp(years, dates, addresses, left=1.0)
        tokens = draws["own_text_share"] * draws["bytes_per_page"] / draws["bytes_per_token"]
        return np.log10(tokens)[:, None] + np.log10(counted)[None, :]
