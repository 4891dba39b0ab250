"""A transformer that is trained, generation by generation, on what its predecessor wrote.

Each generation begins from weights that have read nothing: what it knows it has read. Its fits are kept, so that a
run that was broken off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from forecast.collapse.engine import Regime, run_chain
from forecast.collapse.learners import transformer
from forecast.collapse.learners.neural import Curves, beats, bounded, curves, kept_arrays
from forecast.collapse.learners.texts import Text, spell, text_of
from forecast.collapse.learners.transformer import Model, Shape
from forecast.collapse.regimes import parse_regimes
from forecast.collapse.validate import affordable, positive, whole_number
from forecast.core.seeds import DEFAULT_SEED, generator

DEFAULT_REGIMES = ("replace", "keep:0.1", "accumulate")
"""Regimes that are compared where none is named."""

TOLD_EVERY = 1
"""Generations between two words of progress (count)."""

SHOWN = (1, 2, 6, 8, 10)
"""Generations whose continuation of a prompt is kept: the published 0, 1, 5, 7 and 9, which count from the first fit."""

WRITTEN = 200
"""Passages a replicate in which distinct runs of letters are counted (count)."""

RUN = 5
"""Length of such a run: about a word (letters)."""

CONTINUED = 96
"""Letters of a continuation, the prompt among them (count)."""


class TransformerLearner:
    """Human data are passages of a text; a model is a transformer for each replicate.

    Parameters
    ----------
    text : Text
        Where human passages come from.
    rng : numpy.random.Generator
        Source of randomness.
    replicates : int
        Histories side by side.
    shape : Shape
        Size of the transformer.
    steps : int
        Updates of each fit, whatever the size of what is read.
    temperature : float, default 1
        At which models write.
    """

    def __init__(
        self,
        text: Text,
        rng: np.random.Generator,
        replicates: int,
        shape: Shape,
        steps: int,
        temperature: float = 1.0,
        rate: float = transformer.RATE,
    ) -> None:
        self.replicates = replicates
        self._text, self._rng, self._shape, self._steps, self._temperature = text, rng, shape, steps, temperature
        self._rate = rate
        self._held = np.broadcast_to(text.held, (replicates, *text.held.shape))
        self.trivial = unigram_loss(text, rng)
        self._proved = False

    def human(self, count: int) -> np.ndarray:
        """Return human passages, shape (replicate, count, context)."""
        return self._text.human(self.replicates, count, self._rng)

    def write(self, model: Model, count: int) -> np.ndarray:
        """Return passages of a model, shape (replicate, count, context)."""
        letters = count * self._shape.context
        written = transformer.write(model, letters, self._key(), temperature=self._temperature)
        return transformer.passages(written, self._shape.context)

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return which passages hold nothing that the language does not."""
        return self._text.right(data)

    def digest(self, data: np.ndarray) -> np.ndarray:
        """Return the passages themselves, small."""
        return data.astype(np.uint8 if len(self._text.alphabet) < 256 else np.int32)

    def merge(self, digests: Sequence[np.ndarray]) -> np.ndarray:
        """Return all passages together."""
        return np.concatenate(list(digests), axis=1)

    def fit(self, digest: np.ndarray) -> Model:
        """Return transformers trained from nothing, or as they were kept."""
        begin, order = self._key(), self._key()

        def make() -> Mapping[str, np.ndarray]:
            blank = transformer.start(self._shape, self.replicates, begin)
            return transformer.train(blank, digest.astype(np.int32), self._steps, order, rate=self._rate).weights

        parts = {"shape": str(self._shape), "steps": self._steps, "keys": [begin, order], "rate": self._rate}
        return Model(self._shape, kept_arrays(make, digest, batch=transformer.BATCH, **parts))

    def measure(self, model: Model) -> Mapping[str, np.ndarray]:
        """Return perplexity and loss on rare words on held-out human text, and the share of distinct runs written."""
        loss = -transformer.log_likelihood(model, self._held)
        if not self._proved:
            beats(loss.mean(axis=(1, 2)), self.trivial, "the letters' frequencies")
            self._proved = True
        return {
            "perplexity": np.exp(loss.mean(axis=(1, 2))),
            "rare_loss": loss[:, self._text.rare].mean(axis=1),
            "diversity": np.array([_distinct(one) for one in self.write(model, WRITTEN)]),
        }

    def continued(self, model: Model, letters: int = CONTINUED) -> str:
        """Return what the first replicate makes of the opening of the held-out text."""
        first = Model(self._shape, {name: one[:1] for name, one in model.weights.items()})
        told = self._text.opening
        while len(told) < letters:
            # What was told last is the prompt of what follows, from where a passage may begin.
            last = told[-(self._shape.context // 2) :]
            begin = min((last.index(one) + 1 for one in self._text.breaks if one in last), default=0)
            prompt = np.array([self._text.alphabet.index(letter) for letter in last[begin:]], dtype=int)
            written = transformer.write(first, self._shape.context, self._key(), prompt, self._temperature)
            told += spell(self._text, written[0, len(prompt) :])
        return told[:letters]

    def _key(self) -> int:
        return int(self._rng.integers(2**31))


def unigram_loss(text: Text, rng: np.random.Generator) -> float:
    """Return the loss of the letters' human frequencies alone on held-out text, in nats a letter."""
    counts = np.bincount(text.human(1, 2000, rng).ravel(), minlength=len(text.alphabet)) + 0.5
    return float(-np.log(counts / counts.sum())[text.held].mean())


def simulate_transformer(
    samples: int = 64_000,
    generations: int = 10,
    replicates: int = 2,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    seed: int = DEFAULT_SEED,
    steps: int = 400,
    width: int = 48,
    layers: int = 2,
    temperature: float = 1.0,
    text: str | Path | None = None,
    rate: float = transformer.RATE,
    progress: Callable[[int], None] | None = None,
) -> Curves:
    """Train a transformer on its own text, under one regime after the other.

    Parameters
    ----------
    samples : int, default 64000
        Letters of the original data set, made up of passages of 32.
    generations : int, default 10
        Number of fits, the first on human text.
    replicates : int, default 2
        Histories side by side.
    regimes : sequence of str or Regime
        Regimes by name, or made by hand.
    seed : int
        The run's seed.
    steps : int, default 400
        Updates of each fit.
    width, layers : int
        Size of the transformer: 60,000 weights by default.
    temperature : float, default 1
        At which models write; below 1 they write what is likely too often.
    text : str or pathlib.Path, optional
        A text file, or "shakespeare" for the text that ships, instead of the generated language.
    rate : float, default 0.01
        Highest learning rate; what is wider wants less, about in proportion.
    progress : callable, optional
        Called with the generation after each fit.

    Returns
    -------
    Curves
        Perplexity, loss on rare words and diversity by regime and generation, and continuations of a prompt.

    Raises
    ------
    InputError
        If a setting makes no sense.
    ModelError
        If the extra ``lab`` is not installed, or the first fit hardly beats the letters' frequencies.

    Examples
    --------
    >>> found = simulate_transformer(generations=2, steps=100)  # doctest: +SKIP
    >>> sorted(found.chains)  # doctest: +SKIP
    """
    transformer.needed()
    for name, value in (("generations", generations), ("replicates", replicates)):
        whole_number(name, value)
    bounded("updates (--steps)", steps)
    positive("temperature", temperature)
    positive("learning rate (--rate)", rate)
    affordable(samples, generations, replicates)
    source = text_of(text, generator(seed, "collapse", "transformer", "language"))
    context = source.held.shape[1]
    passages = whole_number("letters of text (--samples)", samples, minimum=context) // context
    shape = Shape(len(source.alphabet), context, width, layers)
    bounded("weights (--width, --layers)", shape.parameters)
    chains, told = {}, {}
    for regime in parse_regimes(regimes):
        # Every regime begins with the same human text and the same first fit.
        learner = TransformerLearner(
            source, generator(seed, "collapse", "transformer"), replicates, shape, steps, temperature, rate
        )
        rng = generator(seed, "collapse", "transformer", regime.name)
        chain = run_chain(learner, regime, passages, generations, rng, SHOWN, progress)
        chains[regime.name] = chain
        told[regime.name] = {"continued": {str(n): learner.continued(one) for n, one in chain.snapshots.items()}}
    return curves(
        "transformer",
        seed,
        chains,
        extra=told,
        language=source.title,
        samples=passages * context,
        replicates=replicates,
        steps=steps,
        parameters=shape.parameters,
        temperature=temperature,
        rate=rate,
        entropy_nats=source.entropy,
        trivial_nats=learner.trivial,
        human_diversity=float(np.mean([_distinct(source.human(1, WRITTEN, rng)[0])])),
        prompt=source.opening,
    )


def _distinct(passages: np.ndarray) -> float:
    """Return the share of runs of letters in passages that occur only once or for the first time."""
    runs = np.lib.stride_tricks.sliding_window_view(passages.astype(np.int32), RUN, axis=1).reshape(-1, RUN)
    return len(np.unique(runs, axis=0)) / len(runs)
