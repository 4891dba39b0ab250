"""The share of new pages that is machine-written, and what it leaves of a stock of human text.

Several studies have put a detector to samples of new pages. For the studies of population p at time t

    observed = (1 - missed) m_p(t) + false (1 - m_p(t)) + noise,
    m_p(t) = cap_p / (1 + exp(-rate (t - midpoint))),      logit cap_p = logit cap + s u_p,   u_p ~ N(0, 1),

with m = 0 before November 2022 and each detector's own false-positive and miss rates. The web's new pages as a whole
count as one more population, so that the spread s between the populations is part of the answer. After the last study
the cap drifts, up or down, as no study sees the decades to come. Given s the posterior
is taken as normal about its mode (Laplace); s is on a grid and is weighted by the evidence.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit, ndtri

from forecast.core.seeds import generator
from forecast.errors import InputError, ModelError
from forecast.fits.kept_parts import kept_part
from forecast.production.machine_studies import Study, detector_tests, studies

if TYPE_CHECKING:
    from forecast.production.estimator import StockFit

MACHINE_SINCE = 2022 + 333 / 365
"""30 November 2022 (decimal year), the day on which ChatGPT was released: before it no new page is machine-written."""

NOISE_SD = 0.03
"""Sampling error and rounding of a published share (fraction; judgement: most rest on 1,000 to 50,000 pages a point)."""

PRIORS: dict[str, tuple[float, float]] = {
    "logit cap": (0.0, 1.0),
    "log rate": (float(np.log(2.0)), 0.7),
    "midpoint": (2023.9, 1.0),
    "logit false": (float(logit(0.02)), 0.7),
    "logit missed": (float(logit(0.05)), 1.0),
}
"""Mean and sd of the normal priors. Judgement: the share ends between 12 and 88 % (95 %); it goes from a tenth to nine
tenths of that in 0.6 to 9 years; half of it is reached between 2022 and 2026; detectors call 0.5 to 7 % of human pages
machine-written and miss 0.7 to 27 % of the machine-written (their makers say less than 2 %; edited text is harder)."""

SPREAD_SCALE = 0.5
"""Scale of the half-normal prior of the spread between populations (logit; judgement: ends of 38 to 62 % about 50 %)."""

SPREAD_POINTS = 8
"""Values of the spread, of equal prior probability."""

DRIFT_SD = 0.05
"""Sd of the yearly drift of the logit of the cap after the last study (logit a year). Judgement: studies see a level since
2025 and nothing of the decades to come; by 2046 a share of 44 % may have become 18 to 74 % (80 %)."""

DETECTOR_TEST_SD = 0.3
"""Error of a published test of a detector (logit; judgement: its sample is not that of the study)."""


@dataclass(frozen=True)
class MachineShare:
    """Draws of the machine-written share of new pages.

    Parameters
    ----------
    cap : array, shape (draw,)
        Where the share ends (fraction).
    rate : array, shape (draw,)
        How fast it gets there (a year).
    midpoint : array, shape (draw,)
        When half of it is reached (decimal year).
    drift : array, shape (draw,)
        Change of the logit of the cap after ``drift_from`` (a year).
    drift_from : float
        Date of the last study (decimal year).
    """

    cap: np.ndarray
    rate: np.ndarray
    midpoint: np.ndarray
    drift: np.ndarray
    drift_from: float

    def share(self, years: np.ndarray) -> np.ndarray:
        """Return the share of what is new at a time that is machine-written."""
        years = np.asarray(years, dtype=float)
        later = np.maximum(years - self.drift_from, 0.0)
        cap = expit(logit(self.cap)[:, None] + self.drift[:, None] * later[None, :])
        curve = cap * expit(self.rate[:, None] * (years[None, :] - self.midpoint[:, None]))
        return np.where(years >= MACHINE_SINCE, curve, 0.0)


@dataclass(frozen=True)
class MachineFit:
    """The fit, one normal law for each spread between populations.

    Parameters
    ----------
    spreads, weights : array, shape (spread,)
        Spread (logit) and its posterior probability.
    modes : array, shape (spread, 3)
        Logit of the cap, natural log of the rate (a year), midpoint (decimal year).
    covariances : array, shape (spread, 3, 3)
        Of these three.
    last_year : float
        Date of the last study (decimal year).
    """

    spreads: np.ndarray
    weights: np.ndarray
    modes: np.ndarray
    covariances: np.ndarray
    last_year: float

    def draw(self, rng: np.random.Generator, size: int) -> MachineShare:
        """Draw the share of the web's new pages, as of one more population."""
        cell = rng.choice(len(self.weights), size=size, p=self.weights)
        noise = np.einsum("dij,dj->di", np.linalg.cholesky(self.covariances)[cell], rng.standard_normal((size, 3)))
        curve = self.modes[cell] + noise
        cap = expit(curve[:, 0] + self.spreads[cell] * rng.standard_normal(size))
        drift = rng.normal(0.0, DRIFT_SD, size)
        return MachineShare(cap, np.exp(curve[:, 1]), curve[:, 2], drift, self.last_year)


def fit_machine_share(
    observed: Sequence[Study],
    tests: dict[str, tuple[float, float]] | None = None,
    *,
    noise_sd: float = NOISE_SD,
    spread_scale: float = SPREAD_SCALE,
) -> MachineFit:
    """Fit the machine-written share to studies."""
    from scipy.optimize import least_squares

    if not observed:
        raise InputError("no study of the machine-written share", "at least one", "check the table synthetic_share")
    populations = list(dict.fromkeys(study.population for study in observed))
    detectors = list(dict.fromkeys(study.detector for study in observed))
    in_population = np.array([populations.index(study.population) for study in observed])
    by_detector = np.array([detectors.index(study.detector) for study in observed])
    years = np.array([study.year for study in observed])
    shares = np.array([study.share for study in observed])
    begun = years >= MACHINE_SINCE
    P, D = len(populations), len(detectors)

    known = [(index, rates) for name, rates in (tests or {}).items() for index in [detectors.index(name)]]
    base = np.array([PRIORS[name][0] for name in ("logit cap", "log rate", "midpoint")])
    base_sd = np.array([PRIORS[name][1] for name in ("logit cap", "log rate", "midpoint")])
    false, missed = PRIORS["logit false"], PRIORS["logit missed"]

    def residuals(x: np.ndarray, spread: float) -> np.ndarray:
        own, wrong, lost = x[3 : 3 + P], x[3 + P : 3 + P + D], x[3 + P + D :]
        cap = expit(x[0] + spread * own[in_population])
        machine = np.where(begun, cap * expit(np.exp(x[1]) * (years - x[2])), 0.0)
        expected = (1 - expit(lost[by_detector])) * machine + expit(wrong[by_detector]) * (1 - machine)
        parts = [(expected - shares) / noise_sd, (x[:3] - base) / base_sd, own]
        parts += [(wrong - false[0]) / false[1], (lost - missed[0]) / missed[1]]
        for index, rates in known:
            parts.append((np.array([wrong[index], lost[index]]) - logit(rates)) / DETECTOR_TEST_SD)
        return np.concatenate(parts)

    spreads = spread_scale * ndtri(0.5 + (np.arange(SPREAD_POINTS) + 0.5) / (2 * SPREAD_POINTS))
    start = np.concatenate([base, np.zeros(P), np.full(D, false[0]), np.full(D, missed[0])])
    evidence, modes, covariances = [], [], []
    for spread in spreads:
        found = least_squares(residuals, start, args=(spread,))
        if not found.success:
            raise ModelError(
                "a share of machine-written text without a mode", "a fit that settles", "check the studies"
            )
        start = found.x
        jacobian = np.asarray(found.jac)
        information = jacobian.T @ jacobian
        evidence.append(-found.cost - 0.5 * np.linalg.slogdet(information)[1])
        modes.append(found.x[:3])
        covariances.append(np.linalg.inv(information)[:3, :3])
    weights = np.exp(np.array(evidence) - max(evidence))
    return MachineFit(spreads, weights / weights.sum(), np.array(modes), np.array(covariances), float(years.max()))


@functools.cache
def fitted() -> MachineFit:
    """Return the fit to the shipped table, kept once it is made."""

    def fit() -> dict[str, Any]:
        found = asdict(fit_machine_share(studies(), detector_tests()))
        return {name: np.asarray(value).tolist() for name, value in found.items()}

    parts = kept_part("machine share", fit)
    last_year = float(parts.pop("last_year"))
    return MachineFit(**{name: np.array(value) for name, value in parts.items()}, last_year=last_year)


def draw_machine_share(seed: int, size: int) -> MachineShare:
    """Draw the machine-written share of new pages.

    Examples
    --------
    >>> share = draw_machine_share(1, 100).share(np.array([2022.0, 2026.0]))
    >>> bool((share[:, 0] == 0).all()), bool((share[:, 1] > 0).all())
    (True, True)
    """
    return fitted().draw(generator(seed, "production", "machine share"), size)


@dataclass(frozen=True)
class SplitStock:
    """A raw stock, and the part of it that people wrote.

    Parameters
    ----------
    years : array, shape (year,)
        Decimal years.
    log10_raw : array, shape (draw, year)
        *Open mixing*: everything counts, whoever wrote it. The estimator's path, unchanged.
    log10_human : array, shape (draw, year)
        *Isolation*: machine-written pages are recognised and do not count. The archive of `MACHINE_SINCE`, which is all
        human, plus what was added since, times 1 less the machine-written share at its time.
    """

    years: np.ndarray
    log10_raw: np.ndarray
    log10_human: np.ndarray

    @property
    def log10_factor(self) -> np.ndarray:
        """log10 of the human part over the whole, never above 0, shape (draw, year)."""
        return self.log10_human - self.log10_raw

    @property
    def human_share(self) -> np.ndarray:
        """Human share of all the text there is, not of what is new: fractions, shape (draw, year)."""
        return np.asarray(10**self.log10_factor)


def split_stock(
    log10_raw: np.ndarray, years: np.ndarray, share: MachineShare | Callable[[np.ndarray], np.ndarray]
) -> SplitStock:
    """Split paths of a raw stock into what people wrote and what machines wrote.

    New pages that a machine wrote are taken as *instead of* human ones: the estimators count pages, whoever writes them.
    If they come on top of what people go on writing, the human part is larger than this.

    Examples
    --------
    >>> years = np.array([MACHINE_SINCE, MACHINE_SINCE + 1])
    >>> parts = split_stock(np.log10([[100.0, 110.0]]), years, lambda at: np.full(len(at), 0.5))
    >>> np.round(10**parts.log10_human, 6)
    array([[100., 105.]])
    """
    years, log10_raw = np.asarray(years, dtype=float), np.asarray(log10_raw, dtype=float)
    if log10_raw.ndim != 2 or len(years) < 2 or log10_raw.shape[1] != len(years):
        raise InputError(
            f"paths of shape {log10_raw.shape} over {len(years)} years",
            "one row per draw, one column per year, at least two years",
            "pass log10_raw as (draw, year)",
        )
    at = share.share if isinstance(share, MachineShare) else share
    knots = np.union1d(years, MACHINE_SINCE) if years[-1] > MACHINE_SINCE else years
    left = np.clip(np.searchsorted(years, knots, side="right") - 1, 0, len(years) - 2)
    part = (knots - years[left]) / (years[left + 1] - years[left])
    raw = 10 ** (log10_raw[:, left] * (1 - part) + log10_raw[:, left + 1] * part)
    middle = (knots[:-1] + knots[1:]) / 2
    machine = np.cumsum(np.diff(raw, axis=1) * np.atleast_2d(at(middle)), axis=1)
    human = raw - np.concatenate([np.zeros((len(raw), 1)), machine], axis=1)
    with np.errstate(divide="ignore"):
        log10_human = np.log10(np.maximum(human[:, np.searchsorted(knots, years)], 0))
    return SplitStock(years, log10_raw, log10_human)


def human_stock(stock: StockFit, years: np.ndarray, machine: MachineShare) -> SplitStock:
    """Split an estimator's raw stock into what people wrote and what machines wrote."""
    return split_stock(stock.project(years).values, years, machine)
