"""The hierarchy as it would be without a family, from the one fit: draws weighed by what they say of that family.

A draw counts the more, the less likely it makes the years of the family that is left out; the weights are smoothed
(Vehtari et al. 2024, Pareto smoothed importance sampling), and the shape of their tail says whether they can be relied on.
The likelihood is that of the family as a whole: what belongs to its series, to the family, and to a domain that no other
family has, is integrated out by particles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.consumption.learned.hierarchy import Hierarchy, begun
from forecast.consumption.learned.predictive import filtered, near_its_own, systematic
from forecast.consumption.learned.series import Changes

RELIABLE = 0.7
"""Shape of the tail of the weights up to which they can be relied on (no unit): Vehtari et al. (2024), doi:10.48550/arXiv.1507.02646."""

TOGETHER = 30
"""Effects drawn for a family of several series (count)."""

PARTICLES = 1_000
"""Series drawn for each draw of the hierarchy, or, where several are together, three times as many in all (count)."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """A hierarchy that has not seen a family.

    Parameters
    ----------
    hierarchy : Hierarchy
        As many draws as there were, some of them repeated.
    tail : float
        Shape of the tail of the weights, k-hat; above `RELIABLE` they cannot be relied on.
    effective : float
        Effective number of draws.
    """

    hierarchy: Hierarchy
    tail: float
    effective: float


def without(hierarchy: Hierarchy, data: Changes, family: str, rng: np.random.Generator) -> LeftOut:
    """Return the hierarchy without a family."""
    from arviz_stats.base import array_stats

    of, others = _parted(data, family)
    domains = {data.domains[place] for place in others}
    for domain in {data.domains[place] for place in of} - domains:
        hierarchy = hierarchy.without_domain(domain)
    log_weight, tail = array_stats.psislw(log_evidence(hierarchy, data, family, rng))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    (index,) = systematic(weight[None], hierarchy.draws, rng)
    return LeftOut(hierarchy.chosen(index), float(tail), float(1 / (weight**2).sum()))


def log_evidence(hierarchy: Hierarchy, data: Changes, family: str, rng: np.random.Generator) -> np.ndarray:
    """Return the log likelihood of all years of a family by each draw of the hierarchy."""
    of, _ = _parted(data, family)
    several = len(of) > 1
    effects, particles = (TOGETHER, 3 * PARTICLES // TOGETHER) if several else (1, PARTICLES)
    groups = hierarchy.draws * effects
    of_group = np.repeat(np.arange(hierarchy.draws), effects)
    row = np.repeat(of_group, particles)
    own = hierarchy.shared["sd_series"]
    # What series of a family share, a domain of their own among it, is drawn once for all of them.
    shared = rng.standard_normal((groups, own.shape[1])) if several else None
    found = np.zeros(groups)
    for place in of:
        growth = data.growth[place]
        centre, spread = hierarchy.centre_and_spread(data.kinds[place], data.domains[place])
        if shared is not None:
            together = np.sqrt(spread**2 - own**2)
            middle, around = np.repeat(centre[of_group] + together[of_group] * shared, particles, axis=0), own[row]
        else:
            middle, around = centre[row], spread[row]
        series = begun(hierarchy, row, middle, around, len(growth), rng)
        series, log_weight = near_its_own(series, growth, middle[:, 0], around[:, 0], rng)
        found += filtered(series, growth, log_weight, groups, rng)[2]
    table = found.reshape(hierarchy.draws, effects)
    top = table.max(axis=1)
    evidence: np.ndarray = top + np.log(np.exp(table - top[:, None]).mean(axis=1))
    return evidence


def _parted(data: Changes, family: str) -> tuple[list[int], list[int]]:
    """Return where the series of a family are, and where all others."""
    of = [place for place, name in enumerate(data.families) if name == family]
    return of, [place for place in range(len(data.families)) if place not in of]
