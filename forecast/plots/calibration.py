"""Calibration: histograms of where the truth falls among a member's draws, with the band of a right forecaster."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.plots.member_panels import frame, grid
from forecast.plots.style import BLUE, QUIET, VERMILION, new_axes, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_COLUMNS = 4
_WIDTH = 10.0
_TITLE = 26


def calibration(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw a rank histogram for the exhaustion year of each member and the mixture, and for each member's frontier.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.calibration.ranks.summarise_places` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame with one panel per histogram; bars outside the band are hatched.
    """
    rows = _rows(content)
    with style():
        own = ax is None
        ax = new_axes(ax, height=1.3 + 1.75 * -(-len(rows) // _COLUMNS))
        if own:
            ax.get_figure(root=True).set_figwidth(_WIDTH)  # type: ignore[union-attr]
        found = f"{content['deviate']} of {content['tests']} checks on simulated worlds deviate"
        frame(ax, f"{found}: right is level within the band", pad=14)
        for panel, row in zip(grid(ax, len(rows), _COLUMNS, head=0.5), rows, strict=True):
            _histogram(panel, row)
    return ax


def _rows(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what is drawn: exhaustion years first, then frontiers; parameters are in the table."""
    years = [row for row in content["rows"] if row["quantity"] == "exhaustion year"]
    years.sort(key=lambda row: row["who"] != "mixture")
    return years + [row for row in content["rows"] if row["quantity"].startswith("frontier")]


def _histogram(ax: Axes, row: Mapping[str, Any]) -> None:
    counts = np.array(row["histogram"])
    low, high = row["band"]
    middles = (np.arange(len(counts)) + 0.5) / len(counts)
    ax.axhspan(low, high, color="#e4e8ec", zorder=0)
    ax.axhline(counts.sum() / len(counts), color=QUIET, linewidth=0.8, linestyle="--", zorder=1)
    for middle, count in zip(middles, counts, strict=True):
        outside = not low <= count <= high
        ax.bar(
            middle,
            count,
            width=0.92 / len(counts),
            color=VERMILION if outside else BLUE,
            hatch="///" if outside else "",
            edgecolor="white",
            zorder=2,
            alpha=0.85,
        )
    mark = " (deviates)" if row["deviates"] else ""
    title = f"{row['who'].replace('_', ' ')}: {row['quantity']}{mark}"
    ax.set_title("\n".join(textwrap.wrap(title, _TITLE)), fontsize=8.5, weight="normal")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, max(counts.max(), high) * 1.08)
    ax.set_xticks([0.0, 0.5, 1.0], ["lowest\ndraw", "middle", "highest\ndraw"], fontsize=7)
    ax.tick_params(axis="y", labelsize=7.5)
    ax.grid(visible=False)


def calibration_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    said = [
        "Histograms of where the truth falls among a forecaster's draws in simulated worlds; a right forecaster's are level "
        f"within a band. Of {content['tests']} tests {content['deviate']} deviate once their number is allowed for."
    ]
    said += [f"{row['who'].replace('_', ' ')}, {row['quantity']}: {row['sentence']}." for row in _rows(content)]
    return " ".join(said)


def calibration_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the figure, the parameters' histograms too."""
    from forecast.evaluate.calibration.ranks import calibration_table as table

    return table(content)
