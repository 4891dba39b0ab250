"""Stock estimators side by side: each one's own answer, bounds, and all of them together, raw and after the filter."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    QUIET,
    SKY,
    VERMILION,
    new_axes,
    quantity_words,
    style,
    titled,
)
from forecast.runs.forecast import Forecast

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Estimators = Forecast | Sequence[Mapping[str, Any]]
"""A forecast, or the list under ``stock.estimators`` of its document."""

CONFLICT = 0.05
"""From here on down an estimator is marked as contradicting the other lineages (probability; judgement: the custom)."""

_COLOURS = (BLUE, GREEN, VERMILION, PURPLE, ORANGE, SKY)
_ROW = 0.44
_ROOM = 1.2  # of the width of the data, for the words to the right of them
_LIMITS = {"lower bound": "at least ", "upper bound": "at most "}


def stock_estimators(estimators: Estimators, ax: Axes | None = None) -> Axes:
    """Draw what each estimator says about the stock of 2024, at the layer at which it was measured.

    Parameters
    ----------
    estimators : Forecast or sequence of mapping
        Entries with ``name``, ``title``, ``lineage``, ``raw_2024``, and where known ``kind``, ``conflict_p``, ``layer``
        and ``filtered_2024``.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Tokens across on a logarithmic scale; one row per estimator: point and 80% interval, an arrow for a bound.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> axes = fc.plots.stock_estimators(f)
    """
    entries = _entries(estimators)
    with style():
        ax = new_axes(ax, height=1.3 + _ROW * len(entries))
        lineages = [name for name in dict.fromkeys(entry["lineage"] for entry in entries) if name != "synthesis"]
        colours = {name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(lineages)} | {"synthesis": BLACK}
        for place, entry in enumerate(entries):
            _row(ax, -place, entry, colours[entry["lineage"]])
        ax.set_xscale("log")
        low = min(entry["tokens"]["intervals"]["0.8"][0] for entry in entries)
        high = max(entry["tokens"]["intervals"]["0.8"][1] for entry in entries)
        left, decades = low / 1.6, float(np.log10(high / low * 1.6))
        right = high * 10 ** max(_ROOM * decades, 0.7)
        ax.set_xlim(left, right)
        ax.set_ylim(-len(entries) + 0.4, 0.6)
        _divide(ax, entries)
        ax.set_yticks([-place for place in range(len(entries))], [_label(entry) for entry in entries])
        for tick, entry in zip(ax.get_yticklabels(), entries, strict=True):
            tick.set_fontsize(8.5)
            tick.set_fontweight("bold" if entry["lineage"] == "synthesis" else "normal")
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="y", visible=False)
        ax.grid(axis="x", visible=True)
        powers, digits = (range(11, 19), (1, 3)) if decades < 2.2 else (range(10, 19, 2), (1,))
        ticks = [digit * 10.0**power for power in powers for digit in digits]
        ax.set_xticks([value for value in ticks if left <= value <= 10 * high])
        ax.xaxis.set_major_formatter(lambda value, _: quantity_words(value))
        ax.minorticks_off()
        ax.tick_params(axis="x", labelsize=8.5)
        ax.set_xlabel("tokens in 2024, median and 80% interval", fontsize=9)
        titled(ax, _finding(entries))
    return ax


def _finding(entries: Sequence[Mapping[str, Any]]) -> str:
    """Say how far estimates of the raw stock lie apart."""
    medians = [
        entry["tokens"]["median"]
        for entry in entries
        if not entry["filtered"] and not _is_bound(entry) and entry["lineage"] != "synthesis"
    ]
    if len(medians) < 2:
        return "How much public text is there?"
    low, high = quantity_words(min(medians)), quantity_words(max(medians))
    return f"{len(medians)} estimates of public text run from {low} to {high} tokens"


def _entries(estimators: Estimators) -> list[Mapping[str, Any]]:
    """Return the rows: raw, then what was measured after the filter, each with ``tokens`` of its layer.

    All together first, estimates next, bounds last; in their own order otherwise.
    """
    listed: Sequence[Mapping[str, Any]]
    listed = estimators.document["stock"]["estimators"] if isinstance(estimators, Forecast) else estimators
    raw = [{**one, "tokens": one["raw_2024"], "filtered": False} for one in listed if one.get("layer") in (None, "raw")]
    left = [{**one, "tokens": one["filtered_2024"], "filtered": True} for one in listed if "filtered_2024" in one]
    return sorted(raw + left, key=lambda entry: (entry["filtered"], entry["lineage"] != "synthesis", _is_bound(entry)))


def _divide(ax: Axes, entries: Sequence[Mapping[str, Any]]) -> None:
    """Say where the rows of the filtered stock begin."""
    first = sum(not entry["filtered"] for entry in entries)
    if not 0 < first < len(entries):
        return
    ax.axhline(-first + 0.5, color=QUIET, linewidth=0.8)
    for place, words in ((0, "every page once"), (first, "after a strict filter")):
        ax.annotate(
            words, (0, -place + 0.5), xycoords=ax.get_yaxis_transform(), xytext=(4, -2), textcoords="offset points",
            va="top", fontsize=8, color=QUIET, style="italic",
        )  # fmt: skip


def _is_bound(entry: Mapping[str, Any]) -> bool:
    return entry.get("kind") in _LIMITS


def _conflicts(entry: Mapping[str, Any]) -> bool:
    p = entry.get("conflict_p")
    return p is not None and p < CONFLICT


def _label(entry: Mapping[str, Any]) -> str:
    lines = textwrap.wrap(entry["title"].split(" (Epoch AI data-stock")[0], 34)
    return "\n".join(lines[:2]) + (" …" if len(lines) > 2 else "")


def _row(ax: Axes, place: float, entry: Mapping[str, Any], colour: str) -> None:
    low, high = entry["tokens"]["intervals"]["0.8"]
    median = entry["tokens"]["median"]
    heavy = entry["lineage"] == "synthesis"
    if _is_bound(entry):
        ax.plot([low, high], [place, place], color=colour, linewidth=1.8, linestyle=(0, (1, 1)))
        tip = median * 1.9 if entry["kind"] == "lower bound" else median / 1.9
        ax.annotate("", (tip, place), (median, place), arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.4})
        ax.plot([median], [place], marker="|", markersize=11, color=colour, markeredgewidth=2)
        end = max(high, tip)
    else:
        ax.plot([low, high], [place, place], color=colour, linewidth=3.2 if heavy else 1.8)
        ax.plot([median], [place], marker="o", markersize=7 if heavy else 5.5, color=colour)
        end = high
    words = quantity_words(median)
    if not heavy:
        words = f"{_LIMITS.get(entry.get('kind', ''), '')}{words} · {entry['lineage'].replace('_', ' ')}"
    if _conflicts(entry):
        words += f"\nconflict, p = {entry['conflict_p']:.2f}"
    ax.annotate(
        words,
        (end, place),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        color=BLACK if heavy else QUIET,
        weight="bold" if heavy else "normal",
    )


def stock_estimators_text(estimators: Estimators) -> str:
    """Return the figure in words, its numbers from the entries."""
    parts = []
    for entry in _entries(estimators):
        low, high = entry["tokens"]["intervals"]["0.8"]
        words = quantity_words(entry["tokens"]["median"])
        if _is_bound(entry):
            parts.append(f"{_title(entry)}: {_LIMITS[entry['kind']]}{words}")
        else:
            parts.append(f"{_title(entry)}: {words} ({quantity_words(low)} to {quantity_words(high)})")
    odd = [entry["title"] for entry in _entries(estimators) if _conflicts(entry)]
    verdict = f"In conflict with the others: {', '.join(odd)}." if odd else "No estimate contradicts the others."
    return (
        "Row chart on a logarithmic scale of the public text of 2024 in tokens, with 80% intervals. "
        f"{'; '.join(parts)}. {verdict}"
    )


def _title(entry: Mapping[str, Any]) -> str:
    return f"{entry['title']}{', after a strict filter' if entry['filtered'] else ''}"


def stock_estimators_table(estimators: Estimators) -> pd.DataFrame:
    """Return the data behind the figure."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "name": entry["name"],
                "lineage": entry["lineage"],
                "kind": entry.get("kind", "estimate"),
                "layer": "after_quality_filter" if entry["filtered"] else "raw",
                "median_tokens": entry["tokens"]["median"],
                "low_80_tokens": entry["tokens"]["intervals"]["0.8"][0],
                "high_80_tokens": entry["tokens"]["intervals"]["0.8"][1],
                "conflict_p": entry.get("conflict_p"),
            }
            for entry in _entries(estimators)
        ]
    )
