"""Published figures: what they are, and how near a re-run has to come.

A tolerance is read from its text: ``"0.3 year ..."`` is absolute, ``"3 % ..."`` relative, ``"3 % of the median; 5 % of
the ends"`` gives each its own. A text that starts with no number gives no tolerance.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_RELATIVE = re.compile(r"^(\d+(?:\.\d+)?) ?%(?: of the median; (\d+(?:\.\d+)?) ?% of the ends)?")
_ABSOLUTE = re.compile(r"^(\d+(?:\.\d+)?)(?! ?%)\b")


@dataclass(frozen=True)
class Tolerance:
    """How far a re-run may lie from the published figure.

    Parameters
    ----------
    median, ends : float
        Largest distance of the median, and of the ends of the interval.
    relative : bool
        Whether these are shares of the published value or in its unit.
    """

    median: float
    ends: float
    relative: bool

    def holds(self, ours: float, published: float, *, end: bool = False) -> bool:
        """Tell whether a value lies within the tolerance."""
        width = self.ends if end else self.median
        return bool(abs(ours - published) <= width * (abs(published) if self.relative else 1.0) + 1e-12)


def parse_tolerance(text: str) -> Tolerance | None:
    """Read a tolerance from its text.

    Examples
    --------
    >>> parse_tolerance("3 % of the median; 5 % of the ends")
    Tolerance(median=0.03, ends=0.05, relative=True)
    >>> parse_tolerance("0.3 year with the recipe as published")
    Tolerance(median=0.3, ends=0.3, relative=False)
    >>> parse_tolerance("as above") is None
    True
    """
    text = text.strip()
    if match := _RELATIVE.match(text):
        median = float(match[1]) / 100
        return Tolerance(median, float(match[2]) / 100 if match[2] else median, relative=True)
    if match := _ABSOLUTE.match(text):
        return Tolerance(float(match[1]), float(match[1]), relative=False)
    return None


@dataclass(frozen=True)
class Target:
    """A published figure.

    Parameters
    ----------
    name, unit : str
        Its name here, and its unit.
    median : float
        Published central value.
    low, high, interval : float or None
        Published ends, and the probability between them.
    tolerance : str
        Within which a re-run has to land, as text.
    status : str
        Published and reproducible, or why not.
    """

    name: str
    unit: str
    median: float
    low: float | None
    high: float | None
    interval: float | None
    tolerance: str
    status: str

    @property
    def reproducible(self) -> bool:
        """Whether the inputs for it are public, so that a re-run must hit it."""
        return "reproducible" in self.status and "not reproducible" not in self.status

    def values(self) -> dict[str, float]:
        """Return the published values by the key of the quantile that they are."""
        found = {"0.5": self.median}
        if self.low is not None and self.high is not None and self.interval is not None:
            found[quantile_key((1 - self.interval) / 2)] = self.low
            found[quantile_key((1 + self.interval) / 2)] = self.high
        return found

    def within(self, ours: Mapping[str, float | None]) -> bool | None:
        """Tell whether quantiles lie within the tolerance."""
        tolerance = parse_tolerance(self.tolerance)
        if tolerance is None:
            return None
        for key, published in self.values().items():
            value = ours.get(key)
            if value is None or not tolerance.holds(value, published, end=key != "0.5"):
                return False
        return True

    def to_json(self) -> dict[str, Any]:
        """Return the target as JSON-ready numbers and texts."""
        return {name: getattr(self, name) for name in ("median", "low", "high", "interval", "tolerance", "status")}


def load_targets(analysis: str) -> dict[str, Target]:
    """Return the published figures of an analysis."""
    from forecast.ingest.catalog import load_table

    table = load_table("epoch_published")
    rows = table[table["analysis"].astype(str) == analysis].to_dict("records")
    return {
        str(row["name"]): Target(
            name=str(row["name"]),
            unit=str(row["unit"]),
            median=float(row["median"]),
            low=_number(row["low"]),
            high=_number(row["high"]),
            interval=_number(row["interval_level_share"]),
            tolerance=_text(row["reproduction_tolerance"]),
            status=_text(row["status"]),
        )
        for row in rows
    }


def quantile_key(level: float) -> str:
    """Name a probability as the quantiles of a figure do.

    Examples
    --------
    >>> quantile_key(0.025), quantile_key((1 + 0.9) / 2)
    ('0.025', '0.95')
    """
    return f"{round(level, 6):g}"


def _number(cell: Any) -> float | None:
    value = math.nan if cell is None or cell == "" else float(cell)
    return None if math.isnan(value) else value


def _text(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell)
