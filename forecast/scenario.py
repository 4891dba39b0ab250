"""Named assumptions: a scenario is a TOML file that says which world is meant.

A scenario may extend another one and change some of it. Every number that it changes carries a source, which is a
publication, a table of this package, or the word "judgement" with a reason. Nothing here has a hidden default: what a
scenario does not say comes from the one that it extends, in the end from ``baseline``.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecast.consumption.registry import MEMBERS
from forecast.distributions import LogNormal
from forecast.errors import InputError, MissingFileError, UnknownNameError, unknown_name
from forecast.levers import LEVERS
from forecast.levers.lever import Setting
from forecast.nouns import RESOURCES
from forecast.production import ESTIMATORS, Estimator, Given
from forecast.seeds import generator

SHIPPED = Path(__file__).with_name("scenarios")
"""Folder of the shipped scenarios."""

_PAIRS = {"q025": ("q975", 0.95), "q05": ("q95", 0.90), "q10": ("q90", 0.80), "q25": ("q75", 0.50)}
_RAW = Setting("units of the resource", 1.0, 1e30, "Raw stock on 1 January 2024")
_QUANTILE_KEYS = (*_PAIRS, *(high for high, _ in _PAIRS.values()), "q50")


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Stock(_Closed):
    estimator: str | None = None
    raw: dict[str, float | int] | float | int | None = None
    source: str | None = None


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


@dataclass(frozen=True)
class LeverSetting:
    """One lever as a scenario sets it.

    Parameters
    ----------
    quantities : mapping of str to LogNormal
        Each setting's distribution; a fixed number has no width.
    source : str
        Where the numbers come from.
    """

    quantities: Mapping[str, LogNormal]
    source: str


@dataclass(frozen=True)
class Scenario:
    """A world: the resource, how its stock is estimated, the levers, and the growth members.

    Parameters
    ----------
    name, title, world : str
        Its name, its title, and one sentence that says what world it is.
    resource_name : str
        The resource in question.
    estimator : str
        Stock estimator.
    levers : mapping of str to LeverSetting
        The levers in use.
    members : tuple of str
        Growth members, weighted equally.
    include_undisclosed : bool
        Whether the true frontier may stand above the disclosed one.
    raw : LogNormal, optional
        Raw stock in 2024, given outright instead of by the estimator.
    raw_source : str
        Where that number comes from.
    """

    name: str
    title: str
    world: str
    resource_name: str
    estimator: str
    levers: Mapping[str, LeverSetting]
    members: tuple[str, ...]
    include_undisclosed: bool = True
    raw: LogNormal | None = None
    raw_source: str = ""

    def stock(self) -> Estimator:
        """Return the estimator of the raw stock: the named one, or the scenario's own number.

        Returns
        -------
        Estimator
            With its inputs as fields.
        """
        if self.raw is not None:
            return Given(self.raw, self.raw_source)
        return ESTIMATORS[self.estimator]()

    def replace(self, **levers: float | tuple[float, float]) -> Scenario:
        """Return this scenario with some levers set anew.

        Parameters
        ----------
        **levers : float or (low, high)
            The main setting of a lever by the lever's name: a number, or the ends of a 95 % interval.

        Returns
        -------
        Scenario
            A new scenario; its source says that the value was set by the caller.

        Raises
        ------
        UnknownNameError
            If there is no such lever.
        InputError
            If a value is impossible.

        Examples
        --------
        >>> s = load("baseline").replace(repetition=(2, 8))
        >>> round(float(s.levers["repetition"].quantities["passes"].quantile(0.975)), 3)
        8.0
        """
        changed = dict(self.levers)
        for name, value in levers.items():
            lever = _lever(name)
            key = lever.main_setting
            given = {"q025": value[0], "q975": value[1]} if isinstance(value, tuple) else value
            quantity = _quantity(given, lever.settings[key], f"{name}.{key}")
            before = dict(changed[name].quantities) if name in changed else {}
            changed[name] = LeverSetting({**before, key: quantity}, "set by the caller")
        return replace(self, name=f"{self.name} (changed)", levers=changed)

    def draw_lever(self, name: str, *, seed: int, size: int) -> dict[str, np.ndarray]:
        """Draw a lever's settings.

        Parameters
        ----------
        name : str
            A lever that the scenario uses.
        seed : int
            The run's seed.
        size : int
            Number of draws.

        Returns
        -------
        dict of str to numpy.ndarray
            Each setting's draws, shape (draw,).
        """
        return {
            key: quantity.sample(generator(seed, "levers", name, key), size)
            for key, quantity in self.levers[name].quantities.items()
        }

    def digest(self) -> str:
        """Return a hash of all that the scenario says.

        Returns
        -------
        str
            64 hexadecimal digits.
        """
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the scenario as plain values.

        Returns
        -------
        dict
            JSON-ready.
        """
        return {
            "name": self.name,
            "title": self.title,
            "world": self.world,
            "resource": self.resource_name,
            "stock": {"estimator": self.estimator}
            if self.raw is None
            else {"raw": _described(self.raw), "source": self.raw_source},
            "levers": {
                name: {
                    **{key: _described(quantity) for key, quantity in setting.quantities.items()},
                    "source": setting.source,
                }
                for name, setting in self.levers.items()
            },
            "consumption": {"members": list(self.members), "include_undisclosed": self.include_undisclosed},
        }


def names() -> tuple[str, ...]:
    """Return the names of the shipped scenarios.

    Returns
    -------
    tuple of str
        ``baseline`` first, then by name.

    Examples
    --------
    >>> names()[0]
    'baseline'
    """
    found = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    return tuple(sorted(found, key=lambda name: name != "baseline"))


def load(name: str | Path) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name : str or pathlib.Path
        A shipped name, or a path that ends in ``.toml``.

    Returns
    -------
    Scenario
        Complete: what it does not say comes from what it extends.

    Raises
    ------
    UnknownNameError, MissingFileError, InputError
        If it is not there, or says something impossible.

    Examples
    --------
    >>> "damped" in load("baseline").members
    True
    """
    path = _path(str(name), None)
    return _scenario(path.stem, _merged(path, ()))


def _path(name: str, relative_to: Path | None) -> Path:
    if name.endswith(".toml"):
        path = (relative_to.parent / name) if relative_to is not None else Path(name)
        if not path.is_file():
            raise MissingFileError(f"the scenario file {name}", "a file that exists", "check the path")
        return path
    if name not in names():
        raise unknown_name("scenario", name, names())
    return SHIPPED / f"{name}.toml"


def _merged(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
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
    base = _merged(_path(parent, path), (*seen, path))
    # The stock is estimated or given: whichever the nearer file says takes the place of the other.
    for key, other in (("estimator", "raw"), ("raw", "estimator")):
        if key in content.get("stock", {}):
            base.get("stock", {}).pop(other, None)
    return _overlay(base, content)


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}, which is not valid TOML ({error})", "a TOML file", "mend that place") from None
    except OSError as error:
        raise MissingFileError(f"{path} ({error.strerror})", "a readable file", "check the path") from None
    try:
        _File.model_validate(raw)
    except ValidationError as error:
        raise _from_pydantic(error, path.name) from None
    stock = raw.get("stock", {})
    if "raw" in stock and "estimator" in stock:
        raise InputError(f"{path.name} with stock.estimator and stock.raw", "one of the two", "remove the other")
    if "raw" in stock:
        _quantity(stock["raw"], _RAW, "stock.raw")
        if not str(stock.get("source", "")).strip():
            raise InputError(f"{path.name} without a source for stock.raw", "a source", "add one")
    for name, given in raw.get("levers", {}).items():
        lever = _lever(name)
        for key, value in given.items():
            if key == "source":
                continue
            if key not in lever.settings:
                raise unknown_name(f"setting of the lever {name}", key, (*lever.settings, "source"))
            _quantity(value, lever.settings[key], f"levers.{name}.{key}")
        if set(given) - {"source"} and not str(given.get("source", "")).strip():
            raise InputError(
                f"{path.name} without a source for levers.{name}",
                'source = "a publication, or judgement with a reason"',
                "add one",
            )
    return raw


def _overlay(base: dict[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in top.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        # A quantity is replaced whole: half of one interval and half of another is none.
        whole = both and any(re.fullmatch(r"q\d+", k) for k in value)
        merged[key] = _overlay(merged[key], value) if both and not whole else value
    return merged


def _scenario(name: str, content: Mapping[str, Any]) -> Scenario:
    stock = content.get("stock", {})
    estimator, resource_name = stock.get("estimator", ""), content.get("resource", "")
    if resource_name not in RESOURCES:
        raise unknown_name("resource", resource_name, RESOURCES)
    if "raw" not in stock and estimator not in ESTIMATORS:
        raise unknown_name("stock estimator", estimator, ESTIMATORS)
    consumption = content.get("consumption", {})
    members = tuple(consumption.get("members", ()))
    for member in members:
        if member not in MEMBERS:
            raise unknown_name("member", member, MEMBERS)
    if not members or len(set(members)) < len(members):
        raise InputError(f"the members {list(members)}", "at least one, each once", "mend consumption.members")
    settings = {
        lever: LeverSetting(
            {
                key: _quantity(value, LEVERS[lever].settings[key], f"levers.{lever}.{key}")
                for key, value in given.items()
                if key != "source"
            },
            str(given.get("source", "")),
        )
        for lever, given in content.get("levers", {}).items()
    }
    ordered = {lever: settings[lever] for lever in LEVERS if lever in settings}
    return Scenario(
        name,
        str(content["title"]),
        str(content["world"]),
        resource_name,
        estimator,
        ordered,
        members,
        bool(consumption["include_undisclosed"]),
        None if "raw" not in stock else _quantity(stock["raw"], _RAW, "stock.raw"),
        str(stock.get("source", "")),
    )


def _described(quantity: LogNormal) -> float | dict[str, float]:
    if quantity.sd_low == quantity.sd_high == 0:
        return quantity.median
    levels = (("q05", 0.05), ("q50", 0.5), ("q95", 0.95))
    return {label: float(f"{quantity.quantile(p):.6g}") for label, p in levels}


def _lever(name: str) -> Any:
    if name not in LEVERS:
        raise unknown_name("lever", name, LEVERS)
    return LEVERS[name]


def _quantity(value: Any, setting: Setting, where: str) -> LogNormal:
    """Read a number or a set of quantiles, and hold it against what is possible."""
    if isinstance(value, bool) or not isinstance(value, int | float | Mapping):
        raise InputError(f"{where} = {value!r}", "a number or quantiles such as {q05 = 1, q95 = 2}", "mend it")
    if not isinstance(value, Mapping):
        _within(float(value), setting, where)
        return LogNormal(float(value), 0.0, 0.0)
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
            raise InputError(f"{where} with {number!r}", "numbers", "mend it")
        _within(float(number), setting, where)
    try:
        return LogNormal.from_interval(
            float(value[low]),
            float(value[high_key]),
            level,
            median=float(value["q50"]) if "q50" in value else None,
            lower=setting.lower,
            upper=setting.upper,
        )
    except InputError as error:
        raise InputError(f"{where}: {error.got}", error.expected, error.do) from None


def _within(number: float, setting: Setting, where: str) -> None:
    if not (np.isfinite(number) and setting.lower <= number <= setting.upper and number > 0):
        raise InputError(
            f"{where} = {number:g}",
            f"a positive number from {setting.lower:g} to {setting.upper:g} ({setting.unit})",
            "choose a possible value",
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
    return InputError(f"{where}: {place} = {first['input']!r}", first["msg"].lower(), "mend it")
