"""Selection: for a run that reads some kinds of text, or the text of some regions, alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import TEXT, Larger, Lever, LeverParameter, constant


class Selection(Lever):
    """Multiplies the stock by the share that is read and by what a token of it is worth; 1 for a run that reads all."""

    name: ClassVar[str] = "selection"
    title: ClassVar[str] = "of the kinds and regions that are read"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "share"
    larger_means: ClassVar[Larger] = "later"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "share": LeverParameter(
            "share", 0.0, 1.0, "Share of the raw stock of the kinds or regions that a run reads", neutral=1.0
        ),
        "weight": LeverParameter("ratio", 0.0, 100.0, "What a token of it is worth over one of the whole", neutral=1.0),
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of share times weight."""
        return constant(draws["share"] * draws["weight"], years)
