"""Scenarios side by side: the exhaustion year in every scenario that ships with the package, from a stored result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.evaluate.scenarios import stored_scenarios
from forecast.plots import findings
from forecast.plots.exhaustion_years import Row, draw_exhaustion_years, earliest_first, year_rows_table, year_rows_text
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def scenarios(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the exhaustion year in every shipped scenario.

    Parameters
    ----------
    forecast : Forecast
        The forecast beside them; its own scenario is black.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, scenarios by their medians; equal-tailed 50, 80 and 95% intervals.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.scenarios(f)
    """
    return draw_exhaustion_years(
        forecast,
        _rows(forecast),
        ax,
        own=_own(forecast),
        title=findings.years_between(
            forecast.document, _rows(forecast), "scenario by scenario", "When, scenario by scenario"
        ),
        wrap=30,
    )


def scenarios_shown(forecast: Forecast) -> bool:
    """Return whether the scenarios are stored for this forecast's resource and date."""
    return stored_scenarios(forecast.document) is not None


def _rows(forecast: Forecast) -> list[Row]:
    found = stored_scenarios(forecast.document)
    rows = [] if found is None else found.content["scenarios"]
    return earliest_first([(row["title"], row["exhaustion_year"]) for row in rows])


def _own(forecast: Forecast) -> str:
    """Return the title of the scenario that the report is about; empty where it is not among them."""
    found = stored_scenarios(forecast.document)
    rows = [] if found is None else found.content["scenarios"]
    return next((row["title"] for row in rows if row["name"] == forecast.document["scenario"]), "")


def scenarios_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the stored result."""
    return year_rows_text(_rows(forecast), "scenario")


def scenarios_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    return year_rows_table(_rows(forecast), "scenario")
