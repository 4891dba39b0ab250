"""How long and how carefully the sampler works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sampling:
    """Settings of the sampler.

    Parameters
    ----------
    chains : int, default 4
        Independent chains.
    draws : int, default 2500
        Draws a chain, all of which the convergence checks see.
    keep : int, default 1000
        Draws a chain that are stored, evenly spread.
    tune : int, default 1000
        Warm-up steps a chain.
    target_accept : float, default 0.95
        Target acceptance; the automatic rerun uses `rerun_target_accept`.
    rerun_target_accept : float, default 0.99
        Target acceptance of the one rerun that a fit gets when it fails the convergence checks; it is twice as long.
    """

    chains: int = 4
    draws: int = 2500
    keep: int = 1000
    tune: int = 1000
    target_accept: float = 0.95
    rerun_target_accept: float = 0.99
