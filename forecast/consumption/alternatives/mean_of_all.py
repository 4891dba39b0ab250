"""Mean of all models: one straight line through every corpus, level and slope together, as Epoch AI extrapolates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from forecast.consumption.alternatives.route import Route, regression_draws
from forecast.core.seeds import generator
from forecast.core.trajectory import make_trajectory
from forecast.core.units import REFERENCE_YEAR
from forecast.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


EPOCH_SINCE = 2010.0
"""First year of the rows in Villalobos et al. 2024, arXiv 2211.04325v2 (decimal year)."""


@dataclass(frozen=True)
class MeanOfAll(Route):
    """x_i = a + b t_i + residual over all rows since `since`; the line itself stands in for the frontier.

    Parameters
    ----------
    since : float
        First decimal year whose rows count.
    """

    name: ClassVar[str] = "mean_of_all"
    title: ClassVar[str] = "Mean of all models"
    sentence: ClassVar[str] = (
        "A regression on every corpus, level and slope together, as Epoch AI extrapolates: the typical model "
        "lies below the largest one, and its line has been the steeper of the two."
    )

    since: float = EPOCH_SINCE

    def forecast(
        self, corpora: pd.DataFrame, years: np.ndarray, *, as_of: float, seed: int, draws: int
    ) -> xr.DataArray:
        """Return draws of the line; see `Route.forecast`."""
        t, size = rows_between(corpora, self.since, as_of)
        rng = generator(seed, "consumption", self.name)
        line, _ = regression_draws(np.column_stack([np.ones_like(t), t]), size, rng, draws)
        years = np.asarray(years, dtype=float)
        return make_trajectory(
            line[:, :1] + line[:, 1:] * (years - REFERENCE_YEAR)[None, :],
            years,
            resource_name="public_text",
            role="consumption",
            source=self.name,
        )


def rows_between(corpora: pd.DataFrame, since: float, as_of: float, least: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return years since 2024.0 and log10 sizes of the corpora between two dates."""
    rows = corpora[(corpora["year"] >= since) & (corpora["year"] <= as_of)]
    if len(rows) < least:
        raise InputError(
            f"{len(rows)} corpora from {since:.1f} to {as_of:.1f}",
            f"at least {least}",
            "give a longer table or a later --as-of",
        )
    return rows["year"].to_numpy(dtype=float) - REFERENCE_YEAR, rows["log10_size"].to_numpy(dtype=float)
