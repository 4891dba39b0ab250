"""Quality: the share of raw text that is worth training on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import RAMP_YEARS, START, Larger, Lever, LeverParameter, log10_share, ramp


class Quality(Lever):
    """Multiplies the stock by the share that a laboratory would use.

    A filter that loosens as text gets scarce is a path that a scenario states beforehand, never an answer to how near
    the frontier has come: a stock that gives way when it is approached would never be reached, by construction.
    """

    name: ClassVar[str] = "quality"
    title: ClassVar[str] = "share worth training on"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "usable_share"
    larger_means: ClassVar[Larger] = "later"
    # Other stocks are estimated as what is worth training on.
    applies_to: ClassVar[frozenset[str]] = frozenset({"public_text"})
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "usable_share": LeverParameter("share", 0.0, 1.0, "Share of the raw stock that is used after filtering"),
        "loosening": LeverParameter(
            "factor", 0.01, 100.0, "Factor on the usable share once the filter has been loosened"
        ),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the usable share; it never exceeds 1."""
        path = log10_share(draws["usable_share"])[:, None] + np.log10(draws["loosening"])[:, None] * ramp(draws, years)
        return np.minimum(path, 0.0)
