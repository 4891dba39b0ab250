"""Fingerprints: what every part of the package gives on fixed inputs, held by the version that it carries.

``make fingerprints`` (``python -m forecast.evaluate.fingerprints``) keeps them in ``forecast/fingerprints.json``. A part
that gives something else under the version that it had is refused: raise the version, or undo the change. Members,
levers, estimators and regimes come from their registries, so that a new one needs no line here; any other part is a
`Probe` in one of the modules beside this one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forecast.core import fingerprints
from forecast.core.files import atomic_file
from forecast.errors import InputError
from forecast.evaluate import EVALUATIONS
from forecast.evaluate.fingerprints.probe import Probe, measured
from forecast.ingest import catalog


def probes() -> list[Probe]:
    """Return every part of the package that carries a version."""
    from forecast.evaluate.fingerprints import core, growth, judging, laboratory, run, stock

    listed = [probe for room in (core, growth, stock, run, judging, laboratory) for probe in room.probes()]
    where = "EVALUATIONS in forecast/evaluate/__init__.py"
    return listed + [
        Probe(f"{fingerprints.EVALUATIONS}/{name}", entry.version, tuple, where, (), without=entry.without)
        for name, entry in EVALUATIONS.items()
    ]


def measure(listed: Sequence[Probe] | None = None) -> dict[str, dict[str, Any]]:
    """Return the fingerprints of the code in use, by the name of the part."""
    tables = {entry.name: entry.sha256 for entry in catalog.tables()}
    return {probe.name: measured(probe, tables) for probe in (probes() if listed is None else listed)}


def broken(
    kept: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]], listed: Sequence[Probe]
) -> list[str]:
    """Say which parts give something else under the version that they had."""
    moved = {probe.name for probe in listed if probe.name in kept and _moved(kept[probe.name], now[probe.name])}
    raised = {name for name in now if name in kept and now[name]["version"] != kept[name]["version"]}
    found = []
    for probe in listed:
        before = kept.get(probe.name)
        if before is None:
            continue
        if probe.version < before["version"]:
            found.append(
                f"{probe.name} has version {probe.version}, after {before['version']}: raise it ({probe.where})"
            )
        excused = probe.name in raised or any(other in moved | raised for other in _beneath(probe, listed))
        if probe.name in moved and not excused:
            found.append(
                f"{probe.name} gives something else than its version {probe.version} promises: raise the version "
                f"({probe.where}) and run `make fingerprints`, or undo the change"
            )
    return found


def behind(kept: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Name the parts whose kept fingerprint is not that of now, for whatever reason."""
    return [name for name in {**kept, **now} if kept.get(name) != now.get(name)]


def renew(path: Path = fingerprints.FILE) -> list[str]:
    """Keep the fingerprints of the code in use."""
    listed = probes()
    kept = fingerprints.kept() if path.is_file() else {}
    now = measure(listed)
    wrong = broken(kept, now, listed)
    if wrong:
        raise InputError("; ".join(wrong), "a raised version for every part that changed", "see the parts named")
    changed = behind(kept, now)
    if changed:
        document = {"schema": fingerprints.FORMAT, "parts": dict(sorted(now.items()))}
        with atomic_file(path) as temporary:
            temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        fingerprints.kept.cache_clear()
        fingerprints.digest.cache_clear()
    return changed


def _moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Tell whether a part gives something else from the same tables."""
    return before["sha256"] != now["sha256"] and before.get("tables") == now.get("tables")


def _beneath(probe: Probe, listed: Sequence[Probe]) -> set[str]:
    """Return the parts that a part uses, directly or through others."""
    by_name = {each.name: each for each in listed}
    found: set[str] = set()
    wanted = list(probe.rests_on)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += by_name[name].rests_on if name in by_name else ()
    return found


__all__ = ["Probe", "behind", "broken", "measure", "probes", "renew"]
