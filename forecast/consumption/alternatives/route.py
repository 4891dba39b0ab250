"""What a variant without a sampler shares: corpora in, draws of log10 paths out, in closed form or by simulation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Route(ABC):
    """A way from corpora to paths of the frontier that needs no sampler."""

    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    version: ClassVar[int] = 1
    """Raised whenever the same inputs would give something else."""

    @abstractmethod
    def forecast(
        self, corpora: pd.DataFrame, years: np.ndarray, *, as_of: float, seed: int, draws: int
    ) -> xr.DataArray:
        """Return paths.

        Parameters
        ----------
        corpora : pandas.DataFrame
            One row per corpus, as `forecast.ingest.corpora.text_corpora` gives them.
        years : array, shape (year,)
            Decimal years.
        as_of : float
            Decimal year; later rows are not looked at.
        seed : int
            The run's seed.
        draws : int
            Number of draws.

        Returns
        -------
        xarray.DataArray
            A trajectory: log10 size, dims ``(draw, year)``.
        """


def regression_draws(
    design: np.ndarray, outcome: np.ndarray, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw from the posterior of a linear regression under the flat prior.

    Parameters
    ----------
    design : array, shape (row, column)
        Regressors.
    outcome : array, shape (row,)
        What they are to explain.
    rng : numpy.random.Generator
        Source of randomness.
    draws : int
        Number of draws.

    Returns
    -------
    tuple of numpy.ndarray
        Coefficients, shape (draw, column), and the residual standard deviation, shape (draw,).

    Examples
    --------
    >>> x = np.linspace(0, 1, 50)
    >>> b, sd = regression_draws(np.column_stack([x**0, x]), 2 + 3 * x, np.random.default_rng(1), 10)
    >>> bool(np.allclose(b, [2, 3])), bool(sd.max() < 1e-9)
    (True, True)
    """
    rows, columns = design.shape
    best, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    residual = outcome - design @ best
    sd = np.sqrt(np.sum(residual**2) / rng.chisquare(rows - columns, size=draws))
    root = np.linalg.cholesky(np.linalg.inv(design.T @ design))
    return best + sd[:, None] * (rng.standard_normal((draws, columns)) @ root.T), sd
