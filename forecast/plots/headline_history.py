"""How the headline has moved: the odds and the central year at each release, change and frozen round."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.wording import percent_words, year_phrase, year_words
from forecast.ingest.catalog import load_table
from forecast.plots.style import BLACK, BLUE, QUIET, is_narrow, new_axes, style, titled
from forecast.runs.document import of_the_shipped_tables
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_BY = "probability_by_2030_share"


def headline_history(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw how the headline has moved.

    Parameters
    ----------
    forecast : Forecast
        The forecast; its own headline is the last row of the history where nothing has moved since.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, one row for each release, change and frozen round, the newest at the bottom: the central year in
        the range of eight in ten futures (cut at the axes' end), and the odds by 2030 beside it.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.headline_history(f)
    """
    del forecast
    with style():
        rows = headline_history_rows()
        ax = new_axes(ax, height=0.42 * len(rows) + 1.2)
        places = np.arange(len(rows))
        end = 2048.0 if is_narrow() else 2044.0
        for place, row in zip(places, rows, strict=True):
            settled = row["kind"] != "change"
            colour = BLACK if settled else BLUE
            ax.plot([row["low_year"], row["high_year"]], [place] * 2, color=colour, linewidth=3, alpha=0.35)
            ax.plot([row["median_year"]], [place], marker="D" if settled else "o", color=colour, markersize=5.5)
            odds = percent_words(row[_BY])
            ax.annotate(odds, (end, place), va="center", ha="right", weight="bold" if settled else "normal")
        width = 17 if is_narrow() else 34
        labels = [
            f"{row['version']} ({row['made']:%d %B %Y})"
            if row["kind"] == "release"
            else f"round {row['step']}"
            if row["kind"] == "round"
            else row["step"]
            for row in rows
        ]
        ax.set_yticks(places, ["\n".join(textwrap.wrap(label, width)) for label in labels], fontsize=8.5)
        ax.set_ylim(len(rows) - 0.4, -0.9)
        ax.set_xlim(2024.5, end)
        ax.set_xticks(range(2025, 2042, 5))
        ax.grid(visible=True, axis="x")
        ax.grid(visible=False, axis="y")
        ax.annotate(f"by {HEADLINE_YEAR}", (end, -0.62), va="center", ha="right", color=QUIET, fontsize=8.5)
        ax.set_xlabel(f"central year; bars hold{chr(10) if is_narrow() else chr(32)}eight in ten futures")
        titled(ax, _finding(rows))
    return ax


def headline_history_rows() -> list[dict[str, Any]]:
    """Return the shipped history, in order."""
    table = load_table("headline_history")
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _finding(rows: list[dict[str, Any]]) -> str:
    first, last = rows[0], rows[-1]
    least, most = (percent_words(end(row[_BY] for row in rows)) for end in (min, max))
    return (
        f"Since version {first['version']} the odds by {HEADLINE_YEAR} have moved between {least} and {most}; "
        f"now {percent_words(last[_BY])}"
    )


def headline_history_text(forecast: Forecast) -> str:
    """Return the figure in words."""
    del forecast
    said = [
        f"{row['step']}: {percent_words(row[_BY])}, central year {year_phrase(row['median_year'])} "
        f"({year_words(row['low_year'])} to {year_words(row['high_year'])})"
        for row in headline_history_rows()
    ]
    return f"{_finding(headline_history_rows())}. {'; '.join(said)}."


def headline_history_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    del forecast
    rows = load_table("headline_history")
    return rows.assign(made=rows["made"].dt.strftime("%Y-%m-%d"))


def headline_history_shown(forecast: Forecast) -> bool:
    """Return whether a forecast is of what the history tells: the baseline of public text from the shipped tables."""
    return of_the_shipped_tables(forecast.document)
