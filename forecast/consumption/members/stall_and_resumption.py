r"""Stall and resumption: growth at one pace while it lasts, and hardly any while it rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT
from forecast.consumption.learned_from_histories import JUMP, PACE_RATIO, PERSISTENCE, SLOPE_WHILE_MOVING, THRESHOLD
from forecast.consumption.member import Member
from forecast.consumption.stationary_state import stationary_state
from forecast.core.priors import Prior

STEEPNESS = 4.0
"""How sharply growth stops and resumes as the hidden state passes its threshold (no unit): in three fifths of the states
less than a tenth of the pace or more than nine tenths is left; a step would stop the sampler's gradients."""


@dataclass(frozen=True)
class StallAndResumption(Member):
    """Two states: the pace holds while a hidden stationary state lies above a threshold, and rests while below.

    Parameters
    ----------
    slope : Prior
        Growth rate while it moves.
    threshold : Prior
        In standard deviations of the hidden state: -0.3 lets growth move three fifths of the time.
    persistence : Prior
        Rate at which the state forgets itself.
    """

    name: ClassVar[str] = "stall_and_resumption"
    title: ClassVar[str] = "Stall and resumption"
    formula: ClassVar[str] = (
        r"\mathrm{d}\,\mathrm{E}F = \frac{b\,\mathrm{d}t}{1 + e^{-4 (x_t - c)}},\quad "
        r"\mathrm{d}x = -\kappa x\,\mathrm{d}t + \sqrt{2\kappa}\,\mathrm{d}W"
    )
    tail_parameters: ClassVar[tuple[str, ...]] = ("slope", "threshold", "persistence")
    shocks: ClassVar[tuple[str, ...]] = ("state_noise",)

    slope: Prior = SLOPE_WHILE_MOVING
    jump: Prior = JUMP
    pace_ratio: Prior | None = PACE_RATIO
    threshold: Prior = THRESHOLD
    persistence: Prior = PERSISTENCE

    def parameters(self) -> Mapping[str, Any]:
        """Create the slope, and the share of it that each step has."""
        import pymc as pm
        import pytensor.tensor as pt

        own = super().parameters()
        noise = pm.Normal("state_noise", 0.0, 1.0, dims="step")
        state = pm.Deterministic("state", stationary_state(noise, own["persistence"]), dims="step")
        return {"slope_path": own["slope"] * pt.sigmoid(STEEPNESS * (state - own["threshold"]))}

    def parameters_in_numpy(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the slope of every step, one after the other."""
        keep, noise = np.exp(-values["persistence"] * BLOCK_YEARS), values["state_noise"]
        state = noise * np.concatenate([np.ones_like(keep), np.repeat(np.sqrt(1 - keep**2), noise.shape[1] - 1, 1)], 1)
        for step in range(1, noise.shape[1]):
            state[:, step] += keep[:, 0] * state[:, step - 1]
        return {"state": state, "slope_path": values["slope"] * moving(state, values["threshold"])}

    def expected_growth(self, start: Any, end: Any, parameters: Mapping[str, Any], math: Any) -> Any:
        """Return the slope of each step times its length."""
        del math
        return parameters["slope_path"] * (end - start)

    def started(self, draws: Mapping[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Return a state of long ago."""
        return {"state": rng.standard_normal((len(draws["slope"]), 1))}

    def future_growth(
        self, posterior: Mapping[str, np.ndarray], knots: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Let the state wander on from where the data leave it."""
        last = round((knots[0] - FIRST_KNOT) / BLOCK_YEARS) - 1
        state = posterior["state"][:, min(last, posterior["state"].shape[1] - 1)]
        lengths = np.diff(knots)
        growth = np.empty((len(state), len(lengths)))
        for step, length in enumerate(lengths):
            keep = np.exp(-posterior["persistence"] * length)
            state = keep * state + np.sqrt(1 - keep**2) * rng.standard_normal(len(state))
            growth[:, step] = posterior["slope"] * moving(state, posterior["threshold"]) * length
        return growth


def moving(state: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Return the share of the pace that a state has.

    Examples
    --------
    >>> moving(np.array([-1.5, 0.0, 1.5]), np.array(0.0)).round(3).tolist()
    [0.002, 0.5, 0.998]
    """
    found: np.ndarray = 1 / (1 + np.exp(-STEEPNESS * (state - threshold)))
    return found
