"""How a brief writes quantities, factors and settings; None is a value that was not reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from forecast.plots.style import quantity_words
from forecast.runs.document_types import LayerBlock
from forecast.text import capital

LONG = 150
"""Most letters of a source in its short form (count)."""


def amount(value: float | None) -> str:
    """Return an amount to two digits."""
    return "beyond the horizon" if value is None else quantity_words(value)


def factor_words(value: float | None) -> str:
    """Return a factor to two digits."""
    return "" if value is None else f"{value:.2g}"


def factor_range(value: Mapping[str, Any]) -> str:
    """Return the 80% interval of a factor."""
    low, high = value["intervals"]["0.8"]
    return f"{factor_words(low)} to {factor_words(high)}"


def order_words(value: float) -> str:
    """Return orders of magnitude to a hundredth.

    Examples
    --------
    >>> order_words(0.7689), order_words(-0.0004)
    ('0.77', '0')
    """
    return f"{round(value, 2) + 0.0:g}"


def order_range(value: Mapping[str, Any]) -> str:
    """Return the 80% interval of orders of magnitude."""
    low, high = value["intervals"]["0.8"]
    return f"{order_words(low)} to {order_words(high)}"


def share_words(value: float | None) -> str:
    """Return a share in per cent."""
    return "beyond the horizon" if value is None else f"{float(f'{100 * value:.2g}'):g}%"


def median_and_range(value: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return the median of an amount and its 80% interval."""
    if value is None:
        return "", ""
    low, high = value["intervals"]["0.8"]
    return amount(value["median"]), f"{amount(low)} to {amount(high)}"


def times(layer: LayerBlock) -> str:
    """Return what a lever does by 2030, in a few words."""
    factor = layer.get("factor_by_year", {}).get("2030", layer["factor"])
    low, high = factor["intervals"]["0.8"]
    return f"Times {factor['median']:.2g} in 2030 (80% interval {low:.2g} to {high:.2g})"


def number_words(value: float | None) -> str:
    """Return a number to three digits, years to four."""
    if value is None:
        return "not computed"
    shown = f"{value:.4g}" if 1000 <= abs(value) < 10_000 else f"{value:.3g}"
    return shown.replace("e+", "e")


def exact_words(value: float | None) -> str:
    """Return a number to four digits."""
    return "not computed" if value is None else f"{value:.4g}"


def plain_value(value: Any) -> str:
    """Return a setting as a scenario gives it."""
    if value is None:
        return "not named"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {number_words(number)}" for key, number in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return number_words(value) if isinstance(value, float) else str(value)


def short_source(source: str) -> str:
    """Return the first parts of a source, as many as fit; an ellipsis says that there is more."""
    parts = re.split(r"(?<=;) ", source)
    kept = parts[0]
    for part in parts[1:]:
        if len(kept) + len(part) > LONG:
            return f"{capital(kept).rstrip(';')} …"
        kept = f"{kept} {part}"
    return capital(kept)
