"""The section of the report on what synthetic data is worth: what is measured, what is borrowed, what is judgement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.runs.forecast import Forecast
from forecast.scenarios.levers import LEVERS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from forecast.report.pictures import PageFigure
    from forecast.runs.document_types import Document

SECTION_LEVERS = ("synthetic", "contamination")
"""Levers that the section is about; where neither acts, it is one paragraph."""

EXAMPLE = "synthetic_accumulate"
"""Scenario whose yield is shown where none is counted."""

KINDS: Mapping[str, str] = {
    "measured": "measured here",
    "published": "measured elsewhere",
    "borrowed": "measured elsewhere",
    "table": "measured elsewhere, worked out from a table of published figures",
    "judgement": "judged",
    "caller": "set by the caller",
}
"""Where a number comes from, in words."""


def synthetic(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the section shows."""
    document = forecast.document
    record = document["provenance"].get("scenario")
    if record is None or all(document["resource"] not in LEVERS[name].applies_to for name in SECTION_LEVERS):
        return None
    acting = [name for name in SECTION_LEVERS if name in record["levers"]]
    facts: dict[str, Any] = {"acting": acting, "regime": regime_of(record)}
    facts |= dict.fromkeys(("tables", "figure", "origins", "state", "example", "over_scale", "judged", "surrogate"))
    if not acting:
        return facts
    from forecast.scenarios.ledger import ledger
    from forecast.scenarios.record import restored

    rows = [row for row in ledger(restored(record)) if row["part"] == "levers" and row["acts"]]
    facts["tables"] = [
        (LEVERS[name].title, [number_row(row) for row in rows if row["lever"] == name]) for name in acting
    ]
    return facts | _stored() | {"over_scale": _over_scale(document), "judged": _judged(document)}


def regime_of(record: Mapping[str, Any]) -> str | None:
    """Return how synthetic text comes into training in a recorded scenario."""
    setting = record["levers"].get("synthetic")
    regime = None if setting is None else setting["choices"].get("regime")
    return None if regime == "none" else regime


def number_row(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row of the elicitation ledger as the section's table shows it.

    Examples
    --------
    >>> number_row({"lever": "synthetic", "setting": "share", "unit": "share", "value": 0.5, "kind": "judgement",
    ...             "reason": "judgement: half"})["value"]
    '0.5 (share)'
    """
    settings = LEVERS[row["lever"]].settings
    known = settings.get(row["setting"])
    return {
        "name": row["setting"] if known is None else known.description,
        "value": _value(row),
        "kind": KINDS[row["kind"]],
        "source": row["reason"],
    }


def _value(row: Mapping[str, Any]) -> str:
    if "word" in row:
        return str(row["word"])
    if "value" in row:
        return f"{row['value']:g} ({row['unit']})" if row["value"] < 1e5 else f"{row['value']:.2g} ({row['unit']})"
    (low, a), (_, middle), (high, b) = sorted(row["quantiles"].items())
    level = int(high[1:]) - int(low[1:])
    return f"{middle:.2g} ({a:.2g} to {b:.2g} at {level}%; {row['unit']})"


def _over_scale(document: Document) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the stored answers of the scenarios of synthetic text over the factor of scale, by title."""
    from forecast.evaluate.scenarios import stored_scenarios
    from forecast.scenarios.scenario import load

    found = stored_scenarios(document)
    rows = [] if found is None else found.content["over_scale"]
    return [
        (load(name).title, [row for row in rows if row["name"] == name])
        for name in dict.fromkeys(row["name"] for row in rows)
    ]


def _judged(document: Document) -> PageFigure | None:
    """Return the figure of what the judged numbers do to the answer of the scenario that counts synthetic text."""
    from forecast.evaluate.scenarios import stored_scenarios
    from forecast.report.kept_pictures import kept_words
    from forecast.report.pictures import figure_of, stored_source
    from forecast.scenarios.scenario import load

    found = stored_scenarios(document)
    if found is None:
        return None
    content = found.content["judged"]

    def draw() -> Axes:
        from forecast.plots.sensitivity import bars_2030

        return bars_2030(content)

    def say() -> tuple[str, pd.DataFrame]:
        from forecast.plots.sensitivity import bars_table, bars_text

        return bars_text(content), bars_table(content)

    title = f'What the judged numbers move in the scenario "{load(content["scenario"]).title}"'
    return figure_of(
        draw,
        "synthetic_judged",
        title,
        *kept_words(say, name="synthetic_judged", of=content),
        stored_source(found.made),
    )


def _exponent() -> dict[str, Any]:
    """Return the number of the example that its yield does not hold: how saturation grows."""
    from forecast.scenarios.scenario import load

    said = load(EXAMPLE).levers["synthetic"].quantities["saturation_exponent"]
    low, median, high = (float(said.quantile(np.array(level))) for level in (0.1, 0.5, 0.9))
    ends = {"low": low, "median": median, "high": high}
    return {"name": "power of saturation's growth", "kind": "judgement", "unit": "power", **ends}


def _stored() -> dict[str, Any]:
    """Return the yield curve, its state and the example's numbers; nothing where they are not stored."""
    from forecast.ingest.stored import exists, read

    if not exists("synthetic_worth"):
        return {}
    found = read("synthetic_worth", {})

    from forecast.report.kept_pictures import kept_words
    from forecast.report.pictures import figure_of, stored_source

    def draw() -> Figure:
        from forecast.evaluate.synthetic_worth import curve_from
        from forecast.plots.collapse import draw_yield

        return draw_yield(curve_from(found.content["curve"]), upright=True)

    def say() -> tuple[str, pd.DataFrame]:
        from forecast.evaluate.synthetic_worth import curve_from
        from forecast.plots.collapse import yield_table, yield_text

        curve = curve_from(found.content["curve"])
        return yield_text(curve), yield_table(curve)

    words = kept_words(say, name="synthetic", of=found.content["curve"])
    parts = [*(part for part in found.content["scenarios"][EXAMPLE]["ledger"] if part["low"] > 0), _exponent()]

    def draw_origins() -> Figure:
        from forecast.plots.collapse_label_panels import yield_origins

        return yield_origins(parts, KINDS)

    def say_origins() -> tuple[str, pd.DataFrame]:
        from forecast.plots.collapse_label_panels import origins_table, origins_text

        return origins_text(parts, KINDS), origins_table(parts, KINDS)

    told = kept_words(say_origins, name="synthetic_origins", of=parts)
    title = "What is measured here, measured elsewhere, judged"
    return {
        "surrogate": read("surrogate", None).content["left_out"] if exists("surrogate") else None,
        "origins": figure_of(draw_origins, "synthetic_origins", title, *told, stored_source(found.made)),
        "figure": figure_of(draw, "synthetic", "What a synthetic token is worth", *words, stored_source(found.made)),
        "state": found.sentence(),
        "example": {
            "name": EXAMPLE,
            "rows": [
                number_row(
                    {
                        "lever": "synthetic",
                        "setting": part["name"],
                        "unit": part["unit"],
                        "quantiles": {"q10": part["low"], "q50": part["median"], "q90": part["high"]},
                        "kind": part["kind"],
                        "reason": part["source"],
                    }
                )
                for part in found.content["scenarios"][EXAMPLE]["ledger"]
            ],
            "yield": found.content["scenarios"][EXAMPLE]["yield"],
        },
    }
