"""What the versions of this package's parts promise, as it was last kept: read here, computed nowhere below `evaluate`.

A part is a growth member, a lever, the random streams, the scores and so on. `fingerprints.json` holds, for each, its
version and a hash of what it gives on fixed inputs: values, not code. Words, names and layout may change freely; what
behaves otherwise needs a new version (`forecast.evaluate.fingerprints`, which makes and checks the file). The keys of
kept fits and the freshness of stored results rest on it.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from forecast.errors import MissingFileError, unknown_name

FILE = Path(__file__).parents[1] / "fingerprints.json"
"""Where they are kept; it ships with the package."""

FORMAT = "fingerprints/1"
"""Layout of the file."""

EVALUATIONS = "evaluations"
"""Group of the parts that stand for stored results: they have a version and no values."""

OWN_TABLES = "own_tables"
"""Group of the parts that only tables of a user's own meet: no stored result hangs on them."""


@functools.cache
def kept() -> Mapping[str, Mapping[str, Any]]:
    """Return the fingerprints as they are kept, by the name of the part: ``version``, ``sha256``, ``tables``."""
    try:
        document = json.loads(FILE.read_text(encoding="utf-8"))
        if document["schema"] != FORMAT:
            raise ValueError
        return dict(document["parts"])
    except (OSError, ValueError, KeyError, TypeError):
        raise MissingFileError(
            f"{FILE}, which cannot be read", f"fingerprints of layout {FORMAT}", "install the package again"
        ) from None


def version(name: str) -> int:
    """Return the version of a part.

    Examples
    --------
    >>> version("core/streams") >= 1
    True
    """
    if name not in kept():
        raise unknown_name("fingerprint", name, kept())
    return int(kept()[name]["version"])


def marks(without: Iterable[str] = ()) -> dict[str, str]:
    """Return version and hash of every part but some, or some groups: what a result is stored with."""
    left = {EVALUATIONS, OWN_TABLES, *without}
    return {
        name: f"{part['version']}:{part['sha256'][:16]}" for name, part in kept().items() if not named_in(name, left)
    }


def named_in(part: str, names: Collection[str]) -> bool:
    """Return whether a part is among some, by its own name or its group's.

    Examples
    --------
    >>> [named_in("levers/access", names) for names in (["levers"], ["levers/access"], ["levers/price"])]
    [True, True, False]
    """
    return part in names or part.partition("/")[0] in names


@functools.cache
def digest() -> str:
    """Return one hash for everything that this version of the package promises, 64 hexadecimal digits."""
    from forecast import __version__

    promised = json.dumps([__version__, kept()], sort_keys=True)
    return hashlib.sha256(promised.encode()).hexdigest()
