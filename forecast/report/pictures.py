"""A drawn figure as the page, the brief and the folder hold it: SVG with words in it, PNG, and the data as CSV."""

from __future__ import annotations

import io
import json
import re
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.core.wording import date_words, tight
from forecast.plots.fonts import embedded, faces, named_once
from forecast.report.kept_pictures import Drawn, kept_picture, kept_words, numbers_of
from forecast.report.themes import compact, themed
from forecast.runs.document_types import Document
from forecast.text import printable, to_csv

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from forecast.runs.forecast import Forecast

PIXELS = 1600
"""Width of a PNG (pixels)."""

PROJECT = "data-depletion"
"""As figures name their maker."""


@dataclass(frozen=True)
class PageFigure:
    """A figure as the page places it.

    Parameters
    ----------
    name, title : str
        Its name, also of its files, and its heading.
    svg : str
        The drawing, in plain colours.
    text : str
        The figure in words.
    data : pandas.DataFrame
        The data behind it.
    narrow : str
        The drawing for a phone; empty where the wide one does.
    png : bytes
        The drawing in pixels.
    """

    name: str
    title: str
    svg: str
    text: str
    data: pd.DataFrame
    narrow: str = ""
    png: bytes = b""

    @property
    def table(self) -> dict[str, Any]:
        """The data as columns and rows."""
        content: dict[str, Any] = json.loads(self.data.to_json(orient="split"))
        return content

    @property
    def drawings(self) -> list[tuple[str, str]]:
        """The drawings in the page's colours, each with the class of screens that show it."""
        if not self.narrow:
            return [("", themed(self.svg))]
        return [("wide", themed(self.svg)), ("narrow", themed(self.narrow))]


def source_of(document: Document) -> str:
    """Return the line below a figure of a forecast: whose data, up to when, made when and by what."""
    from forecast.report.citing import run_id

    made = document["provenance"]
    scenario = "" if document["scenario"] == "baseline" else f", scenario {document['scenario']}"
    return (
        f"Data: Epoch AI and others, to {date_words(document['as_of'])}. {PROJECT} {made['code_version']}, "
        f"{date_words(made['created'][:10])}{scenario}, run {run_id(document)}."
    )


def stored_source(made: str) -> str:
    """Return the line below a figure of a stored result: what made it, and when."""
    return f"Evaluation stored on {date_words(made[:10])}, {PROJECT}; tables and settings are named in the text."


def figure_named(forecast: Forecast, name: str) -> PageFigure:
    """Draw a figure of the registry for a forecast, or find it as it was drawn of the same run."""
    from forecast.plots import FIGURES

    figure, source = FIGURES[name], source_of(forecast.document)

    def draw() -> Drawn:
        return _drawn(
            lambda: figure.draw(forecast), name, figure.title, figure.text(forecast), source, slim=figure.narrow
        )

    # What others registered may draw from what no key can know.
    if figure.draw.__module__.startswith("forecast."):
        of = numbers_of(forecast)
        found = kept_picture(draw, name=name, source=source, of=of)
        text, table = kept_words(lambda: (figure.text(forecast), figure.table(forecast)), name=name, of=of)
    else:
        found, text, table = draw(), figure.text(forecast), figure.table(forecast)
    return PageFigure(name, figure.title, found.svg, text, table, found.narrow, found.png)


def figure_of(
    draw: Axes | Figure | Callable[[], Axes | Figure],
    name: str,
    title: str,
    text: str,
    table: pd.DataFrame,
    source: str = "",
) -> PageFigure:
    """Return a figure that a section draws itself, as the page places it: from a stored result, say.

    Given a function that draws it, it is drawn where no such picture of the same numbers and words is kept.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> shown = fc.report.figure_of(f.plot(), "both", "Both sides", "What it shows.", f.summary())
    >>> shown.title
    'Both sides'
    """
    if callable(draw):
        numbers = {"name": name, "title": title, "text": text, "source": source, "table": to_csv(table)}
        found = kept_picture(lambda: _drawn(draw, name, title, text, source), **numbers)
    else:
        found = _drawn(lambda: draw, name, title, text, source)
    return PageFigure(name, title, found.svg, text, table, png=found.png)


def svg_element(canvas: Figure, name: str, title: str, text: str) -> str:
    """Return a drawn figure as an SVG element that carries its own words.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fc.report.svg_element(f.plot().figure, "both", "Both sides", "What it shows.").startswith("<svg")
    True
    """
    with _finished(canvas, ""):
        return _svg(canvas, name, title, text)


def write_figures(figures: Sequence[PageFigure], folder: Path) -> None:
    """Write figures as SVG, each with the letters that it needs, as PNG, and the data behind each as CSV."""
    folder.mkdir()
    letters = faces(svg for figure in figures for svg in (figure.svg, figure.narrow))
    for figure in figures:
        (folder / f"{figure.name}.svg").write_text(embedded(figure.svg, letters), encoding="utf-8")
        (folder / f"{figure.name}.png").write_bytes(figure.png)
        data = to_csv(figure.data, float_format="%.6g")
        (folder / f"{figure.name}.csv").write_text(data, encoding="utf-8", newline="")


def _drawn(
    draw: Callable[[], Axes | Figure], name: str, title: str, text: str, source: str, *, slim: bool = False
) -> Drawn:
    """Draw a picture in all its forms."""
    from forecast.plots.style import narrow

    thin = ""
    if slim:
        with narrow():
            canvas = _canvas(draw())
            with _finished(canvas, source):
                thin = _svg(canvas, f"{name}-narrow", title, text)
    canvas = _canvas(draw())
    with _finished(canvas, source):
        svg = _svg(canvas, name, title, text)
    return Drawn(svg, thin, _png(canvas))


def _canvas(drawn: Axes | Figure) -> Figure:
    canvas = drawn.get_figure(root=True)
    assert canvas is not None, "axes always belong to a figure"
    return canvas


@contextmanager
def _finished(canvas: Figure, source: str) -> Iterator[None]:
    """Bring a figure into the form in which it is saved: its source below it, pale words in darker inks."""
    from forecast.plots.style import flush, legible, sourced, style

    with style(), legible(canvas), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="constrained_layout not applied")  # a name without end
        sourced(canvas, source)
        if canvas.get_layout_engine() is not None:  # what is laid out once need not be so again for every format
            canvas.draw_without_rendering()
            canvas.set_layout_engine("none")
        flush(canvas)
        yield


def _svg(canvas: Figure, name: str, title: str, text: str) -> str:
    import markupsafe

    buffer = io.StringIO()
    canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = compact(named_once(tight(printable(buffer.getvalue()))))
    # Several figures share a page: each gets ids of its own, short ones.
    own = f"f{zlib.crc32(name.encode()) % 36**4:x}"
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{own}-", svg[svg.index("<svg") :])
    words = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-text"'
        f"{svg[4 : svg.index('>')]}>"
        f'<title id="{name}-title">{markupsafe.escape(printable(title))}</title>'
        f'<desc id="{name}-text">{markupsafe.escape(tight(printable(text)))}</desc>'
    )
    return words + svg[svg.index(">") + 1 :]


def _png(canvas: Figure) -> bytes:
    buffer = io.BytesIO()
    # A hundredth of a pixel more: the width is cut to whole pixels.
    resolution = (PIXELS + 0.01) / canvas.get_figwidth()
    with _finished(canvas, ""):
        canvas.savefig(
            buffer,
            format="png",
            dpi=resolution,
            facecolor="white",
            metadata={"Software": None},
            pil_kwargs={"compress_level": 3},  # half the time of the usual 6, for files a tenth larger
        )
    return buffer.getvalue()
