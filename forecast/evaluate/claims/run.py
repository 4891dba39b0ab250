"""Public claims about when data run out, as a ledger: what each means here, how likely that is, and what happened.

A claim is mapped to an event of the forecast (`forecast.evaluate.claims.events`), held against an amount that others
publish (`forecast.evaluate.claims.amounts`), or listed with the reason why neither fits. The mapping is in the table
``claims``, row by row, and is judgement.

*Now* is the probability of the event in the baseline. *Then* is that of the same forecast with the rows published by
the last half-year before the claim: growth is fitted to what was known, while the stock, the levers and the reading of
each row are today's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.resources import RESOURCES
from forecast.core.units import calendar_date, decimal_year
from forecast.evaluate.backtest.origins import origins
from forecast.evaluate.claims.amounts import held_against
from forecast.evaluate.claims.events import Event, event_of, filled, outcome
from forecast.evaluate.claims.past_forecasts import SCENARIO, PastForecast, past_forecasts
from forecast.runs.events import DEFINITIONS, MAIN
from forecast.runs.sentence import percent

if TYPE_CHECKING:
    import pandas as pd


def latest_origin(date: float, last: float) -> float | None:
    """Return the latest half-year that does not lie after a date.

    Examples
    --------
    >>> latest_origin(2022.86, 2026.9), latest_origin(2018.2, 2026.9)
    (2022.5, None)
    """
    known = [origin for origin in origins(last) if origin <= date]
    return known[-1] if known else None


def ledger(
    rows: Iterable[Mapping[str, Any]], outlook: Callable[[str, float | None], PastForecast | None]
) -> dict[str, Any]:
    """Return the ledger."""
    from forecast.ingest.catalog import table

    entries, as_of = [], None
    until = decimal_year(table("claims").snapshot)
    for row in rows:
        event, date = event_of(row), decimal_year(str(row["date_of_claim"])[:10])
        now = None if event is None else outlook(event.resource_name, None)
        then = None
        if event is not None and now is not None:
            as_of = now.as_of
            origin = latest_origin(date, now.as_of)
            then = None if origin is None else outlook(event.resource_name, origin)
        entries.append(_entry(row, event, now, then) | {"held_against": held_against(row, until)})
    entries.sort(key=lambda entry: (entry["date"], entry["id"]))
    mapped = [entry for entry in entries if entry["event"] is not None]
    return {
        "scenario": SCENARIO,
        "as_of": None if as_of is None else calendar_date(as_of).isoformat(),
        "counts": {
            "claims": len(entries),
            "mapped": len(mapped),
            "gone_by": sum(entry["outcome"] is not None for entry in mapped),
            **{
                status: sum((entry["outcome"] or {}).get("status") == status for entry in mapped)
                for status in ("reached", "reached before", "not reached", "cannot be told")
            },
            "held_against": sum(entry["held_against"] is not None for entry in entries),
            "secondary_reading": sum(entry["secondary_reading"] for entry in entries),
            "not_to_be_cited": sum(entry["not_to_be_cited"] for entry in entries),
        },
        "claims": entries,
    }


def _entry(
    row: Mapping[str, Any], event: Event | None, now: PastForecast | None, then: PastForecast | None
) -> dict[str, Any]:
    # A probability that a claim states of something else (that scaling slows) is not one of the event it is mapped to.
    level = filled(row["interval_level_share"]) if event is not None else filled(row["stated_probability_share"])
    return {
        "id": str(row["id"]),
        "claimant": str(row["claimant"]),
        "date": str(row["date_of_claim"])[:10],
        "date_precision": str(row["date_precision"]),
        "claim": str(row["claim"]),
        "stated_probability": None if level is None else float(level),
        "stated_words": filled(row["uncertainty_as_stated"]),
        "event": None
        if event is None
        else {
            "definition": event.definition,
            "resource": event.resource_name,
            "from": None if np.isinf(event.start) else event.start,
            "to": None if np.isinf(event.end) else event.end,
            "words": event.words(),
        },
        "reading": str(row["event_reading"]),
        "probability_now": None if event is None or now is None else _probability(event, now),
        "probability_then": None if event is None or then is None else _probability(event, then),
        "then_as_of": None if then is None else calendar_date(then.as_of).isoformat(),
        "outcome": None if event is None or now is None else outcome(event, now),
        "source_url": filled(row["source_url"]),
        "read_at_url": filled(row["read_at_url"]),
        "not_to_be_cited": bool(row["not_to_be_cited"]),
        "secondary_reading": bool(row["secondary_reading"]),
        "note": filled(row["note"]),
    }


def _probability(event: Event, outlook: PastForecast) -> float:
    return round(event.probability(outlook.years(event.definition)), 4)


def claim_rows() -> list[dict[str, Any]]:
    """Return the rows of the table ``claims``."""
    from forecast.ingest.catalog import load_table

    return [{str(key): value for key, value in row.items()} for row in load_table("claims").to_dict("records")]


def claims_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the ledger as a table."""
    import pandas as pd

    return pd.DataFrame([_line(entry) for entry in content["claims"]])


def _line(entry: Mapping[str, Any]) -> dict[str, Any]:
    # A result stored by an earlier version knows no amounts.
    event, happened = entry["event"], entry["outcome"] or entry.get("held_against")
    return {
        "id": entry["id"],
        "date": known_date(entry),
        "claimant": entry["claimant"],
        "claim": entry["claim"],
        "event": "not mappable" if event is None else f"{definition_words(event)}, {event['words']}",
        "reading": entry["reading"],
        "stated": words_of(entry["stated_probability"]),
        "then": words_of(entry["probability_then"]),
        "now": words_of(entry["probability_now"]),
        "happened": "" if happened is None else happened["sentence"],
        "source": entry["source_url"] or "",
        "second hand": entry["secondary_reading"],
        "not to be cited": entry.get("not_to_be_cited", False),
    }


def known_date(entry: Mapping[str, Any]) -> str:
    """Return as much of a claim's date as is known.

    Examples
    --------
    >>> known_date({"date": "2026-05-31", "date_precision": "month"})
    '2026-05'
    """
    return str(entry["date"])[: {"year": 4, "month": 7}.get(entry["date_precision"], 10)]


def definition_words(event: Mapping[str, Any]) -> str:
    """Return an event's definition and resource in a few words."""
    name = event["definition"]
    title = "one training run reaches the effective stock" if name == MAIN else DEFINITIONS[name].title
    return f"{RESOURCES[event['resource']].title}: {title}"


def words_of(probability: float | None) -> str:
    """Return a probability in words; nothing where there is none."""
    return "" if probability is None else percent(probability)


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    from forecast.scenarios.scenario import load

    return {"scenario": load(SCENARIO).numbers_digest()}


def compute(progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Make the ledger; what needs a fit by NUTS that is not kept is left open."""
    return ledger(claim_rows(), past_forecasts(progress=progress))


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Make the ledger, with every fit that it needs."""
    made = past_forecasts(may_sample=True, progress=progress, jobs=jobs, scheduler=scheduler)
    return ledger(claim_rows(), made)
