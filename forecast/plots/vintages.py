"""Vintages drawn: what this model would have said, half-year by half-year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from forecast.core.wording import year_phrase
from forecast.plots.style import BLACK, BLUE, ORANGE, QUIET, VERMILION, new_axes, style, titled
from forecast.runs.sentence import HEADLINE_HORIZON, year_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_BARS = (("0.95", 1.6), ("0.8", 4.0), ("0.5", 7.5))
_INKS = ((ORANGE, "s"), (VERMILION, "D"), (BLUE, "^"))


def vintages(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw the exhaustion year told at each date, and the published answers.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.vintages.vintages` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Date of the data across, exhaustion year up; bars hold 50, 80 and 95%, with an arrow where the 80% interval
        goes on beyond the panel; a ring marks vintages that follow a true snapshot of the table.
    """
    with style():
        ax = new_axes(ax, height=5.0)
        top = HEADLINE_HORIZON
        rows = content["vintages"]
        first, last = rows[0]["origin"], rows[-1]["origin"]
        medians = []
        for row in rows:
            at, year = row["origin"], row["exhaustion_year"]
            for (level, width), alpha in zip(_BARS, (0.35, 0.45, 0.6), strict=True):
                low, high = (top + 5 if end is None else end for end in year["intervals"][level])
                if low < top:
                    ax.plot(
                        [at, at],
                        [low, min(high, top)],
                        color=QUIET,
                        alpha=alpha,
                        linewidth=width,
                        solid_capstyle="butt",
                    )
                if level == "0.8" and high > top:
                    ax.plot([at], [top - 0.4], marker="^", color=QUIET, markersize=5)
            if year["median"] is not None and year["median"] < top:
                medians.append((at, year["median"]))
                ax.plot([at], [year["median"]], marker="o", color=BLACK, markersize=4.5, zorder=4)
                if row["snapshots"]:
                    ax.plot([at], [year["median"]], marker="o", mfc="none", color=BLACK, markersize=10, zorder=4)
        ax.plot(*zip(*medians, strict=True), color=BLACK, linewidth=1.0, zorder=3)
        ax.plot([first - 0.3, last + 0.5], [first - 0.3, last + 0.5], color=QUIET, linewidth=0.9, dashes=(4, 3))
        ax.annotate("the date itself", (first + 0.1, first - 0.8), va="top", color=QUIET, fontsize=8.5)
        for entry, (colour, marker), shift in zip(content["published"], _INKS, (-0.09, 0.09, 0.0), strict=True):
            at = entry["origin"] + shift
            ax.plot([at, at], entry["interval"], color=colour, linewidth=2.2, zorder=5)
            ax.plot([at], [entry["median"]], marker=marker, color=colour, markersize=6.5, zorder=6)
        _names(ax, content["published"])
        ax.set_ylim(2016, top)
        ax.set_xlim(first - 0.4, last + 0.5)
        ax.set_xlabel("what was published by (rings: a true snapshot of the table lies in the half-year before)")
        ax.set_ylabel("exhaustion year: median, 50, 80 and 95%")
        then, now = (year_phrase(row["exhaustion_year"]["median"]) for row in (rows[0], rows[-1]))
        titled(ax, f"On data of {int(first)} this model would have said {then}, now {now}: with today's stock and code")
    return ax


def _names(ax: Axes, published: list[Mapping[str, Any]]) -> None:
    """Name the published answers at the lower right, with their markers: nothing else is drawn below the diagonal."""
    for place, (entry, (colour, marker)) in enumerate(zip(published, _INKS, strict=True)):
        height = 0.125 - 0.045 * place
        ax.plot([0.315], [height], marker=marker, color=colour, transform=ax.transAxes, zorder=7, clip_on=False)
        low, high = entry["interval"]
        ax.text(
            0.332,
            height,
            f"{entry['title']}: {int(entry['median'])} ({int(low)} to {int(high)}, {100 * entry['level']:.0f}%)",
            transform=ax.transAxes,
            va="center",
            fontsize=8.5,
            color=QUIET if colour == ORANGE else colour,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.0},
            zorder=6,
        )


def vintages_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    told = [
        f"{row['date'][:7]}: {year_words(row['exhaustion_year']['median'])} "
        f"({' to '.join(year_words(end) for end in row['exhaustion_year']['intervals']['0.8'])})"
        for row in content["vintages"]
    ]
    said = [f"{entry['title']} {int(entry['median'])}" for entry in content["published"]]
    return (
        f"Exhaustion year by date of the data, median and 80% interval: {'; '.join(told)}. "
        f"Published answers: {'; '.join(said)}."
    )


def vintages_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    rows = []
    for row in content["vintages"]:
        year = row["exhaustion_year"]
        rows.append(
            {
                "date": row["date"],
                "kind": row["kind"],
                "snapshots": " ".join(row["snapshots"]),
                **{f"q{level}": value for level, value in year["quantiles"].items()},
                **{f"by_{y}": share for y, share in year["probability_by"].items()},
                "never_by_horizon": year["probability_after_horizon"],
                "members": " ".join(row["members"]),
                "moved_by_years": row["moved_by_years"],
                **{f"from_{step['cause']}": step["moved_by_years"] for step in row["because"]},
            }
        )
    return pd.DataFrame(rows)
