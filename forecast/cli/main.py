"""``forecast``: puts the commands together and turns errors into one line and an exit code.

Exit codes: 0 done; 1 done, but the answer is no; 2 the input or the command is wrong; 70 a fault of this program;
130 interrupted.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Any

import typer

from forecast import __version__
from forecast.cli import (
    backtest,
    cache,
    calibrate,
    claims,
    collapse,
    compare,
    data,
    export,
    followers,
    live,
    man,
    price,
    replicate,
    report,
    rounds,
    run,
    scenario,
    sensitivity,
    verify,
    vintages,
)
from forecast.cli.printing import say
from forecast.errors import ForecastError, InputError
from forecast.text import one_line, quoted

_CLICK_ERROR: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""Root of the parser's own errors; typer carries its parser inside and exports only its leaves."""

_INTERRUPTED = 130
"""Exit code of a run that was interrupted or told to end; the parser may return it by itself."""

_TOLD_TO_END = ("SIGTERM", "SIGHUP")
"""What a scheduler, a container or a closed terminal sends; not every system has both."""

_ONCE_IN = 5.0
"""How long a second such signal is taken for the first (seconds): ``timeout`` sends it to the process and its group."""

_FAULT = 70
"""Exit code of a fault of this program (EX_SOFTWARE of sysexits.h)."""

_DEBUG = "FORECAST_DEBUG"
"""Environment variable that has the traceback of any error printed."""

app = typer.Typer(
    name="forecast",
    help="When will AI training use up the stock of human-made data, and how sure can anyone be?",
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run", short_help="A forecast: the sentence, the table, a folder with all of it")(run.run)
app.command("report", short_help="A forecast as a page, a PDF, Markdown and figures")(report.report)
app.command("replicate", short_help="A published analysis, run again beside its figures")(replicate.replicate)
app.command("compare", short_help="What differs between two runs, and what it moves")(compare.compare)
app.command("verify", short_help="A run computed again: does every number hold?")(verify.verify)
app.command("backtest", short_help="How past forecasts by this method would have scored")(backtest.backtest)
app.command("vintages", short_help="What this model would have said since 2019")(vintages.vintages)
app.command("claims", short_help="Who said when data run out, and how likely that is")(claims.claims)
app.command("sensitivity", short_help="Which input moves the date most, and what would narrow it")(
    sensitivity.sensitivity
)
app.command("price", short_help="What the next token costs, by source and year")(price.price)
app.command("followers", short_help="Who else runs out, and when")(followers.followers)
app.command("calibrate", short_help="Whether intervals hold in worlds simulated from the priors")(calibrate.calibrate)
app.add_typer(scenario.app, name="scenario", short_help="List, show, check and compare scenarios")
app.add_typer(data.app, name="data", short_help="The tables: list, show, check, cite, refresh")
app.add_typer(rounds.app, name="rounds", short_help="Frozen forecasts that can be checked, and their scores")
app.add_typer(export.app, name="export", short_help="The forecast for other tools: hub, questions, CSV, Parquet")
app.add_typer(collapse.app, name="collapse", short_help="Models trained on what models wrote, beside theory")
app.add_typer(cache.app, name="cache", short_help="Where kept fits are; remove them")
app.command("man", short_help="The manual page: forecast man | man -l -")(man.man)


def _version(asked: bool) -> None:
    if asked:
        say(f"forecast {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_version, is_eager=True),
) -> None:
    """Say when AI training uses up the stock of human-made data, and how sure anyone can be."""
    del version
    if context.invoked_subcommand is None:
        say(*context.get_help().splitlines())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    _prepare_streams()
    try:
        return _run(arguments)
    finally:
        live.stop()


def _run(arguments: list[str] | None) -> int:
    try:
        _check_arguments(sys.argv[1:] if arguments is None else arguments)
        with _ended_like_an_interrupt():
            outcome = typer.main.get_command(app)(args=arguments, standalone_mode=False, prog_name="forecast")
            _deliver()
    except ForecastError as error:
        return _complain(str(error), error)
    except _CLICK_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # a group without a command: its help is the answer
            say(*error.format_message().splitlines(), err=True)  # type: ignore[attr-defined]
            return 2
        return _complain(_usage(error), error)
    except (KeyboardInterrupt, typer.Abort):
        outcome = _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; what is left must not fail on it at exit.
        _leave_stdout()
        return 0
    except SystemExit as end:
        # The parser leaves by itself, with 1, when the reader of our output has gone: that is no answer of ours.
        if isinstance(end.__context__, BrokenPipeError):
            _leave_stdout()
            return 0
        raise
    except OSError as error:
        return _complain(_system_words(error), error)
    except MemoryError as error:
        return _complain("got no memory left, expected more: choose fewer --draws or --jobs", error)
    except Exception as error:
        words = f"got an unexpected {type(error).__name__} ({error}), expected none"
        return _complain(f"{words}: report it with what {_DEBUG}=1 prints", error, _FAULT)
    if outcome == _INTERRUPTED:
        _say("interrupted, nothing was left half-written")
    return outcome if isinstance(outcome, int) else 0


def _check_arguments(arguments: list[str]) -> None:
    """Refuse what no system can take for a name: a NUL, or half a character."""
    for argument in arguments:
        try:
            named = b"\0" not in os.fsencode(argument)
        except UnicodeEncodeError:
            named = False
        if not named:
            raise InputError(
                f"the argument {quoted(argument)}", "text without NUL or halves of characters", "type it again"
            )


def _prepare_streams() -> None:
    """Let every text be printed, whatever the streams are: closed, or of an encoding that lacks a letter."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Closed from outside. Else the next file opened would get its number, and what is printed would go there.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    codecs.register_error("escaped", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="escaped")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Write what an encoding lacks as JSON does, so that a document stays one."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _deliver() -> None:
    """Write out what is still held back, while a failure can be told."""
    sys.stdout.flush()


def _leave_stdout() -> None:
    """Let go of an output that cannot be written, so that the interpreter does not fail on it at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _system_words(error: OSError) -> str:
    """Say in our order what the system refused."""
    reason = error.strerror or type(error).__name__
    if _was_printing(error):
        _leave_stdout()
        return (
            f"got standard output, which cannot be written ({reason}), expected a writable one: redirect it elsewhere"
        )
    if error.filename is None:
        return f"got a refusal of the system ({reason}), expected none: make room or choose another place"
    return (
        f"got {error.filename} ({reason}), expected a file that can be used: choose another or change its permissions"
    )


def _was_printing(error: OSError) -> bool:
    """Tell whether an error comes from printing: the system names no file then."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else str(place.tb_frame.f_globals.get("__name__"))
    return error.filename is None and (where == __name__ or where.partition(".")[0] in ("click", "rich", "typer"))


@contextlib.contextmanager
def _ended_like_an_interrupt() -> Iterator[None]:
    """Take a signal to end for an interrupt from the keyboard: what was begun is cleaned up, workers end."""
    last = float("-inf")

    def interrupt(number: int, frame: Any) -> None:
        del number, frame
        nonlocal last
        if (now := time.monotonic()) - last > _ONCE_IN:
            last = now
            raise KeyboardInterrupt

    before: dict[int, Any] = {}
    for number in (getattr(signal, name) for name in _TOLD_TO_END if hasattr(signal, name)):
        # Who started us may want it ignored (nohup); and only the main thread may listen.
        if signal.getsignal(number) == signal.SIG_DFL:
            with contextlib.suppress(ValueError):
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            # Once told to end, only the way out is left: the same may come again there, and must not change the exit code.
            signal.signal(number, handler if last == float("-inf") else signal.SIG_IGN)


def _usage(error: Exception) -> str:
    """Say in our order what the parser did not understand."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "forecast"
    message = error.format_message().rstrip(".")  # type: ignore[attr-defined]
    return str(InputError(f"{message[0].lower()}{message[1:]}", "a valid command", f"see {path} --help"))


def _complain(message: str, error: BaseException, code: int = 2) -> int:
    if os.environ.get(_DEBUG):
        live.stop()
        traceback.print_exception(error)
    _say(f"error: {one_line(message)}")
    return code


def _say(words: str) -> None:
    live.stop()
    with contextlib.suppress(OSError, ValueError):
        say(words, err=True)


if __name__ == "__main__":
    sys.exit(main())
