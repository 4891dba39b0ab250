"""Frozen rounds as files: canonical content, its hash, where they lie, what was kept of their resolution."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecast.core.files import atomic_file
from forecast.errors import InputError, MissingFileError, OutputError, unknown_name
from forecast.ingest.catalog import data_directory

FORMAT = "round/1"
"""Layout of a frozen round."""

FOLDER = "rounds"
"""Folder of the frozen rounds, inside the folder of the tables."""

KEPT = "resolutions.json"
"""File, beside the rounds, of what questions came to when they first resolved."""

NAME = re.compile(r"(trial-)?\d{4}H[12]")
"""How a round is named: the half-year in which it is frozen, and whether it is a trial."""


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


def check_place(name: str, out: Path | None) -> Path:
    """Return where a new round goes; refuse a name, a package that is installed, or a round that is frozen."""
    if out is not None:
        place = out
    elif not NAME.fullmatch(name):
        raise InputError(f"the round {name!r}", "a half-year such as 2027H1", "choose another --name")
    elif not (data_directory().parent / "pyproject.toml").is_file():
        raise OutputError("an installed package", "a checkout of the repository", "give --out FILE")
    else:
        place = folder() / f"{name}.json"
    if place.exists():
        raise OutputError(
            f"{place}, which is there", "a new file", "a frozen round is never replaced: choose another name"
        )
    return place


def write(content: Mapping[str, Any], place: Path) -> str:
    """Write a round with its hash, which is returned."""
    if place.exists():
        raise OutputError(
            f"{place}, which is there", "a new file", "a frozen round is never replaced: choose another name"
        )
    sha256 = digest(content)
    with atomic_file(place) as temporary:
        _dump({**content, "sha256": sha256}, temporary)
    return sha256


def read_kept(directory: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return what was kept when questions first resolved, by round and question."""
    path = (directory or folder()) / KEPT
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_kept(kept: Mapping[str, Any], directory: Path | None = None) -> Path:
    """Keep what questions came to; only a checkout can."""
    if directory is None and not (data_directory().parent / "pyproject.toml").is_file():
        raise OutputError("an installed package", "a checkout of the repository", "leave --keep out")
    path = (directory or folder()) / KEPT
    with atomic_file(path) as temporary:
        _dump(kept, temporary)
    return path


def _dump(content: Mapping[str, Any], path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
