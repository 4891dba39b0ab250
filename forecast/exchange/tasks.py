"""What a hub asks for: one task a question of a frozen round, and one a quantity of a forecast; names of files and columns.

The layout is that of hubverse (https://hubverse.io), version 6 of its schemas: a table of model output has the columns of
`COLUMNS`, one row a quantile, a point of a distribution function, a sample or the probability of a category.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.summaries import QUANTILE_LEVELS
from forecast.runs.document import FRONTIER_YEARS

if TYPE_CHECKING:
    from forecast.runs.forecast import Forecast

ORIGIN, TARGET, DATE, TYPE, LEVEL, VALUE = COLUMNS = (
    "origin_date",
    "target",
    "target_date",
    "output_type",
    "output_type_id",
    "value",
)
"""Columns of model output: when it was said, of what, for which day, in which form, at which point, the number."""

SCHEMAS = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0"
"""Address by which a hub says which version of the layout it follows; nothing is read from it."""

TEAM, RIVALS = "datadepletion", "rivals"
"""Teams that this package writes itself: no submission may take their names."""

MODEL_ID = re.compile(r"[A-Za-z0-9_]{1,32}-[A-Za-z0-9_]{1,48}")
"""How a folder of model output is named: team, hyphen, model."""

DUE_DAYS = 31
"""Days after a round was frozen in which others may answer (judgement): early enough to know little more than we did."""

SAMPLES = (100, 10_000)
"""Fewest and most samples of an answer (count): the tails need the one, the size of a file the other."""

HUB_SAMPLES = 1000
"""Futures of a forecast that are written as samples (count), evenly over its growth models."""

YES, NO = "yes", "no"
"""Categories of a question that has a probability."""


@dataclass(frozen=True)
class Task:
    """One thing that is forecast.

    Parameters
    ----------
    origin, date : str
        ISO dates: when it is said, and the day for which.
    target : str
        Its name.
    sentence, unit : str
        The exact question, and the unit of its value.
    kind : {"continuous", "discrete", "binary"}
        What values it can have.
    outputs : mapping of str to sequence of float or None
        Forms in which it may be answered, with the points that an answer has in full; None for samples.
    scale : {"plain", "log10"}
        On which scale it is scored; on log10 a value is above zero.
    """

    origin: str
    date: str
    target: str
    sentence: str
    unit: str
    kind: str
    outputs: Mapping[str, Sequence[Any] | None]
    scale: str = "plain"

    @property
    def largest(self) -> float | None:
        """Largest possible value."""
        return 1.0 if self.unit.startswith("share") else None

    def to_dict(self) -> dict[str, Any]:
        """Return the task as ``tasks.json`` has it."""
        only: Any = {ORIGIN: [self.origin], TARGET: [self.target], DATE: [self.date]}
        value = {"type": "double", "minimum": 0} | ({} if self.largest is None else {"maximum": self.largest})
        outputs: dict[str, Any] = {}
        for form, points in self.outputs.items():
            share = form in ("cdf", "pmf")
            outputs[form] = {
                **(
                    {"output_type_id": {"required": list(points)}}
                    if points is not None
                    else {
                        "output_type_id_params": {
                            "type": "integer",
                            "min_samples_per_task": SAMPLES[0],
                            "max_samples_per_task": SAMPLES[1],
                        }
                    }
                ),
                "is_required": False,
                "value": {"type": "double", "minimum": 0, "maximum": 1} if share else value,
            }
        return {
            "task_ids": {name: {"required": None, "optional": values} for name, values in only.items()},
            "output_type": outputs,
            "target_metadata": [
                {
                    "target_id": self.target,
                    "target_name": f"{self.target} ({self.unit})"[:100],
                    "target_units": self.unit,
                    "target_keys": {TARGET: self.target},
                    "target_type": self.kind,
                    "description": self.sentence,
                    "is_step_ahead": False,
                }
            ],
        }


def tasks_of_round(frozen: Mapping[str, Any]) -> list[Task]:
    """Return the questions of a frozen round as tasks, in its order."""
    made = []
    for question in frozen["questions"]:
        event = question["us"]["probability"] is not None
        levels = [float(level) for level in question["us"]["quantiles"]]
        made.append(
            Task(
                frozen["frozen"],
                question["resolves"],
                question["name"],
                question["sentence"],
                question["unit"],
                "binary" if event else "discrete" if question["unit"] == "runs" else "continuous",
                {"pmf": (NO, YES)} if event else {"quantile": levels, "sample": None},
                question["scale"],
            )
        )
    return made


EXHAUSTION, FRONTIER, STOCK = "exhaustion_year", "frontier", "effective_stock"
"""Targets of a forecast itself; frontier and stock are followed by their year."""


def tasks_of_forecast(forecast: Forecast) -> list[Task]:
    """Return the quantities of a forecast as tasks: when, and how much by the first of January of some years."""
    document = forecast.document
    origin, end = origin_of(forecast), f"{document['horizon']}-12-31"
    first, last = int(document["as_of"][:4]), document["horizon"] + 1
    years = [float(year) for year in range(first, last + 1)]
    when = Task(
        origin,
        end,
        EXHAUSTION,
        f"{document['definition']} Decimal year; inf: not by {end}. As points of a distribution function: by 1 January.",
        "decimal year",
        "continuous",
        {"quantile": QUANTILE_LEVELS, "cdf": years, "sample": None},
    )
    words = {
        FRONTIER: "Largest training set that somebody would practicably run, on 1 January of the year.",
        STOCK: "What the stock can supply to a training run at most, on 1 January of the year.",
    }
    levels = [
        Task(
            origin,
            f"{year}-01-01",
            f"{name}_{year}",
            sentence,
            document["unit"],
            "continuous",
            {"quantile": QUANTILE_LEVELS, "sample": None},
        )
        for name, sentence in words.items()
        for year in years_covered(forecast)
    ]
    return [when, *levels]


def years_covered(forecast: Forecast) -> list[int]:
    """Return the years whose first of January is told, as far as the forecast covers them."""
    covered = forecast.consumption["year"].values
    return [year for year in FRONTIER_YEARS if covered[0] <= year <= covered[-1]]


def origin_of(forecast: Forecast) -> str:
    """Return the day on which a forecast was made."""
    return str(forecast.document["provenance"]["created"])[:10]


def model_of(scenario: str) -> str:
    """Return the model id of a scenario of ours.

    Examples
    --------
    >>> model_of("closed_web"), model_of("a world/2")
    ('datadepletion-closed_web', 'datadepletion-a_world_2')
    """
    return f"{TEAM}-{re.sub(r'[^A-Za-z0-9_]', '_', scenario)[:48]}"


def is_ours(model_id: str) -> bool:
    """Tell whether model output is written by this package."""
    return model_id.partition("-")[0] in (TEAM, RIVALS)


def tasks_json(tasks: Iterable[Task]) -> dict[str, Any]:
    """Return ``hub-config/tasks.json``: one round for each day on which something was said."""
    by_origin: dict[str, list[Task]] = {}
    for task in tasks:
        by_origin.setdefault(task.origin, []).append(task)
    rounds = [
        {
            "round_id_from_variable": True,
            "round_id": ORIGIN,
            "round_name": origin,
            "model_tasks": [task.to_dict() for task in asked],
            "submissions_due": {"relative_to": ORIGIN, "start": 0, "end": DUE_DAYS},
        }
        for origin, asked in sorted(by_origin.items())
    ]
    # Levels, points, numbers of samples and categories share a column.
    return {"schema_version": f"{SCHEMAS}/tasks-schema.json", "output_type_id_datatype": "character", "rounds": rounds}


def chosen_draws(count: int) -> np.ndarray:
    """Return which of a number of futures are written as samples, evenly spread."""
    return np.linspace(0, count - 1, min(HUB_SAMPLES, count)).round().astype(int)
