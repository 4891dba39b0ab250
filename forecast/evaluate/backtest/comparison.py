"""How sure a comparison of forecasts is when many rows share few targets.

A backtest has many rows (origin by horizon) but only a dozen distinct targets, and rows of one target err together.
So coverage gets its interval from an effective number of rows, and two forecasts are compared on the same rows, with
an interval that resamples targets, not rows.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from forecast.core.seeds import generator
from forecast.errors import InputError

RESAMPLES = 10_000
"""Resamples of the targets (count): the ends of a 90 % interval are then good to about 1 % of its probability."""


@dataclass(frozen=True)
class Coverage:
    """How often intervals held what came.

    Parameters
    ----------
    share : float
        Of the rows.
    interval : tuple of float
        Wilson's binomial interval of the share, from the effective number of rows.
    n, n_targets : int
        Rows, and distinct targets among them.
    n_effective : float
        Rows that would say as much if each had a target of its own.
    """

    share: float
    interval: tuple[float, float]
    n: int
    n_targets: int
    n_effective: float


@dataclass(frozen=True)
class Ratio:
    """Ratio of two forecasts' mean scores on the same rows; below 1 the first is better.

    Parameters
    ----------
    ratio : float
        Mean of the first over mean of the second.
    interval : tuple of float
        Equal-tailed, from resampled targets.
    level : float
        Its probability.
    n, n_targets : int
        Rows, and distinct targets among them.
    """

    ratio: float
    interval: tuple[float, float]
    level: float
    n: int
    n_targets: int


def coverage(
    hits: Sequence[bool] | np.ndarray, targets: Sequence[Hashable] | None = None, level: float = 0.95
) -> Coverage:
    """Count how often intervals held what came, and how sure that is.

    Examples
    --------
    >>> coverage([True] * 8 + [False] * 2).n_effective
    10.0
    """
    held = np.asarray(hits, dtype=float)
    groups = _groups(targets, held)
    n_effective = effective_n(held, groups)
    share = float(held.mean())
    return Coverage(
        share, wilson(share * n_effective, n_effective, level), len(held), int(groups.max()) + 1, n_effective
    )


def wilson(successes: float, trials: float, level: float = 0.95) -> tuple[float, float]:
    """Return the binomial interval of a share after Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(40, 50)]
    [0.67, 0.888]
    """
    if trials <= 0:
        return 0.0, 1.0
    z = float(ndtri((1 + level) / 2))
    share, weight = successes / trials, z * z / trials
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * np.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return float(max(centre - half, 0.0)), float(min(centre + half, 1.0))


def effective_n(values: Sequence[float] | np.ndarray, targets: Sequence[Hashable] | np.ndarray) -> float:
    r"""Return how many independent rows would say as much as these, of which some share a target.

    n over the design effect :math:`1 + (\sum n_c^2 / n - 1)\rho` (Kish 1965, Survey Sampling). The correlation
    :math:`\rho` of rows with one target is the analysis-of-variance estimate, kept to 0 to 1; where nothing varies it
    cannot be told and is taken as 1, so that only distinct targets count.

    Examples
    --------
    >>> effective_n([1, 1, 1, 0, 0, 0], ["a", "a", "a", "b", "b", "b"])
    2.0
    """
    x = np.asarray(values, dtype=float)
    groups = _groups(targets, x)
    sizes = np.bincount(groups).astype(float)
    n, k = float(len(x)), len(sizes)
    if k == n:
        return n
    design = float(np.sum(sizes**2)) / n
    correlation = 1.0
    means = np.bincount(groups, x) / sizes
    within = float(np.sum((x - means[groups]) ** 2)) / (n - k)
    if k > 1:
        between = float(np.sum(sizes * (means - x.mean()) ** 2)) / (k - 1)
        typical = (n - design) / (k - 1)
        total = between + (typical - 1) * within
        correlation = float(np.clip((between - within) / total, 0.0, 1.0)) if total > 0 else 1.0
    return float(n / (1 + (design - 1) * correlation))


def paired_ratio(
    ours: Sequence[float] | np.ndarray,
    theirs: Sequence[float] | np.ndarray,
    targets: Sequence[Hashable] | np.ndarray,
    *,
    seed: int,
    level: float = 0.9,
    resamples: int = RESAMPLES,
) -> Ratio:
    """Return the ratio of mean scores of two forecasts of the same rows, with an interval from resampled targets.

    Targets are drawn with replacement, each with all its rows and for both forecasts at once (a cluster bootstrap;
    Davison & Hinkley 1997, Bootstrap Methods and their Application, section 3.8). With a dozen targets such an interval
    is somewhat too narrow; `without_each` shows what hangs on one.

    Examples
    --------
    >>> paired_ratio([1.0, 2.0, 1.0], [2.0, 4.0, 2.0], ["2024", "2025", "2026"], seed=1).interval
    (0.5, 0.5)
    """
    first, second, _ = _paired(ours, theirs, targets)
    count = len(first)
    if count < 2:
        raise InputError("scores of one target", "two targets or more", "score the forecasts on more targets")
    rng = generator(seed, "evaluate", "paired_ratio")
    times = rng.multinomial(count, np.full(count, 1 / count), size=resamples).astype(float)
    above, below = times @ first, times @ second
    ratios = np.divide(above, below, out=np.full(resamples, np.inf), where=below > 0)
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return Ratio(float(first.sum() / second.sum()), (float(low), float(high)), level, len(list(ours)), count)


def without_each(
    ours: Sequence[float] | np.ndarray, theirs: Sequence[float] | np.ndarray, targets: Sequence[Hashable] | np.ndarray
) -> dict[Hashable, float]:
    """Return the ratio of mean scores without each target in turn.

    Examples
    --------
    >>> without_each([1.0, 9.0, 1.0], [2.0, 3.0, 2.0], ["2024", "2025", "2026"])["2025"]
    0.5
    """
    first, second, names = _paired(ours, theirs, targets)
    above, below = first.sum() - first, second.sum() - second
    ratios = np.divide(above, below, out=np.full(len(first), np.inf), where=below > 1e-12 * second.sum())
    order = np.argsort(-np.abs(np.log(np.maximum(ratios, 1e-300)) - np.log(max(first.sum() / second.sum(), 1e-300))))
    return {names[place]: float(ratios[place]) for place in order}


def _paired(ours: Any, theirs: Any, targets: Any) -> tuple[np.ndarray, np.ndarray, list[Hashable]]:
    """Return the sum of each forecast's scores by target, and the targets' names."""
    first, second = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if first.shape != second.shape or first.ndim != 1:
        raise InputError(f"{first.size} and {second.size} scores", "the same rows of both", "pair them first")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise InputError("a score that is not finite", "finite scores", "cut years at a horizon: censored_at")
    groups = _groups(targets, first)
    if second.sum() <= 0:
        raise InputError("scores of 0 to compare with", "a forecast that errs at least once", "compare with another")
    return np.bincount(groups, first), np.bincount(groups, second), list(dict.fromkeys(targets))


def _groups(targets: Any, values: np.ndarray) -> np.ndarray:
    """Give each row the number of its target, in order of appearance; its own where no targets are given."""
    if values.ndim != 1 or not len(values):
        raise InputError(f"scores of shape {values.shape}", "one per row, and at least one row", "give the rows")
    listed = list(range(len(values))) if targets is None else list(targets)
    if len(listed) != len(values):
        raise InputError(f"{len(listed)} targets of {len(values)} rows", "one per row", "give each row its target")
    numbers = {name: number for number, name in enumerate(dict.fromkeys(listed))}
    return np.array([numbers[name] for name in listed])
