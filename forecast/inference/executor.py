"""Where work runs: independent tasks, in this process or in several, with the same results either way.

A task is a picklable function and its argument. Workers live as long as the executor, so that what a worker has
compiled serves every later task.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed


def available_cores() -> int:
    """Return how many processors this process may use.

    Returns
    -------
    int
        At least 1.
    """
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def run_tasks[Argument, Result](
    task: Callable[[Argument], Result], arguments: Iterable[Argument], jobs: int | None = None
) -> Iterator[tuple[int, Result]]:
    """Run a function over arguments and yield results as they come.

    Parameters
    ----------
    task : callable
        A function at the top of a module; its result must depend on its argument alone.
    arguments : sequence
        One a task.
    jobs : int, optional
        Processes; by default one a processor, never more than tasks. One means this process.

    Yields
    ------
    tuple of int and result
        Position of the argument, and what the task returned.
    """
    listed = list(arguments)
    workers = min(jobs or available_cores(), len(listed))
    if workers <= 1:
        for position, argument in enumerate(listed):
            yield position, task(argument)
        return
    # "spawn" everywhere: forked workers inherit threads of the sampler and can hang.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        with _deaf_to_interrupts():
            futures = {pool.submit(task, argument): position for position, argument in enumerate(listed)}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start workers that leave an interrupt from the keyboard to this process, which then ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
