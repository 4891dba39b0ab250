"""A process that does one task after another, and its parent's end of it.

A worker is a fresh interpreter that is told tasks on its standard input and answers on its standard output. It never
sees the user's main module: the workers of `multiprocessing` import it, so that a script without a guard starts itself
again in each of them and repeats what it does. What they import is decided deep in that library, from global state and
differently by version and start method; an interpreter that is started with nothing to import behaves alike in a
script, a notebook, ``python -c``, ``python -m`` and a program on standard input, and holds no semaphore to leak.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.spawn import get_executable
from queue import SimpleQueue
from typing import Any, BinaryIO

from forecast.core.registry import know, notebook_names, registering_modules

_START = "import sys; sys.path[:] = sys.argv[1:]; from forecast.fits.worker import serve; serve()"

_LENGTH = 8
"""How many bytes say how long a message is (count): more than any memory holds."""

_END = b""
"""The message that asks a worker to end."""

_KEEPS_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20)}
"""What keeps glibc from handing the memory of every larger array back and asking for it anew (bytes), which takes a third
of the time of a sweep of particles; mallopt(3) has the names. Other C libraries know none of them."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h: the signal that a process gets when its parent ends


class DeadWorkerError(Exception):
    """A worker ended before its task was done."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
        """Its exit code; below zero, the signal that ended it."""


def executable() -> str | None:
    """Return the interpreter that workers run, as `multiprocessing.set_executable` says; None where there is none."""
    found = None if getattr(sys, "frozen", False) else get_executable()  # a frozen program would start itself
    return os.fsdecode(found) if found else None


def exists_elsewhere(task: Callable[[Any], Any], argument: Any) -> bool:
    """Tell whether a worker can do a task: not one with a class, a function or a name of the user's main module."""
    try:
        message = pickle.dumps((task, argument))
    except Exception:  # whatever keeps it from being sent
        return False
    return b"__main__" not in message and not any(name.encode() in message for name in notebook_names())


class Worker:
    """The parent's end of a worker, which starts it."""

    def __init__(self) -> None:
        interpreter = executable()
        assert interpreter is not None, "who starts a worker has asked for its interpreter"
        path = [place for place in sys.path if isinstance(place, str)]
        # An interrupt from the keyboard is for this process, which then ends its workers: see `executor`, and here
        # for Windows.
        apart = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        line = [interpreter, "-c", _START, *path]
        self._process = subprocess.Popen(
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=apart,
            env={**_KEEPS_MEMORY, **os.environ},  # what the user has set holds
        )

    def run(self, task: Callable[[Any], Any], argument: Any) -> Any:
        """Return what a task gives, or raise what it raises."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # The task by itself, so that it is read when what was registered here is known there.
        message = pickle.dumps(
            (registering_modules(), pickle.dumps((task, argument), pickle.HIGHEST_PROTOCOL)), pickle.HIGHEST_PROTOCOL
        )
        try:
            _write(self._process.stdin, message)
            answer = _read(self._process.stdout)
        except OSError:
            answer = None
        if answer is None:
            raise DeadWorkerError(self._process.wait())
        result, error = pickle.loads(answer)
        if error is not None:
            raise error
        return result

    def end(self) -> None:
        """Ask the worker to end and wait until it has."""
        with contextlib.suppress(OSError), self._process:  # which closes the pipes and waits
            _write(self._process.stdin, _END)

    def kill(self) -> None:
        """End the worker whatever it does."""
        self._process.kill()


def serve() -> None:
    """Do tasks until asked to end: what a worker runs."""
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Nothing that a task or a library reads or prints is part of the conversation.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # a program without a window has no standard error
        os.dup2(nothing, 1)
    _end_with_parent()
    messages: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(tasks, messages), daemon=True).start()
    while message := messages.get():
        _write(answers, _answer(message))


def _answer(message: bytes) -> bytes:
    """Do a task and return its result or its error, ready to send."""
    try:
        modules, work = pickle.loads(message)
        know(modules)
        task, argument = pickle.loads(work)
        return pickle.dumps((task(argument), None), pickle.HIGHEST_PROTOCOL)
    except BaseException as error:
        where = "".join(traceback.format_exception(error))
        try:
            error.add_note(f"In a worker process:\n{where}")
            sent = pickle.dumps((None, error), pickle.HIGHEST_PROTOCOL)
            pickle.loads(sent)
        except Exception:  # some errors cannot be sent, or not be read
            return pickle.dumps((None, RuntimeError(f"in a worker process:\n{where}")), pickle.HIGHEST_PROTOCOL)
        return sent


def _listen(tasks: BinaryIO, messages: SimpleQueue[bytes]) -> None:
    """Pass messages on; once the parent's end of the pipe is closed, end this process whatever its other threads do."""
    while (message := _read(tasks)) is not None:
        messages.put(message)
        if message == _END:
            return
    os._exit(1)


def _end_with_parent() -> None:
    """Let the system end this worker with its parent, also when a library holds the interpreter for long."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # a C library without prctl
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _write(pipe: Any, message: bytes) -> None:
    pipe.write(len(message).to_bytes(_LENGTH) + message)
    pipe.flush()


def _read(pipe: Any) -> bytes | None:
    """Return the next message; None when the other end is closed, in the middle of one too."""
    length = pipe.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    wanted = int.from_bytes(length)
    message: bytes = pipe.read(wanted)
    return message if len(message) == wanted else None
