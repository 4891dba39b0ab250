"""What the package says of itself to a type checker, as somebody's own script meets it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import forecast as fc

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = Path(__file__).with_name("plugin")
STUDY = Path(__file__).with_name("typed_study.py")


def strict(*scripts: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy as somebody does who has no configuration of ours; what an installed package holds is not told."""
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", *map(str, scripts)],
        cwd=cwd,
        env={**os.environ, "MYPYPATH": os.pathsep.join([str(ROOT), str(PLUGIN)]), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=250,
    )


def test_the_package_says_that_it_has_types():
    assert (files("forecast") / "py.typed").is_file()


@pytest.mark.slow
def test_a_users_script_passes_mypy_strict_and_a_wrong_one_does_not(tmp_path):
    used = STUDY.read_text(encoding="utf-8")
    assert [name for name in fc._PUBLIC if f"fc.{name}" not in used] == []
    done = strict(STUDY, *PLUGIN.glob("*.py"), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import forecast as fc\n"
        'f = fc.run("baseline")\n'
        "one: str = f.probability(by=2030)\n"
        "f.interval(level='wide')\n"
        "fc.run('baseline', colour='red')\n",
        encoding="utf-8",
    )
    told = strict(wrong, cwd=tmp_path).stdout
    assert [line.split(":")[1] for line in told.splitlines() if ": error:" in line] == ["3", "4", "5"], told
