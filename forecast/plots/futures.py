"""A hundred futures, one dot each: a probability that can be counted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from forecast.core.wording import percent_words
from forecast.plots import findings
from forecast.plots.style import BLUE, ORANGE, QUIET, VERMILION, is_narrow, new_axes, style, titled
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_YEAR

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

DOTS = 100
"""Futures that are drawn."""

_COLUMNS = 20


def futures(forecast: Forecast, ax: Axes | None = None, *, columns: int = 0) -> Axes:
    """Draw a hundred futures by when the stock is reached.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.
    columns : int, optional
        Dots a row; 20, on a phone 10.

    Returns
    -------
    matplotlib.axes.Axes
        Dots row by row: reached already, by the end of the headline year, later, never within the horizon.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.futures(f)
    """
    columns = columns or (10 if is_narrow() else _COLUMNS)
    with style():
        ax = new_axes(ax, height=5.8 if is_narrow() else 3.2)
        place = 0
        for (name, count), (colour, marker, filled) in zip(dots(forecast.document), _LOOKS, strict=True):
            spots = range(place, place + count)
            ax.plot(
                [spot % columns for spot in spots],
                [-(spot // columns) for spot in spots],
                marker,
                color=colour,
                markerfacecolor=colour if filled else "white",
                markeredgewidth=1.4,
                markersize=7.5 if marker == "D" else 9,  # of equal area
                label=f"{count} {name}",
            )
            place += count
        rows = math.ceil(DOTS / columns)
        ax.set(xlim=(-0.6, columns - 0.4), ylim=(0.4 - rows, 0.6), xticks=[], yticks=[], aspect="equal")
        ax.spines[:].set_visible(False)
        ax.grid(visible=False)
        ax.legend(
            loc="upper left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=1 if is_narrow() else 4,
            frameon=False,
            handletextpad=0.1,
            columnspacing=1.0,
            fontsize=8.5,
        )
        titled(ax, _finding(forecast.document))
    return ax


_LOOKS = ((VERMILION, "o", True), (ORANGE, "D", True), (BLUE, "s", True), (QUIET, "o", False))
"""Colour, marker and whether it is filled, in the order of `dots`."""


def dots(document: Document) -> list[tuple[str, int]]:
    """Return when the stock is reached, in words, and of how many futures in a hundred: as the headline prints them."""
    year, error = document["exhaustion_year"], document.get("monte_carlo_error")
    already = _printed(year["probability_already"], error and error["probability_already"])
    never = _printed(year["probability_after_horizon"], error and error["probability_after_horizon"])
    by = str(HEADLINE_YEAR)
    reached = _printed(year["probability_by"][by], error and error["probability_by"][by])
    reached = min(max(reached, already), DOTS - never)
    already = min(already, reached)
    return [
        ("already", already),
        (f"by the end of {by}", reached - already),
        (f"later, by {document['horizon']}", DOTS - never - reached),
        (f"not by {document['horizon']}", never),
    ]


def _printed(share: float, error: float | None) -> int:
    """Return a probability in points as it is printed, so that dots and words agree."""
    words = percent_words(share, error)
    return 0 if words.startswith("less") else DOTS if words.startswith("more") else int(words.strip("about %"))


def _finding(document: Document) -> str:
    reached = sum(count for _, count in dots(document)[:2])
    about = "about " if findings.told(document).startswith("about") else ""
    finding = f"Of {DOTS} futures, {about}{reached} need all {findings.usable(document)} by the end of {HEADLINE_YEAR}"
    return findings.of_run(document, finding, f"When the stock is reached, in {DOTS} futures")


def futures_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    told = [f"{count} {name}" for name, count in dots(forecast.document)]
    return f"{DOTS} dots, one for each hundredth of all futures, by when the stock is reached: {', '.join(told)}."


def futures_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    return pd.DataFrame(dots(forecast.document), columns=["reached", "futures_of_100"])


__all__ = ["dots", "futures", "futures_table", "futures_text"]
