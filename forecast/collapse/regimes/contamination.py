"""Contamination: a new crawl each generation that passes for human, although models wrote a share of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import Filter, TrainingMix
from forecast.collapse.validate import share as check_share


@dataclass(frozen=True)
class Contamination:
    """Synthetic text of all earlier models, unnoticed among new human data.

    Parameters
    ----------
    share : float, default 0.1
        Synthetic share of every crawl; pages stay, so any earlier model may have written them.
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> mix = Contamination(0.3).mix(4, 100, np.random.default_rng(1))
    >>> mix.fresh, mix.earlier
    (70, 30)
    """

    share: float = 0.1
    filter: Filter | None = None

    def __post_init__(self) -> None:
        """Check the share."""
        check_share("contaminated share", self.share)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"contamination:{self.share:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"{self.share * 100:g} % synthetic, unnoticed"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        synthetic = round(self.share * samples)
        stored = max(synthetic, 1)
        return TrainingMix(fresh=samples - synthetic, stored=stored, earlier=synthetic, filter=self.filter)
