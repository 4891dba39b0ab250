"""The section of the report that leads from Epoch AI's forecast to this one, from a stored result."""

from __future__ import annotations

from typing import Any

from forecast.runs.forecast import Forecast

TITLE = "From Epoch's forecast to this one"
"""Heading of the section, and what its figure is called."""


def bridge(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the section shows.

    The bridge ends at the baseline of public text: a report about anything else does without it. A run of the baseline
    with another seed, date or table is told by how far its own median lies from where the bridge ends.
    """
    from forecast.ingest.stored import exists, read
    from forecast.scenarios import scenario as scenarios

    document = forecast.document
    if document["scenario"] != "baseline" or document["resource"] != "public_text" or not exists("bridge"):
        return None
    # A forecast of another baseline than the one in use has its own hash, which no result was stored with.
    baseline, own = scenarios.load("baseline"), document["provenance"]["scenario_sha256"]
    found = read("bridge", {"scenario": baseline.numbers_digest() if own == baseline.digest() else own})

    from forecast.plots.bridge import bridge_waterfall, bridge_waterfall_table, bridge_waterfall_text
    from forecast.replicate.bridge import BridgeStep, table_rows
    from forecast.report.pictures import figure_of, stored_source

    steps = [BridgeStep.from_json(row) for row in found.content["steps"]]
    return {
        "figure": figure_of(
            lambda: bridge_waterfall(steps),
            "bridge",
            TITLE,
            bridge_waterfall_text(steps),
            bridge_waterfall_table(steps),
            stored_source(found.made),
        ),
        "rows": table_rows(steps),
        "sentences": [step.sentence for step in steps],
        "state": found.sentence(),
        "as_of": found.content["as_of"],
        "end": steps[-1].median,
        "here": document["exhaustion_year"]["median"],
    }
