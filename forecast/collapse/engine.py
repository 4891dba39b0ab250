"""One loop for every experiment: a model writes, a regime decides what the next one reads, the next one is fitted.

A `Learner` is an experiment: what human data look like, how a model is fitted, what it writes, when a sample is wrong.
A `Regime` decides what each generation is trained on and knows no experiment. Data are arrays whose first two axes
are ``(replicate, sample)``; a digest is whatever a learner needs of them to fit (moments, or the data themselves).

Generations are counted by fits: generation 1 is fitted on human data, generation n is the n-th fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from forecast.collapse.validate import LARGEST_STORE, whole_number
from forecast.collapse.validate import share as check_share
from forecast.errors import InputError

ROUNDS = 500
"""Attempts to fill every place with a sample that passes the verifier (count)."""

GROUPS = 50
"""Groups of replicates that share which places of a pool are drawn (count)."""


@dataclass(frozen=True)
class Filter:
    """A verifier of single samples.

    Parameters
    ----------
    keep_right : float, default 0.9
        P(kept | right), its true positive rate.
    keep_wrong : float, default 0.3
        P(kept | wrong), its false positive rate.

    Examples
    --------
    >>> Filter(0.9, 0.3).title
    'keeps 90 % of the right, 30 % of the wrong'
    """

    keep_right: float = 0.9
    keep_wrong: float = 0.3

    def __post_init__(self) -> None:
        """Check both rates."""
        check_share("rate of right samples kept", self.keep_right)
        check_share("rate of wrong samples kept", self.keep_wrong)
        if self.keep_right == 0:
            raise InputError("a verifier that keeps no right sample", "a rate above 0", "raise the first rate")

    @property
    def title(self) -> str:
        """The filter in words."""
        return f"keeps {self.keep_right * 100:g} % of the right, {self.keep_wrong * 100:g} % of the wrong"

    def passes(self, right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Decide which samples are kept.

        Parameters
        ----------
        right : array of bool
            Whether each sample is right.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        numpy.ndarray of bool
            The shape of `right`. Both rates are scaled up until the larger is 1: what the kept samples look like
            depends on their ratio alone, and fewer are thrown away.

        Examples
        --------
        >>> sieve = Filter(keep_right=0.9, keep_wrong=0.0)
        >>> sieve.passes(np.array([True, False]), np.random.default_rng(1))
        array([ True, False])
        """
        largest = max(self.keep_right, self.keep_wrong)
        return rng.random(right.shape) < np.where(right, self.keep_right / largest, self.keep_wrong / largest)


@dataclass(frozen=True)
class TrainingMix:
    """What one generation is trained on, in samples.

    Parameters
    ----------
    original : int
        Drawn from the original human data set, without replacement.
    archive : int
        The first samples of the original set, the same ones in every generation.
    fresh : int
        New human data.
    latest : int
        Written by the latest model for this generation.
    stored : int
        Written by the latest model into the store, not yet read.
    earlier : int
        Drawn from the store, without replacement.
    everything : bool
        Whether all that was ever written as `latest` is read again.
    filter : Filter, optional
        Verifier of what the latest model writes.
    """

    original: int = 0
    archive: int = 0
    fresh: int = 0
    latest: int = 0
    stored: int = 0
    earlier: int = 0
    everything: bool = False
    filter: Filter | None = None


class Regime(Protocol):
    """A rule that decides what the next generation is trained on."""

    def __hash__(self) -> int:
        """Return a hash, so that what was simulated under a regime can be kept."""

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""

    @property
    def title(self) -> str:
        """Name in figures and tables."""

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:
        """Return what generation `generation` (2 or later) reads, `samples` being the size of the original set."""


class Learner(Protocol):
    """An experiment, as the loop sees it."""

    @property
    def replicates(self) -> int:
        """Number of histories that run side by side."""

    def human(self, count: int) -> np.ndarray:
        """Return new human data, shape (replicate, count, ...)."""

    def write(self, model: Any, count: int) -> np.ndarray:
        """Return data written by a model, shape (replicate, count, ...)."""

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return which samples an infallible verifier would call right, shape (replicate, count)."""

    def digest(self, data: np.ndarray) -> Any:
        """Return what the fit needs of the data."""

    def merge(self, digests: Sequence[Any]) -> Any:
        """Return the digest of several data sets together."""

    def fit(self, digest: Any) -> Any:
        """Return the model fitted to a digest."""

    def measure(self, model: Any) -> Mapping[str, np.ndarray]:
        """Return how far the model is from the truth: arrays of shape (replicate,) by name."""


@dataclass(frozen=True)
class Chain:
    """What happened under one regime.

    Parameters
    ----------
    regime : str
        The regime's name with its setting.
    title : str
        The regime's name in figures.
    metrics : mapping of str to array, shape (generation, replicate)
        Measures, the first row being generation 1.
    snapshots : mapping of int to object
        Models of the generations that were asked for.
    """

    regime: str
    title: str
    metrics: Mapping[str, np.ndarray]
    snapshots: Mapping[int, Any] = field(default_factory=dict)

    @property
    def generations(self) -> np.ndarray:
        """The generations of the rows: 1, 2, ... ."""
        return np.arange(1, len(next(iter(self.metrics.values()))) + 1)


def run_chain(
    learner: Learner,
    regime: Regime,
    samples: int,
    generations: int,
    rng: np.random.Generator,
    snapshots: Sequence[int] = (),
    progress: Callable[[int], None] | None = None,
) -> Chain:
    """Train model upon model under a regime.

    Parameters
    ----------
    learner : Learner
        The experiment.
    regime : Regime
        What each generation is trained on.
    samples : int
        Size of the original human data set.
    generations : int
        Number of fits.
    rng : numpy.random.Generator
        Source of the regime's own randomness.
    snapshots : sequence of int, default ()
        Generations whose models are kept.
    progress : callable, optional
        Called with the generation after each fit.

    Returns
    -------
    Chain
        Measures of every generation.

    Raises
    ------
    InputError
        If a setting makes no sense, or the verifier keeps almost nothing.

    Examples
    --------
    >>> import forecast as fc
    >>> from forecast.collapse.learners.gaussian import GaussianLearner
    >>> rng = np.random.default_rng(1)
    >>> learner = GaussianLearner(replicates=20, rng=rng, unbiased=True)
    >>> chain = fc.collapse.run_chain(learner, fc.collapse.REGIMES["replace"](), samples=50, generations=3, rng=rng)
    >>> chain.generations
    array([1, 2, 3])
    """
    whole_number("samples", samples)
    whole_number("generations", generations)
    original = learner.human(samples)
    model = learner.fit(learner.digest(original))
    rows, kept = [learner.measure(model)], {1: model} if 1 in snapshots else {}
    store, written = _Store(generations), None
    for generation in range(2, generations + 1):
        mix = regime.mix(generation, samples, rng)
        pool = []
        if mix.original:
            pool.append(learner.digest(_take(original, mix.original, rng)))
        if mix.archive:
            pool.append(learner.digest(original[:, : mix.archive]))
        if mix.fresh:
            pool.append(learner.digest(learner.human(mix.fresh)))
        if mix.latest:
            latest = learner.digest(_write(learner, model, mix.latest, mix.filter, rng))
            if mix.everything:
                latest = written = latest if written is None else learner.merge([written, latest])
            pool.append(latest)
        if mix.stored:
            store.add(_write(learner, model, mix.stored, mix.filter, rng))
        if mix.earlier:
            pool.append(learner.digest(store.draw(mix.earlier, rng)))
        model = learner.fit(pool[0] if len(pool) == 1 else learner.merge(pool))
        rows.append(learner.measure(model))
        if generation in snapshots:
            kept[generation] = model
        if progress is not None:
            progress(generation)
    return Chain(regime.name, regime.title, {name: np.stack([row[name] for row in rows]) for name in rows[0]}, kept)


def _take(data: np.ndarray, count: int, rng: np.random.Generator, available: int | None = None) -> np.ndarray:
    available = data.shape[1] if available is None else available
    if count == available == data.shape[1]:
        return data
    # Places drawn once for all replicates would be an error that no number of replicates averages out; places drawn
    # for each would cost more than the fit. A few dozen groups do.
    taken = np.empty((data.shape[0], count, *data.shape[2:]), dtype=data.dtype)
    for group in np.array_split(np.arange(data.shape[0]), min(GROUPS, data.shape[0])):
        rows = slice(group[0], group[-1] + 1)
        taken[rows] = data[rows, rng.choice(available, count, replace=False, shuffle=False)]
    return taken


def _write(learner: Learner, model: Any, count: int, verifier: Filter | None, rng: np.random.Generator) -> np.ndarray:
    data = learner.write(model, count)
    if verifier is None:
        return data
    missing = ~verifier.passes(learner.is_right(data), rng)
    for _ in range(ROUNDS):
        if not missing.any():
            return data
        again = learner.write(model, count)
        passed = missing & verifier.passes(learner.is_right(again), rng)
        data[passed] = again[passed]
        missing &= ~passed
    raise InputError(
        f"a verifier under which {missing.mean():.0%} of the places stay empty after {ROUNDS} attempts",
        "one that keeps some of what the model writes",
        "raise the rate of wrong samples kept, or use fewer generations",
    )


class _Store:
    """Everything that models have written, in one array that is allocated once."""

    def __init__(self, generations: int) -> None:
        self._generations, self._used = generations, 0
        self._data: np.ndarray | None = None

    def add(self, data: np.ndarray) -> None:
        if self._data is None:
            shape = (data.shape[0], data.shape[1] * (self._generations - 1), *data.shape[2:])
            if np.prod(shape, dtype=float) > LARGEST_STORE:
                raise InputError(
                    f"a store of {np.prod(shape, dtype=float):.2g} numbers",
                    f"at most {LARGEST_STORE:.2g}",
                    "use fewer replicates, samples or generations with this regime",
                )
            self._data = np.empty(shape, dtype=data.dtype)
        self._data[:, self._used : self._used + data.shape[1]] = data
        self._used += data.shape[1]

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        if self._data is None:
            raise RuntimeError("a mix reads from a store that nobody wrote to")
        return _take(self._data, count, rng, self._used)
