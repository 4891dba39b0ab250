"""Epoch AI's analysis of 2022, re-run: figures beside the published ones, and the procedure as a forecaster.

Three kinds of data (low-quality language, high-quality language, images) and two ways of projecting data sets:
the historical trend, which can be run from published inputs, and projected compute, whose table was never published
(`forecast.replicate.compute` rebuilds it for language; for images not even the law from compute to images is public).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.units import WORDS_PER_TOKEN
from forecast.errors import InputError
from forecast.production.stocks2022 import (
    BASE_YEAR,
    GRID,
    HIGH_QUALITY_GROWTH,
    HIGH_QUALITY_YEAR,
    LANGUAGE,
    LANGUAGE_WEIGHTS,
    VISION,
    Stock,
    bounds_density,
    draw_stocks,
    grid_quantiles,
    histogram,
    language_density,
    vision_density,
)
from forecast.replicate.analysis import (
    LEVELS,
    Analysis,
    PublishedNumber,
    Status,
    compare,
    quantile_map,
    summarise_draws,
)
from forecast.replicate.compute import draw_compute
from forecast.replicate.procedure2022 import IMAGES, WORDS, DataSets, published_procedure
from forecast.replicate.published_forecast import (
    HORIZON,
    PublishedForecast,
    grid_crossing,
    rows_to_date,
    trajectory_years,
)
from forecast.replicate.targets import Target, load_targets

if TYPE_CHECKING:
    import pandas as pd

NAME = "epoch2022"
TITLE = "Epoch AI (2022), Will we run out of data? An analysis of the limits of scaling datasets in machine learning"

TABLES = ("epoch_published", "world_population")
"""Shipped tables that this analysis reads."""

WHOLE_YEARS = np.arange(BASE_YEAR, HORIZON + 1)
"""Years at which paths are known (decimal years); straight between them in log10."""

DENSITY_DRAWS = 50_000
"""Most draws behind the density of the high-quality stock, which is estimated again for every tenth of a year (count)."""

COMPUTE_DRAWS = 4000
"""Paths of the compute route (count)."""

EARLIEST = 2017.0
"""Earliest origin of a forecast (decimal year): the crawl part of the stock starts in 2016."""

FEWEST_ROWS = 1
"""Rows that a forecast needs (count): the recipe's growth does not come from the rows."""


@dataclass(frozen=True)
class Kind:
    """One kind of data in the analysis.

    Parameters
    ----------
    name, unit : str
        Of the resource here, and what it is counted in.
    data_sets : DataSets
        Historical projection.
    whole_years : bool
        Whether the recipe knew it at whole years only.
    window : int
        Tenths of a year of the trailing moving average. Not published: these windows delay dates by half their width,
        0.8, 0.45 and 0 years, which is the delay that the published dates carry.
    """

    name: str
    unit: str
    data_sets: DataSets
    whole_years: bool
    window: int


KINDS = (
    Kind("low_quality_text", "words", WORDS, whole_years=True, window=17),
    Kind("high_quality_text", "words", WORDS, whole_years=False, window=10),
    Kind("images", "images", IMAGES, whole_years=True, window=1),
)
"""The three kinds of data."""


def run(*, seed: int = DEFAULT_SEED, draws: int = 100_000) -> Analysis:
    """Run the analysis again."""
    from forecast.ingest import attributions

    targets = load_targets(NAME)
    stocks = draw_stocks(seed, draws)
    figures = [*_stocks(stocks, targets), _growth(stocks, targets)]
    for kind in KINDS:
        figures += _exhaustion(kind, stocks, seed, draws, targets)
    return Analysis(NAME, TITLE, tuple(figures), seed, draws, interval=0.9, credits=tuple(attributions(TABLES)))


def forecast_from(table: pd.DataFrame, as_of: float, seed: int = DEFAULT_SEED, draws: int = 4000) -> PublishedForecast:
    """Forecast as the analysis of 2022 would have, from the rows known on a date.

    The level is the record to date, without an error of its own; growth is the paper's, normal through its published
    5 and 95 % points (0.265 and 0.392 log10 a year) whatever the rows say; the stock is the paper's low-quality
    language stock of October 2022, its words turned into tokens at 0.75 words per token.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"year": [2020.4, 2022.3], "tokens": [5e11, 2.7e12]})
    >>> forecast = forecast_from(rows, as_of=2022.8, seed=1, draws=500)
    >>> bool(2029 < np.median(forecast.exhaustion_year) < 2033)
    True
    """
    if as_of < EARLIEST:
        raise InputError(
            f"the date {as_of:g}", f"{EARLIEST:g} or later, when the paper's crawl stock starts", "choose a later date"
        )
    years, log10_tokens = rows_to_date(table, as_of, FEWEST_ROWS)
    record = float(log10_tokens.max())
    growth = WORDS.growth_mean + WORDS.growth_sd * generator(seed, "replicate", NAME, "forecast").standard_normal(draws)
    grid = np.arange(np.floor(as_of), HORIZON + 1)
    stock = _language_paths(seed, draws)[:, -len(grid) :] - np.log10(WORDS_PER_TOKEN)
    gap = stock - record - growth[:, None] * (grid - as_of)[None, :]
    times = trajectory_years(as_of)
    return PublishedForecast(
        name=NAME,
        as_of=as_of,
        exhaustion_year=grid_crossing(gap, grid, origin=as_of),
        years=times,
        log10_tokens=record + growth[:, None] * (times - as_of)[None, :],
        record_log10_tokens=record,
        rows=len(years),
    )


@lru_cache(maxsize=2)
def _language_paths(seed: int, draws: int) -> np.ndarray:
    """Keep the stock's paths from `EARLIEST` to the horizon: a backtest asks for the same ones at every origin."""
    years, rng = np.arange(EARLIEST, HORIZON + 1), generator(seed, "replicate", NAME, "paths")
    return language_paths(draw_stocks(seed, draws), rng, draws, years)


def language_paths(
    stocks: Mapping[str, Stock], rng: np.random.Generator, draws: int, years: np.ndarray, variant: str = "published"
) -> np.ndarray:
    """Draw the low-quality language stock as paths: each belongs to one stock model and one draw of it."""
    weights = LANGUAGE_WEIGHTS[variant]
    which = rng.choice(len(weights), size=draws, p=np.array(list(weights.values())) / sum(weights.values()))
    level, rows = rng.uniform(size=draws), rng.integers(len(stocks["internet_users"].log10_factor), size=draws)
    paths = np.empty((draws, len(years)))
    for index, name in enumerate(weights):
        chosen = which == index
        if name == "bounds":  # it has no draws of its own: a path keeps its place between the bounds
            paths[chosen] = _level_paths(lambda year: bounds_density(stocks, year), level[chosen], years)
        else:
            paths[chosen] = stocks[name].paths(rows[chosen], years)
    return paths


def _level_paths(density: Callable[[float], np.ndarray], level: np.ndarray, years: np.ndarray) -> np.ndarray:
    return np.stack([grid_quantiles(density(float(year)), level) for year in years], axis=1)


def _stocks(stocks: Mapping[str, Stock], targets: Mapping[str, Target]) -> list[PublishedNumber]:
    figures = []
    for name in (*LANGUAGE, "high_quality", *VISION):
        unit = "log10 images" if name in VISION else "log10 words"
        reason = "Not printed in the paper; its inputs, run."
        if name == "indexed_websites":
            reason += " It has no weight in the aggregate."
        ours = summarise_draws(stocks[name].log10(BASE_YEAR))
        figures.append(compare(f"stock.{name}.2022", unit, ours, targets, reason=reason))
    for kind, density in (("low_quality_text", language_density), ("images", vision_density)):
        for variant in ("published", "stored"):
            name = f"stock.{kind}.2022" if variant == "published" else f"stock.{kind}.2022.stored"
            unit = "log10 images" if kind == "images" else "log10 words"
            ours = quantile_map(list(grid_quantiles(density(stocks, BASE_YEAR, variant), np.array(LEVELS))))
            reason = "The mixture of October 2022, behind the published years."
            if variant == "stored":
                reason = "The mixture stored with the analysis later, which is not the one behind the published years."
            figures.append(compare(name, unit, ours, targets, reason=reason))
    words = 10 ** stocks["high_quality"].log10(BASE_YEAR)
    reason = (
        f"The published figure is near the mean of the draws ({words.mean():.3g} words); their median is lower. The"
        " mean has no limit, because the number of books divides by a growth rate that may be near zero."
    )
    return [*figures, compare("stock.high_quality_text.2022", "words", summarise_draws(words), targets, reason=reason)]


def _growth(stocks: Mapping[str, Stock], targets: Mapping[str, Target]) -> PublishedNumber:
    now, later = (language_density(stocks, year) for year in (BASE_YEAR, BASE_YEAR + 1))
    levels = np.array(LEVELS)
    rates = 10 ** (grid_quantiles(later, levels) - grid_quantiles(now, levels)) - 1
    mean = float((10**GRID * later).sum() / (10**GRID * now).sum() - 1)
    reason = (
        f"The paper does not say of what: the expected stock grows by {mean:.1%}, its median by {rates[4]:.1%}, its"
        " lower part faster. Quantiles here are growth rates of the same quantiles of the stock, lowest rate first."
    )
    return compare(
        "growth.language_stock.2022", "per year", quantile_map(sorted(rates.tolist())), targets, reason=reason
    )


def _exhaustion(
    kind: Kind, stocks: Mapping[str, Stock], seed: int, draws: int, targets: Mapping[str, Target]
) -> list[PublishedNumber]:
    density, paths = _sides(kind, stocks, seed, draws, "published")
    curve = published_procedure(density, kind.data_sets.values, whole_years=kind.whole_years, window=kind.window)
    base = f"exhaustion.{kind.name}"
    ours = quantile_map([curve.at(level) for level in LEVELS])
    reason = "The recipe as published: density of the ratio of logarithms at one, normalised over time."
    figures = [compare(f"{base}.historical", "year", ours, targets, reason=reason)]
    exact = summarise_draws(_passage(kind, paths, seed))
    late = (curve.at(0.5)) - (exact["0.5"] or np.inf)
    reason = f"First passage by paths from the same inputs: the recipe's median is {late:.1f} years late."
    figures.append(compare(f"{base}.first_passage", "year", exact, targets, reason=reason))
    if kind.name != "high_quality_text":
        density, paths = _sides(kind, stocks, seed, draws, "stored")
        curve = published_procedure(density, kind.data_sets.values, whole_years=kind.whole_years, window=kind.window)
        ours = quantile_map([curve.at(level) for level in LEVELS])
        reason = "With the mixture that was stored later, not the one behind the published years."
        figures.append(compare(f"{base}.historical.stored", "year", ours, targets, reason=reason))
        exact = summarise_draws(_passage(kind, paths, seed))
        figures.append(compare(f"{base}.first_passage.stored", "year", exact, targets, reason=reason))
    return [*figures, _by_compute(kind, stocks, seed, draws, targets)]


def _by_compute(
    kind: Kind, stocks: Mapping[str, Stock], seed: int, draws: int, targets: Mapping[str, Target]
) -> PublishedNumber:
    name = f"exhaustion.{kind.name}.compute"
    if kind.name == "images":
        reason = "Needs the compute table and the law from compute to images; neither is public."
        return compare(name, "year", None, targets, reason=reason, otherwise=_OUT, rebuilt=True)
    route, offset = draw_compute(seed, COMPUTE_DRAWS), np.log10(WORDS_PER_TOKEN)
    density, _ = _sides(kind, stocks, seed, draws, "published")
    curve = published_procedure(
        density, lambda year: route.log10_tokens(year) + offset, whole_years=kind.whole_years, window=kind.window
    )
    ours = quantile_map([curve.at(level) for level in LEVELS])
    target = targets.get(name)
    gap = "" if target is None else f" Ours lies {curve.at(0.5) - target.median:+.1f} years from the published median."
    reason = f"Needs a compute table that was never published; rebuilt from its description.{gap}"
    return compare(name, "year", ours, targets, reason=reason, otherwise=_OUT, rebuilt=True)


def _sides(
    kind: Kind, stocks: Mapping[str, Stock], seed: int, draws: int, variant: str
) -> tuple[Callable[[float], np.ndarray], Callable[[], np.ndarray]]:
    """Return a kind's stock twice: as a density by year, and as paths over `WHOLE_YEARS`."""
    rng = generator(seed, "replicate", NAME, "paths", kind.name, variant)
    if kind.name == "images":

        def images(year: float) -> np.ndarray:
            return vision_density(stocks, year, variant)

        return images, lambda: _level_paths(images, rng.uniform(size=draws), WHOLE_YEARS)
    if kind.name == "low_quality_text":
        return (
            lambda year: language_density(stocks, year, variant),
            lambda: language_paths(stocks, rng, draws, WHOLE_YEARS, variant),
        )
    level = stocks["high_quality"].log10(HIGH_QUALITY_YEAR)
    growth = np.log10(HIGH_QUALITY_GROWTH.sample(rng, len(level)))
    few = slice(0, DENSITY_DRAWS)
    return (
        lambda year: histogram(level[few] + growth[few] * (year - HIGH_QUALITY_YEAR)),
        lambda: level[:, None] + growth[:, None] * (WHOLE_YEARS - HIGH_QUALITY_YEAR)[None, :],
    )


def _passage(kind: Kind, paths: Callable[[], np.ndarray], seed: int) -> np.ndarray:
    stock, sets = paths(), kind.data_sets
    rng = generator(seed, "replicate", NAME, "growth", kind.name)
    growth = sets.growth_mean + sets.growth_sd * rng.standard_normal(len(stock))
    size = np.log10(sets.level) + growth[:, None] * (WHOLE_YEARS - BASE_YEAR + sets.lead)[None, :]
    return grid_crossing(stock - size, WHOLE_YEARS)


_OUT: Status = "not reproducible"
