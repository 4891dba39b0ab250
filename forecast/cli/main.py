"""``forecast``: puts the commands together and turns errors into one line and an exit code.

Exit codes: 0 done; 1 done, but the answer is no; 2 the input or the command is wrong; 130 interrupted.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
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
    replicate,
    report,
    run,
    scenario,
    sensitivity,
    verify,
    vintages,
)
from forecast.errors import ForecastError

_CLICK_ERROR: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""Root of the parser's own errors; typer carries its parser inside and exports only its leaves."""

_INTERRUPTED = 130
"""Exit code of a run that was interrupted or told to end; the parser may return it by itself."""

_TOLD_TO_END = ("SIGTERM", "SIGHUP")
"""What a scheduler, a container or a closed terminal sends; not every system has both."""

_ONCE_IN = 5.0
"""How long a second such signal is taken for the first (seconds): ``timeout`` sends it to the process and its group."""

app = typer.Typer(
    name="forecast",
    help="When will AI training use up the stock of human-made data, and how sure can anyone be?",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("report")(report.report)
app.command("replicate")(replicate.replicate)
app.command("compare")(compare.compare)
app.command("verify")(verify.verify)
app.command("backtest")(backtest.backtest)
app.command("vintages")(vintages.vintages)
app.command("claims")(claims.claims)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("calibrate")(calibrate.calibrate)
app.add_typer(scenario.app, name="scenario")
app.add_typer(data.app, name="data")
app.add_typer(collapse.app, name="collapse")
app.add_typer(cache.app, name="cache")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"forecast {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_version, is_eager=True),
) -> None:
    """Say when AI training uses up the stock of human-made data, and how sure anyone can be."""
    del version
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        Instead of the process's own.

    Returns
    -------
    int
        The exit code.
    """
    try:
        with _ended_like_an_interrupt():
            outcome = typer.main.get_command(app)(args=arguments, standalone_mode=False, prog_name="forecast")
    except ForecastError as error:
        return _complain(str(error))
    except _CLICK_ERROR as error:
        return _complain(_usage(error))
    except (KeyboardInterrupt, typer.Abort):
        outcome = _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; what is left must not fail on it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as end:
        # The parser leaves by itself, with 1, when the reader of our output has gone: that is no answer of ours.
        if isinstance(end.__context__, BrokenPipeError):
            return 0
        raise
    if outcome == _INTERRUPTED:
        print("interrupted, nothing was left half-written", file=sys.stderr)
    return outcome if isinstance(outcome, int) else 0


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
    return f"got {message[0].lower()}{message[1:]}, expected a valid command: see {path} --help"


def _complain(message: str) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
