"""What a brief says: a forecast's document turned into sections, every number taken from the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from forecast.core.wording import percent_words
from forecast.plots import FIGURES
from forecast.plots.definitions import MAIN_TITLE
from forecast.report import brief_evidence, glossary, likelihood_words, page_one
from forecast.report.brief_background import (
    assumptions,
    checks,
    citation,
    citation_in_full,
    ledger_in_full,
    provenance,
    scenario_section,
)
from forecast.report.brief_blocks import (
    Brief,
    BriefSection,
    BriefTable,
    Bullets,
    Form,
    Paragraph,
    Picture,
)
from forecast.report.brief_equations import equations
from forecast.report.brief_words import (
    amount,
    factor_range,
    factor_words,
    median_and_range,
    share_words,
)
from forecast.report.citing import AUTHOR, question
from forecast.report.disclosures import disclosures_section
from forecast.report.evidence import carrying_section
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.headline import CAPTION, COLUMNS, reading_rows
from forecast.runs.sentence import HEADLINE_YEAR, percent, year_words
from forecast.text import capital

TABLE_YEARS = (*range(2026, 2036), 2040, 2045, 2050)
"""Years of the table of probabilities (calendar years), as far as the forecast covers them."""

USED_YEARS = (2026, 2027, 2028, 2030, 2035, 2040, 2050)
"""Years of the table of utilisation (calendar years)."""


def brief(forecast: Forecast, likelihood: str = likelihood_words.DEFAULT_SCALE) -> Brief:
    """Return what a brief on a forecast says: page one, what goes into it further, and in Markdown what it rests on."""
    document = forecast.document
    scale = likelihood_words.scale(likelihood)
    moving = brief_evidence.before_facts(forecast)
    # Where evaluations tell what moves the answer, its parts are told in the appendix: a brief has few pages.
    parts_further: tuple[Form, ...] = ("markdown",) if moving else ("pdf", "markdown")
    return Brief(
        title=question(document),
        subtitle=page_one.dates(document),
        description=document["sentence"] or "A forecast without a headline: the diagnostics say FAIL.",
        author=AUTHOR,
        created=document["provenance"]["created"],
        sections=(
            *page_one.parts(forecast, likelihood).values(),
            BriefSection(
                "The answer, year by year",
                (_by_year(document, scale), _never(document), _picture(forecast, "consumption_against_stock")),
            ),
            BriefSection("Other ways to define running out", _definitions(forecast, likelihood)),
            *moving,
            *disclosures_section(document),
            *brief_evidence.after_facts(forecast),
            BriefSection("How the largest feasible run may go on growing", _members(forecast), forms=parts_further),
            BriefSection("From all the text there is to usable text", _stock(forecast), forms=parts_further),
            glossary.glossary(document),
            glossary.questions(document),
            *(replace(section, forms=("markdown",)) for section in _appendix(document)),
            citation(document),
            replace(citation_in_full(document), forms=("markdown",)),
        ),
    )


def _appendix(document: Document) -> tuple[BriefSection, ...]:
    """Return what the answer rests on: in Markdown, as on the page of its own."""
    return (
        *carrying_section(document),
        assumptions(document),
        BriefSection("The equations of this run", equations(document)),
        scenario_section(document),
        *ledger_in_full(document),
        checks(document),
        provenance(document),
    )


def _by_year(document: Document, scale: likelihood_words.Scale) -> BriefTable:
    year, members = document["exhaustion_year"], document["consumption"]["members"]
    alone = [member["exhaustion_year"] for member in members if member["weight"] > 0]

    def row(label: str, share: float, of: list[float]) -> tuple[str, ...]:
        between = f"{percent_words(min(of))} to {percent_words(max(of))}" if of else ""
        return label, percent_words(share), scale.word(share), between

    rows = [
        row(str(y), year["probability_by"][str(y)], [own["probability_by"][str(y)] for own in alone])
        for y in TABLE_YEARS
        if str(y) in year["probability_by"]
    ]
    rows.append(
        row(
            f"not by {document['horizon']}",
            year["probability_after_horizon"],
            [own["probability_after_horizon"] for own in alone],
        )
    )
    return BriefTable(
        f"Model probability that the largest feasible run has outgrown the usable stock by the end of the year, its term in "
        f"{scale.title}, and the lowest and highest answer of a single growth model",
        ("by the end of", likelihood_words.LABEL, "term", "growth models"),
        tuple(rows),
        (1.2, 1.3, 2, 1.5),
        "lrlr",
    )


def _never(document: Document) -> Paragraph:
    never = document["exhaustion_year"]["never"]
    return Paragraph(
        f"Of all futures, {percent_words(never['frontier_saturates'])} never get there because training sets stop growing, "
        f"{percent_words(never['stock_escapes'])} because the stock grows faster, {percent_words(never['horizon'])} are still "
        f"closing in at the horizon, {document['horizon']}."
    )


def _definitions(forecast: Forecast, likelihood: str) -> tuple[Any, ...]:
    document = forecast.document
    readings = tuple(reading_rows(document))

    def row(title: str, year: Mapping[str, Any]) -> tuple[str, ...]:
        low, high = year["intervals"]["0.8"]
        share = year["probability_by"][str(HEADLINE_YEAR)]
        term = likelihood_words.scale(likelihood).word(share)
        return title, year_words(low), year_words(year["median"]), year_words(high), percent(share), term

    rows = [row(MAIN_TITLE, document["exhaustion_year"])]
    rows += [row(other["title"], other["exhaustion_year"]) for other in document["definitions"]]
    return (
        *([BriefTable(CAPTION, COLUMNS, readings, (1.5, 3.6, 1.1, 0.9), "llrr", small=True)] if readings else []),
        Paragraph(document["definition"], "The event exactly."),
        Paragraph(
            "The same futures, read by other definitions. Differences between the rows are differences of meaning, not of "
            "chance."
        ),
        BriefTable(
            f"Exhaustion year by definition, equal-tailed 80% interval, and model probability by the end of {HEADLINE_YEAR}",
            ("definition", "10%", "median", "90%", f"by {HEADLINE_YEAR}", "term"),
            tuple(rows),
            (3.4, 0.8, 0.9, 0.8, 1.5, 1.9),
            "lrrrrl",
        ),
        Bullets(tuple((f"{capital(other['title'])}.", other["sentence"]) for other in document["definitions"])),
        _picture(forecast, "definitions"),
    )


def _members(forecast: Forecast) -> tuple[Any, ...]:
    document = forecast.document
    consumption = document["consumption"]
    growth, hidden = consumption["growth_oom_per_year"], consumption["undisclosed"]
    rows = []
    for member in consumption["members"]:
        year = member["exhaustion_year"]
        low, high = year["intervals"]["0.8"]
        rows.append(
            (
                member["title"],
                percent(member["weight"]) if member["weight"] > 0 else "left out",
                year_words(low),
                year_words(year["median"]),
                year_words(high),
                amount(member["frontier_2030"]["median"]),
                member["verdict"],
            )
        )
    blocks: list[Any] = [
        Paragraph(
            "Less than ten years of records cannot say how growth goes on, so several growth models are used side by side, and each "
            f"model's own answer is shown. Growth expected over the next year: {factor_words(growth['median'])} orders of "
            f"magnitude (80% interval {factor_range(growth)}), before any limit on computation."
        ),
        BriefTable(
            "Exhaustion year by growth model, equal-tailed 80% interval",
            ("growth model", "weight", "10%", "median", "90%", f"largest run 2030 ({document['unit']})", "gate"),
            tuple(rows),
            (3.2, 1, 1, 1, 1.2, 1.9, 1),
        ),
    ]
    if hidden["included"]:
        high = hidden["delta"]["intervals"]["0.8"][1]
        blocks.append(
            Paragraph(
                "In half of the futures the largest feasible run is what disclosed sizes say, in one of ten more than "
                f"{factor_words(10**high)} times as much.",
                "Undisclosed models.",
            )
        )
    return (*blocks, _picture(forecast, "members_side_by_side"))


def _stock(forecast: Forecast) -> tuple[Any, ...]:
    document = forecast.document
    stock, unit = document["stock"], document["unit"]
    rows = [_level(f"raw stock, {year}", value) for year, value in stock["raw"].items()]
    for layer in stock["layers"]:
        factor = layer.get("factor_by_year", {}).get("2030", layer["factor"])
        low, high = factor["intervals"]["0.8"]
        rows.append(
            (
                f"times {layer['title']}, 2030",
                factor_words(factor["median"]),
                f"{factor_words(low)} to {factor_words(high)}",
            )
        )
    rows += [_level(f"effective stock, {year}", value) for year, value in stock["effective"].items()]
    used = [
        (
            year,
            *(
                share_words(end)
                for end in (value["intervals"]["0.8"][0], value["median"], value["intervals"]["0.8"][1])
            ),
        )
        for year, value in document["utilisation"].items()
        if int(year) in USED_YEARS
    ]
    return (
        BriefTable(
            f"Stock on 1 January, from raw to effective ({unit})",
            ("", "median", "80% interval"),
            tuple(rows),
            (2, 1.2, 1.8),
        ),
        _picture(forecast, "waterfall"),
        _picture(forecast, "stock_estimators"),
        *([_picture(forecast, "access_path")] if FIGURES["access_path"].shown(forecast) else []),
        BriefTable(
            "Utilisation on 1 January: the frontier as a share of the effective stock; above 100% the stock has been passed",
            ("year", "10%", "median", "90%"),
            tuple(used),
            (1, 1, 1, 1),
        ),
    )


def _level(label: str, value: Mapping[str, Any]) -> tuple[str, ...]:
    return (label, *median_and_range(value))


def _picture(forecast: Forecast, name: str) -> Picture:
    figure = FIGURES[name]
    caption = _CAPTIONS.get(name, lambda _: figure.title)(forecast.document)
    return Picture(name, figure.title, figure.text(forecast), caption, width=_WIDTHS.get(name, 78.0))


def _frontier_caption(document: Document) -> str:
    frontier, stock = document["consumption"]["frontier"].get("2030"), document["stock"]["effective"].get("2030")
    levels = (
        f" On 1 January 2030: frontier {amount(frontier['median'])}, effective stock {amount(stock['median'])} "
        f"{document['unit']} (medians)."
        if frontier and stock
        else ""
    )
    return f"The largest training set against the effective stock; bands hold 50, 80 and 90% of futures.{levels}"


_WIDTHS: Mapping[str, float] = {"stock_estimators": 50.0, "access_path": 56.0, "waterfall": 60.0, "definitions": 62.0}
"""Shares of the page's width that tall figures take in print (per cent)."""

_CAPTIONS: Mapping[str, Callable[[Document], str]] = {
    "consumption_against_stock": _frontier_caption,
    "probability_by_year": lambda document: (
        f"Model probability by year, of all growth models and of each: "
        f"{percent(document['exhaustion_year']['probability_by'][str(HEADLINE_YEAR)])} by the end of {HEADLINE_YEAR}, "
        f"median {year_words(document['exhaustion_year']['median'])}."
    ),
    "definitions": lambda document: (
        f"Exhaustion year by definition, median and 80% interval; the main one has its median in "
        f"{year_words(document['exhaustion_year']['median'])}."
    ),
    "members_side_by_side": lambda document: (
        f"Each growth model's largest feasible run in 2030 and exhaustion year beside those of all "
        f"{len(document['consumption']['members'])} together."
    ),
    "waterfall": lambda document: (
        f"The stock on 1 January 2030, layer by layer, from {amount(document['stock']['raw']['2030']['median'])} to "
        f"{amount(document['stock']['effective']['2030']['median'])} {document['unit']} (medians, 80% intervals)."
        if "2030" in document["stock"]["raw"]
        else "The stock, layer by layer."
    ),
    "stock_estimators": lambda document: (
        f"The stock of 2024 by estimator, with 80% intervals; in use: {document['stock']['estimators'][0]['title']}, "
        f"{amount(document['stock']['estimators'][0]['raw_2024']['median'])} {document['unit']} raw."
    ),
}
"""Captions with numbers of the document; other figures have their titles."""


__all__ = ["MAIN_TITLE", "TABLE_YEARS", "brief"]
