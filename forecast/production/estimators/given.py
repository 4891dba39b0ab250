"""A raw stock given outright by a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.production.estimator import Estimator, growing
from forecast.production.estimators.indexed_web import IndexedWeb


@dataclass(frozen=True)
class Given(Estimator):
    """A raw stock in 2024 that the scenario states, growing as the indexed web does.

    Parameters
    ----------
    raw : LogNormal
        Raw stock on 1 January 2024 (tokens).
    source : str
        Where the number comes from.
    """

    name: ClassVar[str] = "given"
    title: ClassVar[str] = "Raw stock as the scenario gives it"
    lineage: ClassVar[str] = "scenario"
    resource_name: ClassVar[str] = "public_text"
    kind: ClassVar[Literal["estimate", "lower bound", "given"]] = "given"
    formula: ClassVar[str] = r"S(t) = S_{2024}\,(g_P\,g_b)^{t-2024}"

    raw: LogNormal = LogNormal(1.0, 0.0, 0.0)
    source: str = ""

    @property
    def sources(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the scenario's own source."""
        return (self.source,)

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw the level and the indexed web's growth."""
        web = IndexedWeb()
        return {
            "raw": self.raw.sample(rng, size),
            "growth": web.page_growth.sample(rng, size) * web.bytes_growth.sample(rng, size),
        }

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        return growing(np.log10(draws["raw"]), draws["growth"], years)
