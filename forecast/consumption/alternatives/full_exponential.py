"""Exponential growth at one rate since 2018: what the windowed member would say without its window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.members.windowed_exponential import WindowedExponential


@dataclass(frozen=True)
class FullExponential(WindowedExponential):
    """a + b t, fitted to every half-year since 2018; `window` is not used."""

    name: ClassVar[str] = "full_exponential"
    title: ClassVar[str] = "Exponential growth since 2018"
    formula: ClassVar[str] = r"\mathrm{E}\,F(t) = a + b\,t"
    tail_parameters: ClassVar[tuple[str, ...]] = ("slope",)

    def sees(self, data: FrontierData) -> np.ndarray:
        """Return every block up to the as-of date."""
        return (data.exposure > 0).astype(float)

    def structure(self) -> tuple[Any, ...]:
        """Return the windowed member's: which half-years count is data, so that one compiled model serves both."""
        return (WindowedExponential.__qualname__, *super().structure()[1:])
