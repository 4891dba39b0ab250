"""How a series goes on, by the hierarchy: given its years one by one, or only its age and past pace.

Lists keep survivors: a technology that stopped for good early is seldom listed, so that plateaus are under-counted.
`PLATEAU` adds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln

from forecast.consumption.learned.hierarchy import Hierarchy, Series, new_series, next_wander
from forecast.consumption.learned.series import NOTHING, moved
from forecast.core.priors import Prior
from forecast.errors import InputError, ModelError

PARTICLES = 20_000
"""Series drawn before they are weighed (count)."""

NEAR = 0.6
"""Sd of the log growth that is proposed about a series' own past (log); judgement, made good by the weights."""

PLATEAU = 0.02
"""Hazard that a series stops for good, beside what the lists show (per year): a listed series was followed for 20 years
on average, and with this hazard a third of all technologies would have stopped before that and not be listed; judgement.
"""

PLATEAU_YEARS = 5
"""Years without news at the end of a list that are seen as a plateau (years)."""

SIMULATED = 400_000
"""Pasts simulated to find those of a given age and pace (count)."""

NEARNESS = 0.2
"""Bandwidth in the log of a pace or sd (log): 20 %."""

LEAST = 0.005
"""Pace that is added before logs are taken (log10 a year): as the least unit of scores."""

AGE = 8
"""Years of the pasts before what is said to come after (years): as long as text has been forecast here."""

RATIO_YEARS = 5
"""Years whose growth is compared with that of as many before (years)."""

PACED = 0.1
"""Pace of those years from which on a ratio is formed (log10 a year)."""

MEMBER_DRAWS = 60_000
"""Draws behind each learned prior (count): the 95 % point of `jump` to 2 %."""

FEWEST_LIKE = 200
"""Effective number of simulated pasts that have to be like the one that is given (count)."""

LONGEST_PAST = 20
"""Years of a simulated past (years): its pace over ten, and where it stood before."""


LONGEST_WAIT = 40
"""Longest wait for news that is counted (years): a longer one counts as this."""

LARGEST = 3.0
"""Log of the largest mean growth in a year (log of log10): 20 orders of magnitude, which keeps draws finite."""


@dataclass(frozen=True, eq=False)
class Future:
    """Draws of how a series goes on.

    Parameters
    ----------
    growth : array, shape (draw, year)
        Cumulated growth of the best so far (log10) at the end of each year to come.
    series : Series
        Where each draw stood.
    """

    growth: np.ndarray
    series: Series

    def at(self, years: float) -> np.ndarray:
        """Return cumulated growth at a horizon, on a straight line between whole years."""
        whole = int(np.floor(years))
        path = np.concatenate([np.zeros((len(self.growth), 1)), self.growth], axis=1)
        part = years - whole
        return path[:, whole] if part == 0 else (1 - part) * path[:, whole] + part * path[:, whole + 1]

    def no_news(self, years: float) -> float:
        """Return the probability of nothing new over the years to come, geometrically between whole years."""
        still = np.concatenate([[1.0], (self.growth <= NOTHING).mean(axis=0)])
        whole = int(np.floor(years))
        part = years - whole
        if part == 0:
            return float(still[whole])
        return float(still[whole] ** (1 - part) * still[whole + 1] ** part)


def given_years(
    hierarchy: Hierarchy,
    growth: np.ndarray,
    kind: str,
    domain: str,
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    particles: int = PARTICLES,
) -> Series:
    """Return series as the hierarchy has them that grew year by year as one did: a particle filter."""
    series, centre, spread = new_series(hierarchy, kind, domain, max(len(growth), 1), rng, particles)
    series, log_weight = near_its_own(series, growth, centre, spread, rng)
    series, log_weight, _ = filtered(series, growth, log_weight, 1, rng)
    weight = np.exp(log_weight - log_weight.max())
    return series.chosen(rng.permutation(systematic(weight[None], draws, rng)[0]))


def filtered(
    series: Series, growth: np.ndarray, log_weight: np.ndarray, groups: int, rng: np.random.Generator
) -> tuple[Series, np.ndarray, np.ndarray]:
    """Return series that grew as one did, their log weights, and the log evidence: groups of particles, each for itself.

    Particles of a group lie side by side.
    """
    size = len(log_weight) // groups
    evidence = np.zeros(groups)
    for year, amount in enumerate(growth):
        if year:
            series = replace(series, wander=next_wander(series, rng), off_middle=series.off_middle + 1)
        chance = np.clip(series.news_probability(), 1e-12, 1 - 1e-12)
        if amount > NOTHING:
            log_weight = log_weight + np.log(chance) + _log_news(series, float(amount))
            series = replace(series, since=np.ones_like(series.since))
        else:
            log_weight = log_weight + np.log1p(-chance)
            series = replace(series, since=series.since + 1)
        table = log_weight.reshape(groups, size)
        weight = np.exp(table - table.max(axis=1, keepdims=True))
        poor = weight.sum(axis=1) ** 2 < (weight**2).sum(axis=1) * size / 2
        if poor.any():
            evidence[poor] += _log_mean(table[poor])
            index = np.arange(groups * size).reshape(groups, size)
            index[poor] = np.flatnonzero(poor)[:, None] * size + systematic(weight[poor], size, rng)
            series = series.chosen(index.ravel())
            log_weight = np.where(poor[:, None], 0.0, table).ravel()
    return series, log_weight, evidence + _log_mean(log_weight.reshape(groups, size))


def given_pace(
    hierarchy: Hierarchy,
    *,
    age: int,
    pace_5: float,
    pace_10: float,
    sd: float,
    kind: str = "record",
    domain: str = "",
    still: int | None = None,
    rng: np.random.Generator,
    draws: int = 1000,
    simulated: int = SIMULATED,
) -> Series:
    """Return series as the hierarchy has them whose simulated past is like one that is given.

    Parameters
    ----------
    hierarchy : Hierarchy
        What was learned.
    age : int
        Years that the series has been followed.
    pace_5, pace_10 : float
        Growth over the last five and ten years, or over all where there are fewer (log10 a year).
    sd : float
        Standard deviation of the yearly growth of the last ten years (log10).
    kind, domain : str
        As in the tables; one that is not known is one more of its group.
    still : int, optional
        Whole years for which nothing new has come; by default that is not asked.
    rng : numpy.random.Generator
        The only source of randomness.
    draws, simulated : int
        Series returned, and pasts simulated to find them.

    Raises
    ------
    InputError
        If the past is not one, or if too few simulated ones are like it.
    """
    if age < 2 or min(pace_5, pace_10) < 0 or sd < 0 or pace_10 * min(age, 10) < pace_5 * min(age, 5) * (1 - 1e-9):
        raise InputError(
            f"an age of {age} and paces of {pace_5:g} and {pace_10:g} (sd {sd:g})",
            "two years or more, a record that never falls and a spread",
            "correct the past",
        )
    years = min(age, LONGEST_PAST)
    series, centre, spread = new_series(hierarchy, kind, domain, years, rng, simulated)
    series, log_weight = _proposed_near(series, centre, spread, float(np.log(max(pace_10, LEAST))), rng)
    past = np.empty((simulated, years))
    for year in range(years):
        if year:
            series = replace(series, wander=next_wander(series, rng), off_middle=series.off_middle + 1)
        past[:, year], series = one_year(series, rng)
    last = past[:, -10:]
    found = np.array([past[:, -5:].mean(axis=1), last.mean(axis=1), last.std(axis=1, ddof=1)])
    distance = np.log((found + LEAST) / (np.array([[pace_5], [pace_10], [sd]]) + LEAST))
    log_weight = log_weight - 0.5 * (distance**2).sum(axis=0) / NEARNESS**2
    if still is not None:
        log_weight[series.since - 1 != still] = -np.inf
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    if not 1 / (weight**2).sum() >= FEWEST_LIKE:
        raise InputError(
            f"a past of pace {pace_5:g} and {pace_10:g} (sd {sd:g})", "one like those of histories", "check the paces"
        )
    return series.chosen(rng.permutation(systematic(weight[None], draws, rng)[0]))


def onward(series: Series, years: int, rng: np.random.Generator, *, plateau: float = PLATEAU) -> Future:
    """Return how series go on, year by year, some stopping for good."""
    found = np.empty((len(series.wander), years))
    now, going = series, np.ones(len(series.wander), dtype=bool)
    for year in range(years):
        now = replace(now, wander=next_wander(now, rng), off_middle=now.off_middle + 1)
        amount, now = one_year(now, rng)
        going &= rng.uniform(size=len(going)) >= plateau
        found[:, year] = np.where(going, amount, 0.0)
    return Future(np.cumsum(found, axis=1), series)


def member_parameters(series: Series, *, plateau: float = PLATEAU) -> dict[str, np.ndarray]:
    """Return draws of what the growth members' priors are about, by the name of the prior.

    ``slope`` (log10 per year): expected growth now. ``long_run_slope`` (log10 per year): the same on the trend, five years
    on. ``damping`` (per year): rate at which expected growth decays; below zero where it rises. ``reversion`` (per year),
    ``slope_sd`` (log): of the pace about its trend. ``jump`` (log10): variance of a year's growth over its mean, years
    without news among them, as a gamma process has it.
    """
    deviation = np.exp(series.quantity["volatility"])
    trend = series.quantity["growth"] + series.quantity["slowing"] * series.off_middle / 5
    share, (first, second) = series.share_moving(), (_after_wait(series, power) for power in (1, 2))
    pace = np.exp(trend + series.wander)
    return {
        "slope": pace * first * share,
        "long_run_slope": np.exp(trend + series.quantity["slowing"] + deviation**2 / 2) * first * share,
        "damping": plateau - series.quantity["slowing"] / 5,
        "reversion": series.reversion,
        "slope_sd": deviation,
        "jump": pace * ((1 + np.exp(series.quantity["jump"])) * second / first - first * share),
    }


def draws_for_members(
    hierarchy: Hierarchy,
    rng: np.random.Generator,
    *,
    kind: str = "record",
    domain: str = "",
    plateau: float = PLATEAU,
    draws: int = MEMBER_DRAWS,
) -> dict[str, tuple[str, np.ndarray]]:
    """Return unit and draws of each learned prior, for a series whose years are not known.

    The growth of such a series is as wide as the hierarchy has it. What comes after is simulated from pasts of `AGE`
    years; of these only that they moved by `PACED` is asked, and that for ``pace_ratio`` alone.
    """
    start, _, _ = new_series(hierarchy, kind, domain, AGE, rng, draws)
    middle = replace(start, off_middle=0.0)
    found = member_parameters(middle, plateau=plateau)
    now, past = start, np.empty((draws, AGE))
    for year in range(AGE):
        if year:
            now = replace(now, wander=next_wander(now, rng), off_middle=now.off_middle + 1)
        past[:, year], now = one_year(now, rng)
    before = past[:, -RATIO_YEARS:].mean(axis=1)
    after = onward(now, RATIO_YEARS, rng, plateau=plateau).at(RATIO_YEARS) / RATIO_YEARS
    moving = before >= PACED
    return {
        "slope": ("log10 per year", found["slope"]),
        "slope_while_moving": ("log10 per year", found["slope"] / middle.share_moving()),
        "long_run_slope": ("log10 per year", found["long_run_slope"]),
        "slope_sd": ("log", found["slope_sd"]),
        "jump": ("log10", found["jump"]),
        "jump_over_slope": ("years", found["jump"] / found["slope"]),
        "damping": ("per year", found["damping"]),
        "damping_while_going": ("per year", found["damping"] - plateau),
        "reversion": ("per year", found["reversion"]),
        "pace_ratio": ("none", after[moving] / before[moving]),
        "stall": ("per year", np.logaddexp(0.0, start.quantity["stall"])),
        "resumption": ("per year", np.logaddexp(0.0, start.quantity["resumption"])),
    }


def _after_wait(series: Series, power: int) -> np.ndarray:
    """Return the mean, over years with news, of the factor by which the wait before them raises growth."""
    stall, resumption = (1 / (1 + np.exp(-series.quantity[name])) for name in ("stall", "resumption"))
    wait = np.arange(2, LONGEST_WAIT + 1)
    chance = resumption[:, None] * (1 - resumption[:, None]) ** (wait - 2)
    chance /= chance.sum(axis=1, keepdims=True)
    factor = wait ** (power * series.catch_up[:, None])
    mean: np.ndarray = 1 - stall + stall * (chance * factor).sum(axis=1)
    return mean


def as_prior(draws: np.ndarray, unit: str, source: str) -> Prior:
    """Return the lognormal with the median and the 95 % point of the draws above zero: the shape of the members' priors."""
    middle, high = np.quantile(draws[draws > 0], [0.5, 0.95])
    return Prior.lognormal(float(middle), float(high), unit, source)


def plateaus_seen(growth: Sequence[np.ndarray]) -> tuple[int, int]:
    """Return how many series end in a plateau after they had moved, and the years of all that had moved."""
    ended = sum(bool(moved(one).any() and not moved(one[-PLATEAU_YEARS:]).any()) for one in growth)
    return ended, sum(len(one) for one in growth if moved(one).any())


def one_year(series: Series, rng: np.random.Generator) -> tuple[np.ndarray, Series]:
    """Draw one year's growth, and the series after it."""
    news = rng.uniform(size=len(series.wander)) < series.news_probability()
    shape = np.exp(-series.quantity["jump"])
    with np.errstate(over="ignore"):
        mean = np.exp(np.minimum(series.log_mean(), LARGEST))
    amount = np.where(news, np.maximum(mean / shape * rng.gamma(shape), 2 * NOTHING), 0.0)
    return amount, replace(series, since=np.where(news, 1, series.since + 1))


def _log_news(series: Series, amount: float) -> np.ndarray:
    shape = np.exp(-series.quantity["jump"])
    log_rate = -series.quantity["jump"] - series.log_mean()
    density: np.ndarray = (
        shape * log_rate + (shape - 1) * np.log(amount) - amount * np.exp(np.minimum(log_rate, 50)) - gammaln(shape)
    )
    return density


def near_its_own(
    series: Series, growth: np.ndarray, centre: np.ndarray, spread: np.ndarray, rng: np.random.Generator
) -> tuple[Series, np.ndarray]:
    """Draw half of the growths about what a series did itself, if it moved, and return log weights that make it good."""
    news = moved(growth)
    if not news.any():
        return series, np.zeros(len(centre))
    return _proposed_near(series, centre, spread, float(np.log(growth[news].mean())), rng)


def _proposed_near(
    series: Series, centre: np.ndarray, spread: np.ndarray, near: float, rng: np.random.Generator
) -> tuple[Series, np.ndarray]:
    """Draw half of the growths about a series' own, and weigh all as if they came from the hierarchy."""
    growth = series.quantity["growth"].copy()
    half = rng.uniform(size=len(growth)) < 0.5
    growth[half] = near + NEAR * rng.standard_normal(int(half.sum()))
    prior, own = _log_normal(growth, centre, spread), _log_normal(growth, near, NEAR)
    weight = prior - np.logaddexp(prior, own) + np.log(2)
    return replace(series, quantity={**series.quantity, "growth": growth}), weight


def _log_normal(value: np.ndarray, centre: np.ndarray | float, spread: np.ndarray | float) -> np.ndarray:
    found: np.ndarray = -0.5 * ((value - centre) / spread) ** 2 - np.log(spread)
    return found


def _log_mean(log_weight: np.ndarray) -> np.ndarray:
    top = log_weight.max(axis=1)
    found: np.ndarray = top + np.log(np.exp(log_weight - top[:, None]).mean(axis=1))
    return found


def systematic(weight: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return indices drawn in proportion to the weights of each row, in order, shape (row, count)."""
    if not np.isfinite(weight).all():
        raise ModelError("weights that are not numbers", "a past that the hierarchy can produce", "check the growth")
    rows, size = weight.shape
    ladder = (np.arange(count) + rng.uniform(size=(rows, 1))) / count
    steps = np.cumsum(weight, axis=1)
    steps = steps / steps[:, -1:] + np.arange(rows)[:, None]
    found = np.searchsorted(steps.ravel(), (ladder + np.arange(rows)[:, None]).ravel()).reshape(rows, count)
    index: np.ndarray = np.clip(found - np.arange(rows)[:, None] * size, 0, size - 1)
    return index
