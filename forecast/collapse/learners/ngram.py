"""An n-gram language model that is trained on what its predecessor wrote.

Perplexity is measured on human text that no model has read. What goes first is what is rare: the loss on rare words
and the number of words still in use are reported beside the average, which hides them for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forecast.collapse import theory
from forecast.collapse.engine import Chain, Regime, run_chain
from forecast.collapse.learners.language import SENTENCE, TextLanguage, ZipfLanguage, rare_words
from forecast.collapse.regimes import parse_regimes
from forecast.collapse.validate import affordable, whole_number
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import InputError

DEFAULT_REGIMES = ("replace", "accumulate", "keep:0.1", "keep:0.5", "verification:0.9/0.3", "contamination:0.5")
"""Regimes that are compared where none is named."""

HIGHEST_WEIGHT = 0.8
"""Share of words that are written with the longest context; the next shorter one gets this share of the rest."""

FLOOR = 0.01
"""Probability that the evaluation spreads evenly over all words, so that a lost word costs much but not everything."""

_TEST_SENTENCES = 1000


@dataclass(frozen=True)
class Counts:
    """N-grams of one length, sorted by context.

    Parameters
    ----------
    contexts, starts : array of int
        Distinct contexts, and where each begins among the followers (one more entry than contexts).
    followers : array of int
        Words that followed, one entry an occurrence.
    grams, counts : array of int
        Distinct n-grams, sorted, and how often each occurred.
    """

    contexts: np.ndarray
    starts: np.ndarray
    followers: np.ndarray
    grams: np.ndarray
    counts: np.ndarray


class NgramLearner:
    """Human data are sentences of a language; a model is the n-gram counts of what it read.

    Parameters
    ----------
    language : ZipfLanguage or TextLanguage
        Where human sentences come from.
    rng : numpy.random.Generator
        Source of randomness.
    order : int
        Length of the longest n-gram, 1 to 4.
    """

    replicates = 1

    def __init__(self, language: ZipfLanguage | TextLanguage, rng: np.random.Generator, order: int) -> None:
        self._language, self._rng, self._order, self._words = language, rng, order, language.words
        weights = [HIGHEST_WEIGHT * (1 - HIGHEST_WEIGHT) ** place for place in range(order - 1)]
        self._weights = [*weights, 1 - sum(weights)][::-1]  # shortest context first
        self._test = language.sentences(_TEST_SENTENCES, rng)
        self._rare = rare_words(language.frequencies)

    def human(self, count: int) -> np.ndarray:
        """Return human sentences, shape (1, count, SENTENCE)."""
        return self._language.sentences(count, self._rng)[None]

    def write(self, model: Sequence[Counts], count: int) -> np.ndarray:
        """Return sentences of a model, shape (1, count, SENTENCE): each word copies a follower of its context."""
        text = np.full((count, SENTENCE + self._order - 1), self._words, dtype=np.int64)
        for place in range(self._order - 1, text.shape[1]):
            length = self._rng.choice(self._order, count, p=self._weights)
            word = self._follow(model[0], np.zeros(count, dtype=np.int64))[0]
            for size in range(1, self._order):
                drawn, known = self._follow(model[size], self._code(text[:, place - size : place]))
                word = np.where(known & (length >= size), drawn, word)
            text[:, place] = word
        return text[None, :, self._order - 1 :]

    def is_right(self, data: np.ndarray) -> np.ndarray:
        """Return which sentences follow the grammar of the language."""
        return self._language.licensed(data[0])[None]

    def digest(self, data: np.ndarray) -> np.ndarray:
        """Return the sentences themselves."""
        return data[0]

    def merge(self, digests: Sequence[np.ndarray]) -> np.ndarray:
        """Return all sentences together."""
        return np.concatenate(list(digests))

    def fit(self, digest: np.ndarray) -> list[Counts]:
        """Return the n-gram counts of every length, shortest first."""
        model = []
        for context, word in self._grams(digest):
            order = np.argsort(context, kind="stable")
            contexts, starts = np.unique(context[order], return_index=True)
            grams, counts = np.unique(context * (self._words + 1) + word, return_counts=True)
            model.append(Counts(contexts, np.append(starts, len(word)), word[order], grams, counts))
        return model

    def measure(self, model: Sequence[Counts]) -> Mapping[str, np.ndarray]:
        """Return perplexity on unread human text, loss on its rare words in nats, and words still in use."""
        loss = -np.log(self._probability(model, self._test))
        rare = self._rare[self._test]
        return {
            "perplexity": np.array([np.exp(loss.mean())]),
            # A tiny test text may hold no rare word at all; the average then stands in for them.
            "rare_loss": np.array([loss[rare].mean() if rare.any() else loss.mean()]),
            "vocabulary": np.array([float(len(model[0].grams))]),
        }

    def _probability(self, model: Sequence[Counts], sentences: np.ndarray) -> np.ndarray:
        probability, backed = np.zeros(sentences.size), np.zeros(sentences.size)
        for counts, weight, (context, word) in zip(model, self._weights, self._grams(sentences), strict=True):
            place = np.minimum(np.searchsorted(counts.contexts, context), len(counts.contexts) - 1)
            known = counts.contexts[place] == context
            gram = context * (self._words + 1) + word
            spot = np.minimum(np.searchsorted(counts.grams, gram), len(counts.grams) - 1)
            seen = np.where(counts.grams[spot] == gram, counts.counts[spot], 0)
            share = seen / (counts.starts[place + 1] - counts.starts[place])
            # An unknown context falls back on the next shorter one, as when writing.
            backed = np.where(known, share, backed)
            probability += weight * backed
        return ((1 - FLOOR) * probability + FLOOR / self._words).reshape(sentences.shape)

    def _follow(self, counts: Counts, context: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        place = np.minimum(np.searchsorted(counts.contexts, context), len(counts.contexts) - 1)
        start, size = counts.starts[place], counts.starts[place + 1] - counts.starts[place]
        drawn = counts.followers[start + (self._rng.random(len(context)) * size).astype(np.int64)]
        return drawn, counts.contexts[place] == context

    def _grams(self, sentences: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        before = np.full((len(sentences), self._order - 1), self._words, dtype=np.int64)
        text, first = np.concatenate([before, sentences], axis=1), self._order - 1
        word = sentences.ravel()
        found = []
        for size in range(self._order):
            columns = [text[:, first - back : first - back + SENTENCE].ravel() for back in range(size, 0, -1)]
            found.append((self._code(np.stack(columns, axis=1)) if size else np.zeros_like(word), word))
        return found

    def _code(self, words: np.ndarray) -> np.ndarray:
        code = np.zeros(len(words), dtype=np.int64)
        for column in words.T:
            code = code * (self._words + 1) + column
        return code


@dataclass(frozen=True)
class NgramResult:
    """Perplexity, loss on rare words and vocabulary by generation.

    Parameters
    ----------
    samples : int
        Words of the original data set.
    generations, replicates, order, seed : int
        Settings.
    language : str
        What the text is, and that it is counted by character where it is.
    words : int
        Size of the vocabulary.
    entropy : float or None
        Entropy of a word in nats, where it is known.
    frequencies : array, shape (word,)
        Probability of each word.
    chains : mapping of str to Chain
        What happened, by regime name.
    by_character : bool
        Whether the words are characters, as of a text in a script without spaces between words.
    """

    samples: int
    generations: int
    replicates: int
    order: int
    seed: int
    language: str
    words: int
    entropy: float | None
    frequencies: np.ndarray
    chains: Mapping[str, Chain]
    by_character: bool = False

    def curve(self, regime: str, measure: str) -> np.ndarray:
        """Return a measure by generation, averaged over replicates."""
        return self.chains[regime].metrics[measure].mean(axis=1)

    def theory(self) -> np.ndarray:
        """Return the vocabulary that theory expects where each generation replaces the one before."""
        return theory.expected_vocabulary(self.frequencies, self.samples, self.generations)[1:]

    def to_json(self) -> dict[str, Any]:
        """Return settings, curves and theory as plain numbers."""
        chains = []
        for name, chain in self.chains.items():
            simulation = {m: self.curve(name, m).tolist() for m in ("perplexity", "rare_loss", "vocabulary")}
            forms = {"vocabulary": self.theory().tolist()} if name == "replace" else {}
            chains.append({"regime": name, "title": chain.title, "simulation": simulation, "theory": forms})
        return {
            "schema": "collapse/1",
            "experiment": "ngram",
            "seed": self.seed,
            "language": self.language,
            "samples": self.samples,
            "generations": self.generations,
            "replicates": self.replicates,
            "order": self.order,
            "words": self.words,
            "entropy_nats": self.entropy,
            "chains": chains,
        }


def simulate_ngram(
    samples: int = 20_000,
    generations: int = 30,
    replicates: int = 3,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    seed: int = DEFAULT_SEED,
    order: int = 2,
    words: int | None = None,
    exponent: float = 1.0,
    text: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> NgramResult:
    """Train an n-gram model on its own text, under one regime after the other.

    Parameters
    ----------
    samples : int, default 20000
        Words of the original data set, made up of sentences of 8.
    generations : int, default 30
        Number of fits.
    replicates : int, default 3
        Histories that are averaged.
    regimes : sequence of str or Regime
        Regimes by name, or made by hand.
    seed : int
        The run's seed.
    order : int, default 2
        Length of the longest n-gram, 1 to 4.
    words : int, optional
        Vocabulary: 500 by default, 5000 at most for a text.
    exponent : float, default 1
        Zipf exponent of the generated language.
    text : pathlib.Path, optional
        A text file to use instead of the generated language.
    progress : callable, optional
        Called with the generation after each fit.

    Returns
    -------
    NgramResult
        All histories.

    Raises
    ------
    InputError
        If a setting makes no sense.
    MissingFileError
        If the text file is not there.

    Examples
    --------
    >>> result = simulate_ngram(samples=2000, generations=3, replicates=1, regimes=["replace"], words=100)
    >>> bool(result.curve("replace", "vocabulary")[2] <= 100)
    True
    """
    whole_number("words of text (--samples)", samples, minimum=SENTENCE)
    whole_number("generations", generations)
    whole_number("replicates", replicates)
    # Histories come one after another here: only the time adds up.
    affordable(samples, generations * replicates)
    if whole_number("words in the longest n-gram", order) > 4:
        raise InputError(f"n-grams of {order} words", "1 to 4", "choose a smaller order")
    if text is None:
        # Independent words (order 1) need no grammar; the anchors on discrete distributions are such a language.
        rng = generator(seed, "collapse", "ngram", "language")
        language: ZipfLanguage | TextLanguage = ZipfLanguage(rng, words or 500, exponent, 1 if order == 1 else None)
    else:
        language = TextLanguage(Path(text), words or 5000)
    sentences = samples // SENTENCE
    title = "a generated language with Zipf frequencies"
    if isinstance(language, TextLanguage):
        title = Path(str(text)).name + (", counted by character" if language.by_character else "")
    chains = {}
    for regime in parse_regimes(regimes):
        parts = []
        for replicate in range(replicates):
            rng = generator(seed, "collapse", "ngram", regime.name, str(replicate))
            learner = NgramLearner(language, rng, order)
            parts.append(run_chain(learner, regime, sentences, generations, rng, progress=progress))
        metrics = {name: np.concatenate([part.metrics[name] for part in parts], axis=1) for name in parts[0].metrics}
        chains[regime.name] = Chain(regime.name, regime.title, metrics)
    return NgramResult(
        samples=sentences * SENTENCE,
        generations=generations,
        replicates=replicates,
        order=order,
        seed=seed,
        language=title,
        words=language.words,
        entropy=language.entropy,
        frequencies=language.frequencies,
        chains=chains,
        by_character=isinstance(language, TextLanguage) and language.by_character,
    )
