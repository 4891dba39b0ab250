"""Fresh: every generation gets new human data, the rest comes from the last model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import Filter, TrainingMix
from forecast.collapse.validate import share as check_share


@dataclass(frozen=True)
class Fresh:
    """A share of human data that nobody has seen before, in every generation.

    Parameters
    ----------
    share : float, default 0.1
        Share of new human data.
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> Fresh(0.25).mix(2, 100, np.random.default_rng(1)).fresh
    25
    """

    share: float = 0.1
    filter: Filter | None = None

    def __post_init__(self) -> None:
        """Check the share."""
        check_share("share of fresh human data", self.share)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"fresh:{self.share:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"{self.share * 100:g} % fresh human data"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        human = round(self.share * samples)
        return TrainingMix(fresh=human, latest=samples - human, filter=self.filter)
