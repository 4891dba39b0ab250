"""What the transformer reads: a generated language of known entropy, spelled out in letters, or a human text.

Both give passages: rows of letters of one length, each letter a whole number, its place in the alphabet.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path
from typing import Protocol

import numpy as np

from forecast.collapse.learners.language import SENTENCE, ZipfLanguage, rare_words, read_text
from forecast.collapse.words import words_of
from forecast.errors import InputError
from forecast.ingest.catalog import data_directory

SHAKESPEARE = "shakespeare"
"""Name of the text that ships, where a file is asked for."""

SHAKESPEARE_FILE = "tiny_shakespeare.txt"
SHAKESPEARE_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
"""The file as it ships, so that results on it can be compared; see ``data/README.md`` for where it comes from."""

SPELLED = 3
"""Letters of a word of the generated language, the space or the end of the line after it among them (count)."""

HELD = 400
"""Passages that no model reads, on which all are measured (count)."""

HELD_SHARE = 0.1
"""Share of a human text, its end, from which these are taken."""

ALPHABET = 200
"""Letters of an alphabet at most; rarer ones of a text become one (count)."""

SHORTEST = 20_000
"""Letters of a human text at least: a shorter one teaches nothing that could be forgotten (count; judgement)."""

FEWEST = 100
"""Words of a human text at least, where passages can begin (count; judgement)."""

_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_WORD = re.compile(r"\w+")


class Text(Protocol):
    """Where human passages come from.

    `held` are passages that no model reads, `rare` says which of their letters belong to rare words, `opening` is how
    the prompt reads, and a passage begins after one of the letters `breaks`.
    """

    title: str
    alphabet: str
    entropy: float | None
    held: np.ndarray
    rare: np.ndarray
    opening: str
    breaks: str

    def human(self, replicates: int, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return passages of people, shape (replicate, count, context)."""

    def right(self, passages: np.ndarray) -> np.ndarray:
        """Return which passages an infallible verifier would call right, shape (replicate, count)."""


def spell(text: Text, letters: np.ndarray) -> str:
    """Return letters as people read them."""
    return "".join(np.array(list(text.alphabet))[np.asarray(letters)])


class SpelledLanguage:
    """Sentences of `ZipfLanguage`, each word spelled with two letters of its own; a passage is a sentence.

    Spelling adds no surprise: the entropy of a letter is that of a word divided by the letters of a word.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness, for grammar, spelling and held-out sentences.
    words : int, default 60
        Vocabulary.

    Examples
    --------
    >>> language = SpelledLanguage(np.random.default_rng(1))
    >>> len(spell(language, language.held[0]).split())
    8
    """

    title = "a generated language with Zipf frequencies"
    breaks = "\n"

    def __init__(self, rng: np.random.Generator, words: int = 60) -> None:
        self.alphabet = "".join(sorted({*_CONSONANTS, *_VOWELS, " ", "\n"}))
        every = [consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS]
        if words > len(every):
            raise InputError(f"{words} words", f"at most {len(every)}", "use a smaller vocabulary")
        self._language = ZipfLanguage(rng, words)
        spelled = [[self.alphabet.index(letter) for letter in every[place]] for place in rng.permutation(len(every))]
        self._spelled = np.array(spelled[:words])
        self._known = np.full(len(self.alphabet) ** 2, words)
        self._known[self._code(self._spelled)] = np.arange(words)
        self.entropy: float | None = self._language.entropy / SPELLED
        sentences = self._language.sentences(HELD, rng)
        self.held = self._spell(sentences)
        rare = rare_words(self._language.frequencies)[sentences]
        self.rare = np.repeat(rare, SPELLED, axis=1)
        self.opening = spell(self, self.held[0, : 3 * SPELLED])

    def human(self, replicates: int, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return sentences, shape (replicate, count, SENTENCE * SPELLED)."""
        return self._spell(self._language.sentences(replicates * count, rng)).reshape(replicates, count, -1)

    def right(self, passages: np.ndarray) -> np.ndarray:
        """Return which passages are sentences: every word known, and licensed after the one before."""
        letters = passages.reshape(-1, SENTENCE, SPELLED)
        words = self._known[self._code(letters[..., :2])]
        known = (words < self._language.words).all(axis=1)
        grammatical = self._language.licensed(np.minimum(words, self._language.words - 1))
        return (known & grammatical).reshape(passages.shape[:2])

    def _code(self, letters: np.ndarray) -> np.ndarray:
        return letters @ len(self.alphabet) ** np.arange(2)

    def _spell(self, sentences: np.ndarray) -> np.ndarray:
        after = np.full((*sentences.shape, 1), self.alphabet.index(" "))
        after[:, -1] = self.alphabet.index("\n")
        return np.concatenate([self._spelled[sentences], after], axis=2).reshape(len(sentences), -1)


class HumanText:
    """A text of people: passages begin with its words, its last tenth is held out, its entropy is not known.

    Parameters
    ----------
    text : str
        The text.
    title : str
        How it is called.
    context : int, default 32
        Letters of a passage.
    """

    entropy: float | None = None
    breaks = " \n"

    def __init__(self, text: str, title: str, context: int = 32) -> None:
        text = unicodedata.normalize("NFC", text)
        if len(text) < SHORTEST:
            raise InputError(f"{len(text):,} letters in {title}", f"at least {SHORTEST:,}", "give a longer text")
        names, numbers, counts = np.unique(np.array(list(text)), return_inverse=True, return_counts=True)
        common = np.sort(np.argsort(-counts, kind="stable")[:ALPHABET])
        self.title, self.alphabet = title, "".join(names[common]) + "\ufffd" * (len(names) > ALPHABET)
        place = np.full(len(names), len(common))
        place[common] = np.arange(len(common))
        self._letters, self._context = place[numbers], context
        by_character = words_of(text[: 10 * SHORTEST])[1]
        spans = [(at, at + 1) for at in range(len(text))] if by_character else [m.span() for m in _WORD.finditer(text)]
        split = int(len(text) * (1 - HELD_SHARE))
        starts = np.array([first for first, _ in spans])
        self._starts = starts[starts < split - context]
        if len(self._starts) < FEWEST:
            raise InputError(
                f"{len(self._starts)} words to read in {title}", f"at least {FEWEST}", "give a longer text"
            )
        words = [text[first:last].lower() for first, last in spans]
        kinds, which, seen = np.unique(np.array(words), return_inverse=True, return_counts=True)
        self._words = set(kinds.tolist())
        rare = np.zeros(len(text), dtype=bool)
        for word in np.flatnonzero(rare_words(seen / seen.sum())[which]):
            rare[slice(*spans[word])] = True
        ends = np.linspace(split, len(text) - context, HELD).astype(int)
        self.held, self.rare = self._cut(self._letters, ends), self._cut(rare, ends)
        begin = int(starts[min(int(np.searchsorted(starts, split)), len(starts) - 1)])
        self.opening = re.sub(r"\s\S*$", "", text[begin : begin + context // 2])  # ends with a whole word

    def human(self, replicates: int, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return passages from random places of the text, shape (replicate, count, context)."""
        return self._cut(self._letters, rng.choice(self._starts, (replicates, count)))

    def right(self, passages: np.ndarray) -> np.ndarray:
        """Return which passages hold only words of the text; the last word may be cut off and is not judged."""
        lines = ("".join(row) for row in np.array(list(self.alphabet))[passages].reshape(-1, passages.shape[-1]))
        found = [all(word.lower() in self._words for word in _WORD.findall(line)[:-1]) for line in lines]
        return np.array(found).reshape(passages.shape[:2])

    def _cut(self, values: np.ndarray, starts: np.ndarray) -> np.ndarray:
        return values[starts[..., None] + np.arange(self._context)]


def text_of(text: str | Path | None, rng: np.random.Generator) -> Text:
    """Return the generated language where no text is named, the text that ships by its name, else the user's file."""
    if text is None:
        return SpelledLanguage(rng)
    if str(text) == SHAKESPEARE:
        return HumanText(shakespeare(), "tiny Shakespeare")
    return HumanText(read_text(Path(text)), Path(text).name)


def shakespeare() -> str:
    """Return the text that ships.

    Examples
    --------
    >>> shakespeare()[:14]
    'First Citizen:'
    """
    path = data_directory() / SHAKESPEARE_FILE
    text = read_text(path)
    if hashlib.sha256(text.encode()).hexdigest() != SHAKESPEARE_SHA256:
        raise InputError(f"{path}, which was changed", "the text as it ships", "install the package again")
    return text
