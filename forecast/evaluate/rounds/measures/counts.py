"""The number of disclosed training runs above a size, published by a date; or whether there is any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from forecast.core.units import decimal_year
from forecast.evaluate.rounds.measures.base import DRAWS, Asked, Measure, Outcome, straight_line
from forecast.evaluate.rounds.measures.records import known_after, sizes, stated_over_human

if TYPE_CHECKING:
    import pandas as pd

    from forecast.evaluate.rounds.ours import Ours
    from forecast.evaluate.rounds.tables import Tables

LEARNED_YEARS = 2.0
"""Runs of so many years before the as-of date say how many the observation law misses (years; judgement: publishing
changes, and fewer years hold too few runs)."""

RATE_YEARS = 1.0
"""Persistence goes on at the rate of so many years (years)."""

HALF_YEARS = 6
"""Half-years behind the linear trend (count)."""

RATIOS = 9
"""Quantiles that stand for the runs' stated sizes over their human text (count)."""


class RunsAbove(Measure):
    """Runs that state more than ``tokens``, one for each corpus; with ``at_least`` whether there are so many."""

    name = "runs_above"
    says = (
        "Runs found, and a Poisson number with the mean of the observation law along the run's futures (disclosed "
        "frontier, sizes as stated; without growth models that speak of the record alone), times a gamma factor of found "
        "over expected in the last two years."
    )
    rivals_say: ClassVar[Mapping[str, str]] = {
        "persistence": "Runs found, and a Poisson number at the rate of the last year.",
        "linear_trend": "Runs found, and a Poisson number by the straight line through the last six half-yearly counts.",
    }

    def outcome(self, tables: Tables, asked: Asked) -> Outcome | None:
        """Return the count, once a later run is in the audit."""
        if not known_after(tables, asked.resolves):
            return None
        rows = _above(tables.until(asked.resolves), asked).sort_values("publication_date")
        named = tuple(f"{row.model} ({str(row.publication_date)[:10]})" for row in rows.tail(3).itertuples())
        return Outcome(float(_asked_for(np.array([len(rows)]), asked)[0]), named)

    def ours(self, run: Ours, tables: Tables, asked: Asked) -> np.ndarray:
        """Return draws by the observation law."""
        rows, rng = _above(tables, asked), asked.rng("us")
        ratios = np.quantile(stated_over_human(tables), (np.arange(RATIOS) + 0.5) / RATIOS)
        human = np.log10(asked.arguments["tokens"]) - ratios
        found = int((rows["year"] > run.as_of - LEARNED_YEARS).sum())
        expected = run.expected_above(human, run.as_of - LEARNED_YEARS, run.as_of)
        factor = rng.gamma(found + 1.0, size=len(expected)) / (expected + 1.0)
        mean = factor * run.expected_above(human, run.as_of, asked.end)
        return _asked_for(len(rows) + rng.poisson(np.minimum(mean, _MOST)), asked)

    def rivals(self, tables: Tables, asked: Asked) -> dict[str, np.ndarray]:
        """Return persistence of the rate, and a linear trend of it."""
        rows, origin = _above(tables, asked), decimal_year(tables.as_of)
        year, ahead = rows["year"].to_numpy(dtype=float), asked.end - origin
        rng = asked.rng("persistence")
        lately = int((year > origin - RATE_YEARS).sum())
        steady = rng.poisson(rng.gamma(lately + 0.5, size=DRAWS) / RATE_YEARS * ahead)
        edges = origin - 0.5 * np.arange(HALF_YEARS, -1, -1)
        counts = np.histogram(year, edges)[0].astype(float)
        steps = np.arange(1, int(np.ceil(ahead / 0.5 - 1e-9)) + 1)
        part = np.clip(ahead / 0.5 - (steps - 1), 0.0, 1.0)
        rng = asked.rng("linear_trend")
        lines = straight_line(counts, edges[1:], origin + 0.5 * steps, rng)
        trend = rng.poisson(np.minimum((np.maximum(lines, 0.0) * part).sum(axis=1), _MOST))
        drawn = {"persistence": steady, "linear_trend": trend}
        return {name: _asked_for(len(rows) + more, asked) for name, more in drawn.items()}


_MOST = 1e6  # runs: keeps a Poisson mean within what NumPy draws


def _above(tables: Tables, asked: Asked) -> pd.DataFrame:
    rows = sizes(tables, "stated")
    return rows[rows["tokens_seen"] > asked.arguments["tokens"]]


def _asked_for(count: np.ndarray, asked: Asked) -> np.ndarray:
    least = asked.arguments.get("at_least")
    return np.asarray(count if least is None else count >= least, dtype=float)
