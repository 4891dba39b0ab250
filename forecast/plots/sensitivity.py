"""Sensitivity: how far each input moves the year, what share of the uncertainty it carries, what knowing it is worth."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.core.wording import year_tenth
from forecast.plots.member_panels import frame, grid
from forecast.plots.style import BLUE, GREEN, ORANGE, QUIET, VERMILION, new_axes, style
from forecast.runs.sentence import HEADLINE_HORIZON, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_PANELS = (
    "Median year, with the input\nnear its 10% and 90% point",
    "Probability by the end of\n2030, likewise, %",
    "Share of the spread of the\ngap in 2030, %",
    "Years of expected error that\nknowing it would remove",
)
_LABEL = 26
"""Letters of an input's name on a line."""


def sensitivity(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw tornado, Sobol indices and value of information, two panels beside each other, one row per input.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.sensitivity.run.analyse` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame with four panels; the input whose knowledge would narrow the year most on top.
    """
    rows = content["inputs"]
    with style():
        ax = new_axes(ax, height=2.6 + 0.8 * len(rows))
        frame(
            ax, f"Knowing this would narrow the year most: {rows[0]['title']} (scenario {content['scenario']})", pad=14
        )
        panels = grid(ax, len(_PANELS), 2, gap=0.05)
        for place, (panel, heading) in enumerate(zip(panels, _PANELS, strict=True)):
            panel.set_title(heading, fontsize=9, weight="normal")
            panel.set_ylim(len(rows) - 0.5, -0.5)
            panel.grid(visible=True, axis="x")
            panel.grid(visible=False, axis="y")
            panel.tick_params(axis="x", labelsize=8)
            names = (
                ["\n".join(textwrap.wrap(row["title"], _LABEL)) for row in rows] if place % 2 == 0 else [""] * len(rows)
            )
            panel.set_yticks(range(len(rows)), names, fontsize=8.5)
            panel.tick_params(axis="y", length=0)
        tornado(panels[0], content, "median")
        tornado(panels[1], content, "probability_by_2030")
        _shares(panels[2], rows)
        _worth(panels[3], rows)
    return ax


def tornado(ax: Axes, content: Mapping[str, Any], key: str) -> None:
    """Draw bars from the answer as it is to the answer with the input held late and early."""
    scale = 100.0 if key.startswith("probability") else 1.0
    middle = _number(content["answer"][key]) * scale
    for at, row in enumerate(content["inputs"]):
        for end, colour, hatch in (("low", BLUE, ""), ("high", VERMILION, "///")):
            value = min(_number(row["tornado"][end][key]) * scale, HEADLINE_HORIZON)
            ax.barh(
                at, value - middle, left=middle, height=0.5, color=colour, alpha=0.75, hatch=hatch, edgecolor="white"
            )
            ax.annotate(
                year_tenth(value) if key == "median" else f"{value:.0f}",
                (value, at),
                xytext=(3 if value >= middle else -3, 0),
                textcoords="offset points",
                ha="left" if value >= middle else "right",
                va="center",
                fontsize=7.5,
                color=QUIET,
            )
    ax.axvline(middle, color=QUIET, linewidth=0.8)
    ax.margins(x=0.3)
    low, high = ax.get_xlim()
    ax.set_xlim(low, high)
    if key == "median":
        from matplotlib.ticker import MaxNLocator

        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
        ax.set_xlabel("plain: late end; hatched: early end", fontsize=7.5, color=QUIET)


def _number(value: float | None) -> float:
    return np.inf if value is None else float(value)


def _shares(ax: Axes, rows: Any) -> None:
    for at, row in enumerate(rows):
        found = row["sobol"]["log_gap_2030"]
        first, total = (100 * max(found[kind], 0.0) for kind in ("first", "total"))
        ax.barh(at, total, height=0.5, color="white", edgecolor=GREEN, linewidth=1.1)
        ax.barh(at, first, height=0.5, color=GREEN, alpha=0.8)
        ax.annotate(
            f"{first:.0f}",
            (max(total, first), at),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
        )
    ax.set_xlim(0, max(100 * row["sobol"]["log_gap_2030"]["total"] for row in rows) * 1.2)
    ax.set_xlabel("filled: alone; outline: with others", fontsize=7.5, color=QUIET)


def _worth(ax: Axes, rows: Any) -> None:
    widest = 0.0
    for at, row in enumerate(rows):
        known = max(row["information"]["known"]["crps_years"], 0.0)
        half = row["information"]["half"]
        ax.barh(at, known, height=0.5, color="white", edgecolor=ORANGE, linewidth=1.1)
        if half is not None:
            ax.barh(at, min(max(half["crps_years"], 0.0), known), height=0.5, color=ORANGE, alpha=0.85)
        ax.annotate(f"{known:.2f}", (known, at), xytext=(3, 0), textcoords="offset points", va="center", fontsize=7.5)
        widest = max(widest, known)
    ax.set_xlim(0, widest * 1.25 or 1.0)
    ax.set_xlabel("filled: half as uncertain; outline: known", fontsize=7.5, color=QUIET)


def bars_2030(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw what inputs held near their ends do to the probability by the end of 2030, the largest difference on top.

    Parameters
    ----------
    content : mapping
        ``answer`` and ``inputs``, as in what `forecast.evaluate.sensitivity.run.analyse` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        One bar each way for each input.
    """
    table = bars_table(content)
    rows = {row["title"]: row for row in content["inputs"]}
    ordered = {**content, "inputs": [rows[name] for name in table["input"]]}
    with style():
        ax = new_axes(ax, height=1.5 + 0.6 * len(table))
        tornado(ax, ordered, "probability_by_2030")
        ax.set_yticks(range(len(table)), ["\n".join(textwrap.wrap(name, _LABEL)) for name in table["input"]])
        ax.set_ylim(len(table) - 0.5, -0.5)
        ax.grid(visible=False, axis="y")
        ax.set_xlabel("probability by the end of 2030, %; plain: held low, hatched: held high")
        widest = abs(table["held_high"] - table["held_low"]).max()
        ax.set_title(f"What is judged moves the answer by {100 * widest:.0f} points at most")
    return ax


def bars_text(content: Mapping[str, Any]) -> str:
    """Return the figure of bars in words."""
    told = (
        f"{name}: {percent(low)} held low, {percent(high)} held high"
        for name, low, high in bars_table(content).to_numpy().tolist()
    )
    middle = percent(content["answer"]["probability_by_2030"])
    return f"Probability by the end of 2030, {middle} as it is. {'; '.join(told)}."


def bars_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the bars, the largest difference first."""
    import pandas as pd

    ends = [[row["tornado"][end]["probability_by_2030"] for end in ("low", "high")] for row in content["inputs"]]
    rows = [(row["title"], *pair) for row, pair in zip(content["inputs"], ends, strict=True)]
    rows.sort(key=lambda row: -abs(row[2] - row[1]))
    return pd.DataFrame(rows, columns=["input", "held_low", "held_high"])


def sensitivity_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    error = content["expected_error"]["crps_years"]
    said = [
        f"Four bar charts, one row per input. The median is {year_tenth(content['answer']['median'])}, the "
        f"probability by the end of 2030 {percent(content['answer']['probability_by_2030'])}, and the forecast expects "
        f"to be off by {error:.1f} years (CRPS of the year, cut at {HEADLINE_HORIZON})."
    ]
    for row in content["inputs"]:
        low, high, known = row["tornado"]["low"], row["tornado"]["high"], row["information"]["known"]
        said.append(
            f"{row['title'].capitalize()}: median {year_tenth(high['median'])} to {year_tenth(low['median'])}, probability by 2030 "
            f"{percent(low['probability_by_2030'])} to {percent(high['probability_by_2030'])}, "
            f"{max(row['sobol']['log_gap_2030']['first'], 0.0):.0%} of the spread of the gap in 2030 alone, "
            f"{max(known['crps_years'], 0.0):.2f} years gained if known ({row['measurement']})."
        )
    return " ".join(said)


def sensitivity_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the figure."""
    from forecast.evaluate.sensitivity.run import sensitivity_table as table

    return table(content)
