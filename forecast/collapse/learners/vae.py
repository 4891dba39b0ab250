"""A small variational autoencoder on the plane that is trained on what its predecessor wrote.

The truth is that of the mixture experiment. As autoencoders are used, a model writes what its decoder makes of draws
from the prior, without the decoder's noise: what it cannot encode is missing from what the next one reads.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from forecast.collapse.engine import Regime, run_chain
from forecast.collapse.learners.mixture import true_mixture
from forecast.collapse.learners.neural import Curves, beats, bounded, curves, kept_arrays
from forecast.collapse.learners.transformer import needed, optional
from forecast.collapse.regimes import parse_regimes
from forecast.collapse.validate import affordable, whole_number
from forecast.core.seeds import DEFAULT_SEED, generator

jax, jnp, optax = (optional(name) for name in ("jax", "jax.numpy", "optax"))

DEFAULT_REGIMES = ("replace", "keep:0.1", "accumulate")
"""Regimes that are compared where none is named."""

TOLD_EVERY = 1
"""Generations between two words of progress (count)."""

COMPONENTS, HIDDEN, LATENT = 3, 32, 2
"""Components of the truth; units of the hidden layers of encoder and decoder; numbers of a code (counts)."""

BATCH, RATE, HELD = 128, 5e-3, 1000
"""Points of an update (count); highest learning rate of Adam; human points that no model reads (count)."""

NEAR = 3.0
"""A verifier calls a point right within this Mahalanobis distance of a true component, as for the mixture."""

_SIZES = {
    "in": (2, HIDDEN), "in_shift": (HIDDEN,), "code": (HIDDEN, 2 * LATENT), "code_shift": (2 * LATENT,),
    "out": (LATENT, HIDDEN), "out_shift": (HIDDEN,), "point": (HIDDEN, 2), "point_shift": (2,), "noise": (),
}  # fmt: skip


class AutoencoderLearner:
    """Human data are points of a mixture; a model is an autoencoder for each replicate.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    replicates : int
        Histories side by side.
    steps : int
        Updates of each fit.
    """

    def __init__(self, rng: np.random.Generator, replicates: int, steps: int) -> None:
        self.replicates, self._rng, self._steps = replicates, rng, steps
        self._truth = true_mixture(COMPONENTS)
        self._held = self._truth.draw(HELD, rng)
        spread = np.linalg.slogdet(np.cov(self._held.T))[1]
        self.trivial = float(0.5 * spread + 1 + math.log(2 * math.pi))
        """Loss of one Gaussian fitted to the held-out points, in nats a point."""
        self._proved = False

    def human(self, count: int) -> np.ndarray:
        """Return human points, shape (replicate, count, 2)."""
        return self._truth.draw(self.replicates * count, self._rng).reshape(self.replicates, count, 2)

    def write(self, model: Mapping[str, np.ndarray], count: int) -> np.ndarray:
        """Return what decoders make of the prior, shape (replicate, count, 2)."""
        codes = self._rng.standard_normal((self.replicates, count, LATENT), dtype=np.float32)
        return np.array(_compiled(self._steps)[1](model, codes))

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return which points lie near a true component."""
        gaps = data[..., None, :] - self._truth.means
        distance = np.einsum("...ki,kij,...kj->...k", gaps, np.linalg.inv(self._truth.covariances), gaps)
        return distance.min(axis=-1) <= NEAR**2

    def digest(self, data: np.ndarray) -> np.ndarray:
        """Return the points themselves."""
        return data.astype(np.float32)

    def merge(self, digests: Sequence[np.ndarray]) -> np.ndarray:
        """Return all points together."""
        return np.concatenate(list(digests), axis=1)

    def fit(self, digest: np.ndarray) -> Mapping[str, np.ndarray]:
        """Return autoencoders trained from nothing, or as they were kept."""
        key = int(self._rng.integers(2**31))

        def make() -> Mapping[str, np.ndarray]:
            rng = np.random.default_rng(key)
            begin = {
                name: (rng.standard_normal((self.replicates, *size)) / math.sqrt(size[0])).astype(np.float32)
                if len(size) == 2
                else np.zeros((self.replicates, *size), np.float32)
                for name, size in _SIZES.items()
            }
            order = rng.integers(digest.shape[1], size=(self._steps, self.replicates, BATCH))
            noise = rng.standard_normal((self._steps, self.replicates, BATCH, LATENT), dtype=np.float32)
            return _compiled(self._steps)[0](begin, digest[np.arange(self.replicates)[:, None], order], noise)

        return kept_arrays(
            make, digest, model="vae", sizes=str(_SIZES), steps=self._steps, key=key, batch=BATCH, rate=RATE
        )

    def measure(self, model: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """Return variances of what is written and of the codes of human points, and the loss on human points.

        Variances are in units of the truth's and of the prior's; the loss is minus the evidence lower bound in nats.
        """
        held = np.broadcast_to(self._held.astype(np.float32), (self.replicates, HELD, 2))
        noise = self._rng.standard_normal((self.replicates, HELD, LATENT), dtype=np.float32)
        loss, codes = (np.asarray(one) for one in _compiled(self._steps)[2](model, held, noise))
        if not self._proved:
            beats(loss, self.trivial, "a single Gaussian")
            self._proved = True
        written = self.write(model, HELD)
        return {
            "variance": written.var(axis=1).sum(axis=1) / self._held.var(axis=0).sum(),
            "code_variance": codes.var(axis=1).mean(axis=1),
            "near_truth": self.is_right(written).mean(axis=1),
            "loss": loss,
        }


def simulate_vae(
    samples: int = 2000,
    generations: int = 10,
    replicates: int = 4,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    seed: int = DEFAULT_SEED,
    steps: int = 1500,
    progress: Callable[[int], None] | None = None,
) -> Curves:
    """Train a variational autoencoder on its own points, under one regime after the other.

    Parameters
    ----------
    samples : int, default 2000
        Points of each generation.
    generations : int, default 10
        Number of fits, the first on human points.
    replicates : int, default 4
        Histories side by side.
    regimes : sequence of str or Regime
        Regimes by name, or made by hand.
    seed : int
        The run's seed.
    steps : int, default 1500
        Updates of each fit.
    progress : callable, optional
        Called with the generation after each fit.

    Returns
    -------
    Curves
        Variance of what is written and of the codes, share near the truth, and loss, by regime and generation.

    Raises
    ------
    InputError
        If a setting makes no sense.
    ModelError
        If the extra ``lab`` is not installed, or the first fit hardly beats a single Gaussian.

    Examples
    --------
    >>> found = simulate_vae(generations=3, steps=200)  # doctest: +SKIP
    >>> sorted(found.chains)  # doctest: +SKIP
    """
    needed()
    settings: dict[str, Any] = {"samples": samples, "replicates": replicates, "steps": steps}
    for name, value in {**settings, "generations": generations}.items():
        whole_number(name, value)
    affordable(samples, generations, replicates, each=2)
    bounded("updates (--steps)", steps)
    chains = {}
    for regime in parse_regimes(regimes):
        learner = AutoencoderLearner(generator(seed, "collapse", "vae"), replicates, steps)
        rng = generator(seed, "collapse", "vae", regime.name)
        chains[regime.name] = run_chain(learner, regime, samples, generations, rng, progress=progress)
    return curves("vae", seed, chains, **settings, trivial_nats=learner.trivial)


@functools.cache
def _compiled(steps: int) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Return functions that train, write and judge every replicate."""
    adam = optax.adam(optax.warmup_cosine_decay_schedule(0.0, RATE, max(steps // 10, 1), max(steps, 2)))

    def decode(weights: Any, codes: Any) -> Any:
        return jnp.tanh(codes @ weights["out"] + weights["out_shift"]) @ weights["point"] + weights["point_shift"]

    def judge(weights: Any, points: Any, noise: Any) -> Any:
        hidden = jnp.tanh(points @ weights["in"] + weights["in_shift"])
        mean, log_variance = jnp.split(hidden @ weights["code"] + weights["code_shift"], 2, axis=-1)
        codes = mean + jnp.exp(log_variance / 2) * noise
        gaps = (points - decode(weights, codes)) ** 2 * jnp.exp(-2 * weights["noise"])
        told = 0.5 * gaps.sum(axis=-1) + 2 * weights["noise"] + math.log(2 * math.pi)
        away = 0.5 * (mean**2 + jnp.exp(log_variance) - log_variance - 1).sum(axis=-1)
        return (told + away).mean(), codes

    def train(weights: Any, points: Any, noise: Any) -> Any:
        def one(weights: Any, state: Any, points: Any, noise: Any) -> Any:
            slope = jax.grad(lambda at: judge(at, points, noise)[0])(weights)
            change, state = adam.update(slope, state, weights)
            return optax.apply_updates(weights, change), state

        state = jax.vmap(adam.init)(weights)
        return jax.lax.scan(lambda at, read: (jax.vmap(one)(*at, *read), None), (weights, state), (points, noise))[0][0]

    return jax.jit(train), jax.jit(jax.vmap(decode)), jax.jit(jax.vmap(judge))
