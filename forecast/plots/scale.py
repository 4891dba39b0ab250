"""How cost grows: processor seconds by size for everything that may grow, beside growth in proportion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.evaluate.scale.axes import AXES
from forecast.evaluate.scale.run import duration, finding, memory_sentence
from forecast.plots.collapse_parts import COLOURS, MARKERS, label_ends
from forecast.plots.style import new_axes, style, titled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

WORDS = {
    "reading": "rows, read",
    "rows": "rows, run",
    "draws": "draws",
    "horizon": "years of horizon",
    "histories": "histories",
    "judging": "histories, compared",
    "worlds": "worlds",
    "worlds_on_cluster": "worlds, on Dask",
}
"""What grows, at the end of its line."""


def scale(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw what each size costs, and lines along which cost is in proportion to size.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.scale.run.evaluate` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Processor seconds by size, both logarithmic; at the end of each line what grows, and its slope.
    """
    with style():
        ax = new_axes(ax, height=4.6)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ends = []
        for name, found in content["axes"].items():
            place = list(AXES).index(name)
            x, y = ([point[key] for point in found["points"]] for key in ("size", "processor"))
            ax.plot(x, y, color=COLOURS[place], marker=MARKERS[place], markersize=4.5, linewidth=1.5)
            slope = "flat" if found["slope"] is None else f"{found['slope']:.2f}"
            ends.append((x[-1], y[-1], f"{WORDS[name]}: {slope}", place))
        _proportional(ax)
        for x_end, y_end, _, place in ends:  # a line that ends early is led to its name
            ax.plot([x_end, ax.get_xlim()[1]], [y_end] * 2, color=COLOURS[place], linewidth=0.5, alpha=0.5)
        label_ends(ax, ends)
        ax.set_xlabel("how many (of what stands beside each line, with its slope)")
        ax.set_ylabel("processor seconds")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.minorticks_off()
        titled(ax, finding(content))
    return ax


def _proportional(ax: Axes) -> None:
    """Draw lines of slope 1 behind what was measured."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    for power in range(int(np.floor(np.log10(low / right))), int(np.ceil(np.log10(high / left))) + 1):
        ax.plot(
            [left, right],
            [10.0**power * left, 10.0**power * right],
            color="#d5dae0",
            linewidth=0.7,
            dashes=(3, 3),
            zorder=0,
        )
    ax.set_xlim(left, right)
    ax.set_ylim(low, high)


def scale_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    said = []
    for name, found in content["axes"].items():
        axis, last = AXES[name], found["points"][-1]
        slope = "hardly more than the smallest" if found["slope"] is None else f"slope {found['slope']:.2f}"
        said.append(
            f"{axis.title}: {last['size']:,} {axis.unit} in {duration(last['processor'])} of processor time, {slope}"
        )
    return f"{finding(content)} (slope 1; dashed lines). {'. '.join(said)}. {memory_sentence(content)}"


def scale_table(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "axis": name,
                "unit": AXES[name].unit,
                "size": point["size"],
                "clock_seconds": point["clock"],
                "processor_seconds": point["processor"],
                "memory_megabytes": point["megabytes"],
                "slope": found["slope"],
            }
            for name, found in content["axes"].items()
            for point in found["points"]
        ]
    )
