"""What every stock estimator shares: draws of a log10 stock, coherent through time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from forecast.nouns import make_trajectory
from forecast.seeds import generator

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Estimator(ABC):
    """A stock estimator: its inputs as fields, draws of them, and the stock that they imply in any year."""

    name: ClassVar[str]
    title: ClassVar[str]
    lineage: ClassVar[str]
    resource_name: ClassVar[str]
    formula: ClassVar[str]
    sources: ClassVar[tuple[str, ...]]

    @abstractmethod
    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw the inputs once a future; each array has shape (draw,)."""

    @abstractmethod
    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the log10 raw stock, shape (draw, year), that the drawn inputs imply."""


@dataclass(frozen=True)
class StockFit:
    """An estimator with its inputs drawn.

    Parameters
    ----------
    estimator : Estimator
        The estimator.
    draws : mapping of str to array
        Inputs by name, shape (draw,).
    """

    estimator: Estimator
    draws: Mapping[str, np.ndarray]

    def project(self, years: np.ndarray) -> xr.DataArray:
        """Return coherent paths of the raw stock.

        Parameters
        ----------
        years : array, shape (year,)
            Decimal years.

        Returns
        -------
        xarray.DataArray
            A trajectory: log10 raw stock, dims ``(draw, year)``.
        """
        years = np.asarray(years, dtype=float)
        return make_trajectory(
            self.estimator.log10_stock(self.draws, years),
            years,
            resource_name=self.estimator.resource_name,
            role="stock",
            source=self.estimator.name,
        )


def draw_estimator(estimator: Estimator, *, seed: int, size: int) -> StockFit:
    """Draw an estimator's inputs.

    Parameters
    ----------
    estimator : Estimator
        The estimator.
    seed : int
        The run's seed.
    size : int
        Number of draws.

    Returns
    -------
    StockFit
        The same for the same seed.
    """
    rng = generator(seed, "production", estimator.name)
    return StockFit(estimator, estimator.draw(rng, size))
