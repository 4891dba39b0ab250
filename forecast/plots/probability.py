"""Probability by year: how likely it is that the stock has been reached by the end of each year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from forecast.core.units import decimal_year
from forecast.core.wording import year_phrase, year_words
from forecast.plots import findings
from forecast.plots.member_panels import short_title
from forecast.plots.style import BLACK, BLUE, QUIET, is_narrow, new_axes, style, titled, today
from forecast.replicate.targets import Target, load_targets
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_HORIZON, HEADLINE_YEAR, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LEFT, _TOP = 0.24, 0.56
"""Where the words of the curve begin (shares of the axes): right of the bend, below it."""

_WIDTH = 5.4
"""Width of the figure (inches): on page one it stands beside the sentence, at half the page."""

_PUBLISHED_FOR = "public_text"
"""The resource that the published answer is about."""

_PUBLISHED_AT = 0.07
"""Height at which the published answer lies (share of the axes): below the curve, where there is room."""


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
        Time across (decimal years: the end of 2030 is 2031.0), probability up; a line for the mixture from the date of
        the data on, a band from the least to the most that a growth model says, today, the central year, and for public
        text the answer that Epoch AI published in 2024.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.probability_by_year(f)
    """
    document = forecast.document
    with style():
        ax = new_axes(ax, width=_WIDTH)
        members = {
            member["title"]: _path(document, member["exhaustion_year"])[1]
            for member in document["consumption"]["members"]
            if member["weight"] > 0
        }
        times, shares = _path(document, document["exhaustion_year"])
        if len(members) > 1:
            low, high = np.min(list(members.values()), axis=0), np.max(list(members.values()), axis=0)
            ax.fill_between(times, low, high, color=QUIET, alpha=0.22, linewidth=0)
        ax.plot(times, shares, color=BLACK, linewidth=2.4)
        ax.set_ylim(0, 1.02)
        start, end = int(times[0]), times[-1]
        ax.set_xlim(start, end)
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
        ax.set_ylabel("odds by then, all growth models")
        ax.set_xticks([start, *(year for year in _ticks() if year >= start + 3)])
        today(ax, times[0])
        top = _TOP if shares[-1] > _TOP else 0.86  # words stand below a high curve, and above a low one
        _headline(ax, document, top)
        _central_year(ax, document, top - 0.14)
        _named(ax, members, times, top - 0.315)
        if document["resource"] == _PUBLISHED_FOR:
            _published(ax, load_targets("epoch2024")["exhaustion.mixture"])
        titled(ax, findings.probability(document))
    return ax


def _ticks() -> list[int]:
    return list(range(2030, HEADLINE_HORIZON + 1, 10 if is_narrow() else 5))


def _series(probability_by: Mapping[str, float]) -> tuple[list[int], list[float]]:
    years = [int(year) for year in probability_by if int(year) <= HEADLINE_HORIZON]
    return years, [probability_by[str(year)] for year in years]


def _path(document: Document, year: Mapping[str, object]) -> tuple[list[float], list[float]]:
    """Return times (decimal years) and the probability by then: at the date of the data, and at the end of each year."""
    years, shares = _series(year["probability_by"])  # type: ignore[arg-type]
    return [decimal_year(document["as_of"]), *(y + 1.0 for y in years)], [float(year["probability_already"]), *shares]  # type: ignore[arg-type]


def _headline(ax: Axes, document: Document, height: float) -> None:
    at = document["exhaustion_year"]["probability_by"][str(HEADLINE_YEAR)]
    ax.plot([HEADLINE_YEAR + 1], [at], marker="o", color=BLACK, markersize=6)
    ax.annotate(
        f"{findings.told(document)} by the end of {HEADLINE_YEAR}",
        (HEADLINE_YEAR + 1, at),
        xytext=(_LEFT, height),
        textcoords="axes fraction",
        weight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        arrowprops={"arrowstyle": "-", "color": BLACK, "linewidth": 0.8, "shrinkB": 4},
    )


def _central_year(ax: Axes, document: Document, height: float) -> None:
    """Mark the year by which the odds are even, where it lies in the axes' future."""
    median = document["exhaustion_year"]["median"]
    left, right = ax.get_xlim()
    if document["sentence"] is None or median is None or not left < median < right:
        return
    ax.plot([median, median], [0, 0.5], color=BLACK, linewidth=0.9, zorder=1)
    ax.annotate(
        f"even odds: {year_phrase(median)}",
        (median, 0.5),
        xytext=(_LEFT, height),
        textcoords="axes fraction",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        arrowprops={"arrowstyle": "-", "color": BLACK, "linewidth": 0.8},
    )


def _named(ax: Axes, members: Mapping[str, list[float]], times: list[float], height: float) -> None:
    """Name the growth models at the edges of the band, as they stand at the headline year."""
    if len(members) < 2:
        return
    place = times.index(HEADLINE_YEAR + 1.0)
    ranked = sorted(members, key=lambda title: members[title][place])
    words = f"band: from {short_title(ranked[0])}{chr(10)}to {short_title(ranked[-1])}"
    ax.annotate(words, (_LEFT, height), xycoords="axes fraction", color=QUIET, fontsize=8.5, parse_math=False)


def _published(ax: Axes, target: Target) -> None:
    """Draw a published answer as its median in its interval."""
    left, right = ax.get_xlim()
    low, high = max(target.low or left, left), min(target.high or right, right)
    across = ax.get_xaxis_transform()
    ax.plot([low, high], [_PUBLISHED_AT] * 2, BLUE, linewidth=3.2, solid_capstyle="butt", alpha=0.55, transform=across)
    ax.plot([target.median], [_PUBLISHED_AT], BLUE, marker="D", markersize=5, transform=across)
    span = f"{year_words(target.median)} ({year_words(target.low)} to {year_words(target.high)})"
    ax.annotate(
        f"Epoch AI, 2024:{chr(10) if is_narrow() else ' '}{span}",
        (high, _PUBLISHED_AT),
        xycoords=("data", "axes fraction"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        color=BLUE,
        fontsize=8.5,
    )


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
        f"Median {year_words(year['median'])}, 80% interval {low} to {high}. "
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
