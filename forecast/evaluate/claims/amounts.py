"""Amounts: what a claim says of a share or of hours, held against what is published.

Such a claim is no event of the forecast. Where others have published the amount, or the nearest to it, the claim is
scored against every published value of its time, low to high.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.core.registry import Registry
from forecast.core.units import decimal_year
from forecast.evaluate.claims.events import filled
from forecast.production.machine_studies import studies
from forecast.production.tables import number, rows


@dataclass(frozen=True)
class Published:
    """One published amount.

    Parameters
    ----------
    name : str
        Whose amount it is.
    year : float
        Decimal year.
    amount : float
        A share (0 to 1) or hours.
    """

    name: str
    year: float
    amount: float


@dataclass(frozen=True)
class Measure:
    """An amount that others publish.

    Parameters
    ----------
    title : str
        What it is, as a noun phrase in the plural.
    published : callable
        Returns every published value.
    largest : bool
        Whether the claim is about the largest value, rather than about each of them.
    show : callable
        From an amount to words.
    """

    title: str
    published: Callable[[], Sequence[Published]]
    largest: bool
    show: Callable[[float], str]


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _hours(hours: float) -> str:
    return f"{hours:,.0f} hours"


def _web_shares() -> list[Published]:
    return [Published(study.population, study.year, study.share) for study in studies()]


STATED_PARTS = ("share_of_training_tokens_synthetic", "share_of_training_tokens_web_rewrites")
"""Rows of the table ``synthetic_share`` that together are the machine-written part of a training set."""


def _training_shares() -> list[Published]:
    """Return what makers state of their training sets; shares taken as a default are nobody's statement."""
    parts: dict[tuple[str, float], float] = {}
    for row in rows("synthetic_share"):
        if row["measure"] in STATED_PARTS:
            key = (row["population"], decimal_year(row["date"]))
            parts[key] = parts.get(key, 0.0) + number(row["share"])
    stated = {
        (row["model"], decimal_year(row["publication_date"])): number(row["synthetic_share"])
        for row in rows("record_audit")
        if row["synthetic_share_basis"] in ("stated", "derived")
    }
    return [Published(name, year, share) for (name, year), share in (parts | stated).items()]


def _hours_used() -> list[Published]:
    return [
        Published(row["name"], decimal_year(row["date"]), number(row["hours"]))
        for row in rows("embodied")
        if row["kind"] == "used"
    ]


MEASURES = Registry[Measure](
    "measure",
    {
        "web_share": Measure("machine-written shares of new web text", _web_shares, False, _percent),
        "training_share": Measure("machine-written shares stated of training sets", _training_shares, False, _percent),
        "embodied_hours": Measure("hours that one training run of a robot's model used", _hours_used, True, _hours),
    },
)
"""The amounts by the name that the table ``claims`` gives them: a new one is one line here."""


def held_against(row: Mapping[str, Any], as_of: float) -> dict[str, Any] | None:
    """Hold a claimed amount against what was published by a date; None where the claim names none.

    Examples
    --------
    >>> row = {"measure": "embodied_hours", "measure_amount": 1e9, "measure_from_year": None, "measure_to_year": None}
    >>> held_against(row, 2026.9)["status"]
    'not so far'
    """
    name = filled(row["measure"])
    if name is None:
        return None
    measure, claimed = MEASURES[str(name)], float(row["measure_amount"])
    start, end = (filled(row[f"measure_{side}_year"]) for side in ("from", "to"))
    found = [
        one
        for one in measure.published()
        if one.year <= as_of and (start is None or one.year >= float(start)) and (end is None or one.year < float(end))
    ]
    settled = end is not None and float(end) <= as_of
    amounts = np.array([one.amount for one in found])
    if measure.largest and len(found):
        amounts = amounts[[int(np.argmax(amounts))]]
    if not len(found):
        status = "nothing published"
    elif (amounts >= claimed).all():
        status = "reached"
    elif (amounts < claimed).all():
        status = "not reached" if settled else "not so far"
    else:
        status = "cannot be told"
    return {
        "measure": str(name),
        "amount": claimed,
        "published": [{"name": one.name, "year": round(one.year, 2), "amount": one.amount} for one in found],
        "status": status,
        "sentence": _sentence(measure, claimed, found, status),
    }


def _sentence(measure: Measure, claimed: float, found: Sequence[Published], status: str) -> str:
    if not found:
        return f"Nothing is published of {measure.title}."
    low, high = min(found, key=lambda one: one.amount), max(found, key=lambda one: one.amount)
    span = measure.show(high.amount)
    if low.amount != high.amount and not measure.largest:
        span = f"{measure.show(low.amount)} to {span}"
    count = f"{len(found)} published" if len(found) > 1 else "the one published"
    what = f"largest of {count}" if measure.largest and len(found) > 1 else count
    return (
        f"{status[0].upper()}{status[1:]}: {span} ({what}: {high.name}), claimed {measure.show(claimed)}; held against "
        f"{measure.title}."
    )
