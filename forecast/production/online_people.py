"""People, and people on the internet: the two papers' fits, on the shipped population table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np


@dataclass(frozen=True)
class LogisticCurve:
    """A share that rises along a logistic curve.

    Parameters
    ----------
    cap : float
        Where it ends (fraction).
    rate : float
        Steepness (a year).
    midpoint : float
        Year at half the cap (decimal year).

    Examples
    --------
    >>> float(LogisticCurve(1.0, 0.2, 2000.0)(2000.0))
    0.5
    """

    cap: float
    rate: float
    midpoint: float

    def __call__(self, year: float | np.ndarray) -> np.ndarray:
        """Return the share at a year."""
        return self.cap / (1 + np.exp(-self.rate * (np.asarray(year, dtype=float) - self.midpoint)))


ONLINE_2022 = LogisticCurve(0.7286, 0.16, 2011.6)
"""Share of people online in the paper of 2022."""

ONLINE_2024 = LogisticCurve(1.0, 0.1507, 2016.72)
"""Share of people online in the paper of 2024."""

DIGITAL_SPEECH = LogisticCurve(1.0, 0.2, 2000.0)
"""Weight of digital recording in the paper of 2022."""


@lru_cache(maxsize=1)
def world_population() -> tuple[np.ndarray, np.ndarray]:
    """Return the world's population: United Nations estimates, then the medium variant, 1950 to 2100."""
    from forecast.ingest.catalog import load_table

    table = load_table("world_population")
    chosen = (table["region"].astype(str) == "World") & table["variant"].astype(str).isin(["estimate", "medium"])
    rows = table[chosen].sort_values("year")
    return rows["year"].to_numpy(dtype=float), rows["population_1july_people"].to_numpy(dtype=float)


def people_by_year(share: LogisticCurve) -> tuple[np.ndarray, np.ndarray]:
    """Return the people whom a share takes in, by calendar year."""
    years, people = world_population()
    return years, people * share(years)


def person_years(share: LogisticCurve, year: float | np.ndarray, *, first: int, inclusive: bool) -> np.ndarray:
    """Return the person-years gathered up to a year."""
    years, people = people_by_year(share)
    chosen = years >= first
    totals = np.cumsum(people[chosen])
    return np.asarray(np.interp(year, years[chosen] if inclusive else years[chosen] + 1, totals))
