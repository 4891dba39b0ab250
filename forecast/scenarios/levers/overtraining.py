"""Overtraining: more tokens for each parameter than the fitted path holds, at the same compute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import RAMP_YEARS, START, TEXT, Larger, Lever, LeverParameter, ramp


class Overtraining(Lever):
    """Multiplies the frontier by the square root of how far tokens a parameter rise above the fitted path's.

    At fixed compute C = 6 N D, so that r = D / N times k means D times sqrt(k). The overtraining of the past is in the
    data and in the fitted path: the ratio is to that path, not to the compute-optimal rule.
    """

    name: ClassVar[str] = "overtraining"
    title: ClassVar[str] = "more tokens a parameter than the fitted path"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    main_setting: ClassVar[str] = "ratio"
    larger_means: ClassVar[Larger] = "sooner"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "ratio": LeverParameter("ratio", 1.0, 1e4, "Tokens a parameter over those of the fitted path", neutral=1.0),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return half the log10 of the ratio, from the start on."""
        return 0.5 * np.log10(draws["ratio"])[:, None] * ramp(draws, years)
