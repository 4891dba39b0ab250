"""Variants: the exhaustion year with one choice of the consumption side made otherwise, from a stored result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.plots import findings
from forecast.plots.exhaustion_years import Row, draw_exhaustion_years, earliest_first, year_rows_table, year_rows_text
from forecast.runs.document_types import VariantBlock
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_OWN = "latent"
"""The variant that changes nothing."""


def variants(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the exhaustion year by variant.

    Parameters
    ----------
    forecast : Forecast
        The forecast, with variants.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, variants by their medians, the forecast itself black; equal-tailed 50, 80 and 95% intervals.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> variants = fc.plots.FIGURES["variants"]
    >>> axes = variants.draw(f) if variants.shown(f) else None  # they are stored for the baseline
    """
    own = next((row["title"] for row in _stored(forecast) if row["name"] == _OWN), "")
    return draw_exhaustion_years(
        forecast,
        _rows(forecast),
        ax,
        own=own,
        title=findings.years_between(
            forecast.document, _rows(forecast), "with one choice made otherwise", "When, with one choice made otherwise"
        ),
        wrap=34,
    )


def variants_shown(forecast: Forecast) -> bool:
    """Return whether the forecast has variants."""
    return bool(_stored(forecast))


def _stored(forecast: Forecast) -> list[VariantBlock]:
    return list(forecast.document["consumption"].get("variants", []))


def _rows(forecast: Forecast) -> list[Row]:
    return earliest_first([(row["title"], row["exhaustion_year"]) for row in _stored(forecast)])


def variants_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    return year_rows_text(_rows(forecast), "variant")


def variants_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    return year_rows_table(_rows(forecast), "variant")
