"""Freezing a round: the distributions of every open question, by this forecast and by every rival."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.summaries import plain, quantiles
from forecast.core.units import decimal_year, half_year_name
from forecast.errors import InputError
from forecast.evaluate.histories.rivals import RIVALS
from forecast.evaluate.rounds.files import FORMAT
from forecast.evaluate.rounds.measures import MEASURES
from forecast.evaluate.rounds.measures.base import Asked
from forecast.evaluate.rounds.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from forecast.evaluate.rounds.ours import Ours
    from forecast.evaluate.rounds.tables import Tables

LEVELS = (0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99)
"""Probabilities whose quantiles are frozen (no unit): the CRPS is taken from them."""

TRIAL = "trial-"
"""How the name of a round begins that does not count."""


def round_name(today: dt.date, *, trial: bool = False) -> str:
    """Return the name of the round of a day's half-year.

    Examples
    --------
    >>> round_name(dt.date(2026, 11, 28), trial=True)
    'trial-2026H2'
    """
    return f"{TRIAL if trial else ''}{half_year_name(decimal_year(today))}"


def freeze(
    name: str,
    run: Ours,
    tables: Tables,
    *,
    today: dt.date,
    questions: Iterable[Question] = QUESTIONS.values(),
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return a round, JSON-ready and without its hash; questions whose day is over by the data are left out."""
    asked: list[dict[str, Any]] = []
    said: dict[str, str] = {}
    for question in questions:
        if question.resolves <= max(tables.as_of, today.isoformat()):
            continue
        measure = MEASURES[question.measure]
        what = Asked(question.resolves, question.arguments, run.seed)
        drawn = measure.rivals(tables, what)
        said |= {rival: _words(rival, measure.rivals_say) for rival in drawn}
        asked.append(
            {
                "name": question.name,
                "sentence": question.sentence,
                "resolves": question.resolves,
                "unit": question.unit,
                "scale": question.scale,
                "measure": question.measure,
                "arguments": dict(question.arguments),
                "us": {**distribution(measure.ours(run, tables, what), question.event), "how": measure.says},
                "rivals": {rival: distribution(draws, question.event) for rival, draws in drawn.items()},
            }
        )
        progress(f"{question.name}: {len(drawn)} rivals")
    if not asked:
        raise InputError("no question that is still open", "a resolving date after the data", "add questions")
    return {
        "schema": FORMAT,
        "round": name,
        "trial": name.startswith(TRIAL),
        "frozen": today.isoformat(),
        "as_of": tables.as_of,
        "run": dict(run.run),
        "tables": dict(tables.hashes),
        "rivals": said,
        "questions": asked,
    }


def distribution(draws: np.ndarray, event: bool) -> dict[str, Any]:
    """Return quantiles, or the probability of an event."""
    if event:
        return {"probability": plain(float(np.mean(draws))), "quantiles": {}}
    values = quantiles(draws, LEVELS)
    return {"probability": None, "quantiles": {f"{p:g}": plain(v) for p, v in zip(LEVELS, values, strict=True)}}


def _words(rival: str, own: Mapping[str, str]) -> str:
    return own[rival] if rival in own else RIVALS[rival].sentence
