"""Members side by side: each one's frontier and exhaustion year beside the mixture's."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.trajectory import DRAW
from forecast.plots import findings
from forecast.plots.member_panels import frame, held, ink, interval, member_style, short_title
from forecast.plots.style import BLACK, QUIET, new_axes, quantity_words, short_quantity, style
from forecast.runs.document import levels
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import HEADLINE_HORIZON, percent, year_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

YEARS = (2026, 2028, 2030)
"""Years whose 1 January frontier is drawn (calendar years)."""

_MARKERS = ("o", "s", "D")
_ROW = 0.66  # height of a row of the frontier's panel that its intervals fill (rows)


def members_side_by_side(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw each member's frontier in three years and its exhaustion year, and the mixture's above them.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame that holds two panels: the frontier in the resource's unit on a logarithmic scale, and the exhaustion
        year. Bars hold 50, 80 and 95 % (equal-tailed); an arrow is an interval that goes on beyond the panel.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.members_side_by_side(f)
    """
    with style():
        rows = _rows(forecast)
        ax = new_axes(ax, height=1.5 + 0.72 * len(rows))
        frame(ax, f"{findings.members(forecast.document)} (medians, 50, 80, 95%)")
        left, right = ax.inset_axes((0.24, 0.0, 0.37, 0.93)), ax.inset_axes((0.66, 0.0, 0.34, 0.93))
        for place, row in enumerate(rows):
            above = 0.93 * (1 - place / len(rows))
            ax.plot([0, 1], [above, above], color="#c9d0d7", linewidth=0.8, clip_on=False)
            _name(ax, row, above, 0.93 / len(rows))
        _frontier(left, forecast, rows)
        _years(right, forecast, rows)
    return ax


def _rows(forecast: Forecast) -> list[dict[str, Any]]:
    """Return the mixture and the members: title, colour, frontier by year, exhaustion year."""
    consumption = forecast.document["consumption"]
    slices = held(forecast)
    rows: list[dict[str, Any]] = [
        {
            "name": "all_members",
            "title": "All growth models",
            "colour": BLACK,
            "weight": None,
            "verdict": forecast.document["diagnostics"]["verdict"],
            "frontier": {year: q for year, q in consumption["frontier"].items() if int(year) in YEARS},
            "exhaustion_year": forecast.document["exhaustion_year"],
        }
    ]
    for place, entry in enumerate(consumption["members"]):
        if entry["name"] in slices:
            frontier = levels(forecast.consumption.isel({DRAW: slices[entry["name"]]}), YEARS)
        else:
            frontier = {"2030": entry["frontier_2030"]}  # left out: its paths are not kept
        rows.append(
            {
                "name": entry["name"],
                "title": short_title(entry["title"]),
                "colour": member_style(place)[0],
                "weight": entry["weight"],
                "verdict": entry["verdict"],
                "frontier": frontier | {"2030": entry["frontier_2030"]},
                "exhaustion_year": entry["exhaustion_year"],
            }
        )
    return rows


def _name(ax: Axes, row: Mapping[str, Any], above: float, height: float) -> None:
    """Write a row's title, weight and verdict at its left."""
    title = textwrap.wrap(row["title"], 22)
    says = f"gate {row['verdict']}"
    if row["weight"] is not None:
        says = f"weight {100 * row['weight']:.0f}%, {says}" if row["weight"] > 0 else f"left out, {says}"
    ax.text(
        0.0,
        above - 0.14 * height,
        "\n".join(title[:2]),
        va="top",
        weight="bold",
        color=ink(row["colour"]),
        parse_math=False,
    )
    ax.text(0.0, above - 0.9 * height, says, va="bottom", color=QUIET, fontsize=8.5)


def _frontier(ax: Axes, forecast: Forecast, rows: list[dict[str, Any]]) -> None:
    """Draw the frontier's panel: three years per row."""
    from matplotlib.ticker import FixedLocator, NullLocator

    drawn = [row["frontier"][year] for row in rows for year in row["frontier"]]
    low = min(float(q["intervals"]["0.95"][0]) for q in drawn)
    high = max(float(q["intervals"]["0.95"][1] or low) for q in drawn)
    # A far end of one member shall not squeeze all others: it gets an arrow.
    usual = 30 * max(float(q["intervals"]["0.8"][1] or low) for q in drawn)
    ax.set_xscale("log")
    ax.set_xlim(low / 1.3, min(high * 1.3, usual))
    decades = np.arange(np.ceil(np.log10(ax.get_xlim()[0])), np.log10(ax.get_xlim()[1]))
    ax.xaxis.set_major_locator(FixedLocator(list(10 ** decades[:: -(-len(decades) // 3)])))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: short_quantity(value).replace(" ", "\n"))
    ax.set_title(f"frontier, {forecast.document['unit']}", weight="normal", fontsize=9.5)
    _even(ax, len(rows))
    for place, row in enumerate(rows):
        for index, year in enumerate(YEARS):
            if str(year) not in row["frontier"]:
                continue
            at = place + (index - 1) * _ROW / len(YEARS)
            q = row["frontier"][str(year)]
            interval(ax, at, q, row["colour"], marker=_MARKERS[index], scale=0.85)
            if place == 0:
                start = max(float(q["intervals"]["0.95"][0]), ax.get_xlim()[0])
                ax.annotate(
                    f"{year}", (start, at), (-4, 0), textcoords="offset points", ha="right", va="center", fontsize=8.5
                )


def _years(ax: Axes, forecast: Forecast, rows: list[dict[str, Any]]) -> None:
    """Draw the panel of the exhaustion year, with the probability that it never comes."""
    from matplotlib.ticker import MaxNLocator

    first = min(float(row["exhaustion_year"]["intervals"]["0.95"][0] or HEADLINE_HORIZON) for row in rows)
    ax.set_xlim(min(np.floor(first) - 1, 2024), min(HEADLINE_HORIZON, forecast.document["horizon"] + 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    ax.set_title("exhaustion year", weight="normal", fontsize=9.5)
    _even(ax, len(rows))
    for place, row in enumerate(rows):
        year = row["exhaustion_year"]
        interval(ax, place, year, row["colour"])
        ax.annotate(
            f"never by {forecast.document['horizon']}: {percent(year['probability_after_horizon'])}",
            (1.0, place + 0.32),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=8.5,
            color=QUIET,
        )
        ax.annotate(
            year_words(year["median"]),
            (min(float(year["median"] or np.inf), ax.get_xlim()[1]), place),
            (0, 8),
            textcoords="offset points",
            ha="center",
            va="bottom",
            weight="bold",
        )


def _even(ax: Axes, count: int) -> None:
    """Give a panel one row per member, from the top down, and a grid of upright lines."""
    ax.set_ylim(count - 0.5, -0.5)
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    ax.set_facecolor("none")


def members_side_by_side_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    consumption = forecast.document["consumption"]
    horizon = forecast.document["horizon"]

    def answer(title: str, year: Mapping[str, Any], frontier: Mapping[str, Any] | None, says: str) -> str:
        low, high = (year_words(end) for end in year["intervals"]["0.8"])
        size = "" if frontier is None else f"frontier in 2030 {_words(frontier['median'])}, "
        return (
            f"{title}{says}: {size}exhaustion {year_words(year['median'])} (80% interval {low} to {high}), "
            f"never by {horizon} {percent(year['probability_after_horizon'])}"
        )

    parts = [answer("all growth models", forecast.document["exhaustion_year"], consumption["frontier"].get("2030"), "")]
    for m in consumption["members"]:
        weight = f"weight {100 * m['weight']:.0f}%" if m["weight"] > 0 else "left out"
        parts.append(answer(m["title"], m["exhaustion_year"], m["frontier_2030"], f" ({weight}, gate {m['verdict']})"))
    return (
        f"Interval plot of the growth models beside their mixture, in {forecast.document['unit']}. {'; '.join(parts)}."
    )


def _words(value: float | None) -> str:
    return "beyond the horizon" if value is None else quantity_words(value)


def members_side_by_side_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    unit = forecast.document["unit"]
    lines = []
    for row in _rows(forecast):
        named = {f"frontier_{year}_{unit}": q for year, q in row["frontier"].items()}
        for quantity, q in (named | {"exhaustion_year": row["exhaustion_year"]}).items():
            line = {"member": row["name"], "weight": 1.0 if row["weight"] is None else row["weight"]}
            line |= {"gate": row["verdict"], "quantity": quantity, "median": q["median"]}
            for level in ("0.5", "0.8", "0.95"):
                tail = (1 - float(level)) / 2
                low, high = q["intervals"][level]
                line |= {f"q{1000 * tail:03.0f}": low, f"q{1000 * (1 - tail):03.0f}": high}
            never = row["exhaustion_year"]["probability_after_horizon"] if quantity == "exhaustion_year" else None
            lines.append(line | {"probability_never": never})
    return pd.DataFrame(lines)
