"""How long the commands take and how much memory, each in a process of its own, beside what is promised.

The promises are for two idle processors and byte-compiled files. Beside them stand what a user would otherwise run: the
procedure of Villalobos et al. (2024) as rebuilt here, and PyMC's own sampler on one growth model.
"""

from __future__ import annotations

import csv
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.evaluate.processes import Cost, cost_of, machine
from forecast.ingest.catalog import data_directory

if TYPE_CHECKING:
    from forecast.ingest.stored import StoredResult

NAME = "speed"
"""Under which the result is stored."""

COLD, WARM = 600.0, 300.0
"""Promised memory (MB): of a run that samples, of one that does not."""

FIRSTS, OTHERS = 1, 5
"""How often each run in an empty cache is made, and everything else (count)."""

PYMC = """\
import pymc as pm
from forecast.consumption.members import member
from forecast.evaluate.baseline import prepare
from forecast.runs.pipeline import Options
who, data = member("damped"), prepare(Options()).data
with who.model(data):
    pm.sample(draws=1500, tune=1000, chains=4, random_seed=1, progressbar=False)
"""
"""One of the four growth models by PyMC's own sampler, at the length that a run has."""

_CLI = ("-m", "forecast.cli.main")


def own_table(folder: Path, without: int = 1) -> Path:
    """Write a table of a user's own: the shipped one without its oldest rows, so that no fit of it is kept or shipped."""
    target = folder / f"own-{without}.csv"
    with (data_directory() / "epoch_models.csv").open(encoding="utf-8", newline="") as source:
        header, *rows = csv.reader(source)
    oldest = sorted(rows, key=lambda row: row[header.index("publication_date")] or "9")[:without]
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(row for row in rows if row not in oldest)])
    return target


def measure(
    firsts: int = FIRSTS, others: int = OTHERS, *, beside: bool = True, progress: Callable[[str], None] = lambda _: None
) -> list[dict[str, Any]]:
    """Return what every command takes.

    Parameters
    ----------
    firsts : int, default 1
        How often each run in an empty cache is made; 0 leaves these out.
    others : int, default 5
        How often everything else is run.
    beside : bool, default True
        Whether what a user would otherwise run is measured too.
    progress : callable, optional
        Told of each command.

    Returns
    -------
    list of dict
        For each command ``name``, ``seconds`` (of each run, by the clock), ``promise`` (seconds, or None),
        ``megabytes``, ``most`` (promised) and ``reached``.
    """
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        warm = folder / "warm"

        def once(line: Sequence[object], cache: Path, compiled: Path | None = None) -> Cost:
            kept = {"FORECAST_CACHE": str(cache), "PYTENSOR_FLAGS": f"base_compiledir={compiled or cache / 'compiled'}"}
            return cost_of(line, kept, ends=(0, 1))  # 1 says FAIL of the diagnostics

        def add(
            name: str,
            promise: float | None,
            line: Sequence[object],
            times: int,
            *,
            most: float = WARM,
            cold: bool = False,
            compiled: Path | None = None,
        ) -> None:
            caches = [folder / f"cold-{len(found)}-{number}" if cold else warm for number in range(times)]
            if caches:
                found.append(_row(name, promise, [once(line, cache, compiled) for cache in caches], most))
                progress(f"{name}: {statistics.median(found[-1]['seconds']):.2f} s")

        run = (*_CLI, "run", "--quiet", "--out", folder / "out")
        report = (*_CLI, "report", "--quiet", "--out", folder / "report")
        other = (*_CLI, "run", "closed_web", "--quiet", "--out", folder / "other")
        add("import forecast", 0.1, ("-c", "import forecast"), others)
        add("forecast --help", 0.5, (*_CLI, "--help"), others)
        add("run, empty cache (shipped fits)", 5.0, run, firsts, most=COLD, cold=True)
        add("report, empty cache (shipped fits)", 38.0, report, firsts, most=COLD, cold=True)
        for name, without in (
            ("a user's own table, nothing compiled yet", 1),
            ("another table, its models compiled", 2),
        ):
            own = (*run, "--models", own_table(folder, without))
            add(f"run on {name}", 45.0, own, firsts, most=COLD, cold=True, compiled=folder / "compiled")
        for line in (run, report, other):
            once(line, warm)
        add("run, again", 1.5, run, others)
        add("report, again", 3.0, report, others)
        another = (*_CLI, "report", "closed_web", "--quiet", "--out", folder / "another")
        add("report of another scenario, fits kept", None, another, 1)
        add("compare two runs", 3.0, (*_CLI, "compare", folder / "out", folder / "other"), others)
        add("scenario diff", 3.0, (*_CLI, "scenario", "diff", "baseline", "closed_web"), others)
        add("scenario list, all with their answers", 10.0, (*_CLI, "scenario", "list"), others)
        add("sensitivity, stored", 3.0, (*_CLI, "sensitivity"), others)
        if beside:
            add("beside: Epoch's procedure of 2024", None, (*_CLI, "replicate", "epoch2024"), 1)
            add("beside: pm.sample of one growth model", None, ("-c", PYMC), 1, most=COLD)
    return found


def _row(name: str, promise: float | None, costs: Sequence[Cost], most: float) -> dict[str, Any]:
    """Return what a command took; what has no promise breaks none."""
    seconds, memory = [cost.clock for cost in costs], max(cost.megabytes for cost in costs)
    return {
        "name": name,
        "seconds": [round(one, 2) for one in seconds],
        "promise": promise,
        "megabytes": round(memory),
        "most": most,
        "reached": promise is None or (statistics.median(seconds) <= promise and memory <= most),
    }


COLUMNS = ("command", "seconds", "promise", "memory", "reached")
"""Heading of the table."""


def table_rows(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the table: the median with the least and the most seconds, and whether the promise is reached.

    Examples
    --------
    >>> row = {"name": "import forecast", "seconds": [0.04, 0.06, 0.05], "promise": 0.1, "megabytes": 12, "most": 300.0}
    >>> table_rows({"commands": [{**row, "reached": True}]})
    [('import forecast', '0.05 (0.04 to 0.06)', '0.1', '12 MB of 300', 'yes')]
    """
    rows: list[tuple[str, ...]] = []
    for row in content["commands"]:
        seconds = row["seconds"]
        spread = f" ({min(seconds):.2f} to {max(seconds):.2f})" if len(seconds) > 1 else ""
        promised = row["promise"] is not None
        rows.append(
            (
                row["name"],
                f"{statistics.median(seconds):.2f}{spread}",
                f"{row['promise']:g}" if promised else "",
                f"{row['megabytes']} MB of {row['most']:.0f}" if promised else f"{row['megabytes']} MB",
                ("yes" if row["reached"] else "no") if promised else "",
            )
        )
    return rows


def sentence(content: Mapping[str, Any]) -> str:
    """Say how many promises are reached.

    Examples
    --------
    >>> rows = [{"promise": 0.1, "reached": True}, {"promise": 3.0, "reached": False}, {"promise": None, "reached": True}]
    >>> sentence({"commands": rows})
    '1 of 2 promises are reached.'
    """
    promised = [row for row in content["commands"] if row["promise"] is not None]
    return f"{sum(row['reached'] for row in promised)} of {len(promised)} promises are reached."


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"firsts": FIRSTS, "others": OTHERS}


def read_stored() -> StoredResult:
    """Return the result that ships with the package."""
    from forecast.ingest.stored import read

    return read(NAME, settings())


def content_of(commands: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return measured commands with the machine, as they are stored."""
    return {"machine": machine(), "commands": [dict(row) for row in commands]}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Measure all; both options play no part."""
    del jobs, scheduler
    return content_of(measure(progress=progress))


__all__ = ["COLUMNS", "NAME", "content_of", "evaluate", "measure", "read_stored", "sentence", "settings", "table_rows"]
