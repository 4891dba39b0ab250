"""Stored results that speak of a forecast, and the word for those that no longer fit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from forecast.core.wording import date_words
from forecast.runs.document import of_the_shipped_tables

if TYPE_CHECKING:
    from forecast.ingest.stored import StoredResult
    from forecast.runs.document_types import Document


def stored_for(name: str, document: Document) -> StoredResult | None:
    """Return a stored result; None where none is stored, or it is of another forecast than the document's."""
    from forecast import evaluate
    from forecast.ingest.stored import exists, path_of

    if not of_the_shipped_tables(document) or not exists(name):
        return None
    found = _read(evaluate.stored, name, path_of(name).stat().st_mtime_ns)
    return found if found.content.get("as_of") in (None, document["as_of"]) else None


@functools.lru_cache(maxsize=64)
def _read(stored: Callable[[str], StoredResult], name: str, stamp: int) -> StoredResult:
    """Read a stored result once a process, as long as its file is the same; a report asks for some a dozen times."""
    del stamp
    return stored(name)


def scenarios_for(document: Document) -> StoredResult | None:
    """Return the stored scenarios; None where they are of other data, or a table of the user's own made the document."""
    from forecast.evaluate.scenarios import stored_scenarios

    own = (document["provenance"].get("options") or {}).get("models")
    return stored_scenarios(document) if own is None else None


def stale_words(*found: StoredResult | None) -> str:
    """Say of stored results that they no longer fit, if any does not; nothing if all fit."""
    from forecast.ingest.stored import MAKE

    stale = [one for one in found if one is not None and one.stale]
    if not stale:
        return ""
    names = ", ".join(one.name for one in stale)
    oldest = date_words(min(one.made for one in stale)[:10])
    return f"Stale ({names}; stored on {oldest}, before the model or the data changed): run {MAKE}."


__all__ = ["scenarios_for", "stale_words", "stored_for"]
