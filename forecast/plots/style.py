"""How figures look: Okabe-Ito colours, direct labels, quiet axes, plain numbers on logarithmic scales."""

from __future__ import annotations

import contextlib
import contextvars
import math
import textwrap
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from forecast.core.wording import quantity_words as quantity_words
from forecast.plots.fonts import embedded, named_once
from forecast.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
"""Colours that people with any kind of colour vision can distinguish: Okabe and Ito (2008), Color Universal Design."""

CONSUMPTION, STOCK, QUIET = VERMILION, BLUE, "#5b6470"
"""The two sides of every comparison, and text that should recede (4.5 to 1 against white)."""

INKS: Mapping[str, tuple[str, str]] = {
    "#d55e00": ("vermilion", "#b34d00"),
    "#009e73": ("green", "#00795a"),
    "#cc79a7": ("purple", "#a5467c"),
    "#e69f00": ("orange", "#8a5f00"),
    "#56b4e9": ("sky", "#1b6fa3"),
}
"""Hue -> its name and a darker ink of it for words, at least 4.5 to 1 on white (WCAG 2.2, level AA)."""

WIDTH, HEIGHT = 7.2, 4.3
"""Size of a figure (inches): the measure of a report's column."""

_RC: dict[str, Any] = {
    "axes.edgecolor": "#9aa3ad",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": "#333a42",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "grid.color": "#e4e8ec",
    "grid.linewidth": 0.7,
    "savefig.bbox": None,  # as matplotlib has it: other packages change it, PreliZ for one, and a figure's size with it
    "savefig.dpi": "figure",
    "svg.fonttype": "none",  # words stay words; forecast.plots.fonts brings their letters along
    "svg.hashsalt": "forecast",
    "text.parse_math": False,  # a $ in a name is a dollar
    "xtick.color": "#333a42",
    "ytick.color": "#333a42",
}


NARROW = 3.3
"""Width of a figure for a phone (inches): on the 325 pixels that a screen of 360 leaves it, 8.25 points are 11 pixels."""

_NARROW_RC: dict[str, Any] = {"axes.titlesize": 10, "font.size": 8.5, "xtick.labelsize": 8.25, "ytick.labelsize": 8.25}

_narrow: contextvars.ContextVar[bool] = contextvars.ContextVar("narrow", default=False)


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in this project's style inside the block."""
    import matplotlib as mpl

    with mpl.rc_context({**_RC, **(_NARROW_RC if _narrow.get() else {})}), warnings.catch_warnings():
        # A name may hold letters that the font lacks: it is drawn with boxes, and is in full in the table.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


@contextlib.contextmanager
def narrow() -> Iterator[None]:
    """Draw for the width of a phone inside the block: new figures are narrower, and their words fewer a line."""
    before = _narrow.set(True)
    try:
        yield
    finally:
        _narrow.reset(before)


def is_narrow() -> bool:
    """Tell whether figures are drawn for the width of a phone."""
    return _narrow.get()


@contextlib.contextmanager
def legible(figure: Figure) -> Iterator[None]:
    """Write the words of a figure in darker inks inside the block, where their colour is too pale to read on white."""
    from matplotlib.colors import to_hex
    from matplotlib.text import Text

    before = [(text, text.get_color()) for text in figure.findobj(Text)]
    for text, colour in before:
        text.set_color(INKS.get(to_hex(colour), ("", colour))[1])
    try:
        yield
    finally:
        for text, colour in before:
            text.set_color(colour)


def save(figure: Figure, target: Path, kind: str, **named: Any) -> None:
    """Write a figure into a file that any reader of its format takes, whatever its words hold."""
    figure.savefig(target, format=kind, **named)
    if kind == "svg":  # labels of axes are not known before they are drawn
        drawn = named_once(printable(target.read_text(encoding="utf-8")))
        target.write_text(embedded(drawn), encoding="utf-8", newline="\n")


def new_axes(ax: Axes | None, *, height: float = HEIGHT, width: float = WIDTH) -> Axes:
    """Return the axes to draw on, a new figure's where none are given.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        The caller's axes.
    height, width : float, optional
        Size of a new figure (inches); on a phone it is narrower.

    Returns
    -------
    matplotlib.axes.Axes
        Where to draw.
    """
    if ax is not None:
        return ax
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # A figure of its own, not pyplot's: nothing is kept open, and no screen is looked for.
    figure = Figure(figsize=(NARROW if is_narrow() else width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def titled(ax: Axes, finding: str, *, pad: float = 10.0, x: float = 0.0) -> None:
    """Write what a figure shows above it, in as many lines as its width asks for."""
    figure = ax.get_figure(root=True)
    assert figure is not None, "axes always belong to a figure"
    letters = int(figure.get_figwidth() * (10.5 if is_narrow() else 10.2))
    # A dollar sign in a name is a dollar sign.
    ax.set_title("\n".join(_balanced(finding, letters)), pad=pad, x=x, parse_math=False)


def _balanced(words: str, letters: int) -> list[str]:
    """Return lines of at most so many letters, as few as can be and of about one length.

    Examples
    --------
    >>> _balanced("one two three four five", 20)
    ['one two three', 'four five']
    """
    lines = textwrap.wrap(words, letters)
    for width in range(len(words) // max(len(lines), 1), letters):
        if len(tried := textwrap.wrap(words, max(width, 1))) == len(lines):
            return tried
    return lines


TODAY = "today (data end)"
"""How figures mark the date of the data."""


def today(ax: Axes, year: float, *, at: float = 1.0, va: str = "top") -> None:
    """Mark where the data end and the forecast begins: the forecast's own today.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where; its limits must be set.
    year : float
        The date of the data (decimal year).
    at : float
        Height of the words (share of the axes).
    va : str
        Which side of the words is at that height.
    """
    left, right = ax.get_xlim()
    if not left <= year <= right:
        return
    crowded = year - left < 0.4 * (right - left)
    ax.axvline(year, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
    ax.annotate(
        TODAY,
        (year, at),
        xycoords=("data", "axes fraction"),
        xytext=(4 if crowded else -4, -3 if va == "top" else 3),
        textcoords="offset points",
        ha="left" if crowded else "right",
        va=va,
        color=QUIET,
        fontsize=8.5,
    )


def first_labelled(ax: Axes, first: int, *, step: int) -> None:
    """Label the year with which an axis begins, and round ones after it that are not too near to it."""
    _, right = ax.get_xlim()
    ax.set_xticks(
        [first, *(year for year in range(first - first % step + step, int(right) + 1, step) if year > first + step / 3)]
    )


def flush(figure: Figure) -> None:
    """Move a figure's title to its left edge, once it is laid out: a sentence needs more room than the axes have."""
    if len(figure.axes) != 1:
        return
    (ax,) = figure.axes
    place = ax.get_position()
    heading = next((text for text in (ax._left_title, ax.title) if text.get_text()), None)  # type: ignore[attr-defined]
    if heading is not None and place.width > 0:
        heading.set_x((0.1 / figure.get_figwidth() - place.x0) / place.width)


def sourced(figure: Figure, source: str) -> None:
    """Write where a figure's numbers come from below it, unless another line stands there."""
    if source and figure.get_supxlabel() == "":
        letters = int(figure.get_figwidth() * (14 if is_narrow() else 17))
        lines = "\n".join(textwrap.wrap(source, letters, break_on_hyphens=False))
        figure.supxlabel(lines, fontsize=8.25 if is_narrow() else 7.5, color=QUIET, x=0.01, ha="left", parse_math=False)


def power_of_ten(value: float) -> str:
    """Return the nearest power of ten for the label of an axis, without mathematical mark-up.

    Examples
    --------
    >>> power_of_ten(0.001)
    '10⁻³'
    """
    return "10" + str(round(math.log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def short_quantity(value: float) -> str:
    """Return a large number for the label of an axis.

    Examples
    --------
    >>> short_quantity(1e13), short_quantity(1e15)
    ('10 trillion', '1 quadrillion')
    """
    return quantity_words(value) if value < 1e20 else f"1e{len(f'{value:.0f}') - 1}"
