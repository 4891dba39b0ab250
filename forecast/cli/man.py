"""``forecast man``: the manual page, made from the commands and what they say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from forecast import __version__
from forecast.cli.printing import say

_ENVIRONMENT = (
    ("FORECAST_CACHE", "Folder of the kept fits; forecast cache where prints it."),
    ("FORECAST_DATA", "Folder of what forecast data update fetched."),
    ("FORECAST_PROGRESS", "If set, every step is a line on stderr where that is no terminal: for logs."),
    ("FORECAST_DEBUG", "If set, the traceback of any error is printed."),
    ("COLUMNS", "Width that results are fitted to, in a pipe too; by default that of the terminal."),
)

_EXIT = (
    ("0", "Done."),
    ("1", "Done, but the answer is no: the diagnostics say FAIL, or data or a run do not hold."),
    ("2", "The input or the command is wrong: one line on stderr says what to do; nothing is written."),
    ("70", "A fault of this program."),
    ("130", "Interrupted; nothing is left half-written."),
)


_TITLE = "when AI training uses up the stock of human made data"

_DESCRIPTION = (
    "The result is on stdout: first the sentence, then the table, then where files were written. Progress and warnings "
    "are on stderr: a bar on a terminal, nothing in a pipe. Every command takes --help."
)


def man(context: typer.Context) -> None:
    """Print the manual page of all commands; to read it: forecast man | man -l -"""  # noqa: D400
    say(*page(context.find_root()))


def page(root: Any) -> Iterator[str]:
    """Return the lines of the page in roff, from the context of the whole program."""
    yield f'.TH FORECAST 1 "" "forecast {__version__}" "User commands"'
    yield from (".SH NAME", f"forecast \\- {_TITLE}")
    yield from (".SH SYNOPSIS", ".B forecast", _roff(" ".join(root.command.collect_usage_pieces(root))))
    yield from (".SH DESCRIPTION", _roff(_DESCRIPTION))
    yield from (".SH COMMANDS", *_commands(root))
    for title, entries in (("ENVIRONMENT", _ENVIRONMENT), ("EXIT STATUS", _EXIT)):
        yield f".SH {title}"
        for name, words in entries:
            yield from (".TP", f".B {_roff(name)}", _roff(words))


def _commands(context: Any) -> Iterator[str]:
    """Return every command below one, with what it says of itself and its options."""
    for name, command in context.command.commands.items():
        if command.hidden:
            continue
        below = type(context)(command, info_name=name, parent=context)
        if hasattr(command, "commands"):
            yield from _commands(below)
            continue
        yield f'.SS "{_roff(" ".join([below.command_path, *command.collect_usage_pieces(below)]))}"'
        for paragraph in (command.help or "").split("\n\n"):
            yield from (_roff(" ".join(paragraph.split())), ".PP")
        for param in command.get_params(below):
            record = param.get_help_record(below)
            if record is not None and "--help" not in param.opts:
                yield from (".TP", f".B {_roff(record[0])}", _roff(" ".join(record[1].split())))


def _roff(text: str) -> str:
    """Return text that roff prints as it is: nothing in it is a request, a dash stays a dash."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{plain}" if plain[:1] in (".", "'") else plain
