"""What a brief says: a forecast's document turned into sections, every number taken from the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from forecast.core.resources import RESOURCES
from forecast.core.wording import percent_words
from forecast.plots import FIGURES
from forecast.plots.definitions import MAIN_TITLE
from forecast.report import headline_blocks, likelihood_words
from forecast.report.brief_background import assumptions, checks, citation, ledger_in_full, provenance, scenario_section
from forecast.report.brief_blocks import (
    Brief,
    BriefSection,
    BriefTable,
    Bullets,
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
from forecast.report.citing import AUTHOR, run_id
from forecast.report.disclosures import disclosures_section
from forecast.report.evidence import carrying_section
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR, percent, year_words
from forecast.text import capital

TABLE_YEARS = (*range(2026, 2036), 2040, 2045, 2050)
"""Years of the table of probabilities (calendar years), as far as the forecast covers them."""

USED_YEARS = (2026, 2027, 2028, 2030, 2035, 2040, 2050)
"""Years of the table of utilisation (calendar years)."""


def brief(forecast: Forecast, likelihood: str = likelihood_words.DEFAULT_SCALE) -> Brief:
    """Return what a brief on a forecast says."""
    document = forecast.document
    scale = likelihood_words.scale(likelihood)
    resource = RESOURCES[document["resource"]]
    return Brief(
        title=f"When is the stock of {resource.title} used up?",
        subtitle=f"Scenario {document['scenario']} · data as of {document['as_of']} · run {run_id(document)}",
        description=document["sentence"] or "A forecast without a headline: the diagnostics say FAIL.",
        author=AUTHOR,
        created=document["provenance"]["created"],
        sections=(
            _opening(document, likelihood),
            BriefSection(
                "Probability by year",
                (
                    _by_year(document, scale),
                    _never(document),
                    _picture(forecast, "probability_by_year"),
                    _picture(forecast, "consumption_against_stock"),
                ),
            ),
            *carrying_section(document),
            *disclosures_section(document),
            assumptions(document),
            BriefSection("What is meant by exhaustion", _definitions(forecast, likelihood)),
            BriefSection("Consumption: the growth models", _members(forecast)),
            BriefSection("Stock: from all there is to what can be used", _stock(forecast)),
            BriefSection("The equations of this run", equations(document)),
            scenario_section(document),
            *ledger_in_full(document),
            checks(document),
            provenance(document),
            citation(document),
        ),
    )


def _opening(document: Document, likelihood: str) -> BriefSection:
    """Return the sentence, its words, the event, and how far the computation is to be trusted."""
    scale = likelihood_words.scale(likelihood)
    year, diagnostics = document["exhaustion_year"], document["diagnostics"]
    event = Paragraph(document["definition"], "The event.")
    if document["sentence"] is None:
        return BriefSection("", (*headline_blocks.opening(document), event))
    error = document.get("monte_carlo_error")
    by = likelihood_words.in_words(
        year["probability_by"][str(HEADLINE_YEAR)], likelihood, error and error["probability_by"][str(HEADLINE_YEAR)]
    )
    already = likelihood_words.in_words(year["probability_already"], likelihood, error and error["probability_already"])
    verdict = {
        "PASS": "No check of the computation failed.",
        "REVIEW": "Some checks of the computation need attention; they are listed below with what to do.",
    }[diagnostics["verdict"]]
    judged = len(diagnostics["prior_driven"])
    rests = f" {judged} parameters rest on judgement rather than on the data." if judged else ""
    return BriefSection(
        "",
        (
            *headline_blocks.opening(document),
            Paragraph(
                f"In the terms of {scale.title}, by the end of {HEADLINE_YEAR}: {by}; already at the date of the data: "
                f"{already}. A model probability holds if the assumptions below hold; it does not count that they may "
                "be wrong in ways that nobody has thought of.",
                "In words.",
            ),
            event,
            Paragraph(f"{diagnostics['verdict']}. {verdict}{rests}", "Diagnostics."),
        ),
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
        f"Model probability that the largest training run has reached the effective stock by the end of the year, its "
        f"term in {scale.title}, and the lowest and highest answer of a single member",
        ("by the end of", likelihood_words.LABEL, "term", "members"),
        tuple(rows),
        (1.2, 1.3, 2, 1.5),
        "lrlr",
    )


def _never(document: Document) -> Paragraph:
    never = document["exhaustion_year"]["never"]
    return Paragraph(
        f"Of all futures, {percent_words(never['frontier_saturates'])} never get there because the frontier stops growing, "
        f"{percent_words(never['stock_escapes'])} because the stock grows faster, {percent_words(never['horizon'])} are still "
        f"closing in at the horizon, {document['horizon']}."
    )


def _definitions(forecast: Forecast, likelihood: str) -> tuple[Any, ...]:
    document = forecast.document

    def row(title: str, year: Mapping[str, Any]) -> tuple[str, ...]:
        low, high = year["intervals"]["0.8"]
        share = year["probability_by"][str(HEADLINE_YEAR)]
        term = likelihood_words.scale(likelihood).word(share)
        return title, year_words(low), year_words(year["median"]), year_words(high), percent(share), term

    rows = [row(MAIN_TITLE, document["exhaustion_year"])]
    rows += [row(other["title"], other["exhaustion_year"]) for other in document["definitions"]]
    return (
        Paragraph(
            "The same futures, read by other definitions. Differences between the rows are differences of meaning, not of "
            "chance."
        ),
        BriefTable(
            f"Exhaustion year by definition, equal-tailed 80 % interval, and model probability by the end of {HEADLINE_YEAR}",
            ("definition", "10 %", "median", "90 %", f"by {HEADLINE_YEAR}", "term"),
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
            f"magnitude (80 % interval {factor_range(growth)}), before any limit on computation."
        ),
        BriefTable(
            "Exhaustion year by growth model, equal-tailed 80 % interval",
            ("growth model", "weight", "10 %", "median", "90 %", f"largest run 2030 ({document['unit']})", "gate"),
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
            ("", "median", "80 % interval"),
            tuple(rows),
            (2, 1.2, 1.8),
        ),
        _picture(forecast, "waterfall"),
        _picture(forecast, "stock_estimators"),
        *([_picture(forecast, "access_path")] if FIGURES["access_path"].shown(forecast) else []),
        BriefTable(
            "Utilisation on 1 January: the frontier as a share of the effective stock; above 100 % the stock has been passed",
            ("year", "10 %", "median", "90 %"),
            tuple(used),
            (1, 1, 1, 1),
        ),
    )


def _level(label: str, value: Mapping[str, Any]) -> tuple[str, ...]:
    return (label, *median_and_range(value))


def _picture(forecast: Forecast, name: str) -> Picture:
    figure = FIGURES[name]
    caption = _CAPTIONS.get(name, lambda _: figure.title)(forecast.document)
    return Picture(name, figure.title, figure.text(forecast), caption)


def _frontier_caption(document: Document) -> str:
    frontier, stock = document["consumption"]["frontier"].get("2030"), document["stock"]["effective"].get("2030")
    levels = (
        f" On 1 January 2030: frontier {amount(frontier['median'])}, effective stock {amount(stock['median'])} "
        f"{document['unit']} (medians)."
        if frontier and stock
        else ""
    )
    return f"The largest training set against the effective stock; bands hold 50, 80 and 90 % of futures.{levels}"


_CAPTIONS: Mapping[str, Callable[[Document], str]] = {
    "consumption_against_stock": _frontier_caption,
    "probability_by_year": lambda document: (
        f"Model probability by year, of all growth models and of each: "
        f"{percent(document['exhaustion_year']['probability_by'][str(HEADLINE_YEAR)])} by the end of {HEADLINE_YEAR}, "
        f"median {year_words(document['exhaustion_year']['median'])}."
    ),
    "definitions": lambda document: (
        f"Exhaustion year by definition, median and 80 % interval; the main one has its median in "
        f"{year_words(document['exhaustion_year']['median'])}."
    ),
    "members_side_by_side": lambda document: (
        f"Each growth model's largest feasible run in 2030 and exhaustion year beside those of all "
        f"{len(document['consumption']['members'])} together."
    ),
    "waterfall": lambda document: (
        f"The stock on 1 January 2030, layer by layer, from {amount(document['stock']['raw']['2030']['median'])} to "
        f"{amount(document['stock']['effective']['2030']['median'])} {document['unit']} (medians, 80 % intervals)."
        if "2030" in document["stock"]["raw"]
        else "The stock, layer by layer."
    ),
    "stock_estimators": lambda document: (
        f"The stock of 2024 by estimator, with 80 % intervals; in use: {document['stock']['estimators'][0]['title']}, "
        f"{amount(document['stock']['estimators'][0]['raw_2024']['median'])} {document['unit']} raw."
    ),
}
"""Captions with numbers of the document; other figures have their titles."""


__all__ = ["MAIN_TITLE", "TABLE_YEARS", "brief"]
