"""One function a figure: it takes data and ``ax=None`` and returns the axes.

Examples
--------
>>> from forecast import plots
>>> list(plots.FIGURES)[:2]
['consumption_against_stock', 'probability_by_year']
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast.core.registry import Registry, derived
from forecast.plots.access_path import access_path, access_path_shown, access_path_table, access_path_text
from forecast.plots.definitions import definitions, definitions_table, definitions_text
from forecast.plots.frontier import (
    consumption_against_stock,
    consumption_against_stock_table,
    consumption_against_stock_text,
)
from forecast.plots.futures import futures, futures_table, futures_text
from forecast.plots.growth import growth_rate, growth_rate_table, growth_rate_text
from forecast.plots.headline_history import (
    headline_history,
    headline_history_shown,
    headline_history_table,
    headline_history_text,
)
from forecast.plots.members import members_side_by_side, members_side_by_side_table, members_side_by_side_text
from forecast.plots.posterior_predictive import (
    posterior_predictive,
    posterior_predictive_table,
    posterior_predictive_text,
)
from forecast.plots.prior_predictive import (
    prior_predictive,
    prior_predictives,
    prior_predictives_table,
    prior_predictives_text,
    priors_and_posteriors,
    tail_parameters,
    tail_parameters_table,
    tail_parameters_text,
)
from forecast.plots.probability import probability_by_year, probability_by_year_table, probability_by_year_text
from forecast.plots.scenarios import scenarios, scenarios_shown, scenarios_table, scenarios_text
from forecast.plots.stock_estimators import stock_estimators, stock_estimators_table, stock_estimators_text
from forecast.plots.variants import variants, variants_shown, variants_table, variants_text
from forecast.plots.waterfall import waterfall, waterfall_table, waterfall_text
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Parameters
    ----------
    title : str
        Heading above it.
    draw : callable
        From forecast and axes to axes.
    text : callable
        The figure in words, its numbers from the document.
    table : callable
        The data behind it.
    shown : callable
        Whether a forecast has what it shows; always, by default.
    narrow : bool
        Whether it also draws for the width of a phone (`forecast.plots.style.narrow`).

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> figure = fc.plots.Figure("Now", lambda f, ax=None: f.plot(ax), lambda f: "Words.", lambda f: f.summary())
    >>> figure.text(f)
    'Words.'
    """

    title: str
    draw: Callable[..., Axes]
    text: Callable[[Forecast], str]
    table: Callable[[Forecast], pd.DataFrame]
    shown: Callable[[Forecast], bool] = lambda _: True
    narrow: bool = False


FIGURES = Registry[Figure](
    "figure",
    {
        "consumption_against_stock": Figure(
            "Consumption against stock",
            consumption_against_stock,
            consumption_against_stock_text,
            consumption_against_stock_table,
            narrow=True,
        ),
        "probability_by_year": Figure(
            "Probability by year", probability_by_year, probability_by_year_text, probability_by_year_table, narrow=True
        ),
        "futures": Figure("Of 100 futures", futures, futures_text, futures_table, narrow=True),
        "definitions": Figure(
            "The exhaustion year by definition", definitions, definitions_text, definitions_table, narrow=True
        ),
        "growth_rate": Figure("Growth through time", growth_rate, growth_rate_text, growth_rate_table),
        "members_side_by_side": Figure(
            "Members side by side", members_side_by_side, members_side_by_side_text, members_side_by_side_table
        ),
        "variants": Figure(
            "What if we change one choice?", variants, variants_text, variants_table, variants_shown, narrow=True
        ),
        "stock_estimators": Figure(
            "How much public text is there", stock_estimators, stock_estimators_text, stock_estimators_table
        ),
        "access_path": Figure(
            "What is closed to training", access_path, access_path_text, access_path_table, access_path_shown
        ),
        "waterfall": Figure("From the raw to the effective stock", waterfall, waterfall_text, waterfall_table),
        "scenarios": Figure(
            "Scenarios side by side", scenarios, scenarios_text, scenarios_table, scenarios_shown, narrow=True
        ),
        "headline_history": Figure(
            "How the headline has moved",
            headline_history,
            headline_history_text,
            headline_history_table,
            headline_history_shown,
            narrow=True,
        ),
        "tail_parameters": Figure(
            "What the data say about the long run", tail_parameters, tail_parameters_text, tail_parameters_table
        ),
        "prior_predictive": Figure(
            "What the priors allow", prior_predictives, prior_predictives_text, prior_predictives_table
        ),
        "posterior_predictive": Figure(
            "What each growth model would have predicted",
            posterior_predictive,
            posterior_predictive_text,
            posterior_predictive_table,
        ),
    },
    group="figures",
    check=derived(Figure, made=True),
)
"""The figures of the report, in its order: a new one is one file and one entry here."""

__all__ = [
    "FIGURES",
    "Figure",
    "access_path",
    "consumption_against_stock",
    "definitions",
    "futures",
    "growth_rate",
    "headline_history",
    "members_side_by_side",
    "posterior_predictive",
    "prior_predictive",
    "prior_predictives",
    "priors_and_posteriors",
    "probability_by_year",
    "scenarios",
    "stock_estimators",
    "tail_parameters",
    "variants",
    "waterfall",
]
