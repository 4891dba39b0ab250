"""The document of a forecast: every number of ``forecast.json``, named as the contract names it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from forecast.core.files import printable
from forecast.core.summaries import Quantity, plain, summarise
from forecast.core.trajectory import YEAR
from forecast.errors import InputError
from forecast.runs.document_types import Document, ExhaustionYear, Never

if TYPE_CHECKING:
    import jsonschema_rs

SCHEMA = Path(__file__).parents[1] / "forecast.schema.json"
"""JSON Schema of ``forecast.json``, shipped with the package."""

FRONTIER_YEARS = (2026, 2028, 2030, 2035, 2040, 2050)
"""Years whose 1 January frontier is reported (calendar years), where the trajectory covers them."""


STOCK_YEARS = (2024, 2026, 2030)
"""Years whose 1 January stock is reported, layer by layer (calendar years): the estimators' own, now, and ahead."""


def exhaustion_block(
    years: np.ndarray, *, as_of: float, horizon: int, never: Mapping[str, float] | None = None
) -> ExhaustionYear:
    """Return the shape of an exhaustion year: Q, probability by year, and what never comes."""
    first = int(as_of)
    block: ExhaustionYear = {
        **summarise(years),
        "probability_by": {str(y): _share(years < y + 1) for y in range(first, horizon + 1)},
        "probability_already": _share(years <= as_of),
        "probability_after_horizon": _share(np.isinf(years)),
    }
    if never is not None:
        block["never"] = cast(Never, {reason: round(share, 6) for reason, share in never.items()})
    return block


def levels(trajectory: Any, years: Sequence[int]) -> dict[str, Quantity[float]]:
    """Return Q of a trajectory on 1 January of each year that it covers, in plain units."""
    return levels_of(trajectory.values, trajectory[YEAR].values, years)


def levels_of(draws: np.ndarray, covered: np.ndarray, years: Iterable[int]) -> dict[str, Quantity[float]]:
    """Return Q of log10 draws on 1 January of each year that they cover, in plain units."""
    place = {float(year): column for column, year in enumerate(covered)}
    return {str(year): summarise(10.0 ** draws[:, place[year]]) for year in years if year in place}


def validate(document: Mapping[str, Any]) -> None:
    """Hold a document against the shipped schema."""
    try:
        problems = sorted(_validator().iter_errors(document), key=lambda found: list(map(str, found.instance_path)))
    except ValueError as error:  # something that JSON cannot hold
        raise InputError(f"{str(error)[:160]}", "a document of schema forecast/1", "make the run again") from None
    if problems:
        place = ".".join(str(part) for part in problems[0].instance_path) or "the document"
        raise InputError(
            f"{place}: {problems[0].message[:160]}", "a document of schema forecast/1", "make the run again"
        )


@cache
def _validator() -> jsonschema_rs.Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema())


def as_text(value: Any) -> Any:
    """Return a document in which every text can be written: a path may hold bytes that are no text."""
    if isinstance(value, Mapping):
        return {printable(key): as_text(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_text(part) for part in value]
    return printable(value) if isinstance(value, str) else value


@cache
def schema() -> dict[str, Any]:
    """Return the shipped JSON Schema."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def _share(flags: np.ndarray) -> float:
    return round(float(np.mean(flags)), 6)


def credits_of(document: Document) -> list[str]:
    """Return the credit lines that the licences of the data ask for."""
    entries = document["provenance"]["data"]
    return list(dict.fromkeys(e.get("attribution") or f"{e['table']} ({e['licence']})" for e in entries))


def of_the_baseline(document: Document) -> bool:
    """Return whether a document is a forecast of which stored evaluations speak."""
    return document["scenario"] == "baseline" and document["resource"] == "public_text"


def of_the_shipped_tables(document: Document) -> bool:
    """Return whether a document is such a forecast, made from no model table of the user's own."""
    own = (document["provenance"].get("options") or {}).get("models")
    return own is None and of_the_baseline(document)


__all__ = [
    "FRONTIER_YEARS",
    "SCHEMA",
    "STOCK_YEARS",
    "as_text",
    "credits_of",
    "exhaustion_block",
    "of_the_baseline",
    "of_the_shipped_tables",
    "levels",
    "levels_of",
    "plain",
    "schema",
    "validate",
]
