"""The section of the report that leads from Epoch AI's forecast to this one, from a stored result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.errors import MissingFileError


def bridge_section(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the section shows.

    The bridge ends at the baseline of public text: a report about anything else does without it. A run of the baseline
    with another seed, date or table is told by how far its own median lies from where the bridge ends.

    Parameters
    ----------
    document : mapping
        A forecast's document.

    Returns
    -------
    dict or None
        ``rows``, ``sentences``, ``svg``, ``text``, ``state`` and ``here``; None where nothing is stored.
    """
    from forecast.ingest import results

    if document["scenario"] != "baseline" or document["resource"] != "public_text" or not results.is_stored("bridge"):
        return None
    made_from = results.made_from("bridge", {"scenario": document["provenance"]["scenario_sha256"]})
    try:
        found = results.stored("bridge", made_from)
    except MissingFileError:
        return None
    from forecast.plots.bridge import bridge_waterfall, bridge_waterfall_text
    from forecast.replicate.bridge import Step, table_rows
    from forecast.report import svg_element

    steps = [Step.from_json(row) for row in found.content["steps"]]
    canvas = bridge_waterfall(steps).get_figure(root=True)
    assert canvas is not None, "axes always belong to a figure"
    text = bridge_waterfall_text(steps)
    return {
        "rows": table_rows(steps),
        "sentences": [step.sentence for step in steps],
        "svg": svg_element(canvas, "bridge", "From Epoch's forecast to this one", text),
        "text": text,
        "state": found.sentence(),
        "as_of": found.content["as_of"],
        "end": steps[-1].median,
        "here": document["exhaustion_year"]["median"],
    }
