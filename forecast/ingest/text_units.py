"""Words or tokens: what the size of a text is counted in, decided row by row from all that the row says.

Epoch AI's field "(datapoints)" held words until about 2023 and tokens from 2025 on, under one name. Each row's log odds
for tokens are the sum of what its file's date says, what its notes state, and what its compute says against 6 N D. A
row whose odds are clear is read as one or the other; one that stays open is read as the middle, with the error that
this leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from forecast.core.units import WORDS_PER_TOKEN, words_to_tokens
from forecast.ingest.amounts import Amount, amounts

STATED = 9.0
"""Log odds of a number that the notes on the size give with its unit, or of a tag such as "[words]": next to certain,
so that only compute and date together leave it open; of 415 such rows of the published files 4 read wrong."""

CONVERTED = 6.0
"""Log odds of a number that is 3/4 of the stated tokens or 4/3 of the stated words (400 to 1): a slip of `NEAR`."""

MULTIPLIED = 3.0
"""Log odds of a number that is a product of what the notes state, such as gigabytes times words per gigabyte (20 to 1)."""

ELSEWHERE = 0.5
"""Weight of the notes on the data set and on compute: they speak of other numbers as well."""

NAMED = 1.5
"""Log odds where the notes on the size name only one of the two, beside no number that agrees (4 to 1): judgement."""

SEVERAL_KINDS = 2.0
"""Log odds for tokens of a multimodal model (7 to 1): there are no words of an image; judgement."""

PER_GIGABYTE = {"words": (2.0e8, 1.67e8), "tokens": (2.5e8, 2.67e8)}
"""What a gigabyte of text holds, as notes reckon it: words (English; German or Chinese), tokens (4 bytes; 4/3 words)."""

NEAR = 0.02
"""Numbers agree within this (relative): two digits, rounded."""

TURN = 2023.6
"""When half of what was written into the field was tokens (decimal year of a file's newest model): read off the
published files of 2023-12 and 2024-05, whose rows without a unit are half and two thirds tokens."""

TURN_STEEPNESS = 2.0
"""Log odds for tokens a year after the turn: the files of mid-2022 and mid-2025 are nearly all words and all tokens."""

RECENT = 2023.0
"""From this publication year on makers publish tokens (decimal year)."""

RECENT_ODDS = 2.0
"""Log odds that a model of `RECENT` or later is entered in tokens, beyond what the file's date says: 7 to 1."""

HELD_TOKENS = 3.5
"""Log odds for tokens in the layouts that hold tokens by name (33 to 1): about 1 in 30 of their rows states words."""

UNNAMED = 2.2
"""Log odds for tokens where the column does not say what it holds (9 to 1): judgement."""

CLEAR = 0.8
"""Probability from which a row is read as tokens, or, of the other side, as words; between, it stays open."""

# How far log10(C / (6 N D)) is off, as a mixture (share, sd): worked out from D; measured on hardware; roughly guessed.
_COMPUTE_ERRORS = ((0.4, 0.005), (0.3, 0.1), (0.2, 0.4))
_ELSEWHERE = 0.1 / 4 * np.sqrt(2 * np.pi)  # else anywhere within four decades: far off, compute says nothing


@dataclass(frozen=True)
class Notes:
    """What a row says in words.

    Parameters
    ----------
    size, dataset, compute : str
        Notes on the size, on the data set and on the training compute.
    """

    size: str
    dataset: str = ""
    compute: str = ""


def log_odds_from_notes(quantity: float, notes: Notes, *, trust_tags: bool = True) -> float:
    """Return the log odds for tokens against words that a row's notes give for its number.

    Examples
    --------
    >>> log_odds_from_notes(9e12, Notes("9 trillion carefully filtered tokens"))
    9.0
    >>> log_odds_from_notes(5.85e11, Notes("", compute="6 * 540e9 parameters * 780e9 tokens"))  # 780e9 x 0.75
    -3.0
    """
    told = 0.0
    for text, weight in ((notes.size, 1.0), (notes.dataset, ELSEWHERE), (notes.compute, ELSEWHERE)):
        found = amounts(text) if text else ()
        for strength, read in ((STATED, _same), (CONVERTED, _converted), (MULTIPLIED, _multiplied)):
            units = read(quantity, found)
            if units:
                told += weight * strength * (("tokens" in units) - ("words" in units))
                break
    text = notes.size.lower()
    for strength, token, word in ((STATED, "[tokens]", "[words]"), (NAMED, "token", "word")):
        if told == 0.0 and (trust_tags or strength != STATED):
            told = strength * ((token in text) - (word in text))
    return told


def _same(quantity: float, found: Sequence[Amount]) -> set[str]:
    """Return the units of text beside the row's own number."""
    return {a.unit for a in found if not a.per and a.unit in ("tokens", "words") and _near(quantity, a.number)}


def _converted(quantity: float, found: Sequence[Amount]) -> set[str]:
    """Return the units that the number has if it was turned from stated tokens into words, or the other way."""
    from_tokens = any(a.unit == "tokens" and _near(quantity, a.number * WORDS_PER_TOKEN) for a in found)
    from_words = any(a.unit == "words" and _near(quantity, words_to_tokens(a.number)) for a in found)
    return ({"words"} if from_tokens else set()) | ({"tokens"} if from_words else set())


def _multiplied(quantity: float, found: Sequence[Amount]) -> set[str]:
    """Return the units that the number has if it is a product of what the notes state."""
    units = set()
    for before, amount in pairwise(found):
        if not amount.times:
            continue
        if amount.unit in _TEXT and _near(quantity, before.number * amount.number):
            units.add(amount.unit)
        if not amount.unit:  # compute is worked out from tokens: the bare factor of 6 N D is their number
            units |= {"tokens"} if _near(quantity, amount.number) else set()
            units |= {"words"} if _near(quantity, amount.number * WORDS_PER_TOKEN) else set()
    gigabytes = [a.number * _GIGABYTES[a.unit] for a in found if a.unit in _GIGABYTES][:_FEW]
    counts = [a.number for a in found if a.unit == "samples"][:_FEW]
    texts = [a for a in found if a.unit in _TEXT]
    rates = [(a.number, a.unit) for a in texts if a.per or a.number < _LARGEST_RATE][:_FEW]
    if not texts:
        rates = [(rate, unit) for unit, usual in PER_GIGABYTE.items() for rate in usual]
    return units | {unit for rate, unit in rates for count in counts + gigabytes if _near(quantity, rate * count)}


_LARGEST_RATE = 3e8  # words or tokens of a document or a gigabyte
_GIGABYTES = {"gigabytes": 1.0, "terabytes": 1e3}
_TEXT = ("tokens", "words")
_FEW = 64  # so many rates and counts of a note are multiplied with one another: time stays linear


def _near(a: float, b: float) -> bool:
    return abs(a - b) < NEAR * b


def log_odds_from_compute(ratio: np.ndarray) -> np.ndarray:
    """Return the log odds for tokens against words that training compute gives.

    Examples
    --------
    >>> log_odds_from_compute(np.array([[1.0], [4 / 3], [100.0], [np.nan]])).round(1).tolist()
    [3.8, -3.8, -0.0, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log10(np.where(ratio > 0, ratio, np.nan))
    known = np.isfinite(gap)
    offset = np.log10(words_to_tokens(1.0))

    def density(at: np.ndarray) -> np.ndarray:
        total = sum(share / sd * np.exp(-0.5 * (at / sd) ** 2) for share, sd in _COMPUTE_ERRORS)
        return np.where(known, total, 0.0).sum(axis=1) + _ELSEWHERE

    return np.log(density(gap)) - np.log(density(gap - offset))


def log_odds_from_dates(published: np.ndarray, newest: float) -> np.ndarray:
    """Return the log odds for tokens that dates give a number in the field "(datapoints)".

    Examples
    --------
    >>> log_odds_from_dates(np.array([2019.0, 2025.0]), 2025.5).round(1).tolist()
    [3.8, 5.8]
    """
    return TURN_STEEPNESS * (newest - TURN) + np.where(published >= RECENT, RECENT_ODDS, 0.0)


def share_of_tokens(log_odds: np.ndarray) -> np.ndarray:
    """Return the probability of tokens, 0 or 1 where it is clear.

    Examples
    --------
    >>> share_of_tokens(np.array([3.0, 0.0, -3.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    p = probability(log_odds)
    return np.where(p >= CLEAR, 1.0, np.where(p <= 1 - CLEAR, 0.0, p))


def probability(log_odds: np.ndarray) -> np.ndarray:
    """Return the probability that belongs to log odds."""
    return 1 / (1 + np.exp(-np.clip(log_odds, -50, 50)))


def unit_sd(p: np.ndarray) -> np.ndarray:
    """Return the standard deviation of log10 size that the choice of unit leaves: 0.125 sqrt(p (1 - p))."""
    return np.log10(words_to_tokens(1.0)) * np.sqrt(p * (1 - p))
