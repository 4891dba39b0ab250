"""The bridge from a published forecast to the baseline, made once and shown in reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast import scenario as scenarios
from forecast.pipeline import Options
from forecast.replicate import DEFAULT_DRAWS
from forecast.replicate.ours import whole_bridge


def evaluate(
    *, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None
) -> tuple[Any, dict[str, str]]:
    """Walk the bridge to the baseline, with the hashes of what made it.

    Parameters
    ----------
    progress : callable
        Told of each fit that is made.
    jobs : int or None
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler whose workers make the fits instead.

    Returns
    -------
    tuple of dict and dict
        Content and inputs, for `forecast.ingest.results.store`.
    """
    from forecast.ingest.corpora import audited_as_of
    from forecast.ingest.results import made_from
    from forecast.units import calendar_date

    options = Options(jobs=jobs, scheduler=scheduler)
    world = scenarios.load("baseline")
    steps = whole_bridge(seed=options.seed, draws=DEFAULT_DRAWS, options=options, progress=progress)
    content = {
        "scenario": world.name,
        "as_of": calendar_date(audited_as_of()).isoformat(),
        "seed": options.seed,
        "draws": DEFAULT_DRAWS,
        "steps": [step.to_json() for step in steps],
    }
    return content, made_from("bridge", {"scenario": world.digest()})
