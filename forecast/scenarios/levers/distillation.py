"""Distillation: a student learns from a teacher with less data. It serves followers, not the frontier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import RAMP_YEARS, START, TEXT, Larger, Lever, LeverParameter, ramp


class Distillation(Lever):
    """Leaves the frontier as it is and lowers what followers use.

    A student needs a teacher that has read the text already, and distilling beats training only where such a teacher
    exists or many students are wanted (https://arxiv.org/html/2502.08606v2). The largest run has no teacher.
    """

    name: ClassVar[str] = "distillation"
    title: ClassVar[str] = "learning from a teacher (followers only)"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    main_setting: ClassVar[str] = "follower_saving"
    larger_means: ClassVar[Larger] = "neither"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "follower_saving": LeverParameter("factor", 1.0, 1e4, "Fewer tokens for a run that has a teacher", neutral=1.0),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return 0: the frontier has no teacher."""
        return np.zeros((len(draws["follower_saving"]), len(years)))

    def followers(self, path: np.ndarray, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return what a follower of the frontier uses."""
        return path - np.log10(draws["follower_saving"])[:, None] * ramp(draws, years)
