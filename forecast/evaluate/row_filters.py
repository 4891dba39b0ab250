"""Which rows the variants leave out or count otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.consumption.frontier_data import FIRST_KNOT

if TYPE_CHECKING:
    import pandas as pd

LONG_RECORD = 2.0
"""A row that held the record for longer than this counts as influential (years)."""


def long_records(corpora: pd.DataFrame, longer_than: float = LONG_RECORD) -> list[str]:
    """Return the rows that held the record for long, found again after each is taken out."""
    rows = corpora[corpora["year"] >= FIRST_KNOT].sort_values("year")
    found: list[str] = []
    while True:
        left = rows[~rows["model"].isin(found)]
        records = left[left["log10_size"] > left["log10_size"].cummax().shift(fill_value=-np.inf)]
        held = np.diff(records["year"].to_numpy(dtype=float))
        long = records["model"].to_numpy()[:-1][held > longer_than]
        if not len(long):
            return found
        found += [str(name) for name in long]


def uncapped(corpora: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Return the corpora with every pass counted, however often the same text was read."""
    from forecast.ingest.catalog import load_table
    from forecast.ingest.corpora import CAPPED_PASSES, COUNTED_PASSES

    audit = load_table("record_audit")
    per_model = {str(name): float(epochs) for name, epochs in zip(models["model"], models["epochs"], strict=True)}
    # An audited row is capped only where both tokens seen and unique tokens are known.
    per_audit = {
        str(name): float(seen / unique)
        for name, seen, unique in zip(audit["model"], audit["tokens_seen"], audit["tokens_unique"], strict=True)
    }
    passes = np.array(
        [(per_audit if audited else per_model).get(name, np.nan)
         for name, audited in zip(corpora["model"], corpora["audited"], strict=True)]
    )  # fmt: skip
    more = np.log10(np.fmax(passes / COUNTED_PASSES, 1.0))
    # The error of the cap goes with the cap.
    own = np.sqrt(np.fmax(corpora["measurement_sd"] ** 2 - CAPPED_PASSES.sd**2, 0.0))
    sd = corpora["measurement_sd"].where(more == 0, own)
    return corpora.assign(log10_size=corpora["log10_size"] + more, measurement_sd=sd)
