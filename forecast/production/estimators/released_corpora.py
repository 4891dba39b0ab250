"""A lower bound: the largest corpus of human text that somebody has released."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.units import decimal_year
from forecast.production.estimator import Estimator
from forecast.production.estimators.common_crawl import OWN_TEXT_SHARE, cumulative_addresses
from forecast.production.tables import number, numbers, rows

POOL = "DCLM-Pool"
"""The row that holds all text of Common Crawl before 2023, with every page as often as it was fetched."""

POOL_ENDS = 2023.0
"""Its text was online by then (decimal year), though the pool came out in 2024."""


@functools.cache
def largest_corpora() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the corpora that set a record of size, and the pool of all early crawls.

    A corpus counts if its publisher took duplicates out and states tokens; tokens stated as synthetic are taken off.
    Corpora are never added up, since most come from the same crawls. In the pool a page counts as often as it was
    fetched: its tokens are multiplied by unique addresses over pages of all crawls before 2023 (0.29).

    Examples
    --------
    >>> years, tokens, pool = largest_corpora()
    >>> bool((np.diff(tokens) > 0).all()), int(pool.sum())
    (True, 1)
    """
    dates, addresses = cumulative_addresses()
    once = np.interp(POOL_ENDS, dates, addresses) / np.interp(
        POOL_ENDS, dates, numbers("common_crawl_monthly", "cumulative_pages")
    )
    found: list[tuple[float, float, bool]] = []
    for row in rows("text_corpora"):
        tokens = number(row["tokens"]) - float(np.nan_to_num(number(row["synthetic_tokens"])))
        if row["name"] == POOL:
            found.append((POOL_ENDS, tokens * float(once), True))
        elif tokens > 0 and row["release_date"] and "dedup" in row["processing"]:
            found.append((decimal_year(row["release_date"]), tokens, False))
    records: list[tuple[float, float, bool]] = []
    for one in sorted(found):
        if not records or one[1] > records[-1][1]:
            records.append(one)
    years, tokens_, pool = zip(*records, strict=True)
    return np.array(years), np.array(tokens_), np.array(pool)


@dataclass(frozen=True)
class ReleasedCorpora(Estimator):
    """The largest released corpus of human text, duplicates taken out; after the last release the bound stays.

    Parameters
    ----------
    own_text_share : LogNormal
        Share of the addresses of the pool with a text of their own (fraction); other corpora had duplicates taken out.
    tokeniser : LogNormal
        Tokens by the tokeniser of the estimates, over tokens by the corpus's own (factor). Judgement: tokenisers of
        this kind differ by up to a quarter on the same text.
    """

    name: ClassVar[str] = "released_corpora"
    title: ClassVar[str] = "Largest released corpus of human text"
    lineage: ClassVar[str] = "common_crawl"
    resource_name: ClassVar[str] = "public_text"
    tables: ClassVar[tuple[str, ...]] = ("common_crawl_monthly", "text_corpora")
    kind: ClassVar[Literal["estimate", "lower bound", "given"]] = "lower bound"
    formula: ClassVar[str] = r"S(t) \ge \max_{i:\,t_i \le t} D_i"
    sources: ClassVar[tuple[str, ...]] = (
        "released text corpora, with a source a row (table text_corpora)",
        "Common Crawl, crawl statistics: pages and cumulative unique addresses",
        "judgement: tokenisers differ by up to a quarter",
    )
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "own_text_share": ("share", "judgement: as for Common Crawl's addresses, 50 to 95 % (90 %)"),
        "tokeniser": ("factor", sources[2]),
    }

    own_text_share: LogNormal = OWN_TEXT_SHARE
    tokeniser: LogNormal = LogNormal.from_interval(0.8, 1.25, 0.95)

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw the share of addresses with a text of their own, and the tokeniser's factor."""
        return {
            "own_text_share": self.own_text_share.sample(rng, size),
            "tokeniser": self.tokeniser.sample(rng, size),
        }

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year); before the first corpus the bound is a single token."""
        dates, tokens, pool = largest_corpora()
        size = np.log10(tokens) + np.where(pool, np.log10(draws["own_text_share"])[:, None], 0.0)
        # The share can take the pool below the corpora before it, which hold nevertheless.
        size = np.maximum.accumulate(size, axis=1) + np.log10(draws["tokeniser"])[:, None]
        place = np.searchsorted(dates, years, side="right") - 1
        return np.asarray(np.where(place >= 0, size[:, np.maximum(place, 0)], 0.0))
