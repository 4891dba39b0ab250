"""Definitions: the exhaustion year by what is meant by exhaustion, all from the same futures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.plots import findings
from forecast.plots.exhaustion_years import Row, draw_exhaustion_years, earliest_first, year_rows_table, year_rows_text
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MAIN_TITLE = "this forecast: the largest feasible run needs all usable text"
"""How the definition of the headline is called beside the others."""


def definitions(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the exhaustion year of every definition.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, definitions by their medians; equal-tailed 50, 80 and 95% intervals, an arrow where one goes on
        beyond 2050, and the share of futures that never get there.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.definitions(f)
    """
    title = findings.years_between(
        forecast.document, _rows(forecast), "by what counts as running out", "When, by what is meant by exhaustion"
    )
    return draw_exhaustion_years(forecast, _rows(forecast), ax, own=MAIN_TITLE, title=title)


def _rows(forecast: Forecast) -> list[Row]:
    """Return titles and exhaustion years, the earliest median first."""
    document = forecast.document
    others = [(other["title"], other["exhaustion_year"]) for other in document["definitions"]]
    return earliest_first([(MAIN_TITLE, document["exhaustion_year"]), *others])


def definitions_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    return year_rows_text(_rows(forecast), "definition")


def definitions_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    return year_rows_table(_rows(forecast), "definition")
