"""The headline as lines of Markdown: sentence, what can be checked, three readings, what it does not mean."""

from __future__ import annotations

from collections.abc import Sequence

from forecast.runs.document_types import Document
from forecast.runs.headline import COLUMNS, DOES_NOT_MEAN, NOT_MEANT, question, reading_rows
from forecast.runs.sentence import NO_HEADLINE


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
