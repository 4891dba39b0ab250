"""One function a figure: it takes data and ``ax=None`` and returns the axes.

Examples
--------
>>> from forecast import plots
>>> list(plots.FIGURES)
['consumption_against_stock', 'probability_by_year']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast.nouns import Forecast
from forecast.plots.frontier import (
    consumption_against_stock,
    consumption_against_stock_table,
    consumption_against_stock_text,
)
from forecast.plots.probability import probability_by_year, probability_by_year_table, probability_by_year_text

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
    """

    title: str
    draw: Callable[..., Axes]
    text: Callable[[Forecast], str]
    table: Callable[[Forecast], pd.DataFrame]


FIGURES: Mapping[str, Figure] = {
    "consumption_against_stock": Figure(
        "Consumption against stock",
        consumption_against_stock,
        consumption_against_stock_text,
        consumption_against_stock_table,
    ),
    "probability_by_year": Figure(
        "Probability by year", probability_by_year, probability_by_year_text, probability_by_year_table
    ),
}
"""The figures of the report, in its order: a new one is one file and one entry here."""

__all__ = ["FIGURES", "Figure", "consumption_against_stock", "probability_by_year"]
