"""What sections of the page need beside the document: stored results, and the blocks of the brief.

Each function takes a forecast and returns the variables of one partial, or None where it has nothing to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.core.wording import date_words, percent_words, year_phrase
from forecast.ingest.measurement import record_row
from forecast.plots.headline_history import headline_history_rows, headline_history_shown
from forecast.report import brief_background, brief_equations
from forecast.report import glossary as words
from forecast.report.brief_blocks import BriefTable
from forecast.report.stored_for import scenarios_for
from forecast.runs import headline
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR


def page_one(forecast: Forecast) -> Mapping[str, Any]:
    """Return where the parts of page one are gone into further."""
    del forecast
    return {"further": FURTHER}


FURTHER: Mapping[str, tuple[str, str]] = {
    "headline": ("answer", "The answer, year by year"),
    "meaning": ("definitions", "Other ways to define running out"),
    "movers": ("sensitivity", "All assumptions"),
    "four": ("scenarios", "All scenarios"),
    "trust": ("backtest", "Track record"),
    "question": ("rounds", "All questions"),
    "others": ("claims", "All statements"),
    "use": ("cite", "BibTeX, and how to make it again"),
}
"""Part of page one -> section that goes into it further, and how the link reads."""


def answer(forecast: Forecast) -> Mapping[str, Any]:
    """Return what goes before the answer by year: how far the largest feasible run lies above the record."""
    document = forecast.document
    largest = record_row(document["consumption"]["record"]["rows"])
    year, frontier = next(iter(document["consumption"]["frontier"].items()), (None, None))
    published = (d for d in document["definitions"] if d["name"] == "record")
    by = (d["exhaustion_year"]["probability_by"][str(HEADLINE_YEAR)] for d in published)
    return {
        "record": largest
        and frontier
        and {**largest, "size": 10 ** largest["log10_size"], "year": int(largest["year"])},
        "frontier": frontier,
        "frontier_year": year,
        "by_record": next(by, None),
    }


def history(forecast: Forecast) -> Mapping[str, Any] | None:
    """Return why the headline moved at each step of the shipped history; None for other forecasts."""
    if not headline_history_shown(forecast):
        return None
    rows = [
        (
            row["step"],
            date_words(f"{row['made']:%Y-%m-%d}"),
            percent_words(row["probability_by_2030_share"]),
            year_phrase(row["median_year"]),
            row["cause"],
        )
        for row in headline_history_rows()
    ]
    columns = ("release, change or round", "made", f"odds by {HEADLINE_YEAR}", "central year", "why it moved")
    return {"steps": BriefTable("Each row is the baseline after one more change", columns, tuple(rows), sides="lllll")}


def assumed(forecast: Forecast) -> Mapping[str, Any]:
    """Return the factors of the levers that act."""
    document = forecast.document
    layers = [*document["stock"]["layers"], *document["consumption"]["levers"]]
    factors = [(layer["title"], layer.get("factor_by_year", {}).get("2030", layer["factor"])) for layer in layers]
    return {"assumed": factors}


def definitions(forecast: Forecast) -> Mapping[str, Any]:
    """Return the three readings that people mean."""
    return {
        "readings": headline.reading_rows(forecast.document),
        "columns": headline.COLUMNS,
        "caption": headline.CAPTION,
    }


def glossary(forecast: Forecast) -> Mapping[str, Any]:
    """Return the words of the report."""
    return {"blocks": words.glossary(forecast.document).blocks}


def questions(forecast: Forecast) -> Mapping[str, Any]:
    """Return what readers ask."""
    return {"blocks": words.questions(forecast.document).blocks}


def scenarios(forecast: Forecast) -> Mapping[str, Any]:
    """Return the scenario of the run, and the shipped scenarios where they are stored for its data."""
    found = scenarios_for(forecast.document)
    rows = [] if found is None else found.content["scenarios"]

    def median(row: Mapping[str, Any]) -> float:
        year = row["exhaustion_year"]["median"]
        return float("inf") if year is None else float(year)

    return {
        "blocks": brief_background.scenario_section(forecast.document).blocks,
        "rows": sorted(rows, key=median),
        "state": "" if found is None else found.sentence(),
        "stale": found is not None and found.stale,
    }


def variants(forecast: Forecast) -> Mapping[str, Any] | None:
    """Return the stored variants; None where there are none."""
    consumption = forecast.document["consumption"]
    rows = consumption.get("variants") or []
    return {"rows": rows, "state": consumption.get("variants_state", "")} if rows else None


def equations(forecast: Forecast) -> Mapping[str, Any]:
    """Return the equations of the run, made from its configuration."""
    return {"blocks": brief_equations.equations(forecast.document)}


def ledger(forecast: Forecast) -> Mapping[str, Any] | None:
    """Return the elicitation ledger in full."""
    full = brief_background.ledger_in_full(forecast.document)
    return {"blocks": full[0].blocks} if full else None


def citation(forecast: Forecast) -> Mapping[str, Any]:
    """Return how to cite the run and how to make it again."""
    document = forecast.document
    return {
        "blocks": (*brief_background.citation(document).blocks, *brief_background.citation_in_full(document).blocks)
    }
