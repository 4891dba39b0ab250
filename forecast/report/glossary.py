"""A dozen words that the report uses, and what readers ask, with the forecast's own numbers in the answers."""

from __future__ import annotations

from forecast.core.resources import RESOURCES
from forecast.core.wording import odds, percent_words, times_words, year_phrase
from forecast.plots.style import quantity_words
from forecast.report.brief_blocks import BriefSection, Bullets
from forecast.report.stored_for import scenarios_for
from forecast.runs.document_types import Document
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios.levers import counted_as

WORDS = "Words used here"
"""Title of the glossary."""

QUESTIONS = "Questions readers ask"
"""Title of the answers."""

_BESIDE = "synthetic_accumulate"
"""The scenario that counts machine-written text beside human text."""


def glossary(document: Document) -> BriefSection:
    """Return a dozen words with their meaning."""
    resource = RESOURCES[document["resource"]]
    members = sum(one["weight"] > 0 for one in document["consumption"]["members"])
    passes = [one["factor"]["median"] for one in document["stock"]["layers"] if one["name"] in counted_as("pass")]
    often = f", here about {times_words(passes[0])}" if passes else ""
    items = (
        ("Largest feasible run.", "The largest training run that somebody could make at a date, published or not."),
        ("Published record.", "The largest training set whose size is known. It lies below the largest feasible run."),
        ("Stock.", f"All {resource.title} that exists at a date."),
        (
            f"Usable {resource.title}.",
            "The part that is open to training and worth training on, counted as often as it pays.",
        ),
        ("Token.", "The unit in which models read text: about three quarters of an English word."),
        ("Pass.", f"One reading of the same data. Later passes are worth less{often}."),
        ("Growth model.", f"One way in which training sets may go on growing. This forecast weighs {members} of them."),
        ("Future.", "One run of the model with all its uncertainties drawn once. The odds count futures."),
        ("Central estimate.", "The year with half of the futures before it and half after it."),
        ("Eight in ten.", "The range that holds the middle 80% of the futures."),
        ("Scenario.", "A set of assumptions other than those of the headline. It has no probability."),
        ("Rests on judgement.", "The data hardly move this number; a reasoned choice sets it."),
    )
    return BriefSection(WORDS, (Bullets(items),))


def questions(document: Document) -> BriefSection:
    """Return what readers ask, with answers."""
    resource, year = RESOURCES[document["resource"]], document["exhaustion_year"]
    record, usable = document["consumption"]["record"], document["stock"]["effective"]
    size = quantity_words(10 ** record["log10_size"]) if record["rows"] else None
    at = document["as_of"][:4]
    items = [
        (
            "Does progress in AI stop then?",
            "No. The date concerns one input. Better methods, other data and more passes over the same data remain, and the "
            "scenarios show how far some of them move the date.",
        ),
        (
            "Has it already happened?",
            f"{odds(year['probability_already']).of_a_crowd().capitalize()} futures say so, because the largest runs publish no "
            "sizes."
            + (
                f" No published run shows it: the record is {size} {document['unit']}, against "
                f"{quantity_words(usable[at]['median'])} usable at the start of {at} (middle of the range)."
                if size and at in usable
                else ""
            ),
        ),
        (
            "Why is the range so wide?",
            f"The records are short and stop below the largest runs, so growth rests partly on judgement, and estimates of usable "
            f"{resource.title} differ several times over.",
        ),
        (
            f"Is {percent_words(float(year['probability_by'][str(HEADLINE_YEAR)]))} by {HEADLINE_YEAR} certain?",
            "It is the share of the model's futures. It holds if the assumptions hold, and does not count that they may all be "
            "wrong in the same way.",
        ),
    ]
    scenarios = scenarios_for(document)
    rows = {} if scenarios is None else {one["name"]: one for one in scenarios.content["scenarios"]}
    if scenarios is not None and _BESIDE in rows:
        when = year_phrase(rows[_BESIDE]["exhaustion_year"]["median"])
        stale = " (from a stale stored result)" if scenarios.stale else ""
        items.append(
            (
                "What of machine-written text?",
                f"The scenario “{rows[_BESIDE]['title']}” adds it to human text: the central year is then {when}{stale}.",
            )
        )
    items.append(
        (
            "How would I know that it is wrong?",
            "Each half-year forecasts of quantities that anyone can check are frozen and later scored, against simple rivals. "
            "And forecast verify makes this run again and compares every number.",
        )
    )
    return BriefSection(QUESTIONS, (Bullets(tuple(items)),))


__all__ = ["QUESTIONS", "WORDS", "glossary", "questions"]
