"""The next token, by source: what it costs, beside what it costs to compute with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from forecast.plots.member_panels import ink
from forecast.plots.style import BLUE, GREEN, ORANGE, PURPLE, QUIET, new_axes, style, titled
from forecast.runs.sentence import HEADLINE_YEAR, percent
from forecast.text import capital

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLOURS = {"public": BLUE, "licensed": GREEN, "commissioned": PURPLE, "rewritten": ORANGE}
"""Colour of each source."""

YEARS = (2026, 2030, 2040)
"""Years drawn for each source; further on, learning is a guess."""

LOWEST, HIGHEST = 3e-4, 1e6
"""Prices drawn (dollars a million useful tokens)."""


def price(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw what the next token costs, by source.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.price.price` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Dollars across, one row per source and year; points are medians, lines hold 50 and 80 % of futures, an arrow
        leads to futures that have no such token left.
    """
    with style():
        ax = new_axes(ax, height=4.8)
        rows = _rows(content)
        # A little room between sources.
        heights = [place + 0.7 * (place // len(YEARS)) for place in range(len(rows))]
        for row, height in zip(rows, heights, strict=True):
            colour, found = COLOURS[row["source"]], row["usd_per_million_useful_tokens"]
            for level, width, alpha in (("0.8", 2.0, 0.5), ("0.5", 5.5, 0.75)):
                low, high = (HIGHEST if end is None else end for end in found["intervals"][level])
                ax.plot([low, high], [height] * 2, color=colour, linewidth=width, alpha=alpha, solid_capstyle="butt")
            if found["intervals"]["0.8"][1] is None:
                ax.plot([HIGHEST * 0.8], [height], marker=">", color=colour, markersize=7)
            if found["median"] is not None:
                ax.plot([found["median"]], [height], "o", color=colour, markeredgecolor="white", markersize=8, zorder=4)
            _beside(ax, height, percent(row["cheapest_share"]).replace("less than ", "<"), QUIET)
        for first in range(0, len(rows), len(YEARS)):
            ax.annotate(
                capital(rows[first]["title"]), (0.0, heights[first]), xycoords=("axes fraction", "data"), xytext=(4, 12),
                textcoords="offset points", color=ink(COLOURS[rows[first]["source"]]), weight="bold", fontsize=8.5,
            )  # fmt: skip
        worth = content["computing_usd_per_million_tokens"][str(HEADLINE_YEAR)]["median"]
        ax.axvline(worth, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)), zorder=0)
        ax.annotate(
            f"to compute with a token, {HEADLINE_YEAR}", (worth, -1.35), xytext=(4, 0), textcoords="offset points",
            va="center", color=QUIET, fontsize=8,
        )  # fmt: skip
        _beside(ax, -1.35, "cheapest in", QUIET)
        ax.set_xscale("log")
        ax.set_xlim(LOWEST, HIGHEST)
        ax.set_xticks([10.0**power for power in range(-3, 7, 2)])
        ax.xaxis.set_major_formatter(lambda value, _: dollars(value))
        ax.minorticks_off()
        ax.set_ylim(heights[-1] + 0.6, -1.8)
        ax.set_yticks(heights, [str(row["year"]) for row in rows])
        ax.tick_params(axis="y", length=0)
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        ax.set_xlabel("a million useful tokens; arrows: futures in which none is left or it is worth nothing")
        titled(ax, _finding(content))
    return ax


def _beside(ax: Axes, height: float, words: str, colour: str) -> None:
    ax.annotate(
        words, (1.0, height), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points", va="center",
        color=colour, fontsize=8.5, annotation_clip=False,
    )  # fmt: skip


def price_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    said = [f"Interval chart on a logarithmic scale: {content['unit']}, by source. {_finding(content)}."]
    said += [
        f"{capital(row['title'])} in {row['year']}: {interval_words(row['usd_per_million_useful_tokens'])}, the cheapest in "
        f"{percent(row['cheapest_share'])}."
        for row in _rows(content)
    ]
    return " ".join(said)


def price_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "source": row["source"],
                "year": row["year"],
                **{f"usd_q{100 * level:02.0f}": _at(row, level) for level in (0.1, 0.25, 0.5, 0.75, 0.9)},
                "cheapest_from": row["cheapest_from"],
                "cheapest_share": row["cheapest_share"],
            }
            for row in content["prices"]
        ]
    )


def dollars(amount: float) -> str:
    """Return a price or a bill as people say it.

    Examples
    --------
    >>> dollars(0.0042), dollars(18_400), dollars(3.4e12)
    ('$0.0042', '$18 thousand', '$3.4 trillion')
    """
    rounded = float(f"{amount:.2g}")
    for size, name in (
        (1e15, "quadrillion"),
        (1e12, "trillion"),
        (1e9, "billion"),
        (1e6, "million"),
        (1e4, "thousand"),
    ):
        if rounded >= size:
            unit = 1e3 if name == "thousand" else size
            return f"${rounded / unit:g} {name}"
    return f"${rounded:.10f}".rstrip("0").rstrip(".") if rounded < 1 else f"${rounded:,g}"


def interval_words(found: Mapping[str, Any]) -> str:
    """Return a median with its 80 % interval; what is infinite is not for sale."""
    middle, low, high = (
        "none" if value is None else dollars(value) for value in (found["median"], *found["intervals"]["0.8"])
    )
    return f"{middle} ({low} to {high})"


def _rows(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in content["prices"] if row["year"] in YEARS]


def _at(row: Mapping[str, Any], level: float) -> float | None:
    value: float | None = row["usd_per_million_useful_tokens"]["quantiles"][f"{level:g}"]
    return value


def _finding(content: Mapping[str, Any]) -> str:
    share = {row["source"]: row["cheapest_share"] for row in content["prices"] if row["year"] == HEADLINE_YEAR}
    first = max(share, key=lambda name: share[name])
    title = next(row["title"] for row in content["prices"] if row["source"] == first)
    return (
        f"In {HEADLINE_YEAR} the cheapest next token is most often {title} ({percent(share[first])} of futures); "
        f"public text still is in {percent(share['public'])}"
    )
