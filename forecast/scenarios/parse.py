"""Reading a scenario's TOML: what it extends, what it changes, and the one line that says what is wrong with it.

A file is checked by itself before it is laid over what it extends. There each number of a lever goes together with the
source that the file gives for it, so that a file which changes one number leaves the sources of all others in place.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecast.core.distributions import LogNormal
from forecast.core.units import calendar_date, decimal_year
from forecast.errors import InputError, MissingFileError, UnknownNameError, unknown_name
from forecast.scenarios.levers import LEVERS, Lever, Setting
from forecast.text import quoted

SHIPPED = Path(__file__).with_name("shipped")
"""Folder of the shipped scenarios."""

RAW = Setting("units of the resource", 1.0, 1e30, "Raw stock on 1 January 2024")
"""The raw stock that a scenario may give outright."""

_PAIRS = {"q025": ("q975", 0.95), "q05": ("q95", 0.90), "q10": ("q90", 0.80), "q25": ("q75", 0.50)}
_QUANTILE_KEYS = (*_PAIRS, *(high for high, _ in _PAIRS.values()), "q50")
_NO_SETTING = ("source", "sources")
LARGEST_FILE = 100_000
"""Largest scenario file that is read (bytes); judgement: the longest shipped one has 5 kB."""

MOST_DOTS = 100
"""Most dots outside quotes in one line (count); judgement: no key has more than two, and reading takes their square."""

_CLOSE, _MOST_MOVES = 1e-3, 200  # of an end (relative) when bounds cut; moves until then


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Stock(_Closed):
    estimator: str | None = None
    raw: dict[str, float | int] | float | int | None = None
    source: str | None = None
    leave_out: list[str] = Field(default_factory=list)


class _Consumption(_Closed):
    members: list[str] = Field(default_factory=list)
    include_undisclosed: bool = True


class _File(_Closed):
    extends: str | None = None
    title: str | None = None
    world: str | None = None
    resource: str | None = None
    stock: _Stock = Field(default_factory=_Stock)
    levers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    consumption: _Consumption = Field(default_factory=_Consumption)


def names() -> tuple[str, ...]:
    """Return the names of the shipped scenarios.

    Examples
    --------
    >>> names()[0]
    'baseline'
    """
    found = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    return tuple(sorted(found, key=lambda name: name != "baseline"))


def find(name: str, relative_to: Path | None = None) -> Path:
    """Return the file of a scenario."""
    if name.endswith(".toml"):
        path = (relative_to.parent / name) if relative_to is not None else Path(name)
        try:
            there = path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            there = False
        if not there:
            raise MissingFileError(f"the scenario file {name}", "a file that exists", "check the path")
        return path
    if name not in names():
        raise unknown_name("scenario", name, names())
    return SHIPPED / f"{name}.toml"


def merged(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a file and lay it over what it extends."""
    path = path.resolve()
    if path in seen:
        loop = " -> ".join(p.stem for p in (*seen, path))
        raise InputError(f"scenarios that extend each other ({loop})", "a chain that ends", "remove one extends")
    content = _read(path)
    parent = content.pop("extends", None)
    if parent is None and path != (SHIPPED / "baseline.toml").resolve():
        parent = "baseline"
    if parent is None:
        return content
    base = merged(find(parent, path), (*seen, path))
    # The stock is estimated or given: whichever the nearer file says takes the place of the other.
    for key, other in (("estimator", "raw"), ("raw", "estimator")):
        if key in content.get("stock", {}):
            base.get("stock", {}).pop(other, None)
            base.get("stock", {}).pop("leave_out", None)
    # The same for what a lever lets a scenario say in two ways.
    for name, said in content.get("levers", {}).items():
        if any(key in said for key in LEVERS[name].alternatives):
            for key in LEVERS[name].alternatives:
                base.get("levers", {}).get(name, {}).pop(key, None)
    return _overlay(base, content)


def lever_named(name: str) -> Lever:
    """Return a lever by its name."""
    if name not in LEVERS:
        raise unknown_name("lever", name, LEVERS)
    return LEVERS[name]


def quantity(value: Any, setting: Setting, where: str, *, demand: bool = False) -> LogNormal | str:
    """Read what a scenario says for a setting, and hold it against what is possible.

    Examples
    --------
    >>> quantity("2028-07-01", Setting("decimal year", 2000, 2200, "start", kind="date"), "start").median
    2028.4972677595629
    """
    if setting.kind == "choice":
        if not isinstance(value, str):
            raise InputError(
                f"{where} = {quoted(value)}", f"one of {', '.join(setting.choices)}", "choose one of these"
            )
        if value not in setting.choices:
            raise unknown_name(where, value, setting.choices)
        return value
    if setting.kind == "date":
        return _date(value, setting, where, demand)
    if isinstance(value, bool) or not isinstance(value, int | float | Mapping):
        got = f"{where} = {quoted(value)}"
        raise InputError(got, "a number or quantiles such as {q05 = 1, q95 = 2}", "give one of these")
    if not isinstance(value, Mapping):
        number = _number(value)
        _within(number, setting, where, zero=setting.zero)
        return LogNormal(number, 0.0, 0.0)
    if setting.kind == "number":
        raise InputError(f"{where} with quantiles", f"one number ({setting.unit})", "give a number")
    return _interval(value, setting, where)


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


def _read(path: Path) -> dict[str, Any]:
    raw = _parsed(path)
    try:
        _File.model_validate(raw)
    except ValidationError as error:
        raise _from_pydantic(error, path.name) from None
    stock = raw.get("stock", {})
    if "raw" in stock and "estimator" in stock:
        raise InputError(f"{path.name} with stock.estimator and stock.raw", "one of the two", "remove the other")
    if "raw" in stock:
        quantity(stock["raw"], RAW, "stock.raw")
        if not _said(stock.get("source")):
            raise InputError(f"{path.name} without a source for stock.raw", "a source", "add one")
    if "levers" in raw:
        raw["levers"] = {name: _with_sources(name, given, path.name) for name, given in raw["levers"].items()}
    return raw


def _parsed(path: Path) -> dict[str, Any]:
    """Read TOML, whatever it holds, in time that grows with its length."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise MissingFileError(f"{path} ({error.strerror})", "a readable file", "check the path") from None
    if len(content) > LARGEST_FILE:
        raise InputError(
            f"{path.name} with more than {LARGEST_FILE:,} bytes",
            "a scenario of a few thousand",
            "remove what is not a setting",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path.name}, which is not valid TOML ({error})", "text in UTF-8", "save it as UTF-8"
        ) from None
    if any(re.sub(r"\"[^\"]*\"|'[^']*'", "", line).count(".") > MOST_DOTS for line in text.splitlines()):
        raise InputError(f"{path.name} with more than {MOST_DOTS} dots in a line", "shorter lines", "break that line")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"{path.name}, which is not valid TOML ({error})", "a TOML file", "correct the line that it names"
        ) from None
    except RecursionError:
        got = f"{path.name} with lists within lists without end"
        raise InputError(got, "numbers and short tables", "write plain numbers and short tables") from None
    except ValueError:  # how Python refuses to read a number of more than 4,300 digits
        got = f"{path.name} with a number of thousands of digits"
        raise InputError(got, "numbers up to 1e308", "remove what is not a setting") from None


def _number(value: float) -> float:
    """Return a number as a float; infinite where an integer is larger than any."""
    try:
        return float(value)
    except OverflowError:
        return np.inf


def _with_sources(name: str, given: Mapping[str, Any], file: str) -> dict[str, dict[str, Any]]:
    """Check what a file says of one lever, and put each number together with its source."""
    lever, sources = lever_named(name), given.get("sources", {})
    settings = {key: value for key, value in given.items() if key not in _NO_SETTING}
    for key in settings:
        if key not in lever.settings:
            raise unknown_name(f"setting of the lever {name}", key, (*lever.settings, *_NO_SETTING))
        quantity(settings[key], lever.settings[key], f"levers.{name}.{key}", demand=lever.side == "consumption")
    if len(both := [key for key in lever.alternatives if key in settings]) > 1:
        raise InputError(f"{file} with {' and '.join(both)} of {name}", "one of the two", "remove the other")
    if not isinstance(sources, Mapping):
        got = f"levers.{name}.sources = {quoted(sources)}"
        raise InputError(got, "a table, one source a setting", f"write [levers.{name}.sources]")
    for key in sources:
        if key not in settings:
            raise unknown_name(f"setting of levers.{name}.sources", key, settings or lever.settings)
    joined = {}
    for key, value in settings.items():
        source = sources.get(key, given.get("source"))
        if not _said(source):
            raise InputError(
                f"{file} without a source for levers.{name}" + ("" if not sources else f".{key}"),
                'source = "a publication, or judgement with a reason"',
                "add one",
            )
        joined[key] = {"value": value, "source": " ".join(source.split())}
    return joined


def _said(source: Any) -> bool:
    return isinstance(source, str) and bool(source.strip())


def _overlay(base: dict[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in top.items():
        deeper = isinstance(value, Mapping) and isinstance(both.get(key), Mapping)
        # A quantity is replaced whole: half of one interval and half of another is none.
        whole = deeper and ("value" in value or any(re.fullmatch(r"q\d+", k) for k in value))
        both[key] = _overlay(both[key], value) if deeper and not whole else value
    return both


def _interval(value: Mapping[str, Any], setting: Setting, where: str) -> LogNormal:
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
        _within(_number(number), setting, where)
    try:
        return _within_bounds([_number(number) for number in numbers], level, lower=setting.lower, upper=setting.upper)
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


def _date(value: Any, setting: Setting, where: str, demand: bool) -> LogNormal:
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
    _within(year, setting, where)
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


def _within(number: float, setting: Setting, where: str, *, zero: bool = False) -> None:
    possible = np.isfinite(number) and setting.lower <= number <= setting.upper
    if not (possible and (number > 0 or (zero and number == 0))):
        raise InputError(
            f"{where} = {number:g}",
            f"{'zero or ' if zero else ''}a positive number from {setting.lower:g} to {setting.upper:g} ({setting.unit})",
            "choose a value in that range",
        )


def _from_pydantic(error: ValidationError, where: str) -> InputError | UnknownNameError:
    """Turn the first complaint into our one line, with the nearest name for an unknown key."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        model: Any = _File
        for part in first["loc"][:-1]:
            model = {"stock": _Stock, "consumption": _Consumption}.get(str(part), model)
        return unknown_name(f"key of {where}", str(first["loc"][-1]), model.model_fields)
    return InputError(f"{where}: {place} = {quoted(first['input'])}", first["msg"].lower(), f"change {place}")
