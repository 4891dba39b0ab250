"""Cost by size, each size in a process of its own: seconds, memory, the slope, and what the largest size would take."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.evaluate.processes import cost_of, machine
from forecast.evaluate.scale import axes as axes_room
from forecast.evaluate.scale.axes import AXES
from forecast.evaluate.scale.law import Law, fitted
from forecast.evaluate.scale.repeated import DRAWS, EVERY, RUNS, growth, memory_of_runs

if TYPE_CHECKING:
    from forecast.ingest.stored import StoredResult

NAME = "scale"
"""Under which the result is stored."""

PROPORTIONAL = 1.1
"""Slope up to which growth counts as in proportion to the size (exponent): a tenth for the error of a few measurements
(judgement)."""


def measure(
    name: str, sizes: Sequence[int] | None = None, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Measure an axis.

    Parameters
    ----------
    name : str
        A name of `AXES`.
    sizes : sequence of int, optional
        Sizes instead of its own; four or more.
    progress : callable, optional
        Told of each size.

    Returns
    -------
    dict
        ``points`` (size, seconds by ``clock``, ``processor`` seconds, ``megabytes``), ``start`` (processor seconds),
        ``slope`` with ``slope_between``, and ``expected``, the seconds by the clock of the largest size of interest.
    """
    axis = AXES[name]
    points = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        kept = {"FORECAST_CACHE": str(folder / "cache")}
        sizes = axis.sizes if sizes is None else tuple(sizes)
        for position, size in enumerate(sizes):
            table = folder / f"{size}.csv"
            axis.lay(size, table)
            line = ["-m", axes_room.__name__, name, size, table]
            # What every size needs (compiled files, kept fits) is there before any is measured.
            if position == 0 and axis.kept:
                cost_of(line, kept)
            cost = cost_of(line, kept if axis.kept else {"FORECAST_CACHE": str(folder / f"cache-{size}")})
            table.unlink(missing_ok=True)
            points.append(
                {
                    "size": size,
                    "clock": round(cost.clock, 2),
                    "processor": round(cost.processor, 2),
                    "megabytes": round(cost.megabytes),
                }
            )
            progress(f"{axis.title}: {size:,} {axis.unit} took {cost.clock:.1f} s")
    return {"points": points, **law_of(points, axis.most)}


def law_of(points: Sequence[Mapping[str, Any]], most: int) -> dict[str, Any]:
    """Return the law of processor seconds; by the clock, the largest size takes as much more as the last one measured."""
    last = points[-1]
    found = fitted([point["size"] for point in points], [point["processor"] for point in points])
    law = found.law if found else Law(last["processor"], 0.0, 0.0)
    return {
        "start": round(law.start, 2),
        "slope": found.law.slope if found else None,
        "slope_between": list(found.between) if found else None,
        "most": most,
        "expected": last["clock"] if most == last["size"] else round(law.at(most) * last["clock"] / last["processor"]),
    }


def table_rows(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the table of what was measured, one line an axis.

    Examples
    --------
    >>> point = {"size": 200, "clock": 2.0, "processor": 2.0, "megabytes": 150}
    >>> axis = {"points": [point, {**point, "size": 20_000, "clock": 3.0}], "slope": 1.0, "slope_between": [0.9, 1.1]}
    >>> table_rows({"axes": {"reading": {**axis, "most": 20_000, "expected": 3.0}}})[0][1:5]
    ('200 to 20,000 rows', '2.0 s', '3.0 s', '1.00 (0.90 to 1.10)')
    """
    rows: list[tuple[str, ...]] = []
    for name, found in content["axes"].items():
        axis, points = AXES[name], found["points"]
        first, last = points[0], points[-1]
        slope = "too small to see"
        if found["slope"] is not None:
            low, high = found["slope_between"]
            slope = f"{found['slope']:.2f} ({low:.2f} to {high:.2f})"
        measured = f"{first['size']:,} to {last['size']:,} {axis.unit}"
        memory = f"{max(point['megabytes'] for point in points):,} MB"
        expected = "" if found["most"] == last["size"] else f"{found['most']:,}: {duration(found['expected'])}"
        rows.append((axis.title, measured, duration(first["clock"]), duration(last["clock"]), slope, memory, expected))
    return rows


COLUMNS = ("what", "measured", "smallest", "largest", "slope", "memory", "time expected for more")
"""Heading of the table."""


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it.

    Examples
    --------
    >>> duration(2.34), duration(340), duration(16_200)
    ('2.3 s', '5.7 minutes', '4.5 hours')
    """
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


_CALLED = {"reading": "rows", "judging": "comparing scores", "worlds_on_cluster": "worlds on Dask"}
"""What a reader calls an axis, where it is not its name."""


def finding(content: Mapping[str, Any]) -> str:
    """Say in one line how cost grows.

    Examples
    --------
    >>> finding({"axes": {"draws": {"slope": 0.95}, "worlds": {"slope": None}}})
    'No cost grows faster than in proportion'
    >>> finding({"axes": {"draws": {"slope": 1.0}, "worlds": {"slope": 1.4}}})
    'Faster than in proportion: worlds (slope 1.40)'
    """
    steep = [
        f"{_CALLED.get(name, name)} (slope {found['slope']:.2f})"
        for name, found in content["axes"].items()
        if (found["slope"] or 0.0) > PROPORTIONAL
    ]
    return f"Faster than in proportion: {', '.join(steep)}" if steep else "No cost grows faster than in proportion"


def memory_sentence(content: Mapping[str, Any]) -> str:
    """Say what memory does over many runs in one process.

    Examples
    --------
    >>> memory_sentence({"repeated": {"memory": [[10, 260.0], [200, 262.0]], "growth": 2.0}})
    'After 200 runs in one process its memory is 262 MB, 2 MB more than after the first 10.'
    """
    found = content["repeated"]
    (early, _), (runs, last) = found["memory"][0], found["memory"][-1]
    more = f"{found['growth']:.0f} MB more than" if found["growth"] >= 0.5 else "no more than"
    return f"After {runs} runs in one process its memory is {last:.0f} MB, {more} after the first {early}."


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {
        "sizes": {name: list(axis.sizes) for name, axis in AXES.items()},
        "repeated": {"runs": RUNS, "draws": DRAWS, "every": EVERY},
    }


def read_stored() -> StoredResult:
    """Return the result that ships with the package."""
    from forecast.ingest.stored import read

    return read(NAME, settings())


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Measure all; how many workers there are is part of the measurement, so both options play no part."""
    del jobs, scheduler
    found = {name: measure(name, progress=progress) for name in AXES}
    progress(f"{RUNS} runs in one process")
    memory = memory_of_runs(RUNS)
    return {
        "machine": machine(),
        "axes": found,
        "repeated": {"memory": [list(one) for one in memory], "growth": round(growth(memory), 1)},
    }


__all__ = [
    "COLUMNS", "NAME", "duration", "evaluate", "finding", "measure", "memory_sentence", "read_stored", "settings",
    "table_rows",
]  # fmt: skip
