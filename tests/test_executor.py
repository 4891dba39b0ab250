"""Tasks run here, in processes and on a real Dask cluster: the same numbers, and nothing lost when workers die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from executor_tasks import blunder, complain, die_always, die_once, draw, keep, key_of, slow_draw
from sampling import hear_interrupts

from forecast.errors import InputError, ModelError
from forecast.fits import cluster
from forecast.fits import kept as cache
from forecast.fits.executor import run_tasks

needs_kill = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


# --- in this process and in several


def test_results_do_not_depend_on_where_tasks_run():
    here = dict(run_tasks(draw, range(6), jobs=1))
    assert here == {number: draw(number) for number in range(6)}
    assert dict(run_tasks(draw, range(6), jobs=2)) == here


@needs_kill
def test_a_killed_process_loses_nothing(tmp_path):
    arguments = [(number, str(tmp_path)) for number in range(7)]
    assert dict(run_tasks(die_once, arguments, jobs=2)) == {number: draw(number) for number in range(7)}
    assert len(list(tmp_path.iterdir())) == 3


@needs_kill
def test_processes_that_always_die_are_one_error():
    with pytest.raises(ModelError, match="fewer --jobs"):
        list(run_tasks(die_always, range(2), jobs=2))


def test_an_error_in_a_process_comes_through_whole():
    with pytest.raises(ModelError, match="a fit number 3"):
        list(run_tasks(complain, range(6), jobs=2))


def test_workers_keep_the_memory_of_larger_arrays_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")
    names = ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"]
    assert dict(run_tasks(os.getenv, names, jobs=2)) == {0: "33554432", 1: "1"}


def test_no_tasks_need_no_workers():
    assert list(run_tasks(draw, [], jobs=4)) == []
    assert list(run_tasks(draw, [], scheduler="tcp://127.0.0.1:1")) == []


# --- what travels


def test_entries_touched_in_a_block_can_be_sent_and_put(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "there"))
    with cache.touched() as keys:
        keep((1, str(tmp_path)))
    assert keys == {key_of(1)}
    entry = cache.packed(key_of(1))
    with cache.touched() as keys:
        keep((1, str(tmp_path)))  # found, not made
    assert keys == {key_of(1)}
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "here"))
    assert cache.packed(key_of(1)) is None
    for damaged in (entry[:-1], entry + b"x", b"", entry.replace(b"fit/", b"fut/")):
        cache.put(key_of(1), damaged)
        cache.put(key_of(2), entry)  # of another fit
        assert cache.packed(key_of(1)) is cache.packed(key_of(2)) is None
    cache.put(key_of(1), entry)
    assert cache.load(key_of(1))["posterior"]["x"].values.tolist() == draw(1)
    with pytest.raises(ValueError, match="no key"):
        cache.put("../" * 13 + "x", entry)


def test_a_worker_with_other_code_is_refused():
    done = cluster._do(draw, 1, "0" * 64)
    assert isinstance(done.error, InputError)
    assert "another version" in str(done.error)
    assert cluster._do(draw, 1, cluster.fingerprint()).result == draw(1)


# --- a cluster


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "tcp://127.0.0.1", "http://127.0.0.1:80", ""])
def test_a_wrong_address_is_one_line(address, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_WITHIN", 0.5)
    with pytest.raises(InputError, match="no Dask scheduler at") as caught:
        list(run_tasks(draw, range(2), scheduler=address))
    assert "\n" not in str(caught.value)
    assert "--scheduler" in str(caught.value)


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="extra 'cluster'"):
        list(run_tasks(draw, range(2), scheduler="tcp://127.0.0.1:1"))


@dataclass
class Cluster:
    """A scheduler and workers in processes of their own, each worker with a cache that nobody else sees."""

    place: Path
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    address: str = ""

    def start(self) -> None:
        note = self.place / "scheduler.json"
        self.scheduler = self._run("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(note))
        end = time.monotonic() + 60
        while not self.address:
            assert time.monotonic() < end, "the scheduler did not start"
            try:
                self.address = json.loads(note.read_text())["address"]
            except (OSError, ValueError):
                time.sleep(0.05)

    def add_worker(self) -> subprocess.Popen[bytes]:
        number = len(self.workers)
        worker = self._run(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1",
            "--local-directory", str(self.place / f"scratch-{number}"), cache=str(self.place / f"cache-{number}"),
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    def _run(self, what: str, *words: str, cache: str = "") -> subprocess.Popen[bytes]:
        tests = Path(__file__).parent
        path = os.pathsep.join([str(tests), str(tests.parent)])
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *words],
            env={**os.environ, "PYTHONPATH": path, "FORECAST_CACHE": cache},
            cwd=self.place,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture
def running(tmp_path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        made = Cluster(tmp_path)
        stack.callback(made.stop)
        made.start()
        yield made


def test_a_cluster_gives_the_same_numbers_and_errors(running):
    running.add_worker()
    running.add_worker()
    assert dict(run_tasks(draw, range(20), scheduler=running.address)) == {n: draw(n) for n in range(20)}
    with pytest.raises(ModelError, match="a fit number 3"):
        list(run_tasks(complain, range(6), scheduler=running.address))
    with pytest.raises(ZeroDivisionError):
        list(run_tasks(blunder, range(2), scheduler=running.address))


@pytest.mark.slow
@needs_kill
def test_killing_a_worker_loses_nothing(running, tmp_path):
    first, _ = running.add_worker(), running.add_worker()
    (tmp_path / "who").mkdir()
    arguments = [(number, str(tmp_path / "who")) for number in range(12)]
    found: dict[int, list[float]] = {}
    killed = False
    for position, result in run_tasks(slow_draw, arguments, scheduler=running.address):
        assert position not in found
        found[position] = result
        worked = [path for path in (tmp_path / "who").iterdir() if path.name.endswith(f"-{first.pid}")]
        if worked and not killed:
            first.kill()
            killed = True
    assert killed
    assert found == {number: draw(number) for number in range(12)}


@pytest.mark.slow
@needs_kill
def test_when_all_workers_die_new_ones_go_on(running, tmp_path):
    running.add_worker()
    arguments = [(number, str(tmp_path)) for number in range(4)]
    found = {}
    for position, result in run_tasks(slow_draw, arguments, scheduler=running.address):
        found[position] = result
        if len(found) == 1:
            running.workers[0].kill()
            running.add_worker()
    assert found == {number: draw(number) for number in range(4)}


@pytest.mark.slow
@needs_kill
def test_a_task_that_kills_its_workers_is_one_error(running):
    for _ in range(5):
        running.add_worker()
    with pytest.raises(ModelError, match="several workers died"):
        list(run_tasks(die_always, [1], scheduler=running.address))


@pytest.mark.slow
@needs_kill
def test_a_cluster_that_goes_away_is_one_error(running, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "WORKERLESS", 1.0)
    running.add_worker()
    arguments = [(number, str(tmp_path)) for number in range(40)]
    found = run_tasks(slow_draw, arguments, scheduler=running.address)
    next(found)
    running.workers[0].kill()
    with pytest.raises(ModelError, match="last worker"):
        list(found)
    running.add_worker()
    found = run_tasks(slow_draw, arguments, scheduler=running.address)
    next(found)
    running.scheduler.kill()
    with pytest.raises(ModelError, match="scheduler of"):
        list(found)


@pytest.mark.slow
def test_a_scheduler_without_workers_is_one_line(running, monkeypatch):
    monkeypatch.setattr(cluster, "FIRST_WORKER", 1.0)
    with pytest.raises(InputError, match="without workers"):
        list(run_tasks(draw, range(2), scheduler=running.address))


@pytest.mark.slow
def test_fits_come_home_and_an_interrupted_run_goes_on(running, tmp_path, monkeypatch):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "home"))
    running.add_worker()
    running.add_worker()
    (tmp_path / "made").mkdir()
    arguments = [(number, str(tmp_path / "made")) for number in range(8)]
    first = run_tasks(keep, arguments, scheduler=running.address)
    done = {next(first)[0] for _ in range(3)}
    first.close()  # what an interruption does
    for number in done:
        assert cache.load(key_of(number)).attrs["number"] == str(number)
        assert cache.load(key_of(number))["posterior"]["x"].values.tolist() == draw(number)
    missing = [argument for argument in arguments if cache.load(key_of(argument[0])) is None]
    assert len(missing) <= 5
    # Other workers, empty caches: only what is missing is made.
    for worker in running.workers:
        worker.kill()
        worker.wait()
    running.add_worker()
    before = len(list((tmp_path / "made").iterdir()))
    assert len(list(run_tasks(keep, missing, scheduler=running.address))) == len(missing)
    assert len(list((tmp_path / "made").iterdir())) == before + len(missing)
    assert all(cache.load(key_of(number)) is not None for number in range(8))


@pytest.mark.slow
@needs_kill
def test_the_one_line_stands_alone(running, tmp_path):
    """Dask's own complaints stay away, also when the scheduler dies in the middle."""
    code = (
        "import os, signal, sys; from executor_tasks import slow_draw\n"
        "from forecast.errors import ForecastError; from forecast.fits import cluster\n"
        "from forecast.fits.executor import run_tasks\n"
        "cluster.CONNECT_WITHIN, (address, folder, process) = 1.0, sys.argv[1:]\n"
        "try:\n"
        "    for found in run_tasks(slow_draw, [(n, folder) for n in range(20)], scheduler=address):\n"
        "        os.kill(int(process), signal.SIGKILL)\n"
        "except ForecastError as error:\n"
        "    print('error:', error, file=sys.stderr)\n"
    )
    running.add_worker()
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    for words in ("scheduler of", "no Dask scheduler at"):
        done = subprocess.run(
            [sys.executable, "-c", code, running.address, str(tmp_path), str(running.scheduler.pid)],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stderr.startswith("error: got ")
        assert done.stderr.count("\n") == 1, done.stderr
        assert words in done.stderr


@pytest.mark.slow
@needs_kill
def test_an_interrupt_ends_the_run_and_leaves_the_cluster_free(running, tmp_path):
    running.add_worker()
    code = (
        "from executor_tasks import slow_draw; from forecast.fits.executor import run_tasks\n"
        f"for found in run_tasks(slow_draw, [(n, {str(tmp_path)!r}) for n in range(200)], scheduler={running.address!r}):\n"
        "    print(found[0], flush=True)\n"
    )
    tests = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_interrupts,
    )
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in said
    # Not behind the 199 that were left: the cluster is free at once.
    begin = len(list(tmp_path.glob("*-*")))
    assert dict(run_tasks(draw, range(3), scheduler=running.address)) == {n: draw(n) for n in range(3)}
    assert len(list(tmp_path.glob("*-*"))) <= begin + 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_fit_is_the_same_wherever_it_is_made(running, tmp_path, monkeypatch):
    """Two tiny fits, one here and one in a worker: every number of the posterior is equal."""
    import numpy as np
    from sampling import SHORT

    from forecast.consumption.fitting import FitRequest, fit_members
    from forecast.consumption.members import member
    from forecast.core.resources import RESOURCES
    from forecast.runs.inputs import read_inputs

    request = FitRequest(member("windowed_exponential"), read_inputs(RESOURCES["public_text"]).data, sampling=SHORT)
    running.add_worker()
    found = []
    for place, scheduler in (("far", running.address), ("near", None)):
        monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / place))
        found += fit_members([request], jobs=1, scheduler=scheduler)
    far, near = (fit.posterior["posterior"].to_dataset() for fit in found)
    for name in near.data_vars:
        np.testing.assert_array_equal(far[name].values, near[name].values)
    assert found[0].diagnostics == found[1].diagnostics


def test_a_wrong_scheduler_is_one_line_and_writes_nothing(tmp_path, capsys, monkeypatch):
    from forecast.cli.main import main

    monkeypatch.setattr(cluster, "CONNECT_WITHIN", 0.5)
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "empty"))
    assert main(["run", "--sample", "--scheduler", "tcp://127.0.0.1:1", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: got no Dask scheduler at 'tcp://127.0.0.1:1'")
    assert said.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
