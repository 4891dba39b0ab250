"""Disclosures: how far one stated fact would move the odds, beside the odds as they are."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forecast.plots.style import BLACK, BLUE, ORANGE, QUIET, new_axes, style, titled
from forecast.runs.sentence import HEADLINE_YEAR, percent, year_words
from forecast.text import capital

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LABEL = 34
"""Letters of a fact on a line."""

_AS_IT_IS = "as it is: nothing more is stated"


def disclosures(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw the odds given each fact, in the order of the list.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.disclosures.run.disclosures` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Probability across, one row per fact, the answer as it is on top: by the end of 2030 (filled) with the median
        year, and already at the date of the data (open).
    """
    rows = _rows(content)
    with style():
        ax = new_axes(ax, height=1.5 + 0.46 * len(rows))
        for place, row in enumerate(rows):
            own = place == 0
            colour = BLACK if own else BLUE
            if row["probability_by_2030"] is None:
                ax.annotate(row["note"], (50, place), ha="center", va="center", fontsize=8.5, color=QUIET)
                continue
            by, already = 100 * row["probability_by_2030"], 100 * row["already"]
            ax.hlines(place, already, by, color=colour, linewidth=1.4, alpha=0.45)
            ax.plot([by], [place], "o", color=colour, markersize=7, zorder=3)
            ax.plot([already], [place], "o", color="white", markeredgecolor=ORANGE, markeredgewidth=1.6, zorder=3)
            weight = "bold" if own else "normal"
            for x, words, side in ((by, _short(by / 100), 1), (already, _short(already / 100), -1)):
                ax.annotate(
                    words, (x, place), xytext=(8 * side, 0), textcoords="offset points", va="center",
                    ha="left" if side > 0 else "right", fontsize=8.5, color=colour if side > 0 else ORANGE, weight=weight,
                )  # fmt: skip
            _beside(ax, place, year_words(row["median"]), colour)
        _beside(ax, -0.85, "median", QUIET)
        base = rows[0]
        if base["probability_by_2030"] is not None:
            for share, words, colour in (
                (base["already"], "already", ORANGE),
                (base["probability_by_2030"], f"by the end of {HEADLINE_YEAR}", BLUE),
            ):
                ax.axvline(100 * share, color=QUIET, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
                ax.annotate(words, (100 * share, -0.85), ha="center", va="center", fontsize=8.5, color=colour)
        ax.set_ylim(len(rows) - 0.5, -1.3)
        ax.set_xlim(-12, 114)
        ax.set_xticks(range(0, 101, 20))
        ax.set_yticks(range(len(rows)), ["\n".join(textwrap.wrap(capital(row["title"]), _LABEL)) for row in rows])
        for label in ax.get_yticklabels():
            label.set_parse_math(False)
        ax.tick_params(axis="y", length=0)
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        ax.set_xlabel("probability if this were stated, %")
        titled(ax, _finding(content))
    return ax


def _beside(ax: Axes, place: float, words: str, colour: str) -> None:
    ax.annotate(
        words, (1.0, place), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
        va="center", fontsize=8.5, color=colour, annotation_clip=False,
    )  # fmt: skip


def _rows(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [{"title": _AS_IT_IS, "note": None, **content["answer"]}, *content["if"]]


def _short(share: float) -> str:
    """Return a probability for a label, never 0 or 100."""
    return percent(share).replace("less than ", "<").replace("more than ", ">").removesuffix("%")


def _known(content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the facts that have an answer, the one that leaves the lowest odds first."""
    known = [row for row in content["if"] if row["probability_by_2030"] is not None]
    return sorted(known, key=lambda row: float(row["probability_by_2030"]))


def _finding(content: Mapping[str, Any]) -> str:
    known = _known(content)
    if not known:
        return "What one stated fact would tell"
    low, high = (percent(row["probability_by_2030"]).removesuffix("%") for row in (known[0], known[-1]))
    return f"One stated fact would move the odds to anywhere from {low} to {high} in a hundred"


def disclosures_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    said = [f"Dot plot of {len(content['if'])} facts that somebody could state, below the answer as it is."]
    for row in _rows(content):
        title = capital(row["title"])
        if row["probability_by_2030"] is None:
            said.append(f"{title}: {row['note']}.")
        else:
            said.append(
                f"{title}: {percent(row['probability_by_2030'])} by the end of {HEADLINE_YEAR}, "
                f"{percent(row['already'])} already, median {year_words(row['median'])}."
            )
    return " ".join(said)


def disclosures_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the figure."""
    from forecast.evaluate.disclosures.run import disclosures_table as table

    return table(content)
