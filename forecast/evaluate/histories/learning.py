r"""What the mixture learns from histories as a forecaster: its law of pace, and weights of its members; the learning half alone.

The score of a mixture with weights w is :math:`\sum_i w_i E|X_i - y| - \tfrac12 \sum_{ij} w_i w_j E|X_i - X_j|`, convex in
them: with these terms of each forecast any weights are scored, and families resampled, without a draw. Predictive densities
are not stacked, since a forecast of a record has a point mass at the record that stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import LinearConstraint, minimize
from scipy.special import ndtri

from forecast.consumption.fitting import jobs_for
from forecast.consumption.learned.series import learning_half
from forecast.consumption.member import Member
from forecast.consumption.members import DEFAULT_MEMBERS, MEMBERS
from forecast.core.priors import Prior
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.evaluate.backtest.scores import covered
from forecast.evaluate.histories.members import ERA, NOT_FINITE, PARTICLES, Said, each_or_alone, fitted
from forecast.evaluate.histories.scoring import HORIZONS, KIND_GROUPS, LEVEL, compare, row_weights
from forecast.fits.executor import run_tasks
from forecast.fits.particles.sweep import Care
from forecast.ingest.histories import History
from forecast.ingest.known import came, known_at, origins

MEDIANS = (0.7, 0.8, 0.9, 1.0, 1.1)
"""Medians of growth after the data over growth as expected that are tried (none)."""

SPREADS = (0.3, 0.6, 0.9)
"""Spreads that are tried (log, sd)."""

LAWS = tuple(Prior("lognormal", median, sd, "none", "a candidate") for sd in SPREADS for median in MEDIANS)
"""Laws of `Member.pace_ratio` that are tried."""

LAW_RULE = (
    "Of the laws whose CRPS, all kinds together, exceeds the least by no more than one standard error of that difference "
    "(families resampled), the widest; of several, that with the least CRPS."
)
"""How the law is chosen; written before it was run. Wide, since a forecast that is too sure costs its reader more."""

FLOOR = 0.1
"""Least weight of a member (share): what histories cannot tell of a member is not to silence it."""

RESAMPLES = 200
"""How often families are resampled for weights (count)."""

ERROR_RESAMPLES = 20_000
"""How often for the standard error of a difference (count): the error of that error is 0.5 %, where 200 leave 5 %."""

WEIGHTS_RULE = (
    "Equal weights stay unless the 90 % interval of the CRPS ratio, learned weights over equal ones, lies below 1; each family "
    "is scored by weights that were learned without it."
)
"""Whether learned weights are needed; written before they were computed."""


@dataclass(frozen=True, eq=False)
class Task:
    """A series, and the members and laws that forecast it; picklable."""

    history: History
    members: tuple[Member, ...]
    laws: tuple[Prior, ...]
    seed: int
    care: Care


def paced(task: Task, first: float, who: Member, where: Sequence[float]) -> Iterator[Said]:
    """Yield what a member says at origins of an era under each law, shape (law, horizon, draw), from one fit."""
    # No row tells the pace ahead: the fit does without, and each law has the same evenly spread places in itself.
    for one in fitted(task.history, first, replace(who, pace_ratio=None), task.seed, task.care, where):
        count = len(one.fit.draws["jump"])
        rng = generator(task.seed, "learning", who.name, task.history.series, f"{one.origin:.3f}")
        z = rng.permutation(ndtri((np.arange(count) + 0.5) / count))
        said = []
        for law in task.laws:
            if who.pace_ratio is not None:
                one.fit.draws["pace_ratio"] = law.centre * np.exp(law.spread * z)
            said.append(one.best_so_far(HORIZONS))
        finite = np.isfinite(said).all()
        yield Said(one.origin, who.name, np.stack(said) if finite else None, "" if finite else NOT_FINITE)


def mean_difference(draws: np.ndarray) -> np.ndarray:
    """Return E|X - X'| of draws on the last axis.

    Examples
    --------
    >>> float(mean_difference(np.array([0.0, 1.0])))
    0.5
    """
    ordered, count = np.sort(draws, axis=-1), draws.shape[-1]
    return 2 * (ordered @ (2 * np.arange(1, count + 1) - count - 1)) / count**2


def terms_of(task: Task) -> tuple[list[dict[str, Any]], int]:
    """Return the terms of the scores of any mixture, and at how many origins a member has no forecast.

    One row per origin and horizon at which all members forecast: ``miss`` is E|X - y| of each member, shape (law, member);
    ``apart`` E|X - X'| of two of them, shape (law, member, member), both over horizon and unit; ``held``, shape (law,),
    whether the 80 % interval of the equal mixture holds what came.
    """
    history, where = task.history, origins(task.history)
    shared = {"series": history.series, "family": history.family, "kind": history.kind}
    shared["domain"] = history.domain or history.family
    rows: list[dict[str, Any]] = []
    failures = 0
    for at in range(0, len(where), ERA):
        era = where[at : at + ERA]
        by_member = [each_or_alone(partial(paced, task, era[0], who), era, who.name) for who in task.members]
        for origin, said in zip(era, zip(*by_member, strict=True), strict=True):
            draws = [one.draws for one in said if one.draws is not None]
            if len(draws) < len(said):
                failures += 1
                continue
            unit, truth = known_at(history, origin).unit(), came(history, origin, HORIZONS)
            for place in np.flatnonzero(np.isfinite(truth)):
                here, over = [part[:, place] for part in draws], HORIZONS[place] * unit
                miss = np.stack([np.abs(part - truth[place]).mean(axis=-1) for part in here], axis=-1) / over
                held = covered(np.concatenate(here, axis=-1), truth[place], 0.8)
                rows.append({**shared, "origin": origin, "horizon": HORIZONS[place], "miss": miss, "held": held})
                rows[-1]["apart"] = apart_of(here) / over
    return rows, failures


def apart_of(draws: Sequence[np.ndarray]) -> np.ndarray:
    """Return E|X - X'| of any two forecasts with as many draws each, shape (..., forecast, forecast)."""
    own = [mean_difference(part) for part in draws]
    found = np.stack([np.stack(own, axis=-1)] * len(draws), axis=-1)
    for i, one in enumerate(draws):
        for j in range(i):  # of both together a quarter is either's own, and half of what they are apart
            both = 4 * mean_difference(np.concatenate([one, draws[j]], axis=-1)) - own[i] - own[j]
            found[..., i, j] = found[..., j, i] = both / 2
    return found


def score(miss: np.ndarray, apart: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the CRPS of mixtures from their terms; weights sum to 1."""
    return miss @ weights - 0.5 * np.einsum("...ij,i,j->...", apart, weights, weights)


def best_weights(miss: np.ndarray, apart: np.ndarray, floor: float = FLOOR) -> np.ndarray:
    """Return the weights with the least CRPS, none below the floor.

    Examples
    --------
    >>> best_weights(np.array([0.2, 0.9]), np.array([[0.3, 0.6], [0.6, 0.3]])).round(3).tolist()
    [0.9, 0.1]
    """
    count = len(miss)

    def value(weights: np.ndarray) -> float:
        return float(score(miss, apart, weights))

    def slope(weights: np.ndarray) -> np.ndarray:
        return np.asarray(miss - apart @ weights)

    made = minimize(
        value,
        np.full(count, 1 / count),
        jac=slope,
        method="SLSQP",
        bounds=[(floor, 1.0)] * count,
        constraints=LinearConstraint(np.ones((1, count)), 1, 1),
        tol=1e-12,
    )
    return np.asarray(made.x)


def chosen_law(mean: np.ndarray, error: np.ndarray, laws: Sequence[Prior]) -> int:
    """Return the place of the law that `LAW_RULE` chooses.

    Examples
    --------
    >>> narrow, wide = LAWS[0], LAWS[-1]
    >>> chosen_law(np.array([0.40, 0.41]), np.array([0.0, 0.02]), [narrow, wide])
    1
    """
    tied = np.flatnonzero(mean - mean.min() <= error).tolist()
    return min(tied, key=lambda place: (-laws[place].spread, mean[place]))


def learned(
    rows: Sequence[dict[str, Any]],
    laws: Sequence[Prior],
    names: Sequence[str],
    *,
    seed: int = DEFAULT_SEED,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Return what the rules choose from the terms of scores: the law of pace, and the weights under it."""
    frame = pd.DataFrame(rows)
    miss, apart, held = (np.array(frame.pop(name).tolist()) for name in ("miss", "apart", "held"))
    vote, scores = row_weights(frame), score(miss, apart, np.full(len(names), 1 / len(names)))
    family, groups = pd.factorize(frame["family"])
    by_family = np.eye(len(groups))[family].T * vote  # (family, row), each row with its vote
    chance = np.full(len(groups), 1 / len(groups))
    drawn = generator(seed, "learning", "families").multinomial(len(groups), chance, size=resamples)

    often = generator(seed, "learning", "error").multinomial(len(groups), chance, size=ERROR_RESAMPLES)
    mean, resampled = vote @ scores, mean_over(often, by_family, scores)
    error = (resampled - resampled[:, [int(mean.argmin())]]).std(axis=0, ddof=1)
    place = chosen_law(mean, error, laws)
    record = frame["kind"].isin(KIND_GROUPS["record"]).to_numpy()
    shown = {"crps": mean, "above_least": mean - mean.min(), "standard_error": error, "coverage_0.8": vote @ held}
    if record.any():
        of_records = row_weights(frame[record])
        shown |= {"crps_records": of_records @ scores[record], "coverage_0.8_records": of_records @ held[record]}
    table = [
        {"median": law.centre, "sd_log": law.spread, **{key: _short(values[at]) for key, values in shown.items()}}
        for at, law in enumerate(laws)
    ]
    weights = weighed(frame, miss[:, place], apart[:, place], names, by_family, drawn)
    chosen = {"median": laws[place].centre, "sd_log": laws[place].spread}
    counts = {"forecasts": len(frame), "series": int(frame["series"].nunique()), "families": len(groups)}
    return {**counts, "laws": table, "law": {"rule": LAW_RULE, "chosen": chosen}, "weights": weights}


def mean_over(drawn: np.ndarray, by_family: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return means of rows over resampled families, from how often each is in, shape (resample, ...)."""
    share = drawn / (drawn @ by_family.sum(axis=1))[:, None]
    return np.tensordot(share, np.tensordot(by_family, values, 1), 1)


def weighed(
    frame: pd.DataFrame,
    miss: np.ndarray,
    apart: np.ndarray,
    names: Sequence[str],
    by_family: np.ndarray,
    drawn: np.ndarray,
) -> dict[str, Any]:
    """Return the learned weights, how they spread over resampled families, and what they gain where they did not learn."""

    def over(counts: np.ndarray) -> np.ndarray:
        means = mean_over(counts, by_family, miss), mean_over(counts, by_family, apart)
        return np.array([best_weights(*one) for one in zip(*means, strict=True)])

    every = over(drawn)
    middle, tail = every.mean(axis=0), (1 - LEVEL) / 2
    ends = np.quantile(every, [tail, 1 - tail], axis=0)
    equal = np.full(len(names), 1 / len(names))
    made = frame.assign(equal=score(miss, apart, equal), learned=np.nan)
    for number, own in enumerate(by_family):
        others = np.where(np.arange(len(by_family)) == number, 0, drawn)
        without, here = over(others[others.any(axis=1)]).mean(axis=0), own > 0
        made.loc[here, "learned"] = score(miss[here], apart[here], without)
    ratio = compare(made, "learned", "equal")
    vote = by_family.sum(axis=0)
    return {
        "rule": WEIGHTS_RULE,
        "learned": dict(zip(names, map(_short, middle), strict=True)),
        "interval_0.9": {name: [_short(end) for end in pair] for name, pair in zip(names, ends.T, strict=True)},
        "crps_equal": _short(vote @ made["equal"]),
        "crps_learned_in_sample": _short(vote @ score(miss, apart, middle)),
        "learned_over_equal": ratio,
        "needed": ratio is not None and ratio["interval_0.9"][1] < 1,
    }


def _short(value: Any) -> float:
    return round(float(value), 4)


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed; the law in use does not."""
    members = [replace(MEMBERS[name](), pace_ratio=None) for name in DEFAULT_MEMBERS]
    return {
        "laws": [[law.centre, law.spread] for law in LAWS],
        "members": [who.identity() for who in members],
        "particles": asdict(PARTICLES),
        "floor": FLOOR,
        "resamples": [RESAMPLES, ERROR_RESAMPLES],
    }


def learning(
    histories: Sequence[History],
    members: Sequence[Member],
    laws: Sequence[Prior] = LAWS,
    *,
    care: Care = PARTICLES,
    seed: int = DEFAULT_SEED,
    resamples: int = RESAMPLES,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Fit members once to every history at every origin, and return what the rules choose from their forecasts."""
    long_enough = sorted((one for one in histories if origins(one)), key=lambda one: (-len(origins(one)), one.series))
    tasks = [Task(one, tuple(members), tuple(laws), seed, care) for one in long_enough]
    found: dict[int, tuple[list[dict[str, Any]], int]] = {}
    for position, made in run_tasks(terms_of, tasks, jobs_for(members, jobs), scheduler=scheduler):
        found[position] = made
        progress(f"{tasks[position].history.series}: {len(made[0])} forecasts, {len(found)} of {len(tasks)} series")
    rows = [row for at in range(len(tasks)) for row in found[at][0]]
    content = learned(rows, laws, [who.name for who in members], seed=seed, resamples=resamples)
    return {**content, "origins_without_a_forecast": sum(failures for _, failures in found.values())}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Choose the law of pace and weigh the members on the learning half of the shipped histories."""
    members = [MEMBERS[name]() for name in DEFAULT_MEMBERS]
    return learning(learning_half(), members, jobs=jobs, scheduler=scheduler, progress=progress)
