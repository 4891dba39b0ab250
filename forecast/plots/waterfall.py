"""Waterfall: from the raw stock to the effective one, layer by layer, now and in 2030."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.plots.findings import of_run
from forecast.plots.style import (
    BLACK,
    ORANGE,
    QUIET,
    STOCK,
    WIDTH,
    new_axes,
    quantity_words,
    short_quantity,
    style,
    titled,
)
from forecast.runs.document_types import Document
from forecast.runs.forecast import Forecast
from forecast.text import capital

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SHOWN = ("2026", "2030")
"""Years drawn (calendar years, 1 January)."""

_STYLES = {"2026": (STOCK, "o", -0.13), "2030": (ORANGE, "s", 0.13)}
_BARS = (("0.95", 1.2), ("0.8", 3.2), ("0.5", 6.0))


def waterfall(forecast: Forecast, ax: Axes | None = None) -> Axes:
    """Draw the stock after each layer.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The resource's unit across on a logarithmic scale, one row per layer in the order of application; medians and
        equal-tailed 50, 80 and 95% intervals of what is left after it, and the layer's factor between the rows.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.waterfall(f)
    """
    with style():
        steps = _steps(forecast.document)
        ax = new_axes(ax, height=1.5 + 0.62 * len(steps))
        years = [year for year in SHOWN if all(year in step["level"] for step in steps)]
        for year in years:
            colour, marker, aside = _STYLES[year]
            at = np.arange(len(steps)) + aside
            medians = [step["level"][year]["median"] for step in steps]
            for interval, width in _BARS:
                ends = np.array([step["level"][year]["intervals"][interval] for step in steps])
                alpha = 0.35 if width < 5 else 0.75
                ax.hlines(at, ends[:, 0], ends[:, 1], color=colour, linewidth=width, alpha=alpha)
            ax.plot(medians, at, color=colour, linewidth=0.9, linestyle=":", zorder=1)
            ax.plot(medians, at, marker, color="white", markeredgecolor=colour, markersize=6)
            ax.annotate(
                f"1 January {year}",
                (medians[0], at[0]),
                xytext=(0, 9 if aside < 0 else -9),
                textcoords="offset points",
                ha="center",
                va="bottom" if aside < 0 else "top",
                color=STOCK if colour == STOCK else QUIET,
                weight="bold",
                fontsize=8.5,
            )
        for place, (_, step) in enumerate(itertools.pairwise(steps)):
            ax.annotate(
                _factor_words(step),
                (1.0, place + 0.5),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                color=BLACK,
                annotation_clip=False,
            )
        ax.set_xscale("log")
        ax.set_ylim(len(steps) - 0.5, -0.62)
        ax.set_yticks(range(len(steps)), ["\n".join(textwrap.wrap(step["title"], 26)) for step in steps])
        for label in ax.get_yticklabels():
            label.set_parse_math(False)
        ax.grid(axis="x")
        ax.xaxis.set_major_formatter(lambda value, _: short_quantity(value))
        _few_ticks(ax)
        ax.set_xlabel(f"{forecast.document['unit']} left after each layer, logarithmic; bars hold 50, 80 and 95%")
        titled(ax, _finding(forecast.document))
    return ax


def _finding(document: Document) -> str:
    """Say how much of the raw stock counts as usable."""
    steps = _steps(document)
    year = next(year for year in reversed(SHOWN) if year in steps[0]["level"])
    raw, left = (quantity_words(steps[place]["level"][year]["median"]) for place in (0, -1))
    unit = document["unit"]
    return of_run(
        document, f"{capital(raw)} {unit} of raw stock come to {left} that count", "From the raw to the effective stock"
    )


def _few_ticks(ax: Axes) -> None:
    """Keep the words of a logarithmic scale apart."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = np.log10(ax.get_xlim())
    every = max(1, int(np.ceil((high - low) / (WIDTH / 1.8))))
    ax.xaxis.set_major_locator(LogLocator(base=10.0**every))
    ax.xaxis.set_minor_formatter(NullFormatter())


def _steps(document: Document) -> list[Mapping[str, Any]]:
    """Return the raw stock and what is left after each layer."""
    stock = document["stock"]
    raw: Mapping[str, Any] = {"name": "raw", "title": "raw stock", "level": stock["raw"], "factor": None}
    return [raw, *stock["layers"]]


def _factor_words(step: Mapping[str, Any]) -> str:
    """Return a factor, for both years where it changes."""
    by_year = step.get("factor_by_year", {})
    shown = {year: f"× {by_year[year]['median']:.2g}" for year in SHOWN if year in by_year}
    if len(set(shown.values())) < 2:
        return next(iter(shown.values()), f"× {step['factor']['median']:.2g}")
    return "\n".join(f"{year}: {words}" for year, words in shown.items())


def waterfall_text(forecast: Forecast) -> str:
    """Return the figure in words, its numbers from the document."""
    document = forecast.document
    unit = document["unit"]

    def words(q: Mapping[str, Any]) -> str:
        low, high = (quantity_words(end) for end in q["intervals"]["0.8"])
        return f"{quantity_words(q['median'])} {unit} (80% interval {low} to {high})"

    steps = _steps(document)
    year = next(year for year in reversed(SHOWN) if year in steps[0]["level"])
    parts = [f"raw {words(steps[0]['level'][year])}"]
    parts += [f"after {step['title']} {words(step['level'][year])}" for step in steps[1:]]
    tail = "" if len(steps) > 1 else " The scenario has no layers between the raw and the effective stock."
    return f"Interval chart of the stock on 1 January {year}, layer by layer: {'; '.join(parts)}.{tail}"


def waterfall_table(forecast: Forecast) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    rows = []
    unit = forecast.document["unit"]
    for step in _steps(forecast.document):
        for year, level in step["level"].items():
            factor = step.get("factor_by_year", {}).get(year, step["factor"])
            low, high = factor["intervals"]["0.8"] if factor else (None, None)
            rows.append(
                {
                    "layer": step["name"],
                    "year": int(year),
                    "factor_q50": factor["median"] if factor else None,
                    "factor_q10": low,
                    "factor_q90": high,
                    **{f"level_q{float(p) * 100:02.0f}_{unit}": level["quantiles"][p] for p in ("0.1", "0.5", "0.9")},
                }
            )
    return pd.DataFrame(rows)
