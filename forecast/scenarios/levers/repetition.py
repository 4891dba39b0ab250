"""Repetition: how often the same text is worth reading, by the scaling law of data-constrained training.

Reading U unique tokens e times is worth as much as reading

    D' = U (1 + R* (1 - exp(-(e - 1) / R*)))

fresh tokens once. The whole law gives the loss of a model with N parameters, of which U_N would be enough for the
unique tokens, and D' as above (Muennighoff et al. 2023, arXiv 2305.16264; coefficients and test values from
https://github.com/huggingface/datablations, README, commit 1370131).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import TEXT, CountsAs, Lever, LeverParameter, constant

R_STAR = 15.387756
"""Passes after which repeating has lost most of its worth (passes); the law's R_D*, as published."""

R_STAR_PARAMETERS = 5.309743
"""The same for parameters beyond what the unique tokens call for (ratio); R_N*, as published."""

LOG_A, LOG_B, LOG_E = 6.255414, 7.3049974, 0.6254804
"""Natural logarithms of the loss law's coefficients A, B, E (nats a token); as published."""

EXPONENT = 0.3526596
"""Exponent of parameters and of data alike (dimensionless), alpha = beta; as published."""


class Repetition(Lever):
    """Multiplies the stock by what reading it several times is worth, in fresh reads.

    A scenario says how often a text is read, and the law says what that is worth; or it says outright what it is worth.
    """

    name: ClassVar[str] = "repetition"
    title: ClassVar[str] = "useful passes over the same text"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    counts_as: ClassVar[CountsAs] = "pass"
    main_setting: ClassVar[str] = "passes"
    applies_to: ClassVar[frozenset[str]] = TEXT
    alternatives: ClassVar[tuple[str, ...]] = ("epochs", "passes")
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "epochs": LeverParameter("passes", 1.0, 1000.0, "Times that the same text is read", neutral=1.0),
        "passes": LeverParameter(
            "passes", 1.0, 100.0, "What that is worth, in fresh reads of each unique token", neutral=1.0
        ),
        "r_star": LeverParameter(
            "passes", 0.1, 1000.0, "R* of the law: passes after which repeating has lost most of its worth"
        ),
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the useful passes."""
        if "passes" in draws:
            return constant(draws["passes"], years)
        return constant(useful_passes(draws["epochs"], draws["r_star"]), years)


def useful_passes(epochs: float | np.ndarray, r_star: float | np.ndarray = R_STAR) -> np.ndarray:
    """Return what reading a text several times is worth, in fresh reads.

    Examples
    --------
    >>> useful_passes(np.array([1.0, 4.0, 16.0])).round(2).tolist()
    [1.0, 3.73, 10.58]
    """
    return 1.0 - np.asarray(r_star) * np.expm1(-(np.asarray(epochs, dtype=float) - 1.0) / r_star)


def epochs_for(passes: float | np.ndarray, r_star: float | np.ndarray = R_STAR) -> np.ndarray:
    """Return how often a text has to be read for a number of useful passes: the law the other way round.

    Examples
    --------
    >>> epochs_for(np.array([2.0, 5.0])).round(2).tolist()
    [2.03, 5.63]
    """
    return 1.0 - np.asarray(r_star) * np.log1p(-(np.asarray(passes, dtype=float) - 1.0) / r_star)


def scaling_law(parameters: float, tokens: float, unique_tokens: float) -> float:
    """Return the loss of a model that reads its data several times.

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
