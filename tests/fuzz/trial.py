"""One case tried, and what counts as a failure: anything but an answer, or one line that says what to do.

A case runs in this process, in a folder of its own, with its own streams, where nothing samples and no address is
reached. What it opens for writing elsewhere is refused and counted; a process of its own would say the same.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import signal
import stat
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sampling

from fuzz.cases import KEPT, RUN, SCENARIO, Case, lay_out

LONGEST, STILL = 20.0, 30.0
"""After which a case has hung (seconds): of work, the dearest taking 5, and of waiting without any work at all."""

CODES = {0, 1, 2, 130}
CONTROL = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What moves a cursor, colours, or turns the direction of writing; all but the end of a line."""

IN_FILES = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""The same for written files, where tabs and ends of lines are at home."""

_WRITES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.truncate", "shutil.rmtree")
_LIBRARIES = ("__pycache__", ".pytensor", "matplotlib", "fontlist")
"""Parts of paths that libraries of ours keep for themselves."""


class TooSlowError(BaseException):
    """Raised in a case that has hung; no handler of errors catches it."""


class _Watch:
    """Sees what Python opens, removes and connects to while a case runs."""

    allowed: tuple[str, ...] | None = None
    seen: list[str]
    hooked = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.allowed is None:
            return
        if event in ("socket.connect", "socket.getaddrinfo"):
            raise OSError("no network here")
        if event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"):
            self.seen.append(f"started a process ({event})")
        elif event == "open":
            path, mode, flags = arguments
            writes = (
                any(letter in mode for letter in "wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            )
            if writes:
                self._look(event, path)
        elif event in _WRITES:
            held = arguments[-1] if event in ("os.remove", "os.rmdir", "os.mkdir") else -1
            if held in (-1, None):
                for path in arguments[:2] if event in ("os.rename", "os.link") else arguments[:1]:
                    self._look(event, arguments[1] if event == "os.symlink" else path)

    def _look(self, event: str, path: Any) -> None:
        if isinstance(path, int) or self.allowed is None:
            return
        place = os.path.realpath(os.path.dirname(os.path.abspath(os.fsdecode(path))))
        place = os.path.join(place, os.path.basename(os.fsdecode(path)))
        if place == os.devnull or place.startswith(self.allowed) or any(part in place for part in _LIBRARIES):
            return
        self.seen.append(f"{event} outside its folder{_where(traceback.extract_stack())}")
        raise PermissionError(1, "outside the folder of the case", place)


WATCH = _Watch()


class Trial:
    """A place for cases, with the run and the fits that they are given; call it with a case.

    It returns what is wrong in a few words, the same for the same cause, or None.
    """

    def __init__(self, base: Path, place: Path) -> None:
        self.base, self.place, self.number = base, place, 0
        self.kept = sampling.tree_of(base / KEPT)
        if not _Watch.hooked:
            sys.addaudithook(WATCH)
            _Watch.hooked = True

    def __call__(self, case: Case) -> str | None:
        self.number += 1
        folder = self.place / str(self.number) / "here"
        folder.mkdir(parents=True)
        try:
            return self._judge(case, folder)
        finally:
            shutil.rmtree(folder.parent, ignore_errors=True)

    def _judge(self, case: Case, folder: Path) -> str | None:
        strangers = lay_out(case, folder, self.base)
        before = _look_at(folder.parent)
        kept = folder / KEPT if case.changed == KEPT else self.base / KEPT
        fits = {path.name: path.read_bytes() for path in (self.base / KEPT / "fits").glob("*.nc")}
        with _inside(folder, kept) as (out, err):
            outcome = _conduct(case.arguments)
        said, told = out(), err()
        wrong = WATCH.seen[0] if WATCH.seen else outcome if isinstance(outcome, str) else None
        wrong = wrong or _words_wrong(said, told, outcome)
        wrong = wrong or _traces_wrong(before, _look_at(folder.parent), outcome, strangers, case.arguments)
        if wrong is None and case.changed == KEPT and case.arguments[0] != "cache":
            poisoned = [
                name
                for name, content in fits.items()
                if (kept / "fits" / name).is_file() and (kept / "fits" / name).read_bytes() != content
            ]
            wrong = "a kept fit that was changed is still kept" if poisoned else None
        if (
            wrong is None
            and case.arguments[:1] == ("verify",)
            and "--help" not in case.arguments
            and outcome == 0
            and _changed(folder / RUN, self.base / RUN)
        ):
            wrong = "a run holds although its files were changed"
        if wrong is None and outcome != 2 and (found := _written_wrong(folder, before)):
            wrong = found
        # A place in the code is a cause whatever led there; anything else goes by the command.
        return wrong if wrong is None or " at " in wrong else f"{' '.join(case.arguments[:2])[:40]!r}: {wrong}"


def _conduct(arguments: tuple[str, ...]) -> int | str:
    """Return the exit code, or what is wrong already."""
    from forecast.cli.main import main
    from forecast.errors import ForecastError

    try:
        if arguments and arguments[0].startswith("api:"):
            CALLS[arguments[0][4:]](arguments[1])
            return 0
        return main(list(arguments))
    except ForecastError as error:
        return (
            2 if arguments[0].startswith("api:") and "\n" not in str(error) else "an error of ours that nobody caught"
        )
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else f"exit code {end.code!r}"
    except TooSlowError:
        return f"no end{_where(traceback.extract_tb(sys.exc_info()[2]))}"
    except BaseException as error:  # whatever it is, it is what is looked for
        return f"{type(error).__name__}{_where(traceback.extract_tb(error.__traceback__))}"


def _where(frames: Sequence[traceback.FrameSummary]) -> str:
    """Name the innermost line of ours among frames."""
    package = os.path.dirname(sys.modules["forecast"].__file__ or "")
    ours = [f for f in frames if f.filename.startswith(package)] or list(frames)
    return f" at {os.path.relpath(ours[-1].filename, package)}:{ours[-1].lineno} ({ours[-1].name})"


def _words_wrong(said: bytes, told: bytes, outcome: int | str) -> str | None:
    """Hold what was said on both streams against what a terminal and a reader can bear."""
    if outcome not in CODES:
        return f"exit code {outcome!r}"
    for name, stream in (("stdout", said), ("stderr", told)):
        try:
            text = stream.decode("utf-8")
        except UnicodeDecodeError:
            return f"bytes on {name} that are not UTF-8"
        if CONTROL.search(text):
            return f"a control character on {name}"
        if "Traceback (most recent call last)" in text:
            return f"a traceback on {name}"
    lines = told.decode("utf-8").splitlines()
    errors = [number for number, line in enumerate(lines) if line.startswith("error:")]
    if outcome == 2 and lines and (len(errors) != 1 or errors[0] != len(lines) - 1):
        return "exit code 2 without exactly one last line that begins with error:"
    if outcome != 2 and errors:
        return f"a line that begins with error: and exit code {outcome}"
    if max(map(len, lines), default=0) > 2_000:
        return "a line of more than 2,000 characters on stderr"
    return None


def _traces_wrong(
    before: dict[str, Any], after: dict[str, Any], outcome: int | str, strangers: set[str], arguments: tuple[str, ...]
) -> str | None:
    """Hold the folder after a case against the folder before it."""
    before, after = (
        {name: state for name, state in found.items() if KEPT not in Path(name).parts} for found in (before, after)
    )
    if outcome in (2, 130):
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        return "exit code 2, and something was written or removed" if changed else None
    # A run folder named by --out is replaced by a new one; everything else stays as it was.
    replaced = ("--out" in arguments and arguments[arguments.index("--out") + 1]) == RUN
    ours = {name for name in before if replaced and name.startswith(f"here/{RUN}")} - {
        f"here/{name}" for name in strangers
    }
    lost = sorted(name for name in before.keys() - ours if before[name] != after.get(name))
    return f"a file that was not made by us was changed or removed, exit code {outcome}" if lost else None


def _written_wrong(folder: Path, before: dict[str, Any]) -> str | None:
    for path in folder.rglob("*"):
        written = path.suffix in (".html", ".md", ".csv", ".svg") and f"here/{path.relative_to(folder)}" not in before
        # Some commands take a folder by --out, whatever its name.
        if written and path.is_file() and IN_FILES.search(path.read_bytes().decode("utf-8", "replace")):
            return f"a control character in a written {path.suffix} file"
    return None


def _changed(run: Path, base: Path) -> bool:
    now, then = (
        {name: content for name, content in sampling.tree_of(p).items() if name != "manifest.json"} for p in (run, base)
    )
    return now != then


def _look_at(folder: Path) -> dict[str, Any]:
    """Return what lies in a folder: files with content, folders, links and pipes."""
    found: dict[str, Any] = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(root, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                state: Any = Path(path).read_bytes()
            else:
                state = os.readlink(path) if stat.S_ISLNK(mode) else stat.S_IFMT(mode)
            found[os.path.relpath(path, folder)] = state
    return found


@contextlib.contextmanager
def _inside(folder: Path, kept: Path) -> Iterator[tuple[Callable[[], bytes], Callable[[], bytes]]]:
    """Run the block in a folder, with streams that are kept, an end to its time, and no way out."""
    scratch = folder.parent.with_name("scratch")
    scratch.mkdir(exist_ok=True)
    outside = {"FORECAST_CACHE": str(kept), "FORECAST_DATA": str(folder / "fetched")}
    saved = {name: os.environ.get(name) for name in outside}, os.getcwd(), tempfile.tempdir, sys.stdout, sys.stderr
    names = scratch / "stdout", scratch / "stderr"
    real = os.dup(1), os.dup(2)
    os.environ.update(outside)
    os.chdir(folder)
    tempfile.tempdir = str(scratch)
    for number, name in zip((1, 2), names, strict=True):
        to = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(to, number)
        os.close(to)
    # As a process has them: what stdout cannot encode is an error, what stderr cannot is escaped.
    sys.stdout = open(os.dup(1), "w", encoding="utf-8", errors="strict", newline="\n")  # noqa: SIM115
    sys.stderr = open(os.dup(2), "w", encoding="utf-8", errors="backslashreplace", newline="\n")  # noqa: SIM115
    WATCH.seen, WATCH.allowed = (
        [],
        (
            f"{os.path.realpath(folder.parent)}{os.sep}",
            f"{os.path.realpath(scratch)}{os.sep}",
            f"{os.path.realpath(kept)}{os.sep}",
        ),
    )
    WATCH.allowed = (*WATCH.allowed, os.path.realpath(kept))
    try:
        with _time_limit():
            yield names[0].read_bytes, names[1].read_bytes
    finally:
        WATCH.allowed = None
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.close()
        for number, copy in zip((1, 2), real, strict=True):
            os.dup2(copy, number)
            os.close(copy)
        environment, cwd, tempfile.tempdir, sys.stdout, sys.stderr = saved
        os.chdir(cwd)
        for name, value in environment.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    if not hasattr(signal, "setitimer"):
        yield
        return

    worked = last = time.process_time()
    still = 0.0

    def stop(*_: object) -> None:
        # By work done and not by the clock, since others need the processor too.
        nonlocal last, still
        now = time.process_time()
        still = still + 1.0 if now - last < 0.001 else 0.0
        last = now
        if now - worked > LONGEST or still > STILL:
            raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def nothing_samples() -> Iterator[None]:
    """Let fits that are not kept be refused inside the block, and let runs ask for short ones."""
    from forecast.consumption import fitting
    from forecast.errors import ModelError
    from forecast.runs import pipeline

    def refuse(*_: Any, **__: Any) -> Any:
        raise ModelError("a fit that is not kept", "no sampling here", "keep it first")

    def in_turn(function: Any, tasks: Any, *_: Any, **__: Any) -> Iterator[Any]:
        yield from ((number, function(task)) for number, task in enumerate(tasks))

    options, run_tasks, make = pipeline.Options, fitting.run_tasks, fitting._make
    pipeline.Options = functools.partial(options, sampling=sampling.SHORT)  # type: ignore[misc, assignment]
    fitting.run_tasks, fitting._make = in_turn, refuse  # type: ignore[assignment]
    try:
        yield
    finally:
        pipeline.Options, fitting.run_tasks, fitting._make = options, run_tasks, make  # type: ignore[misc]


def _run(scenario: str) -> None:
    import numpy as np

    import forecast as fc

    made = fc.run(scenario, draws=400, jobs=1, sampling=sampling.SHORT)
    assert np.array_equal(made.exhaustion_year, sampling.short_run().exhaustion_year), "a changed fit moved the answer"


def _call(name: str) -> Callable[[str], Any]:
    def call(argument: str) -> Any:
        import forecast as fc

        return functools.reduce(getattr, name.split("."), fc)(argument)  # type: ignore[arg-type]

    return call


CALLS: dict[str, Callable[[str], Any]] = {
    "run": _run,
    **{name: _call(name) for name in ("load_models", "scenario.load", "Forecast.load")},
}
"""What a case may call in place of a command, by name."""

__all__ = ["KEPT", "RUN", "SCENARIO", "Trial", "nothing_samples"]
