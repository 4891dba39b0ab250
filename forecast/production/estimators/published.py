"""What others have published about the stock, each at the layer at which it was measured, or left out with a reason."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.units import REFERENCE_YEAR, decimal_year
from forecast.ingest.conditions import ENTERING
from forecast.production.combining import Kind, Layer
from forecast.production.estimator import Estimator, growing
from forecast.production.estimators.counted_pages import PAGES_TO_TOKENS, TOKENS_PER_PAGE
from forecast.production.estimators.indexed_web import IndexedWeb
from forecast.production.tables import number, row, rows

UNSTATED_SD = 0.30
"""Error of a figure without an interval (log10; judgement: a factor of four either way at 95 %)."""

GROWTH = LogNormal.from_interval(1.03, 1.10, 0.80, median=1.07)
"""Yearly growth of the stock of data (factor): Sevilla et al. 2024, "Can AI scaling continue through 2030?"."""

_DRAWS = 20_000
_IN_TOKENS = {False: "", True: ", in tokens"}


@dataclass(frozen=True)
class Reading:
    """A published figure at the reference year.

    Parameters
    ----------
    name : str
        The row of the table, with its source.
    lineage, publisher : str
        Whose inputs it shares, and who published it.
    kind : {"estimate", "lower bound", "upper bound"}
        What it is to its layer.
    layer : {"raw", "after_quality_filter", "usable_share"}
        Where it was measured.
    stock : LogNormal
        Tokens on 1 January 2024, or a share; without the error of a conversion that others share.
    conversion_sd : float
        That error (log10).
    source : str
        Title and address.
    """

    name: str
    lineage: str
    publisher: str
    kind: Kind
    layer: Layer
    stock: LogNormal
    conversion_sd: float
    source: str


@functools.cache
def readings() -> tuple[Reading, ...]:
    """Return the published figures that say something about the public text, raw or filtered.

    The table ``stock_mapping`` says of every published stock of text whether it is comparable, and why. What is stated
    for a later date is brought back to 2024 by `GROWTH`.

    Examples
    --------
    >>> sorted({reading.layer for reading in readings()})
    ['after_quality_filter', 'raw', 'usable_share']
    """
    found = []
    for mapped in rows("stock_mapping"):
        if mapped["use"] not in ENTERING:
            continue
        stated = _stated(mapped)
        later = decimal_year(mapped["reference_date"]) - REFERENCE_YEAR
        factor, own, common = _conversion(mapped["conversion"])
        if mapped["layer"] != "usable_share":
            factor /= GROWTH.median**later
        figure = _distribution(stated, number(mapped["assumed_interval_level_share"]))
        title = stated["source_title"]
        found.append(
            Reading(
                name=f"{mapped['name']}{_IN_TOKENS[mapped['conversion'] != 'as stated']} ({title.split(',')[0]})",
                lineage=mapped["lineage"],
                publisher=mapped["publisher"],
                kind=cast(Kind, mapped["use"]),
                layer=cast(Layer, mapped["layer"]),
                stock=LogNormal(
                    figure.median * factor,
                    float(np.hypot(figure.sd_low, own)),
                    float(np.hypot(figure.sd_high, own)),
                ),
                conversion_sd=common,
                source=f"{title}, {stated['source_url']}",
            )
        )
    return tuple(found)


def raw_estimates() -> list[Reading]:
    """Return the published estimates of the raw stock."""
    return [reading for reading in readings() if (reading.kind, reading.layer) == ("estimate", "raw")]


def _stated(mapped: Mapping[str, str]) -> Mapping[str, str]:
    """Return the row that a mapping is about; a corpus states one number, its tokens."""
    name, date = mapped["name"], mapped["reference_date"]
    if mapped["table"] == "text_corpora":
        corpus = row("text_corpora", name=name, release_date=date)
        return {
            "low": "",
            "median": corpus["tokens"],
            "high": "",
            "source_title": "released corpus",
            "source_url": corpus["source_url"],
        }
    return row("stock_estimates", name=name, unit=mapped["unit"], reference_date=date)


def _distribution(stated: Mapping[str, str], assumed_level: float) -> LogNormal:
    low, median, high = (number(stated[column]) for column in ("low", "median", "high"))
    if np.isnan(low) or np.isnan(high):
        return LogNormal(median, UNSTATED_SD, UNSTATED_SD)
    level = number(stated["interval_level_share"])
    return LogNormal.from_interval(
        low, high, assumed_level if np.isnan(level) else level, median=None if np.isnan(median) else median
    )


@functools.cache
def _conversion(name: str) -> tuple[float, float, float]:
    """Return the factor to tokens, its error, and the error that other lineages share (log10)."""
    if name == "as stated":
        return 1.0, 0.0, 0.0
    if name == "pages to tokens (released corpora)":
        return TOKENS_PER_PAGE.median, 0.0, PAGES_TO_TOKENS
    rng = generator(DEFAULT_SEED, "production", "pages to tokens")
    web = IndexedWeb()
    tokens = web.bytes_per_page.sample(rng, _DRAWS) / (6.0 - web.six_less_bytes_per_token.sample(rng, _DRAWS))
    return float(np.median(tokens)), float(np.std(np.log10(tokens))), 0.0


@dataclass(frozen=True)
class Published(Estimator):
    """A pool of the published estimates of the raw stock: lineages count equally, and so do the figures within one.

    Parameters
    ----------
    growth : LogNormal
        Yearly factor; each future keeps its own.
    """

    name: ClassVar[str] = "published"
    title: ClassVar[str] = "Published estimates, pooled"
    version: ClassVar[int] = 2
    lineage: ClassVar[str] = "epoch"
    resource_name: ClassVar[str] = "public_text"
    tables: ClassVar[tuple[str, ...]] = ("stock_estimates", "stock_mapping", "text_corpora")
    formula: ClassVar[str] = r"S(t) = S_i\,g^{t-2024}, \qquad i \sim \text{lineages, then figures}"

    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "growth": ("factor a year", "Sevilla et al. 2024, 'Can AI scaling continue through 2030?'"),
    }

    growth: LogNormal = GROWTH

    @property
    def sources(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the sources of the figures, and of the growth."""
        named = (reading.source for reading in raw_estimates())
        return (*dict.fromkeys(named), "growth: Sevilla et al. 2024, 'Can AI scaling continue through 2030?'")

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw a lineage, a figure of it, the level and the growth."""
        known = raw_estimates()
        lineages = [reading.lineage for reading in known]
        chance = np.array([1 / lineages.count(lineage) for lineage in lineages]) / len(set(lineages))
        chosen = rng.choice(len(known), size=size, p=chance)
        quantile = rng.uniform(size=size)
        raw = np.array([reading.stock.quantile(quantile) for reading in known])[chosen, np.arange(size)]
        return {"raw": raw, "growth": self.growth.sample(rng, size)}

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        return growing(np.log10(draws["raw"]), draws["growth"], years)
