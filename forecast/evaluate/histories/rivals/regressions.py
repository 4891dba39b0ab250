"""Regressions of statsmodels on the best so far: least squares, and the line of a high quantile."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.evaluate.histories.rivals.base import Rival
from forecast.ingest.known import Known

HIGH_QUANTILE = 0.95
"""Quantile of the line (no unit), as in the backtest of text."""

RESAMPLES = 20
"""Resamples behind the uncertainty of the quantile's line (count)."""

ITERATIONS = 50
"""Most steps of a quantile fit (count)."""


@dataclass(frozen=True)
class LeastSquares(Rival):
    """A straight line through all values, with normal residuals."""

    name: ClassVar[str] = "ols"
    sentence: ClassVar[str] = "A straight line through all values by least squares; coefficients and residuals drawn."

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return the line plus a residual at each step."""
        import statsmodels.api as sm

        n = len(known.value)
        fit = sm.OLS(known.value, sm.add_constant(np.arange(float(n)))).fit()
        sd = np.sqrt(fit.ssr / rng.chisquare(fit.df_resid, size=(draws, 1)))
        root = np.linalg.cholesky(fit.normalized_cov_params)
        line = fit.params + sd * (rng.standard_normal((draws, 2)) @ root.T)
        ahead = n - 1 + np.arange(1, steps + 1)
        return line[:, :1] + line[:, 1:] * ahead + sd * rng.standard_normal((draws, steps))


@dataclass(frozen=True)
class HighQuantile(Rival):
    """The line below which 95 % of the values lie, and the distances of the values from it."""

    name: ClassVar[str] = "quantile"
    sentence: ClassVar[str] = (
        "The straight line below which 95 % of the values lie, resampled; values to come scatter about it as the past did."
    )

    def paths(self, known: Known, steps: int, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Return the line plus a past distance at each step."""
        import statsmodels.api as sm

        n = len(known.value)
        design = sm.add_constant(np.arange(float(n)))

        def line(rows: np.ndarray) -> np.ndarray:
            fit = sm.QuantReg(known.value[rows], design[rows]).fit(q=HIGH_QUANTILE, max_iter=ITERATIONS)
            return np.asarray(fit.params)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            best = line(np.arange(n))
            chosen = (rng.integers(n, size=n) for _ in range(RESAMPLES))
            lines = np.array([line(rows) for rows in chosen if np.ptp(rows) > 0])
        distances = known.value - design @ best
        drawn = lines[rng.integers(len(lines), size=draws)]
        ahead = n - 1 + np.arange(1, steps + 1)
        return drawn[:, :1] + drawn[:, 1:] * ahead + rng.choice(distances, size=(draws, steps))
