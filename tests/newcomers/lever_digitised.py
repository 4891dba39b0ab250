"""Digitised: archives that are scanned enlarge the stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import RAMP_YEARS, START, TEXT, Larger, Lever, LeverParameter, ramp


class Digitised(Lever):
    """Multiplies the stock by a factor, from a start on and in equal steps."""

    name: ClassVar[str] = "digitised"
    title: ClassVar[str] = "archives that are scanned"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "factor"
    larger_means: ClassVar[Larger] = "later"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "factor": LeverParameter("ratio", 0.01, 100.0, "The stock over that without scanned archives", neutral=1.0),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the log10 of the factor, as far as the ramp has got."""
        return np.log10(draws["factor"])[:, None] * ramp(draws, years)
