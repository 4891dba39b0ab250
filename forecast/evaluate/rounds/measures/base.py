"""What every measure has: a value read from the tables, and draws of it by this forecast and by rivals."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from forecast.core.seeds import generator
from forecast.core.units import decimal_year, parse_date

if TYPE_CHECKING:
    from forecast.evaluate.rounds.ours import Ours
    from forecast.evaluate.rounds.tables import Tables

DRAWS = 4000
"""Draws of a rival (count): quantiles to about two in a hundred of the spread."""


@dataclass(frozen=True)
class Outcome:
    """What a question came to.

    Parameters
    ----------
    value : float
        In the question's unit; 1 or 0 for an event.
    rows : tuple of str
        The rows that say so: model, crawl or source, with the date.
    """

    value: float
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What a measure is asked: a date and arguments.

    Parameters
    ----------
    resolves : str
        ISO date; the day itself counts.
    arguments : mapping of str to Any
        Of the measure.
    seed : int
        Of every draw.
    """

    resolves: str
    arguments: Mapping[str, Any]
    seed: int = 0

    @property
    def end(self) -> float:
        """The instant at which the day is over (decimal year)."""
        return decimal_year(parse_date(self.resolves) + dt.timedelta(days=1))

    def rng(self, *names: str) -> np.random.Generator:
        """Return the stream of a forecaster of this question."""
        told = [f"{key}={value}" for key, value in sorted(self.arguments.items())]
        return generator(self.seed, "rounds", *names, self.resolves, *told)


class Measure(ABC):
    """How a kind of question resolves and is forecast; without fields of its own."""

    name: ClassVar[str]
    says: ClassVar[str]
    """How the forecast of "us" is made, in one sentence."""

    rivals_say: ClassVar[Mapping[str, str]] = {}
    """What each rival does, by name; names of `forecast.evaluate.histories.rivals` need no words here."""

    @abstractmethod
    def outcome(self, tables: Tables, asked: Asked) -> Outcome | None:
        """Return what it came to; None until a row dated after the day has arrived."""

    @abstractmethod
    def ours(self, run: Ours, tables: Tables, asked: Asked) -> np.ndarray:
        """Return this forecast's draws, shape (draw,)."""

    @abstractmethod
    def rivals(self, tables: Tables, asked: Asked) -> dict[str, np.ndarray]:
        """Return the rivals' draws by name."""


def years_of(dates: Sequence[Any]) -> np.ndarray:
    """Return decimal years of dates of a table."""
    return np.array([decimal_year(str(date)[:10]) for date in dates], dtype=float)


def random_walk(value: np.ndarray, time: np.ndarray, end: float, rng: np.random.Generator) -> np.ndarray:
    """Draw the last value, as uncertain as past changes: a random walk without drift; needs two values."""
    changes, spans = np.diff(value), np.diff(time)
    spread = np.sqrt(np.mean(changes**2 / spans)) * np.sqrt(max(end - time[-1], 0.0))
    return value[-1] + spread * rng.standard_normal(DRAWS)


def straight_line(value: np.ndarray, time: np.ndarray, ends: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw values on the least-squares line at dates, coefficients and residuals uncertain, shape (draw, date).

    Two values fix the line: no residual is known then, and it is drawn without one.
    """
    n, centre = len(value), time.mean()
    design = np.column_stack([np.ones(n), time - centre])
    fitted = np.linalg.lstsq(design, value, rcond=None)[0]
    at = np.column_stack([np.ones(len(ends)), ends - centre])
    if n < 3:
        return np.broadcast_to(at @ fitted, (DRAWS, len(ends)))
    sum_of_squares = float(((value - design @ fitted) ** 2).sum())
    sd = np.sqrt(sum_of_squares / rng.chisquare(n - 2, size=(DRAWS, 1)))
    root = np.linalg.cholesky(np.linalg.inv(design.T @ design))
    line = fitted + sd * (rng.standard_normal((DRAWS, 2)) @ root.T)
    return np.asarray(line @ at.T + sd * rng.standard_normal((DRAWS, len(ends))))
