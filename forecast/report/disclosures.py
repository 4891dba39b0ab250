"""What would change the answer: the section on single facts, and the parts of the premium, from their stored result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from forecast.evaluate.disclosures.premium import check_of
from forecast.report.brief_blocks import BriefSection, BriefTable, Paragraph
from forecast.report.stored_evaluations import Evaluated
from forecast.runs.document import of_the_shipped_tables
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR, percent, year_words

TITLE = "If one fact were stated"

COLUMNS = ("if it were stated that", f"by {HEADLINE_YEAR}", "median", "already", "futures")
"""Columns of the table, on the page and in the brief."""

_SHOWN = Evaluated(
    "disclosures",
    "Each line is the answer if one fact were known that somebody could state. Futures that do not agree with the fact lose "
    "weight; where few of them agree with a stated size, and for a share, the growth models are fitted again with it.",
    "forecast sensitivity --if",
)


def disclosures(forecast: Forecast) -> dict[str, Any] | None:
    """Return what the section shows; None where nothing is stored for this forecast."""
    content = _content(forecast.document)
    shown = None if content is None else _SHOWN(forecast)
    if content is None or shown is None:
        return None
    return {**shown, "columns": COLUMNS, "rows": rows(content), "compared": compared(content)}


def premium(document: Document) -> dict[str, Any] | None:
    """Return the parts of the distance between record and frontier; None where none are stored for this forecast."""
    content = _content(document)
    if content is None:
        return None
    found = content["premium"]
    return {
        "sentence": f"The largest feasible run is inferred at {10 ** found['log10']:.1f} times the published record "
        f"({found['record']['model']}). This premium is nobody's statement. It has these parts, which multiply.",
        "columns": ("part", "factor", "log10", "what would check it"),
        "rows": [
            (one["title"], f"x{10 ** one['log10']:.2f}", f"{one['log10']:+.2f}", check_of(one))
            for one in found["parts"]
        ],
    }


def premium_log10(document: Document) -> float | None:
    """Return the distance between record and frontier (log10) as the report states it; None where none is stored."""
    content = _content(document)
    return None if content is None else float(content["premium"]["log10"])


def rows(content: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Return the lines of the table, the answer as it is first."""
    first = {"sentence": "Nothing more: the answer as it is.", "note": None, **content["answer"]}
    return tuple(
        (row["sentence"], row["note"], "", "", f"{row['n_effective']:.0f}")
        if row["note"]
        else (
            row["sentence"],
            percent(row["probability_by_2030"]),
            year_words(row["median"]),
            percent(row["already"]),
            f"{row['n_effective']:,.0f}",
        )
        for row in (first, *content["if"])
    )


def compared(content: Mapping[str, Any]) -> str:
    """Say what the columns mean, and how both ways of taking in a size agree."""
    said = (
        f"Futures: how many the answer is worth; below {content['settings']['floor']:.0f} none is given. Already: by the date "
        "of the data."
    )
    by_particles = content["answer_by_particles"]
    if by_particles is None or by_particles["probability_by_2030"] is None:
        return said
    said += (
        f" Fits that are made again are those of the fast engine, which says {percent(by_particles['probability_by_2030'])} "
        "with the rows as they are."
    )
    pairs = [
        (fitted, weighed)
        for one in content["compared"]
        for fitted, weighed in [[one[way]["probability_by_2030"] for way in ("as_a_row", "as_a_row_weighed")]]
        if fitted is not None and weighed is not None
    ]
    if not pairs:
        return said
    apart = _points(max(abs(fitted - weighed) for fitted, weighed in pairs))
    return (
        f"{said} Taken as one more published run, and not as the largest of a laboratory, the smallest size would give "
        f"{percent(pairs[0][0])}; read so, fitting again and weighing differ by less than {apart} for {len(pairs)} of the "
        f"{len(content['compared'])} sizes, and the old futures are too few for the others."
    )


def _points(share: float) -> str:
    """Return a difference of probabilities in whole points, rounded up.

    Examples
    --------
    >>> _points(0.002), _points(0.012)
    ('a point', '2 points')
    """
    points = math.ceil(100 * share - 1e-9)
    return "a point" if points <= 1 else f"{points} points"


def disclosures_section(document: Document) -> tuple[BriefSection, ...]:
    """Return the section of the brief; nothing where none is stored for this forecast."""
    content, parts = _content(document), premium(document)
    if content is None or parts is None:
        return ()
    found = _SHOWN.stored()
    state = "" if found is None else found.sentence()
    answers = BriefTable(
        "The answer if one fact were stated, all else as it is", COLUMNS, rows(content), (4.6, 1.1, 1, 1, 1), small=True
    )
    of_premium = BriefTable(
        "How far the largest feasible run stands above the record, part by part",
        parts["columns"],
        tuple(parts["rows"]),
        (3.6, 0.8, 0.8, 3.6),
        "lrrl",
        small=True,
    )
    return (
        BriefSection(
            TITLE,
            (
                Paragraph(_SHOWN.intro),
                answers,
                Paragraph(f"{compared(content)} {state}"),
                Paragraph(parts["sentence"]),
                of_premium,
            ),
        ),
    )


def _content(document: Document) -> Mapping[str, Any] | None:
    """Return the stored result, where it is of this forecast."""
    found = _SHOWN.stored() if of_the_shipped_tables(document) else None
    return None if found is None or found.content["as_of"] != document["as_of"] else found.content
