"""Verification: as replace, but a verifier that makes errors of its own comes between two generations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.collapse.engine import Filter, TrainingMix


@dataclass(frozen=True)
class Verification:
    """Only what passes a filter is read.

    Parameters
    ----------
    keep_right : float, default 0.9
        P(kept | right).
    keep_wrong : float, default 0.3
        P(kept | wrong).

    References
    ----------
    Feng et al. 2024, arXiv:2406.07515.

    Examples
    --------
    >>> Verification(1.0, 0.0).mix(2, 100, np.random.default_rng(1)).filter.keep_wrong
    0.0
    """

    keep_right: float = 0.9
    keep_wrong: float = 0.3

    def __post_init__(self) -> None:
        """Check both rates."""
        Filter(self.keep_right, self.keep_wrong)

    @property
    def name(self) -> str:
        """Name in the registry, with its setting."""
        return f"verification:{self.keep_right:g}/{self.keep_wrong:g}"

    @property
    def title(self) -> str:
        """Name in figures and tables."""
        return f"verified ({self.keep_right:g} right, {self.keep_wrong:g} wrong kept)"

    def mix(self, generation: int, samples: int, rng: np.random.Generator) -> TrainingMix:  # noqa: ARG002
        """Return what a generation reads."""
        return TrainingMix(latest=samples, filter=Filter(self.keep_right, self.keep_wrong))
