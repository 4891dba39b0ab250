"""The ten numbers that carry the answer: what every number moves, ranked by how far it moves P(by the end of 2030).

A number that is drawn moves the answer from its 10 % to its 90 % point; a row of a table by not being there. The two
are not the same, so that rows have places of their own: otherwise ranges that somebody chose would fill the list, and
a reader would not see which published figures the answer rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forecast.core.seeds import DEFAULT_SEED
from forecast.core.units import calendar_date
from forecast.evaluate.baseline import prepare
from forecast.evaluate.influence.drawn import answers, drawn_numbers
from forecast.evaluate.influence.left_out import stock_estimates, training_runs
from forecast.evaluate.influence.number import CarryingNumber, Kind
from forecast.scenarios.market import check_still

if TYPE_CHECKING:
    from forecast.runs.pipeline import Options
    from forecast.scenarios.scenario import Scenario

PLACES = 10
"""Numbers that a reader is shown (count)."""

LEAST: Mapping[Kind, int] = {"training run": 2, "stock estimate": 2}
"""Places that rows of a kind have at least (count)."""


def influence(
    scenario: str | Scenario = "baseline",
    *,
    options: Options | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return every number that carries a scenario's answer, those that move it most first.

    Examples
    --------
    >>> found = influence("baseline")  # doctest: +SKIP
    >>> found["numbers"][0]["kind"]  # doctest: +SKIP
    'fitted'
    """
    from forecast.runs import pipeline
    from forecast.scenarios.scenario import load

    scenario = load(scenario) if isinstance(scenario, str) else scenario
    check_still(scenario, "influence")
    options = options or pipeline.Options(seed=DEFAULT_SEED)
    results = pipeline.work_out(scenario, options=options, progress=progress)
    answer = answers(results.passages["main"].year)
    progress("numbers that are drawn")
    numbers = drawn_numbers(results, seed=options.seed)
    progress("estimates of the stock, each left out")
    numbers += stock_estimates(results, seed=options.seed)
    progress("training runs, each left out")
    numbers += training_runs(prepare(options, scenario), progress)
    ranked = sorted(numbers, key=lambda one: -one.moves(answer.probability_by_2030))
    return {
        "scenario": scenario.name,
        "as_of": calendar_date(results.inputs.data.as_of).isoformat(),
        "answer": {"median": answer.median, "probability_by_2030": answer.probability_by_2030},
        "numbers": [{**one.as_dict(), "moves": round(one.moves(answer.probability_by_2030), 5)} for one in ranked],
        "ten": [one.key for one in chosen(ranked)],
    }


def chosen(ranked: Sequence[CarryingNumber], places: int = PLACES, least: Mapping[Kind, int] = LEAST) -> list:
    """Return the numbers that a reader is shown, in their order: the first ones, and of each kind its least."""
    kept = [one for kind, count in least.items() for one in [other for other in ranked if other.kind == kind][:count]]
    others = [one for one in ranked if one not in kept][: max(places - len(kept), 0)]
    return [one for one in ranked if one in kept or one in others]


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    from forecast.scenarios.scenario import load

    return {"scenario": load("baseline").numbers_digest()}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Return the numbers that carry the baseline's answer."""
    from forecast.runs.pipeline import Options

    return influence(options=Options(jobs=jobs, scheduler=scheduler), progress=progress)
