"""Whether a run holds: its files against the manifest, its document against its draws, and the run made again.

Of every file it is said what it was compared with, or that it was not checked and why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from forecast import __version__
from forecast.core import fingerprints
from forecast.core.files import sha256_of
from forecast.core.manifest import MANIFEST
from forecast.core.summaries import plain, summarise
from forecast.core.trajectory import YEAR
from forecast.errors import ForecastError, MissingFileError
from forecast.fits.kept import versions
from forecast.runs.document_types import Document
from forecast.runs.folder import DOCUMENT, check_contents
from forecast.runs.forecast import Forecast
from forecast.runs.rerun import rerun_plan
from forecast.text import one_line, some

Status = Literal["holds", "differs", "not checked"]

_APART = ("provenance", "previous", "variants", "variants_state", "over_priors", "over_priors_state")
"""Parts of a document that do not come from its own draws: who made it, what came before, stored results."""

_SHOWN = 5  # places or files named in a sentence
_STORED = 2e-6  # relative: trajectories are stored in single precision, 24 bits


@dataclass(frozen=True)
class VerifyFinding:
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
class FileFinding:
    """What was found of one file.

    Parameters
    ----------
    name : str
        Within the run folder.
    status : str
        holds, differs or not checked.
    compared_with : str
        With what, empty where with nothing.
    sentence : str
        How far they agree, or why nothing was compared.
    """

    name: str
    status: Status
    compared_with: str
    sentence: str


@dataclass(frozen=True)
class VerifyResult:
    """Everything that was looked at in a run.

    Parameters
    ----------
    run : str
        The folder.
    findings : tuple of VerifyFinding
        In the order of looking.
    files : tuple of FileFinding
        Every file, the manifest first.
    """

    run: str
    findings: tuple[VerifyFinding, ...]
    files: tuple[FileFinding, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the run; what was not checked is in `unchecked`."""
        return all(f.holds is not False for f in self.findings) and all(f.status != "differs" for f in self.files)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The files of which nothing is known but their hashes."""
        return tuple(file.name for file in self.files if file.status == "not checked")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values.

        Returns
        -------
        dict
            JSON-ready.
        """
        lines = [{"name": f.name, "holds": f.holds, "sentence": f.sentence} for f in self.findings]
        files = [asdict(file) for file in self.files]
        return {"run": self.run, "holds": self.holds, "findings": lines, "files": files}


def verify(
    run: str | Path,
    *,
    models: str | Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    **how: Any,
) -> VerifyResult:
    """Look whether a run folder holds: make it again from what it recorded, and compare.

    Parameters
    ----------
    run : str or pathlib.Path
        A run folder.
    models : str or pathlib.Path, optional
        The model table of the user's own that the run was made from, if it was: a path that it names is not opened.
    progress : callable, optional
        Told of each step.
    **how : Any
        ``jobs`` and ``scheduler``, for fits that are not kept and are sampled again.

    Returns
    -------
    VerifyResult
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
    check_contents(folder)
    if not (folder / DOCUMENT).is_file():
        raise MissingFileError(f"{folder}", f"a run folder with {DOCUMENT}", "make one with: forecast run")
    listing = _Listing.read(folder)
    findings = [listing.finding()]
    pair = _Pair()
    try:
        pair.kept = Forecast.load(folder)
        findings.append(_own_draws(pair.kept))
        findings += _circumstances(pair.kept.document)
        for finding in _again(pair, () if models is None else (models,), progress, how):
            findings.append(finding)
    except (ForecastError, KeyError, TypeError, ValueError, AttributeError) as error:
        findings.append(VerifyFinding("reading", False, f"it cannot be read as a run ({one_line(error)})"))
    files = _each_file(folder, listing, pair, {f.name: f for f in findings}, progress)
    return VerifyResult(str(folder), tuple(findings), tuple(files))


@dataclass
class _Pair:
    """A run as it was kept, and as it comes out now, as far as either is known."""

    kept: Forecast | None = None
    made: Forecast | None = None
    fits: str = ""


@dataclass(frozen=True)
class _Listing:
    """The files of a folder, and what the manifest says of them."""

    listed: Mapping[str, str] | None
    found: Mapping[str, Path]

    @classmethod
    def read(cls, folder: Path) -> _Listing:
        try:
            said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
            listed = {str(name): str(digest) for name, digest in said.items()}
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            listed = None
        found = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
        found.pop(MANIFEST, None)
        return cls(listed, found)

    def wrong(self) -> dict[str, str]:
        """Return the files that are not as listed, with the reason."""
        listed, found = self.listed or {}, self.found
        wrong = {name: "is missing" for name in listed if name not in found}
        wrong |= {name: "is not listed" for name in found if name not in listed}
        return wrong | {
            name: "was changed" for name in listed if name in found and sha256_of(found[name]) != listed[name]
        }

    def finding(self) -> VerifyFinding:
        if self.listed is None:
            return VerifyFinding("files", False, f"there is no {MANIFEST} that can be read")
        wrong = [f"{name} {how}" for name, how in self.wrong().items()]
        if wrong:
            return VerifyFinding("files", False, f"{_some(wrong)}, against {MANIFEST}")
        return VerifyFinding("files", True, f"all {len(self.listed)} files are as {MANIFEST} lists them")


def _own_draws(kept: Forecast) -> VerifyFinding:
    """Hold the document's main numbers against the draws that lie beside it."""
    stated, draws = kept.document["exhaustion_year"], kept.exhaustion_year
    computed: dict[str, Any] = dict(summarise(draws))
    computed["probability_by"] = {year: float(np.mean(draws < int(year) + 1)) for year in stated["probability_by"]}
    computed["probability_after_horizon"] = float(np.mean(np.isinf(draws)))
    shown = {key: stated.get(key) for key in computed}
    wrong = [place for place, _, _ in _differing(shown, computed, tolerance=1e-6)]
    if wrong:
        return VerifyFinding("draws", False, f"{DOCUMENT} does not say what its draws say: {_some(wrong)}")
    return VerifyFinding("draws", True, f"{DOCUMENT} says what its {len(draws)} draws say")


def _circumstances(document: Document) -> Iterator[VerifyFinding]:
    """Tell in what this installation differs from the one that made the run."""
    other = _made_otherwise(document)
    words = f"made with {'; '.join(other)}" if other else "the same versions are here, with the same fingerprints"
    yield VerifyFinding("versions", None, words)


def _made_otherwise(document: Document) -> list[str]:
    made = document["provenance"]
    here = versions(tuple(made["packages"]))
    other = [f"{name} {was} (here {here[name]})" for name, was in made["packages"].items() if here[name] != was]
    if made["code_version"] != __version__:
        other.append(f"this package {made['code_version']} (here {__version__})")
    if made.get("code_sha256") not in (None, fingerprints.digest()):
        other.append("other fingerprints of this package")
    return other


def _again(
    pair: _Pair, models: Sequence[str | Path], progress: Callable[[str], None], how: Mapping[str, Any]
) -> Iterator[VerifyFinding]:
    """Make the run again and compare every future and every number."""
    kept = pair.kept
    assert kept is not None, "only a run that could be read is made again"
    made_from = rerun_plan(kept.document, models)
    obstacle = made_from if isinstance(made_from, str) else made_from.obstacle(sampling=True)
    if isinstance(made_from, str) or obstacle is not None:
        yield VerifyFinding("again", False, f"it cannot be made again: {obstacle}")
        return
    yield VerifyFinding("data", True, f"{_some(list(made_from.tables))}: the hashes are those of the tables here")
    fits, wanted = made_from.fits()
    made = pair.made = made_from.make(progress, **how)
    if fits == wanted:
        pair.fits = "the fit kept in the cache"
        words = f"all {wanted} are those kept in the cache: their checksums hold, what sampling gives was not compared"
    elif fits == 0:
        pair.fits, words = "the fit made again", f"all {wanted} were made again"
    else:
        pair.fits = "the fit, kept in the cache or made again"
        words = f"{wanted - fits} of {wanted} were made again, the others are kept in the cache, their checksums hold"
    yield VerifyFinding("fits", None, words)
    yield _futures(kept, made)
    places = list(_differing(_own_part(kept.document), _own_part(made.document), tolerance=0.0))
    if places:
        shown = [f"{place} is {_value(was)}, made again {_value(now)}" for place, was, now in places]
        yield VerifyFinding("numbers", False, f"{_some(shown)}")
    else:
        yield VerifyFinding("numbers", True, f"every number of {DOCUMENT} comes out the same")


def _each_file(
    folder: Path, listing: _Listing, pair: _Pair, found: Mapping[str, VerifyFinding], progress: Callable[[str], None]
) -> Iterator[FileFinding]:
    """Say of every file what it was compared with."""
    held = found["files"]
    yield FileFinding(MANIFEST, "holds" if held.holds else "differs", "the files beside it", held.sentence)
    wrong = listing.wrong()
    reported = [name for name in listing.found if name.startswith(("report.", "figures/")) and name not in wrong]
    reports = _reports(folder, reported, pair, found, progress) if reported else {}
    fits = {} if pair.made is None else {f"posterior/{name}.nc": tree for name, tree in pair.made.posterior.items()}
    missing = {name: "is missing" for name in fits if name not in listing.found}
    for name in dict.fromkeys((*listing.found, *(listing.listed or ()), *missing)):
        if how := (wrong | missing).get(name):
            yield FileFinding(name, "differs", MANIFEST if name in wrong else _MADE_AGAIN, f"it {how}")
        elif name in reports:
            yield reports[name]
        elif name == DOCUMENT:
            yield _of_findings(name, pair, found, ("draws", "numbers"), _on_trust(pair))
        elif name == "trajectories.nc":
            yield _of_findings(name, pair, found, ("futures",), "every exhaustion year and both paths agree")
        elif not name.startswith("posterior/"):
            yield FileFinding(name, "not checked", "", "it is no file of a run or of its report")
        elif pair.kept is None or pair.made is None:
            yield _unmade(name, found)
        elif name not in fits:
            yield FileFinding(name, "differs", _MADE_AGAIN, "it has no such fit")
        else:
            same = pair.kept.posterior[Path(name).stem].identical(fits[name])
            told = "every draw agrees" if same else "its draws are not those"
            yield FileFinding(name, "holds" if same else "differs", pair.fits, told)


_MADE_AGAIN = "the run made again"


def _unmade(name: str, found: Mapping[str, VerifyFinding]) -> FileFinding:
    """Say of a file that there was nothing to compare it with."""
    why = found.get("again") or found.get("reading")
    return FileFinding(name, "not checked", "", "the run was not made again" if why is None else why.sentence)


def _of_findings(
    name: str, pair: _Pair, found: Mapping[str, VerifyFinding], deciding: Sequence[str], words: str
) -> FileFinding:
    """Say of a file what was found of what is in it."""
    against = [found[each].sentence for each in deciding if each in found and found[each].holds is False]
    if against:
        return FileFinding(name, "differs", _MADE_AGAIN if pair.made is not None else "its draws", "; ".join(against))
    return _unmade(name, found) if pair.made is None else FileFinding(name, "holds", _MADE_AGAIN, words)


def _on_trust(pair: _Pair) -> str:
    """Say which parts of a document do not come out again, and need not."""
    if pair.kept is None or pair.made is None:
        return ""
    one, other = pair.kept.document, pair.made.document
    own = {place for place, _, _ in _differing(_own_part(one), _own_part(other), tolerance=0.0)}
    apart = [place for place, _, _ in _differing(one, other, tolerance=0.0) if place not in own]
    return "every number agrees" + (f"; taken on trust: {_some(apart)}" if apart else "")


def _reports(
    folder: Path,
    names: Sequence[str],
    pair: _Pair,
    found: Mapping[str, VerifyFinding],
    progress: Callable[[str], None],
) -> dict[str, FileFinding]:
    """Compare a report with the one that comes out now."""
    from forecast.report.remake import compare_remade

    if pair.kept is None:
        return {name: _unmade(name, found) for name in names}
    kept, made = pair.kept, pair.made
    comes_out = made is not None and found["futures"].holds is True and found["numbers"].holds is True
    # A report made with its run shows paths in double precision, one made of a run folder those that are stored.
    sources: dict[str, Forecast] = {}
    if made is not None:
        document = kept.document if comes_out else _grafted(made.document, kept.document)
        sources["the report of the run made again"] = replace(made, document=document)
    if made is None or comes_out:
        sources[f"the report made again from {DOCUMENT} and the draws beside it"] = kept
    same, differing = compare_remade(folder, names, sources, progress)
    other = _made_otherwise(kept.document)
    results = {}
    for name in names:
        if name in same:
            results[name] = FileFinding(name, "holds", same[name], "byte for byte")
        elif name not in differing:
            why = " (typst is not installed)" if name.endswith(".pdf") else ""
            results[name] = FileFinding(name, "not checked", "", f"no such file comes out here{why}")
        elif made is None:
            why = "the run was not made again, and from what is stored it comes out otherwise"
            results[name] = FileFinding(name, "not checked", "", why)
        elif other:
            results[name] = FileFinding(
                name, "not checked", "", f"it comes out otherwise, made with {'; '.join(other)}"
            )
        else:
            words = "its content is another, or other versions of matplotlib, typst or the report made it"
            results[name] = FileFinding(name, "differs", next(iter(sources)), words)
    return results


def _grafted(made: Any, kept: Any) -> Any:
    """Return a document with the parts of another that do not come from its draws."""
    if isinstance(made, Mapping) and isinstance(kept, Mapping):
        parts = {key: _grafted(part, kept.get(key)) for key, part in made.items() if key not in _APART}
        return parts | {key: kept[key] for key in _APART if key in kept}
    if isinstance(made, list) and isinstance(kept, list) and len(made) == len(kept):
        return [_grafted(one, other) for one, other in zip(made, kept, strict=True)]
    return made


def _futures(kept: Forecast, made: Forecast) -> VerifyFinding:
    """Compare exhaustion years and paths future by future."""
    was, now = kept.exhaustion_year, made.exhaustion_year
    if was.shape != now.shape:
        return VerifyFinding("futures", False, f"{len(was)} futures, made again {len(now)}")
    both = np.isfinite(was) & np.isfinite(now)
    moved = int(np.sum(np.isinf(was) != np.isinf(now))) + int(np.sum(np.abs(was[both] - now[both]) > 1e-6))
    if moved:
        years = now[both] - was[both]
        far = f", by up to {np.max(np.abs(years)):.2g} years" if years.size else ""
        return VerifyFinding(
            "futures",
            False,
            f"{moved} of {len(was)} exhaustion years differ{far}; the median is {_value(plain(kept.median()))}, made "
            f"again {_value(plain(made.median()))}, the probability by 2030 {kept.probability(2030):.4f}, made again "
            f"{made.probability(2030):.4f}",
        )
    for name in ("consumption", "stock"):
        one, other = getattr(kept, name), getattr(made, name)
        if one.shape != other.shape or not np.array_equal(one[YEAR].values, other[YEAR].values):
            return VerifyFinding("futures", False, f"the paths of {name} cover other years")
        if not np.allclose(one.values, other.values, rtol=_STORED, atol=0.0):
            return VerifyFinding("futures", False, f"the exhaustion years are the same, the paths of {name} are not")
    return VerifyFinding("futures", True, f"all {len(was)} exhaustion years and both paths come out the same")


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
    return some(words, _SHOWN, "; ")


def _value(value: Any) -> str:
    return "never" if value is None else f"{value:.8g}" if _is_number(value) else one_line(value)[:80]
