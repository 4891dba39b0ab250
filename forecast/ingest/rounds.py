"""Frozen rounds as they ship: found by name, read, held to the hash with which they were frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecast.errors import InputError, MissingFileError, unknown_name
from forecast.ingest.catalog import data_directory

FORMAT = "round/1"
"""Layout of a frozen round."""

FOLDER = "rounds"
"""Folder of the frozen rounds, inside the folder of the tables."""

KEPT = "resolutions.json"
"""File, beside the rounds, of what questions came to when they first resolved."""


def folder() -> Path:
    """Return where the shipped rounds lie."""
    return data_directory() / FOLDER


def names(directory: Path | None = None) -> list[str]:
    """Return the names of the shipped rounds, oldest half-year first, trials before rounds that count."""
    found = (path.stem for path in (directory or folder()).glob("*.json") if path.name != KEPT)
    return sorted(found, key=lambda name: (name.removeprefix("trial-"), not name.startswith("trial-")))


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a round's content without the hash itself.

    Examples
    --------
    >>> digest({"round": "2026H2"}) == digest({"sha256": "x", "round": "2026H2"})
    True
    """
    rest = {key: value for key, value in content.items() if key != "sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(name: str, directory: Path | None = None) -> dict[str, Any]:
    """Read a shipped round, or a file of the user's own, and hold it to its hash."""
    path = Path(name)
    if path.suffix != ".json":
        if name not in names(directory):
            raise unknown_name("round", name, names(directory))
        path = (directory or folder()) / f"{name}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != FORMAT:
            raise ValueError
        stated, own = content["sha256"], digest(content)
    except FileNotFoundError:
        raise MissingFileError(f"no file {path}", "a frozen round", "check the path") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}, which cannot be read", f"a round of layout {FORMAT}", "restore the file") from None
    if stated != own:
        raise InputError(
            f"{path} with the SHA-256 {own[:12]}", f"{str(stated)[:12]}, with which it was frozen", "restore the file"
        )
    return dict(content)


def newest(directory: Path | None = None) -> dict[str, Any] | None:
    """Return the newest round that counts, else the newest trial; None where there is none."""
    found = [read(name, directory) for name in names(directory)]
    return next((one for one in reversed(found) if not one["trial"]), found[-1] if found else None)
