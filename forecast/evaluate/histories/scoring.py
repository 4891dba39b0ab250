"""Scores on histories: CRPS in units of the series' own past, one vote a series, no domain above a quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

from forecast.consumption.member import Member
from forecast.core.seeds import generator
from forecast.errors import InputError
from forecast.evaluate.backtest.scores import covered, crps
from forecast.evaluate.histories.members import PARTICLES, Said, said_by_members
from forecast.evaluate.histories.rivals import Forecaster
from forecast.evaluate.two_way import two_way_error, two_way_ratio
from forecast.fits.particles.sweep import Care
from forecast.ingest.histories import History
from forecast.ingest.known import Known, came, known_at, origins

if TYPE_CHECKING:
    import pandas as pd

HORIZONS = (1.0, 2.0, 3.0, 5.0)
"""How far ahead (years)."""

LEVELS = (0.5, 0.8, 0.95)
"""Probabilities of the intervals whose coverage is counted."""

DOMAIN_SHARE = 0.25
"""Most weight of a domain (share)."""

YEARS_TOGETHER = 5.0
"""Origins of so many years count as one cluster (years): the longest horizon."""

KIND_GROUPS: Mapping[str, tuple[str, ...]] = {
    "record": ("record", "best_of_year"),
    "total": ("total",),
    "cost": ("cost",),
}
"""Kinds of series that are also shown apart."""

LEVEL = 0.9
"""Probability of the interval of a ratio."""


@dataclass(frozen=True, eq=False)
class HistoryTask:
    """A series and who forecasts it, growth members apart; picklable."""

    history: History
    forecasters: tuple[Forecaster, ...]
    seed: int
    horizons: tuple[float, ...] = HORIZONS
    members: tuple[Member, ...] = ()
    care: Care = PARTICLES


class Scored(NamedTuple):
    """Scores of a series, one row per method, origin and horizon; and who said nothing or failed its gate, where and why."""

    rows: list[dict[str, Any]]
    failures: list[dict[str, Any]]


def score_history(task: HistoryTask) -> Scored:
    """Forecast a series from every origin by every method and score what came."""
    history, rows, failures = task.history, [], []
    where = origins(history)
    of_members: dict[float, list[Said]] = {origin: [] for origin in where}
    if task.members:
        for one in said_by_members(history, where, task.horizons, task.members, task.seed, task.care):
            of_members[one.origin].append(one)
    for origin in where:
        known = known_at(history, origin)
        truth = came(history, origin, task.horizons)
        there = np.isfinite(truth)
        if not there.any():
            continue
        ahead, outcome = np.array(task.horizons)[there], truth[there]
        said = [
            *(one if one.draws is None else replace(one, draws=one.draws[there]) for one in of_members[origin]),
            *(_said(who, known, ahead, task.seed) for who in task.forecasters),
        ]
        for one in said:
            if one.failure:
                failures.append(
                    {
                        "series": history.series,
                        "origin": origin,
                        "method": one.member,
                        "scored": one.draws is not None,
                        "reason": one.failure,
                    }
                )
            if one.draws is None:
                continue  # pairs are formed on common rows
            scores = crps(one.draws, outcome) / (ahead * known.unit())
            held = {level: covered(one.draws, outcome, level) for level in LEVELS}
            rows += [
                {
                    "series": history.series,
                    "family": history.family,
                    "kind": history.kind,
                    "domain": history.domain or history.family,
                    "origin": origin,
                    "horizon": float(horizon),
                    "method": one.member,
                    "score": float(scores[place]),
                    **{f"covered_{level:g}": bool(held[level][place]) for level in LEVELS},
                }
                for place, horizon in enumerate(ahead)
            ]
    return Scored(rows, failures)


def _said(who: Forecaster, known: Known, ahead: np.ndarray, seed: int) -> Said:
    """Return what a forecaster says from what is known; none where it cannot."""
    rng = generator(seed, "histories", who.name, known.series, f"{known.origin:.3f}")
    try:
        with np.errstate(all="ignore"):
            draws = who.forecast(known, ahead.tolist(), rng)
    except (ArithmeticError, IndexError, ValueError, np.linalg.LinAlgError) as error:
        return Said(known.origin, who.name, None, f"{type(error).__name__}: {error}")
    if not np.isfinite(draws).all():
        return Said(known.origin, who.name, None, "a forecast that is not finite")
    return Said(known.origin, who.name, draws)


def votes(domains: Sequence[str]) -> np.ndarray:
    """Return the weight of each series from its domain: equal, but no domain above `DOMAIN_SHARE`; they sum to 1.

    With fewer than four domains each has at most its equal share.

    Examples
    --------
    >>> votes(["a"] * 6 + ["b", "c", "d"]).round(3).tolist()
    [0.042, 0.042, 0.042, 0.042, 0.042, 0.042, 0.25, 0.25, 0.25]
    """
    names, place, counts = np.unique(np.asarray(domains, dtype=object), return_inverse=True, return_counts=True)
    most = max(DOMAIN_SHARE, 1 / len(names))
    share, full = counts / counts.sum(), np.zeros(len(names), dtype=bool)
    while (share > most + 1e-12).any():
        full |= share > most + 1e-12
        share[full] = most
        if not full.all():
            share[~full] *= (1 - most * full.sum()) / share[~full].sum()
    return share[place] / counts[place]


def row_weights(rows: pd.DataFrame) -> np.ndarray:
    """Return the weight of each row: the vote of its series, shared by the rows of that series."""
    series = rows.drop_duplicates("series")
    vote = dict(zip(series["series"], votes(series["domain"].tolist()), strict=True))
    return rows["series"].map(vote).to_numpy() / rows.groupby("series")["series"].transform("size").to_numpy()


def pairs(rows: pd.DataFrame, of: str, chosen: str) -> list[dict[str, Any]]:
    """Compare one method with all others, for all horizons and kinds and for each apart."""
    wide = rows.pivot_table(
        index=["series", "family", "kind", "domain", "origin", "horizon"], columns="method", values="score"
    ).reset_index()
    found = []
    for against in [name for name in rows["method"].unique() if name != of]:
        both = wide.dropna(subset=[of, against])
        cuts: list[tuple[float | str, str]] = [
            ("all", "all"),
            *((h, "all") for h in HORIZONS),
            *(("all", k) for k in KIND_GROUPS),
        ]
        for horizon, kind in cuts:
            part = both if horizon == "all" else both[both["horizon"] == horizon]
            part = part if kind == "all" else part[part["kind"].isin(KIND_GROUPS[kind])]
            made = compare(part, of, against)
            if made is not None:
                found.append({"of": of, "against": against, "set": chosen, "horizon": horizon, "kind": kind, **made})
    return found


def compare(part: pd.DataFrame, of: str, against: str) -> dict[str, Any] | None:
    """Return the ratio of two methods on common rows; None where there is too little to compare."""
    if not len(part):
        return None
    try:
        made = two_way_ratio(
            part[of].to_numpy(),
            part[against].to_numpy(),
            part["family"].tolist(),
            clusters(part["origin"]),
            weights=row_weights(part),
            level=LEVEL,
        )
    except InputError:
        return None
    return {
        "crps_ratio": _short(made.ratio),
        f"interval_{LEVEL:g}": [_short(end) for end in made.interval],
        "clustered_by": ["family", "origin"],
        "n": made.n,
        "n_series": int(part["series"].nunique()),
        "n_families": made.clusters[0],
        "n_effective": _short(made.n_effective),
    }


def clusters(years: pd.Series) -> list[int]:
    """Return the cluster of each origin: those of five years are one."""
    return (years // YEARS_TOGETHER).astype(int).tolist()


def summary(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return every method's mean score and coverage."""
    found: dict[str, dict[str, Any]] = {}
    for name, part in rows.groupby("method", sort=False):
        weights = row_weights(part)
        held = {f"{level:g}": part[f"covered_{level:g}"].to_numpy(dtype=float) for level in LEVELS}
        share = {level: _short(hits @ weights) for level, hits in held.items()}
        first, second = part["family"].tolist(), clusters(part["origin"])
        error, few = two_way_error(held["0.8"] - held["0.8"] @ weights, first, second, weights)
        half = 2.0 if few is None else float(stdtrit(few, 0.975))
        middle = share["0.8"]
        found[str(name)] = {
            "crps": _short(part["score"].to_numpy() @ weights),
            "coverage": {
                **share,
                "interval_0.8": [_short(max(middle - half * error, 0.0)), _short(min(middle + half * error, 1.0))],
            },
            "n": len(part),
        }
    return found


def _short(value: Any) -> float:
    return round(float(value), 4)
