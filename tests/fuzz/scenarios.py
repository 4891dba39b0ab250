"""Scenarios: TOML with values that are possible, impossible or huge, chains and loops of extends, and mangled text."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import forecast
from fuzz.cases import Case
from fuzz.hostile import mangled, rarely, words

SHIPPED = {path.stem: path.read_bytes() for path in Path(forecast.__file__).parent.rglob("scenarios/shipped/*.toml")}
_BASELINE = tomllib.loads(SHIPPED["baseline"].decode())
LEVERS = {name: sorted(set(said) - {"source", "sources"}) for name, said in _BASELINE["levers"].items()}
QUANTILES = ["q025", "q975", "q05", "q95", "q10", "q90", "q25", "q75", "q50", "q99", "q"]
RAW_TEXTS = [
    b"a = " + b"[" * 3_000,
    b"a = " + b"[" * 300 + b"]" * 300,
    b"a = " + b"{b=" * 2_000,
    b".".join([b"a"] * 3_000) + b" = 1",
    b"[" + b".".join([b"levers"] * 2_000) + b"]",
    b"[levers.quality]\nusable_share = " + b"9" * 5_000,
    b"[levers.quality]\nusable_share = 1e99999\nsource = 'x'",
    b"[stock]\nraw = 0x" + b"f" * 9_000 + b"\nsource = 'x'",
    b"title = '" + b"x" * 100_000,
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"",
]
"""Texts that have broken readers of TOML: depth, long numbers, long keys, marks without content."""

plain = st.one_of(
    st.floats(0, 5),
    st.sampled_from(
        [0, 1, 2, 0.5, 2028.0, 1e14, -1, 1e30, 10**30, 10**400, 2.0**1000, float("inf"), float("nan"), True]
    ),
    st.integers(),
    st.sampled_from(["2028-07-01", "none", "mixed", dt.date(2029, 1, 1), dt.datetime(2028, 1, 1, 5), dt.time(1, 2)]),
    words,
)
intervals = st.dictionaries(st.sampled_from(QUANTILES), plain, min_size=1, max_size=4)
values = st.one_of(
    st.sampled_from([0.5, 0.2, 1.0, 2.0, 2028.0, "2029-01-01"]),
    st.floats(0.01, 1),
    plain,
    st.tuples(
        st.sampled_from([("q025", "q975"), ("q05", "q95"), ("q10", "q90")]), st.floats(0.01, 0.9), st.floats(1, 30)
    ).map(lambda drawn: {drawn[0][0]: drawn[1], drawn[0][1]: drawn[1] * drawn[2]}),
    intervals,
    st.recursive(st.integers(0, 3), lambda inner: st.lists(inner, max_size=2), max_leaves=5),
)


def toml(value: Any) -> str:
    """Write a value as TOML would have it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value.encode("utf-8", "replace").decode(), ensure_ascii=True).replace("\\ud", "\\ue")
    return repr(value) if abs(value) < 1e300 or isinstance(value, float) else f"1{'0' * 400}"


def _key(key: str) -> str:
    return key if key and key.isascii() and key.replace("_", "").isalnum() else toml(key)


@st.composite
def content(draw: st.DrawFn) -> bytes:
    """Return the text of a scenario."""
    shape = draw(st.sampled_from(["raw", "mangled", "mangled", *["made"] * 12]))
    if shape == "raw":
        return draw(st.one_of(st.sampled_from(RAW_TEXTS), st.binary(max_size=100)))
    if shape == "mangled":
        return draw(mangled(SHIPPED[draw(st.sampled_from(sorted(SHIPPED)))]))
    lines = [
        f"{key} = {toml(draw(words))}"
        for key in draw(st.sampled_from([[], ["title"], ["title", "description"], ["title", "world"]]))
    ]
    if rarely(draw, 3):
        lines.append(f"extends = {toml(draw(st.sampled_from(['a.toml', 'b.toml', './b.toml', *SHIPPED])))}")
    if rarely(draw, 6):
        resource = draw(st.one_of(st.sampled_from(["public_text", "images", "code", "video"]), words))
        lines.append(f"resource = {toml(resource)}")
    if rarely(draw, 4):
        given = (
            {"raw": draw(values)}
            if draw(st.booleans())
            else {"estimator": draw(st.sampled_from(["people", "published"]))}
        )
        given |= draw(st.dictionaries(st.sampled_from(["source", "leave_out", "x"]), values, max_size=2))
        lines += ["[stock]", *(f"{key} = {toml(value)}" for key, value in given.items())]
    if rarely(draw, 4):
        members = st.lists(st.sampled_from(["damped", "local_trend", "record_drift", "dampd"]), max_size=4)
        lines += ["[consumption]", f"members = {toml(draw(values if rarely(draw, 4) else members))}"]
    levers = draw(st.lists(st.sampled_from(sorted(LEVERS)), max_size=3, unique=True))
    for lever in [*levers, *([draw(words)] if rarely(draw, 10) else [])]:
        known = st.sampled_from([*LEVERS.get(lever, ["x"]), "source"])
        given = draw(st.dictionaries(words if rarely(draw, 10) else known, values, min_size=1, max_size=3))
        if not rarely(draw, 8):
            given["source"] = draw(words) if rarely(draw, 3) else "judgement: a trial"
        if rarely(draw, 8):
            given["sources"] = {key: draw(words) for key in given if key != "source"}
        lines += [f"[levers.{_key(lever)}]", *(f"{_key(key)} = {toml(value)}" for key, value in given.items())]
    text = "\n".join(lines).encode("utf-8", "replace")
    return draw(mangled(text)) if rarely(draw, 12) else text


@st.composite
def scenarios(draw: st.DrawFn) -> Case:
    """Return a case about a scenario."""
    arguments = draw(
        st.sampled_from(
            [
                ("scenario", "check", "a.toml"),
                ("scenario", "check", "a.toml"),
                ("scenario", "show", "a.toml"),
                ("scenario", "ledger", "a.toml"),
                ("scenario", "ledger", "a.toml", "--json"),
                ("scenario", "diff", "a.toml", "b.toml", "--jobs", "1", "--draws", "400"),
                ("run", "a.toml", "--out", "out", "--jobs", "1"),
                ("api:scenario.load", "a.toml"),
            ]
        )
    )
    other = draw(st.one_of(st.just(b'extends = "a.toml"\n'), content()))
    return Case(arguments, (("a.toml", draw(content())), ("b.toml", other)))
