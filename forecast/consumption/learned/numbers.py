"""The learned numbers as they are kept, so that no run samples the hierarchy.

``data/learned_hierarchy.json`` holds joint draws; ``data/learned_priors.json`` what they come to for members, small enough
to be read whenever a member is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from forecast.consumption.learned.hierarchy import SHARED, Hierarchy
from forecast.consumption.learned.model import NAMES, QUANTITIES, Arrays, fit
from forecast.consumption.learned.predictive import PLATEAU, as_prior, draws_for_members, plateaus_seen
from forecast.consumption.learned.priors import FILE as PRIORS_FILE
from forecast.consumption.learned.priors import FORMAT, MAKE, kept_in, learned_tables
from forecast.consumption.learned.series import Changes, changes, hash_of_growth, hash_of_split, learning_half
from forecast.core.files import atomic_file
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import ModelError
from forecast.fits.gate import Convergence, convergence_checks, verdict
from forecast.ingest.catalog import data_directory
from forecast.ingest.histories import History

VERSION = 1
"""Version of the model and of the file; raised whenever the same histories would give other numbers."""

FILE = "learned_hierarchy.json"
"""File of the draws, beside the tables."""

DRAWS = 300
"""Joint draws that are kept (count): the error of their mean is 6 % of a spread."""

DIGITS = 3
"""Significant digits that are kept (count)."""


@dataclass(frozen=True, eq=False)
class Learned:
    """The hierarchy, and what it was learned from.

    Parameters
    ----------
    hierarchy : Hierarchy
        Joint draws.
    series : tuple of str
        What was learned from.
    split : str
        Hash of the rule of the split and of the series in the learning half.
    growth : str
        Hash of the growth that was learned from: numbers of other histories are stale.
    diagnostics : dict
        Verdict of the gate, largest R-hat, smallest effective sample sizes, divergences.
    version : int
        As `VERSION` was.
    """

    hierarchy: Hierarchy
    series: tuple[str, ...]
    split: str
    growth: str
    diagnostics: dict[str, Any]
    version: int


def make(folder: Path | None = None, *, progress: Callable[[str], None] = lambda _: None, **sampling: Any) -> Path:
    """Fit the hierarchy to the learning half and keep the numbers; those that fail the gate are not kept."""
    histories = learning_half()
    data = changes(histories)
    tree, given, found = fit(data, **sampling)
    checks = convergence_checks(found, "")
    for check in checks:
        progress(f"{check.status} {check.name}: {check.sentence}")
    if verdict(checks) == "FAIL":
        raise ModelError("a fit that fails the gate", "one that has converged", "sample longer")
    folder = data_directory() if folder is None else folder
    with atomic_file(folder / FILE) as temporary:
        temporary.write_text(_text(described(histories, data, tree, given, found)), encoding="utf-8")
    load.cache_clear()
    learned_from = {"series": len(data.names), "families": len(set(data.families)), "years": data.years}
    ended, years = plateaus_seen(data.growth)
    document = {
        "schema": FORMAT,
        "make": MAKE,
        "learned_from": learned_from,
        "plateaus": {"seen": ended, "in_years": years, "added_a_year": PLATEAU},
        "summary": summary(tree["posterior"]),
        "priors": for_members(load(folder / FILE).hierarchy),
    }
    with atomic_file(folder / PRIORS_FILE) as temporary:
        temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    learned_tables.cache_clear()
    return folder / PRIORS_FILE


def for_members(hierarchy: Hierarchy, seed: int = DEFAULT_SEED) -> dict[str, dict[str, Any]]:
    """Return for each learned prior its unit, 5, 50 and 95 % points, the share above zero, and the lognormal of that."""
    found = {}
    for name, (unit, draws) in draws_for_members(hierarchy, generator(seed, "learned", "members")).items():
        prior = as_prior(draws, unit, "")
        found[name] = {
            "unit": unit,
            "q05_q50_q95": [_short(float(value)) for value in np.quantile(draws, [0.05, 0.5, 0.95])],
            "above_zero": _short(float((draws > 0).mean())),
            "lognormal": [_short(float(value)) for value in prior.quantile(np.array([0.5, 0.95]))],
        }
    return found


def described(
    histories: Sequence[History], data: Changes, tree: Any, given: Arrays, found: Convergence
) -> dict[str, Any]:
    """Return what is kept of a fit, JSON-ready."""
    hierarchy = Hierarchy.from_posterior(tree["posterior"], given.groups, DRAWS)
    return {
        "version": VERSION,
        "make": MAKE,
        "split": hash_of_split(histories),
        "growth": hash_of_growth(data),
        "series": list(data.names),
        "diagnostics": diagnostics(found),
        "quantities": {quantity.name: quantity.unit for quantity in QUANTITIES},
        **as_lists(hierarchy),
    }


def diagnostics(found: Convergence) -> dict[str, Any]:
    """Return how a fit converged, JSON-ready."""
    return {
        "gate": verdict(convergence_checks(found, "")),
        "rhat_max": _short(found.rhat_max),
        "ess_bulk_min": _short(found.ess_bulk_min),
        "ess_tail_min": _short(found.ess_tail_min),
        "divergences": found.divergences,
        "transitions": found.transitions,
    }


def as_lists(hierarchy: Hierarchy) -> dict[str, Any]:
    """Return the draws of a hierarchy, JSON-ready, rounded."""
    return {
        "shared": {name: _list(values) for name, values in hierarchy.shared.items()},
        "effects": {
            group: {label: _list(values) for label, values in of.items()} for group, of in hierarchy.effects.items()
        },
    }


def from_lists(kept: Mapping[str, Any]) -> Hierarchy:
    """Return the hierarchy whose draws are kept."""
    return Hierarchy(
        {name: np.array(kept["shared"][name]) for name in SHARED},
        {group: {label: np.array(v) for label, v in of.items()} for group, of in kept["effects"].items()},
    )


@lru_cache(maxsize=2)
def load(path: Path | None = None) -> Learned:
    """Read the numbers that are kept.

    Raises
    ------
    MissingFileError
        If there are none.
    InputError
        If they cannot be read, or are of another version.
    """
    path = data_directory() / FILE if path is None else path
    with kept_in(path, "learned numbers", f"learned numbers of version {VERSION}"):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["version"] != VERSION:
            raise ValueError
        return Learned(
            from_lists(kept),
            tuple(kept["series"]),
            str(kept["split"]),
            str(kept["growth"]),
            dict(kept["diagnostics"]),
            kept["version"],
        )


def summary(posterior: Any) -> dict[str, Any]:
    """Return the 5, 50 and 95 % points of what all series share."""

    def points(values: np.ndarray) -> list[float | None]:
        return [_short(value) for value in np.quantile(values, [0.05, 0.5, 0.95])]

    found: dict[str, Any] = {}
    for name in SHARED:
        values = np.asarray(posterior[name].values)
        values = values.reshape(-1, *values.shape[2:])
        found[name] = (
            points(values) if values.ndim == 1 else {q: points(values[:, place]) for place, q in enumerate(NAMES)}
        )
    return found


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def _list(values: np.ndarray) -> list[Any]:
    return [_list(value) if np.ndim(value) else _short(float(value)) for value in values]


def _text(document: dict[str, Any]) -> str:
    """Return JSON with one line a draw's numbers: short, and with differences that can be read."""
    head = {name: value for name, value in document.items() if name not in ("shared", "effects")}
    lines = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    for name in ("shared", "effects"):
        inner = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in document[name].items())
        lines += f',\n "{name}": {{\n{inner}\n }}'
    return lines + "\n}\n"
