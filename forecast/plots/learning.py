"""What the mixture learns from histories: how laws of pace score, and how sure the weights of its members are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from forecast.consumption.members import MEMBERS
from forecast.plots.member_panels import frame, grid, member_style, short_title
from forecast.plots.style import BLACK, BLUE, GREEN, QUIET, VERMILION, new_axes, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPREAD_STYLES = ((GREEN, "s", ":"), (BLUE, "o", "-"), (VERMILION, "^", "--"))
"""Colour, mark and dashes of laws of one spread, the narrowest first."""


def learning(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw the score of each law of pace, and the learned weights.

    Parameters
    ----------
    content : mapping
        What `forecast.evaluate.histories.learning.evaluate` gives.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        A frame with two panels: CRPS by median and spread of the law, the chosen one ringed, with the standard error of its
        difference from the least; weights with 90% over resampled families, and the equal weight.
    """
    with style():
        ax = new_axes(ax, height=3.8)
        frame(ax, _finding(content))
        left, right = grid(ax, 2, 2, gap=0.1)
        _laws(left, content)
        _weights(right, content)
    return ax


def _laws(panel: Axes, content: Mapping[str, Any]) -> None:
    chosen = _chosen(content)
    for (colour, mark, dash), spread in zip(
        SPREAD_STYLES, sorted({law["sd_log"] for law in content["laws"]}), strict=False
    ):
        laws = sorted((law for law in content["laws"] if law["sd_log"] == spread), key=lambda law: law["median"])
        medians, scores = [law["median"] for law in laws], [law["crps"] for law in laws]
        panel.plot(medians, scores, color=colour, marker=mark, linestyle=dash, label=f"spread {spread:g}")
    panel.errorbar(
        [chosen["median"]], [chosen["crps"]], yerr=chosen["standard_error"], fmt="o", markersize=12, fillstyle="none",
        color=BLACK, elinewidth=1, capsize=3, zorder=4,
    )  # fmt: skip
    panel.set_title("Score by law of pace (ring: chosen)", fontsize=9, weight="normal")
    panel.set_xlabel("growth ahead over growth as expected, median")
    panel.set_ylabel("CRPS, less is better")
    panel.legend(fontsize=8, frameon=False)


def _weights(panel: Axes, content: Mapping[str, Any]) -> None:
    weights = content["weights"]
    names = list(weights["learned"])
    for place, name in enumerate(names):
        colour, (low, high) = member_style(place)[0], weights["interval_0.9"][name]
        panel.plot([low, high], [place] * 2, color=colour, linewidth=4, alpha=0.6, solid_capstyle="butt")
        panel.plot([weights["learned"][name]], [place], "o", color=colour)
        words = f"{_title(name)} {weights['learned'][name]:.2f}"
        panel.annotate(
            words, (0.0, place), xytext=(3, 8), textcoords="offset points", fontsize=8.5, color=QUIET,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
    panel.axvline(1 / len(names), color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)), zorder=0)
    panel.set_xlim(0, 1)
    panel.set_ylim(len(names) - 0.5, -0.8)
    panel.set_yticks([])
    panel.grid(visible=True, axis="x")
    panel.set_title("Weights (dashed: equal)", fontsize=9, weight="normal")
    panel.set_xlabel("weight, 90% over resampled families")


def _chosen(content: Mapping[str, Any]) -> Mapping[str, Any]:
    wanted = content["law"]["chosen"]
    return next(law for law in content["laws"] if all(law[key] == wanted[key] for key in wanted))


def _title(name: str) -> str:
    return short_title(MEMBERS[name].title) if name in MEMBERS else name


def _finding(content: Mapping[str, Any]) -> str:
    pace = f"Histories go on at {_chosen(content)['median']:g} times the pace expected"
    return f"{pace}; {'other weights would help' if content['weights']['needed'] else 'equal weights will do'}"


def learning_text(content: Mapping[str, Any]) -> str:
    """Return the figure in words."""
    chosen, weights = _chosen(content), content["weights"]
    said = [
        f"{_title(name)} {value:.2f} [{weights['interval_0.9'][name][0]:.2f}, {weights['interval_0.9'][name][1]:.2f}]"
        for name, value in weights["learned"].items()
    ]
    return (
        f"{_finding(content)}. CRPS {chosen['crps']:.3f} with median {chosen['median']:g} and spread {chosen['sd_log']:g}, the "
        f"law chosen of {len(content['laws'])}, whose scores go from {min(law['crps'] for law in content['laws']):.3f} to "
        f"{max(law['crps'] for law in content['laws']):.3f}. Learned weights, 90% over resampled families: {'; '.join(said)}."
    )
