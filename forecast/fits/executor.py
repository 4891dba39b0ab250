"""Where work runs: independent tasks in this process, in several, or on a Dask cluster, with the same results.

A task is a picklable function at the top of a module and its argument; its result depends on that argument alone, so
that it does not matter where and in which order tasks run. Workers live as long as the executor: what a worker has
compiled serves every later task. A worker that dies costs nothing but the time of its unfinished task, which runs
again. Workers end when the process that started them does, however that ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection

from forecast.errors import ModelError

RESTARTS = 2
"""How often in a row workers may die without any task done before it is an error (count); judgement."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h: the signal that a process gets when its parent ends


def available_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def run_tasks[Argument, Result](
    task: Callable[[Argument], Result],
    arguments: Iterable[Argument],
    jobs: int | None = None,
    *,
    scheduler: str | None = None,
) -> Iterator[tuple[int, Result]]:
    """Run a function over arguments and yield results as they come.

    Examples
    --------
    >>> sorted(run_tasks(abs, [-1.0, 2.0], jobs=1))
    [(0, 1.0), (1, 2.0)]
    """
    listed = dict(enumerate(arguments))
    workers = min(jobs or available_cores(), len(listed))
    if scheduler is not None and listed:
        from forecast.fits.cluster import run_on_cluster

        yield from run_on_cluster(task, listed, scheduler)
    elif workers <= 1:
        for position, argument in listed.items():
            yield position, task(argument)
    else:
        yield from _run_in_processes(task, listed, workers)


def _run_in_processes[Argument, Result](
    task: Callable[[Argument], Result], arguments: Mapping[int, Argument], workers: int
) -> Iterator[tuple[int, Result]]:
    """Run tasks in processes; those that a dead worker left undone run again in new ones."""
    left = dict(arguments)
    fruitless = 0
    while left:
        before = len(left)
        for position, result in _run_in_pool(task, left, min(workers, len(left))):
            del left[position]
            yield position, result
        fruitless = fruitless + 1 if len(left) == before else 0
        if fruitless > RESTARTS:
            raise ModelError(
                f"worker processes that ended by themselves {fruitless} times in a row",
                "workers that live until their task is done",
                "give fewer --jobs: they may lack memory; what is done is kept",
            )
        if left:
            workers = max(1, workers // 2)  # the usual killer is a lack of memory


def _run_in_pool[Argument, Result](
    task: Callable[[Argument], Result], arguments: Mapping[int, Argument], workers: int
) -> Iterator[tuple[int, Result]]:
    """Run tasks in processes until all are done or a worker dies."""
    # "spawn" everywhere: forked workers inherit threads of the sampler and can hang.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    futures: dict[Future[Result], int] = {}
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as pool:
        try:
            with _deaf_to_interrupts(), contextlib.suppress(BrokenProcessPool):
                for position, argument in arguments.items():
                    futures[pool.submit(task, argument)] = position
            for future in as_completed(futures):
                # Of a broken pool what was done before is still good.
                with contextlib.suppress(BrokenProcessPool):
                    result = future.result()
                    yield futures[future], result
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


def _end_with_parent() -> None:
    """Let this worker end when its parent does, also when that is killed and can tell nobody."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker has a parent"
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # a C library without prctl
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Elsewhere, and where the parent ended before that call.
    threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(parent: int) -> None:
    """End this process, whatever its other threads do, once the parent's end of a pipe is closed."""
    connection.wait([parent])
    os._exit(1)


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start workers that leave an interrupt from the keyboard to this process, which then ends them.

    Where signals can be held back they are: an interrupt that comes meanwhile is not lost but comes afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "pthread_sigmask"):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    else:
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, handler)
