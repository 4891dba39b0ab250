"""Futures and what can be asked of them: when they run out, their levels, and what a condition leaves of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.dates import read_years
from forecast.core.resources import RESOURCES
from forecast.core.summaries import quantiles
from forecast.core.trajectory import DRAW, MEMBER, YEAR, plain_at
from forecast.runs.exhaustion_years import ExhaustionYears, Year, Years

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

type Condition = tuple[float | None, float | None] | Any
"""A range, or a figure with its error (`forecast.LogNormal`)."""

LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)
"""Quantiles of the summary (probability)."""

SHOWN_YEARS = (2026, 2028, 2030)
"""Years whose levels on 1 January a summary or table shows (calendar years)."""

_SCALES = ((1e12, "trillion "), (1e9, "billion "), (1e6, "million "))


class Futures(ExhaustionYears):
    """Exhaustion year and paths by draw, alike or weighted; `Forecast` and `ConditionalForecast` are made of it."""

    consumption: xr.DataArray
    stock: xr.DataArray
    levers: Mapping[str, np.ndarray]

    def consumption_at(self, year: Year | Years) -> xr.DataArray:
        """Return the frontier, the largest training set that somebody would practicably run, in plain units.

        Parameters
        ----------
        year : float, date or str, or a sequence of them
            Any instants that the run covers; between the half-years of its grid, straight lines in log10.

        Returns
        -------
        xarray.DataArray
            In the unit of the resource, such as tokens: dims ``(draw,)``, or ``(draw, year)`` for several years.

        Raises
        ------
        InputError
            If a year lies outside the run.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> f.consumption_at(2030.4).dims, f.consumption_at([2028, 2030]).dims
        (('draw',), ('draw', 'year'))
        """
        return self._at(self.consumption, year)

    def stock_at(self, year: Year | Years) -> xr.DataArray:
        """Return the effective stock in plain units.

        Parameters
        ----------
        year : float, date or str, or a sequence of them
            As of `consumption_at`.

        Returns
        -------
        xarray.DataArray
            In the unit of the resource, such as tokens: dims ``(draw,)``, or ``(draw, year)`` for several years.

        Raises
        ------
        InputError
            If a year lies outside the run.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> share = f.consumption_at("2028-06-01") / f.stock_at("2028-06-01")
        >>> bool((share > 0).all())
        True
        """
        return self._at(self.stock, year)

    def _at(self, path: xr.DataArray, year: Any) -> xr.DataArray:
        found = plain_at(path, read_years(year)[0])
        return found.isel({YEAR: 0}) if np.ndim(year) == 0 else found

    def summary(self) -> pd.DataFrame:
        """Return the main numbers as a table.

        Returns
        -------
        pandas.DataFrame
            Rows: exhaustion year (decimal years), frontier and effective stock (trillion tokens, or what suits the
            resource); columns: 5, 10, 50, 90, 95 % points, equal-tailed.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> f.summary().index[1]
        'frontier on 1 January 2026 (trillion tokens)'
        """
        import pandas as pd

        rows = {"exhaustion year": quantiles(self.exhaustion_year, LEVELS, self._weights())}
        levels = {
            f"{label} on 1 January {year}": quantiles(self._at(side, year).values, LEVELS, self._weights())
            for year in SHOWN_YEARS
            for label, side in (("frontier", self.consumption), ("effective stock", self.stock))
            if side[YEAR].values[0] <= year <= side[YEAR].values[-1]
        }
        largest = max((float(row[2]) for row in levels.values()), default=0.0)
        scale, word = next(((size, word) for size, word in _SCALES if largest >= size), (1.0, ""))
        unit = f"{word}{RESOURCES[self.consumption.attrs['resource']].unit}"
        rows |= {f"{name} ({unit})": row / scale for name, row in levels.items()}
        return pd.DataFrame.from_dict(rows, orient="index", columns=[f"{level:.0%}" for level in LEVELS])

    def to_dataframe(self, years: Iterable[Year] = SHOWN_YEARS) -> pd.DataFrame:
        """Return one row a future: its exhaustion year, its growth member, its levers and its levels.

        Parameters
        ----------
        years : iterable of float, date or str, optional
            Instants at which frontier and effective stock are told; those that the run does not cover are left out.

        Returns
        -------
        pandas.DataFrame
            Index ``draw``. Columns ``exhaustion_year`` (decimal, ``inf`` for never), ``member``, one a lever's setting
            (``repetition.passes``), ``frontier_2030`` and ``stock_2030`` in plain units, and ``weight`` where the
            futures are weighted.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> futures = f.to_dataframe(years=[2028])
        >>> [name for name in futures if "2028" in name]
        ['frontier_2028', 'stock_2028']
        >>> futures.groupby("member")["exhaustion_year"].median().index.tolist()
        ['damped', 'windowed_exponential']
        """
        import pandas as pd

        columns: dict[str, Any] = {"exhaustion_year": self.exhaustion_year}
        if MEMBER in self.consumption.coords:
            columns[MEMBER] = np.asarray(self.consumption[MEMBER].values, dtype=str)
        columns |= self.levers
        covered = self.consumption[YEAR].values
        instants = [float(year) for year in read_years(list(years))[0] if covered[0] <= year <= covered[-1]]
        for name, side in (("frontier", self.consumption), ("stock", self.stock)):
            levels = plain_at(side, np.array(instants)).values
            columns |= {f"{name}_{year:g}": levels[:, place] for place, year in enumerate(instants)}
        weights = self._weights()
        if weights is not None:
            columns["weight"] = weights
        index = self.consumption[DRAW].values if DRAW in self.consumption.coords else np.arange(len(self.stock))
        return pd.DataFrame(columns, index=pd.Index(index, name=DRAW))

    def given(self, known: Mapping[str, Condition] | None = None, /, **more: Condition) -> ConditionalForecast:
        """Return these futures given what is known of them, with the number that is left.

        Parameters
        ----------
        known : mapping, optional
            Conditions under names that are no Python names, such as ``"access.restricted_share_2030"``.
        **more : (low, high), LogNormal, str or sequence of str
            ``frontier_2028``, ``stock_2028``, ``utilisation_2028``: levels on 1 January of any year, in plain units;
            ``exhaustion_year``; a lever by its name, for its main setting; ``member``, one growth member or several. A
            range keeps the futures between its ends, None leaving an end open; a `LogNormal` is a figure with its error,
            and weighs futures by how well they agree with it.

        Returns
        -------
        ConditionalForecast
            It answers what a forecast answers.

        Raises
        ------
        UnknownNameError
            If there is no such condition.
        InputError
            If a condition makes no sense, or leaves fewer than 100 effective futures.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> known = f.given(member="damped", repetition=(1, None))
        >>> known.known
        ('growth as in damped', 'repetition.passes at least 1 (passes)')
        """
        from forecast.runs.conditioning import Drawn, conditions, n_effective, together

        drawn = Drawn(self.exhaustion_year, self.consumption, self.stock, self.levers)
        found = conditions(drawn, {**(known or {}), **more})
        weights = together(found, self._weights(), len(self.exhaustion_year))
        kept = np.flatnonzero(weights > 0)
        left = weights[kept]
        alike = np.ptp(left) <= 1e-12 * left.max()
        return ConditionalForecast(
            self.exhaustion_year[kept],
            self.consumption.isel({DRAW: kept}),
            self.stock.isel({DRAW: kept}),
            (*self._known(), *(one.words for one in found)),
            self._of(),
            float(len(kept)) if alike else n_effective(left),
            {name: values[kept] for name, values in self.levers.items()},
            None if alike else left,
        )

    def _known(self) -> tuple[str, ...]:
        """Return what these futures are given already."""
        return ()

    def _of(self) -> int:
        """Return how many futures there were before anything was given."""
        return len(self.exhaustion_year)


@dataclass(frozen=True, eq=False, repr=False)
class ConditionalForecast(Futures):
    """The futures of a forecast given something, as `Forecast.given` returns them.

    Parameters
    ----------
    exhaustion_year : array, shape (draw,)
        Decimal exhaustion year of the futures that are left; ``inf`` means not within the horizon.
    consumption, stock : xarray.DataArray
        Their paths, log10, dims ``(draw, year)``; ``draw`` is the number of the future in the forecast.
    known : tuple of str
        What is given, in words.
    of : int
        Futures of the forecast.
    n_effective : float
        Futures that the answer is worth (Kish).
    levers : mapping of str to array
        Values of the levers by draw.
    weights : array, shape (draw,), optional
        Weights that sum to 1; None where the futures that are left count alike.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> known = f.given(exhaustion_year=(2027, None))
    >>> known.median() >= 2027, known.of
    (True, 400)
    """

    exhaustion_year: np.ndarray
    consumption: xr.DataArray
    stock: xr.DataArray
    known: tuple[str, ...]
    of: int
    n_effective: float
    levers: Mapping[str, np.ndarray] = field(default_factory=dict)
    weights: np.ndarray | None = None

    def __repr__(self) -> str:
        return (
            f"ConditionalForecast(given {' and '.join(self.known)}: {self._answer()}; {len(self.exhaustion_year):,} of "
            f"{self.of:,} futures, worth {self.n_effective:,.0f})"
        )

    def _weights(self) -> np.ndarray | None:
        return self.weights

    def _known(self) -> tuple[str, ...]:
        return self.known

    def _of(self) -> int:
        return self.of
