"""Accumulate: each generation reads the human data and everything written since."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import Filter, TrainingMix
from forecast.collapse.validate import positive


@dataclass(frozen=True)
class Accumulate:
    """The pool grows and nothing is thrown away.

    Parameters
    ----------
    growth : float, default 1
        Samples that each generation adds, as a multiple of the original set.
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> Accumulate().mix(5, 100, np.random.default_rng(1)).everything
    True
    """

    growth: float = 1.0
    filter: Filter | None = None

    def __post_init__(self) -> None:
        """Check the growth."""
        positive("growth of the pool", self.growth)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return "accumulate" if self.growth == 1 else f"accumulate:{self.growth:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return "accumulate" if self.growth == 1 else f"accumulate, {self.growth:g} x a generation"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        written = max(round(self.growth * samples), 1)
        return TrainingMix(original=samples, latest=written, everything=True, filter=self.filter)
