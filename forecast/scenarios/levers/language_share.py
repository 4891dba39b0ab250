"""Language share: for a run that reads one language only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import TEXT, Larger, Lever, LeverParameter, constant


class LanguageShare(Lever):
    """Multiplies the stock by the share that is in the languages which a run reads; 1 for a run that reads all."""

    name: ClassVar[str] = "language_share"
    title: ClassVar[str] = "in the languages that are read"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "share"
    larger_means: ClassVar[Larger] = "later"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "share": LeverParameter(
            "share", 0.0, 1.0, "Share of the raw stock in the languages that a run reads", neutral=1.0
        ),
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the share."""
        return constant(draws["share"], years)
