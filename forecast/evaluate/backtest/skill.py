"""Skill: what the scores of a backtest come to, method by method and pair by pair, and in words.

Rows share few origins and few targets, so the interval of a ratio allows for both and coverage is judged by an effective
number of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from forecast.evaluate.backtest import comparison, interval_coverage
from forecast.evaluate.backtest.predictions import COMBINATION
from forecast.evaluate.backtest.protocol import COMPARISON_LEVEL, INFLUENTIAL
from forecast.evaluate.two_way import by_origin_and_target, two_way_ratio

KINDS = ("combination", "member", "baseline", "published")
"""Kinds of methods, in the order of tables."""

Row = Mapping[str, Any]


def summarised(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Return every method's mean scores, and the combination against each of the others."""
    kinds = {row["method"]: row["kind"] for row in rows}
    # A method that is silent at the first origin is still listed with its kind.
    methods = sorted(kinds, key=lambda name: KINDS.index(kinds[name]))
    summary = {name: _summary([row for row in rows if row["method"] == name]) for name in methods}
    pairs = [
        pair
        for chosen in ("all", "audited")
        for name in methods
        if name != COMBINATION and (pair := paired(rows, name, seed, chosen)) is not None
    ]
    return {"summary": summary, "pairs": pairs, "by_horizon": _by_horizon(rows)}


def paired(rows: Sequence[Row], against: str, seed: int, chosen: str = "all") -> dict[str, Any] | None:
    """Compare the combination with another method on the rows that both have."""
    ours, theirs = (
        {
            (row["origin"], row["target"]): row
            for row in rows
            if row["method"] == name and (chosen == "all" or row["firm"])
        }
        for name in (COMBINATION, against)
    )
    keys = [key for key in ours if key in theirs]
    targets = [key[1] for key in keys]
    if len(set(targets)) < 2:
        return None
    first, second = (np.array([side[key]["crps"] for key in keys]) for side in (ours, theirs))
    origins, ends = [key[0] for key in keys], [round(key[0] + ours[key]["horizon"], 6) for key in keys]
    found = by_origin_and_target(first, second, origins, ends, level=COMPARISON_LEVEL)
    by_target = comparison.paired_ratio(first, second, targets, seed=seed, level=COMPARISON_LEVEL)
    models = [ours[key]["model"] for key in keys]
    wis = [np.array([side[key]["wis"] for key in keys]) for side in (ours, theirs)]
    logs = [np.array([side[key]["log_score"] for key in keys]) for side in (ours, theirs)]
    level = f"interval_{COMPARISON_LEVEL:g}"
    pair: dict[str, Any] = {
        "against": against,
        "kind": theirs[keys[0]]["kind"],
        "rows": chosen,
        "crps_ratio": _short(found.ratio),
        level: [_short(end) for end in found.interval],
        "clustered_by": ["origin", "target"],
        f"{level}_by_target": [_short(end) for end in by_target.interval],
        "wis_ratio": _short(wis[0].sum() / wis[1].sum()),
        "log_score_difference": _short(np.mean(logs[0] - logs[1])),
        "n": found.n,
        "n_origins": found.clusters[0],
        "n_targets": by_target.n_targets,
        "n_effective": _short(found.n_effective),
        "n_corpora": len(set(models)),
    }
    if len(set(models)) > 1:
        by_corpus = two_way_ratio(first, second, origins, models, level=COMPARISON_LEVEL)
        pair[f"{level}_by_corpus"] = [_short(end) for end in by_corpus.interval]
    without = comparison.without_each(first, second, targets)
    pair["without_target"] = [{"target": str(name), "crps_ratio": _finite(r)} for name, r in list(without.items())[:3]]
    pair["without_influential"] = [
        line for name in INFLUENTIAL if (line := _without(name, first, second, origins, ends, models)) is not None
    ]
    if any(_failed(theirs[key]) for key in keys):
        part = paired([row for row in rows if not _failed(row)], against, seed, chosen)
        pair["passing_only"] = part and {name: part[name] for name in ("crps_ratio", level, "n")}
    return pair


def goals(rows: Sequence[Row], seed: int) -> list[dict[str, Any]]:
    """Say what was to be reached and whether it is."""
    record = [row for row in rows if row["quantity"] == "record"]
    found: list[dict[str, Any]] = []
    names = dict.fromkeys(row["method"] for row in record if row["kind"] == "baseline")
    baselines = [pair for name in names if (pair := paired(record, name, seed)) is not None]
    hardest = max(baselines, key=lambda pair: pair["crps_ratio"], default=None)
    for name, pair in (("epoch2024", paired(record, "epoch2024", seed)), ("statsmodels", hardest)):
        if pair is not None:
            low, high = pair["interval_0.9"]
            by_target = pair["interval_0.9_by_target"]
            found.append(
                {
                    "name": name,
                    "reached": bool(high < 1),
                    "sentence": (
                        f"CRPS ratio to {pair['against']} {pair['crps_ratio']:.2f}, 90 % interval {low:.2f} to {high:.2f} "
                        f"by origin and target ({by_target[0]:.2f} to {by_target[1]:.2f} by target alone, as protocols "
                        "before the second had it); to reach: upper end below 1."
                    ),
                }
            )
    ours = [row for row in record if row["method"] == COMBINATION]
    if ours:
        held = comparison.coverage([row["covered"]["0.8"] for row in ours], [row["target"] for row in ours])
        low, high = held.interval
        found.append(
            {
                "name": "coverage",
                "reached": bool(low <= 0.8 <= high),
                "sentence": (
                    f"80 % intervals held {100 * held.share:.0f} % of what came, 95 % interval {100 * low:.0f} to "
                    f"{100 * high:.0f} % (effective n {held.n_effective:.0f}); to reach: holds 80 %."
                ),
            }
        )
    return found


def worth(content: Mapping[str, Any]) -> str:
    """Say how many independent forecasts those of a backtest are worth, from the pair that shares most to the one least."""
    independent = [p["n_effective"] for p in content["pairs"] if p["rows"] == "all" and p["kind"] != "member"]
    return f"{min(independent):.0f} to {max(independent):.0f}" if independent else "no"


def known(content: Mapping[str, Any]) -> list[str]:
    """Say in three lines what a backtest can tell and what it cannot."""
    pairs = [p for p in content["pairs"] if p["rows"] == "all" and p["kind"] != "member"]

    def named(chosen: Callable[[float, float], bool]) -> str:
        said = [
            f"{p['against']} {p['crps_ratio']:.2f} [{p['interval_0.9'][0]:.2f}, {p['interval_0.9'][1]:.2f}]"
            for p in pairs
            if chosen(*p["interval_0.9"])
        ]
        return ", ".join(said) or "none"

    worse = named(lambda low, _: low > 1)
    return [
        "Known (CRPS ratio, 90 % interval on one side of 1): the mixture is better than "
        + (named(lambda _, high: high < 1) if any(p["interval_0.9"][1] < 1 for p in pairs) else "no rival")
        + ("." if worse == "none" else f"; worse than {worse}."),
        f"Not known, which is better, the mixture or: {named(lambda low, high: low <= 1 <= high)}.",
        f"{content['summary'][COMBINATION]['n']} forecasts of one history, whose origins have been looked at, are worth "
        f"{worth(content)} independent ones. {interval_coverage.sentence(interval_coverage.measured())}",
    ]


def _failed(row: Row) -> bool:
    """Tell whether a row is of a fit that failed the gate, which nobody would have been shown."""
    return bool(row.get("gate") == "FAIL")


def _summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Return one method's mean scores and coverage; beside them, those of a member where it passes the gate."""
    targets = [row["target"] for row in rows]
    crps = [row["crps"] for row in rows]
    found: dict[str, Any] = {
        "kind": rows[0]["kind"],
        "crps": _short(np.mean(crps)),
        "wis": _short(np.mean([row["wis"] for row in rows])),
        "log_score": _short(np.mean([row["log_score"] for row in rows])),
        "n": len(rows),
        "n_targets": len(set(targets)),
        "n_effective": _short(comparison.effective_n(crps, targets)),
    }
    if "covered" in rows[0]:
        held = {
            level: comparison.coverage([row["covered"][level] for row in rows], targets) for level in rows[0]["covered"]
        }
        found["coverage"] = {level: _short(c.share) for level, c in held.items()}
        found["coverage_interval"] = {level: [_short(end) for end in c.interval] for level, c in held.items()}
        found["coverage_n_effective"] = {level: _short(c.n_effective) for level, c in held.items()}
        # The number behind the coverage that is quoted.
        found["n_effective"] = found["coverage_n_effective"]["0.8"]
        found["n_effective_crps"] = _short(comparison.effective_n(crps, targets))
        found["pit_deciles"] = np.histogram([row["pit"] for row in rows], np.linspace(0, 1, 11))[0].tolist()
    passing = [row for row in rows if not _failed(row)]
    if 0 < len(passing) < len(rows):
        found["passing_only"] = _summary(passing)
    return found


def _by_horizon(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the combination's scores by how far ahead they look."""
    ours = [row for row in rows if row["method"] == COMBINATION]
    found = []
    for horizon in sorted({row["horizon"] for row in ours}):
        at = [row for row in ours if row["horizon"] == horizon]
        line = {"horizon": horizon, "n": len(at), "crps": _short(np.mean([row["crps"] for row in at]))}
        if "covered" in at[0]:
            line["coverage_0.8"] = _short(np.mean([row["covered"]["0.8"] for row in at]))
        found.append(line)
    return found


def _without(
    name: str,
    first: np.ndarray,
    second: np.ndarray,
    origins: Sequence[float],
    ends: Sequence[float],
    models: Sequence[str],
) -> dict[str, Any] | None:
    """Return the comparison without the targets that a row is; None where it is none, or nothing is left."""
    keep = np.array([model != name for model in models])
    left = {end for end, kept in zip(ends, keep, strict=True) if kept}
    if keep.all() or len(left) < 2:
        return None
    found = by_origin_and_target(
        first[keep],
        second[keep],
        *([t for t, k in zip(times, keep, strict=True) if k] for times in (origins, ends)),
        level=COMPARISON_LEVEL,
    )
    return {
        "model": name,
        "rows_left_out": int((~keep).sum()),
        "crps_ratio": _short(found.ratio),
        f"interval_{COMPARISON_LEVEL:g}": [_short(end) for end in found.interval],
    }


def _finite(value: float) -> float | None:
    return _short(value) if np.isfinite(value) else None


def _short(value: Any) -> float:
    return round(float(value), 4)
