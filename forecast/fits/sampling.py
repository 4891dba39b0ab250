"""How long and how carefully the sampler works."""

from __future__ import annotations

from dataclasses import dataclass

from forecast.errors import InputError

LIMITS = {"chains": (1, 64), "draws": (1, 50_000), "keep": (1, 50_000), "tune": (0, 50_000)}
"""Settings that are accepted, from a run's record too: twenty times as long as the default, and more chains than most
machines have processors."""

ATTEMPTS = 3
"""How often a fit is sampled at most: as usual, then in answer to what was wrong, then in answer to whatever may be."""


@dataclass(frozen=True)
class Sampling:
    """Settings of the sampler.

    Parameters
    ----------
    chains : int, default 4
        Independent chains.
    draws : int, default 1500
        Draws a chain, all of which the convergence checks see.
    keep : int, default 1000
        Draws a chain that are stored, evenly spread.
    tune : int, default 1000
        Warm-up steps a chain.
    target_accept : float, default 0.95
        Target acceptance; after divergences a rerun uses `rerun_target_accept`.
    rerun_target_accept : float, default 0.99
        Target acceptance of a rerun that answers divergences. One that answers chains which do not agree is twice as long.
    """

    chains: int = 4
    draws: int = 1500
    keep: int = 1000
    tune: int = 1000
    target_accept: float = 0.95
    rerun_target_accept: float = 0.99

    def __post_init__(self) -> None:
        """Refuse settings that no sampler can keep to."""
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise InputError(
                    f"{name} = {value!r} for the sampler", f"{low:,} to {high:,}", f"choose another {name}"
                )
        for name in ("target_accept", "rerun_target_accept"):
            value = getattr(self, name)
            if not isinstance(value, float) or not 0 < value < 1:
                raise InputError(f"{name} = {value!r} for the sampler", "a share in (0, 1)", f"choose another {name}")

    @property
    def kept(self) -> int:
        """Draws of one fit that are stored, of all chains."""
        return self.chains * min(self.draws, self.keep)
