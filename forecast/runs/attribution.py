"""Why an answer moved: from one run or vintage to the next, by new data, a changed definition or a changed model.

What can be put in the other's place is put there, one thing after another, and the median is read off at each step;
the moves then add up. What cannot be separated is named together, with what changed in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.summaries import quantiles
from forecast.core.trajectory import YEAR, make_trajectory
from forecast.errors import ForecastError
from forecast.ingest.added_rows import ADDED, added_row
from forecast.runs.document_types import Document, PreviousBlock, SourceBlock
from forecast.runs.folder import read_document, read_trajectories
from forecast.runs.passage import first_passage

if TYPE_CHECKING:
    import xarray as xr

CAUSES = ("data", "definition", "model")
"""What can move an answer: rows and dates; what is counted and assumed; members, code and luck of the draw."""


@dataclass(frozen=True)
class Substitution:
    """One substitution.

    Parameters
    ----------
    cause : str
        One of `CAUSES`, or several if they cannot be separated.
    what : str
        What was put in the place of what.
    years : array, shape (draw,)
        Exhaustion years after it.
    """

    cause: str
    what: str
    years: np.ndarray


def moved(before: np.ndarray, after: np.ndarray) -> float | None:
    """Return by how far the median moved.

    Examples
    --------
    >>> moved(np.array([2028.0, 2029.0, np.inf]), np.array([2029.5, 2030.5, np.inf]))
    1.5
    """
    first, last = (float(quantiles(years, [0.5])[0]) for years in (before, after))
    return round(last - first, 4) if np.isfinite(first) and np.isfinite(last) else None


def decomposed(start: np.ndarray, steps: Sequence[Substitution]) -> list[dict[str, Any]]:
    """Return what each step moved.

    Examples
    --------
    >>> decomposed(np.array([2029.0]), [Substitution("data", "new rows", np.array([2028.0]))])
    [{'cause': 'data', 'what': 'new rows', 'moved_by_years': -1.0}]
    """
    found, before = [], start
    for step in steps:
        found.append({"cause": step.cause, "what": step.what, "moved_by_years": moved(before, step.years)})
        before = step.years
    return found


def previous(
    folder: Path,
    document: Document,
    years: np.ndarray,
    frontier: xr.DataArray,
    warn: Callable[[str], None] = lambda _: None,
) -> PreviousBlock | None:
    """Compare a new forecast with the run folder that it is about to replace.

    Frontier and stock of the old run are kept in its folder, so each side of it can be put beside the other side of
    the new one: first the new frontier meets the old stock, then the new stock.
    """
    try:
        old = read_document(folder)
        if old["schema"] != document["schema"] or old["resource"] != document["resource"]:
            return None
        differences = {side: changes(old, document, side) for side in ("frontier", "stock")}
        kept = read_trajectories(folder)
        found = _by_side(kept["exhaustion_year"].values, kept["stock"], differences, years, frontier)
        if not any(differences.values()) and found["moved_by_years"] in (0.0, None):
            return old["previous"]
        created = str(old["provenance"]["created"])
    except Exception as error:  # whatever lies there: the new run is made, and replaces it
        reason = error.got if isinstance(error, ForecastError) else f"{folder}: {type(error).__name__}: {error}"
        warn(f"not compared with the run before ({' '.join(reason.split())[:200]})")
        return None
    name = f"{old['scenario']}, data as of {old['as_of']}, made {created}"
    return {"run": name, "moved_by_years": found["moved_by_years"], "because": found["because"]}


def since(
    name: str,
    old: Document,
    before: tuple[np.ndarray, xr.DataArray],
    document: Document,
    years: np.ndarray,
    frontier: xr.DataArray,
) -> PreviousBlock:
    """Compare a new forecast with another one, given its exhaustion years and stock; the name says which that is."""
    differences = {side: changes(old, document, side) for side in ("frontier", "stock")}
    found = _by_side(*before, differences, years, frontier)
    return {"run": name, "moved_by_years": found["moved_by_years"], "because": found["because"]}


def changes(old: Document, new: Document, side: str) -> dict[str, list[str]]:
    """Return what differs between two documents, by cause."""
    found: dict[str, list[str]] = {cause: [] for cause in CAUSES}
    before, after = old["provenance"], new["provenance"]
    if side == "frontier":
        found["data"] += [*_added(before, after), *_tables(before["data"], after["data"])]
        if old["as_of"] != new["as_of"]:
            found["data"].append(f"data as of {new['as_of']} instead of {old['as_of']}")
        members = [[m["name"] for m in d["consumption"]["members"] if m["weight"] > 0] for d in (old, new)]
        if members[0] != members[1]:
            found["model"].append(f"members {', '.join(members[1])} instead of {', '.join(members[0])}")
    if before["scenario_sha256"] != after["scenario_sha256"]:
        found["definition"].append(_scenarios(old, new))
    if old["horizon"] != new["horizon"]:
        found["definition"].append(f"horizon {new['horizon']} instead of {old['horizon']}")
    if before["code_version"] != after["code_version"]:
        found["model"].append(f"code {after['code_version']} instead of {before['code_version']}")
    packages = sorted(
        name
        for name in {**before["packages"], **after["packages"]}
        if before["packages"].get(name) != after["packages"].get(name)
    )
    if packages:
        found["model"].append(f"other versions of {', '.join(packages)}")
    if before["seed"] != after["seed"]:
        found["model"].append(f"seed {after['seed']} instead of {before['seed']}")
    return {cause: words for cause, words in found.items() if words}


def _by_side(
    before: np.ndarray,
    stock: xr.DataArray,
    differences: Mapping[str, Mapping[str, list[str]]],
    years: np.ndarray,
    frontier: xr.DataArray,
) -> dict[str, Any]:
    """Return the whole move, and each side's share of it in words."""
    grid = stock[YEAR].values
    common = np.intersect1d(grid, frontier[YEAR].values)
    whole = moved(before, years)
    if len(common) < 2:
        return {"moved_by_years": whole, "because": [_words("both sides", _joined(differences.values()), whole)]}
    mixed = first_passage(_cut(frontier, common), _cut(stock.assign_attrs(frontier.attrs), common)).year
    steps = [Substitution("frontier", "", mixed), Substitution("stock", "", years)]
    lines = decomposed(before, steps)
    sides = zip(("frontier", "stock"), ("frontier", "effective stock"), lines, strict=True)
    return {
        "moved_by_years": whole,
        "because": [
            _words(name, differences[side], line["moved_by_years"])
            for side, name, line in sides
            if differences[side] or not _still(line["moved_by_years"])
        ],
    }


def _words(name: str, causes: Mapping[str, list[str]], by: float | None) -> str:
    """Say how far a side moved the median and what changed in it."""
    size = "a median beyond the horizon" if by is None else f"{by:+.2f} years"
    if _still(by):
        size = "no move"
    if not causes:
        return f"{name}: {size}, from model (code of the same version, or another number of draws)"
    named = " and ".join(f"{cause} ({'; '.join(words)})" for cause, words in causes.items())
    return f"{name}: {size}, from {named}" + (", not separated" if len(causes) > 1 else "")


def _still(by: float | None) -> bool:
    """Tell whether a move is none to two digits."""
    return by is not None and abs(by) < 0.005


def _joined(sides: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for side in sides:
        for cause, words in side.items():
            found[cause] = list(dict.fromkeys([*found.get(cause, []), *words]))
    return found


def _cut(trajectory: xr.DataArray, years: np.ndarray) -> xr.DataArray:
    """Return a trajectory at some of its years."""
    place = np.searchsorted(trajectory[YEAR].values, years)
    values = np.asfortranarray(trajectory.values[:, place], dtype=float)
    attrs = trajectory.attrs
    return make_trajectory(values, years, resource_name=attrs["resource"], role="stock", source=str(attrs["source"]))


def _added(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Say which rows were added to the table, or taken away again."""
    old, new = ([added_row(row).words() for row in side.get("options", {}).get("add", ())] for side in (before, after))
    return [
        *(f"added {row}" for row in new if row not in old),
        *(f"without {row}" for row in old if row not in new),
    ]


def _tables(before: Sequence[SourceBlock], after: Sequence[SourceBlock]) -> list[str]:
    """Say which tables are not what they were."""
    old, new = ({entry["table"]: entry["sha256"] for entry in side} for side in (before, after))
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name) and name != ADDED]
    return [
        f"table {name} {old.get(name, 'absent')[:8]} became {new.get(name, 'absent')[:8]}" for name in sorted(changed)
    ]


def _scenarios(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Say what is another scenario, or another state of the same."""
    if old["scenario"] != new["scenario"]:
        return f"scenario {new['scenario']} instead of {old['scenario']}"
    hashes = [document["provenance"]["scenario_sha256"][:8] for document in (old, new)]
    return f"scenario {new['scenario']} {hashes[0]} became {hashes[1]}"
