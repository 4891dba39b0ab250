"""How the analysis of 2024 draws the largest data set: a bootstrap slope, and a level set by hand or fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from forecast.core.distributions import LogNormal, z_of
from forecast.core.units import REFERENCE_YEAR

LARGEST_NOW = LogNormal.from_interval(3e12, 13e12, level=0.90)
"""Largest data set at the start of 2024, set by hand (tokens)."""
WORDS_PER_TOKEN = 0.8
"""The paper's words per token."""


@dataclass(frozen=True)
class Trend:
    """Bootstrap of a straight line through log10 sizes.

    Parameters
    ----------
    slope : array, shape (resample,)
        Growth (log10 a year).
    level : array, shape (resample,)
        log10 size on the line at `at`.
    at : float
        Decimal year.
    """

    slope: np.ndarray
    level: np.ndarray
    at: float


def bootstrap_trend(
    years: np.ndarray, log10_size: np.ndarray, rng: np.random.Generator, resamples: int = 10_000,
    at: float = REFERENCE_YEAR,
) -> Trend:  # fmt: skip
    """Fit a line to resampled rows, by least squares.

    Examples
    --------
    >>> line = bootstrap_trend(np.array([2022.0, 2023.0, 2024.0]), np.array([1.0, 2.0, 3.0]), np.random.default_rng(1))
    >>> bool(np.allclose(line.slope, 1) and np.allclose(line.level, 3))
    True
    """
    x = years - at
    weights = rng.multinomial(len(x), np.full(len(x), 1 / len(x)), size=resamples) / len(x)
    mean_x, mean_y, square, product = (weights @ column for column in (x, log10_size, x * x, x * log10_size))
    spread = square - mean_x**2
    kept = spread > 1e-9
    slope = (product - mean_x * mean_y)[kept] / spread[kept]
    return Trend(slope, mean_y[kept] - slope * mean_x[kept], at)


class Demand(Protocol):
    """How draws of the largest data set's line are made."""

    def draw(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Return log10 tokens at 2024.0 and growth (log10 a year), each of shape (size,)."""


@dataclass(frozen=True)
class HandSet:
    """Their demand: a level set by hand, and independent growth, normal through the bootstrap's 95 % interval.

    Parameters
    ----------
    growth_mean, growth_sd : float
        Of the growth (log10 a year).
    median : float
        Median level (tokens); `LARGEST_NOW` by default.
    at : float
        Decimal year at which the level holds.
    """

    growth_mean: float
    growth_sd: float
    median: float = LARGEST_NOW.median
    at: float = REFERENCE_YEAR

    @classmethod
    def from_trend(cls, trend: Trend, median: float = LARGEST_NOW.median, at: float = REFERENCE_YEAR) -> HandSet:
        """Take the growth from a bootstrap's 2.5 and 97.5 % points."""
        low, high = np.quantile(trend.slope, [0.025, 0.975])
        return cls(float(low + high) / 2, float(high - low) / 2 / z_of(0.95), median, at)

    def draw(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw lines, the level stated at `at`."""
        level = np.log10(self.median) + LARGEST_NOW.sd_low * rng.standard_normal(size)
        return level, self.growth_mean + self.growth_sd * rng.standard_normal(size)


@dataclass(frozen=True)
class Fitted:
    """Level and growth taken together from one bootstrap.

    Parameters
    ----------
    trend : Trend
        The bootstrap, its level at 2024.0.
    """

    trend: Trend

    def draw(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw lines, each level with its own growth."""
        chosen = rng.integers(len(self.trend.slope), size=size)
        return self.trend.level[chosen], self.trend.slope[chosen]


def load_dataset_sizes() -> tuple[np.ndarray, np.ndarray]:
    """Return the models that the paper regressed on."""
    import pandas as pd

    from forecast.ingest.catalog import load_table

    table = load_table("epoch_2024_dataset_sizes")
    days = pd.to_datetime(table["publication_date"].astype(str)) - pd.Timestamp("2024-01-01")
    return REFERENCE_YEAR + days.dt.days.to_numpy() / 365, table["dataset_size_words"].to_numpy(dtype=float)
