"""Relay: a share of new human data, the rest from the last model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import TrainingMix
from forecast.collapse.validate import share as check_share


@dataclass(frozen=True)
class Relay:
    """New human data beside what the last model wrote.

    Parameters
    ----------
    share : float, default 0.5
        Share of new human data.
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        """Check the share."""
        check_share("share of new human data", self.share)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"relay:{self.share:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"relay with {self.share * 100:g} % new"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:
        """Return what a generation reads."""
        human = round(self.share * samples)
        return TrainingMix(fresh=human, latest=samples - human)
