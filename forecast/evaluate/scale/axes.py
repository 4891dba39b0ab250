"""What may grow, and the work of each size: `python -m forecast.evaluate.scale.axes NAME SIZE FILE` does it once.

Tables are made by a generator, written before anything is measured. Rows that are added to a model table are small
corpora, so that every size rests on the same fit, which is kept: rows cost their reading and checking alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.files import atomic_file
from forecast.core.registry import Registry
from forecast.core.seeds import DEFAULT_SEED, generator

if TYPE_CHECKING:
    from forecast.runs.forecast import Forecast

RECORD = 200
"""Rows of the smallest model table (count), all of which are larger than any row that is added."""

HISTORY_YEARS = 9
"""Yearly values of a made history (count): three origins. Judgement: as few as are scored more than once."""

WORKERS = 2
"""Processes or workers of a cluster among which histories and worlds are shared (count)."""

FIRST_YEAR = 2026
"""Year from which a horizon is counted (calendar year): that of the shipped data."""


def nothing(size: int, path: Path) -> None:
    """Need no table."""


@dataclass(frozen=True)
class Axis:
    """Something that may grow, and the work that is measured.

    Parameters
    ----------
    title : str
        What is done, for a reader.
    unit : str
        What is counted.
    sizes : tuple of int
        Sizes that are measured, in about geometric steps.
    most : int
        Largest size that is of interest; where it is beyond the last one measured, its time is what the law expects.
    work : callable
        Does the work of a size, with the table that `lay` wrote.
    lay : callable
        Writes that table; by default there is none.
    kept : bool, default True
        Whether fits are kept, so that none is part of the measurement.

    Examples
    --------
    >>> AXES["draws"].unit
    'draws'
    """

    title: str
    unit: str
    sizes: tuple[int, ...]
    most: int
    work: Callable[[int, Path], Any]
    lay: Callable[[int, Path], None] = nothing
    kept: bool = True


def lay_models(size: int, path: Path) -> None:
    """Write a model table in which the largest corpora of each half-year are the same for every size.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "models.csv"
    >>> lay_models(500, path)
    >>> lines = path.read_text().splitlines()
    >>> len(lines), lines[0]
    (501, 'model,organization,publication_date,tokens')
    """
    rng = generator(DEFAULT_SEED, "scale", "models")
    year = 2018.0 + 8.6 * np.arange(RECORD) / RECORD
    log10 = 10.0 + 0.4 * (year - 2018.0) + rng.normal(0.0, 0.2, RECORD)
    more = max(size - RECORD, 0)
    year = np.concatenate([year, rng.uniform(2018.0, 2026.5, more)])[:size]
    log10 = np.concatenate([log10, rng.uniform(6.0, 8.0, more)])[:size]
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write("model,organization,publication_date,tokens\n")
        for number, (when, amount) in enumerate(zip(year.tolist(), log10.tolist(), strict=True)):
            month, day = 1 + int(when % 1 * 12), 1 + number % 28
            file.write(f"Model {number},Maker {number % 500},{int(when)}-{month:02}-{day:02},{10**amount:.6g}\n")


def lay_histories(size: int, path: Path) -> None:
    """Write a table of yearly records that grow by gamma-distributed steps, two series a family.

    Examples
    --------
    >>> import tempfile
    >>> from forecast.ingest.histories import load_histories
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "histories.csv"
    >>> lay_histories(3, path)
    >>> [len(history.year) for history in load_histories(path)]
    [9, 9, 9]
    """
    rng = generator(DEFAULT_SEED, "scale", "histories")
    log10 = np.cumsum(rng.gamma(2.0, 0.05, (size, HISTORY_YEARS)), axis=1)
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write("series,family,kind,date,value\n")
        for number, values in enumerate(log10.tolist()):
            for step, value in enumerate(values):
                file.write(f"Series {number},Family {number // 2},record,{2016 + step}-01-01,{10**value:.6g}\n")


def small_run(**options: Any) -> Forecast:
    """Return a run of one growth model with short sampling: its fit is made in seconds, the rest is as in any run."""
    from forecast.fits.sampling import Sampling
    from forecast.runs.pipeline import run
    from forecast.scenarios.scenario import load

    scenario = load("baseline").replace(members=["damped"])
    return run(
        scenario, draws=400, jobs=1, sampling=Sampling(chains=2, draws=200, tune=100), warn=lambda _: None, **options
    )


def _read(_: int, path: Path) -> None:
    from forecast.core.resources import RESOURCES
    from forecast.runs.inputs import read_inputs

    read_inputs(RESOURCES["public_text"], path)


def _baseline(**options: Any) -> None:
    from forecast.runs.pipeline import run

    run("baseline", jobs=1, **options)


def _histories(_: int, path: Path) -> None:
    from forecast.evaluate.histories.run import backtest_histories

    backtest_histories(path, jobs=WORKERS)


def _judged(size: int, _: Path) -> None:
    """Compare two forecasters by scores that are drawn, three origins and three horizons a series."""
    from forecast.evaluate.histories.run import judged
    from forecast.evaluate.histories.scoring import HORIZONS, LEVELS, Scored

    rng = generator(DEFAULT_SEED, "scale", "scores")
    drawn = rng.random((size, 3, 3, 2)).tolist()
    rows = [
        {
            "series": f"Series {number}", "family": f"Family {number // 2}", "domain": f"Domain {number % 5}",
            "kind": "record", "origin": 2020.0 + origin, "horizon": HORIZONS[ahead], "method": method, "score": score,
            **{f"covered_{level:g}": score < level for level in LEVELS},
        }
        for number, of_series in enumerate(drawn)
        for origin, of_origin in enumerate(of_series)
        for ahead, scores in enumerate(of_origin)
        for method, score in zip(("combination", "ols"), scores, strict=True)
    ]  # fmt: skip
    judged(Scored(rows, []), "combination", "user")


def _worlds(size: int, _: Path) -> None:
    from forecast.evaluate.worlds.run import score_worlds, tasks

    score_worlds(tasks(size), jobs=WORKERS)


def _worlds_on_cluster(size: int, _: Path) -> None:
    from distributed import LocalCluster

    from forecast.evaluate.worlds.run import score_worlds, tasks

    with LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as started:
        score_worlds(tasks(size), scheduler=started.scheduler_address)


AXES = Registry[Axis](
    "axis",
    {
        "reading": Axis(
            "Read and check a model table", "rows", (200, 2_000, 20_000, 60_000, 200_000), 200_000, _read, lay_models
        ),
        "rows": Axis(
            "A run on such a table, its fit kept",
            "rows",
            (200, 2_000, 20_000, 60_000, 200_000),
            200_000,
            lambda _, path: small_run(models=path),
            lay_models,
        ),
        "draws": Axis(
            "The baseline, its fits kept",
            "draws",
            (250, 1_000, 2_000, 4_000, 16_000),
            16_000,
            lambda size, _: _baseline(draws=size),
        ),
        "horizon": Axis(
            f"The same to a later horizon (up to 2200), from {FIRST_YEAR}",
            "years",
            (11, 22, 44, 88, 174),
            174,
            lambda size, _: _baseline(horizon=FIRST_YEAR + size),
        ),
        "histories": Axis(
            f"`backtest --histories`, {WORKERS} processes",
            "histories",
            (5, 10, 20, 40, 80),
            10_000,
            _histories,
            lay_histories,
            kept=False,
        ),
        "judging": Axis("Of which the comparison of scores", "histories", (10, 100, 1_000, 10_000), 10_000, _judged),
        "worlds": Axis(
            f"Score made worlds, {WORKERS} processes", "worlds", (5, 10, 20, 40), 10_000, _worlds, kept=False
        ),
        "worlds_on_cluster": Axis(
            f"The same, {WORKERS} workers of a Dask cluster",
            "worlds",
            (5, 10, 20, 40),
            10_000,
            _worlds_on_cluster,
            kept=False,
        ),
    },
)
"""What is measured, in the order of the table."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the work of one size: what `forecast.evaluate.scale.run` starts in a process of its own."""
    name, size, path = sys.argv[1:] if arguments is None else arguments
    AXES[name].work(int(size), Path(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
