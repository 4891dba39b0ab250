"""Fits kept on disk, found again by a hash of the values that they depend on: no text of code is part of it.

An entry is one netCDF file, written beside its place and renamed into it: a reader sees a whole entry or none, two
runs that make the same entry both succeed, and nothing waits on a lock. It begins with a checksum over its key and all
its bytes; what does not match counts as absent and is removed. That finds damage and edits, not somebody who may write
in the cache and computes the checksum too: the cache is its user's own.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import hashlib
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from forecast.core import fingerprints
from forecast.core.files import atomic_file
from forecast.ingest.catalog import data_directory

FORMAT = "fit/2"
"""Version of an entry's layout; a new one leaves old entries unused."""

_HEAD = 512
"""Length of what precedes the netCDF file (bytes): the smallest that HDF5 skips as a "user block"."""

_OURS = re.compile(r"([0-9a-f]{40})\.nc|\.[0-9a-f]{40}\.nc\.new-.+")
"""Names of entries, and of what writers that were killed left."""

_MATTERS = ("numpy", "nutpie", "pymc", "pytensor")
"""Packages that shape draws. ArviZ only measures them."""

PARTS = ("core/priors", "core/streams", "fits/measures", "fits/sampling", "growth/observation")
"""Parts of this package, beside the member itself, whose version is part of a fit's key."""

_AGAIN: contextvars.ContextVar[set[str] | None] = contextvars.ContextVar("again", default=None)

_TOUCHED: contextvars.ContextVar[set[str] | None] = contextvars.ContextVar("touched", default=None)


def cache_folder() -> Path:
    """Return the folder of the cache: ``FORECAST_CACHE`` if set, else the user's cache folder."""
    if given := os.environ.get("FORECAST_CACHE"):
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_cache_dir("data-depletion", appauthor=False))


def shipped_folder() -> Path:
    """Return the folder of the fits that travel with this package: those of the shipped tables, under their keys."""
    return data_directory() / "fits"


def fit_key(**parts: Any) -> str:
    """Return the hash under which a fit is kept."""
    content = {
        "format": FORMAT,
        "packages": {name: ".".join(found.split(".")[:2]) for name, found in versions(_MATTERS).items()},
        "parts": {name: fingerprints.version(name) for name in PARTS},
        **parts,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:40]


def load(key: str) -> Any | None:
    """Return a kept fit, or one that travels with this package; ``encoding["key"]`` says under which it is kept."""
    made = _AGAIN.get()
    found = None if made is not None and key not in made else _found(key)
    if found is None:
        return None
    from forecast.core.netcdf import read_tree

    path, content = found
    try:
        loaded = read_tree(path, content)
    except (OSError, ValueError, KeyError, RuntimeError):
        discard(key)
        return None
    loaded.encoding["key"] = key  # beside what is written: a copy is the same to the byte
    note(key)
    return loaded


def discard(key: str) -> None:
    """Remove a kept fit that is of no use."""
    with contextlib.suppress(OSError):  # where it cannot be removed it is passed over each time
        _entry(key).unlink()


def store(key: str, tree: Any, attributes: Mapping[str, Any]) -> None:
    """Keep a fit."""
    tree.attrs.update({name: json.dumps(value) for name, value in attributes.items()})
    # Made in memory: the library of the format ends the process when it meets a full disk.
    made = io.BytesIO()
    tree.to_netcdf(made, engine="h5netcdf")
    body = made.getvalue()
    with atomic_file(_entry(key)) as temporary:
        temporary.write_bytes(_head(key, body) + body)
    note(key)


def kept_score(key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a fit came to: as it is kept, else made now and kept."""
    path = cache_folder() / "scores" / f"{key}.json"
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    found = make()
    with atomic_file(path) as temporary:
        temporary.write_text(json.dumps(found), encoding="utf-8")
    return found


@contextlib.contextmanager
def touched() -> Iterator[set[str]]:
    """Note which fits are kept or found inside the block, in this thread."""
    keys: set[str] = set()
    token = _TOUCHED.set(keys)
    try:
        yield keys
    finally:
        _TOUCHED.reset(token)


@contextlib.contextmanager
def sampled_again(asked: bool = True) -> Iterator[None]:
    """Find no fit inside the block but those that are made in it, if so asked: what is wanted is sampled, and kept."""
    token = _AGAIN.set(set() if asked else _AGAIN.get())
    try:
        yield
    finally:
        _AGAIN.reset(token)


def packed(key: str) -> bytes | None:
    """Return a kept fit as it lies on disk, to be sent elsewhere."""
    found = _found(key)
    return None if found is None else found[1]


def _found(key: str) -> tuple[Path, bytes] | None:
    """Return where a fit is, and the bytes of it: in the cache, else among those that travel with this package."""
    for path in (_entry(key), shipped_folder() / f"{key}.nc"):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if _is_intact(key, content):
            return path, content
        if path == _entry(key):
            discard(key)
    return None


def put(key: str, entry: bytes) -> None:
    """Keep a fit that was made elsewhere; one that is here already stays, and one damaged on its way is not kept."""
    if not re.fullmatch(r"[0-9a-f]{40}", key):
        raise ValueError(f"{key!r} is no key of a fit")
    if _is_intact(key, entry) and packed(key) is None:
        with atomic_file(_entry(key)) as temporary:
            temporary.write_bytes(entry)


def clear() -> int:
    """Remove every kept fit."""
    folder = cache_folder() / "fits"
    count = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if (named := _OURS.fullmatch(path.name)) and path.is_file():
            path.unlink(missing_ok=True)
            count += named[1] is not None
    with contextlib.suppress(OSError):  # it holds something that is not ours, or is not there
        folder.rmdir()
    return count


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the installed versions of packages, without importing them."""
    return {name: _version(name, tuple(sys.path)) for name in packages}


@functools.lru_cache(maxsize=128)
def _version(package: str, path: tuple[str, ...]) -> str:
    """Read a version once, as long as packages are looked for in the same places."""
    del path
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def note(key: str) -> None:
    """Count a fit as touched, such as one that a worker made and used where nobody counts."""
    if (made := _AGAIN.get()) is not None:
        made.add(key)
    if (keys := _TOUCHED.get()) is not None:
        keys.add(key)


def _head(key: str, body: bytes | memoryview) -> bytes:
    """Return what precedes a netCDF file: the layout, and a checksum over key and file."""
    digest = hashlib.sha256(key.encode() + b"\n")
    digest.update(body)
    return f"{FORMAT}\n{digest.hexdigest()}\n".encode().ljust(_HEAD, b"\0")


def _is_intact(key: str, content: bytes) -> bool:
    return content[:_HEAD] == _head(key, memoryview(content)[_HEAD:])


def _entry(key: str) -> Path:
    return cache_folder() / "fits" / f"{key}.nc"
