"""What the figures of the growth members share: fits out of a forecast, panels inside axes, intervals, styles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.core.trajectory import DRAW
from forecast.core.units import decimal_year
from forecast.plots.style import BLACK, GREEN, ORANGE, PURPLE, QUIET, SKY, titled
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.scenarios.record import recorded_member

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEMBER_STYLES: tuple[tuple[str, tuple[int, ...]], ...] = (
    (SKY, (1, 1)),
    (GREEN, (4, 2)),
    (ORANGE, (6, 2, 1, 2)),
    (PURPLE, (2, 2)),
)
"""Colour and dashes of the members, in the order of the document: the same in every figure."""

INTERVALS: tuple[tuple[str, float], ...] = (("0.95", 1.2), ("0.8", 3.2), ("0.5", 6.0))
"""Equal-tailed intervals of an interval plot and the widths of their bars (points)."""


def member_style(place: int) -> tuple[str, tuple[int, ...]]:
    """Return colour and dashes of a member by its place in the document."""
    return MEMBER_STYLES[place % len(MEMBER_STYLES)]


def ink(colour: str) -> str:
    """Return a colour for words: the pale ones are too pale to read."""
    return QUIET if colour in (SKY, ORANGE) else colour


def short_title(title: str) -> str:
    """Return the first part of a member's title.

    Examples
    --------
    >>> short_title("Local trend, slope reverts to a long-run mean")
    'Local trend'
    """
    return title.split(",", maxsplit=1)[0]


def held(forecast: Forecast) -> dict[str, slice]:
    """Return the draws of the mixture that belong to each member that is in it."""
    names = [m["name"] for m in forecast.document["consumption"]["members"] if m["weight"] > 0]
    each = forecast.consumption.sizes[DRAW] // max(len(names), 1)
    return {name: slice(place * each, (place + 1) * each) for place, name in enumerate(names)}


def corpora(document: Document) -> FrontierData:
    """Return the corpora that the members were fitted to, as the document tells them."""
    import pandas as pd

    as_of = decimal_year(document["as_of"])
    rows = pd.DataFrame(document["consumption"]["record"]["rows"])
    rows["year"] = rows["year"].clip(upper=as_of)
    return frontier_data(rows, as_of, resource_name=document["resource"])


def fits(shown: Forecast | Fit) -> list[Fit]:
    """Return the fits behind a forecast, or the one given."""
    if isinstance(shown, Fit):
        return [shown]
    document = shown.document
    data = corpora(document)
    found = []
    for entry in document["consumption"]["members"]:
        chosen = recorded_member(document, entry["name"])
        diagnostics = {
            "verdict": entry["verdict"],
            "p_values": p_values(document, entry["name"]),
            "overlaps": overlaps(document, entry["name"], chosen.tail_parameters),
        }
        seed = int(document["provenance"]["seed"])
        found.append(Fit(chosen, data, shown.posterior[entry["name"]], diagnostics, seed))
    return found


def p_values(document: Document, name: str) -> dict[str, float]:
    """Return a member's posterior predictive p values, as the gate reports them."""
    start = f"{name} predicts "
    checks = [check for check in document["diagnostics"]["checks"] if check["name"].startswith(start)]
    return {c["name"].removeprefix(start): float(p) for c in checks if (p := _number(c["sentence"], r"p (\d\.\d+)"))}


def overlaps(document: Document, name: str, parameters: Sequence[str]) -> dict[str, float]:
    """Return the overlap of prior and posterior of a member's parameters, as the gate reports it."""
    by_name = {check["name"]: check["sentence"] for check in document["diagnostics"]["checks"]}
    found = {p: _number(by_name.get(f"{name} {p}", ""), r"overlap by (\d+)") for p in parameters}
    return {parameter: float(share) / 100 for parameter, share in found.items() if share is not None}


def _number(sentence: str, pattern: str) -> str | None:
    match = re.search(pattern, sentence)
    return None if match is None else match.group(1)


def frame(ax: Axes, title: str, *, pad: float = 10.0) -> None:
    """Turn axes into the empty frame of several panels.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The frame; its coordinates run from 0 to 1.
    title : str
        Heading of the whole figure.
    pad : float
        Space below it (points).
    """
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    titled(ax, title, pad=pad)


def grid(
    ax: Axes, count: int, columns: int, *, gap: float = 0.05, head: float = 0.36, foot: float = 0.34
) -> list[Axes]:
    """Return panels inside a frame, row by row.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The frame.
    count, columns : int
        Number of panels, and how many are side by side.
    gap : float
        Space between columns (share of the frame).
    head, foot : float
        Space for a row's titles above it, and for its ticks below it (inches).

    Returns
    -------
    list of matplotlib.axes.Axes
        The panels.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None, "axes always belong to a figure"
    inches = ax.get_window_extent().height / figure.dpi
    head, foot = min(head / inches, 0.3), min(foot / inches, 0.3)
    columns = min(columns, count)
    rows = -(-count // columns)
    width = (1 - gap * (columns - 1)) / columns
    pitch = (1 + foot) / rows  # the last row has its ticks below the frame
    panels = []
    for place in range(count):
        row, column = divmod(place, columns)
        bottom = 1 + foot - (row + 1) * pitch
        panels.append(ax.inset_axes((column * (width + gap), bottom, width, max(pitch - head - foot, 0.05))))
    # Hair lines above the rows; they also are what makes the frame itself a drawing.
    for row in range(rows):
        ax.plot([0, 1], [1 - row * pitch] * 2, color="#d9dee4", linewidth=0.7, clip_on=False)
    return panels


def interval(
    ax: Axes, place: float, quantity: Mapping[str, Any], colour: str, *, marker: str = "o", scale: float = 1.0
) -> bool:
    """Draw a quantity as nested bars of its 50, 80 and 95% intervals, and its median.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where; its limits must be set.
    place : float
        Height of the bars.
    quantity : mapping
        Median and intervals as the document has them; None is beyond the horizon.
    colour : str
        Colour.
    marker : str
        Marker of the median.
    scale : float
        Factor on the bars' widths.

    Returns
    -------
    bool
        Whether an interval goes on beyond the axes, which an arrow shows.
    """
    left, right = ax.get_xlim()
    beyond = False
    for alpha, (level, width) in zip((0.55, 0.7, 1.0), INTERVALS, strict=True):
        low, high = (np.inf if end is None else float(end) for end in quantity["intervals"][level])
        beyond |= high > right
        if low < right:
            ax.plot(
                [max(low, left), min(high, right)],
                [place, place],
                color=colour,
                linewidth=width * scale,
                alpha=alpha,
                solid_capstyle="butt",
            )
    median = np.inf if quantity["median"] is None else float(quantity["median"])
    if left <= median <= right:
        ax.plot(
            [median], [place], marker=marker, color="white", markeredgecolor=BLACK, markersize=5.5 * scale, zorder=4
        )
    if beyond:
        ax.plot([right], [place], marker=">", color=colour, markersize=7 * scale, clip_on=False, zorder=4)
    return beyond
