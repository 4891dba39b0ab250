"""The exhaustion year by draw and what can be asked of it: probabilities, quantiles, intervals, a sample."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from forecast.core.dates import read_years
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.summaries import quantiles, shares_within
from forecast.core.wording import year_tenth
from forecast.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

type Year = float | str | dt.date | np.datetime64
"""A decimal year or a date, such as 2030, 2030.4, "2030-06-01", a date or a timestamp of pandas."""

type Years = Sequence[float | dt.date | np.datetime64] | list[str] | np.ndarray | pd.DatetimeIndex
"""Several of them."""


class ExhaustionYears:
    """A distribution of the exhaustion year: decimal years by draw, alike or weighted; ``inf`` for never."""

    exhaustion_year: np.ndarray

    def _weights(self) -> np.ndarray | None:
        """Return weights that sum to 1, None where all futures count alike."""
        return None

    @overload
    def probability(self, by: Year) -> float: ...
    @overload
    def probability(self, by: Years) -> np.ndarray: ...
    def probability(self, by: Any) -> float | np.ndarray:
        """Return the probability that the resource is exhausted by a year.

        Parameters
        ----------
        by : float, date or str, or a sequence of them
            A whole year means by its end (2030: before 2031.0); a decimal one or a date means that instant.

        Returns
        -------
        float or array
            Share of the futures; of several years an array.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> f.probability(by=2030) >= f.probability(by="2030-07-01")  # by the end of the year, and by a day in it
        True
        >>> f.probability(by=[2028, 2030]).shape
        (2,)
        """
        years, dated = read_years(by)
        instants = np.where((years == np.floor(years)) & ~dated, years + 1, years)
        return _like(by, self._share(self.exhaustion_year[:, None] < instants))

    @overload
    def cdf(self, year: Year) -> float: ...
    @overload
    def cdf(self, year: Years) -> np.ndarray: ...
    def cdf(self, year: Any) -> float | np.ndarray:
        """Return the distribution function of the exhaustion year.

        Parameters
        ----------
        year : float, date or str, or a sequence of them
            Instants: 2030 is the first of January, where `probability` reads the end of the year.

        Returns
        -------
        float or array
            Share of the futures at or before each instant; below 1 in the end where some never get there.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> f.cdf(2031.0) >= f.probability(by=2029)
        True
        """
        return _like(year, self._share(self.exhaustion_year[:, None] <= read_years(year)[0]))

    @overload
    def quantile(self, level: float) -> float: ...
    @overload
    def quantile(self, level: Sequence[float] | np.ndarray) -> np.ndarray: ...
    def quantile(self, level: float | Sequence[float] | np.ndarray) -> float | np.ndarray:
        """Return quantiles of the exhaustion year.

        Parameters
        ----------
        level : float or sequence of float
            Probabilities between 0 and 1.

        Returns
        -------
        float or array
            Decimal years that were drawn; ``inf`` beyond the horizon.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> early, late = f.quantile([0.1, 0.9])
        >>> bool(early < late)
        True
        """
        return _like(level, quantiles(self.exhaustion_year, shares_within(level).tolist(), self._weights()))

    def sample(self, count: int, seed: int = DEFAULT_SEED) -> np.ndarray:
        """Return exhaustion years drawn at random from these futures.

        Parameters
        ----------
        count : int
            How many: no draw twice, unless more are wanted than there are or the futures are weighted.
        seed : int, optional
            The same seed gives the same years.

        Returns
        -------
        array, shape (count,)
            Decimal years; ``inf`` beyond the horizon.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> f.sample(5).shape
        (5,)
        """
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise InputError(f"a sample of {count!r}", "a whole number from 1 on", "choose another count")
        every, weights = self.exhaustion_year, self._weights()
        again = count > len(every) or weights is not None
        return generator(seed, "sample").choice(every, count, replace=again, p=weights)

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """Return the equal-tailed interval of the exhaustion year.

        Parameters
        ----------
        level : float, default 0.8
            Probability inside, between 0 and 1.

        Returns
        -------
        tuple of float
            Lower and upper end, decimal years; ``inf`` beyond the horizon.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> low, high = f.interval(0.8)
        >>> low < f.median() < high
        True
        """
        (inside,) = shares_within(level)
        low, high = quantiles(self.exhaustion_year, [(1 - inside) / 2, (1 + inside) / 2], self._weights())
        return float(low), float(high)

    def median(self) -> float:
        """Return the median exhaustion year, ``inf`` when it lies beyond the horizon.

        Returns
        -------
        float
            Decimal year.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> f.median() == f.quantile(0.5)
        True
        """
        return float(quantiles(self.exhaustion_year, [0.5], self._weights())[0])

    def _share(self, flags: np.ndarray) -> np.ndarray:
        weights = self._weights()
        return flags.mean(axis=0) if weights is None else weights @ flags

    def _answer(self) -> str:
        """Return the answer in one line, for a repr."""
        low, high = self.interval(0.8)
        return (
            f"{self.probability(by=2030):.0%} by the end of 2030, median {year_tenth(self.median())}, 80 % interval "
            f"{year_tenth(low)} to {year_tenth(high)}"
        )


def _like(given: Any, found: np.ndarray) -> Any:
    """Return one number where one was asked for, else all."""
    return float(found[0]) if np.ndim(given) == 0 else found
