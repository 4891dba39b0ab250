"""A run that is told to end, or killed outright: no process of it lives on, no folder is half-written."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sampling import command_line, environment, hear_interrupts, manifest_holds, scenario_file, short_run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

MOMENTS = 12  # one in each twelfth of a run: no gap between two is longer than the longest that twenty at random leave
COLD = 30.0  # seconds; by then a run without kept fits compiles and samples, on a slow machine too
GONE_WITHIN = 10.0  # seconds; a container is killed that long after it was told to end
MARK = "FORECAST_TEST_MARK"


def living(mark: str) -> list[int]:
    """Return the processes whose environment bears a mark, however they came to be."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue  # it has ended meanwhile, or is not ours to read
    return found


def wait_until(condition, seconds: float) -> bool:
    """Wait until something is so, or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


@pytest.fixture(autouse=True)
def nobody_stays(tmp_path):
    """End what a test that failed has left."""
    yield
    for process in living(str(tmp_path)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def start(line: list[str], mark: str, *, group: bool = False, **more: str) -> subprocess.Popen[str]:
    """Start a command line of ours under a mark, as a terminal does in a group of its own."""
    return subprocess.Popen(
        line,
        env=environment(**{MARK: mark, **more}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_interrupts,
        process_group=0 if group else None,
    )


WAITING = """
import sys, time
from executor_tasks import wait
from forecast.fits.executor import run_tasks
if __name__ == "__main__":
    for _ in run_tasks(wait, [sys.argv[1]] * 2, jobs=2):
        pass
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_a_script_of_the_users_own(tmp_path, sent):
    """It listens to no signal for us: what Python does by itself ends it, and the workers notice."""
    (tmp_path / "script.py").write_text(WAITING)
    (tmp_path / "working").mkdir()
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    line = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "working")]
    process = start(line, str(tmp_path), PYTHONPATH=path)
    assert wait_until(lambda: len(list((tmp_path / "working").iterdir())) == 2, 30), "the workers did not start"
    process.send_signal(sent)
    process.communicate(timeout=GONE_WITHIN)
    assert wait_until(lambda: not living(str(tmp_path)), GONE_WITHIN)


def test_an_interrupt_from_the_keyboard_is_told_once(tmp_path):
    """It goes to every process of the terminal: the workers leave it to the program, which has no guard either."""
    (tmp_path / "script.py").write_text(WAITING.replace('if __name__ == "__main__":', "if True:"))
    (tmp_path / "working").mkdir()
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    line = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "working")]
    process = start(line, str(tmp_path), PYTHONPATH=path, group=True)
    assert wait_until(lambda: len(list((tmp_path / "working").iterdir())) == 2, 30), "the workers did not start"
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=GONE_WITHIN)
    assert err.count("Traceback") == 1, err
    assert err.endswith("\nKeyboardInterrupt\n")
    assert wait_until(lambda: not living(str(tmp_path)), GONE_WITHIN)


def test_a_worker_ends_though_no_system_call_ties_it_to_its_parent(tmp_path):
    """As on systems without ``prctl``: the other end of a pipe is all that a worker has to go by."""
    code = WAITING.replace("wait, [", "wait_untied, [").replace("import wait", "import wait_untied")
    (tmp_path / "script.py").write_text(code)
    (tmp_path / "working").mkdir()
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    line = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "working")]
    process = start(line, str(tmp_path), PYTHONPATH=path)
    assert wait_until(lambda: len(list((tmp_path / "working").iterdir())) == 2, 30), "the workers did not start"
    process.kill()
    process.communicate(timeout=GONE_WITHIN)
    assert wait_until(lambda: not living(str(tmp_path)), GONE_WITHIN)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_ends_like_an_interrupted_one(tmp_path, sent):
    """Told more than once, as ``timeout`` does, while two processes sample at full length."""
    line = [sys.executable, "-m", "forecast.cli.main", "run", "baseline", "--seed", "12345", "--jobs", "2"]
    process = start([*line, "--out", str(tmp_path / "out")], str(tmp_path), FORECAST_CACHE=str(tmp_path / "cache"))
    assert wait_until(lambda: len(living(str(tmp_path))) >= 3, 30), "the workers did not start"
    time.sleep(1)
    for _ in range(40):  # as long as it takes to end, and not only at once: the sender may be slow
        process.send_signal(sent)
        time.sleep(0.05)
    out, err = process.communicate(timeout=GONE_WITHIN)
    assert process.returncode == 130, err
    assert out == ""
    assert err.strip() == "interrupted, nothing was left half-written"
    assert wait_until(lambda: not living(str(tmp_path)), GONE_WITHIN)
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []


def test_nothing_listens_for_signals_but_the_command_line():
    code = (
        "import signal, forecast as fc, forecast.fits.executor, forecast.cli.main as command\n"
        "every = [s for s in signal.valid_signals() if callable(signal.getsignal(s))]\n"
        "assert every == [signal.SIGINT], every\n"
        "command.main(['--version'])\n"
        "assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_killed_at_random_times_nothing_lives_on_and_every_folder_is_whole(tmp_path, sent, warm):
    """At moments spread over the length of a run, which in turn replaces a whole folder and makes a new one."""
    short_run().save(tmp_path / "before")
    rng = random.Random(20)
    cache = os.environ["FORECAST_CACHE"]
    length = None if warm else COLD
    moments = [(place + rng.random()) / MOMENTS for place in rng.sample(range(MOMENTS), MOMENTS)]
    ended = []
    for number in range(MOMENTS + warm):
        mark, out = f"{tmp_path}/{number}", tmp_path / "runs" / f"out{number}"
        out.parent.mkdir(exist_ok=True)
        if number % 2:
            short_run().save(out)
        line = command_line("run", scenario_file(), "--draws", 400, "--jobs", 2, "--out", out)
        begin = time.monotonic()
        process = start(line, mark, FORECAST_CACHE=cache if warm else str(tmp_path / f"cache{number}"))
        if length is None:  # the first one is left alone, to know how long one takes
            process.communicate(timeout=240)
            length = time.monotonic() - begin
            continue
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moments.pop() * length)
        process.send_signal(sent)
        process.communicate(timeout=GONE_WITHIN)
        ended.append(process.returncode)
        assert wait_until(lambda mark=mark: not living(mark), GONE_WITHIN), (number, living(mark))
        if number % 2 or out.exists():
            assert manifest_holds(out), number
        if sent == signal.SIGTERM:
            assert process.returncode in (0, 130, -sent), (number, process.returncode)
            left = [path.name for path in out.parent.iterdir() if path.name.startswith(".")]
            assert left == [], number
    assert set(ended) & {130, -signal.SIGKILL}, ended
