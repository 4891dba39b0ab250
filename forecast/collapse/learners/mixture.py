"""A mixture of two-dimensional Gaussians, fitted again and again on its own samples (scikit-learn's EM).

The known picture: the first fits look right, then components drift and thin out, and in the end each is almost a
point. The truth is a ring of equal components.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.collapse import theory
from forecast.collapse.engine import Chain, Regime, run_chain
from forecast.collapse.regimes import parse_regimes
from forecast.collapse.validate import affordable, whole_number
from forecast.core.seeds import DEFAULT_SEED, generator, integer_seed
from forecast.errors import InputError

SNAPSHOTS = (0, 50, 100, 150, 200, 350, 2000)
"""Generations that are drawn (fits), as in the published picture."""

DEFAULT_REGIMES = ("replace", "keep:0.1")
"""Regimes that are compared where none is named."""

LARGEST_POOL = 20_000_000
"""Samples that EM may have to read over a whole history (count)."""

RADIUS, SPREAD = 3.0, (1.0, 0.45)
"""Distance of the true components from the origin, and their standard deviations along and across (units of x)."""


@dataclass(frozen=True)
class Mixture:
    """A mixture of two-dimensional Gaussians.

    Parameters
    ----------
    weights : array, shape (component,)
        Shares of the components.
    means : array, shape (component, 2)
        Their means.
    covariances : array, shape (component, 2, 2)
        Their covariances.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return points."""
        which = rng.choice(len(self.weights), count, p=self.weights)
        roots = np.linalg.cholesky(self.covariances)
        return self.means[which] + (roots[which] @ rng.standard_normal((count, 2, 1)))[..., 0]

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """Return the log density at points."""
        from scipy.special import logsumexp

        inverse, logdet = np.linalg.inv(self.covariances), np.linalg.slogdet(self.covariances)[1]
        gaps = points[:, None] - self.means
        distance = np.einsum("pki,kij,pkj->pk", gaps, inverse, gaps)
        with np.errstate(divide="ignore"):
            return logsumexp(np.log(self.weights) - 0.5 * (distance + logdet) - np.log(2 * np.pi), axis=1)

    @property
    def within(self) -> float:
        """Mean variance inside a component, over both directions."""
        return float(self.weights @ np.trace(self.covariances, axis1=1, axis2=2) / 2)


def true_mixture(components: int) -> Mixture:
    """Return the human distribution: equal components on a ring, each drawn out along the ring.

    Examples
    --------
    >>> true_mixture(2).means.round(1).tolist()
    [[-3.0, 0.0], [3.0, -0.0]]
    """
    angles = np.pi + 2 * np.pi * np.arange(components) / components
    out = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    along = np.stack([-out[:, 1], out[:, 0]], axis=1)
    covariances = np.einsum("k,ki,kj->kij", np.full(components, SPREAD[0] ** 2), along, along)
    covariances += np.einsum("k,ki,kj->kij", np.full(components, SPREAD[1] ** 2), out, out)
    return Mixture(np.full(components, 1 / components), RADIUS * out, covariances)


class MixtureLearner:
    """Human data come from `true_mixture`; a model is a mixture fitted by expectation-maximisation.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    components : int
        Components, of the truth and of every fit.
    seed : int
        Seed of scikit-learn's starting points.
    right_within : float, default 3
        A verifier calls a point right if it is within this Mahalanobis distance of some true component.
    """

    replicates = 1

    def __init__(self, rng: np.random.Generator, components: int, seed: int, right_within: float = 3.0) -> None:
        self._rng, self._components, self._right_within = rng, components, right_within
        self._sklearn = np.random.RandomState(seed)
        self.truth = true_mixture(components)
        self._test = self.truth.draw(1000, rng)
        self._last: Mixture | None = None

    def human(self, count: int) -> np.ndarray:
        """Return points of the truth, shape (1, count, 2)."""
        return self.truth.draw(count, self._rng)[None]

    def write(self, model: Mixture, count: int) -> np.ndarray:
        """Return points of a model, shape (1, count, 2)."""
        return model.draw(count, self._rng)[None]

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return which points lie near a true component."""
        gaps = data[..., None, :] - self.truth.means
        distance = np.einsum("...ki,kij,...kj->...k", gaps, np.linalg.inv(self.truth.covariances), gaps)
        return distance.min(axis=-1) <= self._right_within**2

    def digest(self, data: np.ndarray) -> np.ndarray:
        """Return the points themselves: EM needs them all."""
        return data[0]

    def merge(self, digests: Sequence[np.ndarray]) -> np.ndarray:
        """Return all points together."""
        return np.concatenate(list(digests))

    def fit(self, digest: np.ndarray) -> Mixture:
        """Return the mixture fitted from scratch; a pool that is no more than a few points keeps the model before."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        fitter = GaussianMixture(self._components, reg_covar=1e-12, random_state=self._sklearn)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                fitter.fit(digest)
            self._last = Mixture(fitter.weights_, fitter.means_, fitter.covariances_)
        except ValueError:
            # A covariance that is singular to machine precision: the component has become a point.
            if self._last is None:
                raise InputError(
                    f"{len(digest)} points that {self._components} components cannot be fitted to",
                    "points that are not all alike",
                    "give more samples or fewer components",
                ) from None
        return self._last

    def measure(self, model: Mixture) -> Mapping[str, np.ndarray]:
        """Return variance inside components against the truth's, and cross-entropy of human points in nats."""
        return {
            "within": np.array([model.within / self.truth.within]),
            "cross_entropy": np.array([-model.log_density(self._test).mean()]),
        }


@dataclass(frozen=True)
class MixtureResult:
    """Histories of refitted mixtures.

    Parameters
    ----------
    samples, generations, components, seed : int
        Settings.
    truth : Mixture
        The human distribution.
    chains : mapping of str to Chain
        What happened, by regime name; snapshots hold models.
    """

    samples: int
    generations: int
    components: int
    seed: int
    truth: Mixture
    chains: Mapping[str, Chain]

    def snapshots(self, regime: str) -> dict[int, Mixture]:
        """Return the mixtures that are drawn, generation 0 being the truth."""
        return {0: self.truth, **self.chains[regime].snapshots}

    def points(self, regime: str, generation: int, count: int = 1000) -> np.ndarray:
        """Return points that the model of a generation writes, always the same for the same seed."""
        rng = generator(self.seed, "collapse", "mixture", "points", str(generation))
        return self.snapshots(regime)[generation].draw(count, rng)

    def within(self, regime: str) -> np.ndarray:
        """Return the variance inside components against the truth's, by generation."""
        return np.concatenate([[1.0], self.chains[regime].metrics["within"][:, 0]])

    def theory(self, level: float = 0.5) -> np.ndarray:
        """Return a quantile of the variance of a lone Gaussian that is refitted on its share of the samples."""
        n = np.arange(self.generations + 1)
        return theory.variance_quantile(n, max(self.samples // self.components, 2), unbiased=False, level=level)

    def to_json(self) -> dict[str, Any]:
        """Return settings, curves, snapshots and theory as plain numbers."""
        chains = []
        for name, chain in self.chains.items():
            pictures = [
                {
                    "generation": generation,
                    "weights": model.weights.tolist(),
                    "means": model.means.tolist(),
                    "covariances": model.covariances.tolist(),
                }
                for generation, model in self.snapshots(name).items()
            ]
            simulation = {
                "within": self.within(name).tolist(),
                "cross_entropy": [None, *chain.metrics["cross_entropy"][:, 0].tolist()],
            }
            forms = {"within": self.theory().tolist()} if name == "replace" else {}
            entry = {"regime": name, "title": chain.title, "simulation": simulation, "theory": forms}
            chains.append({**entry, "snapshots": pictures})
        settings = {"samples": self.samples, "generations": self.generations, "components": self.components}
        return {"schema": "collapse/1", "experiment": "mixture", "seed": self.seed, **settings, "chains": chains}


def simulate_mixture(
    samples: int = 1000,
    generations: int = 2000,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    seed: int = DEFAULT_SEED,
    components: int = 2,
    snapshots: Sequence[int] = SNAPSHOTS,
    progress: Callable[[int], None] | None = None,
) -> MixtureResult:
    """Fit a mixture on its own samples, under one regime after the other.

    Parameters
    ----------
    samples : int, default 1000
        Samples of the original data set; at least twice as many as components.
    generations : int, default 2000
        Number of fits.
    regimes : sequence of str or Regime
        Regimes by name, or made by hand.
    seed : int
        The run's seed.
    components : int, default 2
        Components, of the truth and of every fit.
    snapshots : sequence of int
        Generations whose models are kept; those beyond `generations` are left out, the last is always kept.
    progress : callable, optional
        Called with the generation after each fit.

    Returns
    -------
    MixtureResult
        All histories.

    Raises
    ------
    InputError
        If a setting makes no sense.

    Examples
    --------
    >>> result = simulate_mixture(samples=60, generations=3, regimes=["replace"])
    >>> sorted(result.snapshots("replace"))
    [0, 3]
    """
    import sklearn.mixture  # noqa: F401  (before the limit below, which reaches only libraries that are loaded)
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    whole_number("samples", samples)
    whole_number("generations", generations)
    whole_number("components", components)
    affordable(samples, generations, each=2)
    if samples < 2 * components:
        raise InputError(
            f"{components} components for {samples} points",
            f"at most {samples // 2}, two points each",
            "give more samples or fewer components",
        )
    wanted = sorted({*(n for n in snapshots if 0 < n <= generations), generations})
    chains = {}
    for regime in parse_regimes(regimes):
        if regime.name.partition(":")[0] == "accumulate" and samples * generations**2 / 2 > LARGEST_POOL:
            raise InputError(
                f"{generations} generations of {samples} samples that all accumulate",
                f"at most {int((2 * LARGEST_POOL / samples) ** 0.5)} generations",
                "lower --generations, or use accumulate_subsample",
            )
        rng = generator(seed, "collapse", "mixture", regime.name)
        learner = MixtureLearner(rng, components, integer_seed(seed, "collapse", "mixture", regime.name))
        with threadpool_limits(1):  # thousands of tiny fits: threads cost 4 to 30 times what they save
            chains[regime.name] = run_chain(learner, regime, samples, generations, rng, wanted, progress)
    return MixtureResult(samples, generations, components, seed, true_mixture(components), chains)
