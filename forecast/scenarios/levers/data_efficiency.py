"""Data efficiency: the same model from fewer tokens, beyond what the fitted path holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import START, TEXT, Larger, Lever, LeverParameter


class DataEfficiency(Lever):
    """Divides the frontier by a factor that grows every year until it meets its limit.

    Progress of the past is in the data; this is progress on top of it.
    """

    name: ClassVar[str] = "data_efficiency"
    title: ClassVar[str] = "tokens saved by better methods"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    main_setting: ClassVar[str] = "gain_per_year"
    larger_means: ClassVar[Larger] = "later"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "gain_per_year": LeverParameter("factor a year", 1.0, 100.0, "Fewer tokens for the same model", neutral=1.0),
        "limit": LeverParameter("factor", 1.0, 1e6, "The most that can be saved in all"),
        "start": START,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return minus log10 of what is saved."""
        since = np.maximum(years[None, :] - draws["start"][:, None], 0.0)
        return -np.minimum(np.log10(draws["gain_per_year"])[:, None] * since, np.log10(draws["limit"])[:, None])
