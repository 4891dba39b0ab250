"""Growth members as a scenario has them: by name, with priors and windows that need not be the package's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from forecast.consumption.member import Member
from forecast.consumption.members import MEMBERS
from forecast.core.distributions import z_of
from forecast.core.priors import Prior
from forecast.errors import InputError, unknown_name
from forecast.text import quoted

type Changes = Mapping[str, Prior | float | None]
"""Fields of one growth member that differ from the package's own."""

PAIRS = {"q025": ("q975", 0.95), "q05": ("q95", 0.90), "q10": ("q90", 0.80), "q25": ("q75", 0.50)}
"""Ends of an equal-tailed interval and its probability, as a scenario names them."""

_WITHIN = 10.0
"""Factor around a member's own number, such as a window, within which a scenario may set it; judgement."""

_FAMILIES = ("normal", "lognormal", "half_normal")


def parameters(member: Member) -> dict[str, Prior | float]:
    """Return what a scenario may set of a member: its priors, and numbers such as a window.

    Examples
    --------
    >>> parameters(MEMBERS["windowed_exponential"]())["window"]
    5.0
    """
    numbers = {item.name: getattr(member, item.name) for item in dataclasses.fields(member)}
    return {**dict(member.priors()), **{name: value for name, value in numbers.items() if isinstance(value, float)}}


def read_changes(name: str, said: Mapping[str, Any], file: str) -> dict[str, Prior | float | None]:
    """Read what a file says of one growth member.

    Examples
    --------
    >>> said = {"damping": {"q05": 0.1, "q95": 0.4}, "source": "judgement: an example"}
    >>> round(read_changes("damped", said, "mine.toml")["damping"].centre, 3)
    0.2
    """
    known = parameters(MEMBERS[name]())
    source = said.get("source")
    if not (isinstance(source, str) and source.strip()):
        raise InputError(
            f"{file} without a source for consumption.members.{name}",
            'source = "a publication, or judgement with a reason"',
            "add one",
        )
    found: dict[str, Prior | float | None] = {}
    for key, value in said.items():
        if key == "source":
            continue
        if key not in known:
            raise unknown_name(f"prior of {name}", key, (*known, "source"))
        own, where = known[key], f"consumption.members.{name}.{key}"
        found[key] = (
            _prior(own, value, " ".join(source.split()), where)
            if isinstance(own, Prior)
            else _number(own, value, where)
        )
    return found


def stated(
    members: Iterable[str | Member], before: Mapping[str, Changes]
) -> tuple[tuple[str, ...], dict[str, Changes]]:
    """Return the names of members, given by name or as objects, and what differs from the package's own."""
    names, changes = [], {}
    for one in members:
        if isinstance(one, Member):
            names.append(one.name)
            changes[one.name] = _differing(one)
        else:
            names.append(MEMBERS[one].name)
            changes[one] = before.get(one, {})
    return tuple(names), {name: said for name, said in changes.items() if said}


def check_members(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of growth members, each of which has to be one, and named once.

    Examples
    --------
    >>> check_members(["damped", "compute_led"])
    ('damped', 'compute_led')
    """
    members = tuple(MEMBERS[name].name for name in ([names] if isinstance(names, str) else names))
    if not members or len(set(members)) < len(members):
        raise InputError(f"the members {list(members)}", "at least one, each once", "correct consumption.members")
    return members


def check_weights(said: Mapping[str, Any], members: Iterable[str]) -> dict[str, float]:
    """Return weights of growth members, in their order, held against what is possible; none where none are said.

    Examples
    --------
    >>> check_weights({"record_drift": 1, "damped": 2.5}, ["damped", "record_drift"])
    {'damped': 2.5, 'record_drift': 1.0}
    """
    if not said:
        return {}
    names = list(members)
    if unknown := [name for name in said if name not in names]:
        raise unknown_name("growth member in the weights", unknown[0], names)
    if missing := [name for name in names if name not in said]:
        raise InputError(f"no weight of {', '.join(missing)}", "one for each growth member", "add it, or leave out all")
    return {name: _end(said[name], f"the weight of {name}", above=0.0) for name in names}


def with_changes(member: Member, changes: Changes) -> Member:
    """Return a member with some of its fields changed."""
    fields: dict[str, Any] = dict(changes)
    return dataclasses.replace(member, **fields) if changes else member


def recorded_changes(priors: Mapping[str, Changes]) -> dict[str, dict[str, Any]]:
    """Return changed priors as plain values that lose nothing."""
    return {
        name: {key: dataclasses.asdict(value) if isinstance(value, Prior) else value for key, value in said.items()}
        for name, said in priors.items()
    }


def restored_changes(record: Mapping[str, Mapping[str, Any]]) -> dict[str, Changes]:
    """Return the changed priors that a record holds, held against what is possible."""
    return {name: {key: _restored(name, key, value) for key, value in said.items()} for name, said in record.items()}


def numbers_of(priors: Mapping[str, Changes]) -> list[Any]:
    """Return what of changed priors can change a number, as text."""

    def plain(value: Prior | float | None) -> Any:
        if isinstance(value, Prior):
            return [value.family, f"{value.centre:.10g}", f"{value.spread:.10g}"]
        return None if value is None else f"{value:.10g}"

    return [[name, [[key, plain(said[key])] for key in sorted(said)]] for name, said in sorted(priors.items())]


def _differing(one: Member) -> Changes:
    kind = MEMBERS.get(one.name)
    if kind is not type(one):
        raise InputError(
            f"the growth member {one.name!r}, whose class is not registered",
            "a registered class",
            "register it with: fc.register",
        )
    own = kind()
    values = {item.name: (getattr(own, item.name), getattr(one, item.name)) for item in dataclasses.fields(own)}
    return {name: new for name, (old, new) in values.items() if new != old}


def _restored(name: str, key: str, value: Any) -> Prior | float | None:
    if key not in {item.name for item in dataclasses.fields(MEMBERS[name])}:
        raise InputError(f"the recorded prior {key} of {name}", "one that the member has", "make the run again")
    if not isinstance(value, Mapping):
        return None if value is None else float(value)
    prior = Prior(**{**value, "centre": float(value["centre"]), "spread": float(value["spread"])})
    scale = prior.centre > 0 or prior.family == "normal"
    wide = prior.spread > 0 or prior.family == "half_normal"
    if prior.family not in _FAMILIES or not (scale and wide and np.isfinite([prior.centre, prior.spread]).all()):
        raise InputError(f"the recorded prior {key} of {name}", "a possible one", "make the run again")
    return prior


def _prior(own: Prior, value: Any, source: str, where: str) -> Prior:
    """Return a prior of the same family with the quantiles that a file states."""
    if own.family == "half_normal":
        if not isinstance(value, Mapping) or set(value) != {"q95"}:
            raise InputError(f"{where} = {quoted(value)}", "its upper end alone, such as {q95 = 0.3}", "give q95")
        return dataclasses.replace(own, centre=_end(value["q95"], where, above=0.0) / z_of(0.95), source=source)
    low_key = next((key for key in PAIRS if isinstance(value, Mapping) and key in value), None)
    if low_key is None or set(value) != {low_key, PAIRS[low_key][0]}:
        got = f"{where} = {quoted(value)}"
        raise InputError(got, "both ends of one interval, such as {q05 = 0.1, q95 = 0.4}", "give both ends")
    above = 0.0 if own.family == "lognormal" else -np.inf
    low, high = (_end(value[key], where, above) for key in (low_key, PAIRS[low_key][0]))
    if low >= high:
        raise InputError(f"{where} from {low:g} to {high:g}", "the lower end first", "swap the ends")
    width = 2 * z_of(PAIRS[low_key][1])
    if own.family == "lognormal":
        return dataclasses.replace(
            own, centre=float(np.sqrt(low * high)), spread=float(np.log(high / low) / width), source=source
        )
    return dataclasses.replace(own, centre=(low + high) / 2, spread=(high - low) / width, source=source)


def _number(own: float, value: Any, where: str) -> float:
    number = _end(value, where, above=0.0)
    if not own / _WITHIN <= number <= own * _WITHIN:
        expected = f"a number from {own / _WITHIN:g} to {own * _WITHIN:g}"
        raise InputError(f"{where} = {number:g}", expected, "choose a possible value")
    return number


def _end(value: Any, where: str, above: float) -> float:
    number = np.nan if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
    if not (np.isfinite(number) and number > above):
        expected = "a positive number" if above == 0 else "a number"
        raise InputError(f"{where} with {quoted(value)}", expected, "choose a possible value")
    return number
