"""Command lines: every command and option that there is, found by asking the parser, with values that few would give."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import typer
from hypothesis import strategies as st

from forecast.cli.main import app
from fuzz.cases import RUN, SCENARIO, Case
from fuzz.hostile import words

ALWAYS = {("backtest",): ("--stored",), ("vintages",): ("--stored",)}
"""What keeps a command from computing for minutes."""

LONG = {("collapse", "yield")}
"""Commands whose experiments are of a fixed size, half a minute of work."""

NEVER = {"--new", "--sample", "--bridge"}
"""Options that ask for long computing."""

SMALL = (
    "--samples",
    "--generations",
    "--replicates",
    "--words",
    "--components",
    "--dimension",
    "--draws",
    "--worlds",
    "--order",
)
"""Options whose value says how long a command computes."""

MODEL_TABLE = b"Model,Publication date,Domain,Training dataset size (total)\nA,2023-01-01,Language,1e12\nB,2024-01-01,Language,2e12\n"

places = st.sampled_from(
    [
        "out", "", ".", "folder/..", "dear.txt", "dear.txt/out", "folder", "a" * 300, "caf\udce9", "a\x1b[31m",
        "a\nb", "fig.svg", "fig.png", "fig.pdf", "fig.xyz", "no/such/fig.svg", "-", "--", RUN,
    ]
)  # fmt: skip
small = st.sampled_from(["1", "2", "3", "5", "0", "-1", "nan", "", "1e3", "1" * 30, "x"])
given = st.one_of(
    st.sampled_from(
        [
            "0",
            "1",
            "-1",
            "2030",
            "1999",
            "2100",
            "2201",
            "1" * 30,
            "nan",
            "1e3",
            "٣",
            "2026-08-22",
            "2087-01-01",
            "today",
        ]
    ),
    st.sampled_from(
        [
            "baseline",
            "basline",
            SCENARIO,
            RUN,
            "other",
            "models.csv",
            "nowhere",
            "epoch_models",
            "public_text",
            "images",
            "ipcc",
        ]
    ),
    st.sampled_from(
        [
            "damped",
            "replace",
            "accumulate",
            "keep:0.5",
            "fresh:nan",
            "tcp://127.0.0.1:1",
            "http://127.0.0.1:1/x",
            "file:///etc/hosts",
        ]
    ),
    st.sampled_from(
        [
            "http://a b",
            "ftp://x",
            "http://[",
            "http://user:secret@127.0.0.1:1/?token=secret",
            "latest",
            "--help",
            "--json",
        ]
    ),
    places,
    words.filter(lambda word: "\0" not in word),
)


@cache
def commands() -> dict[tuple[str, ...], tuple[list[str], list[str], int]]:
    """Return for each command its flags, its options with a value, and how many arguments it has."""
    found = {}
    for path, command in _leaves(typer.main.get_command(app)):
        flags, options, arguments = ["--help"], [], 0
        for parameter in command.params:
            names = [name for name in parameter.opts if name.startswith("--")]
            if not names:
                arguments += 1
            else:
                (flags if getattr(parameter, "is_flag", False) else options).extend(set(names) - NEVER)
        found[path] = (sorted(flags), sorted(options), arguments)
    return found


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
    for name in sorted(inner or ()):
        yield from _leaves(inner[name], (*path, name))


@st.composite
def command_lines(draw: st.DrawFn) -> Case:
    """Return a case about the words that somebody types."""
    path = draw(st.sampled_from(sorted(set(commands()) - LONG)))
    flags, options, most = commands()[path]
    said = [
        word for _ in range(draw(st.integers(0, most + 1))) for word in [draw(given)] if most or draw(st.booleans())
    ]
    for flag in draw(st.lists(st.sampled_from(flags), max_size=2)):
        said.append(flag)
    for option in draw(st.lists(st.sampled_from(options), max_size=3)) if options else ():
        said += [option, draw(small if option in SMALL else places if option == "--out" else given)]
    if path[0] == "collapse" or "--draws" in options:
        said += [word for option in SMALL if option in options and option not in said for word in (option, "3")]
    if draw(st.integers(0, 9)) == 0:
        said.insert(draw(st.integers(0, len(said))), draw(given))
    words_before = path if draw(st.integers(0, 29)) else path[: draw(st.integers(0, len(path)))]
    files = (("dear.txt", b"dear to me"), ("folder/dear.txt", b"dear too"), ("models.csv", MODEL_TABLE))
    if "--out" in options and "--out" not in said:
        said += ["--out", "out"]
    return Case((*words_before, *said, *ALWAYS.get(path, ())), files)
