"""Linear regression on labels that earlier fits have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.collapse import theory
from forecast.collapse.engine import Chain, Regime, run_chain
from forecast.collapse.learners.labels import BreakEvenResult, FloorResult, simulate_break_even, simulate_floor
from forecast.collapse.regimes import parse_regimes
from forecast.collapse.validate import affordable, whole_number
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import InputError

DEFAULT_REGIMES = ("replace", "accumulate", "accumulate_subsample")
"""Regimes that are compared where none is named."""


class RegressionLearner:
    """Human labels are x . w + noise with x ~ N(0, I); a model is a vector of coefficients.

    Parameters
    ----------
    replicates : int
        Histories side by side.
    rng : numpy.random.Generator
        Source of randomness.
    dimension : int
        Number of coefficients.
    samples : int
        Size of the original set, whose x are relabelled in every later generation.
    noise : float, default 1
        Standard deviation of labels, human and synthetic.
    right_within : float, default 2
        A verifier calls a label right if it is no farther than this from x . w, in units of the noise.
    """

    def __init__(
        self,
        replicates: int,
        rng: np.random.Generator,
        dimension: int,
        samples: int,
        noise: float = 1.0,
        right_within: float = 2.0,
    ) -> None:
        self.replicates, self._rng, self._noise, self._right_within = replicates, rng, noise, right_within
        self._truth = rng.standard_normal((replicates, dimension)) / np.sqrt(dimension)
        self._inputs = rng.standard_normal((replicates, samples, dimension))
        self._original: np.ndarray | None = None

    def human(self, count: int) -> np.ndarray:
        """Return labelled samples, shape (replicate, count, coefficient + 1), the label last."""
        if self._original is None:
            self._original = self._label(self._inputs, self._truth)
            return self._original
        return self._label(
            self._rng.standard_normal((*self._truth.shape[:1], count, self._truth.shape[1])), self._truth
        )

    def write(self, model: np.ndarray, count: int) -> np.ndarray:
        """Return samples labelled by a model: the original x as far as they reach, new ones beyond."""
        inputs = self._inputs[:, :count]
        if count > inputs.shape[1]:
            more = self._rng.standard_normal((self.replicates, count - inputs.shape[1], inputs.shape[2]))
            inputs = np.concatenate([inputs, more], axis=1)
        return self._label(inputs, model)

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return which labels are plausible under the truth."""
        return np.abs(data[..., -1] - _predict(data[..., :-1], self._truth)) <= self._right_within * self._noise

    def digest(self, data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return X'X and X'y of each replicate."""
        inputs, labels = data[..., :-1], data[..., -1:]
        turned = np.swapaxes(inputs, 1, 2)
        return turned @ inputs, turned @ labels

    def merge(self, digests: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
        """Return X'X and X'y of several data sets together."""
        return sum(digest[0] for digest in digests), sum(digest[1] for digest in digests)  # type: ignore[return-value]

    def fit(self, digest: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Return least-squares coefficients, shape (replicate, coefficient)."""
        return np.linalg.solve(*digest)[..., 0]

    def measure(self, model: np.ndarray) -> Mapping[str, np.ndarray]:
        """Return the test error on new x, noise of the label left out: |w_n - w|^2."""
        return {"error": ((model - self._truth) ** 2).sum(axis=1)}

    def _label(self, inputs: np.ndarray, model: np.ndarray) -> np.ndarray:
        labels = _predict(inputs, model) + self._noise * self._rng.standard_normal(inputs.shape[:2])
        return np.concatenate([inputs, labels[..., None]], axis=2)


@dataclass(frozen=True)
class RegressionResult:
    """Test error by generation, beside the theory.

    Parameters
    ----------
    samples, dimension, generations, replicates, seed : int
        Settings.
    chains : mapping of str to Chain
        What happened, by regime name.
    floor : FloorResult
        Error against data size with a fixed share of shifted labels.
    break_even : BreakEvenResult
        Accuracy against the generator's error, filtered.
    """

    samples: int
    dimension: int
    generations: int
    replicates: int
    seed: int
    chains: Mapping[str, Chain]
    floor: FloorResult
    break_even: BreakEvenResult

    def curve(self, regime: str) -> np.ndarray:
        """Return the mean test error by generation, in units of the error that theory gives generation 1."""
        unit = theory.regression_unit(self.dimension, self.samples)
        return self.chains[regime].metrics["error"].mean(axis=1) / unit

    def theory(self, regime: str) -> np.ndarray | None:
        """Return the closed form beside `curve`, or None where there is none."""
        n = np.arange(1, self.generations + 1)
        name, _, setting = regime.partition(":")
        if name == "replace":
            return theory.regression_replace(n)
        if name == "accumulate" and not setting:
            return theory.regression_accumulate(n)
        if name == "fresh":
            return theory.regression_fresh(n, round(float(setting) * self.samples) / self.samples)
        if name == "isolation" and float(setting) == 1:
            return np.ones(len(n))
        return None

    def to_json(self) -> dict[str, Any]:
        """Return settings, curves and theory as plain numbers."""
        chains = []
        for name, chain in self.chains.items():
            form = self.theory(name)
            entry = {"regime": name, "title": chain.title, "simulation": {"error": self.curve(name).tolist()}}
            chains.append({**entry, "theory": {} if form is None else {"error": form.tolist()}})
        return {
            "schema": "collapse/1",
            "experiment": "regression",
            "seed": self.seed,
            "samples": self.samples,
            "dimension": self.dimension,
            "generations": self.generations,
            "replicates": self.replicates,
            "error_unit": theory.regression_unit(self.dimension, self.samples),
            "chains": chains,
            "floor": self.floor.to_json(),
            "break_even": self.break_even.to_json(),
        }


def simulate_regression(
    samples: int = 111,
    generations: int = 10,
    replicates: int = 1000,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    seed: int = DEFAULT_SEED,
    dimension: int = 10,
    progress: Callable[[int], None] | None = None,
) -> RegressionResult:
    """Fit a regression on the labels that its predecessors wrote, under one regime after the other.

    Parameters
    ----------
    samples : int, default 111
        Labelled samples of the original set, T; at least `dimension` + 2.
    generations : int, default 10
        Number of fits.
    replicates : int, default 1000
        Histories side by side.
    regimes : sequence of str or Regime
        Regimes by name, or made by hand.
    seed : int
        The run's seed.
    dimension : int, default 10
        Number of coefficients, d; at least 2.
    progress : callable, optional
        Called with the generation after each fit.

    Returns
    -------
    RegressionResult
        Errors by generation, the floor of contamination and the break-even of verification.

    Raises
    ------
    InputError
        If a setting makes no sense.

    Examples
    --------
    >>> result = simulate_regression(replicates=200, regimes=["replace"])
    >>> bool(8 < result.curve("replace")[9] < 12)
    True
    """
    chains = run_regression(samples, generations, replicates, regimes, seed, dimension, progress)
    floor = simulate_floor(dimension, seed=seed)
    return RegressionResult(
        samples, dimension, generations, replicates, seed, chains, floor, simulate_break_even(seed=seed)
    )


def run_regression(
    samples: int,
    generations: int,
    replicates: int,
    regimes: Sequence[str | Regime],
    seed: int,
    dimension: int = 10,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Chain]:
    """Return the chains of `simulate_regression` alone."""
    whole_number("coefficients", dimension, minimum=2)
    whole_number("generations", generations)
    whole_number("replicates", replicates)
    whole_number("samples", samples)
    affordable(samples, generations, replicates, each=dimension)
    if samples < dimension + 2:
        raise InputError(
            f"{samples} samples for {dimension} coefficients", f"at least {dimension + 2} samples", "give more samples"
        )
    chains = {}
    for regime in parse_regimes(regimes):
        _enough_for_fit(regime, samples, dimension)
        rng = generator(seed, "collapse", "regression", regime.name)
        learner = RegressionLearner(replicates, rng, dimension, samples)
        chains[regime.name] = run_chain(learner, regime, samples, generations, rng, progress=progress)
    return chains


def _predict(inputs: np.ndarray, model: np.ndarray) -> np.ndarray:
    return (inputs @ model[..., None])[..., 0]


def _enough_for_fit(regime: Regime, samples: int, dimension: int) -> None:
    mix = regime.mix(2, samples, np.random.default_rng(0))
    read = mix.original + mix.archive + mix.fresh + mix.latest + mix.earlier
    if read < dimension + 2:
        raise InputError(
            f"{read} samples a generation under {regime.title!r} for {dimension} coefficients",
            f"at least {dimension + 2}",
            "give more samples or a larger share",
        )
