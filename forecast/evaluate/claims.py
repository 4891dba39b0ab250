"""Public claims about when data run out, as a ledger: what each means here, how likely that is, and what happened.

A claim is mapped to an event of the forecast, "the exhaustion year by this definition lies between these two
instants", or stands with the reason why none fits. The mapping is in the table ``claims``, row by row, and is judgement.

*Now* is the probability of the event in the baseline. *Then* is that of the same forecast with the rows published by
the last half-year before the claim: growth is fitted to what was known, while the stock, the levers and the reading of
each row are today's. For events whose time has passed, what happened is told by what is published: how far the largest
training set had come towards the limit. What was run and never published is not known, so that "not reached" is a
statement about published training sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.definitions import DEFINITIONS, MAIN
from forecast.document import percent
from forecast.evaluate.origins import origins
from forecast.evaluate.outlooks import SCENARIO, Outlook, outlooks
from forecast.nouns import resource
from forecast.seeds import DEFAULT_SEED
from forecast.summaries import plain, quantiles
from forecast.units import calendar_date, decimal_year

if TYPE_CHECKING:
    import pandas as pd

SURE = 0.9
"""Probability from which published training sets count as having reached a limit, or not (no unit); judgement: the
limit is uncertain by a factor of ten, so that in between it cannot be told."""


@dataclass(frozen=True)
class Event:
    """What a claim says, as an event of the forecast.

    Parameters
    ----------
    definition : str
        ``"main"`` or a name of `forecast.definitions.DEFINITIONS`.
    resource_name : str
        The resource.
    start, end : float
        The exhaustion year lies from `start` on and before `end` (decimal years); infinite where the claim sets none.
    """

    definition: str
    resource_name: str
    start: float = -np.inf
    end: float = np.inf

    def probability(self, years: np.ndarray) -> float:
        """Return the share of futures that agree with the claim.

        Parameters
        ----------
        years : array, shape (draw,)
            Exhaustion years by the event's definition; ``inf`` for never.

        Returns
        -------
        float
            Between 0 and 1.

        Examples
        --------
        >>> Event("main", "public_text", 2026.0, 2033.0).probability(np.array([2025.9, 2026.0, 2033.0, np.inf]))
        0.25
        """
        # Never lies after every start, and before no end but none at all.
        return float(np.mean((years >= self.start) & ((years < self.end) | np.isinf(self.end))))

    def gone_by(self, as_of: float) -> bool:
        """Return whether its time has passed, so that what happened can be asked.

        Parameters
        ----------
        as_of : float
            Decimal year of the data.

        Returns
        -------
        bool
            True when the event's end does not lie after that date.
        """
        return self.end <= as_of

    def words(self) -> str:
        """Say when, in words.

        Returns
        -------
        str
            Such as ``"by the end of 2025"``, ``"2026 to 2032"``, ``"not before 2029"``.

        Examples
        --------
        >>> Event("main", "public_text", 2026.0, 2033.0).words(), Event("main", "public_text", end=2024.96).words()
        ('2026 to 2032', 'by December 2024')
        """
        if np.isinf(self.end):
            return f"not before {_instant(self.start)}"
        if np.isinf(self.start):
            return _by(self.end)
        if self.start % 1 == 0 and self.end % 1 == 0:
            return f"{self.start:.0f} to {self.end - 1:.0f}"
        return f"{self.start:.1f} to {self.end:.1f}"


def _by(end: float) -> str:
    return f"by the end of {end - 1:.0f}" if end % 1 == 0 else f"by {_instant(end)}"


def _instant(year: float) -> str:
    return f"{year:.0f}" if year % 1 == 0 else f"{calendar_date(year):%B %Y}"


def event_of(row: Mapping[str, Any]) -> Event | None:
    """Return the event of a claim.

    Parameters
    ----------
    row : mapping
        A row of the table ``claims``; empty cells are None or NaN.

    Returns
    -------
    Event or None
        None where no definition fits.
    """
    definition = _filled(row["event_definition"])
    if definition is None:
        return None
    start, end = (_filled(row[name]) for name in ("event_from_year", "event_to_year"))
    return Event(
        str(definition),
        str(row["event_resource"]),
        -np.inf if start is None else float(start),
        np.inf if end is None else float(end),
    )


def _filled(value: Any) -> Any:
    import pandas as pd

    return None if value is None or pd.isna(value) else value


def outcome(event: Event, now: Outlook) -> dict[str, Any] | None:
    """Say what happened, as far as published training sets show.

    Parameters
    ----------
    event : Event
        What was claimed.
    now : Outlook
        The forecast of today.

    Returns
    -------
    dict or None
        ``status`` ("reached", "reached before", "not reached", "cannot be told"), the published record by then, its
        share of the limit (median and 80 % interval), the probability that the limit was reached, and a sentence; None
        where the time has not come.
    """
    if not event.gone_by(now.as_of):
        return None
    gap = now.reached(event.definition, event.end)
    by_end = float(np.mean(gap >= 0))
    before = 0.0 if np.isinf(event.start) else float(np.mean(now.reached(event.definition, event.start) >= 0))
    if by_end <= 1 - SURE:
        status = "not reached"
    elif before >= SURE:
        status = "reached before"
    else:
        status = "reached" if by_end - before >= SURE else "cannot be told"
    low, middle, high = quantiles(10**gap, [0.1, 0.5, 0.9])
    record = 10 ** now.record(event.end)
    unit = now.results.what.unit
    said = {
        "reached": "published training sets reached the limit",
        "reached before": "published training sets had reached the limit before",
        "not reached": "published training sets did not reach the limit",
        "cannot be told": "whether the limit was reached cannot be told, the stock is too uncertain",
    }[status]
    subject = (
        "all training sets together, by the largest published one,"
        if event.definition == "used_once"
        else "the largest published training set"
    )
    return {
        "status": status,
        "published_record": plain(record),
        "share_of_limit": {"median": plain(float(middle)), "interval_0.8": [plain(float(low)), plain(float(high))]},
        "probability_reached": round(by_end, 4),
        "sentence": (
            f"{said[0].upper()}{said[1:]}: {_by(event.end)} {subject} came to {_share(middle)} of it "
            f"(80 % interval {_share(low)} to {_share(high)}; record {record / 1e12:.2g} trillion {unit})."
        ),
    }


def _share(ratio: float) -> str:
    return f"{float(f'{100 * ratio:.2g}'):g} %"


def latest_origin(date: float, last: float) -> float | None:
    """Return the latest half-year that does not lie after a date.

    Parameters
    ----------
    date : float
        Decimal year of the claim.
    last : float
        Decimal year of the data.

    Returns
    -------
    float or None
        None before the first origin.

    Examples
    --------
    >>> latest_origin(2022.86, 2026.9), latest_origin(2018.2, 2026.9)
    (2022.5, None)
    """
    known = [origin for origin in origins(last) if origin <= date]
    return known[-1] if known else None


def ledger(rows: Iterable[Mapping[str, Any]], outlook: Callable[[str, float | None], Outlook | None]) -> dict[str, Any]:
    """Return the ledger.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of the table ``claims``.
    outlook : callable
        From a resource and an origin (None for now) to a forecast; None where its fits are not at hand.

    Returns
    -------
    dict
        JSON-ready: scenario, as-of date, counts, and one entry a claim in the order of their dates.
    """
    entries, as_of = [], None
    for row in rows:
        event, date = event_of(row), decimal_year(str(row["date_of_claim"])[:10])
        now = None if event is None else outlook(event.resource_name, None)
        then = None
        if event is not None and now is not None:
            as_of = now.as_of
            origin = latest_origin(date, now.as_of)
            then = None if origin is None else outlook(event.resource_name, origin)
        entries.append(_entry(row, event, now, then))
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
            "secondary_reading": sum(entry["secondary_reading"] for entry in entries),
        },
        "claims": entries,
    }


def _entry(row: Mapping[str, Any], event: Event | None, now: Outlook | None, then: Outlook | None) -> dict[str, Any]:
    # A probability that a claim states of something else (that scaling slows) is not one of the event it is mapped to.
    level = _filled(row["interval_level_share"]) if event is not None else _filled(row["stated_probability_share"])
    return {
        "id": str(row["id"]),
        "claimant": str(row["claimant"]),
        "date": str(row["date_of_claim"])[:10],
        "date_precision": str(row["date_precision"]),
        "claim": str(row["claim"]),
        "stated_probability": None if level is None else float(level),
        "stated_words": _filled(row["uncertainty_as_stated"]),
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
        "source_url": _filled(row["source_url"]),
        "secondary_reading": bool(row["secondary_reading"]),
        "note": _filled(row["note"]),
    }


def _probability(event: Event, outlook: Outlook) -> float:
    return round(event.probability(outlook.years(event.definition)), 4)


def claim_rows() -> list[dict[str, Any]]:
    """Return the rows of the table ``claims``.

    Returns
    -------
    list of dict
        One a claim.
    """
    from forecast.ingest.catalog import load_table

    return [{str(key): value for key, value in row.items()} for row in load_table("claims").to_dict("records")]


def claims_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the ledger as a table.

    Parameters
    ----------
    content : mapping
        What `ledger` gives.

    Returns
    -------
    pandas.DataFrame
        One line a claim: who, when, what, the event, the probabilities, what happened, the source.
    """
    import pandas as pd

    return pd.DataFrame([_line(entry) for entry in content["claims"]])


def _line(entry: Mapping[str, Any]) -> dict[str, Any]:
    event, happened = entry["event"], entry["outcome"]
    return {
        "id": entry["id"],
        "date": entry["date"],
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
    }


def definition_words(event: Mapping[str, Any]) -> str:
    """Return an event's definition and resource in a few words.

    Parameters
    ----------
    event : mapping
        With ``definition`` and ``resource``.

    Returns
    -------
    str
        Such as ``"public human text: single pass: unique data on both sides"``.
    """
    name = event["definition"]
    title = "one training run reaches the effective stock" if name == MAIN else DEFINITIONS[name].title
    return f"{resource(event['resource']).title}: {title}"


def words_of(probability: float | None) -> str:
    """Return a probability in words; nothing where there is none."""
    return "" if probability is None else percent(probability)


def inputs() -> dict[str, str]:
    """Return the hashes of what the stored result is made from.

    Returns
    -------
    dict of str to str
        Tables, code, settings.
    """
    from forecast.ingest.results import made_from
    from forecast.scenario import load

    return made_from("claims", {"scenario": load(SCENARIO).digest(), "seed": DEFAULT_SEED})


def compute(progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Make the ledger from the fits that are kept; what needs another fit is left open.

    Parameters
    ----------
    progress : callable, optional
        Told of each forecast.

    Returns
    -------
    dict
        What `ledger` gives.
    """
    return ledger(claim_rows(), outlooks(progress=progress))


def evaluate(
    progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Make the ledger, with every fit that it needs.

    Parameters
    ----------
    progress : callable
        Told of each forecast.
    jobs : int, optional
        Processes; by default one a processor.
    scheduler : str, optional
        Address of a Dask scheduler whose workers make the fits.

    Returns
    -------
    tuple of dict and dict
        What `ledger` gives, and what it was made from.
    """
    made = outlooks(may_sample=True, progress=progress, jobs=jobs, scheduler=scheduler)
    return ledger(claim_rows(), made), inputs()
