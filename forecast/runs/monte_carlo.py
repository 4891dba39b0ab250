"""How far the numbers of the headline would move with other draws: their Monte Carlo standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.mixture import blocks
from forecast.core.summaries import quantiles
from forecast.runs.document_types import MonteCarloError
from forecast.runs.sentence import HEADLINE_YEAR


@dataclass(frozen=True)
class Block:
    """The draws of one member among all.

    Parameters
    ----------
    at : slice
        Where they lie.
    effective : float, optional
        How many independent draws they are worth; as many as they are where that is not known.
    """

    at: slice
    effective: float | None = None


def blocks_of(held: Sequence[Fit], draws: int) -> list[Block]:
    """Return the blocks of a mixture, each worth no more than the smallest effective sample size of its chains."""
    found = []
    for fit, at in zip(held, blocks(held, draws), strict=True):
        known = [fit.diagnostics.get(name) for name in ("ess_bulk_min", "ess_tail_min")]
        sizes = [float(size) for size in known if size is not None]
        found.append(Block(at, min(sizes, default=None)))
    return found


def monte_carlo_error(
    years: np.ndarray, as_of: float, blocks: Sequence[Block], readings: Mapping[str, np.ndarray]
) -> MonteCarloError:
    """Return the standard error of every headline number, shaped like an exhaustion year, and of each reading's probability.

    Of a share it is that of a binomial in each block, of as many draws as the block is worth. Of a quantile it is half
    the distance between the quantiles one such error to either side of it; None where one of them is beyond the horizon.
    """

    def of_quantile(p: float) -> float | None:
        error = share_error(years <= quantiles(years, [p])[0], blocks)
        low, high = quantiles(years, [max(p - error, 0.0), min(p + error, 1.0)])
        return round(float(high - low) / 2, 4) if np.isfinite(high) else None

    def of_share(flags: np.ndarray) -> float:
        return round(share_error(flags, blocks), 6)

    def by_then(drawn: np.ndarray) -> float:
        return of_share(drawn < HEADLINE_YEAR + 1)

    return {
        "probability_by": {str(HEADLINE_YEAR): by_then(years)},
        "probability_already": of_share(years <= as_of),
        "probability_after_horizon": of_share(np.isinf(years)),
        "median": of_quantile(0.5),
        "intervals": {"0.8": [of_quantile(0.1), of_quantile(0.9)]},
        "readings": {name: by_then(drawn) for name, drawn in readings.items()},
    }


def share_error(flags: np.ndarray, blocks: Sequence[Block]) -> float:
    """Return the standard error of the share of draws of which something holds.

    Examples
    --------
    >>> flags = np.tile([True, False], 200)
    >>> round(share_error(flags, [Block(slice(0, 400))]), 4), round(share_error(flags, [Block(slice(0, 400), 100)]), 4)
    (0.025, 0.05)
    """
    variance = 0.0
    for block in blocks:
        own = flags[block.at]
        share, size = float(own.mean()), len(own)
        worth = size if block.effective is None else min(size, max(block.effective, 1.0))
        variance += (size / len(flags)) ** 2 * share * (1 - share) / worth
    return float(np.sqrt(variance))
