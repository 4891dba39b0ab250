"""Making stored results: an evaluation is run, what it touches is noted, and both are written together."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.core import fingerprints
from forecast.core.files import atomic_file
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import InputError
from forecast.evaluate import EVALUATIONS, evaluation
from forecast.fits import kept as cache
from forecast.ingest import catalog
from forecast.ingest.stored import FORMAT, MAKE, path_of

if TYPE_CHECKING:
    from types import ModuleType

KEY_SHOWN = 12
"""Hexadecimal digits by which a result names a fit (count): enough to find it among those that are kept."""


def make(
    name: str,
    progress: Callable[[str], None],
    jobs: int | None = None,
    scheduler: str | None = None,
    *,
    directory: Path | None = None,
) -> Path:
    """Make an evaluation and store it with what made it."""
    run = evaluation(name)
    catalog.forget()  # what an earlier evaluation read must be read again to be seen
    with cache.touched() as fits, catalog.touched() as tables:
        content = run(progress=progress, jobs=jobs, scheduler=scheduler)
    return keep(name, content, fits=fits, tables=tables, directory=directory)


def keep(
    name: str,
    content: Any,
    *,
    fits: Iterable[str] = (),
    tables: Iterable[str] = (),
    settings: Mapping[str, Any] | None = None,
    directory: Path | None = None,
) -> Path:
    """Store the content of an evaluation."""
    document = {
        "schema": FORMAT,
        "name": name,
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "make": MAKE,
        "inputs": inputs(name, fits, tables, settings),
        "content": content,
    }
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"a result {name!r} that JSON cannot hold ({error})",
            "plain numbers, texts, lists and mappings",
            "convert what the evaluation returns",
        ) from None
    path = path_of(name, directory)
    with atomic_file(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


def inputs(
    name: str, fits: Iterable[str] = (), tables: Iterable[str] = (), settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what a result is stored with: everything that has to be as it is now for the result to fit."""
    entry = EVALUATIONS[name]
    return {
        "evaluation": entry.version,
        "seed": DEFAULT_SEED,
        "settings": settings_of(room_of(name)) if settings is None else dict(settings),
        "tables": {table: catalog.table(table).sha256 for table in sorted({*entry.tables, *tables})},
        "fits": " ".join(sorted(key[:KEY_SHOWN] for key in fits)),
        "fingerprints": fingerprints.marks(entry.without),
    }


def room_of(name: str) -> ModuleType:
    """Return the module of an evaluation."""
    return importlib.import_module(EVALUATIONS[name].where.partition(":")[0])


def settings_of(room: ModuleType) -> dict[str, Any]:
    """Return the settings of an evaluation as they are now; most have none but the seed."""
    return dict(room.settings()) if hasattr(room, "settings") else {}
