"""Random cases of every kind, a share of them each; a failure is shown as small as it could be made."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import time
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sampling import command, short_run, world_file

from forecast.inference.cache import touched
from fuzz.cases import KEPT, RUN, SEED, SHARDS, WORLD, Case, count, lay_out, shown
from fuzz.command_lines import command_lines
from fuzz.folders import kept_fits, run_folders
from fuzz.scenarios import scenarios
from fuzz.tables import tables
from fuzz.trial import CONTROL, Trial, nothing_samples

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

HOW = settings(database=None, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a short run, the fits behind it, and its scenario."""
    place = tmp_path_factory.mktemp("base")
    with touched() as keys:
        short_run.__wrapped__().save(place / RUN)
    (place / KEPT / "fits").mkdir(parents=True)
    for key in keys:
        shutil.copy(Path(os.environ["FORECAST_CACHE"]) / "fits" / f"{key}.nc", place / KEPT / "fits")
    shutil.copyfile(world_file(), place / WORLD)
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
    @settings(HOW, max_examples=count(kind), phases=[Phase.generate])
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
        told[place] += f"\n    {shown(_smallest(kind, cause, found[cause], trial, seed, end))}"
    lines = "\n".join((f"{len(found)} causes among {ran} cases of kind {kind!r}, seed {SEED}:", *told))
    pytest.fail(lines, pytrace=False)


def _smallest(kind: str, cause: str, cases: list[Case], trial: Trial, seed: int, end: float) -> Case:
    """Return a case that fails for the same cause, made smaller while time allows."""
    best = min(cases, key=lambda case: len(repr(case)))

    def fails(case: Case) -> bool:
        nonlocal best
        if time.monotonic() > end or trial(case) != cause:
            return False
        best = min(best, case, key=lambda one: len(repr(one)))
        return True

    at_most = settings(HOW, max_examples=2 * count(kind))
    with contextlib.suppress(hypothesis.errors.HypothesisException):  # not met again in time
        hypothesis.find(KINDS[kind], fails, settings=at_most, random=random.Random(seed))
    return best


def test_a_process_of_its_own_says_the_same(base: Path, tmp_path: Path) -> None:
    cases: list[Case] = []

    @hypothesis.seed(SEED)
    @settings(HOW, max_examples=12, phases=[Phase.generate])
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
