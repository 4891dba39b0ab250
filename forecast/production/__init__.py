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

from forecast.core.registry import Registry, derived
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import unknown_name
from forecast.production.estimator import Estimator, StockFit, draw_estimator
from forecast.production.estimators.code import Code
from forecast.production.estimators.common_crawl import CommonCrawl
from forecast.production.estimators.crawl_pages import CrawlPages
from forecast.production.estimators.embodied import Embodied
from forecast.production.estimators.epoch2022 import Epoch2022HighQuality, Epoch2022Images, Epoch2022Language
from forecast.production.estimators.given import Given
from forecast.production.estimators.high_quality_text import HighQualityText
from forecast.production.estimators.index_testimony import IndexTestimony
from forecast.production.estimators.indexed_web import IndexedWeb
from forecast.production.estimators.media import Audio, Images, Video
from forecast.production.estimators.people import People
from forecast.production.estimators.published import Published
from forecast.production.estimators.released_corpora import ReleasedCorpora
from forecast.production.synthesis import Synthesis

ESTIMATORS = Registry[type[Estimator]](
    "stock estimator",
    (
        Synthesis,
        IndexedWeb,
        People,
        Published,
        CrawlPages,
        IndexTestimony,
        CommonCrawl,
        ReleasedCorpora,
        HighQualityText,
        Images,
        Video,
        Audio,
        Code,
        Embodied,
        Epoch2022Language,
        Epoch2022HighQuality,
        Epoch2022Images,
    ),
    group="estimators",
    check=derived(Estimator),
)
"""The stock estimators by name, the first of a resource its default: a new one is one file and one line here."""


def default_estimator(resource_name: str) -> str:
    """Return the estimator of a resource where a scenario names none.

    Parameters
    ----------
    resource_name : str
        A name of `forecast.core.resources.RESOURCES`.

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

    Examples
    --------
    >>> import forecast as fc
    >>> fit = fc.production.fit("indexed_web", draws=100)
    >>> fit.project([2024.0]).attrs["unit"]
    'log10(tokens)'
    """
    return draw_estimator(ESTIMATORS[name](), seed=seed, size=draws)


__all__ = ["ESTIMATORS", "Estimator", "Given", "StockFit", "Synthesis", "default_estimator", "draw_estimator", "fit"]
