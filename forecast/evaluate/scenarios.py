"""Every shipped scenario with the same data, members and seed: what the assumptions are worth, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from forecast.collapse.yields import SCENARIO_SETTINGS
from forecast.errors import MissingFileError
from forecast.evaluate.sensitivity.tornado import HIGH, LOW
from forecast.ingest import stored
from forecast.ingest.stored import StoredResult
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.pipeline import Options, run
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import LEVERS

NAME = "scenarios"
"""Under which the result is stored."""

RESOURCE = "public_text"
"""Resource of all shipped scenarios."""

SCALES = (0.01, 0.055, 0.3, 1.0)
"""Values of the factor `scale_transfer` in the table over it (ratio): ends of its 80 % interval, its median, and all of it."""


JUDGED_IN, JUDGED = "synthetic_accumulate", ("scale_transfer", "saturation_exponent")
"""Scenario that counts synthetic text, and the numbers of its lever that are judgement alone."""


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Run every shipped scenario; members that are fitted already are not fitted again."""
    options = Options(jobs=jobs, scheduler=scheduler)
    rows = []
    # The baseline first: its fits serve nearly all others.
    for name in sorted(scenarios.names(), key=lambda one: (one != "baseline", one)):
        made = run(name, options=options)
        rows.append(row_of(made))
        progress(f"ran the scenario {name}")
    as_of = made.document["as_of"]
    over = over_scale(options, progress)
    return {
        "resource": RESOURCE, "as_of": as_of, "seed": options.seed, "scenarios": rows, "over_scale": over,
        "judged": judged_ends(rows, options, progress),
    }  # fmt: skip


def over_scale(options: Options, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return the answers of the scenarios of synthetic text, what small models say counting for more or less."""
    rows = []
    for name in SCENARIO_SETTINGS:
        for scale in SCALES:
            found = run(scenarios.load(name).replace(synthetic={"scale_transfer": scale}), options=options)
            year = found.document["exhaustion_year"]
            by = year["probability_by"]["2030"]
            rows.append({"name": name, "scale_transfer": scale, "median": year["median"], "by_2030": by})
        progress(f"ran {name} over the factor of scale")
    return rows


def judged_ends(rows: Sequence[Mapping[str, Any]], options: Options, progress: Callable[[str], None]) -> dict[str, Any]:
    """Return the answer of the scenario that counts synthetic text with each judged number held low and high.

    The form is that of a sensitivity: ``answer``, and for each of ``inputs`` what it comes to at both ends of ``tornado``.
    """
    lever, found = scenarios.load(JUDGED_IN).levers["synthetic"], []
    for name in JUDGED:
        ends = lever.quantities[name].quantile(np.array([LOW, HIGH])).tolist()
        scenario = scenarios.load(JUDGED_IN)
        low, high = (_answer(run(scenario.replace(synthetic={name: end}), options=options).document) for end in ends)
        title = LEVERS["synthetic"].settings[name].description
        found.append({"name": name, "title": title, "ends": ends, "tornado": {"low": low, "high": high}})
        progress(f"ran {JUDGED_IN} with {name} at both ends")
    as_it_is = next(row for row in rows if row["name"] == JUDGED_IN)
    return {"scenario": JUDGED_IN, "answer": _answer(as_it_is), "inputs": found}


def _answer(document: Mapping[str, Any]) -> dict[str, float | None]:
    year = document["exhaustion_year"]
    return {"median": year["median"], "probability_by_2030": year["probability_by"]["2030"]}


def row_of(forecast: Forecast) -> dict[str, Any]:
    """Return what is kept of a scenario's forecast."""
    document = forecast.document
    scenario = scenarios.load(document["scenario"])
    return {
        "name": scenario.name,
        "title": scenario.title,
        "world": scenario.description,
        "exhaustion_year": document["exhaustion_year"],
        "frontier_2030": document["consumption"]["frontier"]["2030"],
        "effective_2030": document["stock"]["effective"]["2030"],
        "verdict": document["diagnostics"]["verdict"],
    }


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed: every shipped scenario."""
    return {f"scenario {name}": scenarios.load(name).numbers_digest() for name in scenarios.names()}


def stored_scenarios(document: Document) -> StoredResult | None:
    """Return the scenarios as they were last run, if they belong beside a forecast."""
    found = _stored() if stored.exists(NAME) else None
    if found is None or (found.content["resource"], found.content["as_of"]) != (
        document["resource"],
        document["as_of"],
    ):
        return None
    return found


@cache
def _stored() -> StoredResult | None:
    try:
        return stored.read(NAME, settings())
    except MissingFileError:
        return None
