"""Multimodal data: images, video and sound in place of text."""

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


class Multimodal(Lever):
    """Adds images, video and sound, counted in tokens, as far as they can stand in for text.

    Tokens an image or a second span two orders of magnitude, and how far other media stand in for text is not known:
    the result is a range to be shown apart.
    """

    name: ClassVar[str] = "multimodal"
    title: ClassVar[str] = "images, video and sound in place of text"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    effect: ClassVar[Effect] = "adds"
    counts_as: ClassVar[CountsAs] = "addition"
    main_setting: ClassVar[str] = "text_equivalent_share"
    larger_means: ClassVar[Larger] = "later"
    # It stands in for text.
    applies_to: ClassVar[frozenset[str]] = frozenset({"public_text"})
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "images": LeverParameter("images", 0.0, 1e20, "Images on the internet", zero=True),
        "video": LeverParameter("seconds", 0.0, 1e20, "Video on the internet", zero=True),
        "audio": LeverParameter("seconds", 0.0, 1e20, "Sound on the internet", zero=True),
        "tokens_each": LeverParameter("tokens", 0.01, 1e5, "Tokens an image or a second of video or sound"),
        "text_equivalent_share": LeverParameter(
            "share", 0.0, 1.0, "Share of these tokens that serves in place of text", neutral=0.0, zero=True
        ),
        "start": START,
        "ramp_years": RAMP_YEARS,
    }

    def apply(self, path: np.ndarray, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the stock with the other media added."""
        count = draws["images"] + draws["video"] + draws["audio"]
        amount = count * draws["tokens_each"] * draws["text_equivalent_share"]
        return log10_sum(path, amount[:, None] * ramp(draws, years))
