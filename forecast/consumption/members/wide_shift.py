"""A frontier of which the largest runs are not published: it lies above the published one by a wide shift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecast.consumption.members.damped import Damped
from forecast.consumption.undisclosed import Undisclosed
from forecast.core.priors import Prior


@dataclass(frozen=True)
class WideShift(Damped):
    """Damped growth of what is published, with the frontier above it by a shift that no row tells.

    Parameters
    ----------
    shift : Prior
        How far the frontier lies above the published one once disclosure has fallen to its floor.
    """

    name: ClassVar[str] = "wide_shift"
    title: ClassVar[str] = "Largest runs unpublished, growth slows"
    formula: ClassVar[str] = r"\mathrm{E}\,F(t) = a + b\,\frac{1 - e^{-rt}}{r} + \delta\,g(t)"
    tail_parameters: ClassVar[tuple[str, ...]] = ("damping", "shift")

    shift: Prior = Prior(
        "half_normal", 0.4, 0.0, "log10", "judgement: runs that nobody publishes are up to six times larger at 95 %"
    )

    def hidden(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the shift, growing as disclosure falls."""
        return draws["shift"][:, None] * Undisclosed().grown(years)[None, :]
