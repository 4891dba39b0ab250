"""Scores of frozen rounds: what questions came to, CRPS of this forecast and of every rival, the scoreboard.

A question counts as it first resolved, once that is kept; where the tables say otherwise later, both are shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.evaluate.backtest.scores import pinball
from forecast.evaluate.rounds.measures import MEASURES
from forecast.evaluate.rounds.measures.base import Asked

if TYPE_CHECKING:
    from forecast.evaluate.rounds.tables import Tables

US = "us"
"""How this forecast is called among scores."""

GRID = 2000
"""Points over which the quantile score is averaged (count)."""

SAME = 1e-6
"""A value that moved less is the same (fraction)."""


def crps_of_quantiles(quantiles: Mapping[str, float], observed: float, scale: str = "plain") -> float:
    r"""Return the CRPS from quantiles: twice the pinball loss averaged over all levels, on the question's scale.

    The quantile function is straight between the levels and flat beyond them.

    Examples
    --------
    >>> crps_of_quantiles({"0.1": 2.0, "0.9": 2.0}, 5.0)
    3.0
    """
    levels = np.array([float(level) for level in quantiles])
    values, came = np.array(list(quantiles.values()), dtype=float), float(observed)
    if scale == "log10":
        values, came = np.log10(values), math.log10(came)
    grid = (np.arange(GRID) + 0.5) / GRID
    return float(2 * np.mean(pinball(np.interp(grid, levels, values), came, grid)).round(12))


def score(said: Mapping[str, Any], observed: float, scale: str) -> float:
    """Return the score of a forecast: CRPS of quantiles, or the Brier score of a probability."""
    if said["probability"] is not None:
        return float((said["probability"] - observed) ** 2)
    return crps_of_quantiles(said["quantiles"], observed, scale)


def resolve(
    frozen: Mapping[str, Any], tables: Tables, kept: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return a round with outcomes and scores; what has not resolved has null for both.

    Parameters
    ----------
    frozen : mapping
        As `forecast.evaluate.rounds.files.read` gives it.
    tables : Tables
        What is known now.
    kept : mapping of str to mapping, optional
        By question, what it came to when it first resolved.
    """
    kept, questions = kept or {}, list[dict[str, Any]]()
    for question in frozen["questions"]:
        asked = Asked(question["resolves"], question["arguments"])
        found = MEASURES[question["measure"]].outcome(tables, asked)
        now: Mapping[str, Any] | None = None if found is None else {"value": found.value, "rows": list(found.rows)}
        first = kept.get(question["name"], now)
        said = {US: question["us"], **question["rivals"]}
        value = None if first is None else first["value"]
        questions.append(
            {
                **{key: question[key] for key in ("name", "sentence", "resolves", "unit", "scale", "measure")},
                "quantiles": question["us"]["quantiles"],
                "probability": question["us"]["probability"],
                "resolved": value,
                "rows": [] if first is None else list(first["rows"]),
                "revised": _revision(value, now),
                "scores": {
                    name: None if value is None else score(one, value, question["scale"]) for name, one in said.items()
                },
                "rivals": question["rivals"],
            }
        )
    told = {key: frozen[key] for key in ("round", "trial", "frozen", "as_of", "sha256")}
    return {**told, "questions": questions}


def _revision(value: float | None, now: Mapping[str, Any] | None) -> float | None:
    """Return what the tables say now, where that is no longer what counted."""
    if value is None or now is None or math.isclose(value, now["value"], rel_tol=SAME):
        return None
    return float(now["value"])


def newly_resolved(scored: Mapping[str, Any], kept: Mapping[str, Any], today: str) -> dict[str, Any]:
    """Return what to keep of a round: first outcomes as they were kept, and those that are new."""
    return {
        question["name"]: kept.get(question["name"])
        or {"value": question["resolved"], "rows": question["rows"], "kept": today}
        for question in scored["questions"]
        if question["resolved"] is not None
    }


def scoreboard(rounds: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return mean scores by measure and rival over resolved questions of rounds that count, ours beside theirs."""
    cells: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for one in rounds:
        if one["trial"]:
            continue
        for question in one["questions"]:
            if question["resolved"] is None:
                continue
            kind = "event" if question["probability"] is not None else question["measure"]
            ours = question["scores"][US]
            for name, theirs in question["scores"].items():
                if name != US:
                    cells.setdefault((kind, name), []).append((ours, theirs))
    board = []
    for (kind, name), pairs in cells.items():
        ours, theirs = (float(np.mean(side)) for side in zip(*pairs, strict=True))
        ratio = ours / theirs if theirs > 0 else None
        board.append({"measure": kind, "against": name, "n": len(pairs), "us": ours, "theirs": theirs, "ratio": ratio})
    return board
