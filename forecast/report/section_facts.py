"""What sections of the page need beside the document: stored results, and the blocks of the brief.

Each function takes a forecast and returns the variables of one partial, or None where it has nothing to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.ingest.measurement import record_row
from forecast.report import brief_background, brief_content
from forecast.report.citing import run_id
from forecast.report.stored_evaluations import track_record
from forecast.runs import headline
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR, NO_HEADLINE

EQUATIONS = "The equations of this run"
"""Title of the brief's section that the page shows, too."""


def page_one(forecast: Forecast) -> Mapping[str, Any]:
    """Return the lines under the table of page one: assumptions, track record, why the date has moved."""
    document, error = forecast.document, forecast.document.get("monte_carlo_error")
    layers = [*document["stock"]["layers"], *document["consumption"]["levers"]]
    rows = document["consumption"]["record"]["rows"]
    largest = record_row(rows)
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
        "assumed": [(layer["title"], layer.get("factor_by_year", {}).get("2030", layer["factor"])) for layer in layers],
        "run": run_id(document),
        "track_record": track_record(),
        "checkable": headline.question(document),
        "readings": headline.reading_rows(document),
        "columns": headline.COLUMNS,
        "caption": headline.CAPTION,
        "not_meant": (headline.NOT_MEANT, headline.DOES_NOT_MEAN),
        "no_headline": NO_HEADLINE,
        "error": error and error["probability_by"][str(HEADLINE_YEAR)],
    }


def scenarios(forecast: Forecast) -> Mapping[str, Any]:
    """Return the scenario of the run, and the shipped scenarios where they are stored for its data."""
    from forecast.evaluate.scenarios import stored_scenarios

    found = stored_scenarios(forecast.document)
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


def equations(forecast: Forecast) -> Mapping[str, Any] | None:
    """Return the equations of the run, made from its configuration."""
    found = [part for part in brief_content.brief(forecast).sections if part.title == EQUATIONS]
    return {"blocks": found[0].blocks} if found else None


def ledger(forecast: Forecast) -> Mapping[str, Any] | None:
    """Return the elicitation ledger in full."""
    full = [part for part in brief_background.ledger_in_full(forecast.document) if "markdown" in part.forms]
    return {"blocks": full[0].blocks} if full else None


def citation(forecast: Forecast) -> Mapping[str, Any]:
    """Return how to cite the run and how to make it again."""
    return {"blocks": brief_background.citation(forecast.document).blocks}
