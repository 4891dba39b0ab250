"""Tasks on the workers of a Dask cluster: any number of machines that need not share a disk.

What a task keeps in its worker's cache travels back with its result and is kept here: a run that is interrupted goes
on where it stopped, whichever workers there are then. Workers must have the same version of this package and of the
libraries that shape a number; others are refused, since their numbers could differ. Dask sends and runs code: use a
cluster that you trust, over a network that you trust or a ``tls://`` address (set up as Dask's documentation says).
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache as remember
from pathlib import Path
from typing import Any

from forecast.core.registry import know, own_modules, registering_modules
from forecast.errors import ForecastError, InputError, ModelError
from forecast.fits import kept as cache

CONNECT_WITHIN = 10.0
"""Longest wait for the scheduler (seconds); judgement."""

FIRST_WORKER = 60.0
"""Longest wait for the first worker (seconds); judgement: on a busy machine one takes half a minute to start."""

WORKERLESS = 120.0
"""Longest wait for a new worker when all have gone (seconds); judgement: a machine has restarted by then."""

RETRIES = 2
"""How often a task runs again after a fault that is not its own, such as a full disk (count); judgement."""

LOOK = 1.0
"""How often the scheduler and its workers are looked at while nothing finishes (seconds); judgement."""

_MATTERS = ("arviz", "numpy", "nutpie", "pandas", "pymc", "pytensor", "scipy", "xarray")

_ONE_AT_A_TIME = threading.Lock()
"""A worker process with several threads does one task after another: compiling a model is not safe in threads."""


@dataclass(frozen=True)
class Done:
    """What comes back from a worker.

    Parameters
    ----------
    result : Any
        What the task returned.
    error : ForecastError or None
        Or the error that it raised on purpose: running it again would not help.
    entries : dict of str to bytes
        Fits that the task kept or found in its worker's cache, by key.
    """

    result: Any = None
    error: ForecastError | None = None
    entries: Mapping[str, bytes] = field(default_factory=dict)


def run_on_cluster[Argument, Result](
    task: Callable[[Argument], Result], arguments: Mapping[int, Argument], address: str
) -> Iterator[tuple[int, Result]]:
    """Run tasks on a cluster and yield results as they come."""
    client = _connect(address)
    waiting: dict[Any, int] = {}
    try:
        ours, modules = fingerprint(), registering_modules()
        for position, argument in arguments.items():
            waiting[client.submit(_do, task, argument, ours, modules, pure=False, retries=RETRIES)] = position
        for future, done in _finished(client, waiting, address):
            for key, entry in done.entries.items():
                cache.put(key, entry)
            if done.error is not None:
                raise done.error
            future.release()  # the workers need not hold what is here
            yield waiting.pop(future), done.result
    finally:
        # Also when interrupted, or when nobody wants more results: what has not begun never does.
        with contextlib.suppress(OSError):
            if waiting and client.status == "running":
                client.cancel(list(waiting), force=True)
        client.close(timeout=CONNECT_WITHIN)


def _finished(client: Any, waiting: Mapping[Any, int], address: str) -> Iterator[tuple[Any, Done]]:
    """Yield what has finished until nothing is waited for; an error when the scheduler or all workers are gone."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker, wait

    def gone(who: str) -> ModelError:
        return ModelError(
            f"a {who} of {address} that went away", "a cluster that lasts", "run again; what is done is kept"
        )

    seen = time.monotonic()
    while waiting:
        try:
            with client.as_current():
                ready = wait(list(waiting), timeout=LOOK, return_when="FIRST_COMPLETED").done
            for future in ready:
                yield future, future.result(timeout=WORKERLESS)  # made again if its worker died with it
        except TimeoutError:
            if any(future.status == "error" for future in waiting):  # a task's own
                raise
            try:
                workers = client.status in ("running", "connecting") and client.scheduler_info()["workers"]
            except OSError:
                workers = False
            if workers is False:
                raise gone("scheduler") from None
            seen = time.monotonic() if workers else seen
            if time.monotonic() - seen > WORKERLESS:
                raise gone("last worker") from None
        except CancelledError:
            raise gone("scheduler") from None
        except KilledWorker:
            raise ModelError(
                "a task that several workers died of", "workers that live until their task is done", "give them memory"
            ) from None
        except ModuleNotFoundError as error:
            missing = "" if error.name is None else error.name.partition(".")[0]
            if missing not in ("forecast", *(module.partition(".")[0] for module in own_modules())):
                raise
            who = "this package" if missing == "forecast" else f"the module {missing}, of which a part is used"
            raise InputError(
                f"a worker without {who}", "the same version everywhere", "install it on every worker"
            ) from None


@remember
def fingerprint() -> str:
    """Return a hash of all that can change a number: code, scenarios and tables of this package, versions of libraries."""
    from forecast.ingest.catalog import PACKAGE_FILE, data_directory

    package = Path(__file__).parents[1]
    digest = hashlib.sha256(repr(sorted(cache.versions(_MATTERS).items())).encode())
    digest.update((data_directory() / PACKAGE_FILE).read_bytes().replace(b"\r\n", b"\n"))  # it holds every table's hash
    for file in sorted((*package.rglob("*.py"), *package.rglob("*.toml"))):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _do(task: Callable[[Any], Any], argument: Any, expected: str, modules: Sequence[str] = ()) -> Done:
    """Run one task in a worker."""
    if fingerprint() != expected:
        import socket

        error: ForecastError = InputError(
            f"a worker on {socket.gethostname()} with another version of this package or its libraries",
            "the same version everywhere",
            "install the same clone and requirements.lock on every worker",
        )
        return Done(error=error)
    import dask

    know(modules)
    # Within a task files belong to it alone: no lock of the cluster's is wanted for them.
    with _ONE_AT_A_TIME, dask.config.set(scheduler="synchronous"), cache.touched() as keys:
        try:
            result = task(argument)
        except ForecastError as error:
            return Done(error=error)
        entries = {key: entry for key in keys if (entry := cache.packed(key)) is not None}
    return Done(result, entries=entries)


def _connect(address: str) -> Any:
    """Return a client of a scheduler that has at least one worker."""
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "--scheduler without dask.distributed", "the extra 'cluster'", 'pip install "data-depletion[cluster]"'
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
    for name in ("distributed.client", "distributed.comm", "distributed.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    wanted = "the address of a running one, such as tcp://host:8786"
    try:
        client = Client(address, timeout=CONNECT_WITHIN, set_as_default=False, name="forecast")
    except (OSError, ValueError, TypeError, ImportError) as error:
        why = " ".join(str(error).split())[:120]
        raise InputError(
            f"no Dask scheduler at {address!r} ({why})", wanted, "start one (dask scheduler), or leave --scheduler out"
        ) from None
    try:
        client.wait_for_workers(1, timeout=FIRST_WORKER)
    except TimeoutError:
        client.close(timeout=CONNECT_WITHIN)
        raise InputError(
            f"a Dask scheduler at {address!r} without workers", "at least one", f"start one: dask worker {address}"
        ) from None
    except BaseException:
        client.close(timeout=CONNECT_WITHIN)
        raise
    return client
