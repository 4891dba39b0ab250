"""Whether a run holds: its files against the manifest, its document against its draws, and the run made again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forecast import __version__, fingerprints
from forecast.errors import ForecastError, MissingFileError
from forecast.files import sha256_of
from forecast.inference.cache import versions
from forecast.nouns import YEAR, Forecast
from forecast.remaking import Recipe, recipe
from forecast.run_folder import DOCUMENT
from forecast.summaries import plain, summarise

MANIFEST = "manifest.json"
"""The list of a run folder's files with their hashes."""

_APART = ("provenance", "previous", "variants", "variants_state")
"""Parts of a document that do not come from its own draws: who made it, what came before, stored results."""

_SHOWN = 5  # places or files named in a sentence
_STORED = 2e-6  # relative: trajectories are stored in single precision, 24 bits


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    name : str
        What.
    holds : bool or None
        None where it only tells, and decides nothing.
    sentence : str
        What was found.
    """

    name: str
    holds: bool | None
    sentence: str


@dataclass(frozen=True)
class Verification:
    """Everything that was looked at in a run.

    Parameters
    ----------
    run : str
        The folder.
    findings : tuple of Finding
        In the order of looking.
    """

    run: str
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the run."""
        return all(finding.holds is not False for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values.

        Returns
        -------
        dict
            JSON-ready.
        """
        lines = [{"name": f.name, "holds": f.holds, "sentence": f.sentence} for f in self.findings]
        return {"run": self.run, "holds": self.holds, "findings": lines}


def verify(run: str | Path, *, progress: Callable[[str], None] = lambda _: None, **how: Any) -> Verification:
    """Look whether a run folder holds: make it again from what it recorded, and compare.

    Parameters
    ----------
    run : str or pathlib.Path
        A run folder.
    progress : callable, optional
        Told of each step.
    **how : Any
        ``jobs`` and ``scheduler``, for fits that are not kept and are sampled anew.

    Returns
    -------
    Verification
        Its ``holds`` is False where a file, a number or the run made again is not as recorded.

    Raises
    ------
    MissingFileError
        If the folder is not a run folder.

    Examples
    --------
    >>> verify("out").holds  # doctest: +SKIP
    True
    """
    folder = Path(run)
    if not (folder / DOCUMENT).is_file():
        raise MissingFileError(f"{folder}", f"a run folder with {DOCUMENT}", "make one with: forecast run")
    findings = [_files(folder)]
    try:
        kept = Forecast.load(folder)
        findings.append(_own_draws(kept))
        made_from = recipe(kept.document)
        findings += _circumstances(kept.document)
        findings += _again(kept, made_from, progress, how)
    except (ForecastError, KeyError, TypeError, ValueError, AttributeError) as error:
        findings.append(Finding("reading", False, f"it cannot be read as a run ({_one_line(error)})"))
    return Verification(str(folder), tuple(findings))


def _files(folder: Path) -> Finding:
    """Hold every file against the manifest."""
    try:
        listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        listed = {str(name): str(digest) for name, digest in listed.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return Finding("files", False, f"there is no {MANIFEST} that can be read")
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    found.pop(MANIFEST, None)
    wrong = [f"{name} is missing" for name in listed if name not in found]
    wrong += [f"{name} is not listed" for name in sorted(found) if name not in listed]
    wrong += [f"{name} was changed" for name in listed if name in found and sha256_of(found[name]) != listed[name]]
    if wrong:
        return Finding("files", False, f"{_some(wrong)}, against {MANIFEST}")
    return Finding("files", True, f"all {len(listed)} files are as {MANIFEST} lists them")


def _own_draws(kept: Forecast) -> Finding:
    """Hold the document's main numbers against the draws that lie beside it."""
    stated, draws = kept.document["exhaustion_year"], kept.exhaustion_year
    computed: dict[str, Any] = dict(summarise(draws))
    computed["probability_by"] = {year: float(np.mean(draws < int(year) + 1)) for year in stated["probability_by"]}
    computed["probability_after_horizon"] = float(np.mean(np.isinf(draws)))
    shown = {key: stated.get(key) for key in computed}
    wrong = [place for place, _, _ in _differing(shown, computed, tolerance=1e-6)]
    if wrong:
        return Finding("draws", False, f"{DOCUMENT} does not say what its draws say: {_some(wrong)}")
    return Finding("draws", True, f"{DOCUMENT} says what its {len(draws)} draws say")


def _circumstances(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Tell in what this installation differs from the one that made the run."""
    made = document["provenance"]
    here = versions(tuple(made["packages"]))
    other = [f"{name} {was} (here {here[name]})" for name, was in made["packages"].items() if here[name] != was]
    if made["code_version"] != __version__:
        other.append(f"this package {made['code_version']} (here {__version__})")
    if made.get("code_sha256") not in (None, fingerprints.digest()):
        other.append("other fingerprints of this package")
    words = f"made with {'; '.join(other)}" if other else "the same versions are here, with the same fingerprints"
    yield Finding("versions", None, words)


def _again(
    kept: Forecast, made_from: Recipe | str, progress: Callable[[str], None], how: Mapping[str, Any]
) -> Iterator[Finding]:
    """Make the run again and compare every future and every number."""
    if isinstance(made_from, str):
        yield Finding("again", False, f"it cannot be made again: {made_from}")
        return
    obstacle = made_from.obstacle(sampling=True)
    if obstacle is not None:
        yield Finding("again", False, f"it cannot be made again: {obstacle}")
        return
    yield Finding("data", True, f"{_some(list(made_from.tables))}: the hashes are those of the tables here")
    made = made_from.make(progress, **how)
    yield _futures(kept, made)
    places = list(_differing(_own_part(kept.document), _own_part(made.document), tolerance=0.0))
    if places:
        shown = [f"{place} is {_value(was)}, made again {_value(now)}" for place, was, now in places]
        yield Finding("numbers", False, f"{_some(shown)}")
    else:
        yield Finding("numbers", True, f"every number of {DOCUMENT} comes out the same")


def _futures(kept: Forecast, made: Forecast) -> Finding:
    """Compare exhaustion years and paths future by future."""
    was, now = kept.exhaustion_year, made.exhaustion_year
    if was.shape != now.shape:
        return Finding("futures", False, f"{len(was)} futures, made again {len(now)}")
    both = np.isfinite(was) & np.isfinite(now)
    moved = int(np.sum(np.isinf(was) != np.isinf(now))) + int(np.sum(np.abs(was[both] - now[both]) > 1e-6))
    if moved:
        years = now[both] - was[both]
        far = f", by up to {np.max(np.abs(years)):.2g} years" if years.size else ""
        return Finding(
            "futures",
            False,
            f"{moved} of {len(was)} exhaustion years differ{far}; the median is {_value(plain(kept.median()))}, made "
            f"again {_value(plain(made.median()))}, the probability by 2030 {kept.probability(2030):.4f}, made again "
            f"{made.probability(2030):.4f}",
        )
    for name in ("consumption", "stock"):
        one, other = getattr(kept, name), getattr(made, name)
        if one.shape != other.shape or not np.array_equal(one[YEAR].values, other[YEAR].values):
            return Finding("futures", False, f"the paths of {name} cover other years")
        if not np.allclose(one.values, other.values, rtol=_STORED, atol=0.0):
            return Finding("futures", False, f"the exhaustion years are the same, the paths of {name} are not")
    return Finding("futures", True, f"all {len(was)} exhaustion years and both paths come out the same")


def _own_part(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _own_part(part) for key, part in value.items() if key not in _APART}
    return [_own_part(part) for part in value] if isinstance(value, list) else value


def _differing(one: Any, other: Any, *, tolerance: float, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield every place in which two documents differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys((*one, *other)):
            below = f"{place}.{key}" if place else str(key)
            yield from _differing(one.get(key), other.get(key), tolerance=tolerance, place=below)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from _differing(a, b, tolerance=tolerance, place=f"{place}[{index}]")
    elif _is_number(one) and _is_number(other):
        if abs(one - other) > tolerance:
            yield place, one, other
    elif one != other:
        yield place, one, other


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _some(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return "; ".join(words[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _value(value: Any) -> str:
    return "never" if value is None else f"{value:.8g}" if _is_number(value) else _one_line(value)[:80]


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


__all__ = ["Finding", "Verification", "verify"]
