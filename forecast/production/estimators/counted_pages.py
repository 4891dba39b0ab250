"""What counts of pages share: pages of a date, tokens a page, and the indexed web's growth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.units import REFERENCE_YEAR
from forecast.production.estimator import Estimator, growing
from forecast.production.estimators.indexed_web import IndexedWeb

TOKENS_PER_PAGE = LogNormal.from_interval(842, 1750, 0.80)
"""Tokens a page with a text of its own: 842 in the pool of Dolma 3, 1,462 in RedPajama v2 without duplicates (tokens over
documents, table ``text_corpora``), 1,750 by Villalobos et al. 2024 (7,000 bytes at 4 a token). That 80 % lies between them
is judgement. The laboratories whose pages are counted do not publish it."""

TOKENS_PER_PAGE_SOURCE = (
    "table text_corpora: 842 (Dolma 3 pool) to 1,462 (RedPajama v2); 1,750 by Villalobos et al. 2024; judgement: 80 %"
)

PAGES_TO_TOKENS = (TOKENS_PER_PAGE.sd_low + TOKENS_PER_PAGE.sd_high) / 2
"""Error of this conversion (log10): all who use it share it."""


@dataclass(frozen=True)
class CountedPages(Estimator):
    """Pages counted at a date, brought to 2024 by the growth of the number of pages, times tokens a page of 2024."""

    resource_name: ClassVar[str] = "public_text"
    formula: ClassVar[str] = r"S(t) = P\,g_P^{2024-t_P}\,d\,(g_P\,g_b)^{t-2024}"
    counted_at: ClassVar[float]
    """When the pages were counted (decimal year)."""

    pages: LogNormal
    tokens_per_page: LogNormal = TOKENS_PER_PAGE
    page_growth: LogNormal = IndexedWeb.page_growth
    bytes_growth: LogNormal = IndexedWeb.bytes_growth

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        before = np.log10(draws["page_growth"]) * (self.counted_at - REFERENCE_YEAR)
        level = np.log10(draws["pages"] * draws["tokens_per_page"]) - before
        return growing(level, draws["page_growth"] * draws["bytes_growth"], years)


def inputs(pages: str) -> Mapping[str, tuple[str, str]]:
    """Return unit and source of each field, for the ledger."""
    return {
        "pages": ("pages", pages),
        "tokens_per_page": ("tokens", TOKENS_PER_PAGE_SOURCE),
        "page_growth": IndexedWeb.inputs["page_growth"],
        "bytes_growth": IndexedWeb.inputs["bytes_growth"],
    }
