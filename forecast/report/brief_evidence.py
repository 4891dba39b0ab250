"""What a brief shows of the stored evaluations: what moves the date, other assumptions, others' answers, the track record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.report import section_facts
from forecast.report.brief_blocks import Block, BriefSection, BriefTable, Paragraph, Picture
from forecast.report.sections import SECTIONS
from forecast.report.stored_evaluations import BACKTEST, CLAIMS, SENSITIVITY, Evaluated, track_record
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR, percent, year_words


def before_facts(forecast: Forecast) -> tuple[BriefSection, ...]:
    """Return what moves the date most; nothing where no evaluation fits the forecast."""
    return _evaluated(forecast, SENSITIVITY, 62.0)


def after_facts(forecast: Forecast) -> tuple[BriefSection, ...]:
    """Return the scenarios, what others said, the track record and how the answer has moved, as far as they are stored."""
    return (
        *_scenarios(forecast),
        *_evaluated(forecast, CLAIMS, 72.0),
        *_evaluated(forecast, BACKTEST, 66.0, track_record()),
        *_history(forecast),
    )


def _evaluated(forecast: Forecast, what: Evaluated, width: float, words: str | None = None) -> tuple[BriefSection, ...]:
    """Return the section of an evaluation; `words` stand in place of its own sentences."""
    found = what.described(forecast)
    if found is None:
        return ()
    title = SECTIONS[what.name].title
    said = words or " ".join(sentence for sentence in found.sentences if sentence)
    picture = Picture(what.name, title, found.text, found.state, width=width)
    # The picture comes first: a heading stays with what follows it, and so with the picture.
    return (BriefSection(title, (picture, Paragraph(said))),)


def _scenarios(forecast: Forecast) -> tuple[BriefSection, ...]:
    facts = section_facts.scenarios(forecast)
    if not facts["rows"]:
        return ()

    def row(one: Mapping[str, Any]) -> tuple[str, ...]:
        year = one["exhaustion_year"]
        low, high = year["intervals"]["0.8"]
        by = percent(year["probability_by"][str(HEADLINE_YEAR)])
        return one["title"], year_words(low), year_words(year["median"]), year_words(high), by

    table = BriefTable(
        "When it happens in each scenario: the middle 80% of the futures",
        ("scenario", "10%", "median", "90%", f"by the end of {HEADLINE_YEAR}"),
        tuple(row(one) for one in facts["rows"]),
        (3.4, 0.9, 0.9, 1.1, 1.3),
        small=True,
    )
    blocks: tuple[Block, ...] = (
        Paragraph("The same data and growth models under other assumptions. We assign no probabilities to scenarios."),
        table,
        *([Paragraph(facts["state"])] if facts["stale"] else []),
    )
    return (BriefSection(SECTIONS["scenarios"].title, blocks),)


def _history(forecast: Forecast) -> tuple[BriefSection, ...]:
    facts = section_facts.history(forecast)
    return () if facts is None else (BriefSection(SECTIONS["history"].title, (facts["steps"],)),)
