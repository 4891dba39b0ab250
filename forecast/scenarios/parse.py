"""Reading a scenario's TOML: what it extends, what it changes, and the one line that says what is wrong with it.

A file is checked by itself before it is laid over what it extends. There each number of a lever goes together with the
source that the file gives for it, so that a file which changes one number leaves the sources of all others in place.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecast.errors import InputError, MissingFileError, UnknownNameError, unknown_name
from forecast.scenarios.growth import read_changes
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.values import RAW, LeverValue, lever_value, parameter_of, quantity
from forecast.text import quoted

SHIPPED = Path(__file__).with_name("shipped")
"""Folder of the shipped scenarios."""

LARGEST_FILE = 100_000
"""Largest scenario file that is read (bytes); judgement: the longest shipped one has 5 kB."""

MOST_DOTS = 100
"""Most dots outside quotes in one line (count); judgement: no key has more than two, and reading takes their square."""

_NO_SETTING = ("source", "sources")

JOINT = "+"
"""What joins the names of scenarios."""

_WORDS = ("title", "description")
"""What a scenario is called, which changes nothing."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Stock(_Closed):
    estimator: str | None = None
    raw: dict[str, float | int] | float | int | None = None
    source: str | None = None
    leave_out: list[str] = Field(default_factory=list)
    lineages: str | None = None


class _Consumption(_Closed):
    members: list[str] = Field(default_factory=list)
    include_undisclosed: bool = True
    weights: dict[str, Any] = Field(default_factory=dict)


class _File(_Closed):
    extends: str | None = None
    title: str | None = None
    description: str | None = None
    resource: str | None = None
    stock: _Stock = Field(default_factory=_Stock)
    levers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    consumption: _Consumption = Field(default_factory=_Consumption)


OLD_DESCRIPTION = "world"
"""What the description was called once: files and runs that say so are read alike."""


def names() -> tuple[str, ...]:
    """Return the names of the shipped scenarios.

    Examples
    --------
    >>> names()[0]
    'baseline'
    """
    found = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    return tuple(sorted(found, key=lambda name: name != "baseline"))


def is_there(path: Path) -> bool:
    """Tell whether a file is there; a name that no file can have is not."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def find(name: str, relative_to: Path | None = None) -> Path:
    """Return the file of a scenario."""
    if name.endswith(".toml"):
        path = (relative_to.parent / name) if relative_to is not None else Path(name)
        if not is_there(path):
            raise MissingFileError(f"the scenario file {name}", "a file that exists", "check the path")
        return path
    if name not in names():
        raise unknown_name("scenario", name, names())
    return SHIPPED / f"{name}.toml"


def joined(name: str, relative_to: Path | None = None) -> dict[str, Any]:
    """Read a scenario, or several joined by ``+``, each laid over the others; what two of them set in two ways is refused.

    Examples
    --------
    >>> both = joined("closed_web+compute_stalls")
    >>> both["title"]
    'Publishers close the door, and compute stops growing'
    """
    parts = [part for part in name.split(JOINT) if part != "baseline"]
    if len(parts) < 2 or (name.endswith(".toml") and is_there(Path(name))):
        return merged(find("".join(parts) or name, relative_to))
    contents = [merged(find(part, relative_to)) for part in parts]
    base = merged(find("baseline"))
    found = contents[0]
    for part, content in zip(parts[1:], contents[1:], strict=True):
        changes, before = _differing(base, content), _differing(base, found)
        if clashes := sorted(_clashes(before, changes)):
            raise InputError(
                f"{clashes[0]} set in two ways by the scenarios of {name}",
                "scenarios that change other things",
                f"leave out {part}, or write a scenario of your own that extends one of them",
            )
        for key in {"raw", "estimator"} & changes.get("stock", {}).keys():
            found["stock"].pop("estimator" if key == "raw" else "raw", None)
        found = _overlay(found, changes)
    titles = [str(content["title"]) for content in contents]
    rest = [title[:1].lower() + title[1:] for title in titles[1:]]
    return {
        **found,
        "title": f"{', '.join([titles[0], *rest[:-1]])}, and {rest[-1]}",
        "description": " ".join(str(content["description"]) for content in contents),
    }


def _differing(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one scenario says otherwise than another; of a lever, the settings that differ."""
    found: dict[str, Any] = {}
    for key, value in top.items():
        under = base.get(key)
        if key in _WORDS or value == under:
            continue
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            found[key] = _differing(under, value)
        elif isinstance(value, LeverValue) and isinstance(under, LeverValue):
            found[key] = value.where_other(under)
        else:
            found[key] = value
    return found


def _clashes(one: Mapping[str, Any], other: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Yield what two sets of changes set in two ways."""
    stocks = [{"raw", "estimator"} & each.keys() for each in (one, other)]
    if all(stocks) and stocks[0] != stocks[1]:  # given by one, estimated by the other
        yield f"{place}raw"
    for key in one.keys() & other.keys():
        a, b = one[key], other[key]
        if isinstance(a, LeverValue) and isinstance(b, LeverValue):
            a, b = ({**each.quantities, **each.choices} for each in (a, b))
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            yield from _clashes(a, b, f"{place}{key}.")
        elif a != b:
            yield f"{place}{key}"


def merged(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a file and lay it over what it extends."""
    path = path.resolve()
    if path in seen:
        loop = " -> ".join(p.stem for p in (*seen, path))
        raise InputError(f"scenarios that extend each other ({loop})", "a chain that ends", "remove one extends")
    content = _copied(_shipped(path)) if path.parent == SHIPPED.resolve() else _read(path)
    parent = content.pop("extends", None)
    if parent is None and path != (SHIPPED / "baseline.toml").resolve():
        parent = "baseline"
    if parent is None:
        return content
    base = merged(find(parent, path), (*seen, path))
    if "title" not in content:  # it is not the world that it extends
        content["title"] = path.stem.replace("_", " ")
        content.setdefault("description", f"As the scenario “{base['title']}”, with some settings changed.")
    # The stock is estimated or given: whichever the nearer file says takes the place of the other.
    for key, other in (("estimator", "raw"), ("raw", "estimator")):
        if key in content.get("stock", {}):
            base.get("stock", {}).pop(other, None)
            base.get("stock", {}).pop("leave_out", None)
            base.get("stock", {}).pop("lineages", None)
    return _overlay(base, content | _growth(base.get("consumption", {}), content.get("consumption", {})))


def _growth(base: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file's consumption with the members of the nearest list; a member that has a table is one of them."""
    if "members" in said:
        # A new list leaves behind what was said of members that it does not name.
        base.pop("weights", None)
        base["priors"] = {name: of for name, of in base.get("priors", {}).items() if name in said["members"]}
    if "priors" not in said:
        return {}
    members = said.get("members", base.get("members", []))
    joined = [*members, *(name for name in said["priors"] if name not in members)]
    return {"consumption": {**said, "members": joined}}


def _copied(content: Any) -> Any:
    """Return a copy whose tables and lists may be changed; values of levers are shared, since nothing changes them."""
    if isinstance(content, dict):
        return {key: _copied(value) for key, value in content.items()}
    return [_copied(value) for value in content] if isinstance(content, list) else content


@functools.cache
def _shipped(path: Path) -> dict[str, Any]:
    """Read a scenario of this package, once a process: every other one extends it."""
    return _read(path)


def _read(path: Path) -> dict[str, Any]:
    raw = _parsed(path)
    if "description" not in raw and OLD_DESCRIPTION in raw:
        raw["description"] = raw.pop(OLD_DESCRIPTION)
    tables = _tables_of_members(raw)
    try:
        _File.model_validate(raw)
    except ValidationError as error:
        raise _from_pydantic(error, path.name) from None
    if (weights := raw.get("consumption", {}).get("weights")) and not _said(weights.get("source")):
        got = f"{path.name} without a source for consumption.weights"
        raise InputError(got, 'source = "a publication, or judgement with a reason"', "add one")
    if tables:
        raw["consumption"]["priors"] = {name: read_changes(name, said, path.name) for name, said in tables.items()}
    stock = raw.get("stock", {})
    if "raw" in stock and "estimator" in stock:
        raise InputError(f"{path.name} with stock.estimator and stock.raw", "one of the two", "remove the other")
    if "raw" in stock:
        stock["raw"] = quantity(stock["raw"], RAW, "stock.raw")
        if not _said(stock.get("source")):
            raise InputError(f"{path.name} without a source for stock.raw", "a source", "add one")
    if "levers" in raw:
        raw["levers"] = {name: _lever(name, given, path.name) for name, given in raw["levers"].items()}
    return raw


def _tables_of_members(raw: dict[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Take out of a file what it says of single growth members."""
    consumption = raw.get("consumption")
    if not isinstance(consumption, dict) or not isinstance(consumption.get("members"), Mapping):
        return {}
    tables = consumption.pop("members")
    for name, said in tables.items():
        if not isinstance(said, Mapping):
            got = f"consumption.members.{name} = {quoted(said)}"
            raise InputError(got, "a table of its priors", f"write [consumption.members.{name}]")
    return tables


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


def _lever(name: str, given: Mapping[str, Any], file: str) -> LeverValue:
    """Check what a file says of one lever, and put each value together with its source."""
    lever, sources = LEVERS[name], given.get("sources", {})
    said = {
        key: quantity(
            value,
            parameter_of(lever, key, *_NO_SETTING),
            f"levers.{name}.{key}",
            demand=lever.side == "consumption",
        )
        for key, value in given.items()
        if key not in _NO_SETTING
    }
    if not isinstance(sources, Mapping):
        got = f"levers.{name}.sources = {quoted(sources)}"
        raise InputError(got, "a table, one source a setting", f"write [levers.{name}.sources]")
    for key in sources:
        if key not in said:
            raise unknown_name(f"setting of levers.{name}.sources", key, said or lever.settings)
    of_each = {key: sources.get(key, given.get("source")) for key in said}
    for key, source in of_each.items():
        if not _said(source):
            raise InputError(
                f"{file} without a source for levers.{name}" + ("" if not sources else f".{key}"),
                'source = "a publication, or judgement with a reason"',
                "add one",
            )
    return lever_value(lever, said, {key: " ".join(source.split()) for key, source in of_each.items()})


def _said(source: Any) -> bool:
    return isinstance(source, str) and bool(source.strip())


def _overlay(base: dict[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in top.items():
        under = both.get(key)
        if isinstance(value, LeverValue) and isinstance(under, LeverValue):
            both[key] = value.over(under, LEVERS[key])
        elif isinstance(value, Mapping) and isinstance(under, Mapping):
            both[key] = _overlay(dict(under), value)
        else:
            both[key] = value
    return both


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
