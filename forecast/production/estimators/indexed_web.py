"""Text on the indexed web: pages times plain-text bytes per page, over bytes per token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.production.estimator import Estimator, growing

_EPOCH_2024 = "Villalobos et al. 2024, arXiv 2211.04325v2, and the inputs of its published code"

SMALLEST_TURNOVER = 0.001
"""New pages over all pages (per year), at least. Judgement: in a web that shrinks some pages are new all the same."""


@dataclass(frozen=True)
class IndexedWeb(Estimator):
    """Raw text behind the index of a search engine, growing by pages and by bytes per page.

    Parameters
    ----------
    pages : LogNormal
        Unique indexed pages in 2024 (pages).
    bytes_per_page : LogNormal
        Plain text a page (bytes).
    six_less_bytes_per_token : LogNormal
        6 less the bytes per token (bytes), cut so that a token has 1 to 6 bytes: uncut, one draw in a thousand is
        negative, and mere positivity leaves the mean infinite.
    page_growth, bytes_growth : LogNormal
        Yearly factors; each future keeps its own through time.
    link_rot : LogNormal
        Share of the pages that vanish in a year (fraction) and are replaced: they count for what is new in a year, not
        for the growth of the stock.
    """

    name: ClassVar[str] = "indexed_web"
    title: ClassVar[str] = "Text on the indexed web"
    lineage: ClassVar[str] = "epoch"
    resource_name: ClassVar[str] = "public_text"
    formula: ClassVar[str] = r"S(t) = \frac{P\,b}{k}\,(g_P\,g_b)^{t-2024}"
    sources: ClassVar[tuple[str, ...]] = (
        _EPOCH_2024,
        "link rot: 2 to 16 % a year, the range of the studies that the same paper names; its probability is judgement",
    )
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "pages": ("pages", _EPOCH_2024),
        "bytes_per_page": ("bytes", _EPOCH_2024),
        "six_less_bytes_per_token": ("bytes", _EPOCH_2024),
        "page_growth": ("factor a year", _EPOCH_2024),
        "bytes_growth": ("factor a year", _EPOCH_2024),
        "link_rot": ("share a year", sources[1]),
    }

    pages: LogNormal = LogNormal.from_interval(7.5e10, 1e12, 0.95)
    bytes_per_page: LogNormal = LogNormal.from_interval(6100, 8200, 0.95)
    six_less_bytes_per_token: LogNormal = LogNormal.from_interval(1, 4, 0.95, upper=5.0)
    page_growth: LogNormal = LogNormal.from_interval(1.00, 1.10, 0.95)
    bytes_growth: LogNormal = LogNormal.from_interval(1.02, 1.04, 0.95)
    link_rot: LogNormal = LogNormal.from_interval(0.02, 0.16, 0.95, upper=0.9)

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw pages, bytes per page, bytes per token, growth of pages and of bytes, and link rot."""
        draws = {
            "pages": self.pages.sample(rng, size),
            "bytes_per_page": self.bytes_per_page.sample(rng, size),
            "bytes_per_token": 6.0 - self.six_less_bytes_per_token.sample(rng, size),
            "page_growth": self.page_growth.sample(rng, size),
            "bytes_growth": self.bytes_growth.sample(rng, size),
            "link_rot": self.link_rot.sample(rng, size),
        }
        return {**draws, "growth": draws["page_growth"] * draws["bytes_growth"]}

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        level = np.log10(draws["pages"] * draws["bytes_per_page"] / draws["bytes_per_token"])
        return growing(level, draws["growth"], years)

    def new_pages(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the pages that are new in a year, those that replace vanished ones included."""
        return growing(np.log10(draws["pages"]) + np.log10(_turnover(draws)), draws["page_growth"], years)

    def bytes_per_new_page(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the plain text of a new page.

        A page keeps its size, so that the mean grows by new pages alone and these are larger than the mean. With pages
        P, their mean b, growth rates p and q of the two and the rate v at which pages of mean size vanish,
        ``d(P b)/dt = P b (p + q)`` is ``P (p + v) b_new - P v b``, so that ``b_new = b (p + q + v) / (p + v)``.
        """
        ratio = 1 + np.log(draws["bytes_growth"]) / _turnover(draws)
        return growing(np.log10(draws["bytes_per_page"] * ratio), draws["bytes_growth"], years)

    def log10_flow(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the text that is new in a year: new pages times their bytes, over bytes per token."""
        years = np.asarray(years, dtype=float)
        text = self.new_pages(draws, years) + self.bytes_per_new_page(draws, years)
        return text - np.log10(draws["bytes_per_token"])[:, None]


def _turnover(draws: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the rate at which new pages come (per year): growth of the number of pages plus those that vanish."""
    return np.maximum(np.log(draws["page_growth"]) - np.log1p(-draws["link_rot"]), SMALLEST_TURNOVER)
