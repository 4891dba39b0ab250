"""The document's types say what the schema says: the same keys, the same ones required; and what a run writes fits them."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypeAliasType, Union, get_args, get_origin

import pytest
from sampling import passing_run

from forecast.runs import document_types
from forecast.runs.document import schema
from forecast.runs.document_types import Document


def bare(kind: Any) -> Any:
    """Return a type without its alias and the mark that a key may be absent."""
    while True:
        if isinstance(kind, TypeAliasType):
            kind = kind.__value__
        elif get_origin(kind) is NotRequired:
            kind = get_args(kind)[0]
        else:
            return kind


def block(kind: Any) -> Any:
    """Return the block that a type is, whatever its values; None where it is none."""
    return next((one for one in (kind, get_origin(kind)) if typing.is_typeddict(one)), None)


def keys_of(kind: Any) -> dict[str, Any]:
    """Return the types of a block's keys; those of a quantity as floats, or as None too."""
    said = (get_args(one) for one in (kind, *types.get_original_bases(block(kind))))
    values = next((args[0] for args in said if args), Any)
    hints = typing.get_type_hints(block(kind), localns={"Value": values})

    def filled(hint: Any) -> Any:
        if isinstance(hint, typing.TypeVar):
            return values
        return hint[values] if getattr(hint, "__parameters__", ()) else hint

    return {key: filled(hint) for key, hint in hints.items()}


def parts(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a rule of the schema with all that it refers to."""
    if "$ref" in rule:
        yield from parts(schema()["$defs"][rule["$ref"].rsplit("/", 1)[1]])
    yield rule
    for one in rule.get("allOf", ()):
        yield from parts(one)


def disagreements(kind: Any, rule: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Yield where a type and a rule of the schema differ in their keys."""
    kind, rules = bare(kind), list(parts(rule))
    if get_origin(kind) in (Union, types.UnionType):
        kind = bare(next(one for one in get_args(kind) if one is not type(None)))
    if block(kind):
        named = {key: part for one in rules for key, part in one.get("properties", {}).items()}
        required = {key for one in rules for key in one.get("required", ())}
        if place.endswith("definitions[].exhaustion_year"):
            required.discard("never")  # the one place where the schema asks for it
        hints = keys_of(kind)
        yield from (f"{place}: the type has no key {key}" for key in {*named, *required} - set(hints))
        yield from (
            f"{place}.{key} is required by the schema alone" for key in required - block(kind).__required_keys__
        )
        optional = {key for key in named if key not in required}
        yield from (f"{place}.{key} is required by the type alone" for key in optional & block(kind).__required_keys__)
        for key, part in named.items():
            if key in hints:
                yield from disagreements(hints[key], part, f"{place}.{key}")
    elif get_origin(kind) is Mapping or kind is Mapping:
        for one in rules:
            if isinstance(one.get("additionalProperties"), Mapping):
                yield from disagreements(get_args(kind)[1], one["additionalProperties"], f"{place}{{}}")
    elif get_origin(kind) is Sequence:
        for one in rules:
            if "items" in one:
                yield from disagreements(get_args(kind)[0], one["items"], f"{place}[]")


def misfits(value: Any, kind: Any, place: str = "") -> Iterator[str]:
    """Yield where a document holds something else than its type says."""
    kind = bare(kind)
    if kind is Any:
        return
    if get_origin(kind) in (Union, types.UnionType):
        if not any(not list(misfits(value, one, place)) for one in get_args(kind)):
            yield f"{place}: {str(value)[:60]!r} is none of {kind}"
    elif get_origin(kind) is Literal:
        if value not in get_args(kind):
            yield f"{place}: {value!r} is none of {get_args(kind)}"
    elif block(kind):
        if not isinstance(value, Mapping):
            yield f"{place}: {type(value).__name__}"
            return
        hints = keys_of(kind)
        yield from (f"{place}.{key} is not in the type" for key in value if key not in hints)
        yield from (f"{place}.{key} is missing" for key in block(kind).__required_keys__ - set(value))
        for key in hints.keys() & value.keys():
            yield from misfits(value[key], hints[key], f"{place}.{key}")
    elif get_origin(kind) in (Mapping, Sequence) and not isinstance(
        value, dict if get_origin(kind) is Mapping else list
    ):
        yield f"{place}: {type(value).__name__} is no {kind}"
    elif get_origin(kind) is Mapping:
        for key, part in value.items():
            yield from misfits(part, get_args(kind)[1], f"{place}.{key}")
    elif get_origin(kind) is Sequence:
        for number, part in enumerate(value):
            yield from misfits(part, get_args(kind)[0], f"{place}[{number}]")
    elif not isinstance(value, (int, float) if kind is float else kind) or (
        isinstance(value, bool) and kind is not bool
    ):
        yield f"{place}: {type(value).__name__} is no {kind}"


def test_the_types_of_the_document_have_the_keys_of_its_schema():
    assert not list(disagreements(Document, schema()))


@pytest.mark.parametrize("change", ["lost", "loosened", "new"])
def test_a_schema_that_moves_alone_is_noticed(change, monkeypatch):
    moved = schema() | {"properties": dict(schema()["properties"]), "required": list(schema()["required"])}
    if change == "lost":
        moved["properties"]["weather"] = {"type": "string"}
    elif change == "loosened":
        moved["required"].remove("horizon")
    else:
        moved["required"].append("weather")
    assert len(list(disagreements(Document, moved))) >= 1


def test_a_document_that_a_run_writes_fits_its_types():
    assert not list(misfits(passing_run().document, Document))


def test_a_document_with_a_stranger_or_a_gap_does_not_fit():
    made = dict(passing_run().document)
    assert list(misfits(made | {"weather": "fair"}, Document)) == [".weather is not in the type"]
    del made["sentence"]
    assert list(misfits(made, Document)) == [".sentence is missing"]


def test_every_type_is_part_of_the_document():
    """A block that nobody holds any more goes."""
    seen: set[Any] = set()

    def walk(kind: Any) -> None:
        kind = bare(kind)
        if block(kind):
            if block(kind) not in seen:
                seen.update((block(kind), *map(block, types.get_original_bases(block(kind)))))
                for part in keys_of(kind).values():
                    walk(part)
        else:
            for part in get_args(kind):
                walk(part)

    walk(Document)
    named = {one for one in vars(document_types).values() if typing.is_typeddict(one)}
    assert {one.__name__ for one in named - seen} == set()
