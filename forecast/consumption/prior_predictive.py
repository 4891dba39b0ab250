"""What a member's priors alone say: frontiers and records drawn before any corpus has been looked at.

A prior that cannot produce what was published, or that produces it only by accident, is in conflict with the data,
and a posterior does not show that by itself. Box (1980), doi:10.2307/2982063.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.consumption.fit import interpolate
from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.member import Member
from forecast.core.seeds import generator


@dataclass(frozen=True)
class PriorPredictive:
    """Draws of the frontier from the priors alone, and of the corpora that would have been published.

    Parameters
    ----------
    knots : array, shape (knot,)
        Decimal years of the half-years' borders that the member sees.
    frontier : array, shape (draw, knot)
        log10 frontier.
    maxima : array, shape (draw, half-year)
        log10 of the largest corpus of each half-year that holds one.
    observed_record : float
        log10 of the largest corpus that the member sees.
    """

    knots: np.ndarray
    frontier: np.ndarray
    maxima: np.ndarray
    observed_record: float

    @property
    def record(self) -> np.ndarray:
        """Record by the as-of date, log10, shape (draw,)."""
        return self.maxima.max(axis=1)

    @property
    def p_record(self) -> float:
        """Share of prior draws whose record is at least the observed one: near 0 or 1 is prior-data conflict."""
        return float(np.mean(self.record >= self.observed_record))


def prior_predictive_frontier(member: Member, data: FrontierData, seed: int, draws: int = 4000) -> PriorPredictive:
    """Draw frontiers and records from a member's priors alone."""
    drawn = prior_draws(member, seed, draws)
    inputs = member.inputs(data)
    seen = np.flatnonzero(inputs["active"])
    knots = data.knots[seen[0] : seen[-1] + 2]
    growth = member.future_growth(drawn, knots, generator(seed, "consumption", member.name, "prior", "growth"))
    rng = generator(seed, "consumption", member.name, "prior", "path")
    jump = drawn["jump"][:, None]
    # The same process as in the model; a shape of zero is growth at rest, which NumPy refuses.
    increments = rng.gamma(np.maximum(growth / jump, 1e-12)) * jump
    path = np.concatenate([np.zeros((draws, 1)), np.cumsum(increments, axis=1)], axis=1)
    anchor = int(np.argmax(inputs["anchor"])) - seen[0]
    frontier = drawn["level"][:, None] + path - path[:, [anchor]]
    rows, maxima = published_maxima(member, data, {**drawn, "frontier": frontier}, knots, rng)
    return PriorPredictive(knots, frontier, maxima, float(data.size[rows, 0].max()))


def prior_draws(member: Member, seed: int, draws: int) -> dict[str, np.ndarray]:
    """Draw every parameter of a member from its prior."""
    found = {
        name: prior.sample(generator(seed, "consumption", member.name, "prior", name), draws)
        for name, prior in member.priors()
    }
    # Where growth is itself a process it starts, as in the model, from where it would be after any long time.
    found |= member.started(found, generator(seed, "consumption", member.name, "prior", "started"))
    return found


def published_maxima(
    member: Member,
    data: FrontierData,
    draws: dict[str, np.ndarray],
    knots: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the largest published corpus of each half-year below given frontiers."""
    data = member.reads(data)
    blocks = np.flatnonzero(member.sees(data) * (data.observed[:, 0] > 0))
    at = interpolate(draws["frontier"], knots, data.time[blocks, 0])
    exposure = np.maximum(data.exposure[blocks], 0.05)
    return blocks, member.published(at, exposure, data.sd[blocks, 0], draws, rng)[:, :, 0]
