"""Growth members and their mixture on histories: the forecaster of text on another record, in that record's own unit.

A history enters as text does: half-years, in each the best known at its end as one published size. What is still the best is
still on offer, so that a half-year without a new record repeats the old one, and no larger one was published. Members see as
much as they do of text: the origins of four years at a time lie at 2024.0 to 2027.0 of the members' own calendar, which
begins in 2018, so that trends are read where their priors speak of them. One sweep of particles gives all origins of an era.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, FrontierData
from forecast.consumption.learned_from_histories import JUMP, SLOPE, SLOPE_WHILE_MOVING
from forecast.consumption.member import Member
from forecast.consumption.members import DEFAULT_MEMBERS, MEMBERS
from forecast.consumption.particles import particle_fits
from forecast.core.seeds import generator
from forecast.core.units import REFERENCE_YEAR
from forecast.fits.gate import predictive_checks
from forecast.fits.particles.sweep import Care
from forecast.ingest.histories import History
from forecast.ingest.known import Known, known_at

MIXTURE = "combination"
"""Name of the mixture."""

UNGATED = "combination_ungated"
"""The mixture as it would be without the gate, which leaves origins with no member that passes."""

ERA = 4
"""Yearly origins that share a calendar (count): with them members see six to nine years, as of text since 2024."""

BEFORE = round((REFERENCE_YEAR - FIRST_KNOT) / BLOCK_YEARS)
"""Half-years that members see at the first origin of an era (count), those before the series began being empty."""

KNOTS = 20
"""Knots of the members' calendar (count): 2018.0 to 2027.5, half a year beyond the last origin of an era."""

UNIT = 0.35
"""What a history's own unit (`Known.unit`) becomes (log10 a year): about the published growth of training sets, of which the
priors that are not `GENERAL` speak."""

GENERAL = (SLOPE, SLOPE_WHILE_MOVING, JUMP)
"""Priors that speak of any record, in log10 as it is; the others speak of text, in whose unit a history is read."""

READING_ERROR = 0.05
"""Error of a value in that unit (log10, sd), as of counted corpora."""

NOT_FINITE = "a forecast that is not finite"
"""Why such a forecast is none."""

ROUNDING = 1e-9
"""Gains below this are none (log10): a record that stands is what came, to the last digit, or intervals would miss it."""

PARTICLES = Care(particles=100, clouds=2, sweeps=(1, 1), last_sweeps=(3, 3), half_years=2)
"""How carefully members are fitted; what that costs in error stands in the evaluation page."""


@dataclass(frozen=True)
class Said:
    """What a member says at an origin.

    Parameters
    ----------
    origin : float
        Decimal year.
    member : str
        Its name.
    draws : array, shape (horizon, draw), or None
        log10 of the best so far; None where there is no forecast.
    failure : str
        Why there is none, or why the gate leaves it out of the mixture; empty where it passes.
    """

    origin: float
    member: str
    draws: np.ndarray | None
    failure: str = ""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A member fitted at an origin.

    Parameters
    ----------
    origin : float
        Decimal year.
    fit : Fit
        The fit, in the members' calendar and unit.
    record : float
        The best known, log10 as the history has it.
    scale : float
        As in `frontier_of`.
    """

    origin: float
    fit: Fit
    record: float
    scale: float

    def best_so_far(self, horizons: Sequence[float]) -> np.ndarray:
        """Return draws of the best so far, log10 as the history has it, shape (horizon, draw)."""
        ends = self.fit.data.last_knot + np.asarray(horizons, dtype=float)
        known = self.fit.data.size[self.fit.data.observed > 0].max()
        gain = (self.fit.project_record(ends).values.T - known) / self.scale
        return self.record + np.where(np.abs(gain) < ROUNDING, 0.0, gain)


def default_members() -> tuple[Member, ...]:
    """Return the members of the shipped mixture and all that users registered beside them."""
    return tuple(MEMBERS[name]() for name in dict.fromkeys((*DEFAULT_MEMBERS, *MEMBERS)))


def for_scale(who: Member, scale: float) -> Member:
    """Return a member for values that were multiplied: what its priors say of any record is multiplied with them.

    Examples
    --------
    >>> for_scale(MEMBERS["damped"](), 10.0).slope.centre
    0.569
    """
    general = {name: prior for name, prior in who.priors() if prior in GENERAL}
    return replace(who, **{name: replace(prior, centre=scale * prior.centre) for name, prior in general.items()})


def frontier_of(known: Known, first: float, level: float, scale: float = 1.0) -> FrontierData:
    """Return a history as members see it, from what is known at half-years.

    Parameters
    ----------
    known : Known
        The series at half-years.
    first : float
        First origin of the era: 2024.0 of the members' calendar.
    level : float
        What to add to its scaled values: members' priors speak of sizes in their own unit.
    scale : float
        What to multiply its values by before that.
    """
    blocks = BEFORE + round((known.origin - first) / BLOCK_YEARS)
    value = scale * known.value[-blocks:] + level
    knots = FIRST_KNOT + BLOCK_YEARS * np.arange(KNOTS)
    seen = slice(blocks - len(value), blocks)
    size, observed = np.full((KNOTS - 1, 1), level), np.zeros((KNOTS - 1, 1))
    size[seen, 0], observed[seen] = value, 1.0
    # As forecasts of the record read the frontier: in the middle of each half-year.
    time = knots[:-1, None] + BLOCK_YEARS / 2
    sd = np.full_like(size, READING_ERROR)
    exposure = (np.arange(KNOTS - 1) < blocks).astype(float)
    labels = ((),) * (blocks - len(value)) + ((known.series,),) * len(value)
    return FrontierData(knots, size, sd, time, observed, exposure, float(knots[blocks]), labels)


def said_by_members(
    history: History,
    origins: Sequence[float],
    horizons: Sequence[float],
    members: Sequence[Member],
    seed: int,
    care: Care = PARTICLES,
) -> Iterator[Said]:
    """Yield what every member and the mixtures of them say at every origin, era by era."""
    for at in range(0, len(origins), ERA):
        era = origins[at : at + ERA]
        found = [
            said
            for who in members
            for said in each_or_alone(partial(_swept, history, era[0], horizons, who, seed, care), era, who.name)
        ]
        for origin in era:
            yield from with_mixtures([one for one in found if one.origin == origin])


def with_mixtures(said: Sequence[Said], names: Sequence[str] = DEFAULT_MEMBERS) -> list[Said]:
    """Return what members say at an origin, and mixtures in which every default member has the same number of draws."""
    found = list(said)
    there = [one for one in said if one.member in names and one.draws is not None]
    for name, pool in ((MIXTURE, [one for one in there if not one.failure]), (UNGATED, there)):
        draws = [one.draws for one in pool if one.draws is not None]
        none = "" if draws else "no member that passes" if there else "no member with a forecast"
        found.append(Said(said[0].origin, name, np.concatenate(draws, axis=1) if draws else None, none))
    return found


def each_or_alone(
    sweep: Callable[[Sequence[float]], Iterator[Said]], origins: Sequence[float], name: str
) -> list[Said]:
    """Return what a member says at origins that share a sweep; where that fails, at each by itself."""
    try:
        with np.errstate(all="ignore"):
            return list(sweep(origins))
    except Exception as error:  # a member may be anybody's: whatever it raises is counted and said
        if len(origins) == 1:
            return [Said(origins[0], name, None, f"{type(error).__name__}: {error}")]
        return [said for origin in origins for said in each_or_alone(sweep, [origin], name)]


def _swept(
    history: History,
    first: float,
    horizons: Sequence[float],
    who: Member,
    seed: int,
    care: Care,
    origins: Sequence[float],
) -> Iterator[Said]:
    for one in fitted(history, first, who, seed, care, origins):
        draws = one.best_so_far(horizons)
        if not np.isfinite(draws).all():
            yield Said(one.origin, who.name, None, NOT_FINITE)
            continue
        # Of the gate what no number of particles changes: whether it can produce what was observed.
        checks = predictive_checks(one.fit.diagnostics["p_values"], who.name)
        failed = [f"{line.name}: {line.sentence}" for line in checks if line.status == "FAIL"]
        yield Said(one.origin, who.name, draws, "; ".join(failed))


def fitted(
    history: History, first: float, who: Member, seed: int, care: Care, origins: Sequence[float]
) -> Iterator[Fitted]:
    """Yield a member fitted at origins of one era, which begins with `first`, from one sweep."""
    known = [known_at(history, origin, step=BLOCK_YEARS) for origin in origins]
    at_first = known_at(history, first, step=BLOCK_YEARS)
    scale = UNIT / at_first.unit()
    level = float(who.level.quantile(np.array(0.5))) - scale * at_first.record
    own = int(generator(seed, "histories", who.name, history.series, f"{first:.3f}").integers(2**31))
    scaled = for_scale(who, scale)
    requests = [FitRequest(scaled, frontier_of(one, first, level, scale), own) for one in known]
    for one, fit in zip(known, particle_fits(requests, care, jobs=1), strict=True):
        yield Fitted(one.origin, fit, one.record, scale)
