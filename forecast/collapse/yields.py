"""What a synthetic token is worth, in human tokens.

    yield = published gain(share) x transfer to the frontier x what the generator still knows - harm to the rest

The published gain and its dependence on the share are borrowed from rephrasing experiments; what the generator still
knows, and the harm, are measured in the regression experiment; the transfer to the frontier is judgement, and so is
the strength of the shift behind the harm. Every ingredient is returned with the result, so that a report can print it.

The laboratory knows closed loops only: a model there writes down what it learnt from human text that the stock counts
already, so a synthetic token brings no news, and what a closed loop is worth above zero is left out. What a rephraser
adds from outside the loop is exactly what had to be borrowed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from forecast.collapse import theory
from forecast.collapse.engine import Filter, Regime
from forecast.collapse.learners.regression import run_regression
from forecast.collapse.regimes import Accumulate, Contamination, Fresh, Isolation, Keep, Replace
from forecast.collapse.validate import share as check_share
from forecast.collapse.validate import whole_number
from forecast.core.distributions import LogNormal
from forecast.core.seeds import DEFAULT_SEED
from forecast.core.summaries import summarise
from forecast.errors import InputError, unknown_name
from forecast.fits.kept_parts import kept_part

Kind = Literal["measured", "borrowed", "judgement"]
"""Where an ingredient comes from: this laboratory, a publication, or nobody but us."""

YIELD_REGIMES = ("replace", "accumulate", "keep", "fresh", "isolation", "contamination")
"""Regimes that have a yield; verification is a setting of each."""

THIRD, HALF = 1 / 3, 0.5
"""Synthetic shares at which the published speed-ups were measured (share of tokens)."""

# Few coefficients and many replicates: Monte Carlo error is divided by the share, and must stay small at 10 %.
_SAMPLES, _DIMENSION, _REPLICATES = 60, 2, 20_000

_SPEED_UPS = (
    ("one third rephrased", 5.0, 10.0, "Kang et al. 2025, arXiv:2510.01631"),
    ("BeyondWeb, against two baselines", 2.7, 7.7, "BeyondWeb 2025, arXiv:2508.10975"),
    ("SynPro, against plain repetition", 3.7, 5.2, "SynPro, May 2026 (read in a digest, not in the paper)"),
)
_HALF_SPEED_UP = (3.0, 5.0, "WRAP, Maini et al. 2024, arXiv:2401.16380")
_ALONE_SPEED_UP = (0.8, 1.25, "Kang et al. 2025, arXiv:2510.01631")
_TRANSFER = LogNormal.from_interval(0.01, 0.3, level=0.8)
_SHIFT = LogNormal.from_interval(0.01, 10.0, level=0.8)
_SATURATION = LogNormal.from_interval(3e11, 3e13, level=0.8)


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


def scenario_yield(scenario: str, rng: np.random.Generator, size: int) -> YieldDraws:
    """Return the yield that a named scenario uses.

    Parameters
    ----------
    scenario : {"synthetic_accumulate", "synthetic_collapse", "data_isolation"}
        The scenario.
    rng : numpy.random.Generator
        Source of randomness.
    size : int
        Number of draws.

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
    return synthetic_yield(*SCENARIO_SETTINGS[scenario], rng=rng, size=size)


def synthetic_yield(
    regime: str,
    share: float,
    generations: int,
    verification: Filter | None,
    rng: np.random.Generator,
    size: int,
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
        return YieldDraws(Isolation().name, 0.0, generations, None, np.zeros(size), saturation, (nothing,))
    if not share:
        raise InputError("a synthetic share of 0", "a share above 0", "use isolation for no synthetic data")
    if regime == "replace" and share != 1:
        raise InputError(f"a synthetic share of {share:g} under replace", "1", "use keep or fresh for a mix")

    built = _regime(regime, share, generations, verification)
    knowledge = rng.choice(_efficiency(built, generations), size)
    ledger = [
        _ingredient(
            "what the generator still knows", "measured", knowledge, "ratio",
            f"regression experiment, {built.title}, {generations} fits: error of the first over that of the last",
        )
    ]  # fmt: skip
    gain = np.zeros(size)
    if regime != "contamination":
        published = _published_gain(share, rng, size)
        transfer = _TRANSFER.sample(rng, size)
        gain = published * transfer * np.minimum(knowledge, 1.0)
        ledger += [
            _ingredient(
                f"published gain at a share of {share:.2g}", "borrowed", published, "human tokens a synthetic token",
                "; ".join(f"{name} {low:g}-{high:g} x ({source})" for name, low, high, source in _SPEED_UPS)
                + f"; half {_HALF_SPEED_UP[0]:g}-{_HALF_SPEED_UP[1]:g} x ({_HALF_SPEED_UP[2]})"
                + f"; alone no faster ({_ALONE_SPEED_UP[2]}); all at 8e9 parameters or fewer",
            ),
            _ingredient(
                "transfer to the frontier", "judgement", transfer, "ratio",
                "models 100 times larger know more already, part of the gain is quality that is counted elsewhere, "
                "and gains were seen to level off",
            ),
        ]  # fmt: skip

    shift, mitigation = _SHIFT.sample(rng, size), rng.uniform(size=size)
    wrong = share * (1.0 if verification is None else _wrong_that_pass(verification))
    pool = np.minimum(knowledge, 1.0) / (1 + shift * wrong**2)  # the floor p2^2 c^2, as tokens that no longer count
    harm = np.minimum(_closed_loop(regime, share, pool), 0.0)
    draws = gain + mitigation * harm
    ledger += [
        _ingredient(
            "shift of synthetic data against noise, N c^2 / (sigma^2 d)", "judgement", shift, "ratio",
            "the form p2^2 c^2 is Dohmatob et al. 2024, arXiv:2410.04840; its size at the frontier is not known",
        ),
        _ingredient(
            "share of the harm that curation leaves", "judgement", mitigation, "ratio",
            "laboratories weight, deduplicate and filter; nobody has published how much that saves",
        ),
        _ingredient(
            "harm before curation", "measured", harm, "human tokens a synthetic token",
            "effective size of the pool, with the shift above, less its human part, by synthetic token, where negative",
        ),
        _ingredient(
            "saturation", "judgement", saturation, "synthetic tokens",
            "SynthLLM's gains level off near 3e11 tokens (arXiv:2503.19551, models of 8e9 parameters or fewer); "
            "how far larger source corpora move that is not known",
        ),
    ]  # fmt: skip
    return YieldDraws(built.name, share, generations, verification, draws, saturation, tuple(ledger))


@functools.lru_cache(maxsize=256)
def _efficiency(regime: Regime, generations: int) -> np.ndarray:
    """Draws of the error of generation 1 over that of the last, kept since they take a second."""
    return np.array(kept_part("efficiency", lambda: _experiment(regime, generations), of=[repr(regime), generations]))


def _experiment(regime: Regime, generations: int) -> list[float]:
    """Run the experiment: draws by bootstrap over replicates."""
    chains = run_regression(_SAMPLES, generations, _REPLICATES, [regime], DEFAULT_SEED, _DIMENSION)
    error, unit = chains[regime.name].metrics["error"], theory.regression_unit(_DIMENSION, _SAMPLES)
    # Generation 1 is a control variate: its mean is known exactly, and the last generation goes with it.
    slope = np.cov(error[-1], error[0])[0, 1] / error[0].var()
    last = error[-1] - slope * (error[0] - unit)
    rng = np.random.default_rng(0)  # decides only which replicates stand for Monte Carlo error
    drawn = unit / np.array([last[rng.integers(0, _REPLICATES, _REPLICATES)].mean() for _ in range(200)])
    return [float(one) for one in drawn]


def _regime(name: str, share: float, generations: int, verifier: Filter | None) -> Regime:
    makers: Mapping[str, Callable[[], Regime]] = {
        "replace": lambda: Replace(verifier),
        # The pool holds the wanted share after the last generation, having grown evenly.
        "accumulate": lambda: Accumulate(_growth(share, generations), verifier),
        "keep": lambda: Keep(1 - share, verifier),
        "fresh": lambda: Fresh(1 - share, verifier),
        "contamination": lambda: Contamination(share, verifier),
    }
    return makers[name]()


def _growth(share: float, generations: int) -> float:
    if share == 1:
        raise InputError("a synthetic share of 1 under accumulate", "less than 1", "use replace for no human data")
    return share / (1 - share) / (generations - 1)


def _closed_loop(regime: str, share: float, pool: np.ndarray) -> np.ndarray:
    # A pool of one token has (1 - share) human ones; under accumulate all the original human data are in it.
    human = 1 - share
    worth = pool * human if regime == "accumulate" else pool
    return (worth - human) / share


def _wrong_that_pass(verifier: Filter) -> float:
    # At an even mix of right and wrong, by how much a filter thins out the wrong ones among what is kept.
    return min(2 * (1 - float(theory.right_after_filter(0.5, verifier.keep_right, verifier.keep_wrong))), 1.0)


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
