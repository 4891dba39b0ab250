"""Results that take long to make, as they were stored: read back, and said to be stale where they no longer fit.

A stored result is ``data/results/<name>.json``; `forecast.evaluate.store` makes it. It ships with the package, so that
a report can show it at once. It records what made it: the version of its evaluation, seed and settings, the hashes of
its tables, the keys of its fits, and the fingerprints of every part of the package that can concern it. Where one of
them is not what it was, the result is still shown, as stale, with what to run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.core import fingerprints
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import InputError, MissingFileError
from forecast.ingest.catalog import UNLICENSED, data_directory, tables, unlicensed

FORMAT = "result/2"
"""Layout of a stored result."""

MAKE = "make evaluate"
"""What makes stored results again."""

FOLDER = "results"
"""Folder of the stored results, inside the folder of the tables."""


@dataclass(frozen=True)
class StoredResult:
    """A stored result and whether it still fits.

    Parameters
    ----------
    name : str
        Its name.
    content : Any
        What was stored, JSON-ready.
    made : str
        ISO date and time of its making.
    inputs : mapping of str to Any
        What made it: ``evaluation``, ``seed``, ``settings``, ``tables``, ``fits``, ``fingerprints``.
    changed : tuple of str
        Names of what is not as it was.
    """

    name: str
    content: Any
    made: str
    inputs: Mapping[str, Any]
    changed: tuple[str, ...]

    @property
    def stale(self) -> bool:
        """Whether anything that made it has changed since."""
        return bool(self.changed)

    def sentence(self) -> str:
        """Say when it was made and, where it is stale, why and what to run."""
        made = f"The stored result {self.name}, made on {self.made[:10]}"
        if not self.stale:
            return f"{made}, fits the data and the code in use."
        shown = ", ".join(self.changed[:_NAMED])
        more = len(self.changed) - _NAMED
        named = f"{shown} and {more} more" if more > 0 else shown
        return f"{made}, is stale ({named} changed since): run {MAKE}."


_NAMED = 4
"""Changes that a sentence names (count)."""


def read(name: str, settings: Mapping[str, Any] | None, *, directory: Path | None = None) -> StoredResult:
    """Read a stored result and hold it against what is in use now, but for parts that cannot concern it."""
    path = path_of(name, directory)
    if not path.is_file():
        raise MissingFileError(f"no stored result {name!r} ({path})", "one that was made before", f"run `{MAKE}`")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != FORMAT:
            raise ValueError
        made, content, inputs = str(document["made"]), document["content"], dict(document["inputs"])
        changed = changed_since(name, inputs, settings)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}, which cannot be read", f"a result of layout {FORMAT}", f"run `{MAKE}`") from None
    return StoredResult(name, content, made, inputs, changed)


def changed_since(name: str, inputs: Mapping[str, Any], settings: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Name what is no longer as it was when a result was made.

    What is new since (a member, a lever, a table) had no part in it and changes nothing.
    """
    found = []
    known = fingerprints.kept().get(f"{fingerprints.EVALUATIONS}/{name}", {})
    if inputs["evaluation"] != known.get("version"):
        found.append("the evaluation")
    if inputs["seed"] != DEFAULT_SEED:
        found.append("the default seed")
    if settings is not None:
        before, now = inputs["settings"], json.loads(json.dumps(settings))
        found += [key for key in sorted({*before, *now}) if before.get(key) != now.get(key)]
    here = {entry.name: entry.sha256 for entry in (*tables(), *unlicensed())}
    # What no package carries is not there to be compared where one is installed.
    read = {key: value for key, value in inputs["tables"].items() if key in here or not key.endswith(f"_{UNLICENSED}")}
    found += [f"table {key}" for key, value in read.items() if here.get(key) != value]
    marks, without = fingerprints.marks(), known.get("without", ())
    before = {key: value for key, value in inputs["fingerprints"].items() if not fingerprints.named_in(key, without)}
    return (*found, *(key for key, value in before.items() if marks.get(key) != value))


def exists(name: str, directory: Path | None = None) -> bool:
    """Return whether a result is stored, without asking whether it is still good."""
    return path_of(name, directory).is_file()


def path_of(name: str, directory: Path | None = None) -> Path:
    """Return where a result is stored."""
    if not name.replace("_", "").replace("-", "").isalnum():
        raise InputError(f"a result named {name!r}", "letters, digits, hyphens and underscores", "choose another name")
    return (data_directory() / FOLDER if directory is None else directory) / f"{name}.json"
