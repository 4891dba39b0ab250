"""Settings, moves and answers in the words of the command line: percentages, years and amounts, never raw quantiles."""

from __future__ import annotations

import math
from typing import Any

from forecast.core.wording import percent_words, points_moved, quantity_words, year_tenth
from forecast.runs.sentence import HEADLINE_YEAR

_COUNTED = 1e6
"""Least number that is written with its size in words."""

_POWER = 1e21
"""Least number that is written as a power of ten: there are no common words for it."""


def setting_words(value: Any, unit: str = "") -> str:
    """Return a setting's value as a reader wants it: a share in percent, a range as its middle and its ends.

    Examples
    --------
    >>> setting_words({"q05": 0.25, "q50": 0.4, "q95": 0.6}, "share"), setting_words(2.0, "passes")
    ('40% (25% to 60%)', '2 passes')
    >>> setting_words({"q05": 1.3e14, "q95": 2.1e15}, "tokens"), setting_words(4.1, "factor"), setting_words(2027.0, "decimal year")
    ('130 trillion to 2.1 quadrillion tokens', 'x4.1', '2027')
    >>> setting_words(None), setting_words(["damped", "ets"]), setting_words(True)
    ('not set', 'damped, ets', 'yes')
    """
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(setting_words(one) for one in value)
    if isinstance(value, dict):
        return _range_words(value, unit)
    if isinstance(value, float | int):
        return _named(_number(value, unit), unit)
    return str(value)


def unit_of(part: str, key: str) -> str:
    """Return the unit of a scenario's setting, empty where it has none.

    Examples
    --------
    >>> unit_of("levers.access", "compliance_2030"), unit_of("stock", "raw"), unit_of("consumption", "members")
    ('share', 'tokens', '')
    """
    from forecast.scenarios.levers import LEVERS

    kind, _, name = part.partition(".")
    if kind == "levers" and name in LEVERS and key in LEVERS[name].settings:
        return LEVERS[name].settings[key].unit
    return "tokens" if (part, key) == ("stock", "raw") else ""


def median_words(year: float) -> str:
    """Return a median for a table of differences."""
    return "beyond the horizon" if math.isinf(year) else year_tenth(year)


def points_between(before: float, after: float) -> str:
    """Return how far a probability moves in points: those between the percentages that are printed beside it.

    Examples
    --------
    >>> points_between(0.7465, 0.8149), points_between(0.75, 0.752)
    ('+6', '+0.2')
    """
    near = abs(after - before) < 0.01
    return points_moved(after - before if near else round(100 * after) / 100 - round(100 * before) / 100)


def moved_sentence(names: tuple[str, str], medians: tuple[float, float], shares: tuple[float, float]) -> str:
    """Return the difference between two answers in one sentence.

    Examples
    --------
    >>> moved_sentence(("a", "b"), (2028.0, 2027.4), (0.75, 0.86))
    'From a to b the median moves from 2028.0 to 2027.4 (0.6 years earlier) and the odds by the end of 2030 from 75% to 86% (+11 points).'
    """
    first, second = medians
    gap = 0.0 if math.isinf(first) and math.isinf(second) else second - first
    years = "" if math.isinf(gap) else f" ({abs(gap):.1f} years {'later' if gap > 0 else 'earlier'})"
    if abs(gap) < 0.05 and abs(shares[1] - shares[0]) < 0.005:
        return (
            f"Between {names[0]} and {names[1]} the answer stays: median {median_words(first)}, "
            f"{percent_words(shares[0])} by the end of {HEADLINE_YEAR}."
        )
    return (
        f"From {names[0]} to {names[1]} the median moves from {median_words(first)} to {median_words(second)}"
        f"{years if abs(gap) >= 0.05 else ''} and the odds by the end of {HEADLINE_YEAR} from {percent_words(shares[0])} "
        f"to {percent_words(shares[1])} ({points_between(*shares)} points)."
    )


def _range_words(value: dict[str, Any], unit: str) -> str:
    numbers = {key: one for key, one in value.items() if isinstance(one, float | int)}
    if not numbers or not all(key.startswith("q") for key in numbers):
        return ", ".join(f"{key} {setting_words(one)}" for key, one in value.items())
    shown = {key: _number(one, unit) for key, one in sorted(numbers.items())}
    ends = [one for key, one in shown.items() if key != "q50"]
    outer = f"{ends[0]} to {ends[-1]}" if ends else ""
    if "q50" not in shown:
        return _named(outer, unit)
    return _named(shown["q50"], unit) + (f" ({outer})" if outer else "")


def _named(number: str, unit: str) -> str:
    if unit in ("", "share", "decimal year", "none", "word", "ratio") or unit.startswith(("factor", "share")):
        return f"{number} a year" if unit.endswith("a year") else number
    return f"{number} {unit}"


def _number(value: float, unit: str) -> str:
    if unit.startswith("share"):
        return f"{float(f'{100 * value:.2g}'):g}%"
    if unit == "decimal year":
        return f"{value:.1f}".removesuffix(".0")
    if abs(value) >= _POWER:
        return f"{value:.1e}".replace("e+", "e").replace(".0e", "e")
    if isinstance(value, int) and abs(value) < _COUNTED:
        return str(value)
    words = quantity_words(value) if value >= _COUNTED else f"{float(f'{value:.2g}'):g}"
    return f"x{words}" if unit.startswith("factor") else words
