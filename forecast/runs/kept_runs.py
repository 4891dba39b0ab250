"""Whole runs kept on disk: a run that is asked for again, of the same tables by the same code, is not computed again.

The key holds all that a run is made of: the scenario's text, the options, the versions of libraries, the day, and size and
time of every file of this package, its tables and its stored results. What is kept is a run folder, whole or absent, that its
manifest holds to the byte. A run of a table of the user's own, of rows that were added, or with parts that are registered
in one's own code is not kept, nor is one that told its user something.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.files import remove_leftovers, sha256_of
from forecast.core.folders import swapped_folder
from forecast.core.manifest import MANIFEST, read_manifest, write_manifest
from forecast.errors import OutputError
from forecast.fits import kept_parts
from forecast.fits.kept import cache_folder, versions
from forecast.fits.sampling import Sampling
from forecast.text import json_text

if TYPE_CHECKING:
    from forecast.runs.document_types import Document
    from forecast.runs.forecast import Forecast

FORMAT = "kept run/1"
"""Version of what is kept; a new one leaves old entries unused."""

MOST = 6
"""Runs kept (count), the oldest go first: 14 MB each; judgement. With 0 none is kept and none found."""

_DOCUMENT, _TRAJECTORIES = "forecast.json", "trajectories.nc"
_NOT_OF_THE_RUN = ("command", "created")
"""What of a document's provenance says when and how it was asked for."""

_ASKED = ("resource", "as_of", "horizon", "seed", "draws", "leave_out")
"""Options that shape a run of the shipped tables."""

_ELSEWHERE = ("models", "add", "scheduler", "sample")
"""Options with which a run is neither kept nor found."""


def key_of(scenario: str, given: Mapping[str, Any]) -> str | None:
    """Return the key of a run as it is asked for on the command line; None for one that is not kept.

    Parameters
    ----------
    scenario : str
        A shipped name, several joined by ``+``, or a TOML file that extends none but shipped ones.
    given : mapping of str to object
        Options of the command by their names.
    """
    said = None if any(given.get(name) for name in _ELSEWHERE) else _said(scenario)
    if not MOST or said is None:
        return None
    content = {
        "format": FORMAT,
        "made_by": kept_parts.made_by(),
        "scenario": said,
        "options": [str(given.get(name)) for name in _ASKED],
        "sampling": asdict(Sampling()),
        "today": dt.date.today().isoformat(),  # rows that lie ahead of it are refused
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:40]


def find(key: str | None, out: Path, command: str) -> tuple[Path, Document] | None:
    """Return the folder of a kept run, and its document as if it were made now; None where it has to be made.

    A run in `out` that is another one is compared with the new run, for which that is made.
    """
    if key is None:
        return None
    folder = _folder() / key
    document = _intact(folder)
    if document is None:
        return None
    document["provenance"] |= {"command": command, "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    if os.path.lexists(out / _DOCUMENT):
        before = _document(out / _DOCUMENT)
        if before is None or _run_of(before) != _run_of(document) or not _same_draws(folder, out):
            return None
        document["previous"] = before["previous"]
    with contextlib.suppress(OSError):
        os.utime(folder)
    return folder, document


def copy_to(out: Path, folder: Path, document: Document) -> bool:
    """Write a kept run to a run folder, whole or not at all; False where a report is in it, which is not only copied."""
    there = read_manifest(out)
    if there is not None and any(name.startswith("report.") for name in there["files"]):
        return False
    _copied(folder, out, document)
    return True


def forecast_in(folder: Path, document: Document) -> Forecast:
    """Return a kept run with a document of its own."""
    from forecast.runs.forecast import Forecast

    return replace(Forecast.load(folder), document=document)


def keep(key: str | None, run: Path) -> None:
    """Keep the run in a run folder; a cache that cannot be written costs time, no more."""
    if key is None or not (run / MANIFEST).is_file():
        return
    with contextlib.suppress(OSError, OutputError, ValueError, KeyError):
        document = _document(run / _DOCUMENT)
        if document is None or "parts" in document["provenance"] or not kept_parts.has_room():
            return
        _folder().mkdir(parents=True, exist_ok=True)
        document["previous"] = None
        _copied(run, _folder() / key, document)
        _remove_unfinished()
        for path in sorted(_folder().glob("[!.]*"), key=lambda path: path.stat().st_mtime)[:-MOST]:
            _remove(path)


def as_read_back(made: Forecast) -> Forecast:
    """Return a forecast with its draws as a run folder holds them, so that what is shown of both is the same to the letter."""

    def held(values: Any) -> Any:
        return values.astype(np.float32).astype(float)

    levers = {name: held(values) for name, values in made.levers.items()}
    return replace(made, consumption=held(made.consumption), stock=held(made.stock), levers=levers)


def clear() -> int:
    """Remove every kept run, and return how many there were."""
    count = sum(_remove(path) for path in _folder().glob("[!.]*"))
    _remove_unfinished()
    with contextlib.suppress(OSError):  # it holds something that is not ours, or is not there
        _folder().rmdir()
    return count


class Told:
    """Passes words on, and remembers whether one of them was for this run's user alone."""

    def __init__(self, tell: Callable[[str], None], warn: Callable[[str], None]) -> None:
        self._tell, self._warn = tell, warn
        self.something = False

    def tell(self, words: str) -> None:
        """Pass on progress, of which a note is for the user."""
        self.something |= words.startswith("note:")
        self._tell(words)

    def warn(self, words: str) -> None:
        """Pass on a warning."""
        self.something = True
        self._warn(words)


def _said(scenario: str) -> list[list[str]] | None:
    """Return name and hash of every file that a scenario is read from, beyond the shipped ones."""
    found = []
    for part in [scenario] if os.path.lexists(scenario) else scenario.split("+"):
        if not part.endswith(".toml"):  # the key holds every file that is shipped; a name that is none is not kept
            found.append([part, ""])
            continue
        try:
            text = Path(part).read_bytes()
            extends = tomllib.loads(text.decode()).get("extends", "")
        except (OSError, ValueError):
            return None
        if str(extends).endswith(".toml"):
            return None
        found.append([Path(part).stem, hashlib.sha256(text).hexdigest()])
    return found


def _folder() -> Path:
    return cache_folder() / "runs"


def _names(folder: Path) -> list[str]:
    """Return the files of a run in its folder, but for its document."""
    return [_TRAJECTORIES, *(f"posterior/{path.name}" for path in sorted((folder / "posterior").glob("*.nc")))]


def _copied(source: Path, target: Path, document: Document) -> None:
    """Write the run in one folder to another, with a document of its own, whole or not at all."""
    with swapped_folder(target) as temporary:
        for name in _names(source):
            (temporary / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(source / name, temporary / name)
        (temporary / _DOCUMENT).write_text(json_text(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        write_manifest(temporary)


def _intact(folder: Path) -> Document | None:
    """Return the document of a kept run that is as it was written, by the libraries of now."""
    listed = read_manifest(folder)
    if listed is None:
        _remove(folder)
        return None
    try:
        if any(sha256_of(folder / name) != digest for name, digest in listed["files"].items()):
            raise ValueError("damaged")
        document = _document(folder / _DOCUMENT)
        packages = {} if document is None else document["provenance"]["packages"]
        return document if packages == versions(tuple(packages)) else None
    except (OSError, ValueError, KeyError):
        _remove(folder)
        return None


def _remove_unfinished() -> None:
    """Remove what a process left that was ended while it kept a run: hidden, and named after that run's key."""
    for key in {path.name[1:].partition(".")[0] for path in _folder().glob(".*")}:
        remove_leftovers(_folder() / key)


def _remove(folder: Path) -> bool:
    """Remove a kept run, whole or damaged; a folder with anything else in it is not ours."""
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    if not folder.is_dir() or files - {MANIFEST, _DOCUMENT, *_names(folder)}:
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _document(path: Path) -> Document | None:
    try:
        found: Document = json.loads(path.read_text(encoding="utf-8"))
        return found if {"provenance", "previous"} <= found.keys() else None
    except (OSError, ValueError, AttributeError, RecursionError):
        return None


def _run_of(document: Document) -> Any:
    """Return what a document says of its run, whenever and however it was asked for and whatever was there before."""
    provenance = {name: value for name, value in document["provenance"].items() if name not in _NOT_OF_THE_RUN}
    return {**document, "provenance": provenance, "previous": None}


def _same_draws(one: Path, other: Path) -> bool:
    try:
        return sha256_of(one / _TRAJECTORIES) == sha256_of(other / _TRAJECTORIES)
    except OSError:
        return False
