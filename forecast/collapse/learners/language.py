"""Languages for the n-gram experiment: one that the package generates, whose entropy is known, or the user's text.

The generated language has Zipf frequencies, exactly: words fall into classes, classes follow each other by a sparse
reversible chain, and inside its class a word is drawn by its frequency. The entropy rate is a closed form, and
which word may follow which is known, so that a verifier can tell right from wrong.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.special import xlogy

from forecast.collapse.validate import positive, whole_number
from forecast.collapse.words import words_of
from forecast.errors import InputError, MissingFileError

SENTENCE = 8
"""Words in a sentence (count)."""

RARE_MASS = 0.1
"""The rare words are the least frequent ones that make up this share of the language."""

_CLASSES = 20
_NEIGHBOURS = 4


class ZipfLanguage:
    """A seeded language with Zipf frequencies, sparse grammar and known entropy.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness, for the grammar.
    words : int, default 500
        Vocabulary.
    exponent : float, default 1
        Zipf exponent: the frequency of the k-th word is proportional to k^-exponent; 0 makes all alike.
    classes : int, optional
        Word classes; by default 20, or 1 (no grammar: words are independent) where there are fewer than 40 words.

    Examples
    --------
    >>> language = ZipfLanguage(np.random.default_rng(1), words=100)
    >>> bool(0 < language.entropy < np.log(100))
    True
    """

    def __init__(
        self, rng: np.random.Generator, words: int = 500, exponent: float = 1.0, classes: int | None = None
    ) -> None:
        whole_number("words", words, minimum=2)
        if exponent:
            positive("Zipf exponent", exponent)
        classes = (_CLASSES if words >= 2 * _CLASSES else 1) if classes is None else whole_number("classes", classes)
        if classes > words:
            raise InputError(f"{classes} classes of {words} words", "no more classes than words", "use fewer classes")
        weights = np.arange(1, words + 1, dtype=float) ** -exponent
        self.frequencies = weights / weights.sum()
        """Probability of each word, shape (word,)."""
        self._class = np.arange(words) % classes
        mass = np.bincount(self._class, self.frequencies)
        self._chain = _reversible_chain(mass, rng)
        self._within = [np.flatnonzero(self._class == c) for c in range(classes)]
        self._cumulated = [np.cumsum(self.frequencies[w]) / self.frequencies[w].sum() for w in self._within]
        self._mass = mass

    @property
    def words(self) -> int:
        """Size of the vocabulary."""
        return len(self.frequencies)

    @property
    def entropy(self) -> float:
        """Entropy of a word, given the one before, in nats: no model's cross-entropy can be lower."""
        inside = np.array([-xlogy(p := self.frequencies[w] / self.frequencies[w].sum(), p).sum() for w in self._within])
        between = -xlogy(self._chain, self._chain).sum(axis=1)
        # The first word of a sentence has no word before it, which the share 1/SENTENCE of the words pays for.
        first = -xlogy(self.frequencies, self.frequencies).sum()
        return float((self._mass @ (between + self._chain @ inside)) * (1 - 1 / SENTENCE) + first / SENTENCE)

    def sentences(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return human sentences."""
        steps, first = np.cumsum(self._chain, axis=1), np.cumsum(self._mass)
        last = len(first) - 1
        kinds = np.empty((count, SENTENCE), dtype=np.int64)
        kinds[:, 0] = np.searchsorted(first, rng.random(count))
        for place in range(1, SENTENCE):
            kinds[:, place] = (steps[np.minimum(kinds[:, place - 1], last)] < rng.random((count, 1))).sum(axis=1)
        kinds = np.minimum(kinds, last)
        words, u = np.empty_like(kinds), rng.random(kinds.shape)
        for kind, (inside, cumulated) in enumerate(zip(self._within, self._cumulated, strict=True)):
            here = kinds == kind
            words[here] = inside[np.minimum(np.searchsorted(cumulated, u[here]), len(inside) - 1)]
        return words

    def licensed(self, sentences: np.ndarray) -> np.ndarray:
        """Return which sentences follow the grammar: every word may follow the one before."""
        kinds = self._class[sentences]
        return (self._chain[kinds[:, :-1], kinds[:, 1:]] > 0).all(axis=1)


class TextLanguage:
    """The user's own text: its sentences are drawn again and again, its entropy is not known.

    Parameters
    ----------
    path : pathlib.Path
        A UTF-8 text file; where its script puts no spaces between words, it is counted by character.
    words : int, default 5000
        Vocabulary; rarer words become one.
    """

    entropy: float | None = None
    """Not known."""

    def __init__(self, path: Path, words: int = 5000) -> None:
        whole_number("words", words, minimum=2)
        found, self.by_character = words_of(read_text(path))
        if len(found) < 100 * SENTENCE:
            noun = "character" if self.by_character else "word"
            words_found = f"{len(found)} {noun}{'' if len(found) == 1 else 's'}"
            raise InputError(f"{words_found} in {path.name}", f"at least {100 * SENTENCE}", "give a longer text")
        names, numbers, counts = np.unique(np.array(found), return_inverse=True, return_counts=True)
        rank = np.empty(len(names), dtype=np.int64)
        rank[np.argsort(-counts, kind="stable")] = np.arange(len(names))
        numbers = np.minimum(rank[numbers], words - 1)
        self._sentences = numbers[: len(numbers) // SENTENCE * SENTENCE].reshape(-1, SENTENCE)
        self.frequencies = np.bincount(numbers) / len(numbers)
        """Share of each word in the text, shape (word,)."""
        self._pairs = np.unique(_pairs(self._sentences, self.words))

    @property
    def words(self) -> int:
        """Size of the vocabulary."""
        return len(self.frequencies)

    def sentences(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return sentences of the text, without repeating one while they last."""
        whole = len(self._sentences)
        order = np.concatenate([rng.permutation(whole) for _ in range(-(-count // whole))])
        return self._sentences[order[:count]]

    def licensed(self, sentences: np.ndarray) -> np.ndarray:
        """Return which sentences hold only pairs of words that occur in the text."""
        return np.isin(_pairs(sentences, self.words), self._pairs).all(axis=1)


def read_text(path: Path) -> str:
    """Return a user's text, or raise the one-line error."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path.name}, which is no UTF-8 text", "a plain text file", "save it as UTF-8") from None
    except OSError as error:
        raise MissingFileError(f"{path}: {error.strerror}", "a text file to read", "check the path") from None


def rare_words(frequencies: np.ndarray) -> np.ndarray:
    """Return which words are rare: the least frequent that together make up `RARE_MASS`, at least one.

    Examples
    --------
    >>> rare_words(np.array([0.5, 0.42, 0.05, 0.03])).tolist()
    [False, False, True, True]
    """
    order = np.argsort(frequencies, kind="stable")
    rare = np.zeros(len(frequencies), dtype=bool)
    rare[order[np.cumsum(frequencies[order]) <= RARE_MASS + 1e-12]] = True
    rare[order[0]] = True
    return rare


def _pairs(sentences: np.ndarray, words: int) -> np.ndarray:
    return sentences[:, :-1] * words + sentences[:, 1:]


def _reversible_chain(mass: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # A symmetric sparse pattern, scaled until its rows sum to the classes' masses, is the joint distribution of two
    # neighbouring classes: the chain then leaves the masses, and so the Zipf frequencies, as they are.
    size = len(mass)
    pattern = np.eye(size)
    for one in range(size):
        others = rng.choice(size, min(_NEIGHBOURS, size), replace=False)
        pattern[one, others] = pattern[others, one] = rng.uniform(0.5, 4.0, len(others))
    pattern = (pattern + pattern.T) / 2
    scale = np.sqrt(mass)
    for _ in range(2000):
        scale = np.sqrt(scale * mass / (pattern @ scale))
    joint = pattern * np.outer(scale, scale)
    return joint / joint.sum(axis=1, keepdims=True)
