"""What a scenario says for a lever, held once against what is possible: numbers, intervals, dates and words."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.units import calendar_date, decimal_year
from forecast.errors import InputError, unknown_name
from forecast.scenarios.levers import LEVERS, Lever, LeverParameter
from forecast.text import quoted

RAW = LeverParameter("units of the resource", 1.0, 1e30, "Raw stock on 1 January 2024")
"""The raw stock that a scenario may give outright."""

_PAIRS = {"q025": ("q975", 0.95), "q05": ("q95", 0.90), "q10": ("q90", 0.80), "q25": ("q75", 0.50)}
_QUANTILE_KEYS = (*_PAIRS, *(high for high, _ in _PAIRS.values()), "q50")
_CLOSE, _MOST_MOVES = 1e-3, 200  # of an end (relative) when bounds cut; moves until then


@dataclass(frozen=True)
class LeverValue:
    """One lever as a scenario sets it.

    Parameters
    ----------
    quantities : mapping of str to LogNormal
        Each setting's distribution; a fixed number has no width.
    sources : mapping of str to str
        Where each number comes from.
    choices : mapping of str to str
        Settings that are words.

    Examples
    --------
    >>> import forecast as fc
    >>> scenario = fc.scenario.load("baseline")
    >>> quality = scenario.levers["quality"]
    >>> quality.sources["usable_share"] != ""
    True
    """

    quantities: Mapping[str, LogNormal]
    sources: Mapping[str, str]
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """All sources of the lever, each once."""
        return "; ".join(dict.fromkeys(self.sources.values()))

    def over(self, base: LeverValue, lever: Lever) -> LeverValue:
        """Return what is said here, and of the base what is not said here, in this way or another.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> quality = scenario.levers["quality"]
        >>> changed = scenario.replace(quality=0.1).levers["quality"]
        >>> changed.over(quality, fc.levers.LEVERS["quality"]).quantities["usable_share"].median
        0.1
        """
        said = {*self.quantities, *self.choices}
        gone = said.union(lever.alternatives) if said.intersection(lever.alternatives) else said

        def laid[Said](under: Mapping[str, Said], top: Mapping[str, Said]) -> dict[str, Said]:
            both = {**{key: value for key, value in under.items() if key not in gone}, **top}
            return {key: both[key] for key in lever.settings if key in both}

        return LeverValue(
            laid(base.quantities, self.quantities),
            laid(base.sources, self.sources),
            laid(base.choices, self.choices),
        )

    def where_other(self, base: LeverValue) -> LeverValue:
        """Return the settings that are not those of the base.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> quality = scenario.levers["quality"]
        >>> list(scenario.replace(quality=0.1).levers["quality"].where_other(quality).quantities)
        ['usable_share']
        """
        keys = {key for key, value in self.quantities.items() if base.quantities.get(key) != value}
        keys |= {key for key, word in self.choices.items() if base.choices.get(key) != word}
        return LeverValue(
            {key: value for key, value in self.quantities.items() if key in keys},
            {key: source for key, source in self.sources.items() if key in keys},
            {key: word for key, word in self.choices.items() if key in keys},
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the lever as plain values.

        Returns
        -------
        dict
            Settings by name, with ``sources``.

        Examples
        --------
        >>> import forecast as fc
        >>> scenario = fc.scenario.load("baseline")
        >>> quality = scenario.levers["quality"]
        >>> "usable_share" in str(quality.to_dict())
        True
        """
        return {
            **self.choices,
            **{key: described(value) for key, value in self.quantities.items()},
            "sources": dict(self.sources),
        }


def completed(lever: Lever, said: LeverValue) -> LeverValue:
    """Return what is said of a lever that is not shipped with what is not said at its neutral values.

    Of a shipped lever the baseline says everything.
    """
    known = {*said.quantities, *said.choices}
    missing = [key for key in lever.settings if key not in known and not known.intersection(_instead(lever, key))]
    if lever.name in LEVERS.shipped or not missing:
        return said
    if needed := [key for key in missing if lever.settings[key].neutral is None]:
        raise InputError(
            f"the lever {lever.name} without {' and '.join(needed)}",
            "all of its settings that have no neutral value",
            f"add them under [levers.{lever.name}]",
        )
    rest = {key: quantity(lever.settings[key].neutral, lever.settings[key], f"{lever.name}.{key}") for key in missing}
    return said.over(lever_value(lever, rest, dict.fromkeys(rest, "changes nothing: the neutral value")), lever)


def _instead(lever: Lever, key: str) -> tuple[str, ...]:
    """Return the settings of which any says what this one says."""
    return lever.alternatives if key in lever.alternatives else ()


def lever_value(lever: Lever, said: Mapping[str, LogNormal | str], sources: Mapping[str, str]) -> LeverValue:
    """Return checked values and their sources as one, in the order in which the lever names its settings."""
    keys = [key for key in lever.settings if key in said]
    if len(both := [key for key in lever.alternatives if key in keys]) > 1:
        raise InputError(f"{' and '.join(both)} of the lever {lever.name}", "one of the two", "remove the other")
    quantities = {key: value for key in keys if isinstance(value := said[key], LogNormal)}
    choices = {key: value for key in keys if isinstance(value := said[key], str)}
    return LeverValue(quantities, {key: sources[key] for key in keys}, choices)


def parameter_of(lever: Lever, key: str, *others: str) -> LeverParameter:
    """Return a setting of a lever by its name; others are keys that may stand beside it."""
    if key not in lever.settings:
        raise unknown_name(f"setting of the lever {lever.name}", key, (*lever.settings, *others))
    return lever.settings[key]


def possible(value: LogNormal, parameter: LeverParameter, where: str) -> LogNormal:
    """Return a distribution that a setting can have, whether a file has said it or a run recorded it."""
    if not value.sd_low and not value.sd_high:
        _within(value.median, parameter, where, zero=parameter.zero)
        return value
    if parameter.kind != "quantity":
        raise InputError(f"{where} with quantiles", f"one number ({parameter.unit})", "give a number")
    widths = np.array([value.sd_low, value.sd_high])
    # Where bounds cut an interval its median may lie outside them; what is drawn never does.
    if not (0 < value.median < np.inf and (widths >= 0).all() and np.isfinite(widths).all()):
        raise InputError(
            f"{where} with a median of {value.median:g} and widths of {value.sd_low:g} and {value.sd_high:g}",
            "a positive median and widths from 0",
            "choose possible values",
        )
    if not parameter.lower <= value.lower <= value.upper <= parameter.upper:
        raise InputError(
            f"{where} cut at {value.lower:g} and {value.upper:g}",
            f"bounds in order, from {parameter.lower:g} to {parameter.upper:g} ({parameter.unit})",
            "choose possible bounds",
        )
    return value


def quantity(value: Any, parameter: LeverParameter, where: str, *, demand: bool = False) -> LogNormal | str:
    """Read what a scenario says for a setting, and hold it against what is possible.

    Examples
    --------
    >>> quantity("2028-07-01", LeverParameter("decimal year", 2000, 2200, "start", kind="date"), "start").median
    2028.4972677595629
    """
    if parameter.kind == "choice":
        if not isinstance(value, str):
            raise InputError(
                f"{where} = {quoted(value)}", f"one of {', '.join(parameter.choices)}", "choose one of these"
            )
        if value not in parameter.choices:
            raise unknown_name(where, value, parameter.choices)
        return value
    if parameter.kind == "date":
        return _date(value, parameter, where, demand)
    if isinstance(value, LogNormal):  # only in Python; the bounds of the setting hold for it, too
        lower, upper = max(value.lower, parameter.lower), min(value.upper, parameter.upper)
        return possible(replace(value, lower=lower, upper=upper), parameter, where)
    if isinstance(value, bool) or not isinstance(value, int | float | Mapping):
        got = f"{where} = {quoted(value)}"
        raise InputError(got, "a number or quantiles such as {q05 = 1, q95 = 2}", "give one of these")
    if not isinstance(value, Mapping):
        return possible(LogNormal(_number(value), 0.0, 0.0), parameter, where)
    if parameter.kind == "number":
        raise InputError(f"{where} with quantiles", f"one number ({parameter.unit})", "give a number")
    return possible(_interval(value, parameter, where), parameter, where)


def described(value: LogNormal) -> float | dict[str, float]:
    """Return a quantity as a reader sees it.

    Examples
    --------
    >>> described(LogNormal(3.0, 0.0, 0.0))
    3.0
    """
    if value.sd_low == value.sd_high == 0:
        return value.median
    levels = (("q05", 0.05), ("q50", 0.5), ("q95", 0.95))
    return {label: float(f"{value.quantile(p):.6g}") for label, p in levels}


def _number(value: float) -> float:
    """Return a number as a float; infinite where an integer is larger than any."""
    try:
        return float(value)
    except OverflowError:
        return np.inf


def _interval(value: Mapping[str, Any], parameter: LeverParameter, where: str) -> LogNormal:
    for key in value:
        if key not in _QUANTILE_KEYS:
            raise unknown_name(f"quantile of {where}", str(key), _QUANTILE_KEYS)
    lows = [key for key in _PAIRS if key in value]
    if len(lows) != 1 or set(value) - {lows[0], _PAIRS[lows[0]][0], "q50"} or _PAIRS[lows[0]][0] not in value:
        raise InputError(
            f"{where} with the quantiles {', '.join(value)}",
            "one pair, such as q05 and q95, and perhaps q50",
            "give both ends of one interval",
        )
    low, (high_key, level) = lows[0], _PAIRS[lows[0]]
    numbers = [value[low], value[high_key], *([value["q50"]] if "q50" in value else [])]
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InputError(f"{where} with {quoted(number)}", "numbers", "give a number for each quantile")
        _within(_number(number), parameter, where)
    try:
        return _within_bounds(
            [_number(number) for number in numbers], level, lower=parameter.lower, upper=parameter.upper
        )
    except InputError as error:
        raise InputError(f"{where}: {error.got}", error.expected, error.do) from None


def _within_bounds(stated: Sequence[float], level: float, lower: float, upper: float) -> LogNormal:
    """Return the lognormal, cut at the bounds, whose quantiles after the cut are the stated ones.

    Bounds that hardly cut anything leave the plain interval. Otherwise the ends are moved until what is left fits.
    """

    def at(ends: np.ndarray) -> LogNormal:
        median = float(ends[2]) if len(ends) > 2 else None
        return LogNormal.from_interval(float(ends[0]), float(ends[1]), level, median, lower, upper)

    wanted = np.array(stated)
    probabilities = np.array([(1 - level) / 2, (1 + level) / 2, 0.5])[: len(wanted)]
    found, ends = at(wanted), wanted
    for _ in range(_MOST_MOVES):
        off = np.log(wanted / found.quantile(probabilities))
        if np.abs(off).max() < _CLOSE:
            break
        ends = ends * np.exp(off)
        ends[1] = max(ends[1], *ends[2:], ends[0])
        found = at(ends)
    return found


def _date(value: Any, parameter: LeverParameter, where: str, demand: bool) -> LogNormal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | dt.date):
        raise InputError(f"{where} = {quoted(value)}", "a decimal year or an ISO date", "give one of these")
    if isinstance(value, int | float):
        year = _number(value)
    else:
        try:
            # A date with a time of day is a date too.
            year = decimal_year(value if isinstance(value, str) else value.isoformat()[:10])
        except ValueError:
            got = f"{where} = {quoted(value)}"
            raise InputError(got, "a decimal year or an ISO date", "give one of these") from None
    _within(year, parameter, where)
    if demand and year < _data_end():
        raise InputError(
            f"{where} = {year:g}",
            f"a date after the data, which end on {calendar_date(_data_end())}, since all before it is in the fit",
            "choose a later start",
        )
    return LogNormal(year, 0.0, 0.0)


@functools.cache
def _data_end() -> float:
    from forecast.ingest.corpora import audited_as_of

    return audited_as_of()


def _within(number: float, parameter: LeverParameter, where: str, *, zero: bool = False) -> None:
    possible = np.isfinite(number) and parameter.lower <= number <= parameter.upper
    if not (possible and (number > 0 or (zero and number == 0))):
        raise InputError(
            f"{where} = {number:g}",
            f"{'zero or ' if zero else ''}a positive number from {parameter.lower:g} to {parameter.upper:g} ({parameter.unit})",
            "choose a possible value",
        )
