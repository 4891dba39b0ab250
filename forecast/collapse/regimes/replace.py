"""Replace: each generation reads only what the one before wrote."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import Filter, TrainingMix


@dataclass(frozen=True)
class Replace:
    """Nothing but the last model's text.

    Parameters
    ----------
    filter : Filter, optional
        Verifier of what is written.

    Examples
    --------
    >>> Replace().mix(2, 100, np.random.default_rng(1)).latest
    100
    """

    filter: Filter | None = None

    @property
    def name(self) -> str:
        """Name in the registry."""
        return "replace"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return "replace"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        return TrainingMix(latest=samples, filter=self.filter)
