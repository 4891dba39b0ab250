"""A number behind the answer: its value, what hangs on it, how well it is read, and where."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from forecast.evaluate.data_status import named_in
from forecast.ingest.catalog import table
from forecast.scenarios.ledger import source_kind

Kind = Literal["assumption", "fitted", "training run", "stock estimate"]
"""Drawn from a range that somebody chose, estimated by this project, or one row of a table."""

Grade = Literal["A", "B", "C", "D"]

GRADES: dict[Grade, str] = {
    "A": "read in the source itself",
    "B": "worked out from sources",
    "C": "second hand",
    "D": "judgement",
}
"""Grades as in the table of audited training sets: how well a number is read, not how true it is."""

_ADDRESS = re.compile(r"https?://[^\s,;)]+")
_ARXIV = re.compile(r"arXiv[: ]\s?(\d{4}\.\d{4,5})")
_CITED = re.compile(r"[^,;:(]+")
_SECOND_HAND = re.compile(r"second[- ]hand|secondary", re.IGNORECASE)


@dataclass(frozen=True)
class Answers:
    """The answer where a number is different.

    Parameters
    ----------
    median : float or None
        Median exhaustion year; None beyond the horizon.
    probability_by_2030 : float
        Probability by the end of 2030.
    """

    median: float | None
    probability_by_2030: float


@dataclass(frozen=True)
class CarryingNumber:
    """One number and what hangs on it.

    Parameters
    ----------
    kind : str
        Of `Kind`.
    name : str
        What it is, for a reader.
    key : str
        ``lever.setting``, the model, or the estimate.
    unit : str
        Unit of the value.
    value, low, high : float
        Middle and equal-tailed 80 % interval.
    grade : str
        Of `GRADES`.
    read : str
        How it was read, in a few words.
    address : str
        Where; empty where nothing is published.
    share : float or None
        Share of the uncertainty (variance of the log gap in 2030) that knowing it alone would remove; None for a row.
    at_low, at_high : Answers or None
        The answer near its 10 % and its 90 % point.
    without : Answers or None
        The answer if the row were not there.
    """

    kind: Kind
    name: str
    key: str
    unit: str
    value: float
    low: float
    high: float
    grade: Grade
    read: str
    address: str
    share: float | None = None
    at_low: Answers | None = None
    at_high: Answers | None = None
    without: Answers | None = None

    def moves(self, probability: float) -> float:
        """Return how far the probability by 2030 moves at most, from what it is."""
        others = [one for one in (self.at_low, self.at_high, self.without) if one is not None]
        return max((abs(one.probability_by_2030 - probability) for one in others), default=0.0)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def graded(source: str) -> tuple[Grade, str]:
    """Return the grade of a number from the words of its source, and how it was read.

    Examples
    --------
    >>> graded("Villalobos et al. 2024, arXiv 2211.04325v2: 10 % to 40 % at 95 %")
    ('A', 'read in the source itself (Villalobos et al. 2024)')
    >>> graded("table claims, fitted")
    ('B', 'worked out from the table claims')
    >>> graded("learned on made worlds: what is lacking upwards")
    ('B', 'learned on made worlds')
    >>> graded("judgement: as today")[0], graded("read second hand")[0]
    ('D', 'C')
    """
    kind = source_kind(source)
    if kind == "measured":
        return "B", source.partition(":")[0]
    if kind == "judgement":
        grade: Grade = "D"
    elif _SECOND_HAND.search(source):
        grade = "C"
    else:
        grade = "A" if kind == "published" else "B"
    if kind == "published":
        cited = _CITED.match(source)
        return grade, f"{GRADES[grade]} ({cited[0].strip()})" if cited else GRADES[grade]
    named = named_in(source)
    return grade, f"worked out from the table {named[0]}" if grade == "B" and named else GRADES[grade]


def address_of(source: str) -> str:
    """Return the address that a source names: its own, the paper's, or that of the table.

    Examples
    --------
    >>> address_of("Villalobos et al. 2024, arXiv 2211.04325v2: 10 % to 40 %")
    'https://arxiv.org/abs/2211.04325'
    >>> address_of("judgement: as today")
    ''
    """
    if found := _ADDRESS.search(source):
        return found[0].rstrip(".:")
    if found := _ARXIV.search(source):
        return f"https://arxiv.org/abs/{found[1]}"
    named = named_in(source)
    return table(named[0]).address if named else ""
