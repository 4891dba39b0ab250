"""Probability by year: how likely it is that the stock has been reached by the end of each year."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from forecast.core.wording import date_words
from forecast.plots import findings
from forecast.plots.member_panels import ink, member_style, short_title
from forecast.plots.style import BLACK, first_labelled, is_narrow, new_axes, style, titled
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_HORIZON, HEADLINE_YEAR, percent, year_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SAMPLE = 1.6
"""Length of a line's sample beside its name (years)."""


def probability_by_year(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the probability that the resource is exhausted by the end of each year.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, probability up; the mixture heavy, each member's own answer thin.
    """
    with style():
        ax = new_axes(ax)
        members = forecast.document["consumption"]["members"]
        ends = []
        for member, (colour, dashes) in zip(members, map(member_style, itertools.count()), strict=False):
            years, shares = _series(member["exhaustion_year"]["probability_by"])
            ax.plot(years, shares, color=colour, dashes=dashes, linewidth=1.6)
            ends.append((shares[-1], member["title"], colour, dashes))
        years, shares = _series(forecast.document["exhaustion_year"]["probability_by"])
        ax.plot(years, shares, color=BLACK, linewidth=2.4)
        ends.append((shares[-1], "all growth models", BLACK, ()))
        (_key if is_narrow() else _labels)(ax, years[-1], ends)
        at = forecast.document["exhaustion_year"]["probability_by"][str(HEADLINE_YEAR)]
        ax.plot([HEADLINE_YEAR], [at], marker="o", color=BLACK, markersize=6)
        ax.annotate(
            f"{findings.told(forecast.document)} by the end of {HEADLINE_YEAR}",
            (HEADLINE_YEAR, at),
            xytext=(12, -18),
            textcoords="offset points",
            weight="bold",
        )
        ax.set_ylim(0, 1.02)
        ax.set_xlim(years[0], years[-1])
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        ax.set_ylabel("model probability")
        first_labelled(ax, years[0], step=10 if is_narrow() else 5)
        ends_on = date_words(forecast.document["as_of"]).split(maxsplit=1)[1]
        ax.set_xlabel(f"by the end of the year;{chr(10) if is_narrow() else ' '}the data end in {ends_on}")
        titled(ax, findings.probability(forecast.document))
    return ax


def _series(probability_by: Mapping[str, float]) -> tuple[list[int], list[float]]:
    years = [int(year) for year in probability_by if int(year) <= HEADLINE_HORIZON]
    return years, [probability_by[str(year)] for year in years]


def _key(ax: Axes, at: int, ends: list[tuple[float, str, str, tuple[int, ...]]]) -> None:
    """Name the lines inside the axes, in the order of their ends: below the curves there is room."""
    from matplotlib.lines import Line2D

    del at
    handles = [
        Line2D([], [], color=colour, linewidth=1.8, label=short_title(title), linestyle=(0, dashes) if dashes else "-")
        for _, title, colour, dashes in sorted(ends, reverse=True)
    ]
    legend = ax.legend(handles=handles, loc="lower right", frameon=False, fontsize=8.25, handlelength=2.6)
    for words in legend.get_texts():
        words.set_parse_math(False)


def _labels(ax: Axes, at: int, ends: list[tuple[float, str, str, tuple[int, ...]]]) -> None:
    """Write each line's name beside its end, after a sample of the line, apart from one another and below the top."""
    line = 0.045
    above = 1.04 + line
    for height, title, colour, dashes in sorted(ends, reverse=True):
        words = textwrap.wrap(short_title(title), 26)
        tall = line * len(words)
        above = min(height, above - line / 2 - tall / 2)
        ax.annotate(
            "\n".join(words),
            (at, height),
            xytext=(at + _SAMPLE + 0.8, above),
            textcoords="data",
            va="center",
            color=ink(colour),
            fontsize=8.5,
            weight="bold" if colour == BLACK else "normal",
            annotation_clip=False,
            parse_math=False,
        )
        (sample,) = ax.plot([at + 0.4, at + 0.4 + _SAMPLE], [above] * 2, color=colour, linewidth=1.8, clip_on=False)
        if dashes:
            sample.set_dashes(dashes)
        above -= tall / 2 - line / 2


def probability_by_year_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    year = forecast.document["exhaustion_year"]
    by = [
        f"{percent(year['probability_by'][y])} by the end of {y}"
        for y in ("2028", "2030", "2035", "2050")
        if y in year["probability_by"]
    ]
    members = [
        f"{m['title']} {percent(m['exhaustion_year']['probability_by'][str(HEADLINE_YEAR)])}"
        for m in forecast.document["consumption"]["members"]
    ]
    low, high = (year_words(end) for end in year["intervals"]["0.8"])
    return (
        f"Rising curve of the probability that the stock has been reached: {', '.join(by)}. "
        f"Median {year_words(year['median'])}, 80 % interval {low} to {high}. "
        f"By the end of {HEADLINE_YEAR} by growth model: {'; '.join(members)}."
    )


def probability_by_year_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    years, shares = _series(forecast.document["exhaustion_year"]["probability_by"])
    table = {"year": years, "all_members": shares}
    for member in forecast.document["consumption"]["members"]:
        table[member["name"]] = _series(member["exhaustion_year"]["probability_by"])[1]
    return pd.DataFrame(table)
