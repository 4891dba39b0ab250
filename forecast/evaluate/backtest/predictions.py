"""What each method would have said at an origin: draws of the record and of the half-years' largest sizes to come.

An origin is the border of two half-years. A method sees the rows published by then (with today's readings: a
pseudo-vintage) and speaks of the half-years that end 0.5 to 4 years later. The latent frontier is never observed, so
members are asked for what will be: their paths and the observation law give published sizes, errors included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import logsumexp

from forecast.consumption.alternatives.baselines import BASELINES
from forecast.consumption.fit import MAXIMUM_LOG10, Fit, interpolate
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, LARGEST, FrontierData, frontier_data
from forecast.consumption.observation import seen_positions
from forecast.core.seeds import generator
from forecast.core.trajectory import YEAR
from forecast.errors import InputError
from forecast.replicate import epoch2022, epoch2024

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["combination", "member", "baseline", "published"]

DRAWS = 2000
"""Draws a method has (count); the combination has so many of each of its members."""

FIRST_PUBLISHED_ROW = 2010.0
"""First row that the analysis of 2024 regressed on (decimal year; Villalobos et al. 2024, arXiv 2211.04325v2)."""

COMBINATION = "combination"
"""Name of the equal-weight mixture."""

PUBLISHED: Mapping[str, str] = {
    "epoch2022": "the record to date without error, growth as published in 2022",
    "epoch2024": "the record to date with the width published in 2024, bootstrap slope of the rows to date",
    "epoch2024_floored": "the same, but never below the record that is known",
}
"""Published procedures as forecasters, by name."""


@dataclass(frozen=True)
class Prediction:
    """What one method says at one origin.

    Parameters
    ----------
    method : str
        Its name.
    kind : {"combination", "member", "baseline", "published"}
        What it is.
    origin : float
        Decimal year up to which it saw rows.
    ends : array, shape (horizon,)
        Decimal years at which the foretold half-years end.
    record : array, shape (horizon, draw)
        log10 of the largest size published by then.
    largest : array, shape (horizon, rank, draw), optional
        log10 of the largest sizes published in the half-year, largest first; as many ranks as the method speaks of, and
        none where it speaks of the record alone.
    joint : array, shape (horizon, draw), optional
        Log density of the half-year's largest sizes as they came, given each draw; NaN where none came.
    """

    method: str
    kind: Kind
    origin: float
    ends: np.ndarray
    record: np.ndarray
    largest: np.ndarray | None = None
    joint: np.ndarray | None = None


def from_fit(fit: Fit, horizons: Sequence[float], later: FrontierData) -> Prediction:
    """Return what a member says: paths of its frontier, and what the observation law has published below them."""
    fit = fit.thinned(DRAWS)
    origin = fit.data.last_knot
    ends = origin + np.asarray(horizons, dtype=float)
    knots = origin + BLOCK_YEARS * np.arange(round(max(horizons) / BLOCK_YEARS) + 1)
    paths = fit.project(knots)
    frontier, at = paths.values, paths[YEAR].values
    record = fit.project_record(ends).values.T
    if fit.member.record_alone:
        return Prediction(fit.member.name, "member", origin, ends, record)
    published = fit.member.published(
        interpolate(frontier, at, ends - BLOCK_YEARS / 2),
        np.ones(len(ends)),
        np.full(len(ends), fit.data.usual_error),
        fit.draws,
        generator(fit.seed, "backtest", fit.member.name, f"{origin:.1f}"),
        LARGEST,
    ).transpose(1, 2, 0)
    joint = _joint(fit, frontier, at, ends, later)
    return Prediction(fit.member.name, "member", origin, ends, record, published, joint)


def combined(members: Sequence[Prediction]) -> Prediction:
    """Return the mixture in which every member has the same number of draws.

    Of a half-year's own sizes it holds the members that speak of them, again with the same number of draws each.
    """
    if not members:
        raise InputError("no member that passes the gate", "at least one", "look at the diagnostics at this origin")
    # By hand rather than by weights: all members have the same number of draws.
    largest = [part.largest for part in members if part.largest is not None]
    joint = [part.joint for part in members if part.joint is not None]
    return Prediction(
        COMBINATION,
        "combination",
        members[0].origin,
        members[0].ends,
        np.concatenate([part.record for part in members], axis=-1),
        np.concatenate(largest, axis=-1) if largest else None,
        np.concatenate(joint, axis=-1) if joint else None,
    )


def from_baseline(name: str, corpora: pd.DataFrame, origin: float, horizons: Sequence[float], seed: int) -> Prediction:
    """Return what a statsmodels baseline says."""
    ends = origin + np.asarray(horizons, dtype=float)
    known = corpora[(corpora["year"] <= origin) & (corpora["year"] >= FIRST_KNOT)].sort_values("year")
    data = frontier_data(known, origin)
    every = origin + BLOCK_YEARS * np.arange(1, round(max(horizons) / BLOCK_YEARS) + 1)
    drawn = BASELINES[name]().maxima(known, data, every, generator(seed, "baseline", name), DRAWS)
    drawn = np.clip(drawn, 0.0, MAXIMUM_LOG10)
    record = np.maximum.accumulate(np.maximum(drawn, float(known["log10_size"].max())), axis=1)
    chosen = np.searchsorted(every, ends - 1e-9)
    return Prediction(name, "baseline", origin, ends, record[:, chosen].T, drawn[:, chosen].T[:, None, :])


def from_published(name: str, corpora: pd.DataFrame, origin: float, horizons: Sequence[float], seed: int) -> Prediction:
    """Return what a published procedure says from the rows to date.

    Rows before 2018 enter its slope, as they did when it was published, but not its level where they exceed every row
    since: two such rows (n-gram and word-vector corpora) would lift the level far above what later models used.
    """
    rows = corpora[(corpora["year"] <= origin) & (corpora["year"] >= FIRST_PUBLISHED_ROW)]
    record = float(rows.loc[rows["year"] >= FIRST_KNOT, "log10_size"].max())
    rows = rows[(rows["year"] >= FIRST_KNOT) | (rows["log10_size"] <= record)]
    table = rows[["year"]].assign(tokens=10 ** rows["log10_size"])
    module = epoch2022 if name == "epoch2022" else epoch2024
    found = module.forecast_from(table, origin, seed, DRAWS)
    ends = origin + np.asarray(horizons, dtype=float)
    paths = np.array([found.at(float(end)) for end in ends])
    if name.endswith("_floored"):
        paths = np.maximum(paths, record)
    return Prediction(name, "published", origin, ends, paths)


def others(
    corpora: pd.DataFrame, origin: float, horizons: Sequence[float], seed: int
) -> tuple[list[Prediction], dict[str, str]]:
    """Return what every baseline and every published procedure says."""
    makers: list[tuple[str, Callable[..., Prediction]]] = [
        *((name, from_baseline) for name in BASELINES),
        *((name, from_published) for name in PUBLISHED),
    ]
    made, silent = [], {}
    for name, make in makers:
        try:
            with np.errstate(all="ignore"):
                found = make(name, corpora, origin, horizons, seed)
        except (ArithmeticError, IndexError, ValueError, np.linalg.LinAlgError) as error:
            silent[name] = f"{type(error).__name__}: {error}"
            continue
        if np.isfinite(found.record).all():
            made.append(found)
        else:
            silent[name] = "no finite forecast from so few half-years"
    return made, silent


def _joint(fit: Fit, frontier: np.ndarray, knots: np.ndarray, ends: np.ndarray, later: FrontierData) -> np.ndarray:
    """Return the log density of what came in each half-year, shape (horizon, draw)."""
    blocks = np.round((ends - BLOCK_YEARS - FIRST_KNOT) / BLOCK_YEARS).astype(int)
    known = blocks[blocks < later.blocks]
    found = np.full((len(ends), len(frontier)), np.nan)
    if len(known):
        at = interpolate(frontier, knots, later.time[known].ravel()).reshape(len(frontier), len(known), -1)
        whole = np.ones(len(known))
        seen = later.knots[known, None] + BLOCK_YEARS * seen_positions(whole)
        within = interpolate(frontier, knots, seen.ravel()).reshape(len(frontier), len(known), -1)
        rows = {name: getattr(later, name)[known] for name in ("size", "sd", "observed")} | {"exposure": whole}
        found[: len(known)] = fit.member.rows_density(at, within, rows, fit.draws, np).T
        found[: len(known)][later.observed[known].sum(axis=1) == 0] = np.nan
    return found


def joint_score(prediction: Prediction) -> np.ndarray:
    """Return the log of the mean, over draws, of the joint density of each half-year's largest sizes."""
    if prediction.joint is None:
        raise InputError(f"{prediction.method}", "a method with a joint density", "choose a member or the combination")
    return logsumexp(prediction.joint, axis=-1) - np.log(prediction.joint.shape[-1])
