"""The headline for every form of the report: sentence, what can be checked, three readings, what it does not mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forecast.report.brief_blocks import BriefTable, Paragraph, Quotation
from forecast.runs.document_types import Document
from forecast.runs.headline import CAPTION, COLUMNS, DOES_NOT_MEAN, NOT_MEANT, question, reading_rows
from forecast.runs.sentence import NO_HEADLINE


def opening(document: Document) -> list[Any]:
    """Return the headline as blocks of a brief."""
    if document["sentence"] is None:
        return [Quotation(NO_HEADLINE), Paragraph("The numbers below show what was computed and must not be quoted.")]
    asked, rows = question(document), reading_rows(document)
    blocks: list[Any] = [Quotation(document["sentence"])]
    if asked:
        blocks.append(Paragraph(asked))
    if rows:
        blocks.append(BriefTable(CAPTION, COLUMNS, tuple(rows), (1.5, 3.6, 1.1, 0.9), "llrr", small=True))
    return [*blocks, Paragraph(" ".join(DOES_NOT_MEAN), NOT_MEANT)]


def lines(document: Document) -> Sequence[str]:
    """Return the headline as lines of Markdown: a quotation, what can be checked, the readings."""
    if document["sentence"] is None:
        return [f"> {NO_HEADLINE}", ""]
    found, asked, rows = [f"> {document['sentence']}", ""], question(document), reading_rows(document)
    if asked:
        found += [asked, ""]
    if rows:
        cells = [COLUMNS, ("---", "---", "---:", "---:"), *rows]
        found += [*(f"| {' | '.join(row)} |" for row in cells), ""]
    return [*found, f"{NOT_MEANT} {' '.join(DOES_NOT_MEAN)}", ""]
