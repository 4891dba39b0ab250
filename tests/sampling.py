"""Short runs for tests: one small posterior a session, shared by every test, every worker and every child process.

As a program it is the command line with short sampling: ``python tests/sampling.py run --out DIR``. Its environment
may say ``FORECAST_TEST_VERDICT=PASS``: a posterior this short fails the gate, and some tests want a headline.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from forecast.fits.sampling import Sampling
from forecast.runs.forecast import Forecast

SHORT = Sampling(chains=2, draws=100, tune=60)
"""As little as gives a posterior at all; it fails the gate, as it should."""

SCENARIO = """\
title = "A short scenario"
description = "Two members and one estimator, whatever the baseline has come to hold."
[stock]
estimator = "indexed_web"
[consumption]
members = ["damped", "windowed_exponential"]
"""

VERDICT = "FORECAST_TEST_VERDICT"

_PRELUDE = """\
import sampling
from forecast.runs import pipeline
def short(*given, real=pipeline.Options, **named):
    return real(*given, **named | {"sampling": sampling.SHORT, "draws": 400, "jobs": JOBS})
pipeline.Options = short
sampling.passing().__enter__()
"""


def prelude(jobs: int = 1) -> str:
    """Return what is put before a program that would sample at full length; one process compiles each model once."""
    return _PRELUDE.replace("JOBS", str(jobs))


def scenario_file() -> Path:
    """Return the scenario of the short run, the same file for all."""
    path = Path(os.environ.get("FORECAST_CACHE", tempfile.gettempdir())).with_name("short.toml")
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_text(SCENARIO, encoding="utf-8")
        beside.replace(path)
    return path


@functools.cache
def short_run() -> Forecast:
    """Return the short run with the verdict that it earns, which is FAIL."""
    from forecast.runs.pipeline import run

    collecting = "pytest" in sys.modules and "PYTEST_CURRENT_TEST" not in os.environ
    assert not collecting, "a run is made inside a test: every worker collects all files, whatever it is asked for"

    with _one_at_a_time():
        return run(scenario_file(), draws=400, jobs=1, sampling=SHORT)


@functools.cache
def passing_run() -> Forecast:
    """Return the short run with the diagnostics of a long one."""
    from forecast.runs.pipeline import run

    short_run()
    with passing():
        return run(scenario_file(), draws=400, jobs=1, sampling=SHORT)


@functools.cache
def passing_folder() -> Path:
    """Return the run folder of `passing_run`, to be copied."""
    return passing_run().save(scenario_file().with_name(f"passing-{os.getpid()}"))


def baseline(**options) -> Forecast:
    """Return the short run as if it were the baseline's, of which stored results speak."""
    run = passing_run()
    document = json.loads(run.to_json()) | {"scenario": "baseline"}
    document["provenance"]["options"] = {**(document["provenance"].get("options") or {}), **options}
    return dataclasses.replace(run, document=document)


@contextlib.contextmanager
def passing() -> Iterator[None]:
    """Let every fit, and all of them together, pass the gate inside the block."""
    from forecast.runs import pipeline

    real = pipeline.fit_members

    def fit_members(*args: Any, **named: Any) -> list[Any]:
        return [dataclasses.replace(fit, diagnostics=_passed(fit.diagnostics)) for fit in real(*args, **named)]

    pipeline.fit_members = fit_members
    try:
        yield
    finally:
        pipeline.fit_members = real


@contextlib.contextmanager
def as_in_examples() -> Iterator[None]:
    """Let what an example fits be short, and pass the gate."""
    import forecast.consumption as consumption
    from forecast.runs import pipeline

    def short(*given: Any, real: Any = pipeline.Options, **named: Any) -> Any:
        return real(*given, **{"sampling": SHORT, **named, "draws": min(named.get("draws", 200), 200)})

    def fit_member(request: Any, real: Any = consumption.fit_member) -> Any:
        return real(dataclasses.replace(request, sampling=SHORT))

    options, fitted = pipeline.Options, consumption.fit_member
    pipeline.Options, consumption.fit_member = short, fit_member  # type: ignore[misc, assignment]
    try:
        with passing():
            yield
    finally:
        pipeline.Options, consumption.fit_member = options, fitted  # type: ignore[misc]


def _passed(diagnostics: Mapping[str, Any]) -> dict[str, Any]:
    checks = [
        {**check, "status": "PASS", "advice": ""} if check["status"] == "FAIL" else check
        for check in diagnostics["checks"]
    ]
    measured: dict[str, Any] = {"rhat_max": 1.001, "ess_bulk_min": 900.0, "ess_tail_min": 900.0, "divergences": 0}
    measured["p_values"] = dict.fromkeys(diagnostics["p_values"], 0.5)  # all members together are asked by these
    return {**diagnostics, **measured, "verdict": "PASS", "checks": checks}


def command(
    *arguments: object, verdict: str = "PASS", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line with short sampling in a process of its own."""
    return subprocess.run(
        command_line(*arguments),
        env=environment(verdict=verdict, **(env or {})),
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


def hear_interrupts() -> None:
    """Let a child process hear SIGINT: what a shell starts in the background inherits that it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def command_line(*arguments: object) -> list[str]:
    """Return the words that start `command`."""
    return [sys.executable, str(Path(__file__)), *map(str, arguments)]


def environment(*, verdict: str = "PASS", **more: str) -> dict[str, str]:
    """Return an environment in which this package is found and fits get a verdict."""
    root = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", VERDICT: verdict, **more}


def tree_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder with its content."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def manifest_holds(folder: Path) -> bool:
    """Tell whether a run folder is whole: every file that its manifest names, no other, all hashes right."""
    from forecast.core.files import sha256_of

    listed = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    found = {p.relative_to(folder).as_posix(): sha256_of(p) for p in folder.rglob("*") if p.is_file()}
    found.pop("manifest.json")
    return listed == found


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let the first worker sample; the others wait and find its fits in the cache."""
    lock = scenario_file().with_name("sampling.lock")
    end = time.monotonic() + 200
    mine = False
    while not mine and time.monotonic() < end:
        try:
            lock.mkdir()
            mine = True
        except FileExistsError:
            time.sleep(0.2)
    try:
        yield
    finally:
        if mine:
            lock.rmdir()


def main(arguments: Sequence[str]) -> int:
    """Run the command line with short sampling."""
    from forecast.cli.main import main as run_command
    from forecast.runs import pipeline

    pipeline.Options = functools.partial(pipeline.Options, sampling=SHORT)  # type: ignore[misc]
    with passing() if os.environ.get(VERDICT) == "PASS" else contextlib.nullcontext():
        code = run_command(list(arguments))
    if os.environ.get("FORECAST_TEST_MODULES"):
        print("modules:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
