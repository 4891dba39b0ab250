"""Reinforcement learning: compute that goes there does not go into reading text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import RAMP_YEARS, START, TEXT, Larger, Lever, LeverParameter, log10_share, ramp


class RLShare(Lever):
    """Multiplies the frontier by the square root of the share of compute that pre-training keeps.

    The share that reinforcement learning takes already is in the data: `extra_share` is what it takes beyond that. Half
    of all compute lowers the tokens by 0.15 log10 only.
    """

    name: ClassVar[str] = "rl_share"
    title: ClassVar[str] = "compute left to pre-training"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    main_setting: ClassVar[str] = "extra_share"
    larger_means: ClassVar[Larger] = "later"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "extra_share": LeverParameter(
            "share", 0.0, 1.0, "Share of compute that goes from pre-training to reinforcement learning", 0.0, zero=True
        ),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return half the log10 of what is left, from the start on."""
        return 0.5 * log10_share(1.0 - draws["extra_share"][:, None] * ramp(draws, years))
