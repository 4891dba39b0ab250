"""Local trend: the growth rate itself wanders and reverts to a long-run mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT
from forecast.consumption.member import Member
from forecast.consumption.stationary_state import stationary_state
from forecast.core.priors import Prior


@dataclass(frozen=True)
class LocalTrend(Member):
    """The logarithm of the growth rate is a mean-reverting walk: the bend is in the state, no asymptote is needed.

    Parameters
    ----------
    long_run_slope : Prior
        Mean growth rate to which the slope returns; beyond a few years the forecast rests on it.
    reversion : Prior
        Rate of that return.
    slope_sd : Prior
        Standard deviation of the logarithm of the slope around its mean, in the long run.
    """

    name: ClassVar[str] = "local_trend"
    left: ClassVar[str] = "0.2.0"
    title: ClassVar[str] = "Local trend, slope reverts to a long-run mean"
    formula: ClassVar[str] = (
        r"\mathrm{d}\,\mathrm{E}F = m\,e^{x_t - \tau^2/2}\,\mathrm{d}t,\quad "
        r"\mathrm{d}x = -\kappa x\,\mathrm{d}t + \tau\sqrt{2\kappa}\,\mathrm{d}W"
    )
    tail_parameters: ClassVar[tuple[str, ...]] = ("long_run_slope", "reversion", "slope_sd")
    shocks: ClassVar[tuple[str, ...]] = ("slope_noise",)

    long_run_slope: Prior = Prior.lognormal(
        0.30, 0.60, "log10 per year", "judgement: slower than 0.38 (Villalobos et al. 2024), as compute cannot grow on"
    )
    reversion: Prior = Prior.lognormal(
        0.40, 1.0, "per year", "judgement: half of a deviation is gone in 0.7 to 4 years"
    )
    slope_sd: Prior = Prior("half_normal", 0.5, 0.0, "log", "judgement: slopes within a factor of 2.7 of their mean")

    def parameters(self) -> Mapping[str, Any]:
        """Create long-run slope, reversion, and the slope of every step."""
        import pymc as pm
        import pytensor.tensor as pt

        mean = self.long_run_slope.random_variable("long_run_slope")
        reversion = self.reversion.random_variable("reversion")
        sd = self.slope_sd.random_variable("slope_sd")
        noise = pm.Normal("slope_noise", 0.0, 1.0, dims="step")
        state = pm.Deterministic("log_slope", sd * stationary_state(noise, reversion), dims="step")
        return {"slope_path": mean * pt.exp(state - sd**2 / 2)}

    def parameters_in_numpy(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the slope of every step, one after the other."""
        keep, sd, noise = np.exp(-values["reversion"] * BLOCK_YEARS), values["slope_sd"], values["slope_noise"]
        state = noise * np.concatenate([np.ones_like(keep), np.repeat(np.sqrt(1 - keep**2), noise.shape[1] - 1, 1)], 1)
        for step in range(1, noise.shape[1]):
            state[:, step] += keep[:, 0] * state[:, step - 1]
        log_slope = sd * state
        return {"log_slope": log_slope, "slope_path": values["long_run_slope"] * np.exp(log_slope - sd**2 / 2)}

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return the slope of each step times its length."""
        del math
        return parameters["slope_path"] * (end - start)

    def started(self, draws: Mapping[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Return a slope of long ago, as likely as any."""
        return {"log_slope": (draws["slope_sd"] * rng.standard_normal(len(draws["slope_sd"])))[:, None]}

    def future_growth(
        self, posterior: Mapping[str, np.ndarray], knots: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Let the slope wander on from where the data leave it."""
        last = round((knots[0] - FIRST_KNOT) / BLOCK_YEARS) - 1
        sd, reversion = posterior["slope_sd"], posterior["reversion"]
        state = posterior["log_slope"][:, min(last, posterior["log_slope"].shape[1] - 1)]
        lengths = np.diff(knots)
        growth = np.empty((len(sd), len(lengths)))
        for step, length in enumerate(lengths):
            keep = np.exp(-reversion * length)
            state = keep * state + sd * np.sqrt(1 - keep**2) * rng.standard_normal(len(sd))
            growth[:, step] = posterior["long_run_slope"] * np.exp(state - sd**2 / 2) * length
        return growth
