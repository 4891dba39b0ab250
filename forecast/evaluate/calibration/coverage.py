"""What scores on simulated worlds come to: coverage by family, member and horizon, and how parameters are found again.

An interval of level L holds the truth when the place of the truth among the draws is within L/2 of one half, so one
number a horizon gives the coverage of every equal-tailed interval. Coverage is a share of worlds and is shown with
its binomial interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.evaluate.backtest.comparison import wilson

if TYPE_CHECKING:
    import pandas as pd

HORIZONS = (0.0, 1.0, 2.0, 4.0)
"""How far beyond the as-of date the frontier is looked at (years)."""

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Levels of the equal-tailed intervals."""


def covered(places: np.ndarray, level: float) -> np.ndarray:
    """Return whether equal-tailed intervals hold the truth."""
    return np.abs(np.asarray(places) - 0.5) <= level / 2


def coverage(scores: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Count, for every pair of world family and member, how often the intervals hold the truth."""
    groups: dict[tuple[str, str, float], list[Mapping[str, float]]] = {}
    for item in scores:
        kinds = (*item["families"], *_gathered(item["families"]))
        for family in kinds:
            for horizon, found in zip(HORIZONS, item["horizons"], strict=True):
                groups.setdefault((family, item["member"], horizon), []).append(found)
    rows = []
    for (family, who, horizon), found in groups.items():
        places = np.array([one["place"] for one in found])
        rows.append(
            {
                "family": family,
                "member": who,
                "horizon": horizon,
                "n": len(found),
                "median_error": round(float(np.median([one["error"] for one in found])), 4),
                "median_width_80": round(float(np.median([one["width_80"] for one in found])), 4),
                "below": round(float(np.mean(places < 0.1)), 4),
                "above": round(float(np.mean(places > 0.9)), 4),
                "coverage": {str(level): _share(covered(places, level)) for level in LEVELS},
            }
        )
    return rows


def _gathered(families: Sequence[str]) -> tuple[str, ...]:
    """Return the family that holds all adversarial worlds, if this is one."""
    return () if any(family.startswith("own: ") for family in families) else ("adversarial",)


def _share(hits: np.ndarray) -> dict[str, Any]:
    low, high = wilson(float(hits.sum()), len(hits))
    return {"share": round(float(hits.mean()), 4), "interval_0.95": [round(low, 4), round(high, 4)]}


def own_family(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say for each member whether its 80 % intervals hold 80 % of the worlds of its own family."""
    return [
        {
            "member": row["member"],
            "horizon": row["horizon"],
            "n": row["n"],
            **row["coverage"]["0.8"],
            "holds": row["coverage"]["0.8"]["interval_0.95"][0] <= 0.8 <= row["coverage"]["0.8"]["interval_0.95"][1],
        }
        for row in rows
        if row["family"] == f"own: {row['member']}"
    ]


def parameter_recovery(scores: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say how well each parameter is found again in worlds of the member's own family."""
    groups: dict[tuple[str, str], list[Mapping[str, float]]] = {}
    for item in scores:
        for name, found in item["parameters"].items():
            groups.setdefault((item["member"], name), []).append(found)
    rows = []
    for (who, name), found in groups.items():
        from scipy.stats import rankdata

        truth, median = (rankdata(np.array([one[key] for one in found])) for key in ("truth", "median"))
        related = float(np.corrcoef(truth, median)[0, 1]) if len(found) > 2 else None
        rows.append(
            {
                "member": who,
                "parameter": name,
                "n": len(found),
                "coverage_80": _share(covered(np.array([one["place"] for one in found]), 0.8)),
                "rank_correlation": None if related is None else round(related, 3),
            }
        )
    return rows


def convergence(scores: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Say by member how far the short chains or the few particles got: what is short is stated, not hidden."""
    rows = []
    for who in sorted({item["member"] for item in scores}):
        own = [item for item in scores if item["member"] == who]
        rhat = [item["rhat_max"] for item in own if item["rhat_max"] is not None]
        bulk = [item["ess_bulk_min"] for item in own if item["ess_bulk_min"] is not None]
        rows.append(
            {
                "member": who,
                "n": len(own),
                "rhat_max_median": round(float(np.median(rhat)), 4) if rhat else None,
                "rhat_above_1.05": sum(value > 1.05 for value in rhat) + len(own) - len(rhat) if rhat else None,
                "ess_bulk_min_median": round(float(np.median(bulk)), 1) if bulk else None,
                "with_divergences": sum(bool(item["divergences"]) for item in own),
            }
        )
    return rows


def coverage_table(content: Mapping[str, Any], level: float = 0.8) -> pd.DataFrame:
    """Return coverage as a table: one line per family and member, one column per horizon."""
    import pandas as pd

    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for row in content["coverage"]:
        line = lines.setdefault((row["family"], row["member"]), {"n": row["n"]})
        found = row["coverage"][str(level)]
        low, high = found["interval_0.95"]
        line[f"+{row['horizon']:g} years"] = f"{found['share']:.2f} [{low:.2f}, {high:.2f}]"
    return pd.DataFrame([{"family": family, "member": who, **line} for (family, who), line in lines.items()])
