"""Meta-learning: named as a remedy, without a published number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import RAMP_YEARS, START, TEXT, Larger, Lever, LeverParameter, ramp


class MetaLearning(Lever):
    """Divides the frontier by 1 + gain. Nothing quantitative is published, so the gain is zero unless a scenario says."""

    name: ClassVar[str] = "meta_learning"
    title: ClassVar[str] = "tokens saved by learning to learn"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    main_setting: ClassVar[str] = "gain"
    larger_means: ClassVar[Larger] = "later"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "gain": LeverParameter(
            "ratio", 0.0, 1e4, "Tokens saved over tokens used; 1 halves the need", neutral=0.0, zero=True
        ),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return minus log10 of 1 + gain, from the start on."""
        return -np.log10(1.0 + draws["gain"])[:, None] * ramp(draws, years)
