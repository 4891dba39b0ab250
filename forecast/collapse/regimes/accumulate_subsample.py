"""Accumulate and subsample: the pool grows, but a generation can afford only a fixed number of samples from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import Filter, TrainingMix


@dataclass(frozen=True)
class AccumulateSubsample:
    """A fixed budget drawn at random from all data so far.

    Parameters
    ----------
    filter : Filter, optional
        Verifier of what is written.

    References
    ----------
    Kazdan et al. 2024, arXiv:2410.16713.

    Examples
    --------
    >>> mix = AccumulateSubsample().mix(2, 100, np.random.default_rng(1))
    >>> mix.original + mix.earlier
    100
    """

    filter: Filter | None = None

    @property
    def name(self) -> str:
        """Name in the registry."""
        return "accumulate_subsample"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return "accumulate and subsample"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:
        """Return what a generation reads."""
        original = int(rng.hypergeometric(samples, samples * (generation - 1), samples))
        return TrainingMix(original=original, stored=samples, earlier=samples - original, filter=self.filter)
