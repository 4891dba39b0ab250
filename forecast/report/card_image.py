"""The picture that other sites show beside a link: question, answer and a hundred futures, 1200 by 630 pixels."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.core.resources import RESOURCES
from forecast.core.wording import date_words, tight
from forecast.plots.style import BLACK, QUIET, style
from forecast.report.kept_pictures import Drawn, kept_picture, numbers_of
from forecast.report.pictures import source_of
from forecast.runs.forecast import Forecast
from forecast.runs.sentence import NO_HEADLINE
from forecast.text import printable

CARD = "card.png"
"""Its file in a report."""

CARD_SIZE = (1200, 630)
"""Width and height (pixels): what the Open Graph protocol's readers show whole."""


def card_png(forecast: Forecast) -> bytes:
    """Return the picture of a forecast."""
    return kept_picture(lambda: Drawn("", "", _card(forecast)), name=CARD, of=numbers_of(forecast)).png


def _card(forecast: Forecast) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from forecast.plots.futures import futures

    document = forecast.document
    width, height = CARD_SIZE
    with style():
        figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="white")
        FigureCanvasAgg(figure)

        def write(x: float, y: float, words: str, letters: int, **looks: Any) -> None:
            figure.text(x, y, textwrap.fill(printable(words), letters), va="top", parse_math=False, **looks)

        write(0.05, 0.91, card_title(forecast), 58, fontsize=25, weight="bold", color=BLACK, linespacing=1.25)
        write(0.05, 0.74, card_words(forecast), 36, fontsize=21, color="#333a42", linespacing=1.5)
        write(0.05, 0.09, source_of(document), 130, fontsize=11, color=QUIET)
        if document["sentence"] is not None:
            dots = futures(forecast, figure.add_axes((0.62, 0.35, 0.32, 0.46)), columns=10)
            dots.set_title("")
            handles = [line for line in dots.get_lines() if np.size(line.get_xdata())]
            for line in handles:
                line.set_markersize(1.6 * line.get_markersize())
            dots.legend(
                handles=handles, loc="upper left", bbox_to_anchor=(0.0, 0.02), frameon=False, fontsize=12,
                handletextpad=0.2, markerscale=0.6,
            )  # fmt: skip
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    return buffer.getvalue()


def card_title(forecast: Forecast) -> str:
    """Return the question that the picture answers."""
    return f"When could AI training outgrow {RESOURCES[forecast.document['resource']].title}?"


def card_words(forecast: Forecast) -> str:
    """Return the answer: the short headline of the run, or that there is none."""
    document = forecast.document
    if document["sentence"] is None:
        return NO_HEADLINE
    headline: Mapping[str, Any] = document.get("headline") or {}
    return tight(headline.get("short") or f"Data to {date_words(document['as_of'])}. {document['sentence']}")


def card_alt(forecast: Forecast) -> str:
    """Return the picture in words."""
    from forecast.plots.futures import futures_text

    shown = "" if forecast.document["sentence"] is None else f" {futures_text(forecast)}"
    return f"{card_title(forecast)} {card_words(forecast)}{shown}"


__all__ = ["CARD", "CARD_SIZE", "card_alt", "card_png", "card_title", "card_words"]
