"""What a probe is: a part of the package, its version, and what it gives on fixed inputs, as a hash of rounded values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

import numpy as np

DIGITS = 9
"""Significant digits that count: what lies beyond differs from one processor to the next."""

NOTHING = 1e-11
"""Values nearer to zero count as zero: they are what rounding leaves of differences."""

SHOWN = 4
"""Values that the file shows beside the hash, so that a reader sees what moved (count)."""


@dataclass(frozen=True)
class Probe:
    """A part of the package and what it promises.

    Parameters
    ----------
    name : str
        Group and name, such as ``"levers/quality"``.
    version : int
        Raised whenever the part gives something else on purpose.
    values : callable
        Returns arrays, numbers, words, and lists and mappings of them; always the same for the same version.
    where : str
        Where the version is raised.
    rests_on : tuple of str
        Parts that this one uses: where one of them has a new version, this one may give something else under its own.
    tables : tuple of str
        Shipped tables that its values rest on: where one has changed, so may they.
    without : tuple of str
        Of a part that stands for a stored result: the other parts, or groups of them, that cannot concern it.
    slow : bool
        Whether it takes seconds, so that the fast tests leave it to the slow ones.
    """

    name: str
    version: int
    values: Callable[[], Any]
    where: str
    rests_on: tuple[str, ...] = ("core/streams",)
    tables: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    slow: bool = False


def measured(probe: Probe, tables: Mapping[str, str]) -> dict[str, Any]:
    """Return a part's fingerprint, as the file keeps it."""
    with np.errstate(all="ignore"):
        texts = list(flat(probe.values()))
    found: dict[str, Any] = {
        "version": probe.version,
        "sha256": hashlib.sha256("\n".join(texts).encode()).hexdigest(),
    }
    if texts:
        found["values"] = texts[:: max(1, len(texts) // SHOWN)][:SHOWN]
    if probe.without:
        found["without"] = sorted(probe.without)
    return found | ({"tables": {name: tables[name] for name in probe.tables}} if probe.tables else {})


def flat(value: Any) -> Iterator[str]:
    """Yield the texts of everything inside a value, numbers rounded.

    Examples
    --------
    >>> list(flat({"a": [1, 1 / 3], "b": None}))
    ['a', '1', '3.33333333e-01', 'b', 'None']
    """
    if isinstance(value, Mapping):
        for key in value:
            yield str(key)
            yield from flat(value[key])
    elif is_dataclass(value) and not isinstance(value, type):
        yield from flat(asdict(value))
    elif isinstance(value, np.generic):
        yield from flat(value.item())
    elif isinstance(value, np.ndarray):
        for item in value.ravel().tolist():
            yield from flat(item)
    elif hasattr(value, "values") and not callable(value.values):
        yield from flat(np.asarray(value.values))
    elif isinstance(value, list | tuple | set | frozenset):
        for item in sorted(value, key=str) if isinstance(value, set | frozenset) else value:
            yield from flat(item)
    elif isinstance(value, float):
        yield f"{0.0 if abs(value) < NOTHING else value:.{DIGITS - 1}e}"
    else:
        yield str(value)
