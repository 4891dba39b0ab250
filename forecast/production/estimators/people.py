"""What people have written online: people on the internet times words per user-year, cumulated, times the public share."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import expit, ndtri

from forecast.core.distributions import LogNormal
from forecast.core.units import WORDS_PER_TOKEN
from forecast.errors import ModelError
from forecast.production.estimator import Estimator
from forecast.production.tables import number, rows

FIRST_YEAR = 1990
"""First calendar year whose words count: the first of the table of internet users, 0.05 % of people."""

LAST_YEAR = 2200
"""Last calendar year of the sums; after 2100, where the projections end, the population of 2100 is kept (judgement)."""

BOUNDS = ("lower95", "lower80", "medium", "upper80", "upper95")
"""Published quantiles of the population to come: 2.5, 10, 50, 90 and 97.5 % (United Nations, WPP 2024)."""

BOUND_Z = ndtri([0.025, 0.10, 0.50, 0.90, 0.975])
"""Their standard-normal quantiles."""

_GAUSS_NEWTON_STEPS = 60


@functools.cache
def population_bounds() -> tuple[np.ndarray, np.ndarray]:
    """Return the people of the world on 1 July, with the published bounds.

    Examples
    --------
    >>> years, people = population_bounds()
    >>> bool(people[0, -1] < people[2, -1] < people[4, -1])
    True
    """
    variants: dict[str, dict[int, float]] = {name: {} for name in ("estimate", *BOUNDS)}
    for row in rows("world_population"):
        if row["region"] == "World" and row["variant"] in variants:
            variants[row["variant"]][int(row["year"])] = number(row["population_1july_people"])
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    last = max(variants["medium"])
    people = [
        [variants["estimate"].get(year) or variants[bound][min(year, last)] for year in years.tolist()]
        for bound in BOUNDS
    ]
    return years, np.array(people)


@dataclass(frozen=True)
class OnlineFit:
    """Logistic curves through the share of people on the internet, one for each cap that the curve may end in.

    Given the cap, natural log of the rate and midpoint are close to normal; the cap itself is hardly in the data, and
    together the three are far from normal.

    Parameters
    ----------
    caps : array, shape (cap,)
        Where a curve ends (fraction).
    weights : array, shape (cap,)
        Posterior probability of each cap, equally likely before; they sum to one.
    mode : array, shape (cap, 2)
        Natural log of the rate (a year) and midpoint (decimal year), given the cap.
    covariance : array, shape (cap, 2, 2)
        Of these two.

    Examples
    --------
    >>> bool(0.6 < fit_online().share(np.array([2025.0]))[0] < 0.8)
    True
    """

    caps: np.ndarray
    weights: np.ndarray
    mode: np.ndarray
    covariance: np.ndarray

    def share(self, years: np.ndarray) -> np.ndarray:
        """Return the mean share, shape (year,), at decimal years."""
        return np.asarray(self.weights @ _share(self.caps, self.mode, np.asarray(years, dtype=float)))

    def draw(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw caps, rates and midpoints, each of shape (size,)."""
        cap = rng.choice(len(self.caps), size=size, p=self.weights)
        noise = np.einsum("dij,dj->di", np.linalg.cholesky(self.covariance)[cap], rng.standard_normal((size, 2)))
        curve = self.mode[cap] + noise
        return self.caps[cap], np.exp(curve[:, 0]), curve[:, 1]


def _share(caps: np.ndarray, mode: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return shares of shape (cap, year)."""
    return np.asarray(caps[:, None] * expit(np.exp(mode[:, :1]) * (years - mode[:, 1:])))


def fit_logistic(years: np.ndarray, share: np.ndarray, *, caps: np.ndarray | None = None) -> OnlineFit:
    """Fit logistic curves by least squares, one for each cap.

    Neighbouring years lie on the same side of a curve, so that they count for fewer: the variance is multiplied by
    (1 + r) / (1 - r), with r the correlation of a residual with the next, at most 0.9.

    Examples
    --------
    >>> years = np.arange(1990, 2025) + 0.5
    >>> found = fit_logistic(years, 0.9 * expit(0.2 * (years - 2012)), caps=np.array([0.9, 0.95, 1.0]))
    >>> best = found.mode[found.weights.argmax()]
    >>> round(float(np.exp(best[0])), 3), round(float(best[1]), 2)
    (0.2, 2012.0)
    """
    caps = np.linspace(share.max() + 0.01, 1.0, 40) if caps is None else caps
    mode = np.tile([np.log(0.15), float(np.interp(share.max() / 2, share, years))], (len(caps), 1))
    for _ in range(_GAUSS_NEWTON_STEPS):
        curve = _share(caps, mode, years)
        slope = curve * (1 - curve / caps[:, None])
        rate = np.exp(mode[:, :1])
        jacobian = np.stack([slope * rate * (years - mode[:, 1:]), -slope * rate], axis=-1)
        residuals = share - curve
        information = np.einsum("cyi,cyj->cij", jacobian, jacobian)
        step = np.linalg.solve(information, np.einsum("cyi,cy->ci", jacobian, residuals)[..., None])[..., 0]
        mode = mode + np.clip(step, [-0.3, -3.0], [0.3, 3.0])
    if not np.abs(step).max() < 1e-4:
        raise ModelError(
            "a logistic curve that does not settle", "shares that rise and bend", "correct the shares in internet_users"
        )
    squares = (residuals**2).sum(axis=1)
    best = residuals[squares.argmin()]
    lag = float(np.clip(best[1:] @ best[:-1] / max(squares.min(), 1e-300), 0, 0.9))
    variance = max(float(squares.min()) / (len(share) - 3), 1e-12) * (1 + lag) / (1 - lag)
    weights = np.exp(-(squares - squares.min()) / (2 * variance)) / np.sqrt(np.linalg.det(information))
    return OnlineFit(caps, weights / weights.sum(), mode, np.linalg.inv(information) * variance)


@functools.cache
def fit_online() -> OnlineFit:
    """Fit the share of people on the internet to the table of internet users.

    Rows that their publisher has revised since are left out; of two rows of one year the mean counts. A year's share
    is at its middle, as the population does.
    """
    by_year: dict[int, list[float]] = {}
    for row in rows("internet_users"):
        if row["region"] == "World" and row["basis"] != "both_published_later_revised":
            by_year.setdefault(int(row["year"]), []).append(number(row["share_of_population"]))
    years = np.array(sorted(by_year))
    return fit_logistic(years + 0.5, np.array([np.mean(by_year[year]) for year in years]))


@dataclass(frozen=True)
class People(Estimator):
    """What users of the internet have written, as far as it is public.

    Parameters
    ----------
    words_per_user_year : LogNormal
        Words that a user writes online in a year, messages included (words per user-year).
    published_share : LogNormal
        Share of these words that is public (fraction). Judgement: in the inputs of Villalobos et al. (2024) posts are
        14 to 25 % of what users write, messages the rest; some posts are seen by friends only, some users write for
        public pages mostly.
    words_per_token : float
        Words per token.
    """

    name: ClassVar[str] = "people"
    title: ClassVar[str] = "What people on the internet have published"
    lineage: ClassVar[str] = "people"
    resource_name: ClassVar[str] = "public_text"
    tables: ClassVar[tuple[str, ...]] = ("internet_users", "world_population")
    formula: ClassVar[str] = r"S(t) = \frac{w\,q}{k_w} \sum_{u < t} N(u)\,\frac{c}{1 + e^{-r(u - m)}}"
    sources: ClassVar[tuple[str, ...]] = (
        "United Nations, World Population Prospects 2024 (medium projection and its 80 and 95 % bounds)",
        "ITU and World Bank, individuals using the internet",
        "Villalobos et al. 2022, arXiv 2211.04325v1: 10,000 to 100,000 words a user-year (90 %)",
        "judgement: 5 to 40 % of it is public (95 %)",
    )
    inputs: ClassVar[Mapping[str, tuple[str, str]]] = {
        "words_per_user_year": ("words a user-year", sources[2]),
        "published_share": ("share", sources[3]),
        "words_per_token": ("words a token", "convention of Epoch AI's model table"),
    }

    words_per_user_year: LogNormal = LogNormal.from_interval(1e4, 1e5, 0.90)
    published_share: LogNormal = LogNormal.from_interval(0.05, 0.40, 0.95, upper=1.0)
    words_per_token: float = WORDS_PER_TOKEN

    def draw(self, rng: np.random.Generator, size: int) -> Mapping[str, np.ndarray]:
        """Draw words, public share, the curve of internet use, and where in its bounds the population goes."""
        cap, rate, midpoint = fit_online().draw(rng, size)
        return {
            "words_per_user_year": self.words_per_user_year.sample(rng, size),
            "published_share": self.published_share.sample(rng, size),
            "population_z": rng.standard_normal(size),
            "online_cap": cap,
            "online_rate": rate,
            "online_midpoint": midpoint,
        }

    def log10_stock(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 tokens, shape (draw, year); nothing counts before 1990."""
        tokens = draws["words_per_user_year"] * draws["published_share"] / self.words_per_token
        with np.errstate(divide="ignore"):
            return np.log10(tokens)[:, None] + np.log10(person_years(draws, years))


def person_years(draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
    """Return the years that people have spent as users of the internet, from 1990 up to a date."""
    calendar, bounds = population_bounds()
    # No more than the years asked for: sums to 2200 for every draw would be most of the work of a run.
    needed = int(np.clip(np.ceil(np.max(years)) - FIRST_YEAR, 1, len(calendar)))
    calendar, bounds = calendar[:needed], bounds[:, :needed]
    z = np.clip(draws["population_z"], BOUND_Z[0], BOUND_Z[-1])
    place = np.clip(np.searchsorted(BOUND_Z, z) - 1, 0, len(BOUND_Z) - 2)
    part = ((z - BOUND_Z[place]) / (BOUND_Z[place + 1] - BOUND_Z[place]))[:, None]
    people = bounds[place] * (1 - part) + bounds[place + 1] * part
    rate, middle = draws["online_rate"][:, None], draws["online_midpoint"][:, None]
    online = people * draws["online_cap"][:, None] * expit(rate * (calendar + 0.5 - middle))
    total = np.concatenate([np.zeros((len(online), 1)), np.cumsum(online, axis=1)], axis=1)
    position = np.clip(np.asarray(years, dtype=float) - FIRST_YEAR, 0, needed)
    left = np.minimum(position.astype(int), needed - 1)
    return np.asarray(total[:, left] + (position - left) * online[:, left])
