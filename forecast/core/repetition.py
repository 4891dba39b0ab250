"""What reading a text again is worth: the laws of repetition, one for both sides of the comparison.

Reading U unique tokens e times is worth as much as reading U p(e) fresh tokens once; p are the useful passes. Two laws
have published constants, and in both every further pass is worth a fixed part less than the one before:

    p(e) = 1 + a (1 - exp(-(e - 1) / b))

with a = b = R* (Muennighoff et al. 2023), or b = tau and a = 1 / (exp(1 / tau) - 1) (InfoLaw, within 1 % up to
eight passes). In a third the loss has a penalty that grows with every pass, so that passes beyond a turning point do harm.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from forecast.core.registry import Registry

Number = float | np.ndarray

R_STAR = 15.387756
"""Passes after which repeating has lost most of its worth (passes); R_D* of Muennighoff et al. 2023, as published."""

R_STAR_PARAMETERS = 5.309743
"""The same for parameters beyond what the unique tokens call for (ratio); R_N*, as published."""

LOG_A, LOG_B, LOG_E = 6.255414, 7.3049974, 0.6254804
"""Natural logarithms of the loss law's coefficients A, B, E (nats a token); as published."""

EXPONENT = 0.3526596
"""Exponent of parameters and of data alike (dimensionless), alpha = beta; as published."""

INFOLAW_RATE = (0.140, 0.018)
"""Slope and constant of InfoLaw's lambda in the natural logarithm of the parameters (dimensionless); as published."""

INFOLAW_TAU = 8.1
"""InfoLaw's tau = ln(tokens read) / lambda (passes): 7.7 to 8.7 for 1e9 to 1e13 parameters, 1e11 to 1e15 tokens."""

TURNING_POINT = 15.0
"""Passes beyond which more do harm under the additive penalty (passes); judgement, its constants are not published."""

PENALTY_LEFT = 0.3
"""Part of the penalty that weight decay of 1.0 leaves (share); Lovelace et al. 2026, arXiv 2605.01640, abstract."""


class Law(ABC):
    """A law of repetition; a new one is a class and one line of `LAWS`."""

    name: ClassVar[str]
    title: ClassVar[str]
    setting: ClassVar[str]
    """Its one constant, by the name that a scenario gives it."""
    scale: ClassVar[float]
    """The published or judged value of that constant (passes)."""
    meaning: ClassVar[str]
    published: ClassVar[bool]
    """Whether its constants are published; a draw among laws takes these alone."""

    @abstractmethod
    def useful_passes(self, epochs: Number, scale: Number) -> np.ndarray:
        """Return what reading a text several times is worth, in fresh reads.

        Parameters
        ----------
        epochs : float or array
            Times that it is read, at least 1.
        scale : float or array
            The law's constant (passes).

        Returns
        -------
        numpy.ndarray
            Useful passes; 1 for a text that is read once.
        """


class Saturating(Law):
    """A law by which every pass is worth a fixed part less than the one before."""

    published: ClassVar[bool] = True

    @abstractmethod
    def most(self, scale: Number) -> np.ndarray:
        """Return what all further passes together are worth beyond the first, in fresh reads."""

    def useful_passes(self, epochs: Number, scale: Number) -> np.ndarray:
        """Return what reading a text several times is worth, in fresh reads."""
        return 1.0 - self.most(scale) * np.expm1(-np.subtract(epochs, 1.0) / scale)

    def epochs_for(self, passes: Number, scale: Number) -> np.ndarray:
        """Return how often a text has to be read for a number of useful passes."""
        return 1.0 - np.asarray(scale) * np.log1p(-(np.asarray(passes, dtype=float) - 1.0) / self.most(scale))


class Muennighoff(Saturating):
    """Muennighoff et al. 2023, arXiv 2305.16264: to 9e9 parameters and 9e11 tokens."""

    name: ClassVar[str] = "muennighoff"
    title: ClassVar[str] = "Muennighoff et al. 2023"
    setting: ClassVar[str] = "r_star"
    scale: ClassVar[float] = R_STAR
    meaning: ClassVar[str] = "R* of Muennighoff's law: passes after which repeating has lost most of its worth"

    def most(self, scale: Number) -> np.ndarray:
        """Return what all further passes together are worth beyond the first, in fresh reads."""
        return np.multiply(scale, 1.0)


class InfoLaw(Saturating):
    """Liu et al. 2026, arXiv 2605.02364, for text of one quality: to 7e9 parameters, 4.25e11 tokens, 16 passes."""

    name: ClassVar[str] = "infolaw"
    title: ClassVar[str] = "InfoLaw, Liu et al. 2026"
    setting: ClassVar[str] = "tau"
    scale: ClassVar[float] = INFOLAW_TAU
    meaning: ClassVar[str] = "tau of InfoLaw: each pass is worth exp(-1 / tau) times the one before"

    def most(self, scale: Number) -> np.ndarray:
        """Return what all further passes together are worth beyond the first, in fresh reads."""
        return 1.0 / np.expm1(np.divide(1.0, scale))


class AdditivePenalty(Law):
    """Lovelace et al. 2026, arXiv 2605.01640: the form with a penalty in proportion to further passes.

    Of equal loss, U^-beta (e^-beta + c (e - 1)) = (U p)^-beta. Losses are least at the turning point, which gives c;
    beta is Muennighoff's.
    """

    name: ClassVar[str] = "additive_penalty"
    title: ClassVar[str] = "additive penalty, after Lovelace et al. 2026"
    setting: ClassVar[str] = "turning_point"
    scale: ClassVar[float] = TURNING_POINT
    meaning: ClassVar[str] = "Passes beyond which more do harm under the additive penalty"
    published: ClassVar[bool] = False

    def useful_passes(self, epochs: Number, scale: Number) -> np.ndarray:
        """Return what reading a text several times is worth, in fresh reads."""
        read = np.multiply(epochs, 1.0)
        penalty = EXPONENT * np.power(scale, -EXPONENT - 1.0)
        return (read**-EXPONENT + penalty * (read - 1.0)) ** (-1.0 / EXPONENT)


LAWS: Registry[Law] = Registry("law of repetition", (Muennighoff(), InfoLaw(), AdditivePenalty()))
"""The laws by name, in the order of their numbers among draws."""

PUBLISHED = tuple(name for name, law in LAWS.items() if law.published)
"""Laws that a draw among laws takes, each equally often."""


def useful_passes(epochs: Number, scale: Number | None = None, law: str = "muennighoff") -> np.ndarray:
    """Return what reading a text several times is worth, in fresh reads.

    Examples
    --------
    >>> useful_passes(np.array([1.0, 4.0, 16.0])).round(2).tolist()
    [1.0, 3.73, 10.58]
    >>> useful_passes(np.array([1.0, 4.0, 16.0]), law="infolaw").round(2).tolist()
    [1.0, 3.36, 7.42]
    """
    return LAWS[law].useful_passes(epochs, LAWS[law].scale if scale is None else scale)


def epochs_for(passes: Number, scale: Number | None = None, law: str = "muennighoff") -> np.ndarray:
    """Return how often a text has to be read for a number of useful passes: a saturating law the other way round.

    Examples
    --------
    >>> epochs_for(np.array([2.0, 5.0])).round(2).tolist()
    [2.03, 5.63]
    >>> epochs_for(np.array([2.0, 5.0]), law="infolaw").round(2).tolist()
    [2.14, 7.04]
    """
    found = LAWS[law]
    assert isinstance(found, Saturating), "a law with a turning point has two answers"
    return found.epochs_for(passes, found.scale if scale is None else scale)


def later_turning_point(turning_point: Number, left: float = PENALTY_LEFT) -> np.ndarray:
    """Return the turning point of the additive penalty once weight decay has left a part of it.

    Examples
    --------
    >>> round(float(later_turning_point(15.0)), 1)
    36.5
    """
    return np.asarray(turning_point) * left ** (-1.0 / (1.0 + EXPONENT))


def infolaw_passes(epochs: float, parameters: float, unique_tokens: float) -> float:
    """Return InfoLaw's useful passes as the law has them, for parameters and unique tokens of one quality.

    M unique tokens among K read, each R times, hold M ln K (1 - exp(-lambda R / ln K)) of information; the useful
    passes are the fresh tokens that hold as much.

    Examples
    --------
    >>> round(infolaw_passes(5.0, 1e12, 1e13), 2)
    3.97
    """
    from scipy.optimize import brentq

    slope, constant = INFOLAW_RATE
    rate = slope * np.log(parameters) + constant

    def information(unique: float, read: float) -> float:
        log_all = np.log(unique * read)
        return float(unique * log_all * -np.expm1(-rate * read / log_all))

    wanted = information(unique_tokens, epochs)
    return float(brentq(lambda p: information(p * unique_tokens, 1.0) / wanted - 1.0, 0.5, epochs + 0.5, xtol=1e-12))


def scaling_law(parameters: float, tokens: float, unique_tokens: float) -> float:
    """Return the loss of a model that reads its data several times, by Muennighoff et al. 2023.

    N parameters, of which U_N would be enough for the unique tokens, count as the unique tokens do; coefficients and
    test values are from https://github.com/huggingface/datablations, README, commit 1370131.

    Examples
    --------
    >>> scaling_law(6.34e9, 242e9, 25e9)
    2.2256440889984477
    """
    a, b, e = np.exp([LOG_A, LOG_B, LOG_E])
    # Parameters that would be best for the unique tokens alone: the compute-optimal line of the same law.
    ratio = (EXPONENT * a / (EXPONENT * b)) ** (1 / (2 * EXPONENT))
    enough = min(unique_tokens * ratio**2, parameters)
    unique = min(unique_tokens, tokens)
    data = unique * float(useful_passes(tokens / unique))
    size = enough * float(useful_passes(parameters / enough, R_STAR_PARAMETERS))
    return float(e + a / size**EXPONENT + b / data**EXPONENT)
