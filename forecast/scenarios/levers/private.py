"""Private text: messages, mail and closed platforms, as far as one laboratory gets at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import (
    RAMP_YEARS,
    START,
    CountsAs,
    Effect,
    Larger,
    Lever,
    LeverParameter,
    log10_sum,
    ramp,
)


class Private(Lever):
    """Adds private text within one laboratory's reach: it is split among owners, none of whom has it all."""

    name: ClassVar[str] = "private"
    title: ClassVar[str] = "private text within one laboratory's reach"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    effect: ClassVar[Effect] = "adds"
    counts_as: ClassVar[CountsAs] = "addition"
    main_setting: ClassVar[str] = "reach_share"
    larger_means: ClassVar[Larger] = "later"
    # It is more text; of other resources nothing is known.
    applies_to: ClassVar[frozenset[str]] = frozenset({"public_text"})
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "total": LeverParameter("tokens", 1.0, 1e20, "All private text, in raw tokens"),
        "reach_share": LeverParameter(
            "share", 0.0, 1.0, "Share of it that one laboratory can use", neutral=0.0, zero=True
        ),
        "worth": LeverParameter("tokens a raw token", 0.0, 20.0, "Worth of a raw token after filtering and repetition"),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def apply(self, path: np.ndarray, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the stock with the private text added."""
        amount = draws["total"] * draws["reach_share"] * draws["worth"]
        return log10_sum(path, amount[:, None] * ramp(draws, years))
