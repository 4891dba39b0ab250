"""One at a time: the answer with one input held near its low or high end, all others as they are."""

from __future__ import annotations

import numpy as np

from forecast.core.seeds import generator
from forecast.core.summaries import quantiles
from forecast.evaluate.sensitivity.population import Group, Population
from forecast.runs.scenario_diff import Answer
from forecast.runs.sentence import HEADLINE_YEAR

LOW, HIGH = 0.1, 0.9
"""Ranks near which an input is held (no unit): the ends of its 80 % interval."""

BAND = 0.05
"""Ranks on either side that count as near (no unit); judgement: one path or one stock alone is an accident."""


def answer(years: np.ndarray) -> Answer:
    """Return median and probability of exhaustion years, shape (draw,)."""
    return Answer(float(quantiles(years, [0.5])[0]), float(np.mean(years < HEADLINE_YEAR + 1)))


def bar(people: Population, group: Group, *, seed: int) -> tuple[Answer, Answer]:
    """Return the answer with a group held low and held high."""
    rng = generator(seed, "sensitivity", "tornado", group.name)
    # Ranks evenly over the band, in an order of their own.
    spread = (rng.permutation(people.results.frontier.shape[0]) + 0.5) / people.results.frontier.shape[0]
    found = []
    for end in (LOW, HIGH):
        ranks = np.full(len(spread), end) if group.choice else end + BAND * (2 * spread - 1)
        found.append(answer(people.exhaustion_year({**people.drawn, group.name: group.rows(ranks)})))
    return found[0], found[1]
