"""Which audited corpora were records, half-year maxima and runners-up, by tokens of human text as the forecast counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.core.units import half_year_name
from forecast.ingest.corpora import text_corpora
from forecast.ingest.measurement import DOUBTED_SD

if TYPE_CHECKING:
    import pandas as pd

SINCE = 2017.0
"""Records are counted from here on, as the audit begins (decimal year)."""

LARGEST = 3
"""Largest corpora of a half-year that have a role, as many as the members see (count)."""


def roles(models: pd.DataFrame, audit: pd.DataFrame) -> dict[str, str]:
    """Return the role of every audited corpus that counts: record, half_year_maximum, runner_up or other.

    Audited and other rows are ranked together; a row too doubtful for the published record takes no role either.
    """
    rows = text_corpora(models, audit=audit)
    rows = rows[(rows["year"] >= SINCE) & (rows["measurement_sd"] < DOUBTED_SD)]
    # Of two of one day the larger comes first: the other was never the largest.
    rows = rows.sort_values(["year", "log10_size"], ascending=[True, False])
    before = rows["log10_size"].cummax().shift(fill_value=-np.inf)
    place = rows.groupby(rows["year"].map(half_year_name))["log10_size"].rank(method="first", ascending=False)
    found = np.select(
        [rows["log10_size"] > before, place == 1, place <= LARGEST],
        ["record", "half_year_maximum", "runner_up"],
        "other",
    )
    named = dict(zip(rows["model"], map(str, found), strict=True))
    counted = audit.loc[audit["use"] != "exclude", "model"]
    return {str(model): named.get(model, "other") for model in counted}
