"""Exchange: forecasts in the forms that other tools and other forecasters read. Nothing is sent anywhere.

Examples
--------
>>> import forecast as fc
>>> f = fc.load("out")  # doctest: +SKIP
>>> fc.exchange.to_hub(f, "hub")  # doctest: +SKIP
>>> fc.exchange.draws(f).groupby("member")["exhaustion_year"].median()  # doctest: +SKIP
"""

from __future__ import annotations

from forecast.exchange.hub import to_hub
from forecast.exchange.metaculus import questions, to_metaculus
from forecast.exchange.submissions import read_submission, scored_with_submissions
from forecast.exchange.tables import draws, to_csv, to_parquet

__all__ = [
    "draws",
    "questions",
    "read_submission",
    "scored_with_submissions",
    "to_csv",
    "to_hub",
    "to_metaculus",
    "to_parquet",
]
