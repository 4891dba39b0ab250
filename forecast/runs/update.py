"""A forecast made again with further rows, and what these moved."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.core.summaries import plain
from forecast.core.wording import year_tenth
from forecast.errors import InputError
from forecast.ingest.added_rows import added_rows
from forecast.ingest.own_table import table_file
from forecast.runs.attribution import since
from forecast.runs.forecast import Forecast
from forecast.runs.pipeline import run
from forecast.runs.rerun import rerun_plan
from forecast.runs.sentence import HEADLINE_YEAR, percent

if TYPE_CHECKING:
    import pandas as pd


def update_forecast(
    forecast: Forecast,
    add: Any,
    *,
    models: str | Path | pd.DataFrame | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
    warn: Callable[[str], None] = warnings.warn,
) -> Forecast:
    """Return a forecast made again with further rows, as `Forecast.update` describes it."""
    rows = added_rows(add)
    if not rows:
        raise InputError("no row to add", 'at least one, such as ("Model X", "2026-12-01", 1e14)', "give one")
    with table_file(models) as table:
        plan = rerun_plan(forecast.document, () if table is None else (table,))
        obstacle = plan if isinstance(plan, str) else plan.obstacle(sampling=True)
        if isinstance(plan, str) or obstacle is not None:
            raise InputError(
                f"a forecast that cannot be made again: {obstacle}",
                "one whose data are here",
                "make the run again, or give its table as models",
            )
        together = added_rows((*plan.options.add, *rows))
        options = replace(plan.options, jobs=jobs, scheduler=scheduler, command=_COMMAND, add=together)
        made = run(plan.scenario, progress=progress, warn=warn, options=options)
    return moved_from(forecast, made)


_COMMAND = "forecast.Forecast.update"


def moved_from(before: Forecast, made: Forecast) -> Forecast:
    """Return a forecast whose document says what moved it from another one."""
    old = before.document
    name = f"the same forecast without the row, data as of {old['as_of']}"
    stood = (before.exhaustion_year, before.stock)
    block = since(name, old, stood, made.document, made.exhaustion_year, made.consumption)
    return replace(made, document={**made.document, "previous": block})


def moved_words(before: Forecast, made: Forecast) -> Sequence[str]:
    """Return what further rows moved, one sentence a line."""

    def median(one: Forecast) -> str:
        found = plain(one.median())
        return "beyond the horizon" if found is None else year_tenth(found)

    rows = added_rows(made.document["provenance"]["options"]["add"])
    shares = [percent(one.probability(by=HEADLINE_YEAR)) for one in (before, made)]
    lines = [
        f"Added: {'; '.join(row.words() for row in rows)}. Data as of {made.document['as_of']} instead of "
        f"{before.document['as_of']}.",
        f"Median {median(before)} -> {median(made)}, by the end of {HEADLINE_YEAR} {shares[0]} -> {shares[1]}.",
    ]
    block = made.document["previous"]
    return [*lines, *(f"  {reason}" for reason in (block["because"] if block else ()))]
