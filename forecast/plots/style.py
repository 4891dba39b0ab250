"""How figures look: Okabe-Ito colours, direct labels, quiet axes, plain numbers on logarithmic scales."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

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
    "svg.fonttype": "path",
    "svg.hashsalt": "forecast",
    "text.parse_math": False,  # a $ in a name is a dollar
    "xtick.color": "#333a42",
    "ytick.color": "#333a42",
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in this project's style inside the block."""
    import matplotlib as mpl

    with mpl.rc_context(_RC):
        yield


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
    if kind == "svg":  # it repeats each label as a comment; those of axes are not known before they are drawn
        target.write_text(printable(target.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


def new_axes(ax: Axes | None, *, height: float = HEIGHT) -> Axes:
    """Return the axes to draw on, a new figure's where none are given.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        The caller's axes.
    height : float, optional
        Height of a new figure (inches).

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
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def quantity_words(value: float) -> str:
    """Return a large number as people say it.

    Examples
    --------
    >>> quantity_words(4.5e13), quantity_words(3.2e14), quantity_words(1.2e15), quantity_words(2.5e10)
    ('45 trillion', '320 trillion', '1.2 quadrillion', '25 billion')
    """
    names = ((1e18, "quintillion"), (1e15, "quadrillion"), (1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
    rounded = float(f"{value:.2g}")
    for size, name in names:
        if rounded >= size:
            return f"{float(f'{rounded / size:.2g}'):g} {name}"
    return f"{rounded:g}"


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
