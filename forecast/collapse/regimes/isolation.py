"""Isolation: a clean archive of human data is set apart, and nothing else is ever read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import TrainingMix
from forecast.collapse.validate import share as check_share
from forecast.errors import InputError


@dataclass(frozen=True)
class Isolation:
    """The archive alone: no harm from synthetic data, and no growth.

    Parameters
    ----------
    share : float, default 1
        Size of the archive, as a share of the original set.

    Examples
    --------
    >>> Isolation(0.5).mix(9, 100, np.random.default_rng(1)).archive
    50
    """

    share: float = 1.0

    def __post_init__(self) -> None:
        """Check the share."""
        if check_share("archive's share", self.share) == 0:
            raise InputError("an empty archive", "a share above 0", "set some of the original data apart")

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"isolation:{self.share:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return "clean archive alone" if self.share == 1 else f"clean archive of {self.share * 100:g} % alone"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        return TrainingMix(archive=max(round(self.share * samples), 1))
