"""Shares: of new articles that machines wrote, and of tokens that robots.txt closes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import expit, logit

from forecast.evaluate.rounds.measures.base import Asked, Measure, Outcome, random_walk, straight_line, years_of
from forecast.production.machine_text import NOISE_SD, draw_machine_share
from forecast.scenarios.levers.restrictions import paths

if TYPE_CHECKING:
    import pandas as pd

    from forecast.evaluate.rounds.ours import Ours
    from forecast.evaluate.rounds.tables import Tables

SMALLEST = 0.002
"""Least share that has a logit here (fraction): below what any of these studies tells apart from none."""


WINDOW = 3.0
"""Rivals look at values of so many years before the last one (years; judgement), at two of them at least."""


class _Share(Measure):
    """A share of one series, with random walk and straight line as rivals."""

    rivals_say: ClassVar[Mapping[str, str]] = {
        "persistence": "The last value, as uncertain as the changes of the last three years (random walk, kept to 0 to 1).",
        "linear_trend": "The straight line through the values of the last three years, kept to 0 to 1; with only two of "
        "them as uncertain as persistence.",
    }

    @abstractmethod
    def series(self, tables: Tables) -> pd.DataFrame:
        """Return date, share and source of the series, rising."""

    def outcome(self, tables: Tables, asked: Asked) -> Outcome | None:
        """Return the first value dated on the day or later."""
        rows = self.series(tables)
        rows = rows[rows["date"] >= asked.resolves]
        if rows.empty:
            return None
        row = rows.iloc[0]
        return Outcome(float(row["share"]), (f"{row['source_title']} ({str(row['date'])[:10]})",))

    def rivals(self, tables: Tables, asked: Asked) -> dict[str, np.ndarray]:
        """Return persistence and a linear trend."""
        rows = self.series(tables)
        time, value = years_of(list(rows["date"])), rows["share"].to_numpy(dtype=float)
        late = time >= min(time[-1] - WINDOW, time[-2])
        time, value = time[late], value[late]
        walk = random_walk(value, time, asked.end, asked.rng("persistence"))
        line = straight_line(value, time, np.array([asked.end]), asked.rng("linear_trend"))[:, 0]
        if len(value) < 3:
            line = line + walk - value[-1]
        return {name: np.clip(draws, 0.0, 1.0) for name, draws in (("persistence", walk), ("linear_trend", line))}


class MachineShareOfArticles(_Share):
    """New English articles that are mostly machine-written, in Graphite's sample of Common Crawl."""

    name = "machine_share_of_articles"
    says = (
        "The last value, moved by the change of the run's own share of new pages between the two dates (logit), with the "
        "error of a published share."
    )

    def series(self, tables: Tables) -> pd.DataFrame:
        """Return Graphite's series by three detectors."""
        rows = tables.shares
        chosen = rows["population"].str.startswith("new English articles in Common Crawl sample")
        rows = rows[chosen & (rows["measure"] == "share_primarily_ai_generated_articles") & rows["share"].notna()]
        return rows.sort_values("date")

    def ours(self, run: Ours, tables: Tables, asked: Asked) -> np.ndarray:
        """Return draws by the fit that the baseline's lever rests on."""
        time, value = _logits(self.series(tables))
        shares = draw_machine_share(run.seed, len(run.record)).share(np.array([time[-1], asked.end]))
        moved = np.diff(logit(np.clip(shares, SMALLEST, 1 - SMALLEST)), axis=1)[:, 0]
        noise = NOISE_SD * asked.rng("us").standard_normal(len(moved))
        return np.clip(expit(value[-1] + moved) + noise, 0.0, 1.0)


class ClosedShare(_Share):
    """Tokens of C4 that robots.txt closes in full to at least one of seven AI organisations."""

    name = "closed_share"
    says = "The path of restricted tokens that the baseline's lever of access is fitted from."

    def series(self, tables: Tables) -> pd.DataFrame:
        """Return the counts of tokens; of an interval its geometric middle."""
        rows = tables.access
        rows = rows[
            (rows["measure"] == "robots_txt_full_restriction_token_share")
            & (rows["corpus"] == "C4 (all tokens)")
            & (rows["agent"] == "any of 7 AI organisations")
        ]
        low, high, value = (rows[name].to_numpy(dtype=float) for name in ("low_share", "high_share", "value_share"))
        rows = rows.assign(share=np.where(np.isnan(value), np.sqrt(low * high), value))
        return rows[rows["share"].notna()].sort_values("date")

    def ours(self, run: Ours, tables: Tables, asked: Asked) -> np.ndarray:
        """Return draws of the lever's path."""
        del run, tables
        return np.asarray(expit(paths(np.array([asked.end]))[:, 0]))


def _logits(rows: Any) -> tuple[np.ndarray, np.ndarray]:
    share = np.clip(rows["share"].to_numpy(dtype=float), SMALLEST, 1 - SMALLEST)
    return years_of(list(rows["date"])), logit(share)
