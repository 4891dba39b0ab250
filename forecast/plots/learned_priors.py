"""What histories teach about growth: learned priors beside judgement, and what the hierarchy says before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from forecast.plots.member_panels import frame, grid
from forecast.plots.style import BLUE, QUIET, VERMILION, new_axes, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.core.priors import Prior

TITLES = {
    "slope": "Growth\n(log10 a year)",
    "long_run_slope": "Growth in the long run\n(log10 a year)",
    "slope_sd": "Wandering of the pace\n(log, sd)",
    "jump": "Unevenness\n(log10)",
    "damping": "Decay of growth\n(per year)",
    "reversion": "Return to the trend\n(per year)",
    "stall": "Going still\n(per year)",
    "resumption": "Moving again\n(per year)",
}
"""Heading of each panel; the first row is of a new record, the second of what comes after its rows."""

COLUMNS = 4
"""Panels in a row."""


def learned_priors(learned: Mapping[str, np.ndarray], judged: Mapping[str, Prior], ax: Axes | None = None) -> Axes:
    """Draw what histories say of each parameter beside the judgement that it may replace.

    Parameters
    ----------
    learned : mapping of str to array
        Draws, as `forecast.consumption.learned.predictive.draws_for_members` gives them, without their units.
    judged : mapping of str to Prior
        The priors by judgement, by the same names; a parameter without one is shown alone.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame with one panel a parameter: medians, the middle half and 90% of each.
    """
    with style():
        ax = new_axes(ax, height=4.8)
        pace = _compared(learned, judged, "slope", "slower", "faster")
        decay = _compared(learned, judged, "damping", "slower", "faster")
        frame(ax, f"Histories expect {pace} growth than judgement, and {decay} decay", pad=26)
        ax.annotate(
            "Above: a new record, before its rows are seen. Below: what comes after them.", (0, 1), xytext=(0, 12),
            textcoords="offset points", fontsize=9, color=QUIET,
        )  # fmt: skip
        for panel, (name, title) in zip(grid(ax, len(TITLES), COLUMNS, gap=0.06), TITLES.items(), strict=True):
            panel.set_title(title, fontsize=8.5, weight="normal")
            points = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
            lines = [("learned", np.quantile(learned[name], points), BLUE, "-", "o")]
            if name in judged:
                lines.append(("judged", judged[name].quantile(points), VERMILION, "--", "s"))
            for place, (label, (low, lower, middle, upper, high), colour, dash, mark) in enumerate(lines):
                panel.plot([low, high], [place] * 2, color=colour, linewidth=1.5, linestyle=dash)
                panel.plot([lower, upper], [place] * 2, color=colour, linewidth=5, alpha=0.6, solid_capstyle="butt")
                panel.plot([middle], [place], marker=mark, color=colour)
                panel.annotate(
                    f"{label} {middle:.2f}", (0.04, place), xycoords=panel.get_yaxis_transform(), xytext=(0, 9),
                    textcoords="offset points", fontsize=8, color=QUIET,
                )  # fmt: skip
            panel.set_ylim(-0.6, 1.7)
            panel.set_yticks([])
            panel.grid(visible=True, axis="x")
            panel.tick_params(axis="x", labelsize=8)
    return ax


def _compared(learned: Mapping[str, np.ndarray], judged: Mapping[str, Prior], name: str, less: str, more: str) -> str:
    return less if np.median(learned[name]) < judged[name].quantile(np.array([0.5]))[0] else more


def learned_priors_text(learned: Mapping[str, np.ndarray], judged: Mapping[str, Prior]) -> str:
    """Return the figure in words."""
    parts = []
    for name, title in TITLES.items():
        said = f"{title.splitlines()[0].lower()} {_in_words(np.quantile(learned[name], _SHOWN))}"
        parts.append(said + (f", by judgement {_in_words(judged[name].quantile(_SHOWN))}" if name in judged else ""))
    return "Learned from histories, with 90% intervals: " + "; ".join(parts) + "."


_SHOWN = np.array([0.05, 0.5, 0.95])


def _in_words(points: np.ndarray) -> str:
    low, middle, high = points
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"


def predictive_checks(
    observed: Mapping[str, np.ndarray],
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
    ax: Axes | None = None,
) -> Axes:
    """Draw what the hierarchy makes of series before and after the fit, beside the series that it was fitted to.

    Parameters
    ----------
    observed, before, after : mapping of str to array
        The same statistics, one value a series: of those learned from, and of series drawn from prior and posterior.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame with one panel a statistic: its distribution function over series.
    """
    with style():
        ax = new_axes(ax, height=4.8)
        frame(ax, "Series made by the fitted hierarchy are like those of the lists", pad=14)
        lines = (
            ("before the fit", before, QUIET, ":"),
            ("after", after, BLUE, "-"),
            ("lists", observed, VERMILION, "--"),
        )
        for panel, name in zip(grid(ax, len(observed), 3, gap=0.09), observed, strict=True):
            panel.set_title(name, fontsize=9, weight="normal")
            for label, values, colour, dash in lines:
                ordered = np.sort(values[name])
                share = np.arange(1, len(ordered) + 1) / len(ordered)
                panel.step(ordered, share, color=colour, linestyle=dash, label=label)
            seen = np.quantile(np.concatenate([after[name], observed[name]]), [0.005, 0.995])
            pad = 0.1 * (seen[1] - seen[0]) + 1e-6
            panel.set_xlim(seen[0] - pad, seen[1] + pad)
            panel.tick_params(labelsize=8)
            if name == list(observed)[-1]:
                panel.legend(fontsize=7.5, frameon=False, loc="lower right")
    return ax
