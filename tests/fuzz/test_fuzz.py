"""Random cases of every kind, a share of them each; a failure is shown as small as it could be made."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given, settings
from sampling import command, scenario_file, short_run

from forecast.errors import InputError
from forecast.fits.kept import touched
from fuzz.cases import DRAWN, KEPT, RUN, SCENARIO, SEED, SHARDS, Case, count, lay_out, shown, smaller
from fuzz.command_lines import command_lines
from fuzz.folders import kept_fits, run_folders
from fuzz.scenarios import scenarios
from fuzz.tables import tables
from fuzz.trial import CALLS, CONTROL, Trial, nothing_samples

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, links and alarms are not those of Windows")

KINDS = {
    "table": tables(),
    "scenario": scenarios(),
    "run folder": run_folders(),
    "kept fit": kept_fits(),
    "command line": command_lines(),
}
SHOWN, SHRINKING = 12, 120
"""Causes that a failing test shows with a case (count), and how long it makes such cases smaller (seconds, all together)."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a short run, the fits behind it, and its scenario."""
    place = tmp_path_factory.mktemp("base")
    with touched() as keys:
        short_run.__wrapped__().save(place / RUN)
    (place / KEPT / "fits").mkdir(parents=True)
    for key in keys:
        shutil.copy(Path(os.environ["FORECAST_CACHE"]) / "fits" / f"{key}.nc", place / KEPT / "fits")
    shutil.copyfile(scenario_file(), place / SCENARIO)
    return place


@pytest.fixture
def trial(base: Path, tmp_path: Path) -> Any:
    """Return what tries a case; nothing samples meanwhile."""
    with nothing_samples():
        yield Trial(base, tmp_path / "cases")


@pytest.mark.timeout(0)  # every case has its own limit
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_random_cases(kind: str, shard: int, trial: Trial, record_property: Any) -> None:
    seed = int.from_bytes(f"{SEED}/{kind}/{shard}".encode(), "big")
    ran, found = 0, {}

    @hypothesis.seed(seed)
    @settings(DRAWN, max_examples=count(kind))
    @given(KINDS[kind])
    def every(case: Case) -> None:
        nonlocal ran
        ran += 1
        if (cause := trial(case)) is not None:
            found.setdefault(cause, []).append(case)

    every()
    record_property("fuzz", {"kind": kind, "ran": ran, "failed": sum(map(len, found.values()))})
    if not found:
        return
    worst = sorted(found, key=lambda cause: -len(found[cause]))
    end = time.monotonic() + SHRINKING
    told = [f"{len(found[cause])} times {cause}" for cause in worst]
    for place, cause in enumerate(worst[:SHOWN]):
        told[place] += f"\n    {shown(_smallest(cause, found[cause], trial, end))}"
    lines = "\n".join((f"{len(found)} causes among {ran} cases of kind {kind!r}, seed {SEED}:", *told))
    pytest.fail(lines, pytrace=False)


def _smallest(cause: str, cases: list[Case], trial: Trial, end: float) -> Case:
    """Return a case that fails for the same cause, without what it does not need, as far as time allows."""
    best = min(cases, key=lambda case: len(repr(case)))
    while time.monotonic() < end:
        # Time may run out within one round, too.
        tries = itertools.takewhile(lambda _: time.monotonic() < end, smaller(best))
        less = next((case for case in tries if trial(case) == cause), None)
        if less is None:
            break
        best = less
    return best


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda _: 1 / 0, "ZeroDivisionError"),
        (lambda _: os.write(1, b"\x1b[31m"), "control character on stdout"),
        (lambda _: print("error: one\nerror: two", file=sys.stderr), "begins with error:"),
        (lambda _: print("\udcff"), "UnicodeEncodeError"),
        (lambda _: Path("../../../out.txt").write_text("mine"), "outside its folder"),
        (lambda name: Path(name).unlink(), "changed or removed"),
        (lambda _: Path("page.html").write_text("\u202e"), "written .html file"),
        (lambda _: sys.exit("no"), "exit code 'no'"),
        (lambda name: (Path(name).unlink(), _refuse()), "exit code 2, and something was written or removed"),
    ],
)
def test_a_planted_fault_is_found(fault: Any, words: str, trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CALLS, "run", fault)
    assert words in (trial(Case(("api:run", "a.txt"), (("a.txt", b"dear"),))) or "")


def _refuse() -> None:
    raise InputError("this", "that", "choose that")


def test_a_failure_is_made_small(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CALLS, "run", lambda name: 1 / (b"\0" not in Path(name).read_bytes()))
    case = Case(("api:run", "a.txt", "more"), (("a.txt", b"dear \0 to me"), ("b.txt", b"")))
    cause = trial(case)
    assert cause is not None
    found = _smallest(cause, [case], trial, time.monotonic() + 60)
    assert found == Case(("api:run", "a.txt"), (("a.txt", b"\0"),))


def test_a_process_of_its_own_says_the_same(base: Path, tmp_path: Path) -> None:
    cases: list[Case] = []

    @hypothesis.seed(SEED)
    @settings(DRAWN, max_examples=12)
    @given(KINDS["table"] | KINDS["scenario"])
    def some(case: Case) -> None:
        if case.arguments[0] in ("data", "scenario") and case.arguments[1] != "diff":
            cases.append(case)

    some()
    assert cases
    for number, case in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        lay_out(case, folder, base)
        done = command(*case.arguments, cwd=folder, verdict="FAIL")
        assert done.returncode in (0, 1, 2), case
        assert not CONTROL.search(done.stdout + done.stderr), case
        if done.returncode == 2:
            assert done.stderr.startswith("error: got "), case
            assert done.stderr.count("\n") == 1, case
