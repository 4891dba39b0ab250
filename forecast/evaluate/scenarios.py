"""Every shipped scenario with the same data, members and seed: what the assumptions are worth, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from forecast import scenario as scenarios
from forecast.errors import MissingFileError
from forecast.ingest import results
from forecast.ingest.results import StoredResult
from forecast.nouns import Forecast
from forecast.pipeline import Options, run

NAME = "scenarios"
"""Under which the result is stored."""

RESOURCE = "public_text"
"""Resource of all shipped scenarios."""


def evaluate(
    *, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None
) -> tuple[Any, dict[str, str]]:
    """Run every shipped scenario; members that are fitted already are not fitted again.

    Parameters
    ----------
    progress : callable
        Told of each step.
    jobs : int or None
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler whose workers make the fits instead.

    Returns
    -------
    tuple of dict and dict
        Content and inputs, for `forecast.ingest.results.store`.
    """
    options = Options(jobs=jobs, scheduler=scheduler)
    rows = []
    # The baseline first: its fits serve nearly all others.
    for name in sorted(scenarios.names(), key=lambda one: (one != "baseline", one)):
        made = run(name, options=options)
        rows.append(row_of(made))
        progress(f"ran the scenario {name}")
    as_of = made.document["as_of"]
    content = {"resource": RESOURCE, "as_of": as_of, "seed": options.seed, "scenarios": rows}
    return content, made_from()


def row_of(forecast: Forecast) -> dict[str, Any]:
    """Return what is kept of a scenario's forecast.

    Parameters
    ----------
    forecast : Forecast
        A run of a shipped scenario.

    Returns
    -------
    dict
        ``name``, ``title``, ``world``, ``exhaustion_year``, ``frontier_2030``, ``effective_2030``, ``verdict``.
    """
    document = forecast.document
    world = scenarios.load(document["scenario"])
    return {
        "name": world.name,
        "title": world.title,
        "world": world.world,
        "exhaustion_year": document["exhaustion_year"],
        "frontier_2030": document["consumption"]["frontier"]["2030"],
        "effective_2030": document["stock"]["effective"]["2030"],
        "verdict": document["diagnostics"]["verdict"],
    }


def made_from() -> dict[str, str]:
    """Return the hashes of what the result is made from, as they are now.

    Returns
    -------
    dict of str to str
        Tables, code, and every scenario.
    """
    return results.made_from(NAME, {f"scenario {name}": scenarios.load(name).digest() for name in scenarios.names()})


def stored_scenarios(document: Mapping[str, Any]) -> StoredResult | None:
    """Return the scenarios as they were last run, where they stand beside a forecast.

    Parameters
    ----------
    document : mapping
        A forecast's document.

    Returns
    -------
    StoredResult or None
        None where nothing is stored, or the forecast is of another resource or date.
    """
    found = _stored() if results.is_stored(NAME) else None
    if found is None or (found.content["resource"], found.content["as_of"]) != (
        document["resource"],
        document["as_of"],
    ):
        return None
    return found


@cache
def _stored() -> StoredResult | None:
    try:
        return results.stored(NAME, made_from())
    except MissingFileError:
        return None
