"""The bridge as a waterfall: how the median moves from a published procedure towards ours, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from forecast.core.files import atomic_file
from forecast.core.wording import year_phrase, year_tenth
from forecast.errors import InputError
from forecast.plots.style import BLACK, BLUE, QUIET, VERMILION, new_axes, save, style, titled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from forecast.replicate.bridge import BridgeStep

_HALF, _BELOW = 0.22, 0.34  # half the height of a bar, and how far below its middle the interval lies (rows)
_LABEL = 30  # longest line of a label (characters)


def bridge_waterfall(steps: Sequence[BridgeStep], ax: Axes | None = None) -> Axes:
    """Draw one row per step: a bar from the median before to the median after, and the 80% interval after.

    Bars that move the median later are filled, bars that move it earlier are hatched, and each says by how much. A
    median beyond the horizon has no place on the axis: its row says so instead.

    Parameters
    ----------
    steps : sequence of forecast.replicate.bridge.BridgeStep
        What `forecast.replicate.bridge.run_bridge` returned; at least one.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; `bridge_waterfall_text` gives the words for those who cannot see it.

    Raises
    ------
    InputError
        If there is no step.

    Examples
    --------
    >>> from forecast.replicate.bridge import BridgeStep
    >>> start = BridgeStep("as published", "Their procedure", "", {"0.1": 2027.4, "0.5": 2028.8, "0.9": 2031.2}, None)
    >>> bridge_waterfall([start]).get_xlabel()
    'Exhaustion year'
    """
    from matplotlib.ticker import FormatStrFormatter, MaxNLocator

    if not steps:
        raise InputError("a bridge of no steps", "at least its start", "run it first")
    with style():
        ax = new_axes(ax, height=1.2 + 0.5 * len(steps))
        right = max((value for step in steps for value in step.quantiles.values() if value is not None), default=2100.0)
        before: float | None = None
        for row, step in enumerate(steps):
            _interval(ax, row, step, right)
            if step.median is None:
                ax.annotate("median beyond the horizon", (right, row), ha="right", va="center", color=BLACK)
            else:
                _bar(ax, row, step.median, before)
            before = step.median
        ax.set_yticks(range(len(steps)), [fill(step.title, _LABEL) for step in steps])
        ax.set_ylim(len(steps) - 0.4, -0.75)
        ax.set_xlabel("Exhaustion year")
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        ax.xaxis.set_major_formatter(FormatStrFormatter("%.0f"))
        ax.grid(visible=False)
        ax.spines[["top", "right", "left"]].set_visible(False)
        ax.tick_params(axis="y", length=0)
        titled(
            ax,
            f"From {year_phrase(steps[0].median)} by their procedure to {year_phrase(steps[-1].median)} here, step by step "
            "(median, 80% interval)",
        )
    return ax


def bridge_waterfall_text(steps: Sequence[BridgeStep]) -> str:
    """Say in words what `bridge_waterfall` shows."""
    sentences = [f"Waterfall of {len(steps)} medians of the exhaustion year, in brackets the years moved."]
    for step in steps:
        if step.median is None:
            sentences.append(f"{step.title}: the median lies beyond the horizon.")
        else:
            moved = "" if step.change is None else f" ({_signed(step.change)})"
            sentences.append(f"{step.title}: median {year_tenth(step.median)}{moved}.")
    return " ".join(sentences)


def bridge_waterfall_table(steps: Sequence[BridgeStep]) -> pd.DataFrame:
    """Return the data behind `bridge_waterfall`."""
    import pandas as pd

    columns = ["step", "median_year", "low_year", "high_year", "change_years"]
    rows = [(s.title, s.median, s.quantiles["0.1"], s.quantiles["0.9"], s.change) for s in steps]
    return pd.DataFrame(rows, columns=columns)


def save_bridge(steps: Sequence[BridgeStep], out: Path) -> None:
    """Write the waterfall to a file, whole or not at all; its words travel with it."""
    figure = bridge_waterfall(steps).get_figure(root=True)
    assert figure is not None, "axes always belong to a figure"
    kind, words = out.suffix[1:].lower(), bridge_waterfall_text(steps)
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Description": words, "Date": None},
        "png": {"Description": words},
        "pdf": {"Subject": words, "CreationDate": None},
    }
    with style(), atomic_file(out) as temporary:
        save(figure, temporary, kind, dpi=150, metadata=metadata[kind])


def _interval(ax: Axes, row: int, step: BridgeStep, right: float) -> None:
    low, high = step.quantiles["0.1"], step.quantiles["0.9"]
    if low is not None:
        ends = [low, right if high is None else high]
        ax.plot(ends, [row + _BELOW] * 2, color=QUIET, lw=1.3, marker="|", ms=5, alpha=0.7, zorder=1)


def _bar(ax: Axes, row: int, median: float, before: float | None) -> None:
    ax.plot([median, median], [row - _HALF, row + _HALF], color=BLACK, lw=2, zorder=3, solid_capstyle="butt")
    said, place = year_tenth(median), median
    if before is not None:
        said, place = f"{year_tenth(median)}  ({_signed(median - before)})", max(median, before)
        ax.plot([before, before], [row - 1 + _HALF, row + _HALF], color=QUIET, lw=0.8, ls=":", zorder=1)
        if abs(median - before) >= 0.05:
            face, edge, hatch = (VERMILION, VERMILION, None) if median > before else ("white", BLUE, "////")
            ax.barh(row, median - before, left=before, height=2 * _HALF, color=face, edgecolor=edge, hatch=hatch)
    ax.annotate(
        said,
        (place, row - _HALF),
        xytext=(3, 1),
        textcoords="offset points",
        va="bottom",
        fontsize="small",
        color=BLACK,
    )


def _signed(years: float) -> str:
    rounded = round(years, 1) + 0.0
    return "no change" if rounded == 0 else f"{rounded:+.1f}".replace("-", "\N{MINUS SIGN}")
