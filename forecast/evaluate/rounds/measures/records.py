"""The largest published text training set by a date: as human text, or as stated."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT
from forecast.core.units import decimal_year
from forecast.evaluate.histories.rivals import Forecaster
from forecast.evaluate.histories.text import PUBLISHED_SLOPE, known_text, published_slope
from forecast.evaluate.rounds.measures.base import DRAWS, Asked, Measure, Outcome, years_of
from forecast.ingest.histories import History
from forecast.ingest.known import Known, known_at

if TYPE_CHECKING:
    import pandas as pd

    from forecast.evaluate.rounds.ours import Ours
    from forecast.evaluate.rounds.tables import Tables


class LargestRun(Measure):
    """The largest size published by a date, tokens; ``basis`` is ``human`` or ``stated``."""

    name = "largest_run"
    says = (
        "Human text: the published record along the run's futures, the rest of the running half-year drawn as each growth "
        "model has it published. As stated: it moves only where that record moves, by what runs of the last three years "
        "above 10 trillion tokens state over what counts as human text (one of them drawn a future)."
    )
    rivals_say: ClassVar[Mapping[str, str]] = {
        PUBLISHED_SLOPE: "The procedure of Villalobos et al. (2024) with the slope that it published."
    }

    def outcome(self, tables: Tables, asked: Asked) -> Outcome | None:
        """Return the largest size, once a later run is in the audit."""
        if not known_after(tables, asked.resolves):
            return None
        rows = sizes(tables.until(asked.resolves), asked.arguments["basis"])
        if rows.empty:
            return None
        row = rows.iloc[int(np.argmax(rows["log10_size"].to_numpy()))]
        return Outcome(float(10 ** row["log10_size"]), (f"{row['model']} ({str(row['publication_date'])[:10]})",))

    def ours(self, run: Ours, tables: Tables, asked: Asked) -> np.ndarray:
        """Return draws of the record of the run."""
        record = run.record_at(asked.end, asked.rng("us"))
        if asked.arguments["basis"] == "human":
            return 10**record
        known = sizes(tables, "stated")["log10_size"].max()
        more = asked.rng("us", "stated").choice(stated_over_human(tables), size=len(record))
        moved = record > sizes(tables, "human")["log10_size"].max() + 1e-9
        return np.asarray(10 ** np.where(moved, np.maximum(known, record + more), known))

    def rivals(self, tables: Tables, asked: Asked) -> dict[str, np.ndarray]:
        """Return the rivals for histories, and the line of 2024."""
        known, origin = known_record(tables, asked.arguments["basis"]), decimal_year(tables.as_of)
        ahead = asked.end - origin
        before = int(ahead / BLOCK_YEARS)
        share = ahead / BLOCK_YEARS - before
        steps = [BLOCK_YEARS * step for step in (before, before + 1) if step]
        found = {PUBLISHED_SLOPE: published_slope(known.record, origin, [ahead], asked.seed)[0]}
        for who in learned():
            try:
                with np.errstate(all="ignore"):
                    drawn = np.sort(who.forecast(known, steps, asked.rng(who.name), DRAWS), axis=1)
            except (ArithmeticError, IndexError, ValueError, np.linalg.LinAlgError):
                continue
            # Between half-years each quantile moves straight; before the first one it starts at the record.
            first = drawn[0] if before else np.full(DRAWS, known.record)
            found[who.name] = (1 - share) * first + share * drawn[-1]
        return {name: 10**draws for name, draws in found.items() if np.isfinite(draws).all()}


def known_after(tables: Tables, date: str) -> bool:
    """Tell whether the audit holds a run published after a day."""
    return bool((tables.audit["publication_date"] > date).any())


def sizes(tables: Tables, basis: str) -> pd.DataFrame:
    """Return the runs that count since 2018: model, publication_date, year, log10_size, measurement_sd."""
    if basis == "human":
        return tables.corpora[tables.corpora["year"] >= FIRST_KNOT]
    rows = tables.audit[(tables.audit["use"] != "exclude") & (tables.audit["tokens_seen"] > 0)]
    rows = rows.assign(
        year=years_of(list(rows["publication_date"])),
        log10_size=np.log10(rows["tokens_seen"].to_numpy(dtype=float)),
        measurement_sd=0.0,
    )
    return rows[rows["year"] >= FIRST_KNOT]


RATIO_YEARS = 3.0
"""Runs of so many years before the as-of date tell what is stated over what counts (years); as the gate's last maxima."""

RATIO_ABOVE = 13.0
"""Least stated size of these runs (log10 tokens): 10 trillion, the least threshold that is counted."""


def stated_over_human(tables: Tables) -> np.ndarray:
    """Return stated size over human text of recent large runs, in log10, one a run; none where no run is known by both."""
    stated = sizes(tables, "stated").set_index("model")
    stated = stated[(stated["log10_size"] >= RATIO_ABOVE) & (stated["year"] > decimal_year(tables.as_of) - RATIO_YEARS)]
    human = tables.corpora.drop_duplicates("model").set_index("model")["log10_size"]
    ratios = (stated["log10_size"] - human.reindex(stated.index)).dropna().to_numpy(dtype=float)
    return ratios if len(ratios) else np.zeros(1)


def known_record(tables: Tables, basis: str) -> Known:
    """Return the record at half-years up to the as-of date."""
    origin = decimal_year(tables.as_of)
    if basis == "human":
        return known_text(tables.corpora, origin)
    rows = sizes(tables, basis).sort_values("year")
    size = 10 ** rows["log10_size"].to_numpy(dtype=float)
    year = rows["year"].to_numpy(dtype=float)
    history = History("text", "text", "record", "AI models", "tokens", "", "higher", year, size, origin)
    return known_at(history, origin, step=BLOCK_YEARS)


@functools.cache
def learned() -> tuple[Forecaster, ...]:
    """Return the rivals for histories, those that learn having learned from the learning half."""
    from forecast.evaluate.histories.run import rivals, shipped
    from forecast.ingest.history_split import split

    return rivals(split(shipped())["learning"])
