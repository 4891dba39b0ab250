"""Files and folders that are whole or not there, whenever the writer dies."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from forecast import files
from forecast.errors import OutputError
from forecast.files import atomic_file, check_replaceable, recover_folder, sha256_of, swapped_folder

MARKER = "forecast.json"
CONTENT = 40
"""Files in a folder written by these tests."""


def write_folder(target: Path, word: str) -> None:
    """Replace a folder by one in which every file says the same word."""
    with swapped_folder(target, MARKER) as temporary:
        for number in range(CONTENT):
            (temporary / f"{number}.txt").write_text(word)
        (temporary / MARKER).write_text(word)


def words_in(target: Path) -> set[str]:
    """Return the words in a folder, which must hold all of its files."""
    found = list(target.iterdir())
    assert len(found) == CONTENT + 1
    return {path.read_text() for path in found}


def others(folder: Path, *names: str) -> list[str]:
    """Return what lies in a folder besides the names given."""
    return sorted(path.name for path in folder.iterdir() if path.name not in names)


def test_a_hash_is_that_of_the_content(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"x" * 100_000).hexdigest()


# --- one file


def test_a_file_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "new" / "a.txt"
    with atomic_file(target) as temporary:
        temporary.write_text("half")
        assert not target.exists()
        temporary.write_text("whole")
    assert target.read_text() == "whole"
    assert others(target.parent) == ["a.txt"]


def test_a_file_stays_as_it_was_when_writing_fails(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with contextlib.suppress(RuntimeError), atomic_file(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert others(tmp_path) == ["a.txt"]


def test_a_place_that_is_no_folder_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"), atomic_file(tmp_path / "file" / "a.txt"):
        pass


# --- a folder


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_is_made_and_replaced_whole(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    for word in ("old", "new"):
        write_folder(tmp_path / "out", word)
        assert words_in(tmp_path / "out") == {word}
        assert others(tmp_path) == ["out"]


def test_a_folder_stays_as_it_was_when_writing_fails(tmp_path):
    write_folder(tmp_path / "out", "old")
    with contextlib.suppress(RuntimeError), swapped_folder(tmp_path / "out", MARKER) as temporary:
        (temporary / "half").write_text("half")
        raise RuntimeError
    assert words_in(tmp_path / "out") == {"old"}
    assert others(tmp_path) == ["out"]


def test_an_empty_folder_may_be_filled_and_others_may_read_the_result(tmp_path):
    (tmp_path / "out").mkdir()
    write_folder(tmp_path / "out", "new")
    assert words_in(tmp_path / "out") == {"new"}
    if os.name == "posix":
        assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege elsewhere")
def test_behind_a_link_the_folder_is_replaced_and_the_link_stays(tmp_path):
    write_folder(tmp_path / "real", "old")
    (tmp_path / "out").symlink_to(tmp_path / "real")
    write_folder(tmp_path / "out", "new")
    assert (tmp_path / "out").is_symlink()
    assert words_in(tmp_path / "real") == {"new"}
    assert others(tmp_path) == ["out", "real"]


def test_what_is_not_ours_is_refused_and_left_alone(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("dear to me")
    (tmp_path / "file").write_text("also dear")
    for target in (tmp_path / "photos", tmp_path / "file", Path(tmp_path.anchor)):
        with pytest.raises(OutputError, match="not a run folder"):
            check_replaceable(target, MARKER)
        with pytest.raises(OutputError), swapped_folder(target, MARKER):
            pytest.fail("nothing may be written for it")
    assert (tmp_path / "photos" / "a.jpg").read_text() == "dear to me"
    assert others(tmp_path) == ["file", "photos"]


def test_a_folder_inside_a_file_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="which is a file"):
        check_replaceable(tmp_path / "file" / "deeper" / "out", MARKER)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work otherwise here")
def test_a_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            check_replaceable(tmp_path / "out", MARKER)
    finally:
        tmp_path.chmod(0o755)


# --- where two names cannot be exchanged in one step


def test_a_crash_between_the_two_renames_is_put_back(tmp_path, monkeypatch):
    target = tmp_path / "out"
    write_folder(target, "old")
    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    real, calls = os.rename, []

    def rename(one, other):
        calls.append(other)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(one, other)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        write_folder(target, "new")
    monkeypatch.setattr(os, "rename", real)
    assert not target.exists()
    recover_folder(target)
    assert words_in(target) == {"old"}
    write_folder(target, "newer")
    assert words_in(target) == {"newer"}
    assert others(tmp_path) == ["out"]


def test_an_old_folder_that_was_set_aside_goes_once_the_new_one_stands(tmp_path):
    write_folder(tmp_path / "out", "new")
    shutil.copytree(tmp_path / "out", tmp_path / ".out.old")
    recover_folder(tmp_path / "out")
    assert words_in(tmp_path / "out") == {"new"}
    assert others(tmp_path) == ["out"]


# --- leftovers of the dead


def ended_process() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.mark.skipif(sys.platform == "win32", reason="asking whether a process lives would end it")
def test_what_the_dead_left_is_removed_and_what_the_living_write_is_not(tmp_path):
    here = files._writer().partition("-")[0]
    dead, living = f".out.new-{here}-{ended_process()}-aaaa", f".out.new-{here}-{os.getpid()}-bbbb"
    elsewhere, ancient, foreign = ".out.new-00000000-1-cccc", ".out.new-00000000-1-dddd", ".other.new-00000000-1-eeee"
    for name in (dead, living, elsewhere, ancient, foreign):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").write_text("half")
    for name in (ancient, foreign):
        os.utime(tmp_path / name, (time.time() - 100_000,) * 2)
    write_folder(tmp_path / "out", "new")
    assert others(tmp_path) == sorted([elsewhere, living, foreign, "out"])


def test_half_a_file_is_removed_by_the_next_writer(tmp_path):
    left = tmp_path / ".a.txt.new-00000000-1-aaaa"
    left.write_text("half")
    os.utime(left, (time.time() - 100_000,) * 2)
    with atomic_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    assert others(tmp_path) == ["a.txt"]


WRITER = """
import pathlib, sys
sys.path.insert(0, {tests!r})
from test_files import write_folder
target = pathlib.Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    write_folder(target, f"{{sys.argv[2]}}-{{number}}")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_in_the_middle_of_replacing_a_folder_it_is_whole(tmp_path):
    """Each writer replaces the folder as fast as it can, so that every kill meets it in the middle of one."""
    import random

    target = tmp_path / "out"
    write_folder(target, "first")
    moments = random.Random(20260822)
    code = WRITER.format(tests=str(Path(__file__).parent))
    for attempt in range(10):
        with subprocess.Popen([sys.executable, "-c", code, target, str(attempt)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(moments.uniform(0.0, 0.05))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        assert len(words_in(target)) == 1
        assert len(others(tmp_path, "out")) <= 1, "what one dead writer left, not what all of them left"
    write_folder(target, "last")
    assert words_in(target) == {"last"}
    assert others(tmp_path) == ["out"]
