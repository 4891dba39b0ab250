"""What the figures of the collapse laboratory share: dots beside lines, labels that do not overlap, panels."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from forecast.plots.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, QUIET, SKY, VERMILION, power_of_ten, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from forecast.collapse.learners.mixture import Mixture

COLOURS = (BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE, BLACK, QUIET)
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (8, 3)), (0, (3, 1)), "-", ":")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


def styled[**P, R](draw: Callable[P, R]) -> Callable[P, R]:
    """Return a drawing function that works in this project's style, whoever's axes it draws on."""

    @functools.wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with style():
            return draw(*args, **kwargs)

    return inside


def panels(size: tuple[float, float], rows: int, columns: int, **settings: Any) -> tuple[Figure, np.ndarray]:
    """Return a figure with a grid of axes."""
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False, **settings)


def pair(
    ax: Axes,
    n: np.ndarray,
    simulated: np.ndarray,
    form: np.ndarray | None,
    place: int,
    error: np.ndarray | None = None,
) -> None:
    """Draw a simulated curve as dots and its closed form as a line; without one the line joins the dots.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    n : array, shape (generation,)
        Generations.
    simulated : array, shape (generation,)
        Simulated values.
    form : array or None, shape (generation,)
        Closed form.
    place : int
        Place in the order of colours, dashes and markers.
    error : array, optional
        Standard errors of the simulated values; bars show two of them.
    """
    # A dozen dots are enough to compare with a line; more of them would hide it.
    shown = np.unique(np.linspace(0, len(n) - 1, min(len(n), 12)).round().astype(int))
    colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
    line = simulated if form is None else form
    ax.plot(n, line, linestyle=DASHES[place % len(DASHES)], linewidth=1.3, color=colour, zorder=2.4)
    if error is not None:
        ax.errorbar(n[shown], simulated[shown], yerr=2 * error[shown], fmt="none", elinewidth=0.8, color=colour)
    dots: dict[str, Any] = {"linestyle": "", "marker": marker, "markersize": 4.5, "color": colour}
    ax.plot(n[shown], simulated[shown], zorder=2.5, clip_on=False, **dots)


def label_ends(ax: Axes, labels: Sequence[tuple[float, float, str, int]]) -> None:
    """Write labels right of the axes at the heights of the lines' ends, moved apart where they would overlap.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw; limits and scales must be final.
    labels : sequence of (float, float, str, int)
        Where each line ends, what to write, and its place in the order of colours (below 0: grey).
    """
    figure = ax.figure
    figure.canvas.draw()  # positions are known only after a first draw
    to_axes = ax.transData + ax.transAxes.inverted()
    height = ax.get_window_extent().height * 72 / figure.dpi
    wanted = sorted((float(to_axes.transform((x, y))[1]), text, place) for x, y, text, place in labels)
    sizes = [11.0 * (text.count("\n") + 1) / height for _, text, _ in wanted]
    heights = _spread([spot for spot, _, _ in wanted], sizes)
    for (spot, text, place), at in zip(wanted, heights, strict=True):
        colour = QUIET if place < 0 else COLOURS[place % len(COLOURS)]
        leader = {"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0, "relpos": (0, 0.5)}
        ax.annotate(
            text,
            xy=(1.0, spot),
            xytext=(1.06, at),
            xycoords="axes fraction",
            color=colour,
            fontsize=8.5,
            va="center",
            arrowprops=leader,
            annotation_clip=False,
        )


def _spread(wanted: list[float], sizes: list[float]) -> list[float]:
    # Neighbours that overlap are pushed apart by half of the overlap each, until none do; the axes hold them all.
    heights = list(wanted)
    for _ in range(500):
        heights = [min(max(at, size / 2), 1 - size / 2) for at, size in zip(heights, sizes, strict=True)]
        gaps = [
            (sizes[one] + sizes[one + 1]) / 2 - (heights[one + 1] - heights[one]) for one in range(len(heights) - 1)
        ]
        if all(gap <= 1e-3 for gap in gaps):
            break
        for one, gap in enumerate(gaps):
            if gap > 1e-3:
                heights[one] -= gap / 2
                heights[one + 1] += gap / 2
    return heights


def outline(ax: Axes, truth: Mixture, across: float, down: float) -> None:
    """Draw the true components of a mixture, two standard deviations wide.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    truth : Mixture
        The truth.
    across, down : float
        Where the origin lies on these axes.
    """
    for mean, covariance in zip(truth.means, truth.covariances, strict=True):
        values, vectors = np.linalg.eigh(covariance)
        angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
        widths = 4 * np.sqrt(values)
        spot = (mean[0] + across, mean[1] + down)
        ax.add_patch(Ellipse(spot, widths[1], widths[0], angle=angle, fill=False, edgecolor="#9A9A9A", linewidth=1.1))


def generation_axis(ax: Axes) -> None:
    """Label the axis of generations, which are whole numbers.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    """
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.set_xlabel("generation n (number of fits)")


def plain_ticks(ax: Axes) -> None:
    """Label a log axis with plain numbers, and minor ticks too where it spans less than three decades.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Limits must be final.
    """

    def label(value: float, _: int | None = None) -> str:
        return f"{value:g}" if value >= 1e-3 else power_of_ten(value)

    low, high = ax.get_ylim()
    ax.yaxis.set_major_formatter(FuncFormatter(label))
    if high / low < 1000:
        ax.yaxis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
        ax.yaxis.set_minor_formatter(FuncFormatter(label))
    else:
        ax.yaxis.set_minor_formatter(NullFormatter())


def foot(figure: Figure, text: str) -> None:
    """Write a line of explanation below a figure."""
    figure.supxlabel(text, fontsize=8.5, color=QUIET, x=0.01, ha="left")


def with_alt(figure: Figure, text: str) -> Figure:
    """Return the figure with its text in words as label."""
    figure.set_label(text)
    return figure
