"""Whether a run holds: its files against the manifest, its document against its draws, and the run made again.

Of every file it is said what it was compared with, or that it was not checked and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from forecast.core.summaries import plain, summarise
from forecast.core.trajectory import MEMBER, YEAR
from forecast.errors import ForecastError, MissingFileError
from forecast.fits.kept_parts import afresh
from forecast.report.verify_files import Listing, Pair, each_file, made_otherwise
from forecast.report.verify_findings import VerifyFinding, VerifyResult, differing, own_part, some_of, value_words
from forecast.runs.document_types import Document
from forecast.runs.folder import DOCUMENT, check_contents
from forecast.runs.forecast import Forecast
from forecast.runs.headline import headline_again
from forecast.runs.rerun import rerun_plan
from forecast.text import one_line

_STORED = 2e-6  # relative: trajectories are stored in single precision, 24 bits


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
    >>> import forecast as fc
    >>> fc.verify("out").holds
    True
    """
    folder = Path(run)
    check_contents(folder)
    if not (folder / DOCUMENT).is_file():
        raise MissingFileError(f"{folder}", f"a run folder with {DOCUMENT}", "make one with: forecast run")
    listing = Listing.read(folder)
    findings = [listing.finding()]
    pair = Pair()
    try:
        pair.kept = Forecast.load(folder)
        findings.append(_own_draws(pair.kept))
        findings += _circumstances(pair.kept.document)
        for finding in _again(pair, () if models is None else (models,), progress, how):
            findings.append(finding)
    except (ForecastError, KeyError, TypeError, ValueError, AttributeError) as error:
        findings.append(VerifyFinding("reading", False, f"it cannot be read as a run ({one_line(error)})"))
    files = each_file(folder, listing, pair, {f.name: f for f in findings}, progress)
    return VerifyResult(str(folder), tuple(findings), tuple(files))


def _own_draws(kept: Forecast) -> VerifyFinding:
    """Hold the document's main numbers against the draws that lie beside it."""
    stated, draws = kept.document["exhaustion_year"], kept.exhaustion_year
    computed: dict[str, Any] = dict(summarise(draws))
    computed["probability_by"] = {year: float(np.mean(draws < int(year) + 1)) for year in stated["probability_by"]}
    computed["probability_after_horizon"] = float(np.mean(np.isinf(draws)))
    shown = {key: stated.get(key) for key in computed}
    wrong = [place for place, _, _ in differing(shown, computed, tolerance=1e-6)]
    if wrong:
        return VerifyFinding("draws", False, f"{DOCUMENT} does not say what its draws say: {some_of(wrong)}")
    if unsaid := _own_headline(kept.document):
        words = f"the headline does not say what the numbers of {DOCUMENT} say: {some_of(unsaid)}"
        return VerifyFinding("draws", False, words)
    return VerifyFinding("draws", True, f"{DOCUMENT} says what its {len(draws)} draws say")


def _own_headline(kept: Document) -> list[str]:
    """Name the places in which the headline does not say what the numbers of its document say."""
    if "headline" not in kept:  # version 0.1.0 had none
        return []
    stated = {"sentence": kept["sentence"], "headline": kept["headline"]}
    again = headline_again(kept, kept["headline"])
    said = {"sentence": kept["headline"]["sentence"], "headline": again}
    return [place for place, _, _ in differing(stated, said, tolerance=0.0)]


def _beside_the_same(made: Document, kept: Document) -> Document:
    """Return a document made again whose headline takes from the stored results that the kept one took from."""
    if "headline" not in kept or "headline" not in made:
        return made
    again = headline_again(made, kept["headline"])
    return {**made, "headline": again, "sentence": again["sentence"]}


def _circumstances(document: Document) -> Iterator[VerifyFinding]:
    """Tell in what this installation differs from the one that made the run."""
    other = made_otherwise(document)
    words = f"made with {'; '.join(other)}" if other else "the same versions are here, with the same fingerprints"
    yield VerifyFinding("versions", None, words)


def _again(
    pair: Pair, models: Sequence[str | Path], progress: Callable[[str], None], how: Mapping[str, Any]
) -> Iterator[VerifyFinding]:
    """Make the run again and compare every future and every number."""
    kept = pair.kept
    assert kept is not None, "only a run that could be read is made again"
    made_from = rerun_plan(kept.document, models)
    obstacle = made_from if isinstance(made_from, str) else made_from.obstacle(sampling=True)
    if isinstance(made_from, str) or obstacle is not None:
        yield VerifyFinding("again", False, f"it cannot be made again: {obstacle}")
        return
    yield VerifyFinding("data", True, f"{some_of(list(made_from.tables))}: the hashes are those of the tables here")
    fits, wanted = made_from.fits()
    with afresh():
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
    now = _beside_the_same(made.document, kept.document)
    places = list(differing(own_part(kept.document), own_part(now), tolerance=0.0))
    if places:
        shown = [f"{place} is {value_words(was)}, made again {value_words(is_)}" for place, was, is_ in places]
        yield VerifyFinding("numbers", False, f"{some_of(shown)}")
    else:
        yield VerifyFinding("numbers", True, f"every number of {DOCUMENT} comes out the same")


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
            f"{moved} of {len(was)} exhaustion years differ{far}; the median is {value_words(plain(kept.median()))}, made "
            f"again {value_words(plain(made.median()))}, the probability by 2030 {kept.probability(2030):.4f}, made again "
            f"{made.probability(2030):.4f}",
        )
    for name in ("consumption", "stock"):
        one, other = getattr(kept, name), getattr(made, name)
        if one.shape != other.shape or not np.array_equal(one[YEAR].values, other[YEAR].values):
            return VerifyFinding("futures", False, f"the paths of {name} cover other years")
        if not np.allclose(one.values, other.values, rtol=_STORED, atol=0.0):
            return VerifyFinding("futures", False, f"the exhaustion years are the same, the paths of {name} are not")
    if _members(kept) != _members(made):
        return VerifyFinding("futures", False, "the exhaustion years are the same, their growth members are not")
    other = [name for name in {**kept.levers, **made.levers} if not _same_lever(kept, made, name)]
    if other:
        return VerifyFinding("futures", False, f"the exhaustion years are the same, levers are not: {some_of(other)}")
    return VerifyFinding("futures", True, f"all {len(was)} exhaustion years and both paths come out the same")


def _members(run: Forecast) -> list[str]:
    return run.consumption[MEMBER].values.tolist() if MEMBER in run.consumption.coords else []


def _same_lever(kept: Forecast, made: Forecast, name: str) -> bool:
    one, other = kept.levers.get(name), made.levers.get(name)
    return one is not None and other is not None and np.allclose(one, other, rtol=_STORED, atol=0.0)
