"""What each file of a run was compared with: the manifest, its own draws, the run or the report made again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forecast import __version__
from forecast.core import fingerprints
from forecast.core.files import sha256_of
from forecast.core.manifest import MANIFEST
from forecast.fits.kept import versions
from forecast.report.verify_findings import FileFinding, VerifyFinding, differing, grafted, own_part, some_of
from forecast.runs.document_types import Document
from forecast.runs.folder import DOCUMENT, ONE_PAGE, TRAJECTORIES, labels, write_trajectories
from forecast.runs.forecast import Forecast


@dataclass
class Pair:
    """A run as it was kept, and as it comes out now, as far as either is known."""

    kept: Forecast | None = None
    made: Forecast | None = None
    fits: str = ""


@dataclass(frozen=True)
class Listing:
    """The files of a folder, and what the manifest says of them."""

    listed: Mapping[str, str] | None
    found: Mapping[str, Path]

    @classmethod
    def read(cls, folder: Path) -> Listing:
        """Read a folder and its manifest."""
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
        """Say whether all files are as listed."""
        if self.listed is None:
            return VerifyFinding("files", False, f"there is no {MANIFEST} that can be read")
        wrong = [f"{name} {how}" for name, how in self.wrong().items()]
        if wrong:
            return VerifyFinding("files", False, f"{some_of(wrong)}, against {MANIFEST}")
        return VerifyFinding("files", True, f"all {len(self.listed)} files are as {MANIFEST} lists them")


def made_otherwise(document: Document) -> list[str]:
    """Name the versions that made a run and are not the ones here."""
    made = document["provenance"]
    here = versions(tuple(made["packages"]))
    other = [f"{name} {was} (here {here[name]})" for name, was in made["packages"].items() if here[name] != was]
    if made["code_version"] != __version__:
        other.append(f"this package {made['code_version']} (here {__version__})")
    if made.get("code_sha256") not in (None, fingerprints.digest()):
        other.append("other fingerprints of this package")
    return other


def each_file(
    folder: Path, listing: Listing, pair: Pair, found: Mapping[str, VerifyFinding], progress: Callable[[str], None]
) -> Iterator[FileFinding]:
    """Say of every file what it was compared with."""
    held = found["files"]
    yield FileFinding(MANIFEST, "holds" if held.holds else "differs", "the files beside it", held.sentence)
    wrong = listing.wrong()
    reported = [
        name
        for name in listing.found
        if name.startswith(("report.", "appendix.", "card.", ONE_PAGE, "figures/")) and name not in wrong
    ]
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
        elif name == TRAJECTORIES and pair.made is not None and labels(folder) != _labels_made(pair.made):
            yield FileFinding(name, "differs", _MADE_AGAIN, "what stands beside its numbers is another")
        elif name == TRAJECTORIES:
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


def _labels_made(made: Forecast) -> dict[str, Any]:
    """Return what stands beside the numbers of a run that was made again, as it would be written."""
    with tempfile.TemporaryDirectory() as folder:
        sides = {"consumption": made.consumption, "stock": made.stock}
        write_trajectories(Path(folder), made.exhaustion_year, sides, made.levers)
        return labels(Path(folder))


def _unmade(name: str, found: Mapping[str, VerifyFinding]) -> FileFinding:
    """Say of a file that there was nothing to compare it with."""
    why = found.get("again") or found.get("reading")
    return FileFinding(name, "not checked", "", "the run was not made again" if why is None else why.sentence)


def _of_findings(
    name: str, pair: Pair, found: Mapping[str, VerifyFinding], deciding: Sequence[str], words: str
) -> FileFinding:
    """Say of a file what was found of what is in it."""
    against = [found[each].sentence for each in deciding if each in found and found[each].holds is False]
    if against:
        return FileFinding(name, "differs", _MADE_AGAIN if pair.made is not None else "its draws", "; ".join(against))
    return _unmade(name, found) if pair.made is None else FileFinding(name, "holds", _MADE_AGAIN, words)


def _on_trust(pair: Pair) -> str:
    """Say which parts of a document do not come out again, and need not."""
    if pair.kept is None or pair.made is None:
        return ""
    one, other = pair.kept.document, pair.made.document
    own = {place for place, _, _ in differing(own_part(one), own_part(other), tolerance=0.0)}
    apart = [place for place, _, _ in differing(one, other, tolerance=0.0) if place not in own]
    return "every number agrees" + (f"; taken on trust: {some_of(apart)}" if apart else "")


def _reports(
    folder: Path,
    names: Sequence[str],
    pair: Pair,
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
        document = kept.document if comes_out else grafted(made.document, kept.document)
        sources["the report of the run made again"] = replace(made, document=document)
    if made is None or comes_out:
        sources[f"the report made again from {DOCUMENT} and the draws beside it"] = kept
    same, differing = compare_remade(folder, names, sources, progress)
    other = made_otherwise(kept.document)
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
