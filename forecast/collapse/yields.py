"""What a synthetic token is worth, in human tokens.

    yield = scale transfer x (published gain(share) x what a pool retains - what it loses, for each synthetic token)

The published gain and its dependence on the share are borrowed from rephrasing experiments, the saturation too; what a
pool of human and machine text retains of its human text's worth is measured, in small transformers, and read from a
surrogate. One factor is judgement: what ratios measured in small models are worth at the frontier. Every ingredient is
returned with the result, so that a report can print it.

The laboratory knows closed loops only: a model there writes down what it learnt from human text that the stock counts
already, so a synthetic token brings no news, and what a closed loop is worth above its human text is left out. What a
rephraser adds from outside the loop is exactly what had to be borrowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from forecast.collapse.engine import Filter
from forecast.collapse.surrogate import retained
from forecast.collapse.validate import share as check_share
from forecast.collapse.validate import whole_number
from forecast.core.distributions import LogNormal
from forecast.core.summaries import summarise
from forecast.errors import InputError, unknown_name

Kind = Literal["measured", "borrowed", "judgement"]
"""Where an ingredient comes from: this laboratory, a publication, or nobody but us."""

YIELD_REGIMES = ("replace", "accumulate", "keep", "fresh", "isolation", "contamination")
"""Regimes that have a yield; verification is a setting of each."""

THIRD, HALF = 1 / 3, 0.5
"""Synthetic shares at which the published speed-ups were measured (share of tokens)."""

_SPEED_UPS = (
    ("one third rephrased", 5.0, 10.0, "Kang et al. 2025, arXiv:2510.01631"),
    ("BeyondWeb, against two baselines", 2.7, 7.7, "BeyondWeb 2025, arXiv:2508.10975"),
    ("SynPro, against plain repetition", 3.7, 5.2, "SynPro, May 2026 (read in a digest, not in the paper)"),
)
WEIGHTS = "4 to 25 thousand"
"""Size of the transformers whose runs the surrogate was fitted to."""

_HALF_SPEED_UP = (3.0, 5.0, "WRAP, Maini et al. 2024, arXiv:2401.16380")
_ALONE_SPEED_UP = (0.8, 1.25, "Kang et al. 2025, arXiv:2510.01631")
_SATURATION = LogNormal.from_interval(3e11, 4e12, level=0.8)

SCALE_TRANSFER = LogNormal.from_interval(0.01, 0.3, level=0.8)
"""What a ratio measured in small models is worth at the frontier, 1 being as much (ratio; judgement: what is measured here
has 1e4 parameters, what is borrowed 8e9 at most, the frontier 1e12 and more; models so much larger know more already, part
of a published gain is quality that is counted elsewhere, and gains were seen to level off)."""


@dataclass(frozen=True)
class Ingredient:
    """One part of a yield and where it comes from.

    Parameters
    ----------
    name : str
        What it is.
    kind : {"measured", "borrowed", "judgement"}
        Where it comes from.
    median, low, high : float
        Median and ends of the equal-tailed 80 % interval, in `unit`.
    unit : str
        Unit, or "ratio".
    source : str
        The publication, the experiment, or the reason.
    """

    name: str
    kind: Kind
    median: float
    low: float
    high: float
    unit: str
    source: str


@dataclass(frozen=True)
class YieldDraws:
    """Draws of what a synthetic token is worth, with the ledger of what they are made of.

    Parameters
    ----------
    regime : str
        Regime with its setting.
    share : float
        Synthetic share of the training mix.
    generations : int
        Fits, the first being on human data alone.
    verification : Filter or None
        Verifier of what is written.
    draws : array, shape (draw,)
        Human tokens that one synthetic token replaces; negative where it spoils more than it brings.
    saturation : array, shape (draw,)
        Synthetic tokens after which a further one is worth a quarter of the first.
    ledger : tuple of Ingredient
        Every ingredient, labelled.

    Examples
    --------
    >>> import forecast as fc
    >>> worth = fc.collapse.YieldDraws("accumulate", 0.5, 2, None, np.array([0.4, -0.1]), np.full(2, 1e14), ())
    >>> worth.share
    0.5
    """

    regime: str
    share: float
    generations: int
    verification: Filter | None
    draws: np.ndarray
    saturation: np.ndarray
    ledger: tuple[Ingredient, ...] = field(repr=False)

    def human_tokens(self, synthetic_tokens: float) -> np.ndarray:
        """Return the human tokens that a synthetic corpus replaces, with its returns diminishing.

        Parameters
        ----------
        synthetic_tokens : float
            Size of the corpus.

        Returns
        -------
        numpy.ndarray
            Shape (draw,): yield x tokens / (1 + tokens / saturation) where the yield is positive; harm does not
            saturate.

        Raises
        ------
        InputError
            If the size is negative or not finite.

        Examples
        --------
        >>> import forecast as fc
        >>> worth = fc.collapse.YieldDraws("accumulate", 0.5, 2, None, np.array([0.4, -0.1]), np.full(2, 1e14), ())
        >>> worth.human_tokens(1e14).tolist()
        [20000000000000.0, -10000000000000.0]
        """
        if not 0 <= synthetic_tokens < np.inf:
            raise InputError(f"{synthetic_tokens:g} synthetic tokens", "a number of at least 0", "give a corpus size")
        damping = np.where(self.draws > 0, 1 + synthetic_tokens / self.saturation, 1.0)
        return self.draws * synthetic_tokens / damping

    def summary(self) -> dict[str, Any]:
        """Return the yield as quantiles, with its ledger.

        Returns
        -------
        dict
            Ready for `json.dumps`.

        Examples
        --------
        >>> import forecast as fc
        >>> worth = fc.collapse.YieldDraws("accumulate", 0.5, 2, None, np.array([0.4, -0.1]), np.full(2, 1e14), ())
        >>> worth.summary()["regime"]
        'accumulate'
        """
        verifier = self.verification
        return {
            "regime": self.regime,
            "share": self.share,
            "generations": self.generations,
            "verification": None if verifier is None else [verifier.keep_right, verifier.keep_wrong],
            "yield": summarise(self.draws),
            "probability_harmful": float((self.draws < 0).mean()),
            "saturation_tokens": summarise(self.saturation),
            "ledger": [vars(ingredient) for ingredient in self.ledger],
        }


SCENARIO_SETTINGS: Mapping[str, tuple[str, float, int, Filter | None]] = {
    "synthetic_accumulate": ("accumulate", THIRD, 5, Filter(0.9, 0.3)),
    "synthetic_collapse": ("contamination", 0.7, 10, None),
    "data_isolation": ("isolation", 0.0, 10, None),
}
"""Regime, synthetic share, generations and verifier of the scenarios that take their numbers from here (judgement)."""


def scenario_yield(scenario: str, rng: np.random.Generator, size: int, scale: np.ndarray | None = None) -> YieldDraws:
    """Return the yield that a named scenario uses.

    Parameters
    ----------
    scenario : {"synthetic_accumulate", "synthetic_collapse", "data_isolation"}
        The scenario.
    rng : numpy.random.Generator
        Source of randomness.
    size : int
        Number of draws.
    scale : array, shape (draw,), optional
        As in `synthetic_yield`.

    Returns
    -------
    YieldDraws
        Draws and ledger.

    Raises
    ------
    UnknownNameError
        If no such scenario takes its yield from here.

    Examples
    --------
    >>> float(scenario_yield("data_isolation", np.random.default_rng(1), 10).draws.max())
    0.0
    """
    if scenario not in SCENARIO_SETTINGS:
        raise unknown_name("scenario", scenario, SCENARIO_SETTINGS)
    return synthetic_yield(*SCENARIO_SETTINGS[scenario], rng=rng, size=size, scale=scale)


def synthetic_yield(
    regime: str,
    share: float,
    generations: int,
    verification: Filter | None,
    rng: np.random.Generator,
    size: int,
    scale: np.ndarray | None = None,
) -> YieldDraws:
    """Draw what a synthetic token is worth, in human tokens.

    Parameters
    ----------
    regime : str
        One of `YIELD_REGIMES`.
    share : float
        Synthetic share of the training mix; 1 for "replace", 0 for "isolation".
    generations : int
        Fits, the first being on human data alone; 2 is one round of synthetic data.
    verification : Filter or None
        Verifier of what is written; None for none.
    rng : numpy.random.Generator
        Source of randomness.
    size : int
        Number of draws.
    scale : array, shape (draw,), optional
        What a ratio measured in small models is worth at the frontier; by default drawn from `SCALE_TRANSFER`.

    Returns
    -------
    YieldDraws
        Draws and ledger.

    Raises
    ------
    UnknownNameError
        If no regime of that name has a yield.
    InputError
        If a setting makes no sense.

    Examples
    --------
    >>> result = synthetic_yield("fresh", 1 / 3, 2, None, np.random.default_rng(1), 500)
    >>> sorted({ingredient.kind for ingredient in result.ledger})
    ['borrowed', 'judgement', 'measured']
    """
    if regime not in YIELD_REGIMES:
        raise unknown_name("regime", regime, YIELD_REGIMES)
    check_share("synthetic share", share)
    whole_number("generations", generations, minimum=2)
    whole_number("draws", size)
    saturation = _SATURATION.sample(rng, size)
    if regime == "isolation":
        if share:
            raise InputError(f"a synthetic share of {share:g} in isolation", "0", "leave synthetic data out of it")
        nothing = Ingredient(
            "yield in isolation",
            "judgement",
            0.0,
            0.0,
            0.0,
            "human tokens",
            "no synthetic token is read, by definition",
        )
        return YieldDraws(regime, 0.0, generations, None, np.zeros(size), saturation, (nothing,))
    if not share:
        raise InputError("a synthetic share of 0", "a share above 0", "use isolation for no synthetic data")
    if regime == "replace" and share != 1:
        raise InputError(f"a synthetic share of {share:g} under replace", "1", "use keep or fresh for a mix")

    if regime == "accumulate" and share == 1:
        raise InputError("a synthetic share of 1 under accumulate", "less than 1", "use replace for no human data")

    quality = 0.0 if verification is None else removed(verification)
    worth = np.minimum(retained(share, generations, quality, rng, size), 1.0)
    lost = (1 - share) * (1 - worth) / share
    ledger = [
        _ingredient(
            "what a pool retains", "measured", worth, "ratio",
            f"worth of a pool over that of its human text: surrogate of small transformers ({WEIGHTS} weights) at "
            f"{generations} fits, a synthetic share of {share:.2g} and a verifier that removes {quality:.0%} of what is wrong",
        ),
        _ingredient(
            "what a pool loses", "measured", lost, "human tokens a synthetic token",
            "the same: human tokens of the pool times what is not retained of their worth, by synthetic token",
        ),
    ]  # fmt: skip
    gain = np.zeros(size)
    if regime != "contamination":
        published = _published_gain(share, rng, size)
        gain = published * worth
        ledger.append(
            _ingredient(
                f"published gain at a share of {share:.2g}", "borrowed", published, "human tokens a synthetic token",
                "; ".join(f"{name} {low:g}-{high:g} x ({source})" for name, low, high, source in _SPEED_UPS)
                + f"; half {_HALF_SPEED_UP[0]:g}-{_HALF_SPEED_UP[1]:g} x ({_HALF_SPEED_UP[2]})"
                + f"; alone no faster ({_ALONE_SPEED_UP[2]}); all at 8e9 parameters or fewer",
            )
        )  # fmt: skip
    ledger.append(
        _ingredient(
            "saturation", "borrowed", saturation, "synthetic tokens",
            "SynthLLM's gains level off near 3e11 tokens; 8e9 parameters are at their best with 1e12 and 3e9 with 4e12 "
            "(arXiv:2503.19551)",
        )
    )  # fmt: skip
    if scale is None:
        scale = SCALE_TRANSFER.sample(rng, size)
        reason = "models 100 to 1e8 times larger know more already; no such ratio is published beyond 8e9 parameters"
        ledger.append(_ingredient("scale transfer", "judgement", scale, "ratio", reason))
    return YieldDraws(regime, share, generations, verification, scale * (gain - lost), saturation, tuple(ledger))


def removed(verifier: Filter) -> float:
    """Return the share of wrong samples that a verifier removes beyond right ones: its quality.

    Examples
    --------
    >>> round(removed(Filter(0.9, 0.3)), 3), removed(Filter(0.5, 0.8))
    (0.667, 0.0)
    """
    return max(1 - verifier.keep_wrong / verifier.keep_right, 0.0) if verifier.keep_right else 0.0


def _published_gain(share: float, rng: np.random.Generator, size: int) -> np.ndarray:
    """Human tokens a synthetic token, from speed-ups k of a mix: (1 - s) + y s = k."""
    study = rng.integers(0, len(_SPEED_UPS), size)
    low, high = (np.array([row[place] for row in _SPEED_UPS])[study] for place in (1, 2))
    third = _log_uniform(low, high, rng)
    half = np.minimum(_log_uniform(*_HALF_SPEED_UP[:2], rng, size), third)
    alone = _log_uniform(*_ALONE_SPEED_UP[:2], rng, size)
    # Nothing is published below one third: a token there is taken to be worth what it is worth at one third.
    place = max(share, THIRD)
    if place <= HALF:
        part = (place - THIRD) / (HALF - THIRD)
        speed_up = third ** (1 - part) * half**part
    else:
        part = (place - HALF) / (1 - HALF)
        speed_up = half ** (1 - part) * alone**part
    return np.maximum((speed_up - 1 + place) / place, 0.0)


def _log_uniform(
    low: float | np.ndarray, high: float | np.ndarray, rng: np.random.Generator, size: int | None = None
) -> np.ndarray:
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


def _ingredient(name: str, kind: Kind, draws: np.ndarray, unit: str, source: str) -> Ingredient:
    low, median, high = np.quantile(draws, [0.1, 0.5, 0.9], method="inverted_cdf").tolist()
    return Ingredient(name, kind, median, low, high, unit, source)
