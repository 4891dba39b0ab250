"""Answers of other teams: read out of a hub, checked, and scored by the code that scores this forecast and its rivals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.errors import ForecastError, InputError, MissingFileError, unknown_name
from forecast.evaluate.rounds import files
from forecast.evaluate.rounds.freezing import distribution
from forecast.evaluate.rounds.scoring import resolve
from forecast.exchange.hub import MODEL_OUTPUT
from forecast.exchange.tasks import (
    COLUMNS,
    DATE,
    LEVEL,
    MODEL_ID,
    NO,
    ORIGIN,
    SAMPLES,
    TARGET,
    TYPE,
    VALUE,
    YES,
    Task,
    is_ours,
    tasks_of_round,
)

if TYPE_CHECKING:
    import pandas as pd

LARGEST_FILE = 50_000_000
"""A longer file is not read: a full answer in 10,000 samples has about 20 MB (bytes)."""

MOST_SUBMISSIONS = 1000
"""More files of one hub are not read (count)."""

_FORMATS = (".csv", ".parquet")

_ENOUGH = 1e-3
"""How far the probabilities of a yes or no may be from a sum of 1: what rounding to three digits leaves."""


@dataclass(frozen=True)
class Submission:
    """One file of one team.

    Parameters
    ----------
    model : str
        Team and model, joined by a hyphen.
    path : pathlib.Path
        The file.
    round : str or None
        Name of the round that it answers.
    answers : mapping of str to mapping
        By question, quantiles or a probability, as a frozen round has them; empty where there is a problem.
    problem : str or None
        What is wrong with it, in one line.
    """

    model: str
    path: Path
    round: str | None
    answers: Mapping[str, Mapping[str, Any]]
    problem: str | None = None


def read_submission(path: str | Path, frozen: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Read the answers of one file to a frozen round.

    Parameters
    ----------
    path : str or pathlib.Path
        A table of model output, CSV or parquet, named by round and model.
    frozen : mapping
        The round, as `forecast.evaluate.rounds.files.read` gives it.

    Returns
    -------
    dict of str to dict
        By question, ``quantiles`` or ``probability``, as the round has them for this forecast and its rivals.

    Raises
    ------
    InputError
        If anything in it is not as the round asks.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> from forecast.evaluate.rounds import files
    >>> hub = fc.exchange.to_hub(f, "hub")
    >>> frozen = files.read(files.names()[0])
    >>> fc.exchange.read_submission(hub / "model-output" / "them" / "a.csv", frozen)
    Traceback (most recent call last):
    forecast.errors.InputError: got a file named a.csv, ...
    """
    file = Path(path)
    model = file.stem.removeprefix(f"{frozen['frozen']}-")
    if not file.stem.startswith(f"{frozen['frozen']}-") or not MODEL_ID.fullmatch(model):
        expected = f"{frozen['frozen']}-TEAM-MODEL, of letters, digits and underscores"
        raise InputError(f"a file named {file.name}", expected, "rename the file")
    if is_ours(model):
        raise InputError(f"the model {model}", "a team other than ours", "choose another name")
    table = _table(file)
    tasks = {task.target: task for task in tasks_of_round(frozen)}
    found: dict[str, dict[str, Any]] = {}
    if set(table[ORIGIN]) - {frozen["frozen"]}:
        other = sorted(set(table[ORIGIN]) - {frozen["frozen"]})[0]
        raise InputError(f"{file.name} with the {ORIGIN} {other}", frozen["frozen"], "write one file for each round")
    for target, rows in table.groupby(TARGET, sort=False):
        if target not in tasks:
            raise unknown_name("target", str(target), tasks)
        found[str(target)] = _answer(rows, tasks[str(target)])
    if not found:
        raise InputError(f"{file.name} without a row", "at least one answer", "add rows")
    return found


def submissions(hub: str | Path) -> list[Submission]:
    """Return every file of other teams in a hub, with its answers or what is wrong with it."""
    folder = Path(hub)
    if not (folder / MODEL_OUTPUT).is_dir():
        raise MissingFileError(f"no {folder / MODEL_OUTPUT}", "a hub", "make one with: forecast export hub")
    rounds = _by_day()
    paths = sorted(
        p for p in (folder / MODEL_OUTPUT).glob("*/*") if p.suffix in _FORMATS and not is_ours(p.parent.name)
    )
    if len(paths) > MOST_SUBMISSIONS:
        raise InputError(f"{len(paths)} submissions", f"at most {MOST_SUBMISSIONS}", "move old rounds elsewhere")
    found: list[Submission] = []
    for one in (_checked(path, rounds) for path in paths):
        first = next((other for other in found if (other.model, other.round) == (one.model, one.round)), None)
        if first is not None and one.problem is None:
            twice = InputError(f"{one.path.name} beside {first.path.name}", "one file for each round", "remove one")
            one = Submission(one.model, one.path, one.round, {}, str(twice))
        found.append(one)
    return found


def check_file(path: str | Path) -> Submission:
    """Return one file of a team, with its answers or what is wrong with it."""
    if not Path(path).is_file():
        raise MissingFileError(f"no file {path}", "a table of model output or a hub", "check the path")
    return _checked(Path(path), _by_day())


def with_submissions(frozen: Mapping[str, Any], found: Sequence[Submission]) -> dict[str, Any]:
    """Return a frozen round in which other teams' answers stand among the rivals'."""
    answers = [one for one in found if one.round == frozen["round"]]
    questions = [
        {
            **question,
            "rivals": {
                **question["rivals"],
                **{one.model: one.answers[question["name"]] for one in answers if question["name"] in one.answers},
            },
        }
        for question in frozen["questions"]
    ]
    return {**frozen, "questions": questions}


def scored_with_submissions(
    hub: str | Path, names: Sequence[str] | None = None, tables: Any = None
) -> list[dict[str, Any]]:
    """Return rounds with outcomes and scores, other teams' beside ours and the rivals'.

    Parameters
    ----------
    hub : str or pathlib.Path
        A folder in the layout of `forecast.exchange.hub`.
    names : sequence of str, optional
        Rounds; by default all that ship with the package.
    tables : Tables, optional
        What is known now; by default the shipped tables.

    Returns
    -------
    list of dict
        As ``forecast rounds score --json`` gives them.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> hub = fc.exchange.to_hub(f, "hub")
    >>> from forecast.evaluate.rounds import files
    >>> [one["round"] for one in fc.exchange.scored_with_submissions(hub)] == list(files.names())
    True
    """
    from forecast.evaluate.rounds.tables import shipped

    found, kept = submissions(hub), files.read_kept()
    known = shipped() if tables is None else tables
    rounds = [files.read(name) for name in (files.names() if names is None else names)]
    return [resolve(with_submissions(frozen, found), known, kept.get(frozen["round"])) for frozen in rounds]


def _by_day() -> dict[str, dict[str, Any]]:
    """Return the shipped rounds that count, by the day on which they were frozen."""
    rounds = (files.read(name) for name in files.names())
    return {frozen["frozen"]: frozen for frozen in rounds if not frozen["trial"]}


def _checked(path: Path, rounds: Mapping[str, Mapping[str, Any]]) -> Submission:
    model = path.stem[11:]
    frozen = rounds.get(path.stem[:10])
    try:
        if frozen is None:
            days = ", ".join(rounds)
            raise InputError(
                f"a file named {path.name}", f"one that begins with the day of a round: {days}", "rename it"
            )
        if path.parent.name != model and path.parent.parent.name == MODEL_OUTPUT:
            raise InputError(f"{path.name} in the folder {path.parent.name}", f"the folder {model}", "move the file")
        return Submission(model, path, frozen["round"], read_submission(path, frozen))
    except ForecastError as error:
        return Submission(model, path, None if frozen is None else frozen["round"], {}, str(error))


def _table(path: Path) -> pd.DataFrame:
    """Read a table as text, with numbers where they belong."""
    import pandas as pd

    if path.suffix not in _FORMATS:
        raise InputError(f"a file named {path.name}", "one that ends in .csv or .parquet", "save it in that form")
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"{path.name} of {path.stat().st_size / 1e6:.0f} MB", "at most 50 MB", "send fewer samples")
    try:
        if path.suffix == ".csv":
            table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        else:
            table = pd.read_parquet(path)
            for name in set(table) - {VALUE}:
                table[name] = table[name].map(_word)
    except ImportError:
        raise InputError(path.name, "pyarrow, which reads it", 'pip install "data-depletion[tables]"') from None
    except Exception as error:  # whatever somebody else may have written
        raise InputError(
            f"{path.name}, which cannot be read ({type(error).__name__})", "a table", "write it again"
        ) from None
    table = table.drop(columns="model_id", errors="ignore")
    if set(table.columns) != set(COLUMNS):
        raise InputError(
            f"{path.name} with the columns {', '.join(map(str, table.columns))}",
            ", ".join(COLUMNS),
            "rename, add or drop columns",
        )
    numbers = pd.to_numeric(table[VALUE], errors="coerce")
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise InputError(
            f"{path.name} with the {VALUE} {str(table[VALUE].iloc[row])!r} in row {row + 2}", "a number", "correct it"
        )
    return table.assign(**{VALUE: numbers.astype(float)})


def _word(value: Any) -> str:
    """Write a date, a level or a number of a sample as a CSV would have it."""
    return f"{value:g}" if isinstance(value, float) else str(value)[:10] if hasattr(value, "isoformat") else str(value)


def _answer(rows: pd.DataFrame, task: Task) -> dict[str, Any]:
    """Return what the rows of one question say; quantiles where both quantiles and samples are given."""
    name = task.target
    if set(rows[DATE]) != {task.date}:
        raise InputError(f"{name} for {sorted(set(rows[DATE]))[0]}", task.date, f"correct {DATE}")
    strange = sorted(set(rows[TYPE]) - set(task.outputs))
    if strange:
        raise InputError(f"{name} as {strange[0]!r}", " or ".join(task.outputs), f"correct {TYPE}")
    values = rows[VALUE].to_numpy()
    top = 1.0 if task.kind == "binary" else math.inf if task.largest is None else task.largest
    positive = task.scale == "log10"
    wrong = values[(values < 0) | (values > top) | (positive & (values == 0))]
    if len(wrong):
        expected = f"0 to {top:g}" if top < math.inf else "a number above 0" if positive else "0 or more"
        raise InputError(f"{name} with the value {wrong[0]:g}", expected, "correct it")
    if task.kind == "binary":
        return {"probability": _probability(rows, name), "quantiles": {}}
    read = [
        (_quantiles if form == "quantile" else _samples)(rows[rows[TYPE] == form], task)
        for form in task.outputs
        if (rows[TYPE] == form).any()
    ]
    return read[0]


def _probability(rows: pd.DataFrame, name: str) -> float:
    said = dict(zip(rows[LEVEL], rows[VALUE], strict=True))
    if set(said) != {NO, YES} or len(rows) != 2:
        raise InputError(
            f"{name} with the categories {', '.join(rows[LEVEL])}", f"{NO} and {YES}, once each", "correct them"
        )
    if abs(said[NO] + said[YES] - 1) > _ENOUGH:
        raise InputError(
            f"{name} with probabilities that sum to {said[NO] + said[YES]:g}", "a sum of 1", "correct them"
        )
    return float(said[YES] / (said[NO] + said[YES]))


def _quantiles(rows: pd.DataFrame, task: Task) -> dict[str, Any]:
    levels = [f"{level:g}" for level in task.outputs["quantile"] or ()]
    try:
        given = [f"{float(level):g}" for level in rows[LEVEL]]
    except ValueError:
        raise InputError(
            f"{task.target} at a level that is no number", "levels of quantiles", f"correct {LEVEL}"
        ) from None
    missing = [level for level in levels if level not in given]
    more = [level for level in given if level not in levels or given.count(level) > 1]
    if missing or more:
        what = f"without the level {missing[0]}" if missing else f"with the level {more[0]} that is not asked, or twice"
        raise InputError(f"{task.target} {what}", f"each of {', '.join(levels)} once", "complete the quantiles")
    values = dict(zip(given, rows[VALUE].tolist(), strict=True))
    ordered = [values[level] for level in levels]
    if ordered != sorted(ordered):
        raise InputError(f"{task.target} with quantiles that cross", "values that rise with their level", "sort them")
    return {"probability": None, "quantiles": dict(zip(levels, ordered, strict=True))}


def _samples(rows: pd.DataFrame, task: Task) -> dict[str, Any]:
    fewest, most = SAMPLES
    if not fewest <= len(rows) <= most or rows[LEVEL].nunique() != len(rows):
        counted = f"{len(rows)} samples of {rows[LEVEL].nunique()} numbers"
        raise InputError(f"{task.target} with {counted}", f"{fewest} to {most}, each of its own number", "number them")
    return distribution(rows[VALUE].to_numpy(), event=False)
