"""Which assumption moves the year, which one carries the uncertainty, and which measurement would narrow it most.

Three answers from one set of kept fits, without sampling again: a tornado (one input at a time, the others as they are),
Sobol indices (shares of the variance, inputs that are drawn jointly as one group), and the value of information (the
error that would go if an input were known). They are about the model's own inputs: what no input represents, such as an
event outside all members, is in none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.seeds import DEFAULT_SEED
from forecast.runs.sentence import HEADLINE_HORIZON, HEADLINE_YEAR
from forecast.scenarios.market import check_still

if TYPE_CHECKING:
    import pandas as pd

    from forecast.runs.pipeline import Options
    from forecast.runs.results import Results
    from forecast.scenarios.scenario import Scenario


def sensitivity(
    scenario: str | Scenario = "baseline",
    *,
    options: Options | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Return the sensitivity of a scenario's forecast.

    Examples
    --------
    >>> found = sensitivity("baseline")  # doctest: +SKIP
    >>> found["inputs"][0]["title"]  # doctest: +SKIP
    'how far the largest feasible run stands above the record'
    """
    from forecast.runs import pipeline
    from forecast.scenarios.scenario import load

    scenario = load(scenario) if isinstance(scenario, str) else scenario
    check_still(scenario, "sensitivity")
    options = options or pipeline.Options(seed=DEFAULT_SEED)
    results = pipeline.work_out(scenario, options=options, progress=progress)
    return analyse(results, seed=options.seed, progress=progress)


def analyse(
    results: Results, *, seed: int = DEFAULT_SEED, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Return the sensitivity of a run."""
    from forecast.core.units import calendar_date
    from forecast.evaluate.sensitivity import information, tornado, variance
    from forecast.evaluate.sensitivity.population import population

    people = population(results, seed=seed)
    progress("one input at a time")
    bars = [tornado.bar(people, group, seed=seed) for group in people.groups]
    progress("Sobol indices")
    found = variance.indices(people, seed=seed)
    progress("value of information")
    known = [information.gain(people, group, half=False, seed=seed) for group in people.groups]
    halves = [
        None if group.choice else information.gain(people, group, half=True, seed=seed) for group in people.groups
    ]
    rows: list[dict[str, Any]] = [
        {
            "name": group.name,
            "title": group.title,
            "inputs": list(group.inputs),
            "measurement": group.measurement,
            "tornado": {"low": low.to_dict(), "high": high.to_dict()},
            "sobol": {output: values[place] for output, values in found.items()},
            "information": {
                "known": _gain(known[place]),
                "half": None if halves[place] is None else _gain(halves[place]),
            },
        }
        for place, (group, (low, high)) in enumerate(zip(people.groups, bars, strict=True))
    ]
    rows.sort(key=lambda one: -one["information"]["known"]["crps_years"])
    year = results.passages["main"].year
    base = tornado.answer(year)
    return {
        "scenario": results.scenario.name,
        "as_of": calendar_date(results.inputs.data.as_of).isoformat(),
        "answer": base.to_dict(),
        "expected_error": {
            "crps_years": round(information.expected_error(np.minimum(year, HEADLINE_HORIZON)), 4),
            "brier": round(information.expected_error((year < HEADLINE_YEAR + 1).astype(float)), 4),
        },
        "sobol_sums": {output: round(sum(value["first"] for value in values), 4) for output, values in found.items()},
        "settings": {
            "sobol_samples": variance.SAMPLES,
            "outer": information.OUTER,
            "inner": information.INNER,
            "low_rank": tornado.LOW,
            "high_rank": tornado.HIGH,
            "seed": seed,
        },
        "inputs": rows,
    }


def _gain(found: Any) -> dict[str, float]:
    return {"crps_years": round(found.crps_years, 4), "brier": round(found.brier, 5)}


def sensitivity_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the sensitivity as a table."""
    import pandas as pd

    return pd.DataFrame([_line(one) for one in content["inputs"]])


def _line(one: Mapping[str, Any]) -> dict[str, Any]:
    low, high = one["tornado"]["low"], one["tornado"]["high"]
    known, half = one["information"]["known"], one["information"]["half"]
    return {
        "input": one["title"],
        "median_late": low["median"],
        "median_early": high["median"],
        "by_2030_late": low["probability_by_2030"],
        "by_2030_early": high["probability_by_2030"],
        **{
            f"{output}_{kind}": one["sobol"][output][kind]
            for output in ("log_gap_2030", "by_2030")
            for kind in ("first", "total")
        },
        "years_gained_known": known["crps_years"],
        "years_gained_half": None if half is None else half["crps_years"],
        "brier_gained_known": known["brier"],
        "measurement": one["measurement"],
    }


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    from forecast.scenarios.scenario import load

    return {"scenario": load("baseline").numbers_digest()}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Return the sensitivity of the baseline."""
    from forecast.runs.pipeline import Options

    return sensitivity(options=Options(jobs=jobs, scheduler=scheduler), progress=progress)
