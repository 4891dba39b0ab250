"""Addresses that a crawl of Common Crawl holds for the first time: the mean over the crawls of a calendar year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from forecast.evaluate.rounds.measures.base import DRAWS, Asked, Measure, Outcome, straight_line, years_of
from forecast.scenarios.levers.local_level import fit

if TYPE_CHECKING:
    import pandas as pd

    from forecast.evaluate.rounds.ours import Ours
    from forecast.evaluate.rounds.tables import Tables

SINCE = "2021-01-01"
"""Crawls from here on are fitted (judgement: about monthly since, and of one size)."""

LATELY = 12
"""Crawls that persistence repeats (count): about a year."""


class NewAddresses(Measure):
    """New addresses a crawl, averaged over the calendar year of the resolving date."""

    name = "new_addresses"
    says = (
        "A local level with drift of log10 (the model of the baseline's path of access), fitted to the crawls since 2021; "
        "crawls of the year that are known count as they are. The baseline itself forecasts no crawl."
    )
    rivals_say: ClassVar[Mapping[str, str]] = {
        "persistence": "Crawls to come are drawn from the last twelve.",
        "linear_trend": "The straight line of log10 through the crawls since 2021.",
    }

    def outcome(self, tables: Tables, asked: Asked) -> Outcome | None:
        """Return the mean of the year, once a later crawl is in the table."""
        rows = tables.crawls[tables.crawls["new_urls_estim"] > 0]
        own = _of_year(rows, asked)
        if own.empty or not (rows["date"] > asked.resolves).any():
            return None
        return Outcome(float(own["new_urls_estim"].mean()), (f"{len(own)} crawls, last {own['crawl_id'].iloc[-1]}",))

    def ours(self, run: Ours, tables: Tables, asked: Asked) -> np.ndarray:
        """Return draws of the local level."""
        del run
        rows, when, ahead = _ahead(tables, asked)
        time, value = _fitted(rows)
        model, rng = fit(time, value), asked.rng("us")
        start = model.level + np.sqrt(model.variance) * rng.standard_normal((DRAWS, 1))
        spans = np.diff(when, prepend=time[-1])
        steps = model.drift * spans + model.walk * np.sqrt(spans) * rng.standard_normal((DRAWS, len(when)))
        seen = start + np.cumsum(steps, axis=1) + model.noise * rng.standard_normal((DRAWS, len(when)))
        return _mean(rows, asked, seen[:, ahead])

    def rivals(self, tables: Tables, asked: Asked) -> dict[str, np.ndarray]:
        """Return persistence and a linear trend."""
        rows, when, ahead = _ahead(tables, asked)
        time, value = _fitted(rows)
        again = asked.rng("persistence").choice(value[-LATELY:], size=(DRAWS, len(when)))
        line = straight_line(value, time, when, asked.rng("linear_trend"))
        drawn = {"persistence": again, "linear_trend": line}
        return {name: _mean(rows, asked, draws[:, ahead]) for name, draws in drawn.items()}


def _ahead(tables: Tables, asked: Asked) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the crawls, dates of those to come until the year ends, and which of these lie in the year."""
    rows = tables.crawls[tables.crawls["new_urls_estim"] > 0].sort_values("date")
    time = years_of(list(rows["date"]))
    gap = float(np.median(np.diff(time)[-LATELY:]))
    when = np.arange(time[-1] + gap, asked.end, gap)
    return rows, when, when >= int(asked.resolves[:4])


def _fitted(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    rows = rows[rows["date"] >= SINCE]
    return years_of(list(rows["date"])), np.log10(rows["new_urls_estim"].to_numpy(dtype=float))


def _of_year(rows: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    return rows[(rows["date"] >= f"{asked.resolves[:4]}-01-01") & (rows["date"] <= asked.resolves)].sort_values("date")


def _mean(rows: pd.DataFrame, asked: Asked, log10_ahead: np.ndarray) -> np.ndarray:
    """Return the mean of the year's crawls, known ones and those to come."""
    known = _of_year(rows, asked)["new_urls_estim"].to_numpy(dtype=float)
    total = known.sum() + (10**log10_ahead).sum(axis=1)
    return np.asarray(total / (len(known) + log10_ahead.shape[1]))
