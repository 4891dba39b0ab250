"""The headline: the quotable sentence, what can be checked, and what people mean by it, all from one document.

Every sentence about the answer is made here, from the numbers of the document and the words of its resource and its
scenario, and nowhere else: the command line, the page, the brief, the README, notebooks and the explorer print these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.core.resources import RESOURCES
from forecast.core.wording import date_words, odds, odds_told, percent_words, times_words, year_phrase, year_words
from forecast.ingest.added_rows import added_row
from forecast.runs.document_types import Checkable, Document, Headline, LayerBlock, MonteCarloError, Reading
from forecast.runs.events import MAIN
from forecast.runs.sentence import HEADLINE_YEAR
from forecast.scenarios import market
from forecast.scenarios.levers import counted_as
from forecast.scenarios.scenario import CHANGED
from forecast.text import capital

DOES_NOT_MEAN = (
    "That progress stops: it says nothing about how good models become.",
    "That somebody has done it: the run is one that could be made, not one that is published.",
    "That text dwindles over these years: the range is doubt about one date.",
)
"""What a reader must not take from the sentence."""

COLUMNS = ("what may be meant", "in plain words", f"by the end of {HEADLINE_YEAR}", "central year")
"""Header of the readings."""

CAPTION = "Three things that people mean by it, from the same futures; the last is the headline"
"""What the table of readings shows."""

NOT_MEANT = "What it does not mean."
"""Lead of the lines that say so."""


PATTERN = (
    "On data to {date}{scenario}, the model {odds} ({percent}) that by the end of {by} the largest feasible training run "
    "would need {event}. Central estimate: {centre}; {range}; {already} say it has already happened, {never} say {ever}."
)
"""The sentence; the explorer fills the same pattern."""

RANGES: Mapping[str, str] = {
    "between": "eight in ten futures fall between {low} and {high}",
    "within": "eight in ten futures fall in {low}",
    "open": "nine in ten futures fall after {low}, at least one in ten {high}",
    "beyond": "nine in ten futures fall {low}",
}
"""The interval that holds 80 %, by which of its ends can be told."""

GROWTH = "Under other assumptions about growth the odds run from {low:.0f} to {high:.0f} in a hundred."
"""What the answer hangs on most."""

READINGS = ("single_pass", "used_once", MAIN)
"""The events that people mean, by their names among the definitions; the last is the headline's."""


def headline(document: Document, growth_range: Sequence[float] | None, checkable: Checkable | None) -> Headline:
    """Return the headline of a document: its sentences are None where the diagnostics say FAIL."""
    failed = document["diagnostics"]["verdict"] == "FAIL"
    return {
        "sentence": None if failed else sentence(document, growth_range),
        "short": None if failed else short(document),
        "growth_range": None if growth_range is None else list(growth_range),
        "checkable": None if failed else checkable,
        "readings": readings(document),
    }


def sentence(document: Document, growth_range: Sequence[float] | None) -> str:
    """Return the quotable sentence."""
    year, error = document["exhaustion_year"], _error(document.get("monte_carlo_error"))
    share = _probability(year)
    said = PATTERN.format(
        **fixed_words(document),
        event=event(document),
        scenario=scenario_words(document),
        odds=odds_told(share, error).of_the_model(),
        percent=percent_words(share, error),
        centre=year_phrase(year["median"]),
        range=range_words(*year["intervals"]["0.8"]),
        already=odds(year["probability_already"]).of_a_crowd(),
        never=odds(year["probability_after_horizon"]).of_a_crowd().removeprefix("about "),
    )
    if growth_range is None:
        return said
    low, high = growth_range
    return f"{said} {GROWTH.format(low=100 * low, high=100 * high)}"


def short(document: Document) -> str:
    """Return the answer in one line."""
    year, resource = document["exhaustion_year"], RESOURCES[document["resource"]]
    share = _probability(year)
    error = _error(document.get("monte_carlo_error"))
    return (
        f"{capital(odds_told(share, error).of_a_crowd())} ({percent_words(share, error)}) by the end of {HEADLINE_YEAR}, central estimate "
        f"{year_phrase(year['median'])}: when the largest feasible training run outgrows {resource.supply_words}."
    )


def fixed_words(document: Document) -> dict[str, str]:
    """Return the words of the sentence that no lever moves: the date, the year, how never is said."""
    horizon = document["horizon"]
    return {
        "date": date_words(document["as_of"]),
        "by": str(HEADLINE_YEAR),
        "ever": "never this century" if horizon == _CENTURY else f"not by {horizon}",
    }


_CENTURY = 2100
"""The horizon that ends with this century (calendar year)."""


def event(document: Document) -> str:
    """Return what the largest run would need, in the words of the resource and of the scenario's levers."""
    return need(document) + repeated(document)


def need(document: Document) -> str:
    """Return what the largest run would need, however often the supply counts."""
    resource = RESOURCES[document["resource"]]
    added = " and ".join(_added(document["stock"]["layers"]))
    beside = f", together with {added}," if added else ""
    return f"{resource.amount_words} as {resource.supply_words}{beside} can supply"


def range_words(low: float | None, high: float | None) -> str:
    """Return the interval that holds 80 % of the futures.

    Examples
    --------
    >>> range_words(2026.2, 2033.9)
    'eight in ten futures fall between early 2026 and late 2033'
    >>> range_words(2031.1, None)
    'nine in ten futures fall after early 2031, at least one in ten after 2050'
    """
    first, last = year_phrase(low), year_phrase(high)
    if first.startswith("after"):
        form = "beyond"
    elif last.startswith("after"):
        form = "open"
    else:
        form = "within" if first == last else "between"
    return RANGES[form].format(low=first, high=last)


def readings(document: Document) -> list[Reading]:
    """Return the three events that people mean, from the same futures: the headline's is the last."""
    resource = RESOURCES[document["resource"]]
    years: dict[str, Any] = {other["name"]: other["exhaustion_year"] for other in document["definitions"]}
    years[MAIN] = document["exhaustion_year"]
    how = "repeated" if repeated(document) else "as in the headline"
    words = {
        "single_pass": ("Read once", f"{_RUN} would need {resource.supply_words}, each part of it read only once."),
        "used_once": (
            "Used once by somebody",
            f"All training sets together have used {resource.supply_words} once; no single run needs all of it.",
        ),
        MAIN: (f"The largest run, {how}", f"{_RUN} would need {event(document)}."),
    }
    return [
        {
            "name": name,
            "plain_name": plain,
            "sentence": said,
            "probability_by_2030": _probability(years[name]),
            "median": years[name]["median"],
        }
        for name, (plain, said) in ((name, words[name]) for name in READINGS)
    ]


def reading_rows(document: Document) -> list[tuple[str, str, str, str]]:
    """Return the rows of the three readings; none in a document of version 0.1.0."""
    if "headline" not in document:
        return []
    errors = document["monte_carlo_error"]["readings"] if "monte_carlo_error" in document else {}
    return [
        (
            one["plain_name"],
            one["sentence"],
            percent_words(one["probability_by_2030"], errors.get(one["name"])),
            year_words(one["median"]),
        )
        for one in document["headline"]["readings"]
    ]


def question(document: Document) -> str | None:
    """Return the sentence that can be checked, where the headline has one."""
    asked = document["headline"]["checkable"] if "headline" in document else None
    return None if asked is None else asked["sentence"]


_RUN = "The largest feasible training run"


def headline_again(document: Document, kept: Headline) -> Headline:
    """Return the headline that a document's numbers give, beside what another one took from stored results."""
    return headline(document, kept["growth_range"], kept["checkable"])


def scenario_words(document: Document) -> str:
    """Return how the sentence names rows that were added to the data, and a scenario that is not the baseline."""
    rows = [added_row(row) for row in document.get("provenance", {}).get("options", {}).get("add", ())]
    added = " and ".join(f"{row.model} ({row.tokens / 1e12:g} trillion tokens, {date_words(row.date)})" for row in rows)
    return (f", with {added} added to them" if rows else "") + _other_scenario(document)


def _other_scenario(document: Document) -> str:
    if document["scenario"] == "baseline":
        return ""
    title = (document["provenance"].get("scenario") or {}).get("title") or document["scenario"]
    settings = ", some settings changed" if document["scenario"].endswith(CHANGED) else ""
    return f" and in the scenario “{title}”{settings}"


def repeated(document: Document) -> str:
    """Return how often the supply counts, where it counts more than once."""
    layers = document["stock"]["layers"]
    factors = [layer["factor"]["median"] for layer in layers if layer["name"] in counted_as("pass")]
    often = times_words(factors[0]) if factors else "once"
    return "" if often in ("no times", "once") else f", even read about {often}"


def _added(layers: Sequence[LayerBlock]) -> list[str]:
    """Return what levers add to the supply by the headline's year."""
    found = []
    for layer in layers:
        factor = layer.get("factor_by_year", {}).get(str(HEADLINE_YEAR), layer["factor"])
        if layer["name"] in (*counted_as("addition"), market.NAME) and factor["median"] > _ADDS:
            found.append(layer["title"])
    return found


_ADDS = 1.005
"""Above this a lever has added something to the supply (factor): half a per cent, less than any sentence tells."""


def _probability(year: Mapping[str, Any]) -> float:
    return float(year["probability_by"][str(HEADLINE_YEAR)])


def _error(error: MonteCarloError | None) -> float | None:
    return None if error is None else error["probability_by"][str(HEADLINE_YEAR)]


__all__ = [
    "CAPTION",
    "COLUMNS",
    "DOES_NOT_MEAN",
    "NOT_MEANT",
    "PATTERN",
    "RANGES",
    "READINGS",
    "event",
    "fixed_words",
    "headline",
    "headline_again",
    "need",
    "question",
    "range_words",
    "reading_rows",
    "readings",
    "repeated",
    "scenario_words",
    "sentence",
    "short",
]
