"""Which numbers carry the answer, each with its grade and address; and how old the tables are that hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from forecast.evaluate.influence.number import GRADES
from forecast.plots.style import quantity_words
from forecast.report.brief_blocks import BriefSection, BriefTable, Paragraph
from forecast.runs.document import of_the_baseline, of_the_shipped_tables
from forecast.runs.document_types import Document
from forecast.runs.headline_sources import lowest_and_highest
from forecast.runs.sentence import HEADLINE_YEAR, percent, year_words

TITLE = "The ten numbers that carry the answer"

_NAME = "influence"
_STAYS = 0.01
"""Below this the chance of sampling moves a probability as much (probability); it is then said to stay."""

_COUNTED = 1e6
"""From here on a number is written with the name of its size."""


def carrying(document: Document) -> dict[str, Any] | None:
    """Return the ten numbers as the report shows them; None where the stored ones are of another forecast."""
    from forecast import evaluate
    from forecast.ingest.stored import exists

    if not of_the_shipped_tables(document) or not exists(_NAME):
        return None
    found = evaluate.stored(_NAME)
    content = found.content
    if document["as_of"] != content["as_of"]:
        return None
    numbers = {one["key"]: one for one in content["numbers"]}
    answer = content["answer"]["probability_by_2030"]
    return {
        "intro": _intro(answer),
        "grades": f"Grades: {', '.join(f'{grade} {words}' for grade, words in GRADES.items())}. A grade says how well a "
        f"number was read, not that it is right. {_searched()}",
        "rows": [_row(numbers[key], answer) for key in content["ten"]],
        "state": found.sentence(),
    }


def over_growth(document: Document) -> dict[str, Any] | None:
    """Return the answer over assumptions about growth, as sentence and rows; None where none is stored for this forecast."""
    from forecast.evaluate.over_priors import stored_together

    content = stored_together() if of_the_shipped_tables(document) else None
    if content is None or document["as_of"] != content["as_of"]:
        return None
    rows, (low, high) = content["together"], lowest_and_highest(content)
    slowest, fastest = (f"x{10 ** rows[at]['centre']:.1f}" for at in (0, -1))
    return {
        "sentence": f"It hangs on how fast training sets go on growing, which the records decide only in part: with all "
        f"growth models centred on {slowest} to {fastest} a year from now on, the odds run from {100 * low:.0f} to {100 * high:.0f} in "
        "a hundred.",
        "rows": rows,
    }


def carrying_section(document: Document) -> tuple[BriefSection, ...]:
    """Return the ten numbers as a section of the brief; nothing where there are none."""
    found = carrying(document)
    if found is None:
        return ()
    rows = tuple((one["name"], one["value"], one["hangs"], one["grade"], one["source"]) for one in found["rows"])
    table = BriefTable(
        f"Numbers ranked by how far they move the probability by the end of {HEADLINE_YEAR}",
        ("number", "value, 80% interval", "what hangs on it", "grade", "how it was read"),
        rows,
        (2.7, 2, 2.5, 0.7, 2.1),
        "lllll",
        small=True,
        addresses=tuple(one["address"] for one in found["rows"]),
    )
    return (BriefSection(TITLE, (Paragraph(found["intro"]), table, Paragraph(f"{found['grades']} {found['state']}"))),)


def ages(document: Document) -> list[dict[str, str]]:
    """Return, for every shipped table that a run has read, how old it is, what hangs on it, and how to refresh it."""
    from forecast.evaluate.data_status import table_statuses
    from forecast.scenarios.record import recorded_in

    read = {(entry["table"], entry["sha256"]) for entry in document["provenance"]["data"]}
    if not read:
        return []
    from forecast.ingest.catalog import tables

    same = {entry.name for entry in tables() if (entry.name, entry.sha256) in read}
    shares = of_the_baseline(document)
    scenario = recorded_in(document)
    return [
        {
            "table": one.table,
            "newest": one.newest or "no dates in it",
            "checked": one.checked,
            "hangs": one.weight if shares else _fed(one.feeds),
            "address": web(one.address),
            "refresh": one.refresh,
        }
        for one in table_statuses(scenario)
        if one.table in same
    ]


def ages_table(document: Document) -> tuple[BriefTable, ...]:
    """Return the ages as a table of the brief; nothing where no shipped table was read."""
    found = ages(document)
    if not found:
        return ()
    return (
        BriefTable(
            "How old the tables are, what hangs on them, and how to refresh them; tables of one input share its part",
            ("table", "newest row", "checked", "what hangs on it", "where a newer one would be"),
            tuple((one["table"], one["newest"], one["checked"], one["hangs"], one["refresh"]) for one in found),
            (1.8, 1.1, 1.1, 2.4, 3.6),
            "lllll",
            small=True,
            addresses=tuple(one["address"] for one in found),
        ),
    )


def web(address: str) -> str:
    """Return an address that may be linked: of the web, or none.

    Examples
    --------
    >>> web("https://arxiv.org/abs/2211.04325"), web("javascript:alert(1)")
    ('https://arxiv.org/abs/2211.04325', '')
    """
    return address if urlsplit(address).scheme in ("http", "https") else ""


def _fed(feeds: Sequence[str]) -> str:
    return f"part of the answer: {'; '.join(feeds)}" if feeds else "none of the answer"


def _searched() -> str:
    from forecast.ingest.catalog import load_table

    sizeless = int(load_table("runs_searched")["tokens"].isna().sum())
    return f"Of {sizeless} further training runs the size was looked for and not found (table runs_searched)."


def _intro(answer: float) -> str:
    return (
        f"The answer is {percent(answer)} by the end of {HEADLINE_YEAR}. Each line says what it would be if that one "
        "number were near the low or the high end of its 80% interval, and how much of the uncertainty would go if it "
        "were known; or what it would be if that one published figure were left out. A single figure moves it little, "
        "because others stand beside it: at least two training runs and two estimates of the stock are listed all the "
        "same."
    )


def _row(one: Mapping[str, Any], answer: float) -> dict[str, str]:
    address = web(one["address"])
    where = urlsplit(address).netloc.removeprefix("www.")
    return {
        "name": one["name"],
        "value": _value(one),
        "hangs": _hangs(one, answer),
        "grade": one["grade"],
        "source": f"{one['read']}: {where}" if where else one["read"],
        "address": address,
    }


def _value(one: Mapping[str, Any]) -> str:
    unit = one["unit"]
    value, low, high = (_number(one[key], unit) for key in ("value", "low", "high"))
    named = "" if unit == "share" else f" {unit}"
    return f"{value}{named} ({low} to {high})"


def _number(value: float, unit: str) -> str:
    """Return a number as people write it.

    Examples
    --------
    >>> _number(0.2, "share"), _number(3.6e13, "tokens"), _number(1.9e29, "FLOP"), _number(3.39, "passes")
    ('20%', '36 trillion', '1.9e29', '3.4')
    """
    if unit == "share":
        return percent(value)
    if value >= 1e21:
        return f"{value:.1e}".replace("e+", "e").replace(".0e", "e")
    return quantity_words(value) if value >= _COUNTED else f"{float(f'{value:.2g}'):g}"


def _hangs(one: Mapping[str, Any], answer: float) -> str:
    if one["without"] is not None:
        without = one["without"]["probability_by_2030"]
        if abs(without - answer) < _STAYS:
            return f"without it {percent(without)}: within the error of sampling"
        return f"without it {percent(without)}, median {year_words(one['without']['median'])}"
    ends = sorted(one[end]["probability_by_2030"] for end in ("at_low", "at_high"))
    share = "less than 1%" if one["share"] < 0.01 else percent(one["share"])
    return f"between {percent(ends[0])} and {percent(ends[1])}; {share} of the uncertainty"


__all__ = ["TITLE", "ages", "ages_table", "carrying", "carrying_section", "web"]
