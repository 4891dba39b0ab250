"""Keep: a fixed share of each generation's data comes from the original human set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import Filter, TrainingMix
from forecast.collapse.validate import share as check_share


@dataclass(frozen=True)
class Keep:
    """A random share of the original data in every generation, the rest from the last model.

    Parameters
    ----------
    share : float, default 0.1
        Share of original data.
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> Keep(0.1).mix(2, 100, np.random.default_rng(1))
    TrainingMix(original=10, archive=0, fresh=0, latest=90, stored=0, earlier=0, everything=False, filter=None)
    """

    share: float = 0.1
    filter: Filter | None = None

    def __post_init__(self) -> None:
        """Check the share."""
        check_share("kept share", self.share)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"keep:{self.share:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"{self.share * 100:g} % of the original kept"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        original = round(self.share * samples)
        return TrainingMix(original=original, latest=samples - original, filter=self.filter)
