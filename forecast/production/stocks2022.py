"""The analysis of 2022: its stocks of language and of images.

Inputs are those of the paper (v1); a plain range is a 5 to 95 % interval, which fixes a lognormal. All is in words and
images, not tokens. Most stocks are a random factor times a count of people that grows with time, so that one set of
draws, moved along the log axis, is the stock of any year.

References
----------
Villalobos et al. (2022), https://doi.org/10.48550/arXiv.2211.04325, version 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.core.distributions import LogNormal, z_of
from forecast.core.seeds import generator
from forecast.production.online_people import DIGITAL_SPEECH, ONLINE_2022, people_by_year, person_years

BASE_YEAR = 2022.0
"""Year of the paper's levels (decimal year)."""
WORDS_PER_TERABYTE = 2e11
"""Words in a terabyte of text (count), five bytes per word."""
HIGH_QUALITY_GROWTH = LogNormal.from_interval(1.02, 1.06, level=0.90)
"""Growth of the high-quality stock (factor a year)."""
HIGH_QUALITY_YEAR = 2022.01
"""Year of its level (decimal year)."""

GRID = np.arange(9.0, 22.0, 0.01)
"""log10 of words or images on which densities are computed."""
STEP = 0.01
"""Its step (log10)."""
LANGUAGE_WEIGHTS = {
    "published": {"internet_users": 1.0, "popular_platforms": 2.0, "common_crawl": 2.0, "bounds": 5.0},
    "stored": {"internet_users": 1.0, "popular_platforms": 2.0, "common_crawl": 2.0, "recorded_speech": 1.0},
}
"""Weights of the language stocks, by variant: as of October 2022, behind the published years; and as stored later."""
VISION_WEIGHTS = {"vision_platforms": 0.7, "vision_external": 0.3}
"""Weights of the vision stocks in the stored variant."""

LANGUAGE = ("recorded_speech", "internet_users", "popular_platforms", "common_crawl", "indexed_websites")
VISION = ("vision_platforms", "vision_external")
"""Stock models of each kind."""

_MINUTES = 365 * 24 * 60


@dataclass(frozen=True)
class Stock:
    """One stock: draws of a factor, and how it grows.

    Parameters
    ----------
    log10_factor : array, shape (draw,)
        log10 of the random factor.
    log10_scale : callable
        From decimal years to log10 of what multiplies it.

    Examples
    --------
    >>> stock = Stock(np.zeros(100), lambda year: 12.0 + 0 * np.asarray(year))
    >>> float(round(GRID[np.argmax(stock.density(2022.0))], 2))
    12.0
    """

    log10_factor: np.ndarray
    log10_scale: Callable[[float | np.ndarray], np.ndarray]

    def log10(self, year: float) -> np.ndarray:
        """Return the draws of the stock at a year."""
        return self.log10_factor + self.log10_scale(year)

    def paths(self, chosen: np.ndarray, years: np.ndarray) -> np.ndarray:
        """Return draws as paths through time."""
        return self.log10_factor[chosen, None] + self.log10_scale(years)[None, :]

    def density(self, year: float) -> np.ndarray:
        """Return the density of log10 stock on `GRID`."""
        return histogram(self.log10(year))


def histogram(log10_draws: np.ndarray) -> np.ndarray:
    """Return the density of draws on `GRID`, each draw shared between its two neighbours."""
    place = (log10_draws - GRID[0]) / STEP
    place = place[(place >= 0) & (place < len(GRID) - 1)]
    left = place.astype(np.int64)
    share = place - left
    counts = np.bincount(left, 1 - share, len(GRID)) + np.bincount(left + 1, share, len(GRID))
    return normalise(counts)


def normalise(curve: np.ndarray) -> np.ndarray:
    """Scale a curve on `GRID` so that it integrates to one."""
    return curve / (curve.sum() * STEP)


def grid_quantiles(density: np.ndarray, levels: float | np.ndarray) -> np.ndarray:
    """Return quantiles of a density on `GRID`."""
    return np.interp(levels, np.cumsum(density) * STEP, GRID)


def draw_stocks(seed: int, draws: int) -> dict[str, Stock]:
    """Draw every stock model of the paper."""
    years, online = people_by_year(ONLINE_2022)
    now = float(np.log10(online[years == BASE_YEAR][0]))

    def users(year: float | np.ndarray) -> np.ndarray:
        return np.log10(person_years(ONLINE_2022, year, first=1951, inclusive=True))

    def relative(year: float | np.ndarray) -> np.ndarray:
        return users(year) - now

    def speech(year: float | np.ndarray) -> np.ndarray:
        return np.log10(person_years(DIGITAL_SPEECH, year, first=1951, inclusive=True))

    def since_2016(year: float | np.ndarray) -> np.ndarray:
        return np.log10(np.asarray(year, dtype=float) - 2016)

    def constant(year: float | np.ndarray) -> np.ndarray:
        return np.zeros_like(np.asarray(year, dtype=float))

    scales = {
        "recorded_speech": speech,
        "internet_users": users,
        "popular_platforms": relative,
        "common_crawl": since_2016,
        "indexed_websites": constant,
        "high_quality": constant,
        "vision_platforms": relative,
        "vision_external": relative,
    }
    factors = _draw_factors(seed, draws)
    return {name: Stock(np.log10(factors[name]), scale) for name, scale in scales.items()}


def _draw_factors(seed: int, draws: int) -> dict[str, np.ndarray]:
    """Draw the random part of every stock; where high-quality growth falls below one the draw is left out."""

    def between(stream: str, low: float, high: float, upper: float = np.inf) -> np.ndarray:
        rng = generator(seed, "replicate", "epoch2022", stream)
        return LogNormal.from_interval(low, high, 0.90, upper=upper).sample(rng, draws)

    middle, sd = (0.005 + 0.5) / 2, (0.5 - 0.005) / 2 / z_of(0.90)
    inside = ndtr((np.array([1e-18, 1.0]) - middle) / sd)
    uniform = generator(seed, "replicate", "epoch2022", "share recorded").uniform(*inside, size=draws)
    speech = 365 * between("words spoken", 5e3, 2e4) * (middle + sd * ndtri(uniform))

    video = 500 * _MINUTES * between("share with speech", 0.05, 0.5) * 9000
    tweets = 365 * 5e8 * between("tweet length", 10, 50)
    blogs = between("blog posts", 5e6, 1e7) * between("blog length", 200, 2000)  # a day, and so added to years
    platforms = (video + tweets + blogs) / between("platforms' share", 0.05, 0.4)

    kept = 1 - between("compression", 0.3, 0.85, upper=0.99)
    crawl = 12 * between("crawl size", 5, 10) * between("share new", 0.3, 0.7) / kept * WORDS_PER_TERABYTE

    growth = HIGH_QUALITY_GROWTH.sample(generator(seed, "replicate", "epoch2022", "growth of books"), draws)
    code = between("code", 21, 65) * between("source code", 0.05, 0.5) * WORDS_PER_TERABYTE
    papers = between("papers", 1e8, 1.7e8) * 6000
    published = between("books published", 1e6, 3e6) * between("digitised", 0.02, 0.2)
    positive = growth > 1  # the sum of a shrinking series of books has no meaning: 0.04 % of draws
    books = 0.5 * (published[positive] / np.log(growth[positive]) + between("digital books", 1e7, 3e7)[positive]) * 1e5
    quality = (code[positive] + papers[positive] + books) / between("represented", 0.3, 0.5)[positive]

    frames = between("video upload", 500, 800) * _MINUTES * 3600 * between("useful", 0.1, 0.5)
    photos = 365 * between("photos shared", 5e9, 2e10) / between("shares a photo", 5, 15)
    return {
        "recorded_speech": speech,
        "internet_users": between("text a user", 1e4, 1e5),
        "popular_platforms": platforms,
        "common_crawl": crawl,
        "indexed_websites": between("sites", 3e9, 1e11) * between("words a site", 500, 50_000),
        "high_quality": quality,
        "vision_platforms": frames + photos,
        "vision_external": between("images a year", 5e10, 2e11),
    }


def bounds_density(stocks: Mapping[str, Stock], year: float) -> np.ndarray:
    """Return the density that lies between a lower and an upper bound: Common Crawl and all recorded speech."""
    below, above = (np.cumsum(stocks[name].density(year)) * STEP for name in ("common_crawl", "recorded_speech"))
    return normalise(below * (1 - np.minimum(above, 1)))


def language_density(stocks: Mapping[str, Stock], year: float, variant: str = "published") -> np.ndarray:
    """Return the density of the low-quality language stock, a mixture of the stock models."""
    parts = {
        name: bounds_density(stocks, year) if name == "bounds" else stocks[name].density(year)
        for name in LANGUAGE_WEIGHTS[variant]
    }
    return normalise(sum((w * parts[name] for name, w in LANGUAGE_WEIGHTS[variant].items()), np.zeros_like(GRID)))


def vision_density(stocks: Mapping[str, Stock], year: float, variant: str = "published") -> np.ndarray:
    """Return the density of the stock of images."""
    parts = {name: stocks[name].density(year) for name in VISION_WEIGHTS}
    if variant == "stored":
        mixture = normalise(sum((w * parts[name] for name, w in VISION_WEIGHTS.items()), np.zeros_like(GRID)))
        low, high = grid_quantiles(mixture, np.array([0.05, 0.95]))
        sd = (high - low) / 2 / z_of(0.90)
        return normalise(np.exp(-0.5 * ((GRID - (low + high) / 2) / sd) ** 2))
    external, platforms = (np.cumsum(parts[name]) * STEP for name in ("vision_external", "vision_platforms"))
    lower, upper = np.interp(GRID + 0.2, GRID, external), np.interp(GRID - 0.4, GRID, platforms)
    return normalise(lower * (1 - np.minimum(upper, 1)))
