"""Page one, as every form of the report has it: the answer, what it means, what would change it, how far to trust it.

Each part is a section of blocks. Its numbers come from the document or from a stored result; a part without any is left
out, and one whose stored result no longer fits says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.core.units import decimal_year
from forecast.core.wording import MONTHS, date_words, odds, percent_words, year_phrase, year_words
from forecast.ingest.measurement import record_row
from forecast.ingest.stored import StoredResult
from forecast.plots import FIGURES
from forecast.plots.style import quantity_words
from forecast.report import citing, likelihood_words
from forecast.report.brief_blocks import Block, BriefSection, BriefTable, Bullets, Links, Paragraph, Picture, Quotation
from forecast.report.stored_for import scenarios_for, stale_words, stored_for
from forecast.report.trust import moved_later, trust
from forecast.runs.document_types import Document
from forecast.runs.folder import APPENDIX, DOCUMENT, ONE_PAGE
from forecast.runs.forecast import Forecast
from forecast.runs.headline import DOES_NOT_MEAN, NOT_MEANT, event, fixed_words, question
from forecast.runs.sentence import HEADLINE_YEAR, NO_HEADLINE
from forecast.text import capital

CHART = "probability_by_year"
"""The one figure of page one."""

SCENARIOS = ("baseline", "closed_web", "compute_stalls", "synthetic_accumulate")
"""The scenarios of page one: as now, and what is asked for most: publishers, computation, machine-written text."""

MOVERS = 5
"""Assumptions that are ranked on page one (count); the section below has all."""

CLAIMS = 3
"""Statements of others on page one (count), the newest first."""

HARDLY_GROWN = 1.25
"""A record that grew by less in a year has hardly grown (ratio); judgement: growth models expect 1.6."""

MEANT = "What it means."
"""Lead of the lines that say so."""


def parts(forecast: Forecast, likelihood: str = likelihood_words.DEFAULT_SCALE) -> dict[str, BriefSection]:
    """Return the parts of page one by name, in the order of reading."""
    document = forecast.document
    found: dict[str, tuple[str, Sequence[Block]]] = {
        "headline": ("", _answer(forecast, likelihood)),
        "meaning": ("What it means, and what it does not", _meaning(document)),
        "movers": ("What would change it", _movers(document)),
        "four": ("Four scenarios", _scenarios(document)),
        "trust": ("How far to trust it", trust(document)),
        "question": ("A question that can be checked", _question(document)),
        "others": ("What others said", _others(document)),
        "use": ("Use this", _use(document)),
    }
    return {name: BriefSection(title, tuple(blocks), first=True) for name, (title, blocks) in found.items() if blocks}


def dates(document: Document) -> str:
    """Say how old the data are, and when the forecast was made."""
    scenario = "" if document["scenario"] == "baseline" else f" · scenario {document['scenario']}"
    made = date_words(str(document["provenance"]["created"])[:10])
    return f"Data to {date_words(document['as_of'])} · made on {made}{scenario} · run {citing.run_id(document)}"


def _answer(forecast: Forecast, likelihood: str) -> list[Block]:
    document = forecast.document
    figure = FIGURES[CHART]
    chart = Picture(CHART, figure.title, figure.text(forecast))
    if document["sentence"] is None:
        stop = Paragraph("The numbers below show what was computed and must not be quoted.")
        return [Quotation(NO_HEADLINE), stop, chart]
    before = " ".join(filter(None, (_record(document), _epoch(document), moved_later(document))))
    known = [Paragraph(before, "Before you quote it.")] if before else []
    return [Quotation(document["sentence"]), *known, Paragraph(_in_words(document, likelihood)), chart]


def _in_words(document: Document, likelihood: str) -> str:
    """Return the probability in the words of a scale."""
    year, error = document["exhaustion_year"], document.get("monte_carlo_error")
    by, already = (
        likelihood_words.in_words(share, likelihood, own)
        for share, own in (
            (_by(year), error and error["probability_by"][str(HEADLINE_YEAR)]),
            (year["probability_already"], error and error["probability_already"]),
        )
    )
    name = likelihood_words.scale(likelihood).title
    return f"In the terms of {name}: by the end of {HEADLINE_YEAR} {by}; that it has already happened, {already}."


def _record(document: Document) -> str:
    """Say how large the largest published set is, and how far it has come in a year."""
    rows = document["consumption"]["record"]["rows"]
    now = record_row(rows)
    if now is None:
        return ""
    size = f"{quantity_words(10 ** now['log10_size'])} {document['unit']}"
    said = f"The largest published training set holds {size} ({now['model']}, {int(now['year'])})"
    earlier = record_row([row for row in rows if row["year"] <= decimal_year(document["as_of"]) - 1])
    if earlier is None:
        return f"{said}."
    month = MONTHS[min(int(12 * (earlier["year"] % 1)), 11)]
    times = 10 ** (now["log10_size"] - earlier["log10_size"])
    only = "only " if times < HARDLY_GROWN else ""
    return f"{said}, {only}{times:.2g} times the record of {month} {int(earlier['year'])}."


def _epoch(document: Document) -> str:
    """Return the newest published answer to the same question."""
    found = stored_for("vintages", document)
    if found is None:
        return ""
    one = max(found.content["published"], key=lambda published: published["date"])
    low, high = one["interval"]
    return f"Epoch AI's answer of {one['date'][:4]} was {year_words(one['median'])} ({year_words(low)} to {year_words(high)})."


def _meaning(document: Document) -> list[Block]:
    if document["sentence"] is None:
        return []
    year = document["exhaustion_year"]
    never = odds(year["probability_after_horizon"]).of_a_crowd().removeprefix("about ")
    lines = (
        f"The year in which the largest training run that somebody could make would need {event(document)}.",
        "A larger run would then need something else: more passes over the same data, other data, machine-written text, or "
        "methods that need less.",
        f"A spread, not a date: {odds(1 - _by(year)).of_a_crowd()} futures have not got there by the end of {HEADLINE_YEAR}, "
        f"{never} {fixed_words(document)['ever']}.",
    )
    return [
        Paragraph("", MEANT),
        Bullets(tuple(("", line) for line in lines)),
        Paragraph("", NOT_MEANT),
        Bullets(tuple(("", line) for line in DOES_NOT_MEAN)),
    ]


def _movers(document: Document) -> list[Block]:
    found = stored_for("sensitivity", document)
    if found is None:
        return []

    def moved(one: Mapping[str, Any]) -> float:
        low, high = (one["tornado"][end]["median"] for end in ("low", "high"))
        return float("inf") if low is None or high is None else abs(high - low)

    def span(one: Mapping[str, Any]) -> tuple[str, str, str]:
        shares = sorted(one["tornado"][end]["probability_by_2030"] for end in ("low", "high"))
        far = moved(one)
        years = "beyond the horizon" if far == float("inf") else f"{far:.1f}"
        return capital(one["title"]), years, " to ".join(percent_words(share) for share in shares)

    ranked = sorted(found.content["inputs"], key=moved, reverse=True)[:MOVERS]
    low, high = (found.content["settings"][f"{end}_rank"] for end in ("low", "high"))
    table = BriefTable(
        f"What moves the central year most, each assumption taken from its {100 * low:.0f}% to its {100 * high:.0f}% value",
        ("assumption", "moves it by (years)", f"odds by {HEADLINE_YEAR}"),
        tuple(span(one) for one in ranked),
        (3.4, 1.4, 1.6),
        small=True,
    )
    told = " ".join(filter(None, (_most_telling(document), stale_words(found, stored_for("disclosures", document)))))
    return [table, *([Paragraph(told)] if told else [])]


def _most_telling(document: Document) -> str:
    """Say which single fact would move the answer furthest."""
    found = stored_for("disclosures", document)
    if found is None:
        return ""
    answer = found.content["answer"]["probability_by_2030"]
    rows = [one for one in found.content["if"] if one["probability_by_2030"] is not None]
    if not rows:
        return ""
    most = max(rows, key=lambda one: abs(one["probability_by_2030"] - answer))
    return (
        f"Of single facts that somebody could state, this one would move it furthest: {most['sentence']} The odds by "
        f"{HEADLINE_YEAR} would go from {percent_words(answer)} to {percent_words(most['probability_by_2030'])}, the central "
        f"year to {year_phrase(most['median'])}."
    )


def _scenarios(document: Document) -> list[Block]:
    found = scenarios_for(document)
    rows = {} if found is None else {one["name"]: one for one in found.content["scenarios"]}
    shown = [rows[name] for name in SCENARIOS if name in rows]
    if not shown:
        return []

    def row(one: Mapping[str, Any]) -> tuple[str, str, str]:
        year = one["exhaustion_year"]
        return one["title"], year_phrase(year["median"]), percent_words(_by(year))

    table = BriefTable(
        "The same data and growth models under other assumptions; we assign no probabilities to scenarios",
        ("scenario", "central year", f"odds by {HEADLINE_YEAR}"),
        tuple(row(one) for one in shown),
        (3.4, 1.4, 1.6),
        small=True,
    )
    state = stale_words(found)
    return [table, *([Paragraph(state)] if state else [])]


def _question(document: Document) -> list[Block]:
    asked = question(document)
    return [Paragraph(" ".join(filter(None, (asked, _rivals_say(document)))))] if asked else []


def _rivals_say(document: Document) -> str:
    """Say what simple rivals give the question that the headline takes from its round."""
    from forecast.evaluate.rounds import files

    asked = document["headline"]["checkable"]
    if asked is None or asked["round"] not in files.names():
        return ""
    like = [one for one in files.read(asked["round"])["questions"] if one["us"]["probability"] == asked["probability"]]
    if len(like) != 1 or not like[0]["rivals"]:
        return ""
    shares = sorted(one["probability"] for one in like[0]["rivals"].values())
    low, high = (percent_words(share) for share in (shares[0], shares[-1]))
    return f"Simple rules that it competes with give {low if low == high else f'{low} to {high}'}."


def _others(document: Document) -> list[Block]:
    vintages, claims = stored_for("vintages", document), stored_for("claims", document)
    rows = []
    if vintages is not None:
        for one in sorted(vintages.content["published"], key=lambda published: published["date"]):
            low, high = one["interval"]
            years = f"{year_words(one['median'])} ({year_words(low)} to {year_words(high)})"
            rows.append((one["title"], years, _odds_of_interval(claims, low, high)))
    if claims is not None:
        said = [
            one
            for one in claims.content["claims"]
            if one["event"]
            and (one["event"]["definition"], one["event"]["resource"]) == ("main", document["resource"])
            and one["probability_now"] is not None
            and not one["not_to_be_cited"]
        ]
        newest: dict[str, Mapping[str, Any]] = {}
        for one in sorted(said, key=lambda claim: claim["date"], reverse=True):
            newest.setdefault(one["event"]["words"], one)
        rows += [
            (_with_year(one["claimant"], one["date"][:4]), one["event"]["words"], percent_words(one["probability_now"]))
            for one in list(newest.values())[:CLAIMS]
        ]
    if not rows:
        return []
    table = BriefTable(
        "Published answers and statements, and the odds that this forecast gives them",
        ("who", "year, as we read it", "odds here"),
        tuple(rows),
        (3, 2.4, 1),
        "llr",
        small=True,
    )
    state = stale_words(claims)
    return [table, *([Paragraph(state)] if state else [])]


NO_ODDS = "none: another stock"
"""Said of a published answer on a stock that this forecast does not ask for."""


def _odds_of_interval(claims: StoredResult | None, low: float, high: float) -> str:
    """Return the odds that this forecast gives a published interval, as the ledger of statements has read it."""
    for one in [] if claims is None else claims.content["claims"]:
        event = one["event"]
        # Of whole years the last one counts to its end.
        ends = (high, high + 1) if float(high).is_integer() else (high,)
        if event and one["probability_now"] is not None and event["from"] == low and event["to"] in ends:
            return percent_words(one["probability_now"])
    return NO_ODDS


def _with_year(name: str, year: str) -> str:
    """Return who said something and when, the year once.

    Examples
    --------
    >>> _with_year("Stanford AI Index 2025", "2025"), _with_year("A. Name", "2025")
    ('Stanford AI Index 2025', 'A. Name, 2025')
    """
    return name if name.endswith(year) else f"{name}, {year}"


def _use(document: Document) -> list[Block]:
    short = document["headline"]["short"] if "headline" in document else None
    said = [Quotation(short)] if short else []
    return [*said, Links(FILES), Paragraph(citing.apa(document), "Cite.")]


FILES = (
    ("report.pdf", "the brief to print"),
    (ONE_PAGE, "this page to print"),
    ("report.md", "the brief as text"),
    (f"figures/{CHART}.svg", "the chart"),
    (f"figures/{CHART}.csv", "the data behind it"),
    (DOCUMENT, "every number"),
    (APPENDIX, "the appendix"),
)
"""What a reader may take along: address beside the page, and what it is."""


def _by(year: Mapping[str, Any]) -> float:
    return float(year["probability_by"][str(HEADLINE_YEAR)])


__all__ = ["CHART", "FILES", "SCENARIOS", "dates", "parts"]
