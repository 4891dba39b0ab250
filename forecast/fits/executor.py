"""Where work runs: independent tasks in this process, in several, or on a Dask cluster, with the same results.

A task is a picklable function at the top of a module and its argument; its result depends on that argument alone, so
that it does not matter where and in which order tasks run. Workers live as long as the executor: what a worker has
compiled serves every later task. A worker that dies costs nothing but the time of its unfinished task, which runs
again. Workers end when the process that started them does, however that ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from queue import SimpleQueue
from typing import Any

from forecast.errors import ModelError
from forecast.fits.worker import DeadWorkerError, Worker, executable, exists_elsewhere

RESTARTS = 2
"""How often in a row workers may die without any task done before it is an error (count); judgement."""


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
        return
    apart = workers > 1 and executable() is not None
    sent = {at: what for at, what in listed.items() if exists_elsewhere(task, what)} if apart else {}
    if sent:
        yield from _run_in_processes(task, sent, workers)
    for position, argument in listed.items():
        if position not in sent:
            yield position, task(argument)


def _run_in_processes[Argument, Result](
    task: Callable[[Argument], Result], arguments: Mapping[int, Argument], workers: int
) -> Iterator[tuple[int, Result]]:
    """Run tasks in processes; those that dead workers left undone run again in new ones."""
    left = dict(arguments)
    fruitless = 0
    while left:
        before, codes = len(left), set[int]()
        for position, result in _run_in_crew(task, left, min(workers, len(left)), codes):
            del left[position]
            yield position, result
        fruitless = fruitless + 1 if len(left) == before else 0
        if fruitless > RESTARTS:
            raise _deaths(fruitless, codes)
        if left:
            workers = max(1, workers // 2)  # the usual killer is a lack of memory


def _run_in_crew[Argument, Result](
    task: Callable[[Argument], Result], arguments: Mapping[int, Argument], workers: int, codes: set[int]
) -> Iterator[tuple[int, Result]]:
    """Run tasks in processes until all are done or all workers have died; how they ended is added to `codes`."""
    todo = deque(arguments.items())
    found: SimpleQueue[tuple[int | None, Any]] = SimpleQueue()
    crew: list[Worker] = []
    threads: list[threading.Thread] = []
    try:
        with _deaf_to_interrupts():
            for _ in range(workers):
                crew.append(Worker())
                threads.append(threading.Thread(target=_keep_busy, args=(crew[-1], task, todo, found), daemon=True))
                threads[-1].start()
        at_work = len(crew)
        while at_work:
            position, result = found.get()
            if position is not None:
                yield position, result
                continue
            at_work -= 1
            if isinstance(result, DeadWorkerError):
                codes.add(result.code)
            elif result is not None:
                raise result
    finally:
        for worker in crew:
            worker.kill()
        for thread in threads:
            thread.join()


def _keep_busy(worker: Worker, task: Callable[[Any], Any], todo: deque[Any], found: SimpleQueue[Any]) -> None:
    """Give a worker task after task; found are results by position and, at the end, None with what went wrong."""
    wrong = None
    try:
        while todo:
            try:
                position, argument = todo.popleft()
            except IndexError:  # another worker took it
                break
            try:
                found.put((position, worker.run(task, argument)))
            except DeadWorkerError:
                todo.append((position, argument))
                raise
    except BaseException as error:
        wrong = error
    worker.end()
    found.put((None, wrong))


def _deaths(times: int, codes: set[int]) -> ModelError:
    """Return the error that says how workers ended."""
    signals = [f"signal {-code} ({signal.strsignal(-code)})" for code in sorted(codes) if code < 0]
    if signals:
        got = f"worker processes that died {times} times in a row of {' and '.join(signals)}"
        do = "give fewer --jobs: they may lack memory; what is done is kept"
    else:
        got = f"worker processes that ended by themselves {times} times in a row (exit code {min(codes)})"
        do = "run with --jobs 1, which says why; what is done is kept"
    return ModelError(got, "workers that live until their task is done", do)


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start workers that leave an interrupt from the keyboard to this process, which then ends them.

    Signals are held back for this thread and inherited so; an interrupt that comes meanwhile comes afterwards. Windows
    knows no such thing: there a worker is of a group of its own.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
