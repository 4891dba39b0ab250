"""Frozen rounds as files: where a new one goes, how it is written, what was kept of their resolution."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecast.core.files import atomic_file
from forecast.errors import InputError, OutputError
from forecast.ingest.catalog import data_directory
from forecast.ingest.rounds import FOLDER, FORMAT, KEPT, digest, folder, names, read

NAME = re.compile(r"(trial-)?\d{4}H[12]")
"""How a round is named: the half-year in which it is frozen, and whether it is a trial."""


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


__all__ = [
    "FOLDER",
    "FORMAT",
    "KEPT",
    "NAME",
    "check_place",
    "digest",
    "folder",
    "names",
    "read",
    "read_kept",
    "write",
    "write_kept",
]
