"""The questions of a round by name: a new one is one line here, of a measure that `measures` has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from forecast.core.registry import Registry

Scale = Literal["log10", "plain"]


@dataclass(frozen=True)
class Question:
    """A question with its exact words.

    Parameters
    ----------
    name : str
        Its name.
    sentence : str
        The exact question; "rows" are rows of the tables in this package.
    resolves : str
        ISO date; the day itself counts.
    unit : str
        Of the value.
    measure : str
        Which of `MEASURES` resolves it.
    arguments : mapping of str to Any
        Of the measure.
    scale : {"log10", "plain"}
        On which scale it is scored.
    event : bool
        Whether it is a yes or no, with a probability instead of quantiles.
    """

    name: str
    sentence: str
    resolves: str
    unit: str
    measure: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    scale: Scale = "plain"
    event: bool = False


YEARS = (2026, 2027, 2028, 2030)
"""Sizes and counts are asked at the end of each of these years."""


def _sizes() -> list[Question]:
    words = {
        "human": "as human text: text and human shares applied, at most five passes counted (the forecast's own rows)",
        "stated": "as stated: column tokens_seen of record_audit, rows whose use is not exclude",
    }
    return [
        Question(
            f"largest_{basis}_{year}",
            f"Tokens of the largest text training set published since 2018 and by 31 December {year}, {told}.",
            f"{year}-12-31",
            "tokens",
            "largest_run",
            {"basis": basis},
            "log10",
        )
        for basis, told in words.items()
        for year in YEARS
    ]


def _counts() -> list[Question]:
    return [
        Question(
            f"runs_above_{trillions}T_{year}",
            f"Rows of record_audit with tokens_seen above {trillions} trillion, published since 2018 and by 31 December "
            f"{year}, whose use is not exclude (one row for each corpus).",
            f"{year}-12-31",
            "runs",
            "runs_above",
            {"tokens": trillions * 1e12},
        )
        for trillions in (10, 30, 100)
        for year in YEARS
    ]


def _others() -> list[Question]:
    made: list[Question] = []
    for year in (2026, 2028):
        end = f"{year}-12-31"
        made += [
            Question(
                f"any_run_above_100T_{year}",
                "Whether record_audit has a row with tokens_seen above 100 trillion, published by 31 December "
                f"{year}, whose use is not exclude.",
                end,
                "yes or no",
                "runs_above",
                {"tokens": 1e14, "at_least": 1},
                event=True,
            ),
            Question(
                f"machine_share_of_articles_{year}",
                "Share of new English articles in Graphite's sample of Common Crawl that are mostly machine-written (mean of "
                f"Pangram, GPTZero, Copyleaks), in the first row of synthetic_share for {end} or later.",
                end,
                "share (0 to 1)",
                "machine_share_of_articles",
            ),
            Question(
                f"closed_share_{year}",
                "Share of all tokens of C4 that robots.txt closes in full to at least one of seven AI organisations, in the "
                f"first row of access_restrictions for {end} or later.",
                end,
                "share (0 to 1)",
                "closed_share",
            ),
            Question(
                f"new_addresses_{year}",
                f"New addresses a crawl (column new_urls_estim of common_crawl_monthly), mean over the crawls dated in {year}.",
                end,
                "addresses a crawl",
                "new_addresses",
                scale="log10",
            ),
        ]
    return made


QUESTIONS = Registry[Question]("question", (*_sizes(), *_counts(), *_others()))
"""The questions by name, in the order in which they are shown."""
