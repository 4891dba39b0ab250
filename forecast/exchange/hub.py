"""A hub in hubverse's layout: what is asked, what this forecast and its rivals say, what came, and how others submit.

The folder is one that others can answer in: a team adds a folder of its own to ``model-output``, and
`forecast.exchange.submissions` reads it, checks it and scores it as rivals are scored.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.files import atomic_file, check_writable, resolved, temporary_beside, writing
from forecast.core.summaries import QUANTILE_LEVELS, quantiles
from forecast.errors import OutputError
from forecast.exchange.tasks import (
    COLUMNS,
    DATE,
    DUE_DAYS,
    EXHAUSTION,
    LEVEL,
    NO,
    ORIGIN,
    RIVALS,
    SAMPLES,
    SCHEMAS,
    TARGET,
    TEAM,
    TYPE,
    VALUE,
    YES,
    Task,
    chosen_draws,
    model_of,
    tasks_json,
    tasks_of_forecast,
    tasks_of_round,
)

if TYPE_CHECKING:
    from forecast.runs.forecast import Forecast

NAME = "When human-made training data run out"
"""Name of the hub, by which a folder of ours is known."""

ADMIN = "hub-config/admin.json"
"""The file that says that a folder is a hub."""

PUBLISHER: Mapping[str, Any] = {
    "maintainer": "The data-depletion contributors",
    "contact": {"name": "The data-depletion contributors"},
    "repository": {"host": "github"},
}
"""Who publishes a hub, until somebody says more: the layout demands the keys, and no address inside them."""

MODEL_OUTPUT = "model-output"
"""Folder of what each model says."""

_ROOM = 10_000_000
"""Space that a hub of one round takes (bytes): about 2 MB, most of it samples."""

Row = tuple[str, str, str, str, str, str]


def to_hub(forecast: Forecast | None, folder: str | Path) -> Path:
    """Write a hub: the frozen rounds and, where one is given, a forecast; or bring one of ours up to date.

    Parameters
    ----------
    forecast : Forecast or None
        Its exhaustion year, frontier and effective stock are added as quantiles, distribution function and samples.
    folder : str or pathlib.Path
        A new or empty folder, or a hub that was written here: what other teams have put into it stays as it is.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    OutputError
        If the folder holds anything else, or cannot be written.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> sorted(path.name for path in fc.exchange.to_hub(f, "hub").iterdir())[:2]
    ['README.md', 'hub-config']
    """
    target = Path(folder)
    check_hub_place(target)
    files = hub_files(shipped_rounds(), forecast, known_tasks(target), known_publisher(target))
    if target.is_dir() and any(target.iterdir()):
        for name, text in files.items():
            with atomic_file(target / name) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="")
        return target
    with temporary_beside(resolved(target), named=target) as work, writing(target):
        for name, text in files.items():
            place = work / "new" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="")
        if target.is_dir():
            target.rmdir()
        os.rename(work / "new", resolved(target))
    return target


def check_hub_place(folder: Path) -> None:
    """Refuse a folder that is neither new nor empty nor a hub of ours."""
    target = resolved(folder)
    if os.path.lexists(target) and not target.is_dir():
        raise OutputError(f"{folder}, which is no folder", "a new folder", "choose another --out")
    if target.is_dir() and any(target.iterdir()) and not is_hub(target):
        raise OutputError(
            f"{folder}, which holds something else", "a new folder, an empty one or a hub", "choose another --out"
        )
    check_writable(target, room=_ROOM)


def is_hub(folder: Path) -> bool:
    """Tell whether a folder is a hub that was written here."""
    try:
        return bool(json.loads((folder / ADMIN).read_text(encoding="utf-8"))["name"] == NAME)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def known_tasks(folder: Path) -> list[dict[str, Any]]:
    """Return the rounds that the ``tasks.json`` of a hub lists already."""
    try:
        return list(json.loads((folder / "hub-config/tasks.json").read_text(encoding="utf-8"))["rounds"])
    except (OSError, ValueError, LookupError, TypeError):
        return []


def known_publisher(folder: Path) -> dict[str, Any]:
    """Return what the ``admin.json`` of a hub says of its publisher."""
    try:
        admin = json.loads((folder / ADMIN).read_text(encoding="utf-8"))
        return {key: admin[key] for key in PUBLISHER if key in admin}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def shipped_rounds() -> list[dict[str, Any]]:
    """Return the frozen rounds that count, resolved as far as the shipped tables go, with what everybody said."""
    from forecast.evaluate.rounds.files import names, read, read_kept
    from forecast.evaluate.rounds.scoring import resolve
    from forecast.evaluate.rounds.tables import shipped

    tables, kept, found = shipped(), read_kept(), []
    for frozen in (read(name) for name in names()):
        if not frozen["trial"]:
            came = {
                one["name"]: one["resolved"] for one in resolve(frozen, tables, kept.get(frozen["round"]))["questions"]
            }
            found.append({**frozen, "came": came})
    return found


def hub_files(
    rounds: Sequence[Mapping[str, Any]],
    forecast: Forecast | None,
    known: Sequence[Mapping[str, Any]] = (),
    publisher: Mapping[str, Any] = PUBLISHER,
) -> dict[str, str]:
    """Return the text of every file of a hub, by its place in it."""
    asked = [task for frozen in rounds for task in tasks_of_round(frozen)]
    output: dict[tuple[str, str], list[Row]] = {}
    about = {
        model_of("baseline"): _about(TEAM, "baseline", "The shipped baseline of data-depletion: growth members mixed.")
    }
    for frozen in rounds:
        for model, rows in round_rows(frozen).items():
            output.setdefault((model, frozen["frozen"]), []).extend(rows)
        for rival, sentence in frozen["rivals"].items():
            about[f"{RIVALS}-{rival}"] = _about(RIVALS, rival, sentence)
    if forecast is not None:
        tasks = tasks_of_forecast(forecast)
        asked += tasks
        model = model_of(forecast.scenario)
        output.setdefault((model, tasks[0].origin), []).extend(forecast_rows(forecast, tasks))
        name = model.partition("-")[2]
        about.setdefault(model, _about(TEAM, name, f"The scenario {forecast.scenario} of data-depletion."))
    config = tasks_json(asked)
    again = {one["round_name"] for one in config["rounds"]}
    config["rounds"] = sorted(
        [*config["rounds"], *(one for one in known if one.get("round_name") not in again)],
        key=lambda one: str(one["round_name"]),
    )
    came = [(task, frozen["came"].get(task.target)) for frozen in rounds for task in tasks_of_round(frozen)]
    return {
        ADMIN: _json(_admin(publisher)),
        "hub-config/tasks.json": _json(config),
        "hub-config/model-metadata-schema.json": _json(_metadata_schema()),
        "hub-config/target-data.json": _json(_target_data()),
        **{f"model-metadata/{model}.yml": _json(text) for model, text in about.items()},
        **{
            f"{MODEL_OUTPUT}/{model}/{origin}-{model}.csv": _table(COLUMNS, rows)
            for (model, origin), rows in output.items()
        },
        "target-data/oracle-output.csv": _table((DATE, TARGET, TYPE, LEVEL, "oracle_value"), _oracle(came)),
        "target-data/time-series.csv": _table(
            (DATE, TARGET, "observation"), [(t.date, t.target, _number(v)) for t, v in came if v is not None]
        ),
        "README.md": _readme(rounds),
    }


def round_rows(frozen: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Return model output of a frozen round, by model: ours and every rival's."""
    found: dict[str, list[Row]] = {}
    for question in frozen["questions"]:
        said = {model_of("baseline"): question["us"]}
        said |= {f"{RIVALS}-{name}": one for name, one in question["rivals"].items()}
        where = (frozen["frozen"], question["name"], question["resolves"])
        for model, one in said.items():
            rows = found.setdefault(model, [])
            if one["probability"] is None:
                rows += [(*where, "quantile", level, _number(value)) for level, value in one["quantiles"].items()]
            else:
                yes = float(one["probability"])
                rows += [(*where, "pmf", NO, _number(1 - yes)), (*where, "pmf", YES, _number(yes))]
    return found


def forecast_rows(forecast: Forecast, tasks: Iterable[Task]) -> Iterator[Row]:
    """Yield model output of a forecast; a sample of the same number is the same future in every task."""
    chosen = chosen_draws(len(forecast.exhaustion_year))
    for task in tasks:
        if task.target == EXHAUSTION:
            draws = np.asarray(forecast.exhaustion_year, dtype=float)
        else:
            name, _, year = task.target.rpartition("_")
            at = forecast.consumption_at if name == "frontier" else forecast.stock_at
            draws = np.asarray(at(float(year)).values)
        where = (task.origin, task.target, task.date)
        for level, value in zip(QUANTILE_LEVELS, quantiles(draws, QUANTILE_LEVELS), strict=True):
            yield (*where, "quantile", f"{level:g}", _number(value))
        for point in task.outputs.get("cdf") or ():
            yield (*where, "cdf", f"{point:g}", _number(float(np.mean(draws <= point))))
        for number, value in enumerate(draws[chosen], start=1):
            yield (*where, "sample", str(number), _number(value))


def _oracle(came: Iterable[tuple[Task, float | None]]) -> Iterator[tuple[str, ...]]:
    for task, value in came:
        if value is None:
            continue
        if task.kind == "binary":
            yield from (
                (task.date, task.target, "pmf", name, _number(float((name == YES) == bool(value))))
                for name in (NO, YES)
            )
        else:
            yield from ((task.date, task.target, form, "NA", _number(value)) for form in ("quantile", "sample"))


def _number(value: float) -> str:
    """Write a number in full; ``inf`` is what does not come."""
    return f"{float(value):.8g}"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return made.getvalue()


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _admin(publisher: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "schema_version": f"{SCHEMAS}/admin-schema.json",
        "name": NAME,
        **PUBLISHER,
        **publisher,
        "file_format": ["csv", "parquet"],
        "timezone": "Africa/Abidjan",  # UTC, by the only names that the layout has for it
    }


def _target_data() -> dict[str, Any]:
    return {
        "schema_version": f"{SCHEMAS}/target-data-schema.json",
        "observable_unit": [DATE, TARGET],
        "date_col": DATE,
        "versioned": False,
        "oracle-output": {"has_output_type_ids": True},
    }


_METADATA = {
    "team_name": {"type": "string"},
    "team_abbr": {"type": "string", "pattern": "^[A-Za-z0-9_]+$", "maxLength": 32},
    "model_name": {"type": "string"},
    "model_abbr": {"type": "string", "pattern": "^[A-Za-z0-9_]+$", "maxLength": 48},
    "methods": {"type": "string"},
    "license": {"type": "string"},
    "designated_model": {"type": "boolean"},
}


def _metadata_schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a team says of its model",
        "type": "object",
        "properties": {**_METADATA, "website_url": {"type": "string", "format": "uri"}},
        "required": list(_METADATA),
        "additionalProperties": True,
    }


def _about(team: str, model: str, methods: str) -> dict[str, Any]:
    """Return what is said of a model of ours (JSON, which YAML is a superset of)."""
    return {
        "team_name": "data-depletion",
        "team_abbr": team,
        "model_name": model.replace("_", " "),
        "model_abbr": model,
        "methods": methods,
        "license": "Apache-2.0",
        "designated_model": team == TEAM,
    }


def _readme(rounds: Sequence[Mapping[str, Any]]) -> str:
    listed = "\n".join(
        f"- `{one['frozen']}` (round {one['round']}): {len(one['questions'])} questions, SHA-256 of the frozen round "
        f"`{one['sha256']}`"
        for one in rounds
    )
    levels = ", ".join(
        next((q["us"]["quantiles"] for one in rounds for q in one["questions"] if q["us"]["quantiles"]), {})
    )
    return f"""# {NAME}: a forecast hub

A folder in the layout of [hubverse](https://hubverse.io), written by `forecast export hub`. Before it is published, say in
`{ADMIN}` who maintains it, whom to ask (`contact`: name and email) and where it is (`repository`: owner and name); a later
export leaves that as it is.

Rounds, by their `{ORIGIN}`:

{listed}

`hub-config/tasks.json` has each question in exact words. `{MODEL_OUTPUT}/{TEAM}-baseline` is this project's own answer,
`{RIVALS}-*` are simpler procedures; both were frozen before anything was known. Questions resolve by the tables of the
package `data-depletion`; `target-data` has what they came to.

## To submit

1. Choose a name `team-model`: letters, digits and underscores, one hyphen. `{TEAM}` and `{RIVALS}` are taken.
2. Write `{MODEL_OUTPUT}/team-model/ROUND-team-model.csv` (or `.parquet`), with ROUND the `{ORIGIN}`, and
   `model-metadata/team-model.yml`.
3. Check it: `forecast rounds check .`

Within {DUE_DAYS} days of the round. Any questions may be left out; a question that is answered is answered in full.

| column | holds |
|---|---|
| `{ORIGIN}` | the round, as above |
| `{TARGET}`, `{DATE}` | name of the question and the day on which it resolves, as in `tasks.json` |
| `{TYPE}` | `quantile` or `sample` of a quantity; `pmf` of a yes or no |
| `{LEVEL}` | of quantiles their level, all of {levels}; of samples a number, {SAMPLES[0]} to {SAMPLES[1]} of them; of a pmf `{NO}` and `{YES}` |
| `{VALUE}` | in the unit of the question, plain (tokens, not log10); of a pmf a probability |

## How it is scored

`forecast rounds score --hub .` takes every submission beside this project and its rivals, by the same code: the CRPS of
quantiles (of log10 where the question says so), the Brier score of a probability. Samples are read as quantiles at the
levels above, as ours were.
"""
