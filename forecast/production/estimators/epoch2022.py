"""The stocks of Epoch AI's analysis of 2022, kept as it defined them.

Three definitions in one file, since they are one analysis: they share its draws, its growth by internet users and its
words, and none is meant to be changed. `forecast.replicate` runs that analysis again in its own units; here the same
stocks serve as estimators, words turned into tokens.

References
----------
Villalobos et al. (2022), https://doi.org/10.48550/arXiv.2211.04325, version 1.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.core.seeds import DEFAULT_SEED
from forecast.core.units import WORDS_PER_TOKEN
from forecast.production.estimator import Estimator
from forecast.production.stocks2022 import (
    HIGH_QUALITY_GROWTH,
    HIGH_QUALITY_YEAR,
    Stock,
    draw_stocks,
    grid_quantiles,
    language_density,
    vision_density,
)

SOURCE = "Villalobos et al. 2022, arXiv 2211.04325v1, and the inputs of its published code"
"""Where all three come from."""

FIRST_YEAR, LAST_YEAR = 2017.0, 2101.0
"""Years that the analysis can say something about (decimal years): Common Crawl counts from 2016, people end in 2100."""

KNOT_STEP = 2.0
"""Years between the dates at which a density is computed; between them a quantile runs straight in log10."""

_DRAWS = 20_000


@functools.cache
def _stocks() -> dict[str, Stock]:
    return draw_stocks(DEFAULT_SEED, _DRAWS)


@functools.cache
def _language_density(year: float) -> np.ndarray:
    return language_density(_stocks(), year)


@functools.cache
def _vision_density(year: float) -> np.ndarray:
    return vision_density(_stocks(), year)


def _paths(density: Callable[[float], np.ndarray], levels: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return paths that keep their quantile through time; outside the years of the analysis they stay level."""
    years = np.clip(years, FIRST_YEAR, LAST_YEAR)
    first = FIRST_YEAR + KNOT_STEP * np.floor((years.min() - FIRST_YEAR) / KNOT_STEP)
    knots = np.arange(first, years.max() + KNOT_STEP, KNOT_STEP)
    at_knots = np.stack([grid_quantiles(density(float(knot)), levels) for knot in knots], axis=1)
    left = np.clip(np.searchsorted(knots, years, side="right") - 1, 0, len(knots) - 2)
    part = (years - knots[left]) / KNOT_STEP
    return np.asarray(at_knots[:, left] * (1 - part) + at_knots[:, left + 1] * part)


@dataclass(frozen=True)
class Epoch2022(Estimator):
    """What the paper's stocks share: its sources, and a quantile that a future keeps where no other draw is needed."""

    lineage: ClassVar[str] = "epoch2022"
    sources: ClassVar[tuple[str, ...]] = (SOURCE,)
    tables: ClassVar[tuple[str, ...]] = ("world_population",)

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw the quantile that a future keeps."""
        return {"quantile": rng.uniform(size=size)}


@dataclass(frozen=True)
class Epoch2022Language(Epoch2022):
    """All language data as the paper of 2022 mixed it: internet users, platforms, Common Crawl, and between bounds."""

    name: ClassVar[str] = "epoch2022_language"
    title: ClassVar[str] = "Low-quality language data as defined in 2022"
    resource_name: ClassVar[str] = "public_text"
    formula: ClassVar[str] = r"p(\log S) = \sum_i w_i\,p_i(\log S \mid t)"

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        return _paths(_language_density, draws["quantile"], np.asarray(years)) - np.log10(WORDS_PER_TOKEN)


@dataclass(frozen=True)
class Epoch2022HighQuality(Epoch2022):
    """High-quality language data as the paper of 2022 counted them: books, papers and code, and what they stand for."""

    name: ClassVar[str] = "epoch2022_high_quality"
    title: ClassVar[str] = "High-quality language data as defined in 2022"
    resource_name: ClassVar[str] = "high_quality_text"
    formula: ClassVar[str] = r"S(t) = \frac{\text{code} + \text{papers} + \text{books}}{h}\,g^{t-2022.01}"

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw the level and its growth."""
        level = rng.choice(_stocks()["high_quality"].log10_factor, size=size)
        return {"log10_words": level, "growth": HIGH_QUALITY_GROWTH.sample(rng, size)}

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        tokens = draws["log10_words"] - np.log10(WORDS_PER_TOKEN)
        later = np.asarray(years, dtype=float) - HIGH_QUALITY_YEAR
        return np.asarray(tokens[:, None] + np.log10(draws["growth"])[:, None] * later[None, :])


@dataclass(frozen=True)
class Epoch2022Images(Epoch2022):
    """Images as the paper of 2022 bounded them: between an external count and what platforms receive."""

    name: ClassVar[str] = "epoch2022_images"
    title: ClassVar[str] = "Images as defined in 2022"
    resource_name: ClassVar[str] = "images"
    formula: ClassVar[str] = r"p(\log S) \propto P(\text{external} < 1.6\,S)\,P(\text{platforms} > S / 2.5)"

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 images, shape (draw, year)."""
        return _paths(_vision_density, draws["quantile"], np.asarray(years))
