"""What every stock estimator shares: draws of a log10 stock, coherent through time, and of what is added a year."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from forecast.core.seeds import generator
from forecast.core.trajectory import make_trajectory
from forecast.core.units import REFERENCE_YEAR

if TYPE_CHECKING:
    import xarray as xr

HALF_WINDOW = 0.5
"""Half the time over which a flow is counted (years): half a year before and half a year after."""


@dataclass(frozen=True)
class Estimator(ABC):
    """A stock estimator: its inputs as fields, draws of them, and the stock that they imply in any year.

    ``kind`` says what the stock means: an estimate of it, a lower bound (there is at least that much), or a number that
    a scenario gives.

    Examples
    --------
    >>> import forecast as fc
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Shelves(fc.Estimator):
    ...     name = lineage = "shelves"
    ...     title = "Text on shelves"
    ...     resource_name = "public_text"
    ...     formula = "n"
    ...     sources = ("judgement: an example",)
    ...     tokens: fc.LogNormal = fc.LogNormal.from_interval(1e14, 1e15, 0.95)
    ...
    ...     def log10_stock(self, draws, years):
    ...         return np.repeat(np.log10(draws["tokens"])[:, None], len(years), axis=1)
    >>> fc.production.draw_estimator(Shelves(), seed=1, size=4).project([2024.0, 2030.0]).shape
    (4, 2)
    """

    name: ClassVar[str]
    title: ClassVar[str]
    lineage: ClassVar[str]
    resource_name: ClassVar[str]
    formula: ClassVar[str]
    sources: ClassVar[tuple[str, ...]]
    version: ClassVar[int] = 1
    """Raised whenever the same inputs would give something else."""
    kind: ClassVar[Literal["estimate", "lower bound", "given"]] = "estimate"
    tables: ClassVar[tuple[str, ...]] = ()
    """Tables of the package that it reads; the forecast names them with their hashes and licences."""
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Unit and source of each field, for the ledger: a number has its own source, where the estimator has several."""

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw the inputs once per future, by default every field in its order; each array has shape (draw,).

        Examples
        --------
        >>> import forecast as fc
        >>> web = fc.production.ESTIMATORS["indexed_web"]()
        >>> draws = web.draw(np.random.default_rng(1), 3)
        >>> {len(values) for values in draws.values()}
        {3}
        """
        return {item.name: getattr(self, item.name).sample(rng, size) for item in fields(self)}

    @abstractmethod
    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the log10 raw stock, shape (draw, year), that the drawn inputs imply.

        Examples
        --------
        >>> import forecast as fc
        >>> web = fc.production.ESTIMATORS["indexed_web"]()
        >>> draws = web.draw(np.random.default_rng(1), 3)
        >>> web.log10_stock(draws, np.array([2024.0, 2030.0])).shape
        (3, 2)
        """

    def log10_flow(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of what is added to the raw stock in a year.

        Where an estimator knows no better, this is what its own stock grows by from half a year before to half a year
        after; minus infinity where it does not grow, as after the last row behind a lower bound.

        Parameters
        ----------
        draws : mapping of str to array
            Inputs by name, shape (draw,).
        years : array, shape (year,)
            Decimal years in the middle of the year that is counted.

        Returns
        -------
        numpy.ndarray
            log10 units a year, shape (draw, year).

        Examples
        --------
        >>> import forecast as fc
        >>> web = fc.production.ESTIMATORS["indexed_web"]()
        >>> draws = web.draw(np.random.default_rng(1), 3)
        >>> bool((web.log10_flow(draws, np.array([2026.0])) < web.log10_stock(draws, np.array([2026.0]))).all())
        True
        """
        before = self.log10_stock(draws, years - HALF_WINDOW)
        after = self.log10_stock(draws, years + HALF_WINDOW)
        with np.errstate(divide="ignore"):
            return after + np.log10(np.maximum(-np.expm1((before - after) * np.log(10)), 0)) - np.log10(2 * HALF_WINDOW)


@dataclass(frozen=True)
class StockFit:
    """An estimator with its inputs drawn.

    Parameters
    ----------
    estimator : Estimator
        The estimator.
    draws : mapping of str to array
        Inputs by name, shape (draw,).

    Examples
    --------
    >>> import forecast as fc
    >>> fit = fc.production.fit("indexed_web", draws=100)
    >>> fit.estimator.name
    'indexed_web'
    """

    estimator: Estimator
    draws: Mapping[str, np.ndarray]

    def project(self, years: Sequence[float] | np.ndarray) -> xr.DataArray:
        """Return coherent paths of the raw stock.

        Parameters
        ----------
        years : array, shape (year,)
            Decimal years.

        Returns
        -------
        xarray.DataArray
            A trajectory: log10 raw stock, dims ``(draw, year)``.

        Examples
        --------
        >>> import forecast as fc
        >>> fit = fc.production.fit("indexed_web", draws=100)
        >>> fit.project([2024.0, 2030.0]).dims
        ('draw', 'year')
        """
        years = np.asarray(years, dtype=float)
        return make_trajectory(
            self.estimator.log10_stock(self.draws, years),
            years,
            resource_name=self.estimator.resource_name,
            role="stock",
            source=self.estimator.name,
        )

    def project_flow(self, years: Sequence[float] | np.ndarray) -> xr.DataArray:
        """Return coherent paths of what is added a year.

        Parameters
        ----------
        years : array, shape (year,)
            Decimal years in the middle of the year that is counted.

        Returns
        -------
        xarray.DataArray
            A trajectory: log10 of new raw units a year, dims ``(draw, year)``, with ``attrs["per"] == "year"``.

        Examples
        --------
        >>> import forecast as fc
        >>> fit = fc.production.fit("indexed_web", draws=100)
        >>> fit.project_flow([2026.5]).attrs["per"]
        'year'
        """
        years = np.asarray(years, dtype=float)
        path = make_trajectory(
            self.estimator.log10_flow(self.draws, years),
            years,
            resource_name=self.estimator.resource_name,
            role="stock",
            source=f"{self.estimator.name} flow",
        )
        path.attrs["per"] = "year"
        return path


def growing(level: np.ndarray, growth: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return log10 paths, shape (draw, year), from a log10 level in 2024 and a factor a year."""
    since = np.asarray(years, dtype=float) - REFERENCE_YEAR
    return np.asarray(level[:, None] + np.log10(growth)[:, None] * since[None, :])


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

    Examples
    --------
    >>> import forecast as fc
    >>> stock = fc.scenario.load("baseline").stock()
    >>> fc.production.draw_estimator(stock, seed=1, size=10).project([2024.0]).shape
    (10, 1)
    """
    rng = generator(seed, "production", estimator.name)
    return StockFit(estimator, estimator.draw(rng, size))
