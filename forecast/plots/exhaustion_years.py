"""Exhaustion years below one another: definitions, scenarios, whatever is asked of the same question."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.units import decimal_year
from forecast.plots.style import BLACK, BLUE, QUIET, TODAY, is_narrow, new_axes, style, titled
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_HORIZON, percent, year_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Row = tuple[str, Mapping[str, Any]]
"""A title and an exhaustion year as the document has it."""

_BARS = (("0.95", 1.2), ("0.8", 3.2), ("0.5", 6.0))
_END = float(HEADLINE_HORIZON + 1)


def draw_exhaustion_years(
    forecast: Forecast, rows: Sequence[Row], ax: Axes | None, *, own: str, title: str, wrap: int = 27
) -> Axes:
    """Draw exhaustion years below one another.

    Parameters
    ----------
    forecast : Forecast
        Whose horizon and date of the data are shown.
    rows : sequence of tuple
        Titles and exhaustion years, from the top down.
    ax : matplotlib.axes.Axes or None
        Where; a new figure for None.
    own : str
        The title of the row that the report is about.
    title : str
        Of the figure.
    wrap : int, default 27
        Letters a line of the titles.

    Returns
    -------
    matplotlib.axes.Axes
        Years across; equal-tailed 50, 80 and 95% intervals, an arrow where one goes on beyond 2050, and the share of
        futures that never get there.
    """
    with style():
        ax = new_axes(ax, height=1.3 + (0.6 if is_narrow() else 0.46) * len(rows))
        first = min(within(year["quantiles"]["0.025"]) for _, year in rows)
        for place, (name, year) in enumerate(rows):
            colour = BLACK if name == own else BLUE
            for interval, width in _BARS:
                low, high = (within(value) for value in year["intervals"][interval])
                ax.hlines(place, low, high, color=colour, linewidth=width, alpha=0.35 if width < 5 else 0.75)
            if within(year["intervals"]["0.95"][1]) >= _END:
                ax.plot(_END, place, ">", color=colour, markersize=6, clip_on=False)
            ax.plot(within(year["median"]), place, "o", color="white", markeredgecolor=colour, markersize=6)
            ax.annotate(
                year_words(year["median"]),
                (within(year["median"]), place),
                xytext=(0, -12 if is_narrow() else 6),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
                color=colour,
                weight="bold" if colour == BLACK else "normal",
            )
            _beside(ax, place, percent(year["probability_after_horizon"]))
        _beside(ax, -0.75, f"not by {forecast.document['horizon']}", QUIET)
        as_of = decimal_year(forecast.document["as_of"])
        ax.axvline(as_of, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)), zorder=0)
        ax.annotate(
            TODAY,
            (as_of, -0.75),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=QUIET,
        )
        ax.set_ylim(len(rows) - 0.5, -1.0)
        ax.set_xlim(first - 1.0, _END)
        _names(ax, rows, wrap)
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        ax.set_xlabel("year; bars hold 50, 80 and 95%")
        titled(ax, title)
    return ax


def _names(ax: Axes, rows: Sequence[Row], wrap: int) -> None:
    """Write the rows' titles at their left; on a phone, where they would take half of the width, above them."""
    if is_narrow():
        ax.set_yticks([])
        for place, (name, _) in enumerate(rows):
            ax.annotate(
                textwrap.shorten(name, 44, placeholder=" …"),
                (0.0, place - 0.42),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8.25,
                parse_math=False,
            )
        return
    ax.set_yticks(range(len(rows)), ["\n".join(textwrap.wrap(name, wrap)) for name, _ in rows])
    for label in ax.get_yticklabels():
        label.set_parse_math(False)  # a dollar sign in a title is a dollar sign


def _beside(ax: Axes, place: float, words: str, colour: str = BLACK) -> None:
    """Write something to the right of a row."""
    ax.annotate(
        words,
        (1.0, place),
        xycoords=("axes fraction", "data"),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        color=colour,
        annotation_clip=False,
    )


def within(value: float | None) -> float:
    """Return a year as it is drawn: at the right edge where it lies beyond it."""
    return _END if value is None else min(value, _END)


def earliest_first(rows: Sequence[Row]) -> list[Row]:
    """Return rows in order of their medians, "never" last."""
    return sorted(rows, key=lambda row: np.inf if row[1]["median"] is None else row[1]["median"])


def listed(rows: Sequence[Row]) -> str:
    """Return rows in words: title, median and 80% interval."""

    def words(title: str, year: Mapping[str, Any]) -> str:
        low, high = (year_words(end) for end in year["intervals"]["0.8"])
        return f"{title} {year_words(year['median'])} ({low} to {high})"

    return "; ".join(words(*row) for row in rows)


def year_rows_text(rows: Sequence[Row], column: str) -> str:
    """Return such a figure in words."""
    found = listed(rows)
    return f"Interval chart of the exhaustion year by {column}, median and 80% interval, earliest first: {found}."


def year_rows_table(rows: Sequence[Row], column: str) -> pd.DataFrame:
    """Return the data behind such a figure."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                column: title,
                **{f"year_q{float(p) * 100:04.1f}": value for p, value in year["quantiles"].items()},
                "share_already": year["probability_already"],
                "share_never": year["probability_after_horizon"],
            }
            for title, year in rows
        ]
    )
