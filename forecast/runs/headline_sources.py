"""What the headline takes from results made before the run: the range over growth, and a question that can be checked.

Both are read here, where a run puts its document together, from files that ship: a stored result and a frozen round.
Making them is left to rooms above this one. Where what is stored is of another forecast, there is nothing to take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.wording import date_words, odds_told, percent_words
from forecast.errors import ForecastError
from forecast.ingest import rounds, stored
from forecast.runs.document_types import Checkable
from forecast.runs.sentence import HEADLINE_YEAR

if TYPE_CHECKING:
    from forecast.scenarios.scenario import Scenario

OPEN = (0.1, 0.9)
"""A question is worth asking while its probability lies between these (probability)."""


def growth_range(scenario: Scenario, as_of: str) -> list[float] | None:
    """Return the stored range of the probability over assumptions about growth; None where none is of this forecast."""
    name = "over_priors"
    if not stored.exists(name):
        return None
    try:
        found = stored.read(name, {"scenario": scenario.numbers_digest()})
    except ForecastError:
        return None
    content = found.content
    if found.stale or not content.get("together") or content["as_of"] != as_of:
        return None
    return list(lowest_and_highest(content))


def lowest_and_highest(content: Mapping[str, Any]) -> tuple[float, float]:
    """Return the lowest and the highest probability of the headline's event over all paces.

    Examples
    --------
    >>> lowest_and_highest({"together": [{"probability_by": {"2030": 0.45}}, {"probability_by": {"2030": 0.9}}]})
    (0.45, 0.9)
    """
    found = [row["probability_by"][str(HEADLINE_YEAR)] for row in content["together"]]
    return min(found), max(found)


def checkable(scenario: Scenario, as_of: str) -> Checkable | None:
    """Return what the newest frozen round says of published training sets; None where it is of another forecast."""
    if scenario.name != "baseline" or scenario.resource_name != "public_text" or scenario.leave_out:
        return None
    try:
        content = rounds.newest()
    except ForecastError:
        return None
    return None if content is None else question_of(content, as_of)


def question_of(content: Mapping[str, Any], as_of: str) -> Checkable | None:
    """Return the open question of a round that is nearest to an even chance, of those that no table has decided yet.

    A question with a probability comes first: whether a published training set is larger than so many tokens. Without
    one it is the median of the soonest question on the largest published set, half of whose futures lie above it.
    """
    left = [one for one in content["questions"] if one["resolves"] > as_of]
    of_runs = [one for one in left if one["measure"] == "runs_above" and one["arguments"].get("at_least") == 1]
    asked = [one for one in of_runs if OPEN[0] <= one["us"]["probability"] <= OPEN[1]]
    sizes = [one for one in left if one["measure"] == "largest_run" and one["arguments"]["basis"] == "stated"]
    if asked:
        chosen = min(asked, key=lambda one: (abs(one["us"]["probability"] - 0.5), one["resolves"]))
        share, tokens = float(chosen["us"]["probability"]), float(chosen["arguments"]["tokens"])
    elif sizes:
        chosen = min(sizes, key=lambda one: one["resolves"])
        share, tokens = 0.5, float(chosen["us"]["quantiles"]["0.5"])
    else:
        return None
    # A median is even by definition; a share of futures has the error of their number.
    error = float(np.sqrt(share * (1 - share) / content["run"]["draws"])) if asked else None
    trial = "a trial, " if content["trial"] else ""
    sentence = (
        f"The part that can be checked: the model {odds_told(share, error).of_the_model()} ({percent_words(share, error)}) that a "
        f"published text training set is larger than {tokens / 1e12:.3g} trillion tokens by {date_words(chosen['resolves'])} "
        f"(round {content['round']}, {trial}frozen on {date_words(content['frozen'])})."
    )
    return {"sentence": sentence, "probability": share, "round": str(content["round"])}
