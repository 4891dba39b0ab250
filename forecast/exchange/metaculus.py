"""Questions and forecasts in the form that Metaculus's public API takes: question text, resolution rule, 201-point CDF.

A forecast of a quantity is a distribution function at 201 places of the question's range, evenly spaced on its scale. It
rises by at least `SMALLEST_STEP` and at most `LARGEST_STEP` a place, begins at 0 and ends at 1 where the range is closed, and
leaves `OUTSIDE` beyond an end that is open. What has to be changed for that is told beside it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.files import atomic_file
from forecast.core.wording import date_words

if TYPE_CHECKING:
    from forecast.runs.forecast import Forecast

FORMAT = "metaculus/1"
"""Layout of the file."""

POINTS = 201
"""Places of a distribution function (count), of the API."""

SMALLEST_STEP, LARGEST_STEP = 0.01 / (POINTS - 1), 0.2
"""Least and most probability between two places (no unit), of the API."""

OUTSIDE = 0.001
"""Least probability beyond an open end, and of a yes or a no (no unit), of the API."""

UNIFORM = 0.01
"""Share of the probability that is spread evenly over the range (no unit), as the site spreads it: it makes the least step."""

LAST_YEAR = 2060
"""End of the range of the exhaustion year (calendar year): later is beyond an open end."""

SENT = (
    "Nothing was sent. To forecast, put the number of the question (not of the post) into `forecast.question`, and send the "
    "forecasts as a list to the API's endpoint for forecasts with your own token."
)


@dataclass(frozen=True)
class Range:
    """The range of a question.

    Parameters
    ----------
    low, high : float
        Its ends, in the question's unit; for a date, seconds since 1970.
    open_low, open_high : bool
        Whether a value may lie beyond them.
    zero_point : float or None
        Places are evenly spaced in the logarithm of the distance from it; None for even spacing.
    """

    low: float
    high: float
    open_low: bool = True
    open_high: bool = True
    zero_point: float | None = None

    @property
    def places(self) -> np.ndarray:
        """The places of the distribution function, in the question's unit."""
        if self.zero_point is None:
            return np.linspace(self.low, self.high, POINTS)
        return self.zero_point + np.geomspace(self.low - self.zero_point, self.high - self.zero_point, POINTS)

    def to_dict(self) -> dict[str, Any]:
        """Return the range as the API has it."""
        return {
            "open_lower_bound": self.open_low,
            "open_upper_bound": self.open_high,
            "inbound_outcome_count": POINTS - 1,
            "scaling": {
                "range_min": self.low,
                "range_max": self.high,
                "zero_point": self.zero_point,
                "open_lower_bound": self.open_low,
                "open_upper_bound": self.open_high,
                "inbound_outcome_count": POINTS - 1,
            },
        }


def questions(forecast: Forecast | None = None, frozen: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return questions with their forecasts, JSON-ready: those of a frozen round, and the exhaustion year of a forecast.

    Parameters
    ----------
    forecast : Forecast, optional
        Its exhaustion year is asked as a date.
    frozen : mapping, optional
        A frozen round; by default the newest that counts.

    Returns
    -------
    dict
        ``questions``, each with ``question`` (text, resolution rule, range), ``forecast`` (what the API takes) and
        ``largest_change``, by how much the API's rules moved the distribution function at most.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> one = fc.exchange.questions(f)["questions"][-1]
    >>> len(one["forecast"]["continuous_cdf"])
    201
    """
    from forecast.ingest.rounds import newest

    asked = newest() if frozen is None else frozen
    made = [] if forecast is None else [_of_forecast(forecast)]
    if asked is not None:
        made += [_of_question(question, asked) for question in asked["questions"]]
    return {"schema": FORMAT, "note": SENT, "questions": made}


def to_metaculus(forecast: Forecast | None, path: str | Path) -> dict[str, Any]:
    """Write `questions` as JSON. Nothing is sent.

    Parameters
    ----------
    forecast : Forecast or None
        As of `questions`.
    path : str or pathlib.Path
        The file.

    Returns
    -------
    dict
        What was written.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> made = fc.exchange.to_metaculus(f, "questions.json")
    >>> len(made["questions"]) > 0
    True
    """
    made = questions(forecast)
    with atomic_file(Path(path)) as temporary:
        temporary.write_text(json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    return made


def within_rules(values: np.ndarray, of: Range) -> np.ndarray:
    """Return the distribution function that the API takes for one at the places of a range.

    An even share of `UNIFORM` is mixed in; steps above `LARGEST_STEP` are cut, and what is cut is spread over the places
    about them, as near as the rules allow; no probability leaves a closed end.
    """
    height = np.clip(np.maximum.accumulate(np.asarray(values, dtype=float)), 0.0, 1.0)
    low, high = (0.0 if of.open_low else height[0]), (1.0 if of.open_high else height[-1])
    if high <= low:  # nothing of it lies inside a closed range
        height, low, high = np.linspace(0, 1, POINTS), 0.0, 1.0
    outside = OUTSIDE * np.array([of.open_low, of.open_high])
    inside = (
        (height - low) / (high - low) * (1 - UNIFORM - outside.sum()) + UNIFORM * np.linspace(0, 1, POINTS) + outside[0]
    )
    steps = _capped(np.diff(inside))
    found = np.round(np.concatenate([[inside[0]], inside[0] + np.cumsum(steps)]), 10)
    found[0], found[-1] = (found[0] if of.open_low else 0.0), (found[-1] if of.open_high else 1.0)
    return found


def _capped(steps: np.ndarray) -> np.ndarray:
    """Return steps of the same sum of which none is above the largest: the excess moves to the nearest that have room."""
    steps = steps.copy()
    for place in np.flatnonzero(steps > LARGEST_STEP):
        excess, steps[place] = steps[place] - LARGEST_STEP, LARGEST_STEP
        for near in sorted(range(len(steps)), key=lambda other: (abs(other - place), other)):
            moved = min(excess, max(LARGEST_STEP - steps[near], 0.0))
            steps[near] += moved
            excess -= moved
    return steps


def cdf_of_quantiles(quantiles: Mapping[str, float], places: np.ndarray, *, logarithmic: bool) -> np.ndarray:
    """Return the distribution function of the quantiles of a frozen round, read between them as its score reads them.

    Examples
    --------
    >>> cdf_of_quantiles({"0.1": 1.0, "0.5": 1.0, "0.9": 3.0}, np.array([0.9, 1.0, 2.0, 3.0]), logarithmic=False)
    array([0. , 0.5, 0.7, 1. ])
    """
    levels = np.array([float(level) for level in quantiles])
    values = np.array(list(quantiles.values()), dtype=float)
    if logarithmic:
        values, places = np.log10(values), np.log10(places)
    # Where several levels share a value, all of their probability has come by then.
    last = np.append(values[1:] > values[:-1], True)
    found = np.interp(places, values[last], levels[last])
    return np.where(places < values[0], 0.0, np.where(places >= values[-1], 1.0, found))


def _of_question(question: Mapping[str, Any], frozen: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question of a frozen round, with our forecast of it."""
    said, resolves = question["us"], question["resolves"]
    told = {
        "title": _title(question),
        "description": (
            f"Question {question['name']} of round {frozen['round']} of data-depletion, frozen on {frozen['frozen']} on data "
            f"as of {frozen['as_of']} (SHA-256 {frozen['sha256']}). {said['how']}"
        ),
        "resolution_criteria": (
            f"Resolves to: {question['sentence']} It is read from the public tables of data-depletion once they hold a row "
            f"dated after {resolves}."
        ),
        "fine_print": "A later correction of the tables does not change the resolution. If the tables end before that day, the question is annulled.",
        "scheduled_close_time": f"{resolves}T00:00:00Z",
        "scheduled_resolve_time": f"{resolves}T23:59:59Z",
        "unit": question["unit"],
    }
    if said["probability"] is not None:
        yes = min(max(float(said["probability"]), OUTSIDE), 1 - OUTSIDE)
        return _entry({**told, "type": "binary"}, {"probability_yes": yes}, abs(yes - said["probability"]))
    of = _range(question)
    # The first place tells of what lies below the range, the others of what has come by then.
    places = np.concatenate([[np.nextafter(of.low, -np.inf)], of.places[1:]])
    own = cdf_of_quantiles(said["quantiles"], places, logarithmic=question["scale"] == "log10")
    return _continuous({**told, "type": "numeric"}, own, of)


def _range(question: Mapping[str, Any]) -> Range:
    """Return a range that holds all frozen quantiles: shares from 0 to 1, sizes in logarithms, counts in those of one more."""
    values = list(question["us"]["quantiles"].values())
    if question["unit"].startswith("share"):
        return Range(0.0, 1.0, open_low=False, open_high=False)
    high = _rounded(2 * max(values), math.ceil)
    if question["scale"] == "log10":
        return Range(_rounded(min(values), math.floor), high, zero_point=0.0)
    return Range(0.0, max(high, 10.0), open_low=False, zero_point=-1.0)


def _rounded(value: float, to: Any) -> float:
    """Return a value rounded to one digit, up or down."""
    digit = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return float(to(round(value / digit, 9)) * digit)


def _title(question: Mapping[str, Any]) -> str:
    """Return a question in a few words; the resolution rule has the exact ones."""
    event = question["us"]["probability"] is not None
    arguments, by = question["arguments"], date_words(question["resolves"])
    above = f"more than {arguments['tokens'] / 1e12:g} trillion tokens" if "tokens" in arguments else ""
    counted = "as human text" if arguments.get("basis") == "human" else "as stated"
    titles = {
        "largest_run": f"How many tokens ({counted}) will the largest text training set published by {by} have?",
        "runs_above": f"How many models trained on {above} will have been published by {by}?",
        "machine_share_of_articles": f"What share of new English web articles will be mostly machine-written on {by}?",
        "closed_share": f"What share of the tokens of C4 will be closed to AI crawlers on {by}?",
        "new_addresses": f"How many new addresses will a crawl of Common Crawl have in the year to {by}?",
    }
    if event and question["measure"] == "runs_above":
        return f"Will a model trained on {above} have been published by {by}?"
    return titles.get(question["measure"], question["sentence"])


def _of_forecast(forecast: Forecast) -> dict[str, Any]:
    """Return the exhaustion year of a forecast as a question about a date."""
    document = forecast.document
    start, last = int(document["as_of"][:4]), min(LAST_YEAR, document["horizon"])
    of = Range(_seconds(start), _seconds(last))
    years = np.array([_decimal_year(seconds) for seconds in of.places])
    own = np.array([np.mean(forecast.exhaustion_year <= year) for year in years])
    own[0] = np.mean(forecast.exhaustion_year < years[0])
    told = {
        "title": f"When will the largest feasible AI training run need the whole effective stock of {_plain(document['resource'])}?",
        "description": (
            f"Scenario {document['scenario']} of data-depletion, on data as of {document['as_of']}. {document['definition']}"
        ),
        "resolution_criteria": (
            "Resolves as soon as the baseline of the newest version of data-depletion, run by `forecast run` on the newest "
            "public table of models (`forecast data update`, `--models latest`), gives at least even odds that this has "
            f"happened already: to its median exhaustion year as a date. If that has not come by {last}, it resolves above "
            "the range."
        ),
        "fine_print": (
            "No row of a table says when a run that could be made needs everything: this question resolves by a model. "
            "The questions of the frozen round resolve by rows alone."
        ),
        "scheduled_close_time": f"{last}-01-01T00:00:00Z",
        "scheduled_resolve_time": f"{last}-01-01T00:00:00Z",
        "unit": "",
        "type": "date",
    }
    return _continuous(told, own, of)


def _continuous(told: Mapping[str, Any], own: np.ndarray, of: Range) -> dict[str, Any]:
    taken = within_rules(own, of)
    question = {**told, **of.to_dict()}
    return _entry(question, {"continuous_cdf": taken.tolist()}, float(np.abs(taken - own).max()))


def _entry(question: Mapping[str, Any], said: Mapping[str, Any], change: float) -> dict[str, Any]:
    return {"question": dict(question), "forecast": {"question": None, **said}, "largest_change": round(change, 6)}


def _plain(resource: str) -> str:
    return resource.replace("_", " ")


def _seconds(year: int) -> float:
    """Return the first of January of a year (seconds since 1970)."""
    return dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()


def _decimal_year(seconds: float) -> float:
    when = dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    start, end = _seconds(when.year), _seconds(when.year + 1)
    return when.year + (seconds - start) / (end - start)
