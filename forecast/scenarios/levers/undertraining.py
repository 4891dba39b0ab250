"""Undertraining: fewer tokens for each parameter than the fitted path holds, at the same compute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import RAMP_YEARS, START, TEXT, Larger, Lever, LeverParameter, ramp


class Undertraining(Lever):
    """Multiplies the frontier by the square root of how far tokens a parameter fall below the fitted path's.

    The way out for a laboratory that is short of text and not of compute: a larger model on the same tokens.
    """

    name: ClassVar[str] = "undertraining"
    title: ClassVar[str] = "fewer tokens a parameter than the fitted path"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    main_setting: ClassVar[str] = "ratio"
    larger_means: ClassVar[Larger] = "sooner"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "ratio": LeverParameter("ratio", 1e-4, 1.0, "Tokens a parameter over those of the fitted path", neutral=1.0),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return half the log10 of the ratio, from the start on."""
        return 0.5 * np.log10(draws["ratio"])[:, None] * ramp(draws, years)
