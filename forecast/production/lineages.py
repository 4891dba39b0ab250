"""Which measurements of the stock count as one lineage: several ways of drawing the line.

Whoever repeats another's inputs repeats the error, but how much has to be shared to count as the same is a judgement. The
table ``stock_mapping`` and the estimators name the inputs and the publisher of each measurement; a drawing is a rule that
makes one lineage of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from forecast.core.registry import Registry
from forecast.production.combining import Measurement

BY_INPUTS = "by_inputs"
"""The drawing that the synthesis uses unless told otherwise."""

PAGE_COUNTS = ("epoch", "google_testimony", "internet_archive", "microsoft_crawl")
"""Lineages whose figures are pages times text a page."""


@dataclass(frozen=True)
class Drawing:
    """A way of drawing the lineages.

    Parameters
    ----------
    name, title, sentence : str
        Its name, its title, and what is different about it.
    lineage : callable
        From a measurement to the name of its lineage.

    Examples
    --------
    >>> one = Measurement("Cummins", "common_crawl", "estimate", 14.0, 0.2, publisher="cummins")
    >>> [DRAWINGS[name].lineage(one) for name in DRAWINGS]
    ['common_crawl', 'cummins', 'cummins', 'common_crawl', 'common_crawl']
    """

    name: str
    title: str
    sentence: str
    lineage: Callable[[Measurement], str]

    def drawn(self, one: Measurement) -> Measurement:
        """Return a measurement with its lineage by this drawing."""
        return replace(one, lineage=self.lineage(one))


def _publisher(one: Measurement) -> str:
    return one.publisher or one.lineage


DRAWINGS = Registry[Drawing](
    "drawing of lineages",
    (
        Drawing(
            BY_INPUTS,
            "Lineages by inputs",
            "Who uses the same pages, words or corpora is one lineage, whoever published it.",
            lambda one: one.lineage,
        ),
        Drawing(
            "by_publisher",
            "Lineages by publisher",
            "Who publishes a figure is its lineage, whatever it was reckoned from.",
            _publisher,
        ),
        Drawing(
            "epoch_derived_as_one",
            "Lineages: all that is derived from Epoch AI's inputs as one",
            "As by publisher, but words a user, which are Epoch AI's, make the count of people one with its pages.",
            lambda one: "epoch" if one.lineage == "people" else _publisher(one),
        ),
        Drawing(
            "one_index",
            "Lineages: all counts of one index as one",
            "As by inputs, but the sworn size of a search index is one with estimates of that index from outside.",
            lambda one: "epoch" if one.lineage == "google_testimony" else one.lineage,
        ),
        Drawing(
            "by_method",
            "Lineages: all counts of pages as one",
            "Pages times text a page is one method, whoever counted which pages; the widest of the drawings.",
            lambda one: "pages" if one.lineage in PAGE_COUNTS else one.lineage,
        ),
    ),
)
"""The drawings by name, the default first: a new one is one entry here."""
