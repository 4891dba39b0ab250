"""Places: where truths fall among what was said, gathered by who said it, tested for being even, and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.evaluate.backtest.scores import pit, pooled
from forecast.evaluate.calibration.coverage import HORIZONS
from forecast.evaluate.calibration.uniformity import Uniformity, uniformity

if TYPE_CHECKING:
    import pandas as pd


def member_places(scores: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], np.ndarray]:
    """Gather places of members in worlds of their own family, by member and quantity."""
    found: dict[tuple[str, str], list[float]] = {}
    for item in scores:
        who = item["member"]
        if f"own: {who}" not in item["families"]:
            continue
        for ahead, one in zip(HORIZONS, item["horizons"], strict=False):
            found.setdefault((who, f"frontier +{ahead:g} years"), []).append(one["place"])
        for name, one in item["parameters"].items():
            found.setdefault((who, name), []).append(one["place"])
    return {key: np.array(places) for key, places in found.items()}


def pipeline_places(
    scores: Iterable[Mapping[str, Any]], truths: Mapping[str, float], *, seed: int = DEFAULT_SEED
) -> dict[str, np.ndarray]:
    """Return where the true exhaustion years fall, by who says."""
    by_world: dict[str, dict[str, np.ndarray]] = {}
    own: dict[str, list[tuple[str, np.ndarray]]] = {}
    for item in scores:
        years = np.array([np.inf if year is None else year for year in item["years"]])
        by_world.setdefault(item["world"], {})[item["member"]] = years
        if f"own: {item['member']}" in item["families"]:
            own.setdefault(item["member"], []).append((item["world"], years))
    rng = generator(seed, "calibration", "ties")
    found = {
        who: np.array([_place(years, truths[world], rng) for world, years in listed]) for who, listed in own.items()
    }
    everyone = max((len(members) for members in by_world.values()), default=0)
    whole = {world: list(members.values()) for world, members in by_world.items() if len(members) == everyone}
    found["mixture"] = np.array([_place(*pooled(parts), truths[world], rng) for world, parts in whole.items()])
    return found


def _place(years: np.ndarray, *rest: Any) -> float:
    *weights, truth, rng = rest
    # Finite stands for "later": the scores ask for equality, and that is all that it needs.
    cut = np.where(np.isinf(years), 9999.0, years)
    return float(pit(cut, 9999.0 if np.isinf(truth) else truth, rng, *weights))


def summarise_places(
    members: Mapping[tuple[str, str], np.ndarray], pipeline: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Turn places into the published result."""
    rows: list[dict[str, Any]] = []
    for (who, quantity), places in members.items():
        rows.append({"who": who, "quantity": quantity, **_row(uniformity(places))})
    for who, places in pipeline.items():
        if len(places):
            rows.append({"who": who, "quantity": "exhaustion year", **_row(uniformity(places))})
    ordered = sorted((row["p_value"], index) for index, row in enumerate(rows))
    rejected = True
    for rank, (p, index) in enumerate(ordered):
        rejected = rejected and p <= 0.05 / (len(rows) - rank)
        rows[index]["deviates"] = rejected
    return {
        "tests": len(rows),
        "deviate": sum(row["deviates"] for row in rows),
        "rows": rows,
    }


def _row(found: Uniformity) -> dict[str, Any]:
    return {
        "n": found.count,
        "histogram": list(found.histogram),
        "band": list(found.band),
        "chi_squared": round(found.chi_squared, 3),
        "p_value": round(found.p_value, 5),
        "sentence": found.sentence(),
    }


def calibration_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the result as a table."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "who": row["who"],
                "quantity": row["quantity"],
                "worlds": row["n"],
                "histogram": " ".join(map(str, row["histogram"])),
                "band": f"{row['band'][0]} to {row['band'][1]}",
                "p": row["p_value"],
                "deviates": "yes" if row["deviates"] else "no",
                "reading": row["sentence"],
            }
            for row in content["rows"]
        ]
    )
