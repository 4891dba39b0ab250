"""Text on the indexed web: pages times plain-text bytes a page, over bytes a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.distributions import LogNormal
from forecast.production.estimator import Estimator
from forecast.units import REFERENCE_YEAR

_EPOCH_2024 = "Villalobos et al. 2024, arXiv 2211.04325v2, and the inputs of its published code"


@dataclass(frozen=True)
class IndexedWeb(Estimator):
    """Raw text behind the index of a search engine, growing by pages and by bytes a page.

    Parameters
    ----------
    pages : LogNormal
        Unique indexed pages in 2024 (pages).
    bytes_per_page : LogNormal
        Plain text a page (bytes).
    six_less_bytes_per_token : LogNormal
        6 less the bytes a token (bytes), cut so that a token has 1 to 6 bytes: uncut, one draw in a thousand is
        negative, and mere positivity leaves the mean infinite.
    page_growth, bytes_growth : LogNormal
        Yearly factors; each future keeps its own through time.
    """

    name: ClassVar[str] = "indexed_web"
    title: ClassVar[str] = "Text on the indexed web"
    lineage: ClassVar[str] = "epoch"
    resource_name: ClassVar[str] = "public_text"
    formula: ClassVar[str] = r"S(t) = \frac{P\,b}{k}\,(g_P\,g_b)^{t-2024}"
    sources: ClassVar[tuple[str, ...]] = (_EPOCH_2024,)

    pages: LogNormal = LogNormal.from_interval(7.5e10, 1e12, 0.95)
    bytes_per_page: LogNormal = LogNormal.from_interval(6100, 8200, 0.95)
    six_less_bytes_per_token: LogNormal = LogNormal.from_interval(1, 4, 0.95, upper=5.0)
    page_growth: LogNormal = LogNormal.from_interval(1.00, 1.10, 0.95)
    bytes_growth: LogNormal = LogNormal.from_interval(1.02, 1.04, 0.95)

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw pages, bytes a page, bytes a token and the two growth factors."""
        return {
            "pages": self.pages.sample(rng, size),
            "bytes_per_page": self.bytes_per_page.sample(rng, size),
            "bytes_per_token": 6.0 - self.six_less_bytes_per_token.sample(rng, size),
            "growth": self.page_growth.sample(rng, size) * self.bytes_growth.sample(rng, size),
        }

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        level = np.log10(draws["pages"] * draws["bytes_per_page"] / draws["bytes_per_token"])
        return level[:, None] + np.log10(draws["growth"])[:, None] * (years - REFERENCE_YEAR)[None, :]
