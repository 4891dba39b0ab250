"""The bridge from a published forecast to the baseline, made once and shown in reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast.replicate import DEFAULT_DRAWS
from forecast.replicate.baseline_steps import whole_bridge
from forecast.runs.pipeline import Options
from forecast.scenarios import scenario as scenarios


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"scenario": scenarios.load("baseline").numbers_digest()}


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Walk the bridge to the baseline."""
    from forecast.core.units import calendar_date
    from forecast.ingest.corpora import audited_as_of

    options = Options(jobs=jobs, scheduler=scheduler)
    scenario = scenarios.load("baseline")
    steps = whole_bridge(seed=options.seed, draws=DEFAULT_DRAWS, options=options, progress=progress)
    return {
        "scenario": scenario.name,
        "as_of": calendar_date(audited_as_of()).isoformat(),
        "seed": options.seed,
        "draws": DEFAULT_DRAWS,
        "steps": [step.to_json() for step in steps],
    }
