"""A program of the user's own, in every way that Python starts one and without a guard, runs once and never in a worker."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from executor_tasks import blunder, chatter, draw, leave, seen
from sampling import environment, prelude

from forecast.errors import ModelError
from forecast.fits import executor, worker
from forecast.fits.executor import run_tasks

TESTS = Path(__file__).parent
README = TESTS.parent / "README.md"

ONCE = """\
import json, os, sys
from executor_tasks import seen
from forecast.fits.executor import run_tasks
with open(os.environ["COUNTER"], "a") as counter:
    counter.write("once ")
found = sorted(result for _, result in run_tasks(seen, range(3), jobs=2))
print(json.dumps([os.getpid(), found]))
"""
"""Side effects, and work in two processes."""


def run(line: Sequence[object], place: Path, **more: str) -> str:
    """Run a program of ours; what it says, once nothing went wrong and everything happened once."""
    done = subprocess.run(
        [sys.executable, *map(str, line)],
        env=environment(COUNTER=str(place / "counter"), **more)
        | {"PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])},
        cwd=place,
        input=more.get("PROGRAM", ""),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "no complaint, no leaked semaphore"
    assert (place / "counter").read_text() == "once "
    return done.stdout


def holds(said: str) -> None:
    """Check that two other processes did the work, with nothing of the program's in their main module."""
    own, found = json.loads(said)
    assert [number for number, _, _ in found] == [0, 1, 2]
    processes = {process for _, process, _ in found}
    assert own not in processes
    assert 1 <= len(processes) <= 2
    assert all(names == ["serve", "sys"] for _, _, names in found)


# --- the ways to start a program


def test_a_script(tmp_path):
    (tmp_path / "script.py").write_text(ONCE)
    holds(run(["script.py"], tmp_path))


def test_a_script_that_is_gone_when_workers_start(tmp_path):
    (tmp_path / "script.py").write_text("import os; os.remove(__file__)\n" + ONCE)
    holds(run(["script.py"], tmp_path))


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.skipif(sys.platform == "win32", reason="spawn is all there is")
def test_a_script_that_chose_how_processes_start(tmp_path, method):
    (tmp_path / "script.py").write_text(f"import multiprocessing as m; m.set_start_method({method!r})\n" + ONCE)
    holds(run(["script.py"], tmp_path))


def test_the_words_of_a_command(tmp_path):
    holds(run(["-c", ONCE], tmp_path))


def test_standard_input(tmp_path):
    holds(run(["-"], tmp_path, PROGRAM=ONCE))


@pytest.mark.parametrize("name", ["kit.run", "kit"])
def test_a_module_of_a_package(tmp_path, name):
    (tmp_path / "kit").mkdir()
    for file in ("__init__.py", "__main__.py", "run.py"):
        (tmp_path / "kit" / file).write_text("" if file == "__init__.py" else ONCE)
    holds(run(["-m", name], tmp_path))


def test_an_archive(tmp_path):
    """Its modules are found by workers, and only its main one is left alone."""
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", ONCE.replace("from executor_tasks", "from beside"))
        archive.writestr("beside.py", "import executor_tasks\ndef seen(number): return executor_tasks.seen(number)\n")
    holds(run(["app.zip"], tmp_path))


def test_a_thread(tmp_path):
    threaded = "import threading\ndef work():\n" + re.sub("^", "    ", ONCE, flags=re.M)
    threaded += "\none = threading.Thread(target=work)\none.start()\none.join()\n"
    (tmp_path / "script.py").write_text(threaded)
    holds(run(["script.py"], tmp_path))


def test_a_module_beside_the_script_and_one_on_a_path_of_its_own(tmp_path):
    """Workers find what the program finds, not only what is installed."""
    (tmp_path / "far").mkdir()
    (tmp_path / "beside.py").write_text("def near(number): import distant; return distant.far(number)\n")
    (tmp_path / "far" / "distant.py").write_text("from executor_tasks import seen as far\n")
    own = ONCE.replace("from executor_tasks import seen", "sys.path.append('far')\nfrom beside import near as seen")
    (tmp_path / "script.py").write_text(own)
    holds(run([tmp_path / "script.py"], tmp_path))


@pytest.mark.slow
def test_a_notebook(tmp_path):
    """In a real kernel, whose main module is no file; and nothing of the conversation lands in the notebook."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ONCE)])
    more = f"import os, sys; os.environ['COUNTER'] = {str(tmp_path / 'counter')!r}; sys.path[:0] = {[str(TESTS)]!r}"
    book.cells.insert(0, nbformat.v4.new_code_cell(more))
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    (output,) = book.cells[1].outputs
    assert output.name == "stdout"
    own, found = json.loads(output.text)
    assert own not in {process for _, process, _ in found}
    assert (tmp_path / "counter").read_text() == "once "


# --- what lives in the program's main module


def test_what_only_the_program_has_is_done_in_its_process(tmp_path):
    """A function, a class and a nested one of the script: no worker could import them, and none is started for them."""
    own = """
def own(number): return seen(number)
class Number(int): pass
def nested():
    class Inner(int): pass
    return Inner(7)
one = [process for _, (_, process, _) in run_tasks(own, range(2), jobs=2)]
two = sorted(run_tasks(seen, [Number(1), nested(), 3, 4], jobs=2))
here = os.getpid()
assert one == [here] * 2, one
assert [process == here for _, (_, process, _) in two] == [True, True, False, False], two
"""
    (tmp_path / "script.py").write_text(ONCE + own)
    holds(run(["script.py"], tmp_path))


MEMBER = """\
import os
from dataclasses import dataclass

import numpy as np

from forecast.consumption import particles
from forecast.consumption.fitting import FitRequest
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT, frontier_data
from forecast.consumption.members.windowed_exponential import WindowedExponential
from forecast.fits.particles.sweep import Care
import pandas as pd

with open(os.environ["COUNTER"], "a") as counter:
    counter.write("once ")

@dataclass(frozen=True)
class Halved(WindowedExponential):
    name = "halved"
    def expected_growth(self, start, end, parameters, math):
        calls.append(os.getpid())
        return parameters["slope"] * (end - start) / 2

calls = []
year = np.arange(FIRST_KNOT + 0.05, 2024.2, BLOCK_YEARS)
size = 10 + 0.4 * (year - 2018)
names = [f"m{y:.2f}" for y in year]
corpora = pd.DataFrame({"model": names, "year": year, "log10_size": size, "measurement_sd": 0.05})
data = frontier_data(corpora, 2024.2)
little = Care(particles=40, clouds=1, sweeps=(1, 1), last_sweeps=(1, 1))
"""
"""A script with a member of its own and a small table."""


def test_a_member_of_a_script_is_fitted_in_its_process(tmp_path):
    fits = """
one, two = particles.particle_fits([FitRequest(Halved(), data, seed=seed) for seed in (1, 2)], little, jobs=2)
assert set(calls) == {os.getpid()}, "by the class of this process"
print(one.draws["frontier"].std() > 0, two.draws["frontier"].std() > 0)
"""
    (tmp_path / "script.py").write_text(MEMBER + fits)
    assert run(["script.py"], tmp_path) == "True True\n"


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_member_of_a_script_is_sampled_in_its_process(tmp_path):
    fits = """
from forecast.consumption.fitting import fit_members
from sampling import SHORT
(one,) = fit_members([FitRequest(Halved(), data, seed=1, sampling=SHORT)], jobs=2)
assert set(calls) == {os.getpid()}, "by the class of this process"
print(one.draws["frontier"].std() > 0)
"""
    (tmp_path / "script.py").write_text(MEMBER + fits)
    assert run(["script.py"], tmp_path, FORECAST_CACHE=str(tmp_path / "cache")) == "True\n"


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_snippet_of_the_readme_runs_as_a_script(tmp_path):
    """As it stands there, in a file, with nothing kept: only sampling is shorter."""
    text = README.read_text(encoding="utf-8")
    text = text[text.index("**Python and Jupyter.**") :]
    snippet = "\n".join(line[4:] for line in re.search(r"(?:^(?:    .*)?\n)+(?=\S)", text, re.M)[0].splitlines())
    assert snippet.strip().startswith("import forecast as fc")
    count = "import os\nwith open(os.environ['COUNTER'], 'a') as counter: counter.write('once ')\n"
    (tmp_path / "script.py").write_text(
        count + prelude(jobs=2) + snippet + "\nprint(f.probability(by=2030))", encoding="utf-8"
    )
    said = run(["script.py"], tmp_path, FORECAST_CACHE=str(tmp_path / "cache"))
    assert 0 < float(said) < 1
    assert (tmp_path / "out" / "forecast.json").is_file()


# --- how workers talk, fail and end


def test_what_tasks_print_and_read_is_no_part_of_the_conversation(capfd):
    assert dict(run_tasks(chatter, range(2), jobs=2)) == {0: 0, 1: 1}
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("a task that prints") == said.err.count("a library that prints") == 2


def test_an_error_that_nobody_meant_says_where_it_was_raised():
    with pytest.raises(ZeroDivisionError) as caught:
        list(run_tasks(blunder, [0, 0], jobs=2))
    assert "return 1 / number" in caught.value.__notes__[0]


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_only_workers_that_a_signal_ended_may_lack_memory():
    with pytest.raises(
        ModelError, match=r"by themselves 3 times in a row .exit code 3.*: run with --jobs 1, which says why"
    ) as caught:
        list(run_tasks(leave, range(2), jobs=2))
    assert "memory" not in str(caught.value)
    killed = executor._deaths(3, {-signal.SIGKILL, -signal.SIGSEGV})
    assert "3 times in a row of signal 11 (Segmentation fault) and signal 9 (Killed)" in str(killed)
    assert "they may lack memory" in str(killed)


def test_without_an_interpreter_to_start_tasks_are_done_here(monkeypatch):
    """In a frozen program, whose executable is the program itself."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert worker.executable() is None
    assert {process for _, (_, process, _) in run_tasks(seen, range(3), jobs=2)} == {os.getpid()}


def test_nobody_is_left_when_nobody_wants_more(tmp_path):
    found = run_tasks(draw, range(8), jobs=2)
    next(found)
    before = threading.active_count()
    found.close()
    assert threading.active_count() < before
