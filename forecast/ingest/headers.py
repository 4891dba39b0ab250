"""What the name of a column says: whether it holds sizes of training sets, in which unit, and in which scale.

A name is read whole: every word of it has to be known, so that ``Training dataset size lower bound`` or
``Dataset size source`` is no size. ``tokens``, ``Training dataset size (billions of tokens)``, ``tokens (B)`` and
``n_tokens_trillions`` are sizes, in the unit and the scale that they state. Bytes and characters are refused: how many
of them make a token depends on the text (2 to 5 bytes at 95 %), which the person who measured them knows better.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

SCALES = {
    **dict.fromkeys(("k", "thousand", "thousands"), 3),
    **dict.fromkeys(("m", "mn", "mln", "million", "millions"), 6),
    **dict.fromkeys(("b", "bn", "bln", "billion", "billions"), 9),
    **dict.fromkeys(("t", "tn", "trn", "trillion", "trillions"), 12),
}
"""Words for powers of ten: the exponent, by the short scale, in which a billion is 1e9."""

UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("token", "tokens"), ("tokens", 1.0)),
    **dict.fromkeys(("word", "words"), ("words", 1.0)),
    **dict.fromkeys(("image", "images", "picture", "pictures", "photo", "photos"), ("images", 1.0)),
    **dict.fromkeys(("patch", "patches"), ("patches", 1.0)),
    **dict.fromkeys(("second", "seconds"), ("seconds", 1.0)),
    **dict.fromkeys(("hour", "hours"), ("seconds", 3600.0)),
    **dict.fromkeys(("sample", "samples", "example", "examples", "sentence", "sentences"), ("samples", 1.0)),
}
"""Words for units: the unit that they are counted in here, and how many of it one is."""

BYTES = frozenset(
    {"byte", "bytes", "character", "characters", "char", "chars", "bit", "bits"}
    | {f"{letter}{ending}" for letter in "kmgtp" for ending in ("b", "ib")}
    | {f"{word}bytes" for word in ("kilo", "mega", "giga", "tera", "peta")}
)
"""Words for units that cannot be turned into tokens without knowing the text."""

ACCEPTED = "tokens, words, images or another unit that is counted, such as 'tokens (billions)'"

_TEXT_UNITS = frozenset({"token", "tokens", "word", "words"})
_DATA = frozenset({"data", "dataset", "datasets", "corpus", "training", "pretraining", "trained"})
_FILLERS = frozenset({"of", "in", "on", "the", "set", "text", "pre", "number", "num", "no", "n", "count", "amount"})
_MEANINGS = ("gradients", "datapoints", "total")
_POWER = re.compile(r"(?:1e|10\^)(\d{1,2})")
_WORD = re.compile(r"(?:1e|10\^)\d{1,2}(?![\w^])|[^\W_]+")


@dataclass(frozen=True)
class SizeHeader:
    """What the name of a size column says.

    Parameters
    ----------
    layout : str
        One of `forecast.ingest.layouts.LAYOUTS`.
    unit : str, optional
        The unit that it states, in which its numbers times ``scale`` are counted.
    scale : float, default 1
        What its numbers are to be multiplied with.
    problem : str, default ""
        Why the column cannot be read, where it cannot.
    """

    layout: str
    unit: str | None = None
    scale: float = 1.0
    problem: str = ""


def plain_name(name: str) -> str:
    """Return a column's name in lower case, with single spaces for everything that people put between words.

    Examples
    --------
    >>> plain_name(" Publication_date"), plain_name("releaseDate"), plain_name("Open model weights?")
    ('publication date', 'release date', 'open model weights?')
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name)
    return re.sub(r"[\s_\-\ufeff]+", " ", parted).strip().lower()


def size_header(name: str, header: Collection[str] = ()) -> SizeHeader | None:
    """Tell what the name of a column says of the size of training sets.

    Examples
    --------
    >>> size_header("training dataset size (billions of tokens)")
    SizeHeader(layout='stated', unit='tokens', scale=1000000000.0, problem='')
    >>> size_header("training dataset size (datapoints)").layout, size_header("dataset size notes")
    ('datapoints', None)
    """
    if name == "quantity" and {"modality", "unit", "unit basis"} <= set(header):
        return SizeHeader("shipped")  # rows of `load_models`, saved
    words = _WORD.findall(name)
    deprecated = words[:1] == ["deprecated"]
    words = words[deprecated:]
    units = [word for word in words if word in UNITS]
    scales = [word for word in words if word in SCALES or _POWER.fullmatch(word)]
    unusable = [word for word in words if word in BYTES]
    meanings = [word for word in words if word in _MEANINGS]
    known = {"size", *_DATA, *_FILLERS, *units, *scales, *unusable, *meanings}
    said = set(words)
    of_data = bool(said & _DATA)
    counts = "size" in said and bool(of_data or units or unusable)
    if not said or said - known or not (counts or (of_data and (units or unusable)) or said & _TEXT_UNITS):
        return None
    unit, per = UNITS[units[0]] if units else (None, 1.0)
    scale = per * _scale(scales[0]) if scales else per
    if unusable:
        return SizeHeader("stated", problem=f"the unit {unusable[0]!r}")
    if len({UNITS[word] for word in units}) > 1 or len(scales) > 1:
        return SizeHeader("stated", problem="more than one unit")
    if scales == ["b"] and not units:
        return SizeHeader("stated", problem="the unit 'b', which can be billions or bytes")
    if deprecated:
        layout = "deprecated"
    elif unit == "words":
        layout, unit = "words", None
    elif unit is not None:
        layout = "stated"
    else:
        bare = "shipped" if {"dataset unit", "unit"} & set(header) else "plain"
        layout = next((meaning for meaning in _MEANINGS if meaning in meanings), bare)
    return SizeHeader(layout, unit, scale)


def unit_phrase(text: str) -> tuple[str, float] | None:
    """Read a unit that has a cell of its own.

    Examples
    --------
    >>> unit_phrase("Billion tokens"), unit_phrase("hours"), unit_phrase("GB")
    (('tokens', 1000000000.0), ('seconds', 3600.0), None)
    """
    words = [word for word in _WORD.findall(text.lower()) if word not in _FILLERS]
    units = [word for word in words if word in UNITS]
    scales = [word for word in words if word not in UNITS]
    if len(units) != 1 or len(scales) > 1 or any(word not in SCALES and not _POWER.fullmatch(word) for word in scales):
        return None
    unit, per = UNITS[units[0]]
    return unit, per * _scale(scales[0]) if scales else per


def _scale(word: str) -> float:
    power = _POWER.fullmatch(word)
    return 10.0 ** (int(power[1]) if power else SCALES[word])
