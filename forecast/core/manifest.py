"""The manifest of a folder: what in it is ours, what is not, and what was changed since.

A folder is ours when its ``manifest.json`` says so. One of version 0.1.0 says nothing; it counts as ours when it
lists a ``forecast.json`` of schema forecast/1 with the right hash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from forecast.core.files import MADE_BY, sha256_of
from forecast.errors import OutputError
from forecast.text import some

MANIFEST = "manifest.json"
"""The list of a folder's files with their hashes."""

FORMAT = "run/1"
"""Version of a run folder's layout."""

_OLD_DOCUMENT, _OLD_SCHEMA = "forecast.json", "forecast/1"
"""What version 0.1.0 always wrote into a run folder."""

_LARGEST = 1_000_000
"""A longer manifest is none of ours: one of a baseline with its report has 3 kB (bytes)."""

_FOR_MACHINES = (".json", ".nc")
"""Files that a run makes again and that nobody writes notes into; when damaged they are no reason to refuse."""

_SHOWN = 3  # names in a message


def write_manifest(folder: Path, **more: Any) -> None:
    """Write ``manifest.json``: every file of a folder with its SHA-256."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    listing = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    content = {"made_by": MADE_BY, "format": FORMAT, **more, "files": listing}
    (folder / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Mapping[str, Any] | None:
    """Read the manifest of a folder of ours."""
    path = folder / MANIFEST
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        said = json.loads(path.read_text(encoding="utf-8"))
        listed = {str(name): str(digest) for name, digest in said["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    ours = said.get("made_by") == MADE_BY and str(said.get("format", "")).partition("/")[0] == "run"
    return {**said, "files": listed} if ours or _is_of_version_0_1(folder, listed) else None


def foreign_in(folder: Path, listed: Collection[str]) -> list[str]:
    """Name what lies in a folder and is in no manifest."""
    return [name for name in _unlisted(folder, listed) if name != MANIFEST]


def refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that holds anything but what its manifest lists, as it was written."""
    manifest = read_manifest(folder)
    listed = {} if manifest is None else manifest["files"]
    foreign = list(_unlisted(folder, ())) if manifest is None else foreign_in(folder, listed)
    if foreign:
        what = "which is not a run folder: it holds" if manifest is None else "a run folder that also holds"
        raise OutputError(
            f"{folder}, {what} {some(foreign, _SHOWN)}",
            "a new folder, an empty one, or a run folder with nothing else in it",
            "choose another --out" if manifest is None else "move that elsewhere or choose another --out",
        )
    edited = [name for name in listed if not name.endswith(_FOR_MACHINES) and _differs(folder / name, listed[name])]
    if edited:
        raise OutputError(
            f"{folder}, a run folder in which {some(edited, _SHOWN)} changed since it was written",
            "files as the run wrote them, since they are replaced",
            "move what you edited elsewhere, or choose another --out",
        )


def _unlisted(folder: Path, listed: Collection[str], within: str = "") -> Iterator[str]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        name = within + entry.name
        if entry.is_dir(follow_symlinks=False):
            if any(known.startswith(f"{name}/") for known in listed):
                yield from _unlisted(Path(entry.path), listed, f"{name}/")
            else:
                yield f"{name}/"
        elif name not in listed or not entry.is_file(follow_symlinks=False):
            yield name


def _is_of_version_0_1(folder: Path, listed: Mapping[str, str]) -> bool:
    document = folder / _OLD_DOCUMENT
    if _OLD_DOCUMENT not in listed or document.is_symlink() or _differs(document, listed[_OLD_DOCUMENT]):
        return False
    try:
        return json.loads(document.read_text(encoding="utf-8"))["schema"] == _OLD_SCHEMA
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _differs(path: Path, digest: str) -> bool:
    """Tell whether a file is not as listed; one that is gone has nothing to lose."""
    return path.is_file() and sha256_of(path) != digest
