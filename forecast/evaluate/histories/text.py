"""The rivals on the record of text, whose origins are burnt: beside the stored scores of the mixture, nothing fitted.

Every origin of text has been looked at while members and priors were chosen: these ratios are shown, and nothing is tuned
on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT
from forecast.core.seeds import generator
from forecast.evaluate.backtest.predictions import COMBINATION, DRAWS, FIRST_PUBLISHED_ROW
from forecast.evaluate.backtest.scores import covered, crps
from forecast.evaluate.histories.rivals import Forecaster
from forecast.evaluate.two_way import by_origin_and_target
from forecast.ingest.histories import History
from forecast.ingest.known import Known, known_at
from forecast.replicate.epoch2024 import published_trend
from forecast.replicate.trend import HandSet

if TYPE_CHECKING:
    import pandas as pd

SET = "text_burnt"
"""Name of this set of origins."""

PUBLISHED_SLOPE = "epoch2024_published_slope"
"""The procedure of 2024 with the slope that it published, at every origin."""

STORED = ("epoch2024", "epoch2024_floored", "epoch2022")
"""Published procedures whose scores are stored with the mixture's."""


def known_text(corpora: pd.DataFrame, origin: float) -> Known:
    """Return the record of text at half-years up to an origin, with the rows that the published procedures see."""
    rows = corpora[(corpora["year"] <= origin) & (corpora["year"] >= FIRST_PUBLISHED_ROW)]
    since = rows[rows["year"] >= FIRST_KNOT]
    record = since.iloc[int(np.argmax(since["log10_size"].to_numpy()))]
    rows = rows[(rows["year"] >= FIRST_KNOT) | (rows["log10_size"] <= record["log10_size"])].sort_values("year")
    year, size = rows["year"].to_numpy(dtype=float), rows["log10_size"].to_numpy(dtype=float)
    history = History("text", "text", "record", "AI models", "tokens", "", "higher", year, 10**size, origin)
    return known_at(history, origin, step=BLOCK_YEARS, error=float(record["measurement_sd"]))


def published_slope(record: float, origin: float, horizons: Sequence[float], seed: int) -> np.ndarray:
    """Return draws of the line of 2024: the record with its published width, and the published slope."""
    demand = HandSet.from_trend(published_trend(seed), median=10**record, at=origin)
    level, slope = demand.draw(generator(seed, "histories", PUBLISHED_SLOPE, f"{origin:.3f}"), DRAWS)
    return level + slope * np.asarray(horizons, dtype=float)[:, None]


def score_text(
    corpora: pd.DataFrame, stored: Sequence[Mapping[str, Any]], forecasters: Sequence[Forecaster], seed: int
) -> list[dict[str, Any]]:
    """Score the rivals where the stored mixture is scored, on the record that came; in log10 units."""
    ours = [row for row in stored if row["method"] == COMBINATION and row["quantity"] == "record"]
    rows = []
    for origin in sorted({row["origin"] for row in ours}):
        cases = [row for row in ours if row["origin"] == origin]
        horizons, outcome = [row["horizon"] for row in cases], np.array([row["observed"] for row in cases])
        known = known_text(corpora, origin)
        made = {PUBLISHED_SLOPE: published_slope(known.record, origin, horizons, seed)}
        for who in forecasters:
            rng = generator(seed, "histories", who.name, "text", f"{origin:.3f}")
            try:
                with np.errstate(all="ignore"):
                    made[who.name] = who.forecast(known, horizons, rng, DRAWS)
            except (ArithmeticError, IndexError, ValueError, np.linalg.LinAlgError):
                continue
        for name, draws in made.items():
            if np.isfinite(draws).all():
                scores, held = crps(draws, outcome), covered(draws, outcome, 0.8)
                rows += [
                    {"method": name, "origin": origin, "horizon": h, "crps": float(s), "covered_0.8": bool(c)}
                    for h, s, c in zip(horizons, scores, held, strict=True)
                ]
    return rows


def text_pairs(stored: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Compare the stored mixture with every rival on the burnt origins of text, on common rows."""
    record = [row for row in stored if row["quantity"] == "record"]
    ours = {(row["origin"], row["horizon"]): row["crps"] for row in record if row["method"] == COMBINATION}
    scored = [*rows, *(row for row in record if row["method"] in STORED)]
    found = []
    for name in dict.fromkeys(row["method"] for row in scored):
        theirs = {(row["origin"], row["horizon"]): row["crps"] for row in scored if row["method"] == name}
        for horizon in ("all", 1.0, 2.0, 3.0):
            keys = [key for key in ours if key in theirs and horizon in ("all", key[1])]
            ends = [round(origin + h, 6) for origin, h in keys]
            if len(set(ends)) < 2:
                continue
            made = by_origin_and_target([ours[k] for k in keys], [theirs[k] for k in keys], [k[0] for k in keys], ends)
            found.append(
                {
                    "of": COMBINATION,
                    "against": name,
                    "set": SET,
                    "horizon": horizon,
                    "kind": "record",
                    "crps_ratio": round(made.ratio, 4),
                    "interval_0.9": [round(end, 4) for end in made.interval],
                    "clustered_by": ["origin", "target"],
                    "n": made.n,
                    "n_effective": round(made.n_effective, 4),
                }
            )
    return found
