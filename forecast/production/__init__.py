"""What people have made: stock estimators, the paths that they imply, and the machine-written share of new text.

Examples
--------
>>> import numpy as np
>>> from forecast import production
>>> stock = production.fit("synthesis", draws=1000).project(np.array([2024.0, 2030.0]))
>>> stock.dims
('draw', 'year')
"""

from __future__ import annotations

from collections.abc import Mapping

from forecast.errors import unknown_name
from forecast.production.audio import Audio
from forecast.production.code import Code
from forecast.production.common_crawl import CommonCrawl
from forecast.production.epoch2022 import Epoch2022HighQuality, Epoch2022Images, Epoch2022Language
from forecast.production.estimator import Estimator, StockFit, draw_estimator
from forecast.production.given import Given
from forecast.production.high_quality_text import HighQualityText
from forecast.production.images import Images
from forecast.production.indexed_web import IndexedWeb
from forecast.production.people import People
from forecast.production.published import Published
from forecast.production.released_corpora import ReleasedCorpora
from forecast.production.synthesis import Synthesis
from forecast.production.video import Video
from forecast.seeds import DEFAULT_SEED

ESTIMATORS: Mapping[str, type[Estimator]] = {
    estimator.name: estimator
    for estimator in (
        Synthesis,
        IndexedWeb,
        People,
        Published,
        CommonCrawl,
        ReleasedCorpora,
        HighQualityText,
        Images,
        Video,
        Audio,
        Code,
        Epoch2022Language,
        Epoch2022HighQuality,
        Epoch2022Images,
    )
}
"""The stock estimators by name, the first of a resource its default: a new one is one file and one line here."""


def default_estimator(resource_name: str) -> str:
    """Return the estimator of a resource where a scenario names none.

    Parameters
    ----------
    resource_name : str
        A name of `forecast.nouns.RESOURCES`.

    Returns
    -------
    str
        A name of `ESTIMATORS`.

    Raises
    ------
    UnknownNameError
        If no estimator is of that resource.

    Examples
    --------
    >>> default_estimator("public_text"), default_estimator("audio")
    ('synthesis', 'audio')
    """
    for name, estimator in ESTIMATORS.items():
        if estimator.resource_name == resource_name:
            return name
    raise unknown_name("resource", resource_name, {estimator.resource_name for estimator in ESTIMATORS.values()})


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


__all__ = ["ESTIMATORS", "Estimator", "Given", "StockFit", "Synthesis", "default_estimator", "draw_estimator", "fit"]
