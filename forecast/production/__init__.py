"""What people have made: stock estimators and the paths that they imply.

Examples
--------
>>> import numpy as np
>>> from forecast import production
>>> stock = production.fit("indexed_web", draws=1000).project(np.array([2024.0, 2030.0]))
>>> stock.dims
('draw', 'year')
"""

from __future__ import annotations

from collections.abc import Mapping

from forecast.errors import unknown_name
from forecast.production.estimator import Estimator, StockFit, draw_estimator
from forecast.production.given import Given
from forecast.production.indexed_web import IndexedWeb
from forecast.seeds import DEFAULT_SEED

ESTIMATORS: Mapping[str, type[Estimator]] = {estimator.name: estimator for estimator in (IndexedWeb,)}
"""The stock estimators by name: a new one is one file and one line here."""


def fit(name: str, *, seed: int = DEFAULT_SEED, draws: int = 4000) -> StockFit:
    """Return a stock estimator with its inputs drawn.

    Parameters
    ----------
    name : str
        A name of `ESTIMATORS`.
    seed : int, optional
        The run's seed.
    draws : int, default 4000
        Number of draws.

    Returns
    -------
    StockFit
        Its ``project(years)`` gives a trajectory.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    if name not in ESTIMATORS:
        raise unknown_name("stock estimator", name, ESTIMATORS)
    return draw_estimator(ESTIMATORS[name](), seed=seed, size=draws)


__all__ = ["ESTIMATORS", "Estimator", "Given", "StockFit", "draw_estimator", "fit"]
