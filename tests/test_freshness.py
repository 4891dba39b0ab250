"""What keeps fits and stored results, and what does not: tried in copies of the package, changed as a developer would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from waiting import WAITING

from forecast.evaluate import EVALUATIONS

ROOT = Path(__file__).parents[1]

STATE = """
import json
from forecast.consumption.fitting import FitRequest
from forecast.consumption.frontier_data import frontier_data
from forecast.consumption.members import MEMBERS
from forecast.evaluate import EVALUATIONS, store
from forecast.evaluate.fingerprints.growth import corpora
from forecast.ingest.stored import exists, read

data = frontier_data(corpora(), 2024.7)
keys = {name: FitRequest(kind(), data, 1).key() for name, kind in MEMBERS.items()}
found = {
    name: read(name, store.settings_of(store.room_of(name)))
    for name in EVALUATIONS if exists(name)
}
print(json.dumps({"keys": keys, "changed": {name: one.changed for name, one in found.items()}}))
"""

CHECK = """
import json, sys
from forecast.core import fingerprints
from forecast.evaluate import fingerprints as probing

listed = probing.probes()
chosen = [probe for probe in listed if probe.name in sys.argv[1:]]
now = {**fingerprints.kept(), **probing.measure(chosen)}
together = [chosen] if "--together" in sys.argv else [[probe] for probe in chosen]
print(json.dumps([line for some in together for line in probing.broken(fingerprints.kept(), now, some)]))
"""

NEW_MEMBER = '''
"""A member of no use."""

from dataclasses import dataclass
from typing import ClassVar

from forecast.consumption.members.windowed_exponential import WindowedExponential


@dataclass(frozen=True)
class Useless(WindowedExponential):
    """The windowed exponential by another name."""

    name: ClassVar[str] = "useless"
'''


class Copy:
    """A copy of the package and its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "forecast", folder / "forecast", ignore=skip)
        shutil.copytree(ROOT / "data", folder / "data", ignore=skip)

    def edit(self, file: str, before: str, after: str) -> None:
        """Replace a text that stands in a file of the package."""
        path = self.folder / "forecast" / file
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{file} no longer says {before!r}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python with the copy in place of the package."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=280,
            check=False,
        )  # fmt: skip

    def told(self, code: str, *arguments: str) -> Any:
        """Return what a program prints as JSON."""
        done = self.run("-c", code, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    """Give a copy of the package, removed afterwards."""
    made = Copy(tmp_path / "copy")
    yield made
    shutil.rmtree(made.folder)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Return keys and freshness of an unchanged copy."""
    return Copy(tmp_path_factory.mktemp("unchanged") / "copy").told(STATE)


def test_the_shipped_results_fit_the_data_and_the_code(before):
    assert {name for name, changed in before["changed"].items() if changed} == WAITING


def test_words_and_a_new_member_keep_every_fit_and_every_stored_result(copy, before):
    copy.edit("consumption/member.py", "What every growth member shares", "All that growth members share")
    copy.edit("core/seeds.py", "One seed a run, spawned by name.", "A seed for each run.")
    copy.edit("consumption/learned_from_histories.py", ": decay of expected growth", ": how expected growth decays")
    (copy.folder / "forecast" / "consumption" / "members" / "useless.py").write_text(NEW_MEMBER, encoding="utf-8")
    registry = "consumption/members/__init__.py"
    copy.edit(
        registry,
        "from forecast.core.registry",
        "from forecast.consumption.members.useless import Useless\nfrom forecast.core.registry",
    )
    copy.edit(registry, "        RecordDrift,\n", "        RecordDrift,\n        Useless,\n")
    copy.edit("__init__.py", '__version__ = "', '__version__ = "9.')
    after = copy.told(STATE)
    assert set(after["keys"]) == {*before["keys"], "useless"}
    assert {name: after["keys"][name] for name in before["keys"]} == before["keys"]
    assert after["changed"] == before["changed"]


EDITS = {
    "growth/mixture": ("consumption/mixture.py", "np.concatenate(paths)", "np.concatenate(paths[::-1])"),
    "run/passage": ("runs/passage.py", "AT_REST = 0.01", "AT_REST = 0.02"),
    "growth/blocks": ("core/units.py", "FIRST_OF_JULY = 0.4952", "FIRST_OF_JULY = 0.5"),
    "rows/text": ("ingest/corpora.py", "COUNTED_PASSES = 5", "COUNTED_PASSES = 6"),
    "levers/repetition": (
        "scenarios/levers/repetition.py",
        'constant(draws["passes"], years)',
        'constant(draws["passes"] + 1, years)',
    ),
    "members/damped": ("consumption/learned_from_histories.py", "0.0497,", "0.0597,"),
}
"""Parts, and a change of each: the file, what it says, and what it says then."""


def test_what_gives_something_else_breaks_its_fingerprint(copy):
    for edit in EDITS.values():
        copy.edit(*edit)
    sentences = copy.told(CHECK, *EDITS)
    assert {sentence.partition(" ")[0] for sentence in sentences} == set(EDITS)
    for sentence in sentences:
        assert re.search(r"gives something else than its version \d+ promises: raise the version", sentence)
        assert "or undo the change" in sentence


def test_what_rests_on_changed_random_streams_is_not_blamed(copy):
    copy.edit("core/seeds.py", '"/".join(names)', '"|".join(names)')
    (sentence,) = copy.told(CHECK, "--together", "core/streams", "growth/undisclosed", "stock/indexed_web")
    assert sentence.startswith("core/streams gives something else")


def test_a_changed_default_seed_makes_every_stored_result_stale_at_once(copy, before):
    copy.edit("core/seeds.py", "DEFAULT_SEED = 20260822", "DEFAULT_SEED = 20260823")
    after = copy.told(STATE)
    assert all("the default seed" in changed for changed in after["changed"].values())
    assert after["keys"] == before["keys"], "these fits name their own seed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "was", "now", "part", "fits_stay"),
    [
        ("core/seeds.py", '"/".join(names)', '"|".join(names)', "core/streams", False),
        ("consumption/mixture.py", "np.concatenate(paths)", "np.concatenate(paths[::-1])", "growth/mixture", True),
    ],
)
def test_a_raised_version_and_renewed_fingerprints_make_stored_results_stale(
    copy, before, file, was, now, part, fits_stay
):
    copy.edit(file, was, now)
    if not fits_stay:  # what refuses knows no parts: once will do
        refused = copy.run("-m", "forecast.evaluate.fingerprints")
        assert refused.returncode == 2
        assert f"{part} gives something else" in refused.stderr
        assert copy.told(STATE)["changed"] == before["changed"], "until then the file says what it said"
    probes = {"core/streams": "core.py", "growth/mixture": "growth.py"}[part]
    copy.edit(f"evaluate/fingerprints/{probes}", f'Probe("{part}", 1', f'Probe("{part}", 2')
    renewed = copy.run("-m", "forecast.evaluate.fingerprints")
    assert renewed.returncode == 0, renewed.stderr
    assert part in renewed.stdout.splitlines()
    after = copy.told(STATE)
    for name, changed in after["changed"].items():
        assert part in changed or (fits_stay and "growth" in EVALUATIONS[name].without), name
    assert (after["keys"] == before["keys"]) is fits_stay
