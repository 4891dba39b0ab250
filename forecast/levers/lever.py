"""What every lever shares: the side on which it acts, its settings with units and bounds, and its factor by year."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from forecast.nouns import RESOURCES


@dataclass(frozen=True)
class Setting:
    """A number that a scenario may change.

    Parameters
    ----------
    unit : str
        Unit of the number.
    lower, upper : float
        Bounds of what is possible.
    description : str
        What it is, for a reader.
    """

    unit: str
    lower: float
    upper: float
    description: str


class Lever(ABC):
    """A lever: it multiplies one side of the comparison by a factor, draw by draw and year by year."""

    name: ClassVar[str]
    title: ClassVar[str]
    side: ClassVar[Literal["stock", "consumption"]]
    settings: ClassVar[Mapping[str, Setting]]
    main_setting: ClassVar[str]
    applies_to: ClassVar[frozenset[str]] = frozenset(RESOURCES)
    """Resources for which the lever means something; elsewhere it is left out."""

    @abstractmethod
    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the log10 factor.

        Parameters
        ----------
        draws : mapping of str to array
            Each setting's draws, shape (draw,).
        years : array, shape (year,)
            Decimal years.

        Returns
        -------
        numpy.ndarray
            Shape (draw, year).
        """

    def apply(self, path: np.ndarray, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the side as it is with the lever.

        Parameters
        ----------
        path : array, shape (draw, year)
            log10 of the side without it.
        draws : mapping of str to array
            Each setting's draws, shape (draw,).
        years : array, shape (year,)
            Decimal years.

        Returns
        -------
        numpy.ndarray
            Shape (draw, year), log10.
        """
        return path + self.log10_factor(draws, years)


def constant(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return log10 of a factor that does not change with time.

    Parameters
    ----------
    values : array, shape (draw,)
        The factor.
    years : array, shape (year,)
        Decimal years.

    Returns
    -------
    numpy.ndarray
        Shape (draw, year).
    """
    return np.broadcast_to(np.log10(values)[:, None], (len(values), len(years)))
