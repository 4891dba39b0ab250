"""Quality: the share of raw text that is worth training on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.levers.lever import Lever, Setting, constant


class Quality(Lever):
    """Multiplies the stock by the share that a laboratory would use, fixed through time in the baseline."""

    name: ClassVar[str] = "quality"
    title: ClassVar[str] = "share worth training on"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "usable_share"
    # Other stocks are estimated as what is worth training on.
    applies_to: ClassVar[frozenset[str]] = frozenset({"public_text"})
    settings: ClassVar[Mapping[str, Setting]] = {
        "usable_share": Setting("share", 0.0, 1.0, "Share of the raw stock that is used after filtering"),
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the usable share."""
        return constant(draws["usable_share"], years)
