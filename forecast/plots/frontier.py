"""Consumption against stock: the figure on which the forecast rests."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.summaries import quantiles
from forecast.core.trajectory import YEAR
from forecast.core.units import decimal_year
from forecast.ingest.measurement import DOUBTED_SD
from forecast.plots import findings
from forecast.plots.style import (
    BLACK,
    CONSUMPTION,
    GREEN,
    HEIGHT,
    ORANGE,
    PURPLE,
    QUIET,
    SKY,
    STOCK,
    is_narrow,
    new_axes,
    quantity_words,
    short_quantity,
    style,
    titled,
    today,
)
from forecast.runs.document_types import RecordRow
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SHOWN_TO = 2040
"""Last year drawn (calendar year): beyond it the bands fill the page."""

RECORDS_NAMED = 4
"""So many of the last record holders are named (models)."""

_ORGANIZATIONS = (GREEN, PURPLE, ORANGE, SKY)
_WEIGHTS: dict[bool | None, tuple[str, str]] = {
    True: ("o", "open weights"),
    False: ("s", "closed weights"),
    None: ("^", "weights not stated"),
}
_HOUSES = {"Google": ("Google", "DeepMind"), "Meta": ("Meta AI", "Facebook"), "Microsoft": ("Microsoft",)}

_BANDS = ((0.05, 0.95, 0.14), (0.1, 0.9, 0.20), (0.25, 0.75, 0.28))


def consumption_against_stock(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the frontier of training-set size against the effective stock.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Years across, the resource's unit up on a logarithmic scale; bands hold 50, 80 and 90 % (equal-tailed).

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.consumption_against_stock(f)
    """
    from matplotlib.ticker import MaxNLocator

    with style():
        ax = new_axes(ax, height=5.2 if is_narrow() else HEIGHT)
        years = forecast.consumption[YEAR].values
        shown = years <= SHOWN_TO
        last = years[shown][-1]
        for side, colour, dashes in ((forecast.stock, STOCK, (5, 2)), (forecast.consumption, CONSUMPTION, ())):
            draws = side.values[:, shown]
            for low, high, alpha in _BANDS:
                ends = 10 ** quantiles(draws, [low, high])
                ax.fill_between(years[shown], ends[0], ends[1], color=colour, alpha=alpha, linewidth=0)
            middle = 10 ** quantiles(draws, [0.5])[0]
            ax.plot(years[shown], middle, color=colour, linewidth=2, dashes=dashes)
        _rows(forecast, ax, years[0])
        ax.set_yscale("log")
        low, high = _limits(forecast)
        ax.set_ylim(low, high)
        ax.set_xlim(years[0], last)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5 if is_narrow() else "auto"))
        ax.yaxis.set_major_formatter(lambda value, _: short_quantity(value))
        ax.set_ylabel(f"{forecast.document['unit']}, logarithmic")
        titled(ax, findings.crossing(forecast.document))
        today(ax, decimal_year(forecast.document["as_of"]), at=0.0, va="bottom")
        _direct_labels(forecast, ax)
        if not is_narrow():
            _name_records(forecast, ax)
    return ax


def _limits(forecast: Forecast) -> tuple[float, float]:
    """Return limits that hold all of the stock and the start of the frontier."""
    stock = _stock_at_the_end(forecast, 0.95)
    rows = forecast.document["consumption"]["record"]["rows"]
    first = float(forecast.consumption[YEAR].values[0])
    smallest = min((row["log10_size"] for row in rows if row["year"] >= first), default=12.0)
    return 10 ** (smallest - 0.4), stock * 12


def _stock_at_the_end(forecast: Forecast, level: float) -> float:
    """Return a quantile of the effective stock in the last year drawn, in the resource's unit."""
    last = int(np.flatnonzero(forecast.stock[YEAR].values <= SHOWN_TO)[-1])
    return float(10 ** quantiles(forecast.stock.values[:, last], [level])[0])


def _rows(forecast: Forecast, ax: Axes, first: float) -> None:
    """Draw the published corpora: colour by organisation, shape by weights, hollow where no audit looked at them."""
    rows = [row for row in forecast.document["consumption"]["record"]["rows"] if row["year"] >= first]
    coloured = _organizations(rows)
    for row in sorted(rows, key=lambda row: row["year"]):
        colour = coloured.get(_organization(row), QUIET)
        ax.plot(
            row["year"],
            10 ** row["log10_size"],
            marker=_WEIGHTS[row.get("open_weights")][0],
            markersize=5.6,
            color=colour,
            markerfacecolor=colour if row.get("audited", True) else "white",
            markeredgecolor="white" if row.get("audited", True) else colour,
            markeredgewidth=0.5 if row.get("audited", True) else 1.1,
            linestyle="none",
            zorder=3,
        )
    _keys(ax, rows, coloured)


def _organization(row: Mapping[str, Any]) -> str:
    """Return the house behind a row: the first organisation named, its laboratories under one name."""
    first = str(row.get("organization", "")).split(";", maxsplit=1)[0].strip()
    for house, starts in _HOUSES.items():
        if first.startswith(starts):
            return house
    return first.removesuffix(" Inc").removesuffix(" Corp")


def _organizations(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the colours of the organisations with the most rows; the others stay grey."""
    from collections import Counter

    counts = Counter(_organization(row) for row in rows)
    # By count, then by name: the same document always has the same colours.
    most = sorted(((count, name) for name, count in counts.items() if count > 1 and name), key=lambda p: (-p[0], p[1]))
    return dict(zip([name for _, name in most], _ORGANIZATIONS, strict=False))


def _keys(ax: Axes, rows: Sequence[Mapping[str, Any]], coloured: Mapping[str, str]) -> None:
    """Say what colours and shapes of the dots mean, in the empty corner below the frontier."""
    from matplotlib.lines import Line2D

    def dot(marker: str, colour: str, label: str, *, filled: bool = True) -> Line2D:
        face = colour if filled else "white"
        return Line2D(
            [], [], color=colour, marker=marker, markersize=5, markerfacecolor=face, linestyle="none", label=label
        )

    weights = {row.get("open_weights") for row in rows}
    handles = [dot("o", colour, name) for name, colour in coloured.items()]
    if any(_organization(row) not in coloured for row in rows):
        handles.append(dot("o", QUIET, "others"))
    handles += [dot(shape, BLACK, words) for known, (shape, words) in _WEIGHTS.items() if known in weights]
    if any(not row.get("audited", True) for row in rows):
        handles.append(dot("o", BLACK, "hollow: not audited", filled=False))
    if not handles:
        return
    legend = ax.legend(
        handles=handles,
        # A phone has no empty corner: there they stand below.
        loc="upper left" if is_narrow() else "lower right",
        bbox_to_anchor=(-0.25, -0.07) if is_narrow() else None,
        ncols=2,
        frameon=False,
        fontsize=8.25 if is_narrow() else 8.5,
        handletextpad=0.1,
        columnspacing=1.0,
        labelspacing=0.35,
        borderaxespad=0.2,
    )
    for words in legend.get_texts():
        words.set_parse_math(False)  # a dollar sign in a name is a dollar sign


def _record_holders(forecast: Forecast, first: float) -> list[RecordRow]:
    """Return the rows that set the last records, oldest first."""
    best, holders = -np.inf, []
    for row in sorted(forecast.document["consumption"]["record"]["rows"], key=lambda row: row["year"]):
        if row["log10_size"] > best and row["measurement_sd"] < DOUBTED_SD:
            best = row["log10_size"]
            holders.append(row)
    # Two laboratories a few weeks apart would lie on top of one another: the larger one is named.
    named = [row for row, after in zip(holders, [*holders[1:], None], strict=True) if not _follows(row, after)]
    return [row for row in named if row["year"] >= first][-RECORDS_NAMED:]


def _follows(row: Mapping[str, Any], after: Mapping[str, Any] | None) -> bool:
    """Tell whether a record was broken within weeks."""
    return after is not None and after["year"] - row["year"] < 0.15


def _name_records(forecast: Forecast, ax: Axes) -> None:
    """Write the last record holders' names beside the dots, newest on top, tied to them by lines."""
    years = forecast.consumption[YEAR].values
    low, high = np.log10(ax.get_ylim())
    left, right = ax.get_xlim()
    newest = max((row["year"] for row in forecast.document["consumption"]["record"]["rows"]), default=left)
    column = newest + 0.05 * (right - left)
    # Below the frontier's band, which rises to the right: its height at the names' left end is what counts.
    edge = quantiles(forecast.consumption.values, [0.05])[0]
    at = float(np.interp(column, years, edge)) - 0.015 * (high - low)
    for row in reversed(_record_holders(forecast, left)):
        at = min(at - 0.05 * (high - low), row["log10_size"])
        ax.annotate(
            f"{textwrap.shorten(row['model'], 26, placeholder='…')}, {int(row['year'])}",
            (row["year"], 10 ** row["log10_size"]),
            xytext=(column, 10**at),
            va="center",
            fontsize=9,
            color=BLACK,
            parse_math=False,  # a dollar sign in a name is a dollar sign
            arrowprops={
                "arrowstyle": "-",
                "color": QUIET,
                "linewidth": 0.7,
                "relpos": (0, 0.5),
                "shrinkA": 1,
                "shrinkB": 2,
                "zorder": 2,
            },
        )


def _direct_labels(forecast: Forecast, ax: Axes) -> None:
    """Write the two sides' names beside their bands, where nothing else is."""
    left, right = ax.get_xlim()
    low, high = np.log10(ax.get_ylim())
    years = forecast.stock[YEAR].values
    above = float(np.interp(left, years, quantiles(forecast.stock.values, [0.95])[0]))
    ax.text(
        left + 0.012 * (right - left),
        10 ** (above + 0.02 * (high - low)),
        "usable stock",
        color=STOCK,
        va="bottom",
        weight="bold",
    )
    upper = quantiles(forecast.consumption.values, [0.95])[0]
    free = years[(upper < low + 0.84 * (high - low)) & (years <= right)]
    end = (float(free[-1]) if free.size else left) - left
    wide = end > 0.36 * (right - left)
    ax.annotate(
        "largest feasible run\nmedian; bands 50, 80, 90%",
        ((end / (right - left) - 0.015) if wide else 0.012, 0.975),
        xycoords="axes fraction",
        color=CONSUMPTION,
        ha="right" if wide else "left",
        va="top",
        weight="bold",
    )


def consumption_against_stock_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    frontier = forecast.document["consumption"]["frontier"]
    stock = forecast.document["stock"]["effective"]
    unit = forecast.document["unit"]

    def level(q: Any) -> str:
        low, high = q["intervals"]["0.8"]
        words = [quantity_words(value) for value in (q["median"], low, high)]
        return f"{words[0]} {unit} (80% interval {words[1]} to {words[2]})"

    parts = [f"in {year} {level(frontier[year])}" for year in ("2026", "2030") if year in frontier]
    return (
        f"Line chart with logarithmic scale. The largest feasible run rises, {'; '.join(parts)}. "
        f"The usable stock rises slowly, in 2030 {level(stock['2030'])}. {_undisclosed_words(forecast)} "
        f"Dots are the largest published corpora of each half-year; the last records that stood for more than weeks are "
        f"{_and([_holder_words(row) for row in _record_holders(forecast, 0.0)])} of {unit}."
    )


def _undisclosed_words(forecast: Forecast) -> str:
    """Say whether the frontier includes models whose size was not disclosed."""
    undisclosed = forecast.document["consumption"].get("undisclosed", {})
    if not undisclosed.get("included"):
        return "The largest feasible run is that of disclosed sizes; undisclosed ones are not included."
    high = 10 ** undisclosed["delta"]["intervals"]["0.8"][1]
    return (
        "The largest feasible run includes runs of undisclosed size: in half of the futures it is what disclosed sizes say, in "
        f"one of ten more than {high:.2g} times as much."
    )


def _holder_words(row: Mapping[str, Any]) -> str:
    of = f" ({organization})" if (organization := _organization(row)) else ""
    return f"{row['model']}{of} in {int(row['year'])} with {quantity_words(10 ** row['log10_size'])}"


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def consumption_against_stock_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    years = forecast.consumption[YEAR].values
    shown = years <= SHOWN_TO
    levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    table = {"year": years[shown]}
    for name, side in (("frontier", forecast.consumption), ("effective_stock", forecast.stock)):
        points = 10 ** quantiles(side.values[:, shown], levels)
        table |= {
            f"{name}_q{level * 100:02.0f}_{forecast.document['unit']}": p
            for level, p in zip(levels, points, strict=True)
        }
    return pd.DataFrame(table)
