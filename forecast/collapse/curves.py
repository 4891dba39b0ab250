"""The yield of a synthetic token over the share of the mix, for some settings of generations and verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forecast.collapse.engine import Filter
from forecast.collapse.yields import YieldDraws, synthetic_yield
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.errors import unknown_name

CURVE_REGIMES = ("keep", "fresh", "accumulate", "contamination")
"""Regimes whose synthetic share can be chosen: there is none in isolation, and nothing else under replace."""

DEFAULT_SHARES = (0.1, 0.2, 1 / 3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Synthetic shares of the mix."""

DEFAULT_SETTINGS: tuple[tuple[int, Filter | None], ...] = ((2, None), (10, None), (10, Filter(0.9, 0.1)))
"""Generations and verifier of each curve."""


@dataclass(frozen=True)
class YieldCurve:
    """Yields over the share of the mix.

    Parameters
    ----------
    regime : str
        The regime of all curves.
    shares : tuple of float
        Synthetic shares.
    settings : tuple of (int, Filter or None)
        Generations and verifier of each curve.
    yields : tuple of tuple of YieldDraws
        By setting, then by share.
    seed : int
        The run's seed.
    """

    regime: str
    shares: tuple[float, ...]
    settings: tuple[tuple[int, Filter | None], ...]
    yields: tuple[tuple[YieldDraws, ...], ...]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return every yield with its ledger."""
        found = [draws.summary() for curve in self.yields for draws in curve]
        return {"schema": "collapse/1", "experiment": "yield", "seed": self.seed, "yields": found}


def simulate_yield_curve(
    regime: str = "keep",
    shares: Sequence[float] = DEFAULT_SHARES,
    settings: Sequence[tuple[int, Filter | None]] = DEFAULT_SETTINGS,
    seed: int = DEFAULT_SEED,
    size: int = 4000,
) -> YieldCurve:
    """Draw yields over the share of the mix.

    Parameters
    ----------
    regime : str, default "keep"
        A regime with a share that is neither 0 nor 1: keep, fresh, accumulate or contamination.
    shares : sequence of float
        Synthetic shares.
    settings : sequence of (int, Filter or None)
        Generations and verifier of each curve.
    seed : int
        The run's seed.
    size : int, default 4000
        Draws of each yield.

    Returns
    -------
    YieldCurve
        All yields.

    Raises
    ------
    UnknownNameError
        If the regime leaves no share to choose.
    InputError
        If a share, the generations or the draws make no sense.

    Examples
    --------
    >>> curve = simulate_yield_curve(shares=[0.5], settings=[(2, None)], size=100)
    >>> len(curve.yields), len(curve.yields[0])
    (1, 1)
    """
    if regime not in CURVE_REGIMES:
        raise unknown_name("regime with a synthetic share to choose", regime, CURVE_REGIMES)
    yields = []
    for generations, verifier in settings:
        # Every point draws the same judgements, so that curves differ by their settings alone.
        curve = [
            synthetic_yield(regime, share, generations, verifier, generator(seed, "collapse", "yield"), size)
            for share in shares
        ]
        yields.append(tuple(curve))
    return YieldCurve(regime, tuple(shares), tuple(settings), tuple(yields), seed)
