"""The one-dimensional Gaussian: a model of two numbers, refitted on its own samples.

Two true statements are often mixed. With the unbiased variance E[s^2] stays what it was while the distance to the
truth grows without end; by maximum likelihood E[s^2] falls as (1 - 1/M)^n and the distance levels off. Under both,
the typical history (the median) loses its spread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.collapse import theory
from forecast.collapse.engine import Chain, Regime, run_chain
from forecast.collapse.regimes import parse_regimes
from forecast.collapse.validate import affordable, positive, whole_number
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import unknown_name

ESTIMATORS = ("ml", "unbiased")
"""Ways to refit the variance: divide by M (maximum likelihood) or by M - 1."""

DEFAULT_REGIMES = ("replace", "accumulate", "keep:0.1", "fresh:0.1", "verification:0.9/0.3", "contamination:0.5")
"""Regimes that are compared where none is named."""


@dataclass(frozen=True)
class Moments:
    """Count, mean and centred sum of squares, one of each a replicate.

    Parameters
    ----------
    count : int
        Samples.
    mean, squares : array, shape (replicate,)
        Mean, and sum of squared distances from it.
    """

    count: int
    mean: np.ndarray
    squares: np.ndarray


class GaussianLearner:
    """Human data are N(0, 1); a model is a mean and a standard deviation.

    Parameters
    ----------
    replicates : int
        Histories side by side.
    rng : numpy.random.Generator
        Source of randomness.
    unbiased : bool
        Whether to divide by M - 1.
    right_within : float, default 3
        A verifier calls a sample right if it is no farther than this from the truth's mean, in the truth's standard
        deviations: it sees one sample at a time and cannot see what is missing.
    """

    def __init__(self, replicates: int, rng: np.random.Generator, unbiased: bool, right_within: float = 3.0) -> None:
        self.replicates, self._rng, self._unbiased, self._right_within = replicates, rng, unbiased, right_within

    def human(self, count: int) -> np.ndarray:
        """Return standard-normal data, shape (replicate, count)."""
        return self._rng.standard_normal((self.replicates, count))

    def write(self, model: tuple[np.ndarray, np.ndarray], count: int) -> np.ndarray:
        """Return samples of a model, shape (replicate, count)."""
        mean, sd = model
        data = self._rng.standard_normal((self.replicates, count))
        data *= sd[:, None]
        data += mean[:, None]
        return data

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return which samples are plausible under the truth."""
        return np.abs(data) <= self._right_within

    def digest(self, data: np.ndarray) -> Moments:
        """Return the moments of each replicate."""
        count, mean = data.shape[1], data.mean(axis=1)
        centred = data - mean[:, None]
        return Moments(count, mean, np.einsum("ij,ij->i", centred, centred))

    def merge(self, digests: Sequence[Moments]) -> Moments:
        """Return the moments of several data sets together (Chan's update, which never cancels)."""
        whole = digests[0]
        for part in digests[1:]:
            count, gap = whole.count + part.count, part.mean - whole.mean
            mean = whole.mean + gap * part.count / count
            squares = whole.squares + part.squares + gap**2 * whole.count * part.count / count
            whole = Moments(count, mean, squares)
        return whole

    def fit(self, digest: Moments) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of each replicate."""
        return digest.mean, np.sqrt(digest.squares / max(digest.count - self._unbiased, 1))

    def measure(self, model: tuple[np.ndarray, np.ndarray]) -> Mapping[str, np.ndarray]:
        """Return mean, variance and squared Wasserstein-2 distance to the truth."""
        mean, sd = model
        return {"mean": mean, "variance": sd**2, "wasserstein": mean**2 + (sd - 1) ** 2}


@dataclass(frozen=True)
class GaussianResult:
    """Histories of refitted Gaussians.

    Parameters
    ----------
    samples, generations, replicates, seed : int
        Settings.
    chains : mapping of (estimator, regime name) to Chain
        What happened.
    """

    samples: int
    generations: int
    replicates: int
    seed: int
    chains: Mapping[tuple[str, str], Chain]

    def curve(self, estimator: str, regime: str, measure: str) -> np.ndarray:
        """Return one measure by generation."""
        metrics = self.chains[estimator, regime].metrics
        values = {
            "mean_variance": lambda: metrics["variance"].mean(axis=1),
            "median_variance": lambda: np.median(metrics["variance"], axis=1),
            "marginal_variance": lambda: metrics["variance"].mean(axis=1) + metrics["mean"].var(axis=1),
            "wasserstein": lambda: metrics["wasserstein"].mean(axis=1),
        }[measure]()
        return np.concatenate([[0.0 if measure == "wasserstein" else 1.0], values])

    def standard_error(self, estimator: str, regime: str, measure: str) -> np.ndarray | None:
        """Return the Monte Carlo standard error of a mean in `curve`, or None where the measure is no mean."""
        name = {"mean_variance": "variance", "wasserstein": "wasserstein"}.get(measure)
        if name is None:
            return None
        values = self.chains[estimator, regime].metrics[name]
        return np.concatenate([[0.0], values.std(axis=1) / np.sqrt(self.replicates)])

    def theory(self, estimator: str, regime: str, measure: str) -> np.ndarray | None:
        """Return the closed form beside `curve`, or None where there is none."""
        n, unbiased = np.arange(self.generations + 1), estimator == "unbiased"
        name, _, setting = regime.partition(":")
        if name == "replace":
            return {
                "mean_variance": lambda: (theory.variance_unbiased if unbiased else theory.variance_ml)(
                    n, self.samples
                ),
                "median_variance": lambda: theory.median_variance(n, self.samples, unbiased),
                "marginal_variance": lambda: theory.marginal_variance(n, self.samples, unbiased),
                "wasserstein": lambda: theory.wasserstein(n, self.samples, unbiased),
            }[measure]()
        if measure == "mean_variance" and not unbiased and name == "accumulate" and not setting:
            return theory.variance_accumulate_ml(n, self.samples)
        if measure == "mean_variance" and not unbiased and name == "fresh":
            # The first fit is on human data alone, as every later one in the formula's own counting.
            human = round(float(setting) * self.samples) / self.samples
            return theory.variance_fresh_ml(n, self.samples, human)
        return None

    def to_json(self) -> dict[str, Any]:
        """Return settings, curves and theory as plain numbers."""
        measures = ("mean_variance", "median_variance", "marginal_variance", "wasserstein")
        chains = []
        for (estimator, regime), chain in self.chains.items():
            curves = {measure: self.curve(estimator, regime, measure) for measure in measures}
            forms = {measure: self.theory(estimator, regime, measure) for measure in measures}
            chains.append(
                {
                    "regime": regime,
                    "title": chain.title,
                    "estimator": estimator,
                    "simulation": {name: curve.tolist() for name, curve in curves.items()},
                    "theory": {name: form.tolist() for name, form in forms.items() if form is not None},
                }
            )
        settings = {"samples": self.samples, "generations": self.generations, "replicates": self.replicates}
        return {"schema": "collapse/1", "experiment": "gaussian", "seed": self.seed, **settings, "chains": chains}


def simulate_gaussian(
    samples: int = 100,
    generations: int = 200,
    replicates: int = 1000,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    estimators: Sequence[str] | None = None,
    seed: int = DEFAULT_SEED,
    right_within: float = 3.0,
    progress: Callable[[int], None] | None = None,
) -> GaussianResult:
    """Refit a Gaussian on its own samples, under one regime after the other.

    Parameters
    ----------
    samples : int, default 100
        Samples of the original data set; at least 2.
    generations : int, default 200
        Number of fits.
    replicates : int, default 1000
        Histories side by side.
    regimes : sequence of str or Regime
        Regimes by name, or made by hand.
    estimators : sequence of {"ml", "unbiased"}, optional
        Ways to refit the variance; by default both for "replace", whose theory tells them apart, and maximum
        likelihood for the other regimes.
    seed : int
        The run's seed.
    right_within : float, default 3
        What a verifier calls right, in standard deviations of the truth.
    progress : callable, optional
        Called with the generation after each fit.

    Returns
    -------
    GaussianResult
        All histories.

    Raises
    ------
    InputError
        If a setting makes no sense.

    Examples
    --------
    >>> result = simulate_gaussian(samples=50, generations=20, replicates=200, regimes=["replace"])
    >>> bool(result.curve("ml", "replace", "mean_variance")[20] < 0.8)
    True
    """
    whole_number("samples", samples, minimum=2)
    whole_number("generations", generations)
    whole_number("replicates", replicates)
    affordable(samples, generations, replicates)
    positive("distance that counts as right", right_within)
    chains = {}
    for regime in parse_regimes(regimes):
        for estimator in estimators or (ESTIMATORS if regime.name == "replace" else ESTIMATORS[:1]):
            if estimator not in ESTIMATORS:
                raise unknown_name("estimator", estimator, ESTIMATORS)
            rng = generator(seed, "collapse", "gaussian", estimator, regime.name)
            learner = GaussianLearner(replicates, rng, estimator == "unbiased", right_within)
            chains[estimator, regime.name] = run_chain(learner, regime, samples, generations, rng, progress=progress)
    return GaussianResult(samples, generations, replicates, seed, chains)
