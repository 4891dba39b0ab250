"""Definitions: the exhaustion year by what is meant by exhaustion, all from the same futures."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from forecast.document import percent, year_words
from forecast.nouns import HEADLINE_HORIZON, Forecast
from forecast.plots.style import BLACK, BLUE, QUIET, new_axes, style
from forecast.units import decimal_year

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MAIN_TITLE = "main: frontier reaches the effective stock"
"""How the definition of the headline is called beside the others."""

_BARS = (("0.95", 1.2), ("0.8", 3.2), ("0.5", 6.0))


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
        Years across, definitions by their medians; equal-tailed 50, 80 and 95 % intervals, an arrow where one goes on
        beyond 2050, and the share of futures that never get there.
    """
    with style():
        rows = _rows(forecast)
        ax = new_axes(ax, height=1.3 + 0.46 * len(rows))
        end = float(HEADLINE_HORIZON + 1)
        first = min(_year(year["quantiles"]["0.025"], end) for _, year in rows)
        for place, (title, year) in enumerate(rows):
            colour = BLACK if title == MAIN_TITLE else BLUE
            for interval, width in _BARS:
                low, high = (_year(value, end) for value in year["intervals"][interval])
                ax.hlines(place, low, high, color=colour, linewidth=width, alpha=0.35 if width < 5 else 0.75)
            if _year(year["intervals"]["0.95"][1], end) >= end:
                ax.plot(end, place, ">", color=colour, markersize=6, clip_on=False)
            ax.plot(_year(year["median"], end), place, "o", color="white", markeredgecolor=colour, markersize=6)
            ax.annotate(
                year_words(year["median"]),
                (_year(year["median"], end), place),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
                color=colour,
                weight="bold" if colour == BLACK else "normal",
            )
            ax.annotate(
                percent(year["probability_after_horizon"]),
                (1.0, place),
                xycoords=("axes fraction", "data"),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                annotation_clip=False,
            )
        ax.annotate(
            f"not by {forecast.document['horizon']}",
            (1.0, -0.75),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=QUIET,
            annotation_clip=False,
        )
        as_of = decimal_year(forecast.document["as_of"])
        ax.axvline(as_of, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)), zorder=0)
        ax.annotate(
            "data end",
            (as_of, -0.75),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=QUIET,
        )
        ax.set_ylim(len(rows) - 0.5, -1.0)
        ax.set_xlim(first - 1.0, end)
        ax.set_yticks(range(len(rows)), ["\n".join(textwrap.wrap(title, 27)) for title, _ in rows])
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        ax.set_xlabel("year; bars hold 50, 80 and 95 %")
        ax.set_title("When, by what is meant by exhaustion", pad=10)
    return ax


def _year(value: float | None, end: float) -> float:
    return end if value is None else min(value, end)


def _rows(forecast: Forecast) -> list[tuple[str, Any]]:
    """Return titles and exhaustion years, the earliest median first."""
    document = forecast.document
    rows = [(MAIN_TITLE, document["exhaustion_year"])]
    rows += [(other["title"], other["exhaustion_year"]) for other in document["definitions"]]
    return sorted(rows, key=lambda row: _year(row[1]["median"], float("inf")))


def definitions_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document.

    Parameters
    ----------
    forecast : Forecast
        The forecast.

    Returns
    -------
    str
        Alternative text.
    """

    def words(title: str, year: Any) -> str:
        low, high = (year_words(end) for end in year["intervals"]["0.8"])
        return f"{title} {year_words(year['median'])} ({low} to {high})"

    listed = "; ".join(words(title, year) for title, year in _rows(forecast))
    return f"Interval chart of the exhaustion year by definition, median and 80 % interval, earliest first: {listed}."


def definitions_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure.

    Parameters
    ----------
    forecast : Forecast
        The forecast.

    Returns
    -------
    pandas.DataFrame
        One row a definition: quantiles of the exhaustion year (decimal years, missing beyond the horizon), the
        probability that it has come already, and of never.
    """
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "definition": title,
                **{f"year_q{float(p) * 100:04.1f}": value for p, value in year["quantiles"].items()},
                "share_already": year["probability_already"],
                "share_never": year["probability_after_horizon"],
            }
            for title, year in _rows(forecast)
        ]
    )
