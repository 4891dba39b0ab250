"""Results of the laboratory as rows: for CSV files and for tables on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

COLUMNS = ("experiment", "regime", "estimator", "measure", "generation", "simulation", "theory")
"""Columns of the rows; estimator and theory are empty where there is none."""


def long_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row for each regime, measure and generation.

    Examples
    --------
    >>> chain = {"regime": "replace", "simulation": {"error": [1.0, 2.0]}, "theory": {"error": [1.0, 2.0]}}
    >>> long_rows({"experiment": "regression", "chains": [chain]})[1]["generation"]
    2
    """
    first = 0 if document["experiment"] in {"gaussian", "mixture"} else 1
    rows = []
    for chain in document["chains"]:
        for measure, values in chain["simulation"].items():
            forms = chain["theory"].get(measure, [None] * len(values))
            rows += [
                {
                    "experiment": document["experiment"],
                    "regime": chain["regime"],
                    "estimator": chain.get("estimator", ""),
                    "measure": measure,
                    "generation": first + place,
                    "simulation": value,
                    "theory": form,
                }
                for place, (value, form) in enumerate(zip(values, forms, strict=True))
                if value is not None
            ]
    return rows


def shown_generations(generations: int, count: int = 5) -> list[int]:
    """Return a few generations to print, spread out on a log scale, the first and the last among them.

    Examples
    --------
    >>> shown_generations(100)
    [1, 3, 10, 32, 100]
    """
    return sorted({round(n) for n in np.geomspace(1, generations, count).tolist()})


def wide_rows(document: Mapping[str, Any], generations: Sequence[int]) -> list[list[str]]:
    """Return one printed row for each regime and measure: simulation, with theory in brackets."""
    cells: dict[tuple[str, str], dict[int, str]] = {}
    titles = {chain["regime"]: chain["title"] for chain in document["chains"]}
    for row in long_rows(document):
        estimator = f", {row['estimator']}" if row["estimator"] else ""
        key = titles[row["regime"]] + estimator, row["measure"].replace("_", " ")
        theory = "" if row["theory"] is None else f" ({row['theory']:.3g})"
        cells.setdefault(key, {})[row["generation"]] = f"{row['simulation']:.3g}{theory}"
    return [[*key, *(found.get(n, "") for n in generations)] for key, found in cells.items()]


def yield_rows(document: Mapping[str, Any]) -> list[list[str]]:
    """Return one printed row for each yield."""
    rows = []
    for found in document["yields"]:
        verifier = "no" if found["verification"] is None else "{:g}/{:g}".format(*found["verification"])
        low, high = found["yield"]["intervals"]["0.8"]
        middle, harm = found["yield"]["median"], found["probability_harmful"]
        rows.append(
            [
                f"{found['share'] * 100:.0f}%",
                str(found["generations"]),
                verifier,
                f"{middle:.2g}",
                f"{low:.2g} to {high:.2g}",
                f"{harm:.2f}",
            ]
        )
    return rows


def ledger_rows(document: Mapping[str, Any]) -> list[list[str]]:
    """Return one printed row for each ingredient of the last yield."""
    return [
        [
            part["name"],
            part["kind"],
            f"{part['median']:.2g}",
            f"{part['low']:.2g} to {part['high']:.2g}",
            part["source"],
        ]
        for part in document["yields"][-1]["ledger"]
    ]
