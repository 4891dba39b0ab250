"""A rule of thumb: the stock of 2024 over the use of 2024, at a constant pace."""

from __future__ import annotations

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.replicate.analysis import Analysis, compare, summarise_draws
from forecast.replicate.targets import load_targets

PACE = 0.38
"""Growth of training sets (log10 a year); an example for this test."""

NAME = "thumb"
TABLES = ("epoch_published",)


def run(*, seed: int = DEFAULT_SEED, draws: int = 100_000) -> Analysis:
    """Run the rule of thumb.

    Parameters
    ----------
    seed : int, default `forecast.core.seeds.DEFAULT_SEED`
        Seed of the run.
    draws : int, default 100000
        Draws of every input.

    Returns
    -------
    Analysis
        One figure, the exhaustion year.
    """
    from forecast.ingest import attributions

    rng = generator(seed, "replicate", NAME)
    stock, used = (LogNormal.from_interval(*ends, 0.9).sample(rng, draws) for ends in ((1e14, 1e15), (1e13, 2e13)))
    year = 2024 + np.log10(stock / used) / PACE
    figure = compare("exhaustion", "year", summarise_draws(year), load_targets(NAME), reason="An example.")
    return Analysis(NAME, "A rule of thumb", (figure,), seed, draws, credits=tuple(attributions(TABLES)))
