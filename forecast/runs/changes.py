"""In what two runs differ: data, scenario and model, as their documents record it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from forecast.runs.document_types import Document
from forecast.runs.scenario_diff import changes
from forecast.scenarios.record import recorded_in
from forecast.text import some

Part = Literal["data", "scenario", "model"]
PARTS: tuple[Part, ...] = ("data", "scenario", "model")
"""What two runs may differ in. The growth members and how they are sampled count as model."""

_SHOWN = 8  # corpora named


@dataclass(frozen=True)
class Change:
    """One thing in which two runs differ.

    Parameters
    ----------
    part : str
        ``data``, ``scenario`` or ``model``.
    setting : str
        What differs.
    first, second : Any
        Its value in each run, JSON-ready; None where a run does not have it.
    """

    part: Part
    setting: str
    first: Any
    second: Any


def run_changes(a: Document, b: Document) -> tuple[Change, ...]:
    """Return everything in which two runs differ, part by part."""
    return (*_data_changes(a, b), *_scenario_changes(a, b), *_model_changes(a, b))


def is_code(change: Change) -> bool:
    """Whether it is the code, or a version of what it runs on."""
    return change.part == "model" and change.setting.startswith(("code", "package "))


def _data_changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    """Return tables, dates and corpora in which the data differ."""
    found = [Change("data", "as_of", a["as_of"], b["as_of"])] if a["as_of"] != b["as_of"] else []
    tables = [{e["table"]: e for e in d["provenance"]["data"]} for d in (a, b)]
    for name in dict.fromkeys((*tables[0], *tables[1])):
        entries = [of.get(name) for of in tables]
        said = [None if e is None else f"{e['snapshot']}, {e['sha256'][:12]}" for e in entries]
        hashes = [None if e is None else e["sha256"] for e in entries]
        if hashes[0] != hashes[1]:
            found.append(Change("data", f"table {name}", *said))
    rows = [{row["model"]: row["log10_size"] for row in d["consumption"]["record"]["rows"]} for d in (a, b)]
    for words, names in (
        ("corpora only in the first", [n for n in rows[0] if n not in rows[1]]),
        ("corpora only in the second", [n for n in rows[1] if n not in rows[0]]),
    ):
        if names:
            values = (some(names, _SHOWN), None) if words.endswith("first") else (None, some(names, _SHOWN))
            found.append(Change("data", words, *values))
    found += [
        Change("data", f"log10 size of {name}", size, rows[1][name])
        for name, size in rows[0].items()
        if name in rows[1] and rows[1][name] != size
    ]
    return found


def _scenario_changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    """Return settings in which the scenarios differ, but for the growth members."""
    one, two = recorded_in(a), recorded_in(b)
    if one is None or two is None:
        digests = [d["provenance"]["scenario_sha256"] for d in (a, b)]
        if digests[0] == digests[1]:
            return []
        return [Change("scenario", "hash, with nothing recorded to look into", digests[0][:12], digests[1][:12])]
    return [
        Change("scenario", f"{part}.{key}", first, second)
        for part, settings in changes(one, two)
        for key, first, second in settings
        if (part, key) != ("consumption", "members")
    ]


def _model_changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    """Return in what the computations differ: members, settings, code and versions."""
    one, two = a["provenance"], b["provenance"]

    def pair(name: str, of: Callable[[Mapping[str, Any]], Any]) -> tuple[str, Any, Any]:
        return name, of(a), of(b)

    pairs = [
        pair("members", lambda d: [member["name"] for member in d["consumption"]["members"]]),
        pair("horizon", lambda d: d["horizon"]),
        pair("seed", lambda d: d["provenance"]["seed"]),
        pair("draws", lambda d: d["provenance"].get("options", {}).get("draws")),
        pair("sampling", lambda d: d["provenance"].get("options", {}).get("sampling")),
        pair("code version", lambda d: d["provenance"]["code_version"]),
        pair("code hash", lambda d: (d["provenance"].get("code_sha256") or "not recorded")[:12]),
    ]
    names = dict.fromkeys((*one["packages"], *two["packages"]))
    pairs += [(f"package {name}", one["packages"].get(name), two["packages"].get(name)) for name in names]
    return [Change("model", name, first, second) for name, first, second in pairs if first != second]
