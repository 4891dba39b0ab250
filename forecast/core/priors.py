"""Priors as values: a family, its parameters, a unit and a source, readable by PyMC and by NumPy alike.

A model keeps its priors as fields, so that a reader sees them, a test can move one, and the cache of fits knows
when one has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.core.distributions import z_of
from forecast.core.preliz import prior_from_preliz, prior_to_preliz
from forecast.errors import InputError

Family = Literal["normal", "lognormal", "half_normal"]

_OVERLAP_BINS = 25
"""Bins of equal prior probability: few enough that a thousand draws fill them."""


@dataclass(frozen=True)
class Prior:
    """The prior of one parameter.

    Parameters
    ----------
    family : {"normal", "lognormal", "half_normal"}
        Family of the distribution.
    centre : float
        Mean of a normal, median of a lognormal, scale of a half-normal, in the parameter's unit.
    spread : float
        Standard deviation of a normal (same unit) or of the natural logarithm of a lognormal; unused otherwise.
    unit : str
        Unit of the parameter.
    source : str
        Where it comes from, or "judgement" with the reason.

    Examples
    --------
    >>> slope = Prior("lognormal", 0.35, 0.5, "log10 per year", "example")
    >>> [round(float(q), 2) for q in slope.quantile(np.array([0.05, 0.5, 0.95]))]
    [0.15, 0.35, 0.8]
    """

    family: Family
    centre: float
    spread: float
    unit: str
    source: str

    @classmethod
    def lognormal(cls, median: float, q95: float, unit: str, source: str) -> Prior:
        """Fix a lognormal by its median and its 95 % point.

        Parameters
        ----------
        median : float
            Median, positive.
        q95 : float
            The value with 5 % above it, greater than the median.
        unit, source : str
            Unit and source.

        Returns
        -------
        Prior
            The prior.

        Examples
        --------
        >>> slope = Prior.lognormal(0.35, 0.75, "log10 per year", "example")
        >>> slope.quantile(np.array([0.5, 0.95])).round(6).tolist()
        [0.35, 0.75]
        """
        return cls("lognormal", median, float(np.log(q95 / median) / ndtri(0.95)), unit, source)

    @classmethod
    def from_interval(
        cls, low: float, high: float, level: float = 0.95, *, unit: str, source: str, family: Family = "lognormal"
    ) -> Prior:
        """Fix a lognormal or a normal by an equal-tailed interval, as `LogNormal.from_interval` does on the other side.

        Parameters
        ----------
        low, high : float
            Ends of the interval, in the parameter's unit; positive for a lognormal.
        level : float, default 0.95
            Probability between them.
        unit, source : str
            Unit and source.
        family : {"lognormal", "normal"}
            The family.

        Returns
        -------
        Prior
            The prior.

        Raises
        ------
        InputError
            If the ends are not in order, or not possible for the family.

        Examples
        --------
        >>> damping = Prior.from_interval(0.1, 0.4, 0.90, unit="per year", source="example")
        >>> damping.quantile(np.array([0.05, 0.5, 0.95])).round(6).tolist()
        [0.1, 0.2, 0.4]
        """
        z = z_of(level)
        if family not in ("lognormal", "normal"):
            raise InputError(f"an interval of a {family}", "a lognormal or a normal", "choose one of these")
        if not (np.isfinite([low, high]).all() and low < high and (low > 0 or family == "normal")):
            expected = "both ends in order" + (" and positive" if family == "lognormal" else "")
            raise InputError(f"an interval from {low:g} to {high:g}", expected, "correct the ends")
        if family == "normal":
            return cls(family, (low + high) / 2, (high - low) / (2 * z), unit, source)
        return cls(family, float(np.sqrt(low * high)), float(np.log(high / low) / (2 * z)), unit, source)

    def fault(self) -> tuple[str, str, str] | None:
        """Return what makes it no distribution: what was got, what was expected, what to do; None where it is one.

        Examples
        --------
        >>> Prior("lognormal", -1.05, 0.5, "log10 per year", "example").fault()[1]
        'a positive median, in the unit of the parameter'
        >>> Prior("lognormal", 0.35, 0.5, "log10 per year", "example").fault()
        """
        if self.family not in get_args(Family):
            return f"the family {self.family!r}", f"one of {', '.join(get_args(Family))}", "choose one of these"
        if not np.isfinite(self.centre) or (self.family != "normal" and self.centre <= 0):
            what = {"normal": "finite mean", "lognormal": "positive median"}.get(self.family, "positive scale")
            do = "give the median itself, not its logarithm" if self.family == "lognormal" else "choose another"
            return f"{self.family} centre {self.centre:g}", f"a {what}, in the unit of the parameter", do
        if self.family != "half_normal" and not (np.isfinite(self.spread) and self.spread > 0):
            return f"{self.family} spread {self.spread:g}", "a positive standard deviation", "choose another"
        return None

    @classmethod
    def from_preliz(cls, distribution: Any, unit: str, source: str) -> Prior:
        """Take over a distribution of PreliZ, such as one that ``preliz.maxent`` has fixed.

        Parameters
        ----------
        distribution : preliz.Normal, preliz.LogNormal or preliz.HalfNormal
            With its parameters.
        unit, source : str
            Unit and source.

        Returns
        -------
        Prior
            The prior.

        Raises
        ------
        InputError
            If it is of another family, or not fixed yet.

        Examples
        --------
        >>> import preliz as pz
        >>> rate = pz.LogNormal()
        >>> _ = pz.maxent(rate, 0.02, 0.2, 0.9, plot=False)
        >>> prior = Prior.from_preliz(rate, "per year", "own judgement")
        >>> f"{prior.family}, half below {prior.centre:.2f} {prior.unit}"
        'lognormal, half below 0.09 per year'
        """
        return cls(*prior_from_preliz(distribution), unit, source)

    def to_preliz(self) -> Any:
        """Return the prior as a distribution of PreliZ, to look at and to change.

        Returns
        -------
        preliz distribution
            Of the prior's family; PreliZ has to be installed.

        Examples
        --------
        >>> float(Prior("half_normal", 2.0, 0.0, "none", "own judgement").to_preliz().sigma)
        2.0
        """
        return prior_to_preliz(self)

    def random_variable(self, name: str, **shape: Any) -> Any:
        """Return the PyMC variable, inside a model context.

        Centre and spread enter as data named ``prior_<name>``, so that a compiled model serves other values too.

        Parameters
        ----------
        name : str
            Name of the variable.
        **shape : Any
            ``shape`` or ``dims`` handed on to PyMC.

        Returns
        -------
        pytensor variable
            The random variable.

        Examples
        --------
        >>> slope = Prior.lognormal(0.35, 0.75, "log10 per year", "example")
        >>> import pymc as pm
        >>> with pm.Model():
        ...     slope.random_variable("slope").name
        'slope'
        """
        import pymc as pm
        import pytensor.tensor as pt

        values = pm.Data(f"prior_{name}", self.as_array(), shape=self.as_array().shape)
        centre, spread = values[0], values[1]
        if self.family == "normal":
            return pm.Normal(name, centre, spread, **shape)
        if self.family == "lognormal":
            return pm.LogNormal(name, pt.log(centre), spread, **shape)
        return pm.HalfNormal(name, centre, **shape)

    def as_array(self) -> np.ndarray:
        """Return centre and spread as an array, shape (2,).

        Returns
        -------
        numpy.ndarray
            In the parameter's unit.

        Examples
        --------
        >>> Prior("normal", 12.0, 1.5, "log10 tokens", "example").as_array()
        array([12. ,  1.5])
        """
        return np.array([self.centre, self.spread])

    def log_density(self, value: np.ndarray) -> np.ndarray:
        """Return the log density of the prior.

        Parameters
        ----------
        value : array
            Values in the parameter's unit, inside its range.

        Returns
        -------
        numpy.ndarray
            The shape of `value`.

        Examples
        --------
        >>> Prior("normal", 0.0, 1.0, "none", "example").log_density(np.array([0.0])).round(3)
        array([-0.919])
        """
        value = np.asarray(value, dtype=float)
        if self.family == "normal":
            return -0.5 * ((value - self.centre) / self.spread) ** 2 - np.log(self.spread * np.sqrt(2 * np.pi))
        if self.family == "lognormal":
            z = np.log(value / self.centre) / self.spread
            return -0.5 * z**2 - np.log(value * self.spread * np.sqrt(2 * np.pi))
        return -0.5 * (value / self.centre) ** 2 + 0.5 * np.log(2 / (np.pi * self.centre**2))

    def overlap(self, draws: np.ndarray) -> float:
        """Return how much of the prior is still there in the posterior.

        Parameters
        ----------
        draws : array, shape (draw,)
            Posterior draws.

        Returns
        -------
        float
            Integral of the smaller of the two densities: 1 when the data changed nothing, near 0 when they decided.

        Examples
        --------
        >>> prior = Prior("normal", 0.0, 1.0, "none", "example")
        >>> round(prior.overlap(prior.quantile(np.linspace(0.0005, 0.9995, 1000))), 2)
        1.0
        """
        # In units of the prior's own probability the prior is flat, so the smaller density needs one histogram.
        share, _ = np.histogram(self.cdf(draws), bins=_OVERLAP_BINS, range=(0.0, 1.0))
        return float(np.minimum(share / len(draws), 1 / _OVERLAP_BINS).sum())

    def quantile(self, p: np.ndarray) -> np.ndarray:
        """Return quantiles of the prior.

        Parameters
        ----------
        p : array
            Probabilities between 0 and 1.

        Returns
        -------
        numpy.ndarray
            Values in the parameter's unit.

        Examples
        --------
        >>> slope = Prior.lognormal(0.35, 0.75, "log10 per year", "example")
        >>> round(float(slope.quantile(np.array(0.95))), 2)
        0.75
        """
        if self.family == "normal":
            return self.centre + self.spread * ndtri(p)
        if self.family == "lognormal":
            return self.centre * np.exp(self.spread * ndtri(p))
        return self.centre * ndtri(np.add(1.0, p) / 2)

    def from_normal(self, z: np.ndarray) -> np.ndarray:
        """Return the values that lie in the prior where `z` lies in a standard normal.

        Parameters
        ----------
        z : array
            Standard normal coordinates.

        Returns
        -------
        numpy.ndarray
            Values in the parameter's unit.

        Examples
        --------
        >>> prior = Prior("half_normal", 2.0, 0.0, "none", "example")
        >>> bool(np.allclose(prior.from_normal(np.array([-1.0, 0.5])), prior.quantile(ndtr(np.array([-1.0, 0.5])))))
        True
        """
        if self.family == "normal":
            return self.centre + self.spread * z
        if self.family == "lognormal":
            return self.centre * np.exp(self.spread * z)
        # 1 - (1 + Phi(z)) / 2 keeps its digits above, where Phi is one.
        return -self.centre * ndtri(ndtr(-np.asarray(z)) / 2)

    def cdf(self, value: np.ndarray) -> np.ndarray:
        """Return the distribution function of the prior.

        Parameters
        ----------
        value : array
            Values in the parameter's unit.

        Returns
        -------
        numpy.ndarray
            Probabilities.

        Examples
        --------
        >>> slope = Prior.lognormal(0.35, 0.75, "log10 per year", "example")
        >>> slope.cdf(np.array([0.35, 0.75])).round(2)
        array([0.5 , 0.95])
        """
        value = np.asarray(value, dtype=float)
        if self.family == "normal":
            return ndtr((value - self.centre) / self.spread)
        if self.family == "lognormal":
            with np.errstate(divide="ignore"):
                return ndtr(np.log(np.maximum(value, 0) / self.centre) / self.spread)
        return np.maximum(2 * ndtr(value / self.centre) - 1, 0)

    def sample(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Draw from the prior.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        size : int
            Number of draws.

        Returns
        -------
        numpy.ndarray
            Shape (size,).

        Examples
        --------
        >>> slope = Prior.lognormal(0.35, 0.75, "log10 per year", "example")
        >>> bool((slope.sample(np.random.default_rng(1), 3) > 0).all())
        True
        """
        return self.quantile(rng.uniform(size=size))
