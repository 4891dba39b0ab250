"""What one cell of a model table says: nothing, a modality, the unit that a note states."""

from __future__ import annotations

import difflib
import re

import pandas as pd

from forecast.core.units import WORDS_PER_TOKEN, words_to_tokens
from forecast.ingest.amounts import amounts

EMPTY = frozenset(
    {"", "nan", "na", "n/a", "#n/a", "<na>", "none", "null", "-", "\u2013", "\u2014", "?", "unknown", "tbd", "nat"}
)
"""Cells that say nothing (lower case)."""

MODALITIES = (
    "text", "multimodal", "image", "video", "audio", "code", "biology", "games", "robotics", "other",
)  # fmt: skip
"""Kinds of training data."""

TOO_MANY_IMAGES = 1e11
"""Images (count). The largest published collections hold about 1e10: larger numbers count words, tokens or patches."""

_SUFFIXES = {
    "trillion": "e12", "tn": "e12", "t": "e12", "billion": "e9", "bn": "e9", "b": "e9",
    "million": "e6", "mn": "e6", "m": "e6", "thousand": "e3", "k": "e3",
}  # fmt: skip


def is_empty(cells: pd.Series) -> pd.Series:
    """Tell which cells say nothing.

    Examples
    --------
    >>> is_empty(pd.Series(["", "n/a", "0"])).tolist()
    [True, True, False]
    """
    return cells.str.strip().str.lower().isin(EMPTY)


DOMAINS = (
    "Language", "Text", "Multimodal", "Vision", "Image", "Images", "Image generation", "Drawing", "Video", "Audio",
    "Speech", "Code", "Biology", "Medicine", "Games", "Robotics", "3D modeling", "3D reconstruction", "Cybersecurity",
    "Driving", "Earth science", "Materials science", "Mathematics", "Other", "Reading", "Recommendation", "Search",
    "Text-to-Video",
)  # fmt: skip
"""Labels of domains that are known: Epoch's of 2023 to 2026, and the kinds of data as they are called here."""


_SEPARATOR = re.compile(r"[,;|/]")


def unknown_domains(cells: pd.Series) -> list[str]:
    """Name the labels of domains that are not known, with the nearest that is.

    Examples
    --------
    >>> unknown_domains(pd.Series(["Language", "Langauge", ""]))
    ["2 rows have a domain that is not known and count as other: 'Langauge' (Language?), none at all"]
    """
    known = {label.lower(): label for label in DOMAINS}
    told = cells.map({text: _labels(text) - set(known) or not _labels(text) for text in cells.unique()})
    strange = cells[told.astype(bool)]
    if strange.empty:
        return []
    shown = []
    for text in list(dict.fromkeys(strange))[:4]:
        label = next((one.strip() for one in _SEPARATOR.split(text) if _labels(one) - set(known)), "")[:40]
        near = difflib.get_close_matches(label.lower(), known, n=1)
        shown.append(f"{label!r}{f' ({known[near[0]]}?)' if near else ''}" if label else "none at all")
    rows = "1 row has" if len(strange) == 1 else f"{len(strange)} rows have"
    words = f"{rows} a domain that is not known and {'counts' if len(strange) == 1 else 'count'} as other: "
    return [words + ", ".join(dict.fromkeys(shown))]


def _labels(domain: str) -> set[str]:
    return {re.sub(r"[\s_]+", " ", label).strip().lower() for label in _SEPARATOR.split(domain)} - {""}


def modality_of(domain: str, task: str = "") -> str:
    """Tell the kind of training data from Epoch's domain labels.

    Examples
    --------
    >>> modality_of("Language,Vision"), modality_of("Language"), modality_of("Language", "Code generation")
    ('multimodal', 'text', 'code')
    """
    labels = _labels(domain)
    text, audio = bool(labels & {"language", "text"}), bool(labels & {"audio", "speech"})
    image, video = bool(labels & {"vision", "image generation", "image", "images", "drawing"}), "video" in labels
    if "multimodal" in labels or (text and (labels & {"vision", "video"})):
        return "multimodal"
    if labels & {"biology", "medicine"}:
        return "biology"
    for name in ("robotics", "games"):
        if name in labels:
            return name
    if image and "image generation" in labels:
        return "image"
    for there, name in ((video, "video"), (image, "image"), (audio, "audio")):
        if there:
            return name
    tasks = [one.strip().lower() for one in re.split(r"[,;]", task) if one.strip()]
    if "code" in labels or (labels == {"language"} and tasks and all(one.startswith("code") for one in tasks)):
        return "code"
    return "text" if text else "other"


_TAG = re.compile(r"\[(tokens|words|images)\]", re.IGNORECASE)
_DATA = ("tokens", "words", "images", "patches", "hours", "seconds", "samples")
_PATCHES = tuple(k * k + extra for k in (7, 8, 14, 16, 24, 27, 32, 64) for extra in (0, 1))  # patches an image


def unit_from_notes(quantity: float, notes: str, *, trust_tags: bool = True) -> str | None:
    """Find the unit that a row's notes state for its number.

    A unit counts only with a number that agrees with the row's: the same number (within 2 %), the number of words
    or tokens that makes it at 0.75 words per token, or a number of images that makes it at a usual number of patches
    an image. Where two units agree with it, the notes decide nothing. A tag such as ``[words]`` counts last.

    Examples
    --------
    >>> unit_from_notes(2e12, "2 trillion tokens ~= 1.5 trillion words")
    'tokens'
    >>> unit_from_notes(5.85e11, "trained on 780B tokens")  # as words: 780e9 x 0.75
    'words'
    """
    same, derived = set(), set()
    for amount in amounts(notes):
        ratio, unit = quantity / amount.number, amount.unit
        if amount.per or unit not in _DATA:
            continue
        if unit == "hours":
            if abs(ratio / 3600 - 1) < 0.02:
                same.add("seconds")
        elif abs(ratio - 1) < 0.02:
            same.add(unit)
        elif unit == "words" and abs(ratio / words_to_tokens(1.0) - 1) < 0.02:
            derived.add("tokens")
        elif unit == "tokens" and abs(ratio / WORDS_PER_TOKEN - 1) < 0.02:
            derived.add("words")
        elif unit == "images" and any(abs(ratio / patches - 1) < 0.003 for patches in _PATCHES):
            derived.add("patches")
    for units in (same, derived):
        if units:
            return units.pop() if len(units) == 1 else None
    tags = {tag.lower() for tag in _TAG.findall(notes)} if trust_tags else set()
    return tags.pop() if len(tags) == 1 else None


# Digits are counted and begin where a number begins, so that a long run of them is read once.
_ACTIVE_IN_NAME = re.compile(r"-A(\d{1,6}(?:\.\d{1,6})?)B\b")
_COUNT = r"(?<![\d.])(\d{1,6}(?:\.\d{1,6})?)\s?(trillion|billion|million|t|b|m)"
_ACTIVE_IN_NOTES = re.compile(
    rf"{_COUNT}\s(?:of (?:them|which)\s)?(?:parameters\s)?(?:are\s|is\s)?activ(?:e|ated)\b"
    rf"|activ(?:e|ated)(?: parameters?)?\s?(?:of|is|:|=|are)?\s?~?{_COUNT}\b",
    re.IGNORECASE,
)


def active_parameters_of(model: str, notes: str) -> float:
    """Read the number of active parameters from a model's name or from the notes on its parameters.

    Examples
    --------
    >>> active_parameters_of("Qwen3-235B-A22B", ""), active_parameters_of("X", "671B total and 37B activated")
    (22000000000.0, 37000000000.0)
    """
    named = _ACTIVE_IN_NAME.search(model)
    if named:
        return float(named[1]) * 1e9
    match = _ACTIVE_IN_NOTES.search(notes)
    if match is None:
        return float("nan")
    return float(match[1] or match[3]) * float("1" + _SUFFIXES[(match[2] or match[4]).lower()])
