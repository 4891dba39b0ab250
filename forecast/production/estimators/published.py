"""Stocks that others have published, each turned into raw public text or left out with a reason."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.units import REFERENCE_YEAR, decimal_year
from forecast.production.estimator import Estimator
from forecast.production.estimators.indexed_web import IndexedWeb
from forecast.production.tables import number, row, rows

UNSTATED_SD = 0.30
"""Error of a figure without an interval (log10; judgement: a factor of four either way at 95 %)."""

USABLE_SHARE = LogNormal.from_interval(0.10, 0.40, 0.95)
"""Share of raw text that a strict filter leaves (fraction): Villalobos et al. 2024, arXiv 2211.04325v2."""

GROWTH = LogNormal.from_interval(1.03, 1.10, 0.80, median=1.07)
"""Yearly growth of the stock of data (factor): Sevilla et al. 2024, "Can AI scaling continue through 2030?"."""

_DRAWS = 20_000
_AS_RAW = {False: "", True: ", as raw text"}


@dataclass(frozen=True)
class Reading:
    """A published figure as raw public text at the reference year.

    Parameters
    ----------
    name : str
        The row of the table, with its source.
    lineage : str
        Whose inputs it shares.
    kind : {"estimate", "lower bound"}
        What it is to the stock.
    stock : LogNormal
        Raw tokens on 1 January 2024.
    source : str
        Title and address.
    """

    name: str
    lineage: str
    kind: Literal["estimate", "lower bound"]
    stock: LogNormal
    source: str


@functools.cache
def readings() -> tuple[Reading, ...]:
    """Return the published figures that say something about the raw public text.

    The table ``stock_mapping`` says of every published stock of text whether it is comparable, and why. What is stated
    for a later date is brought back to 2024 by `GROWTH`.

    Examples
    --------
    >>> sorted({reading.lineage for reading in readings()})
    ['common_crawl', 'cummins', 'epoch']
    """
    found = []
    for mapped in rows("stock_mapping"):
        if mapped["use"] not in ("estimate", "lower bound"):
            continue
        name, unit, date = mapped["name"], mapped["unit"], mapped["reference_date"]
        stated = row("stock_estimates", name=name, unit=unit, reference_date=date)
        later = decimal_year(date) - REFERENCE_YEAR
        factor, error = _conversion(mapped["conversion"])
        factor /= GROWTH.median**later
        figure = _distribution(stated, number(mapped["assumed_interval_level_share"]))
        found.append(
            Reading(
                name=f"{name}{_AS_RAW[mapped['conversion'] != 'as stated']} ({stated['source_title'].split(',')[0]})",
                lineage=mapped["lineage"],
                kind="estimate" if mapped["use"] == "estimate" else "lower bound",
                stock=LogNormal(
                    figure.median * factor,
                    float(np.hypot(figure.sd_low, error)),
                    float(np.hypot(figure.sd_high, error)),
                ),
                source=f"{stated['source_title']}, {stated['source_url']}",
            )
        )
    return tuple(found)


def _distribution(stated: Mapping[str, str], assumed_level: float) -> LogNormal:
    low, median, high = (number(stated[column]) for column in ("low", "median", "high"))
    if np.isnan(low) or np.isnan(high):
        return LogNormal(median, UNSTATED_SD, UNSTATED_SD)
    level = number(stated["interval_level_share"])
    return LogNormal.from_interval(
        low, high, assumed_level if np.isnan(level) else level, median=None if np.isnan(median) else median
    )


@functools.cache
def _conversion(name: str) -> tuple[float, float]:
    """Return the factor to raw tokens, and its error (log10)."""
    if name == "as stated":
        return 1.0, 0.0
    if name == "divide by usable share":
        return 1 / USABLE_SHARE.median, USABLE_SHARE.sd_low
    rng = generator(DEFAULT_SEED, "production", "pages to tokens")
    web = IndexedWeb()
    tokens = web.bytes_per_page.sample(rng, _DRAWS) / (6.0 - web.six_less_bytes_per_token.sample(rng, _DRAWS))
    return float(np.median(tokens)), float(np.std(np.log10(tokens)))


@dataclass(frozen=True)
class Published(Estimator):
    """A pool of the published estimates: lineages count equally, and so do the figures within one.

    Parameters
    ----------
    growth : LogNormal
        Yearly factor; each future keeps its own.
    """

    name: ClassVar[str] = "published"
    title: ClassVar[str] = "Published estimates, pooled"
    lineage: ClassVar[str] = "epoch"
    resource_name: ClassVar[str] = "public_text"
    tables: ClassVar[tuple[str, ...]] = ("stock_estimates", "stock_mapping")
    formula: ClassVar[str] = r"S(t) = S_i\,g^{t-2024}, \qquad i \sim \text{lineages, then figures}"

    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "growth": ("factor a year", "Sevilla et al. 2024, 'Can AI scaling continue through 2030?'"),
    }

    growth: LogNormal = GROWTH

    @property
    def sources(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the sources of the figures, and of the growth."""
        named = (reading.source for reading in readings() if reading.kind == "estimate")
        return (*dict.fromkeys(named), "growth: Sevilla et al. 2024, 'Can AI scaling continue through 2030?'")

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw a lineage, a figure of it, the level and the growth."""
        known = [reading for reading in readings() if reading.kind == "estimate"]
        lineages = [reading.lineage for reading in known]
        chance = np.array([1 / lineages.count(lineage) for lineage in lineages]) / len(set(lineages))
        chosen = rng.choice(len(known), size=size, p=chance)
        quantile = rng.uniform(size=size)
        raw = np.array([reading.stock.quantile(quantile) for reading in known])[chosen, np.arange(size)]
        return {"raw": raw, "growth": self.growth.sample(rng, size)}

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year)."""
        return np.log10(draws["raw"])[:, None] + np.log10(draws["growth"])[:, None] * (years - REFERENCE_YEAR)[None, :]
