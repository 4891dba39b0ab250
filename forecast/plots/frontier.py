"""Consumption against stock: the figure on which the forecast rests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.nouns import YEAR, Forecast
from forecast.plots.style import CONSUMPTION, QUIET, STOCK, new_axes, quantity_words, short_quantity, style
from forecast.summaries import quantiles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SHOWN_TO = 2040
"""Last year drawn (calendar year): beyond it the bands fill the page."""

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
    """
    from matplotlib.ticker import MaxNLocator

    with style():
        ax = new_axes(ax)
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
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.yaxis.set_major_formatter(lambda value, _: short_quantity(value))
        ax.set_ylabel(f"{forecast.document['unit']}, logarithmic")
        ax.set_title("The largest training set against the effective stock", pad=10)
        _direct_labels(forecast, ax)
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
    """Draw the published corpora, and name the records among them."""
    record = -np.inf
    rows = sorted(forecast.document["consumption"]["record"]["rows"], key=lambda row: row["year"])
    for row in rows:
        is_record = row["log10_size"] > record
        record = max(record, row["log10_size"])
        if row["year"] < first:
            continue
        size = 10 ** row["log10_size"]
        ax.plot(
            row["year"],
            size,
            marker="o",
            markersize=5 if is_record else 3,
            color=CONSUMPTION,
            markerfacecolor=CONSUMPTION if is_record else "white",
            linestyle="none",
            zorder=3,
        )
    if rows and (last := max(rows, key=lambda row: row["log10_size"])):
        ax.annotate(
            f"record: {last['model']}",
            (last["year"], 10 ** last["log10_size"]),
            xytext=(8, -16),
            textcoords="offset points",
            fontsize=8.5,
            color=QUIET,
            parse_math=False,  # a dollar sign in a name is a dollar sign
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.6},
        )


def _direct_labels(forecast: Forecast, ax: Axes) -> None:
    last = ax.get_xlim()[1]
    stock = _stock_at_the_end(forecast, 0.5)
    ax.text(last - 0.3, stock * 1.12, "effective stock", color=STOCK, ha="right", va="bottom", weight="bold")
    path = 10 ** quantiles(forecast.consumption.values, [0.5])[0]
    years = forecast.consumption[YEAR].values
    inside = (path < ax.get_ylim()[1] / 12) & (years <= last - 5)
    place = int(np.flatnonzero(inside)[-1]) if inside.any() else 0
    ax.annotate(
        "largest training set\n(median; bands 50, 80, 90 %)",
        (years[place], path[place]),
        xytext=(years[place] - 0.6, path[place] * 4),
        color=CONSUMPTION,
        ha="right",
        va="bottom",
        weight="bold",
    )


def consumption_against_stock_text(forecast: Forecast) -> str:
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
    frontier = forecast.document["consumption"]["frontier"]
    stock = forecast.document["stock"]["effective"]
    unit = forecast.document["unit"]

    def level(q: Any) -> str:
        low, high = q["intervals"]["0.8"]
        words = [quantity_words(value) for value in (q["median"], low, high)]
        return f"{words[0]} {unit} (80 % interval {words[1]} to {words[2]})"

    parts = [f"in {year} {level(frontier[year])}" for year in ("2026", "2030") if year in frontier]
    return (
        f"Line chart with logarithmic scale. The largest training set rises, {'; '.join(parts)}. "
        f"The effective stock rises slowly, in 2030 {level(stock['2030'])}."
    )


def consumption_against_stock_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure.

    Parameters
    ----------
    forecast : Forecast
        The forecast.

    Returns
    -------
    pandas.DataFrame
        One row a half-year; 5, 25, 50, 75 and 95 % points of both sides, in the resource's unit.
    """
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
