"""What every lever shares: the side on which it acts, its settings with units and bounds, the path that it leaves."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from forecast.core.resources import RESOURCES
from forecast.errors import InputError

if TYPE_CHECKING:
    from forecast.core.distributions import LogNormal

Kind = Literal["quantity", "number", "date", "choice"]
"""What a scenario may say for a setting: a distribution or a number, one number, a date, or one of some words."""

Effect = Literal["multiplies", "adds", "caps"]
"""What a lever does to a path: times a factor of its own, plus an amount, or down to a part of what is there."""

CountsAs = Literal["", "pass", "addition"]
"""What a lever brings to the stock, where it is nothing that people have newly published: passes, or other data."""

Larger = Literal["", "later", "sooner", "neither"]
"""What a larger value does to the exhaustion year: later, sooner, or neither (or it depends on other settings)."""

TEXT = frozenset({"public_text", "high_quality_text"})
"""Resources that are counted in tokens seen: what is known of passes, machines, compute and methods is about text."""

SMALLEST_SHARE = 1e-12
"""Shares below count as this, so that log10 stays finite (share): as good as nothing of any stock."""


@dataclass(frozen=True)
class LeverParameter:
    """Something that a scenario may set of a lever.

    Parameters
    ----------
    unit : str
        Unit of the number.
    lower, upper : float
        Bounds of what is possible.
    description : str
        What it is, for a reader.
    neutral : float or str, optional
        The value at which it changes nothing. A lever whose settings all stand at theirs does not act.
    kind : {"quantity", "number", "date", "choice"}
        What may be said: quantiles or a number, one number, a date, or one of `choices`.
    zero : bool, default False
        Whether exactly 0 is possible. Without it a number has to be positive, so `neutral=0.0` needs it.
    choices : tuple of str
        The words of a choice.

    Raises
    ------
    InputError
        If the neutral value is a number that no scenario could set.

    Examples
    --------
    >>> import forecast as fc
    >>> factor = fc.LeverParameter("ratio", 0.01, 100.0, "The stock over that without it", neutral=1.0)
    >>> factor.neutral
    1.0
    """

    unit: str
    lower: float
    upper: float
    description: str
    neutral: float | str | None = None
    kind: Kind = "quantity"
    zero: bool = False
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that a scenario can set the neutral value."""
        if not isinstance(self.neutral, str) and self.neutral == 0 and not self.zero:
            raise InputError(f"neutral=0 for {self.description!r}", "zero=True with it", "add zero=True")


class Lever(ABC):
    """A lever: it changes one side of the comparison, draw by draw and year by year.

    A lever that multiplies has `log10_factor`; one that adds or caps says so and overrides `apply`. A lever of the side
    "consumption" is a deviation from the fitted path: what has happened so far is in the data already, so it does
    nothing before its start. A lever of the stock may act on any year.

    Examples
    --------
    >>> import forecast as fc
    >>> class Half(fc.Lever):
    ...     name = "half"
    ...     title = "half of the text"
    ...     side = "stock"
    ...     main_setting = "share"
    ...     larger_means = "later"
    ...     settings = {"share": fc.LeverParameter("share", 0.0, 1.0, "Share that is there", neutral=1.0)}
    ...
    ...     def log10_factor(self, draws, years):
    ...         return np.log10(draws["share"])[:, None] + 0 * years
    >>> Half().apply(np.full((1, 2), 14.0), {"share": np.array([0.5])}, np.array([2026.0, 2030.0])).round(3)
    array([[13.699, 13.699]])
    """

    name: ClassVar[str]
    title: ClassVar[str]
    side: ClassVar[Literal["stock", "consumption"]]
    settings: ClassVar[Mapping[str, LeverParameter]]
    main_setting: ClassVar[str]
    """The setting that `Scenario.replace` sets by the lever's name."""
    larger_means: ClassVar[Larger] = ""
    """Which way a larger value of the main setting moves exhaustion, all else equal; the tests hold the lever to it."""
    effect: ClassVar[Effect] = "multiplies"
    """Whether it multiplies a path by a factor that does not depend on it, adds an amount, or caps it."""
    counts_as: ClassVar[CountsAs] = ""
    """What it brings to the stock. By default its factor also multiplies what people produce in a year, and what it adds
    counts as produced. A pass over the same data ("pass") and other data ("addition") do not count as produced; a pass
    is also left out where every text counts once, and an addition has the settings ``start`` and ``ramp_years``: the
    explorer adds its full amount along that ramp."""
    settles: ClassVar[bool] = False
    """Whether it acts on both sides at once, after all others, where they meet (`forecast.scenarios.market`); `apply`
    then leaves its path as it is."""
    version: ClassVar[int] = 1
    """Raised whenever the same inputs would give something else."""
    tables: ClassVar[tuple[str, ...]] = ()
    """Tables of the package that its settings were fitted to; the forecast names them with hashes and licences."""
    applies_to: ClassVar[frozenset[str]] = frozenset(RESOURCES)
    """Resources for which the lever means something; elsewhere it is left out."""
    alternatives: ClassVar[tuple[str, ...]] = ()
    """Settings that say the same thing in two ways: a scenario names one of them, the nearest file decides."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if (cls.apply is Lever.apply) != (cls.effect == "multiplies"):
            got = f"the lever {cls.__name__}, whose effect is {cls.effect!r}"
            expected = "log10_factor alone where it multiplies, and apply where it adds or caps"
            raise InputError(got, expected, "set effect, or write the other method")
        missing = {"start", "ramp_years"} - set(cls.settings) if cls.counts_as == "addition" else ()
        if missing:
            got = f"the lever {cls.__name__}, an addition without {' and '.join(sorted(missing))}"
            raise InputError(got, "settings start and ramp_years, by which it is added", "add them to its settings")

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the log10 factor of a lever that multiplies.

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

        Raises
        ------
        InputError
            If the lever adds or caps, so that its factor depends on the path.

        Examples
        --------
        >>> import forecast as fc
        >>> quality = fc.levers.LEVERS["quality"]
        >>> draws = {"usable_share": np.array([0.1]), "loosening": np.ones(1), "start": np.zeros(1), "ramp_years": np.zeros(1)}
        >>> quality.log10_factor(draws, np.array([2026.0, 2030.0]))
        array([[-1., -1.]])
        """
        del draws, years
        raise InputError(f"the factor of the lever {self.name}", "a lever that multiplies", "call apply with a path")

    def apply(self, path: np.ndarray, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the path after the lever.

        Parameters
        ----------
        path : array, shape (draw, year)
            log10 stock or frontier before it.
        draws : mapping of str to array
            Each setting's draws, shape (draw,).
        years : array, shape (year,)
            Decimal years.

        Returns
        -------
        numpy.ndarray
            Shape (draw, year), log10.

        Examples
        --------
        >>> import forecast as fc
        >>> quality = fc.levers.LEVERS["quality"]
        >>> draws = {"usable_share": np.array([0.1]), "loosening": np.ones(1), "start": np.zeros(1), "ramp_years": np.zeros(1)}
        >>> quality.apply(np.full((1, 2), 15.0), draws, np.array([2026.0, 2030.0]))
        array([[14., 14.]])
        """
        return path + self.log10_factor(draws, years)

    def derive(
        self, draws: Mapping[str, np.ndarray], choices: Mapping[str, str], ranks: np.ndarray, rng: np.random.Generator
    ) -> Mapping[str, np.ndarray]:
        """Return further draws that follow from the settings; none by default.

        Parameters
        ----------
        draws : mapping of str to array
            Each setting's draws, shape (draw,).
        choices : mapping of str to str
            Settings that are words.
        ranks : array, shape (draw,)
            Uniform ranks for the lever's own outcome, joint with other levers where a dependence says so.
        rng : numpy.random.Generator
            The lever's own stream.

        Returns
        -------
        mapping of str to array
            Shape (draw,) each.

        Examples
        --------
        >>> import forecast as fc
        >>> quality = fc.levers.LEVERS["quality"]
        >>> quality.derive({}, {}, np.zeros((0, 3)), np.random.default_rng(1))
        {}
        """
        del draws, choices, ranks, rng
        return {}

    def is_idle(self, quantities: Mapping[str, LogNormal], choices: Mapping[str, str]) -> bool:
        """Return whether the lever changes nothing at these settings.

        Parameters
        ----------
        quantities : mapping of str to LogNormal
            Settings that are numbers.
        choices : mapping of str to str
            Settings that are words.

        Returns
        -------
        bool
            True when every setting that has a neutral value stands at it.

        Examples
        --------
        >>> import forecast as fc
        >>> over = fc.levers.LEVERS["overtraining"]
        >>> over.is_idle({"ratio": fc.LogNormal(1.0, 0.0, 0.0)}, {}), over.is_idle({"ratio": fc.LogNormal(2.0, 0.0, 0.0)}, {})
        (True, False)
        """
        at_rest = []
        for key, setting in self.settings.items():
            if setting.neutral is None:
                continue
            if key in choices:
                at_rest.append(choices[key] == setting.neutral)
            elif key in quantities:
                quantity = quantities[key]
                at_rest.append(not quantity.sd_low and not quantity.sd_high and quantity.median == setting.neutral)
        return bool(at_rest) and all(at_rest)


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
    return np.broadcast_to(log10_share(values)[:, None], (len(values), len(years)))


def log10_share(values: np.ndarray) -> np.ndarray:
    """Return log10 of a share or factor, finite where it is zero.

    Parameters
    ----------
    values : array
        Non-negative.

    Returns
    -------
    numpy.ndarray
        The shape of `values`.
    """
    return np.log10(np.maximum(values, SMALLEST_SHARE))


def log10_sum(path: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Return log10 of a path plus an amount.

    Parameters
    ----------
    path : array, shape (draw, year)
        log10.
    added : array, shape (draw, year)
        Plain amount; negative where it takes away.

    Returns
    -------
    numpy.ndarray
        Shape (draw, year), log10; never below `SMALLEST_SHARE` of the path.

    Examples
    --------
    >>> log10_sum(np.array([[2.0]]), np.array([[900.0]])).tolist()
    [[3.0]]
    """
    return path + log10_share(1.0 + added * 10.0**-path)


def ramp(draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
    """Return how far a change has got: 0 until its start, 1 once it is complete, a straight line between.

    Parameters
    ----------
    draws : mapping of str to array
        With ``start`` (decimal year) and ``ramp_years`` (years), shape (draw,).
    years : array, shape (year,)
        Decimal years.

    Returns
    -------
    numpy.ndarray
        Shape (draw, year), between 0 and 1.

    Examples
    --------
    >>> ramp({"start": np.array([2027.0]), "ramp_years": np.array([2.0])}, np.array([2026.0, 2028.0, 2030.0])).tolist()
    [[0.0, 0.5, 1.0]]
    """
    since = years[None, :] - draws["start"][:, None]
    length = draws["ramp_years"][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        risen = np.clip(since / length, 0.0, 1.0)
    return np.where(length > 0, risen, (since > 0).astype(float))


START = LeverParameter("decimal year", 2000.0, 2200.0, "Date from which the change sets in", kind="date")
"""The setting ``start`` of every lever that changes with time."""

RAMP_YEARS = LeverParameter("years", 0.0, 100.0, "Years until the change is complete", zero=True)
"""The setting ``ramp_years`` that goes with it."""
