"""Distributions that are fixed by an interval, on the log10 scale where quantities are positive.

An interval at level L fixes a lognormal by its own z (0.80: 1.2816, 0.90: 1.6449, 0.95: 1.9600). Where a median is
stated too and the arms differ in log space, the two halves get their own widths (split lognormal).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.core.preliz import lognormal_from_preliz, lognormal_to_preliz
from forecast.errors import InputError


def z_of(level: float) -> float:
    """Return the standard-normal quantile that bounds a central interval.

    Examples
    --------
    >>> round(z_of(0.9), 4)
    1.6449
    """
    if not 0 < level < 1:
        raise InputError(f"an interval level of {level}", "a probability between 0 and 1", "use 0.8, 0.9 or 0.95")
    return float(ndtri(0.5 + level / 2))


@dataclass(frozen=True)
class LogNormal:
    """A positive quantity whose log10 is normal, with its own width on each side of the median.

    Parameters
    ----------
    median : float
        Median, in the quantity's unit.
    sd_low, sd_high : float
        Standard deviation of log10 below and above the median; equal for a plain lognormal.
    lower, upper : float
        Truncation bounds in the quantity's unit (0 and inf for none).

    Examples
    --------
    >>> quality = LogNormal.from_interval(0.1, 0.4, level=0.95)
    >>> round(quality.median, 3), round(float(quality.quantile(0.975)), 3)
    (0.2, 0.4)
    """

    median: float
    sd_low: float
    sd_high: float
    lower: float = 0.0
    upper: float = np.inf

    @classmethod
    def from_interval(
        cls,
        low: float,
        high: float,
        level: float,
        median: float | None = None,
        lower: float = 0.0,
        upper: float = np.inf,
    ) -> LogNormal:
        """Fix the distribution by a central interval and, if stated, a median.

        Parameters
        ----------
        low, high : float
            Ends of the interval, in the quantity's unit; positive, low <= high.
        level : float
            Probability inside the interval (equal-tailed).
        median : float, optional
            Stated median; without one the geometric mean of the ends.
        lower, upper : float, default 0 and inf
            Truncation bounds.

        Returns
        -------
        LogNormal
            The distribution.

        Raises
        ------
        InputError
            If the interval is empty, not positive, or does not hold the median.

        Examples
        --------
        >>> share = LogNormal.from_interval(0.02, 0.10, level=0.95)
        >>> share.quantile(np.array([0.025, 0.975])).round(3).tolist()
        [0.02, 0.1]
        """
        middle = float(np.sqrt(low * high)) if median is None else float(median)
        if not 0 < low <= middle <= high < np.inf:
            raise InputError(
                f"an interval [{low:g}, {high:g}] with median {middle:g}",
                "0 < low <= median <= high",
                "give the ends in order, both positive",
            )
        z = z_of(level)
        return cls(middle, np.log10(middle / low) / z, np.log10(high / middle) / z, lower, upper)

    def quantile(self, p: float | np.ndarray) -> np.ndarray:
        """Return quantiles.

        Parameters
        ----------
        p : float or array
            Probabilities between 0 and 1.

        Returns
        -------
        numpy.ndarray
            Values in the quantity's unit, the shape of ``p``.

        Examples
        --------
        >>> round(float(LogNormal.from_interval(1e14, 1e15, 0.90).quantile(0.5)) / 1e14, 3)
        3.162
        """
        p = np.asarray(p, dtype=float)
        low, high = self._cdf(self.lower), self._cdf(self.upper)
        z = ndtri(low + p * (high - low))
        values = self.median * 10.0 ** (z * np.where(z < 0, self.sd_low, self.sd_high))
        return np.clip(values, self.lower, self.upper)

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Draw values.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        size : int
            Number of draws.

        Returns
        -------
        numpy.ndarray
            Shape (size,), in the quantity's unit.

        Examples
        --------
        >>> LogNormal.from_interval(1e14, 1e15, 0.90).sample(np.random.default_rng(1), 3).shape
        (3,)
        """
        return self.quantile(rng.uniform(size=size))

    @classmethod
    def from_preliz(cls, distribution: Any) -> LogNormal:
        """Take over a lognormal of PreliZ, truncated or not, such as one that ``preliz.maxent`` has fixed.

        Parameters
        ----------
        distribution : preliz.LogNormal, or preliz.Truncated of one
            With its parameters.

        Returns
        -------
        LogNormal
            The distribution, which ``scenario.replace`` takes for a lever.

        Raises
        ------
        InputError
            If it is of another family, or not fixed yet.

        Examples
        --------
        >>> import preliz as pz
        >>> share = LogNormal.from_preliz(pz.Truncated(pz.LogNormal(-1.6, 0.4), 0.01, 1.0))
        >>> round(share.median, 3), share.upper
        (0.202, 1.0)
        """
        median, sd, lower, upper = lognormal_from_preliz(distribution)
        return cls(median, sd, sd, lower, upper)

    def to_preliz(self) -> Any:
        """Return the distribution as one of PreliZ, to look at and to change.

        Returns
        -------
        preliz.LogNormal, or preliz.Truncated of one
            PreliZ has to be installed.

        Raises
        ------
        InputError
            If PreliZ is not installed, or the halves differ in width, which no distribution of PreliZ has.

        Examples
        --------
        >>> distribution = LogNormal.from_interval(0.1, 0.4, 0.9).to_preliz()
        >>> round(float(distribution.ppf(0.95)), 2)
        0.4
        """
        return lognormal_to_preliz(self)

    def _cdf(self, value: float) -> float:
        if value <= 0:
            return 0.0
        if value == np.inf:
            return 1.0
        x = np.log10(value / self.median)
        sd = self.sd_low if x < 0 else self.sd_high
        if sd == 0:
            return 0.5 if x == 0 else float(x > 0)
        return float(ndtr(x / sd))
