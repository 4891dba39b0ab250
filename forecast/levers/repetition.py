"""Repetition: how often the same text is worth reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.levers.lever import Lever, Setting, constant


class Repetition(Lever):
    """Multiplies the stock by the passes over it that are worth making."""

    name: ClassVar[str] = "repetition"
    title: ClassVar[str] = "useful passes over the same text"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "passes"
    # Only text is counted in tokens seen; of other resources a data set counts once.
    applies_to: ClassVar[frozenset[str]] = frozenset({"public_text", "high_quality_text"})
    settings: ClassVar[Mapping[str, Setting]] = {
        "passes": Setting("passes", 1.0, 100.0, "Tokens worth seeing for each unique token"),
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the useful passes."""
        return constant(draws["passes"], years)
