"""Pictures of the laboratory's surrogate: what pools of human and machine text retain, and how well runs are foretold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.collapse.surrogate import retained
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.plots.collapse_parts import COLOURS, MARKERS, generation_axis, label_ends, plain_ticks, styled
from forecast.plots.style import QUIET, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POOLS = ((1.0, "no human text left"), (0.5, "half human text"))
"""Machine-written shares that are drawn, and what they are called."""

QUALITY = 0.5
"""Quality of the verifier in the figure (share of wrong passages that it removes)."""

AT = 5
"""Fits in a row that the title speaks of (count): a generation a year until the early thirties."""

CRAWLS = ((0.5, "half by machines"), (0.7, "seven tenths"), (1.0, "all of it"))
"""Machine-written shares of a crawl that are drawn, and what they are called."""

YEARS = 9
"""Years of unmarked machine text in the figure (count): as many generations as were run."""

DRAWS = 4000
"""Draws behind each quantile (count)."""


@styled
def surrogate_retained(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw what a pool is worth over that of its human text, by fits in a row, with the runs behind it.

    Parameters
    ----------
    content : mapping
        The stored result "surrogate".
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Medians and equal-tailed 80% intervals over all sizes of models; dots are runs, whatever their share and verifier.
    """
    ax = new_axes(ax)
    fits, labels, at = np.array(content["grid"]["generations"]), [], {}
    for place, (share, name) in enumerate(POOLS):
        rng = generator(DEFAULT_SEED, "collapse", "picture", name)
        drawn = [retained(share, int(n), QUALITY, rng, DRAWS) for n in fits]
        middle = _band(ax, fits, drawn, place)
        runs = [run for run in content["runs"] if (run["human"] == 0) == (share == 1)]
        worth = [np.exp(np.mean(run["log_worth"])) for run in runs]
        ax.plot([run["generations"] for run in runs], worth, MARKERS[place], color=COLOURS[place], markersize=4.5)
        labels.append((float(fits[-1]), float(middle[-1]), name, place))
        at[share] = float(middle[list(fits).index(AT)])
    ax.set_yscale("log")
    ax.axhline(1, color=QUIET, linewidth=0.9, linestyle=":")
    ax.set_xlim(fits[0], fits[-1])
    plain_ticks(ax)
    label_ends(ax, labels)
    generation_axis(ax)
    ax.set_ylabel("worth of a pool over that of its human text")
    ax.set_title(f"After {AT} fits {at[1.0]:.0%} is left without human text, {at[0.5]:.0%} beside it")
    return ax


@styled
def archive_worth(ax: Axes | None = None) -> Axes:
    """Draw what a token of a clean archive is worth, in tokens of a crawl that nobody can sort, by years of it.

    A crawl holds a share of machine text, each generation of models is trained on it and writes the next part of it, a
    generation a year. Nothing is taken out.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Medians and equal-tailed 80% intervals over all sizes of models that were run.
    """
    ax, years, labels = new_axes(ax), np.arange(1, YEARS + 1), []
    for place, (share, name) in enumerate(CRAWLS):
        rng = generator(DEFAULT_SEED, "collapse", "picture", "archive", name)
        # A pool is worth `retained` of its human text, which is all of it where none is left.
        human = 1 - share if share < 1 else 1.0
        drawn = [1 / (human * retained(share, int(n) + 1, 0.0, rng, DRAWS)) for n in years]
        middle = _band(ax, years, drawn, place, marker=MARKERS[place], markersize=4.5)
        labels.append((float(years[-1]), float(middle[-1]), f"{name}: {middle[-1]:.1f}", place))
    ax.axhline(1, color=QUIET, linewidth=0.9, linestyle=":")
    ax.set_xlim(years[0], years[-1])
    ax.set_ylim(0, None)
    label_ends(ax, labels)
    ax.set_xlabel("years of machine text that nobody marks (a generation of models each)")
    ax.set_ylabel("tokens of the crawl that an archive token is worth")
    first, last = labels[0], labels[-1]
    ax.set_title(f"After {YEARS} years an archive token is worth {first[1]:.1f} to {last[1]:.1f} of the crawl's")
    return ax


@styled
def surrogate_left_out(content: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw every run against what the others say of it.

    Parameters
    ----------
    content : mapping
        The stored result "surrogate".
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Bars are 80% intervals; on the line a run is as foretold.
    """
    ax = new_axes(ax)
    told, half = content["left_out"], 1.2816 * np.array(content["left_out"]["sd"])  # to the 90% point of a normal law
    worth = np.array([np.mean(run["log_worth"]) for run in content["runs"]])
    alone = np.array([run["human"] == 0 for run in content["runs"]])
    middle = np.array(told["mean"])
    for place, (which, (_, name)) in enumerate(zip((alone, ~alone), (POOLS[0], (0, "beside human text")), strict=True)):
        ends = (
            np.exp(middle[which]) - np.exp(middle - half)[which],
            np.exp(middle + half)[which] - np.exp(middle[which]),
        )
        look: dict[str, Any] = {"fmt": MARKERS[place], "color": COLOURS[place], "markersize": 4.5, "elinewidth": 0.8}
        ax.errorbar(np.exp(worth[which]), np.exp(middle[which]), yerr=ends, label=name, **look)
    ax.axline((1, 1), slope=1, color=QUIET, linewidth=0.9, linestyle=":")
    ax.set_xscale("log")
    ax.set_yscale("log")
    plain_ticks(ax)
    ax.xaxis.set_major_formatter(ax.yaxis.get_major_formatter())
    ax.xaxis.set_minor_formatter(ax.yaxis.get_minor_formatter())
    ax.legend(loc="upper left", fontsize=8.5, frameon=False)
    ax.set_xlabel("worth as measured")
    ax.set_ylabel("worth as the other runs foretell it")
    ax.set_title(f"80% intervals hold {told['covered']:.0%} of the runs left out")
    return ax


def _band(ax: Axes, x: np.ndarray, drawn: Sequence[np.ndarray], place: int, **line: Any) -> np.ndarray:
    """Draw median and 80% interval of the draws at each x, and return the median."""
    low, middle, high = np.quantile(drawn, [0.1, 0.5, 0.9], axis=1)
    ax.fill_between(x, low, high, color=COLOURS[place], alpha=0.2, linewidth=0)
    ax.plot(x, middle, color=COLOURS[place], **line)
    return middle
