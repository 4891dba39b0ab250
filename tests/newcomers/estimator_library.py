"""Text in libraries: titles times tokens a title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.units import REFERENCE_YEAR
from forecast.production.estimator import Estimator


@dataclass(frozen=True)
class Library(Estimator):
    """Raw text of all titles, growing by a constant factor a year.

    Parameters
    ----------
    titles : LogNormal
        Titles in 2024 (titles).
    tokens_a_title : LogNormal
        Tokens a title (tokens).
    growth : LogNormal
        Yearly factor; each future keeps its own through time.
    """

    name: ClassVar[str] = "library"
    title: ClassVar[str] = "Text in libraries"
    lineage: ClassVar[str] = "library"
    resource_name: ClassVar[str] = "public_text"
    formula: ClassVar[str] = r"S(t) = n\,w\,g^{t-2024}"
    sources: ClassVar[tuple[str, ...]] = ("judgement: an example for this test",)
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "titles": ("titles", "judgement: an example for this test"),
        "tokens_a_title": ("tokens a title", "judgement: an example for this test"),
        "growth": ("factor a year", "judgement: an example for this test"),
    }

    titles: LogNormal = LogNormal.from_interval(1e9, 4e9, 0.95)
    tokens_a_title: LogNormal = LogNormal.from_interval(1e5, 4e5, 0.95)
    growth: LogNormal = LogNormal.from_interval(1.01, 1.03, 0.95)

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw titles, tokens a title and growth."""
        return {
            "titles": self.titles.sample(rng, size),
            "tokens_a_title": self.tokens_a_title.sample(rng, size),
            "growth": self.growth.sample(rng, size),
        }

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        level = np.log10(draws["titles"] * draws["tokens_a_title"])
        return level[:, None] + np.log10(draws["growth"])[:, None] * (years - REFERENCE_YEAR)[None, :]
