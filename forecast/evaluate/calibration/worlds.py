"""Made worlds whose frontier is known: 200 adversarial ones, frozen, and one set from each member's own family.

The adversarial worlds cross eight ways in which a frontier may move with five ways in which models may be published,
five worlds a pair. None comes from the gamma process and the law of the growth members: paths are smooth or jump,
corpora lie below the frontier by gamma-distributed distances, and in four of five ways of publishing something is
wrong that no member knows of. Their random streams hang on `WORLDS_SEED` and on their names alone, and a test holds
a hash of all that they give.

A world of a member's own family draws every parameter from the member's priors, moves the frontier by its gamma
process and publishes by the observation law, at the dates, gaps and errors of the shipped corpora. There a member's
intervals must hold what they promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, LARGEST, FrontierData, frontier_data
from forecast.consumption.member import Member
from forecast.consumption.observation import RUNNERS_UP, SMALLEST_ERROR, simulate_largest
from forecast.core.seeds import generator

if TYPE_CHECKING:
    import pandas as pd

WORLDS_SEED = 734_201
"""Seed of the frozen worlds (no unit; an arbitrary fixed number)."""

AS_OF = 2026.64
"""Date up to which an adversarial world shows its rows (decimal year)."""

YEARS_AHEAD = 5.0
"""How far beyond the as-of date a world's truth is known (years)."""

WORLDS_A_PAIR = 5
"""Adversarial worlds for each pair of growth and publication."""

GROWTHS = ("exponential", "damped", "logistic", "bend", "plateau", "steps", "jumps", "jumpy")
"""How the frontier of an adversarial world moves; the last three jump."""

PUBLICATIONS = ("plain", "sisters", "units", "disclosure", "late")
"""How an adversarial world's models are published; everything but the first is a fault that no member knows of."""

_MONTH = 1 / 12


@dataclass(frozen=True)
class World:
    """What the members are shown, and what is true.

    Parameters
    ----------
    name : str
        Unique name.
    families : tuple of str
        The families that this world counts for.
    as_of : float
        Decimal year up to which rows are shown.
    year, size, sd : array, shape (row,)
        Decimal year, published log10 size and stated standard deviation of the rows up to `as_of`, by date.
    years : array, shape (year,)
        Decimal years at which the truth is known; straight lines between them.
    frontier, record : array, shape (year,)
        True log10 frontier, and log10 of the largest size run by then, whether published or not.
    parameters : mapping of str to float
        True parameters; empty for an adversarial world.
    """

    name: str
    families: tuple[str, ...]
    as_of: float
    year: np.ndarray
    size: np.ndarray
    sd: np.ndarray
    years: np.ndarray
    frontier: np.ndarray
    record: np.ndarray
    parameters: Mapping[str, float] = field(default_factory=dict)

    def corpora(self) -> pd.DataFrame:
        """Return the rows that the members are shown."""
        import pandas as pd

        names = [f"{self.name} {position}" for position in range(len(self.year))]
        return pd.DataFrame({"model": names, "year": self.year, "log10_size": self.size, "measurement_sd": self.sd})

    def data(self) -> FrontierData:
        """Return the rows as the members take them."""
        return frontier_data(self.corpora(), self.as_of)

    def truth(self, years: np.ndarray) -> np.ndarray:
        """Return the true log10 frontier."""
        return np.interp(years, self.years, self.frontier)

    def digest(self) -> str:
        """Return a hash of rows and truth, to a thousandth of a log10 unit."""
        arrays = (self.year, self.size, self.sd, self.years, self.frontier, self.record)
        # Rounded, because the last digits of a logarithm differ from one processor to the next.
        content = b"".join(np.rint(1e3 * values).astype("<i8").tobytes() for values in arrays)
        return hashlib.sha256(self.name.encode() + content).hexdigest()


def digest_of(worlds: Sequence[World]) -> str:
    """Return a hash of many worlds."""
    return hashlib.sha256("".join(world.digest() for world in worlds).encode()).hexdigest()


def adversarial_worlds() -> list[World]:
    """Return the 200 frozen worlds, ordered so that each run of 40 holds every pair once.

    Examples
    --------
    >>> worlds = adversarial_worlds()
    >>> len(worlds), worlds[0].name
    (200, 'exponential/plain/0')
    """
    return [
        adversarial_world(growth, publication, number)
        for number in range(WORLDS_A_PAIR)
        for growth in GROWTHS
        for publication in PUBLICATIONS
    ]


def adversarial_world(growth: str, publication: str, number: int) -> World:
    """Return one adversarial world."""
    name = f"{growth}/{publication}/{number}"
    rng = generator(WORLDS_SEED, "worlds", name)
    years = np.round(FIRST_KNOT + _MONTH * np.arange(round((AS_OF + YEARS_AHEAD - FIRST_KNOT) / _MONTH) + 2), 6)
    frontier = rng.uniform(9.8, 10.6) + _path(growth, years, rng)
    year, true = _runs(years, frontier, rng)
    record = np.array([true[year <= at].max(initial=-np.inf) for at in years])
    record = np.where(np.isfinite(record), record, np.minimum(true[0], frontier))
    shown = year <= AS_OF
    sd = rng.choice([0.03, 0.05, 0.08, 0.15, 0.25], p=[0.2, 0.3, 0.2, 0.2, 0.1], size=len(year))
    size = true + sd * rng.standard_normal(len(year))
    deficit = np.interp(year, years, frontier) - true
    rows = (year[shown], size[shown], sd[shown], deficit[shown])
    year, size, sd = _published(publication, number, *rows, rng)
    order = np.argsort(year, kind="stable")
    families = (f"growth: {growth}", f"publication: {publication}")
    return World(name, families, AS_OF, year[order], size[order], sd[order], years, frontier, record)


def _path(growth: str, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return log10 growth since the first year, never falling."""
    t = years - years[0]
    if growth == "exponential":
        return rng.uniform(0.15, 0.7) * t
    if growth == "damped":
        slope, rate = rng.uniform(0.5, 1.0), rng.uniform(0.1, 0.5)
        return slope * (1 - np.exp(-rate * t)) / rate
    if growth == "logistic":
        height, rate, middle = rng.uniform(2.5, 5.0), rng.uniform(0.5, 1.5), rng.uniform(2.0, 9.0)
        curve = height / (1 + np.exp(-rate * (t - middle)))
        return curve - curve[0]
    if growth == "bend":
        slope, factor = rng.uniform(0.3, 0.7), rng.choice([rng.uniform(0.1, 0.5), rng.uniform(1.5, 2.2)])
        turn = rng.uniform(3.0, 10.0)
        return slope * (np.minimum(t, turn) + factor * np.maximum(t - turn, 0.0))
    if growth == "plateau":
        slope, start, length = rng.uniform(0.3, 0.7), rng.uniform(4.0, 10.0), rng.uniform(1.0, 3.0)
        return slope * (np.minimum(t, start) + np.maximum(t - start - length, 0.0))
    if growth == "steps":
        at = np.cumsum(rng.uniform(0.8, 1.8, size=20))
        return _staircase(t, at, rng.uniform(0.2, 0.8, size=20))
    if growth == "jumps":
        number = int(rng.integers(1, 4))
        return rng.uniform(0.1, 0.3) * t + _staircase(
            t, rng.uniform(1.0, 12.5, size=number), rng.uniform(0.3, 1.2, size=number)
        )
    at = np.cumsum(rng.exponential(0.5, size=80))
    return _staircase(t, at, np.minimum(0.12 * np.exp(rng.standard_normal(80)), 1.5))


def _staircase(t: np.ndarray, at: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Return the sum of the jumps so far."""
    return ((t[:, None] >= at) * heights).sum(axis=1)


def _runs(years: np.ndarray, frontier: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return dates and true sizes of all that is run: more each year, each below the frontier of its day."""
    rate = np.minimum(12.0 + 8.0 * (years[:-1] - years[0]), 60.0)  # runs a year
    counts = rng.poisson(rate * np.diff(years))
    counts[0] = max(counts[0], 1)
    year = np.repeat(years[:-1], counts) + rng.uniform(size=counts.sum()) * _MONTH
    year.sort()
    heaviness, scale = rng.uniform(1.0, 2.5), rng.uniform(0.2, 0.6)
    # The first run fixes where the record begins; it is not far off.
    deficit = rng.gamma(heaviness, scale, size=len(year))
    deficit[0] = min(deficit[0], 0.3)
    return year, np.interp(year, years, frontier) - deficit


def _published(
    publication: str,
    number: int,
    year: np.ndarray,
    size: np.ndarray,
    sd: np.ndarray,
    deficit: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return date, size and stated error of the published rows, with the fault of this way of publishing."""
    if publication == "sisters":
        # The same corpus several times within two months, with sizes that look like independent ones.
        copies = rng.integers(1, 6, size=len(year))
        origin = np.repeat(np.arange(len(year)), copies)
        first = np.r_[True, np.diff(origin) > 0]
        later = np.minimum(year[origin] + np.where(first, 0.0, rng.uniform(0.0, 0.15, size=len(origin))), AS_OF)
        return later, size[origin] + np.where(first, 0.0, rng.normal(0.0, 0.01, size=len(origin))), sd[origin]
    if publication == "units":
        # Words read as tokens; one row a thousand times too small; in every second world one too large.
        size = size + np.where(rng.uniform(size=len(year)) < 0.3, np.log10(0.75), 0.0)
        small, large = rng.choice(len(year), size=2, replace=False)
        size[small] -= 3.0
        size[large] += 3.0 if number % 2 else 0.0
        return year, size, sd
    if publication == "disclosure":
        # Stated by nearly all at first, by one in twenty at the end, and the nearer to the frontier the less.
        share = 0.05 + 0.91 / (1 + np.exp(1.6 * (year - 2024.8)))
        nearness = np.exp(-deficit / 0.3)
        hidden = rng.uniform(size=len(year)) > share ** (0.5 + nearness)
        block = np.floor((year - FIRST_KNOT) / BLOCK_YEARS)
        for late in np.unique(block[year >= 2023.0]):
            inside = np.flatnonzero(block == late)
            hidden[inside[np.argmin(deficit[inside])]] = True
        return year[~hidden], size[~hidden], sd[~hidden]
    if publication == "late":
        block = np.floor((year - FIRST_KNOT) / BLOCK_YEARS)
        keep = year < 2025.0
        for late in np.unique(block[year >= 2025.0]):
            inside = np.flatnonzero(block == late)
            keep[rng.permutation(inside)[: int(rng.integers(0, 3))]] = True
        return year[keep], size[keep], sd[keep]
    return year, size, sd


def own_worlds(member: Member, template: FrontierData, count: int) -> list[World]:
    """Return worlds of a member's own family."""
    return [own_world(member, template, number) for number in range(count)]


def own_world(member: Member, template: FrontierData, number: int) -> World:
    """Return one world of a member's own family: its priors, its gamma process, its law.

    A member that speaks of the record alone has one row a half-year, at the frontier of its end but for the row's error.
    """
    rng = generator(WORLDS_SEED, "worlds", member.name, str(number))
    parameters = {name: float(prior.sample(rng, 1)[0]) for name, prior in member.priors()}
    draws = {name: np.array([value]) for name, value in parameters.items()}
    draws |= member.started(draws, rng)
    steps = int(np.ceil((template.as_of + YEARS_AHEAD - FIRST_KNOT) / BLOCK_YEARS))
    knots = FIRST_KNOT + BLOCK_YEARS * np.arange(steps + 1)
    growth = member.future_growth(draws, knots, rng)[0]
    growth = growth * np.where(knots[:-1] >= template.last_knot - 1e-9, parameters.get("pace_ratio", 1.0), 1.0)
    jump = parameters["jump"]
    path = np.r_[0.0, np.cumsum(rng.gamma(np.maximum(growth / jump, 1e-12)) * jump)]
    anchor = int(np.argmax(member.inputs(template)["anchor"]))
    frontier = parameters["level"] + path - path[anchor]

    # More corpora than are shown: an error may lift one above the largest. Each has the date and error of a shown row.
    shown = template.observed.sum(axis=1).astype(int)
    candidates = LARGEST + RUNNERS_UP
    if member.record_alone:
        shown, candidates = np.minimum(shown, 1), 1
    rows = np.arange(candidates) % np.maximum(shown, 1)[:, None]
    year, sd = (np.take_along_axis(values, rows, axis=1) for values in (template.time, template.sd))
    if member.record_alone:
        true = np.interp(template.knots[:-1] + BLOCK_YEARS * template.exposure, knots, frontier)[:, None]
    else:
        at, exposure = np.interp(year, knots, frontier), np.maximum(template.exposure, 1e-9)
        true = simulate_largest(at[None], exposure, draws["spread"], 1 + draws["shape_excess"], rng)[0]
    true, year, sd = (values[shown > 0] for values in (true, year, sd))
    size = true + np.hypot(sd, SMALLEST_ERROR) * rng.standard_normal(true.shape)
    seen = np.argsort(np.argsort(-size, axis=1), axis=1) < shown[shown > 0][:, None]
    true, year, sd, size = (values[seen] for values in (true, year, sd, size))
    order = np.argsort(year, kind="stable")
    true, year, sd, size = (values[order] for values in (true, year, sd, size))
    record = np.array([true[year <= knot].max(initial=-np.inf) for knot in knots])
    record = np.where(np.isfinite(record), record, frontier[0])
    # Beyond the rows nothing is simulated: there the frontier stands in for what will have been run.
    record = np.maximum.accumulate(np.where(knots > template.as_of, np.maximum(record, frontier), record))
    return World(
        f"{member.name}/{number}",
        (f"own: {member.name}",),
        template.as_of,
        year,
        size,
        sd,
        knots,
        frontier,
        record,
        parameters,
    )
