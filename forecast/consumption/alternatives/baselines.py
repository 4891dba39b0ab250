"""Frequentist baselines on the same corpora, by statsmodels: what a growth member has to beat.

Quantile regression sees every corpus since 2018; least squares, damped Holt and unobserved components see the largest
corpus of each half-year (a mean of all corpora says nothing of their upper end). Each ends in paths of the running record, the same draws x years as a member's, with
uncertainty of parameters and residuals: regressions from their sampling distributions, state-space models by drawing
parameters in proportion to their likelihood over a stated range, the states from the filter, and the shocks to come.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from forecast.consumption.alternatives.mean_of_all import rows_between
from forecast.consumption.alternatives.route import Route
from forecast.consumption.fit import MAXIMUM_LOG10, interpolate
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, FrontierData, frontier_data
from forecast.core.registry import Registry
from forecast.core.seeds import generator
from forecast.core.trajectory import make_trajectory
from forecast.core.units import REFERENCE_YEAR

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

HIGH_QUANTILE = 0.95
"""Quantile that stands for the frontier in quantile regression (no unit)."""

RESAMPLES = 100
"""Resamples of the rows from which the quantile line's uncertainty comes (count)."""

CANDIDATES = 400
"""Parameter sets of a state-space model whose likelihood is looked at (count)."""

LEAST_EXPOSURE = 0.5
"""Share of a half-year that has to be seen before its maximum counts (no unit)."""


@dataclass(frozen=True)
class StatisticalBaseline(Route):
    """A baseline: maxima of the half-years to come, whose running record is the path."""

    @abstractmethod
    def maxima(
        self, corpora: pd.DataFrame, data: FrontierData, ends: np.ndarray, rng: np.random.Generator, draws: int
    ) -> np.ndarray:
        """Return draws of the largest corpus of each half-year to come."""

    def forecast(
        self, corpora: pd.DataFrame, years: np.ndarray, *, as_of: float, seed: int, draws: int
    ) -> xr.DataArray:
        """Return draws of the running record; see `Route.forecast`."""
        years = np.asarray(years, dtype=float)
        known = corpora[(corpora["year"] <= as_of) & (corpora["year"] >= FIRST_KNOT)].sort_values("year")
        data = frontier_data(known, as_of)
        # A half-year that has hardly begun is still to come.
        begun = data.exposure[data.blocks - 1] < LEAST_EXPOSURE
        first = data.last_knot if begun else data.last_knot + BLOCK_YEARS
        ends = np.arange(first, max(float(years[-1]), first) + BLOCK_YEARS, BLOCK_YEARS)
        drawn = self.maxima(known, data, ends, generator(seed, "baseline", self.name), draws)
        record = float(known["log10_size"].max())
        ahead = np.minimum(np.maximum.accumulate(np.maximum(drawn, record), axis=1), MAXIMUM_LOG10)
        knots = np.concatenate([[min(as_of, ends[0] - 1e-6)], ends])
        paths = interpolate(np.column_stack([np.full(draws, record), ahead]), knots, years)
        past = years <= as_of
        best = np.maximum.accumulate(known["log10_size"].to_numpy(dtype=float))
        at = np.maximum(np.searchsorted(known["year"].to_numpy(dtype=float), years[past], side="right") - 1, 0)
        paths[:, past] = best[at]
        return make_trajectory(paths, years, resource_name="public_text", role="consumption", source=self.name)


@dataclass(frozen=True)
class LeastSquares(StatisticalBaseline):
    """A straight line through the half-yearly maxima, with normal residuals."""

    name: ClassVar[str] = "ols"
    title: ClassVar[str] = "Least squares on the maxima"
    sentence: ClassVar[str] = (
        "A straight line through the largest log size of each half-year since 2018, residuals and coefficients drawn."
    )

    def maxima(
        self, corpora: pd.DataFrame, data: FrontierData, ends: np.ndarray, rng: np.random.Generator, draws: int
    ) -> np.ndarray:
        """Return the line plus a residual."""
        import statsmodels.api as sm

        del corpora
        when, largest = _series(data)
        known = np.isfinite(largest)
        fit = sm.OLS(largest[known], sm.add_constant(when[known] - REFERENCE_YEAR)).fit()
        sd = np.sqrt(fit.ssr / rng.chisquare(fit.df_resid, size=draws))
        root = np.linalg.cholesky(fit.normalized_cov_params)
        line = fit.params + sd[:, None] * (rng.standard_normal((draws, 2)) @ root.T)
        middle = ends - BLOCK_YEARS / 2 - REFERENCE_YEAR
        return line[:, :1] + line[:, 1:] * middle + sd[:, None] * rng.standard_normal((draws, len(ends)))


@dataclass(frozen=True)
class HighQuantile(StatisticalBaseline):
    """The line below which 95 % of the corpora lie, with the half-yearly maxima scattered about it."""

    name: ClassVar[str] = "quantile"
    title: ClassVar[str] = "Quantile regression (0.95) on all corpora"
    sentence: ClassVar[str] = (
        "The straight line below which 95 % of all corpora since 2018 lie; the largest of a half-year scatter about it "
        "as they have done."
    )

    def maxima(
        self, corpora: pd.DataFrame, data: FrontierData, ends: np.ndarray, rng: np.random.Generator, draws: int
    ) -> np.ndarray:
        """Return resampled quantile lines plus resampled distances of the maxima from the line."""
        import warnings

        import statsmodels.api as sm

        t, size = rows_between(corpora, FIRST_KNOT, data.as_of)
        lines: list[np.ndarray] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            best = sm.QuantReg(size, sm.add_constant(t)).fit(q=HIGH_QUANTILE, max_iter=300).params
            while len(lines) < RESAMPLES:
                rows = rng.integers(len(t), size=len(t))
                if np.ptp(t[rows]) > 0:
                    design = sm.add_constant(t[rows])
                    lines.append(sm.QuantReg(size[rows], design).fit(q=HIGH_QUANTILE, max_iter=300).params)
        when, largest = _series(data)
        distances = largest - (best[0] + best[1] * (when - REFERENCE_YEAR))
        line = np.array(lines)[rng.integers(RESAMPLES, size=draws)]
        middle = ends - BLOCK_YEARS / 2 - REFERENCE_YEAR
        return line[:, :1] + line[:, 1:] * middle + rng.choice(distances[np.isfinite(distances)], (draws, len(ends)))


@dataclass(frozen=True)
class DampedHolt(StatisticalBaseline):
    """Exponential smoothing of the maxima with a trend that fades."""

    name: ClassVar[str] = "damped_holt"
    title: ClassVar[str] = "Damped Holt on the maxima"
    sentence: ClassVar[str] = (
        "Exponential smoothing of the half-yearly maxima; the trend fades by 2 to 20 % every half-year."
    )

    def maxima(
        self, corpora: pd.DataFrame, data: FrontierData, ends: np.ndarray, rng: np.random.Generator, draws: int
    ) -> np.ndarray:
        """Return simulated maxima; parameters are drawn in proportion to their likelihood."""
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        del corpora
        when, largest = _series(data)
        filled = np.interp(when, when[np.isfinite(largest)], largest[np.isfinite(largest)])
        slope, start = np.polyfit(np.arange(min(6, len(filled))), filled[:6], 1)
        model = ETSModel(
            filled,
            error="add",
            trend="add",
            damped_trend=True,
            initialization_method="known",
            initial_level=float(start - slope),
            initial_trend=float(slope),
        )
        level, fade = rng.uniform(0.05, 0.95, CANDIDATES), rng.uniform(0.80, 0.98, CANDIDATES)
        trend = level * rng.uniform(0.02, 0.6, CANDIDATES)
        sets = np.column_stack([level, trend, fade])
        fits = [model.smooth(parameters) for parameters in sets]
        chosen = _in_proportion(np.array([fit.llf for fit in fits]), rng, draws)
        states = np.array([[fit.level[-1], fit.slope[-1], np.sqrt(fit.mse)] for fit in fits])[chosen]
        # The residual's own uncertainty: as many degrees of freedom as half-years less parameters.
        freedom = max(len(filled) - 3, 2)
        sd = states[:, 2] * np.sqrt(len(filled) / rng.chisquare(freedom, size=draws))
        at, by = states[:, 0], states[:, 1]
        alpha, beta, phi = sets[chosen].T
        out = np.empty((draws, len(ends)))
        for step in range(len(ends)):
            error = sd * rng.standard_normal(draws)
            out[:, step] = at + phi * by + error
            at, by = at + phi * by + alpha * error, phi * by + beta * error
        return out


@dataclass(frozen=True)
class UnobservedComponents(StatisticalBaseline):
    """A local linear trend: level and slope both wander, and each maximum scatters about the level."""

    name: ClassVar[str] = "unobserved_components"
    title: ClassVar[str] = "Local linear trend on the maxima"
    sentence: ClassVar[str] = (
        "Unobserved components of the half-yearly maxima: level and slope wander, with no mean to return to."
    )

    def maxima(
        self, corpora: pd.DataFrame, data: FrontierData, ends: np.ndarray, rng: np.random.Generator, draws: int
    ) -> np.ndarray:
        """Return simulated maxima; variances are drawn in proportion to their likelihood."""
        from statsmodels.tsa.statespace.structural import UnobservedComponents as Components

        del corpora
        _, largest = _series(data)
        model = Components(largest, "lltrend")
        # Standard deviations of scatter, level and slope (log10 a half-year), flat in their logarithms.
        low, high = np.log([0.02, 0.005, 0.001]), np.log([1.0, 0.5, 0.10])
        sets = np.exp(2 * rng.uniform(low, high, size=(CANDIDATES, 3)))
        chosen = _in_proportion(np.array([model.loglike(variances) for variances in sets]), rng, draws)
        state = np.empty((draws, 2))
        for candidate in np.unique(chosen):
            found = model.filter(sets[candidate])
            mine = np.flatnonzero(chosen == candidate)
            mean, spread = found.predicted_state[:, -1], found.predicted_state_cov[:, :, -1]
            state[mine] = rng.multivariate_normal(mean, spread, size=len(mine), method="eigh")
        scatter, wander, turn = np.sqrt(sets[chosen]).T
        out = np.empty((draws, len(ends)))
        for step in range(len(ends)):
            out[:, step] = state[:, 0] + scatter * rng.standard_normal(draws)
            state[:, 0] += state[:, 1] + wander * rng.standard_normal(draws)
            state[:, 1] += turn * rng.standard_normal(draws)
        return out


BASELINES = Registry[type[StatisticalBaseline]](
    "baseline",
    (
        LeastSquares,
        HighQuantile,
        DampedHolt,
        UnobservedComponents,
    ),
)
"""The baselines by name: a new one is one class and one line here."""


def _series(data: FrontierData) -> tuple[np.ndarray, np.ndarray]:
    """Return the middles of the half-years that count and their maxima, NaN where there is none."""
    counts = data.exposure[: data.blocks] >= LEAST_EXPOSURE
    largest = np.where(data.observed[: data.blocks, 0] > 0, data.size[: data.blocks, 0], np.nan)[counts]
    return data.knots[: data.blocks][counts] + BLOCK_YEARS / 2, largest


def _in_proportion(log_likelihood: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Return indices drawn in proportion to the likelihood."""
    usable = np.where(np.isfinite(log_likelihood), log_likelihood, -np.inf)
    weights = np.exp(usable - usable.max())
    return rng.choice(len(weights), size=draws, p=weights / weights.sum())
