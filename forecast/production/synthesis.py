"""All estimators of public text in one: a latent raw stock in 2024, what a strict filter leaves of it, and growth.

What is estimated is the text of the indexed public web and of what else people publish on it, in tokens, on 1 January
2024: every page once, before any filter and after a strict one. What was measured after the filter enters there.
Estimators that count something else stay out, row by row, in the table ``stock_mapping``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtr

from forecast.core.distributions import LogNormal
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.units import REFERENCE_YEAR
from forecast.errors import InputError, unknown_name
from forecast.production.combining import (
    LINEAGE_SCALE,
    OWN_SCALE,
    USABLE_SHARE,
    Combined,
    Kind,
    Measurement,
    combine,
    conflict,
)
from forecast.production.estimator import Estimator
from forecast.production.estimators.common_crawl import CommonCrawl
from forecast.production.estimators.counted_pages import PAGES_TO_TOKENS, CountedPages
from forecast.production.estimators.crawl_pages import CrawlPages
from forecast.production.estimators.index_testimony import IndexTestimony
from forecast.production.estimators.indexed_web import IndexedWeb
from forecast.production.estimators.people import People
from forecast.production.estimators.published import Published, readings
from forecast.production.estimators.released_corpora import ReleasedCorpora
from forecast.production.lineages import BY_INPUTS, DRAWINGS

ENTRANTS: tuple[type[Estimator], ...] = (IndexedWeb, People, CrawlPages, IndexTestimony, CommonCrawl, ReleasedCorpora)
"""Estimators that enter as one measurement each; the figures of `Published` enter one by one."""

ROUTES: tuple[type[Estimator], ...] = (IndexedWeb, Published, People)
"""Estimators whose growth futures follow: lineages equally often, then estimators within one."""

_MEASURING_DRAWS = 20_000


@dataclass(frozen=True)
class EstimatorEntry:
    """An estimator as a result shows it.

    Parameters
    ----------
    name, title, lineage, kind, layer : str
        What it is, and what it measured.
    measured_2024 : array, shape (draw,)
        Tokens of its layer on 1 January 2024 by its own account.
    raw_2024 : array, shape (draw,)
        Raw tokens on that day: what was measured after the filter is divided by the prior of the usable share. This is
        for comparison only, and does not enter.
    conflict_p : float
        Its prior-data conflict (probability); near zero means that it contradicts the other lineages.
    sources : tuple of str
        Where it comes from.
    """

    name: str
    title: str
    lineage: str
    kind: str
    layer: str
    measured_2024: np.ndarray
    raw_2024: np.ndarray
    conflict_p: float
    sources: tuple[str, ...]


@functools.cache
def measurements() -> tuple[Measurement, ...]:
    """Return everything that is known about the stock of 2024, with lineages by inputs.

    Examples
    --------
    >>> [one.name for one in measurements()][:2]
    ['indexed_web', 'people']
    """
    found = []
    for entrant in ENTRANTS:
        log10 = _log10_2024(entrant(), DEFAULT_SEED, _MEASURING_DRAWS)
        kind: Kind = "lower bound" if entrant.kind == "lower bound" else "estimate"
        common = PAGES_TO_TOKENS if issubclass(entrant, CountedPages) else 0.0
        sd = float(np.sqrt(log10.var() - common**2))
        found.append(Measurement(entrant.name, entrant.lineage, kind, float(log10.mean()), sd, conversion_sd=common))
    for reading in readings():
        mean, sd = log10_moments(reading.stock)
        found.append(
            Measurement(
                reading.name, reading.lineage, reading.kind, mean, sd, reading.layer, reading.conversion_sd,
                reading.publisher,
            )
        )  # fmt: skip
    return tuple(found)


def log10_moments(stock: LogNormal) -> tuple[float, float]:
    """Return mean and sd of log10 of an untruncated split lognormal.

    Examples
    --------
    >>> mean, sd = log10_moments(LogNormal(1e15, 0.3, 0.3))
    >>> round(mean, 9), round(sd, 9)
    (15.0, 0.3)
    """
    shift = (stock.sd_high - stock.sd_low) / np.sqrt(2 * np.pi)
    square = (stock.sd_low**2 + stock.sd_high**2) / 2
    return float(np.log10(stock.median) + shift), float(np.sqrt(square - shift**2))


def _log10_2024(estimator: Estimator, seed: int, size: int) -> np.ndarray:
    draws = estimator.draw(generator(seed, "production", "measure", estimator.name), size)
    return estimator.log10_stock(draws, np.array([REFERENCE_YEAR]))[:, 0]


def check_left_out(leave_out: Sequence[str]) -> None:
    """Refuse names that are no part of the synthesis."""
    if not leave_out:
        return
    known = measurements()
    # "published" stands for all published figures together; a lineage may be named by inputs or by publisher.
    names = {word for one in known for word in _words(one)} | {Published.name}
    for name in leave_out:
        if name not in names:
            raise unknown_name("measurement, estimator or lineage", name, sorted(names))


def _words(one: Measurement) -> set[str]:
    """Return the words that leave a measurement out."""
    return {one.name, one.lineage, one.publisher} - {""}


def _left_over(leave_out: Sequence[str]) -> list[Measurement]:
    check_left_out(leave_out)
    published = {reading.name for reading in readings()}
    return [
        one
        for one in measurements()
        if not _words(one) & set(leave_out) and not (one.name in published and Published.name in leave_out)
    ]


@dataclass(frozen=True)
class Synthesis(Estimator):
    """The public text of 2024 by all estimators together, raw and after a strict filter, with lineages that share errors.

    A future's level and usable share come from the combination. Its growth is that of one estimator's future, drawn once:
    lineages with a growth of their own count equally, however the lineages of the levels are drawn, and so do the
    estimators within one. What an estimator says about growth does not depend on what it says about the level (its words
    per user, or its pages, only scale), so that any level goes with any growth.

    Parameters
    ----------
    leave_out : tuple of str
        Names of measurements, estimators or lineages that do not count.
    lineage_scale, own_scale : float
        Scales of the half-normal priors of shared and of own biases (log10).
    lineages : str
        How the lineages are drawn: a name of `forecast.production.lineages.DRAWINGS`.
    share_prior : LogNormal
        Prior of the share of raw text that a strict filter leaves (fraction).

    Examples
    --------
    >>> import forecast as fc
    >>> fc.production.Synthesis(leave_out=("people",)).leave_out
    ('people',)
    """

    name: ClassVar[str] = "synthesis"
    title: ClassVar[str] = "All estimators of public text together"
    version: ClassVar[int] = 2
    lineage: ClassVar[str] = "synthesis"
    resource_name: ClassVar[str] = "public_text"
    formula: ClassVar[str] = (
        r"y_j = x_j + d_j a + b_{l(j)} + e_{l(j)} + c_j, \qquad S(t) = 10^{\theta}\,S_i(t) / S_i(2024)"
    )

    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "lineage_scale": (
            "log10",
            "judgement: careful counts of one quantity by different routes often lie a factor of two apart",
        ),
        "own_scale": ("log10", "judgement: those who use the same inputs mostly differ by 25 %"),
        "share_prior": ("share", "Villalobos et al. 2024, arXiv 2211.04325v2: prior; what is measured moves it"),
    }

    leave_out: tuple[str, ...] = ()
    lineage_scale: float = LINEAGE_SCALE
    own_scale: float = OWN_SCALE
    lineages: str = BY_INPUTS
    share_prior: LogNormal = USABLE_SHARE

    @property
    def sources(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the sources of everything that enters."""
        entrants: tuple[type[Estimator], ...] = (*ENTRANTS, Published)
        return tuple(dict.fromkeys(source for entrant in entrants for source in entrant().sources))

    @property
    def tables(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the tables of everything that enters."""
        entrants: tuple[type[Estimator], ...] = (*ENTRANTS, Published)
        return tuple(dict.fromkeys(name for entrant in entrants for name in entrant.tables))

    def combined(self, rng: np.random.Generator, size: int) -> Combined:
        """Return draws of level, biases and scales.

        Examples
        --------
        >>> import forecast as fc
        >>> whole = fc.production.Synthesis()
        >>> len(whole.combined(np.random.default_rng(1), 5).level)
        5
        """
        drawing = DRAWINGS[self.lineages]
        left = [drawing.drawn(one) for one in _left_over(self.leave_out)]
        return combine(
            left,
            rng,
            size,
            lineage_scale=self.lineage_scale,
            own_scale=self.own_scale,
            share=self.share_prior,
        )

    def share_ranks(self, *, seed: int, size: int) -> np.ndarray:
        """Return where in its prior the usable share of each future lies, for the same futures as `draw_estimator`.

        Examples
        --------
        >>> ranks = Synthesis().share_ranks(seed=1, size=200)
        >>> bool((ranks > 0).all() and (ranks < 1).all())
        True
        """
        return _share_ranks(self, seed, size)

    def routes(self) -> tuple[type[Estimator], ...]:
        """Return the estimators whose growth futures follow.

        Examples
        --------
        >>> import forecast as fc
        >>> whole = fc.production.Synthesis()
        >>> "indexed_web" in [route.name for route in whole.routes()]
        True
        """
        kept = tuple(r for r in ROUTES if r.name not in self.leave_out and r.lineage not in self.leave_out)
        if not kept:
            raise InputError(
                f"a synthesis without {', '.join(self.leave_out)}",
                f"at least one of {', '.join(r.name for r in ROUTES)}, which state how the stock grows",
                "leave fewer out",
            )
        return kept

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw the level, the usable share, the biases of the lineages, the estimator to grow with, and the inputs of each.

        Examples
        --------
        >>> import forecast as fc
        >>> whole = fc.production.Synthesis()
        >>> {len(values) for values in whole.draw(np.random.default_rng(1), 5).values()}
        {5}
        """
        routes = self.routes()
        found = self.combined(rng, size)
        lineages = [route.lineage for route in routes]
        chance = np.array([1 / lineages.count(lineage) for lineage in lineages]) / len(set(lineages))
        draws = {"log10_level": found.level, "log10_share": found.share}
        draws |= {"route": rng.choice(len(routes), size=size, p=chance)}
        draws |= {f"bias.{lineage}": bias for lineage, bias in found.biases.items()}
        for route in routes:
            draws |= {f"{route.name}.{name}": values for name, values in route().draw(rng, size).items()}
        return draws

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year).

        Examples
        --------
        >>> import forecast as fc
        >>> whole = fc.production.Synthesis()
        >>> draws = whole.draw(np.random.default_rng(1), 5)
        >>> whole.log10_stock(draws, np.array([2024.0, 2030.0])).shape
        (5, 2)
        """
        years = np.asarray(years, dtype=float)
        return self._scaled(draws, lambda route, own: route.log10_stock(own, years), len(years))

    def log10_flow(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens that are new in a year, shape (draw, year): those of the estimator that a future follows.

        Examples
        --------
        >>> import forecast as fc
        >>> whole = fc.production.Synthesis()
        >>> draws = whole.draw(np.random.default_rng(1), 5)
        >>> whole.log10_flow(draws, np.array([2024.0, 2030.0])).shape
        (5, 2)
        """
        years = np.asarray(years, dtype=float)
        return self._scaled(draws, lambda route, own: route.log10_flow(own, years), len(years))

    def _scaled(
        self,
        draws: Mapping[str, np.ndarray],
        log10_path: Callable[[Estimator, Mapping[str, np.ndarray]], np.ndarray],
        years: int,
    ) -> np.ndarray:
        """Take each future's path from the estimator that it follows, and bring it to the future's own level."""
        paths = np.empty((len(draws["route"]), years))
        for index, route in enumerate(self.routes()):
            follows = draws["route"] == index
            prefix = f"{route.name}."
            own = {name.removeprefix(prefix): v[follows] for name, v in draws.items() if name.startswith(prefix)}
            estimator = route()
            level = estimator.log10_stock(own, np.array([REFERENCE_YEAR]))
            paths[follows] = draws["log10_level"][follows, None] + log10_path(estimator, own) - level
        return paths


@functools.lru_cache(maxsize=4)
def _share_ranks(synthesis: Synthesis, seed: int, size: int) -> np.ndarray:
    share = synthesis.combined(generator(seed, "production", synthesis.name), size).share
    prior = synthesis.share_prior
    sd = np.where(share < np.log10(prior.median), prior.sd_low, prior.sd_high)
    return np.clip(ndtr((share - np.log10(prior.median)) / sd), 1e-12, 1 - 1e-12)


def estimator_entries(
    seed: int = DEFAULT_SEED, draws: int = 4000, lineages: str = BY_INPUTS
) -> tuple[EstimatorEntry, ...]:
    """Return every estimator and published figure of public text, with its own answer and its conflict."""
    known = [DRAWINGS[lineages].drawn(one) for one in measurements()]
    own = {entrant.name: entrant for entrant in ENTRANTS}
    read = {reading.name: reading for reading in readings()}
    entries = []
    for one in known:
        if one.layer == "usable_share":
            continue
        rng = generator(seed, "production", "measure", one.name)
        if one.name in own:
            estimator = own[one.name]()
            title, sources = estimator.title, estimator.sources
            tokens = 10 ** _log10_2024(estimator, seed, draws)
        else:
            reading = read[one.name]
            title, sources = reading.name, (reading.source,)
            tokens = reading.stock.sample(rng, draws) * 10 ** (one.conversion_sd * rng.standard_normal(draws))
        raw = tokens if one.layer == "raw" else tokens / USABLE_SHARE.sample(rng, draws)
        p = conflict(one, known, generator(seed, "production", "conflict", one.name), draws)
        entries.append(EstimatorEntry(one.name, title, one.lineage, one.kind, one.layer, tokens, raw, p, sources))
    return tuple(entries)
