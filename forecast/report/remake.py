"""A report made again and compared byte for byte: the same run gives the same report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from forecast.fits.kept_parts import afresh
from forecast.report import write_report
from forecast.report.likelihood_words import DEFAULT_SCALE, SCALES
from forecast.runs.forecast import Forecast


def compare_remade(
    folder: Path, names: Sequence[str], sources: Mapping[str, Forecast], progress: Callable[[str], None]
) -> tuple[dict[str, str], set[str]]:
    """Compare the files of a report with those that come out now."""
    same: dict[str, str] = {}
    made: set[str] = set()
    with tempfile.TemporaryDirectory() as scratch, afresh():
        for number, (words, source) in enumerate(sources.items()):
            left = [name for name in names if name not in same]
            if not left:
                break
            progress("making the report again")
            place = Path(scratch) / f"{number}"
            try:
                write_report(source, place, likelihood=_scale_of(folder))
            except Exception:  # somebody else's document may hold anything where it has no number of its own
                continue
            again = {name for name in left if (place / name).is_file()}
            same |= {name: words for name in again if (place / name).read_bytes() == (folder / name).read_bytes()}
            made |= again
    return same, made - same.keys()


def _scale_of(folder: Path) -> str:
    """Return the scale of likelihood that a report uses: it names it."""
    try:
        text = (folder / "report.md").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return DEFAULT_SCALE
    return next((name for name, scale in SCALES.items() if scale.title in text), DEFAULT_SCALE)


def rewrite_report(run: Forecast, target: Path, likelihood: str, warn: Callable[[str], None]) -> Path:
    """Write a run and its report in place of an earlier one, with the earlier one's scale of likelihood."""
    return write_report(run, target, likelihood=likelihood if likelihood in SCALES else DEFAULT_SCALE, warn=warn)
