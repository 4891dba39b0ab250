"""Files and folders that are whole or not there, whenever the writer dies."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from forecast.core import files, folders
from forecast.core.files import atomic_file, check_writable, sha256_of
from forecast.core.folders import check_replaceable, recover_folder, swapped_folder
from forecast.core.manifest import write_manifest
from forecast.errors import OutputError

CONTENT = 40
"""Files in a folder written by these tests."""


def write_folder(target: Path, word: str) -> None:
    """Replace a folder by one in which every file says the same word."""
    with swapped_folder(target) as temporary:
        for number in range(CONTENT):
            (temporary / f"{number}.txt").write_text(word)
        write_manifest(temporary)


def words_in(target: Path) -> set[str]:
    """Return the words in a folder, which must hold all of its files."""
    found = [path for path in target.iterdir() if path.name != "manifest.json"]
    assert len(found) == CONTENT
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
        monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
    for word in ("old", "new"):
        write_folder(tmp_path / "out", word)
        assert words_in(tmp_path / "out") == {word}
        assert others(tmp_path) == ["out"]


def test_a_folder_stays_as_it_was_when_writing_fails(tmp_path):
    write_folder(tmp_path / "out", "old")
    with contextlib.suppress(RuntimeError), swapped_folder(tmp_path / "out") as temporary:
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
            check_replaceable(target)
        with pytest.raises(OutputError), swapped_folder(target):
            pytest.fail("nothing may be written for it")
    assert (tmp_path / "photos" / "a.jpg").read_text() == "dear to me"
    assert others(tmp_path) == ["file", "photos"]


def test_a_folder_inside_a_file_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="which is a file"):
        check_replaceable(tmp_path / "file" / "deeper" / "out")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work otherwise here")
def test_a_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            check_replaceable(tmp_path / "out")
    finally:
        tmp_path.chmod(0o755)


# --- where two names cannot be exchanged in one step


def test_a_crash_between_the_two_renames_is_put_back(tmp_path, monkeypatch):
    target = tmp_path / "out"
    write_folder(target, "old")
    monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
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
    assert words_in(target) == {"old"}, "put back at once"
    write_folder(target, "newer")
    assert words_in(target) == {"newer"}
    assert others(tmp_path) == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="asking whether a process lives would end it")
def test_what_a_kill_between_the_two_renames_left_is_put_back(tmp_path):
    target = tmp_path / "out"
    left = leftover(target, ended_process())
    write_folder(left / "old", "old")
    recover_folder(target)
    assert words_in(target) == {"old"}
    write_folder(target, "new")
    assert words_in(target) == {"new"}
    assert others(tmp_path) == ["out"]


def test_the_living_are_not_disturbed_between_two_renames(tmp_path):
    left = leftover(tmp_path / "out", os.getpid())
    write_folder(left / "old", "old")
    recover_folder(tmp_path / "out")
    assert others(tmp_path) == [left.name]


# --- leftovers of the dead


def ended_process() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def leftover(target: Path, process: int, machine: str | None = None, *, letter: str = "a") -> Path:
    """Return a temporary folder as a writer leaves it that is killed."""
    left = target.parent / f".{target.name}.new-{machine or files._machine()}-{process}-{8 * letter}"
    left.mkdir()
    said = {"made_by": "data-depletion", "temporary_for": target.name}
    (left / files._MARKER).write_text(json.dumps(said))
    (left / "new").mkdir()
    (left / "new" / "half").write_text("half")
    return left


@pytest.mark.skipif(sys.platform == "win32", reason="asking whether a process lives would end it")
def test_what_the_dead_left_is_removed_and_what_the_living_write_is_not(tmp_path):
    target = tmp_path / "out"
    leftover(target, ended_process())
    bare = leftover(target, ended_process(), letter="b")
    shutil.rmtree(bare)
    bare.mkdir()
    living = leftover(target, os.getpid())
    elsewhere = leftover(target, 1, "00000000")
    ancient = leftover(target, 1, "00000000", letter="b")
    other = leftover(tmp_path / "other", ended_process())
    os.utime(ancient, (time.time() - 100_000,) * 2)
    write_folder(target, "new")
    assert others(tmp_path) == sorted([elsewhere.name, living.name, other.name, "out"])


MARKS = [
    None,
    "",
    "mine",
    "[]",
    '{"made_by": "somebody"}',
    '{"made_by": "data-depletion"}',
    '{"made_by": "data-depletion", "temporary_for": "another"}',
]


@pytest.mark.parametrize("mark", MARKS)
def test_what_does_not_carry_our_marker_is_left_alone(tmp_path, mark):
    """Whatever its name: neither writing nor reading removes or renames what somebody else keeps beside a folder."""
    strangers = [".out.old", ".out.new-aaaa", ".out.new-00000000-1-cccc", ".a.txt.new-00000000-1-dddd"]
    for name in strangers:
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.txt").write_text("dear to me")
        if mark is not None:
            (tmp_path / name / files._MARKER).write_text(mark)
        os.utime(tmp_path / name, (time.time() - 100_000,) * 2)
    (tmp_path / ".a.txt.new-file").write_text("dear too")
    recover_folder(tmp_path / "out")
    write_folder(tmp_path / "out", "new")
    write_folder(tmp_path / "out", "newer")
    with atomic_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    assert others(tmp_path) == sorted([*strangers, ".a.txt.new-file", "a.txt", "out"])
    assert all((tmp_path / name / "mine.txt").read_text() == "dear to me" for name in strangers)


@pytest.mark.skipif(sys.platform == "win32", reason="asking whether a process lives would end it")
def test_half_a_file_is_removed_by_the_next_writer(tmp_path):
    leftover(tmp_path / "a.txt", ended_process())
    with atomic_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("whole")
    assert others(tmp_path) == ["a.txt"]


# --- what is in the way


STRANGERS = ["thesis.docx", ".git/HEAD", "figures/mine.svg", "posterior/notes/a.txt", "empty/"]


@pytest.mark.parametrize("name", STRANGERS)
def test_whatever_else_lies_in_a_folder_of_ours_is_named_and_refused(tmp_path, name):
    target = tmp_path / "out"
    with swapped_folder(target) as temporary:
        for place in ("figures", "posterior"):
            (temporary / place).mkdir()
            (temporary / place / "a.csv").write_text("ours")
        write_manifest(temporary)
    stranger = target / name
    if name.endswith("/"):
        stranger.mkdir()
    else:
        stranger.parent.mkdir(exist_ok=True)
        stranger.write_text("dear to me")
    named = name.split("/")[0] if name.startswith(".git") else name.removesuffix("/a.txt").rstrip("/")
    with pytest.raises(OutputError, match=f"a run folder that also holds {re.escape(named)}"):
        check_replaceable(target)
    with pytest.raises(OutputError), swapped_folder(target):
        pytest.fail("nothing may be written for it")
    assert stranger.exists()
    assert others(tmp_path) == ["out"]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
def test_links_and_pipes_in_a_folder_of_ours_are_refused_even_under_a_listed_name(tmp_path):
    for make in (lambda path: path.symlink_to(tmp_path / "elsewhere"), os.mkfifo):
        write_folder(tmp_path / "out", "old")
        (tmp_path / "out" / "1.txt").unlink()
        make(tmp_path / "out" / "1.txt")
        with pytest.raises(OutputError, match=r"also holds 1\.txt"):
            check_replaceable(tmp_path / "out")
        shutil.rmtree(tmp_path / "out")


def test_a_file_of_a_right_name_does_not_make_a_folder_ours(tmp_path):
    (tmp_path / "keep").mkdir()
    for name, text in (
        ("forecast.json", "{}"),
        ("thesis.docx", "years of work"),
        ("manifest.json", '{"files": {"forecast.json": "", "thesis.docx": ""}}'),
    ):
        (tmp_path / "keep" / name).write_text(text)
        with pytest.raises(OutputError, match=r"not a run folder: it holds forecast\.json"):
            check_replaceable(tmp_path / "keep")
    (tmp_path / "keep" / "manifest.json").write_text('{"made_by": "somebody", "format": "run/1", "files": {}}')
    with pytest.raises(OutputError, match="not a run folder"):
        check_replaceable(tmp_path / "keep")


def test_a_folder_of_version_0_1_is_known_by_its_document(tmp_path):
    """Its manifest says nothing of itself: it must list a document of the schema, with the right hash, and all else."""
    target = tmp_path / "out"
    target.mkdir()
    (target / "forecast.json").write_text('{"schema": "forecast/1"}')
    (target / "trajectories.nc").write_text("draws")
    files_of = {path.name: sha256_of(path) for path in target.iterdir()}
    (target / "manifest.json").write_text(json.dumps({"files": files_of}))
    check_replaceable(target)
    (target / "notes.txt").write_text("dear to me")
    with pytest.raises(OutputError, match=r"also holds notes\.txt"):
        check_replaceable(target)
    (target / "notes.txt").unlink()
    (target / "forecast.json").write_text('{"schema": "forecast/1", "mine": 1}')
    with pytest.raises(OutputError, match="not a run folder"):
        check_replaceable(target)


def test_an_edited_text_is_not_replaced_and_damaged_numbers_are(tmp_path):
    target = tmp_path / "out"
    write_folder(target, "old")
    with (target / "7.txt").open("a") as handle:
        handle.write("a note of mine")
    with pytest.raises(OutputError, match=r"in which 7\.txt changed since.*move what you edited elsewhere"):
        check_replaceable(target)
    shutil.rmtree(target)
    with swapped_folder(target) as temporary:
        (temporary / "trajectories.nc").write_text("draws")
        write_manifest(temporary)
    (target / "trajectories.nc").write_text("dra")
    check_replaceable(target)


def test_what_is_laid_into_the_folder_while_it_is_replaced_is_not_lost(tmp_path):
    write_folder(tmp_path / "out", "old")

    def write() -> None:
        with swapped_folder(tmp_path / "out") as temporary:
            (temporary / "0.txt").write_text("new")
            write_manifest(temporary)
            (tmp_path / "out" / "late.txt").write_text("dear to me")

    with pytest.raises(OutputError, match=r"out, a run folder that also holds late\.txt"):
        write()
    assert (tmp_path / "out" / "late.txt").read_text() == "dear to me"
    (tmp_path / "out" / "late.txt").unlink()
    assert words_in(tmp_path / "out") == {"old"}
    assert others(tmp_path) == ["out"]


# --- what refuses to be written


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege elsewhere")
def test_behind_a_link_the_file_is_replaced_and_the_link_stays(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.svg").write_text("old")
    (tmp_path / "a.svg").symlink_to(Path("real") / "a.svg")
    (tmp_path / "new.svg").symlink_to(tmp_path / "real" / "b.svg")
    for name in ("a.svg", "new.svg"):
        with atomic_file(tmp_path / name) as temporary:
            temporary.write_text("new")
        assert (tmp_path / name).is_symlink()
    assert {path.name: path.read_text() for path in (tmp_path / "real").iterdir()} == {"a.svg": "new", "b.svg": "new"}
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(OutputError, match="no regular file"), atomic_file(tmp_path / "circle"):
        pass


@pytest.mark.skipif(os.name != "posix", reason="devices")
def test_a_device_or_a_folder_is_no_place_for_a_file(tmp_path):
    for place in (Path(os.devnull), tmp_path):
        with pytest.raises(OutputError, match="no regular file"), atomic_file(place):
            pass
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(os.name != "posix", reason="permissions work otherwise here")
def test_a_file_keeps_its_permissions_and_a_new_one_has_those_asked_for(tmp_path):
    (tmp_path / "private").write_text("old")
    (tmp_path / "private").chmod(0o600)
    before = os.umask(0o027)
    try:
        for name in ("private", "new"):
            with atomic_file(tmp_path / name) as temporary:
                temporary.write_text("new")
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("private", "new")] == [0o600, 0o640]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EIO])
def test_a_refusal_in_the_middle_of_writing_is_one_line_and_leaves_what_was_there(tmp_path, number):
    (tmp_path / "a.txt").write_text("old")
    write_folder(tmp_path / "out", "old")
    with pytest.raises(OutputError, match=f"a.txt, which cannot be written .{os.strerror(number)}"):  # noqa: SIM117
        with atomic_file(tmp_path / "a.txt"):
            raise OSError(number, os.strerror(number))
    with pytest.raises(OutputError, match=f"out, which cannot be written .{os.strerror(number)}"):  # noqa: SIM117
        with swapped_folder(tmp_path / "out"):
            raise OSError(number, os.strerror(number))
    assert (tmp_path / "a.txt").read_text() == "old"
    assert words_in(tmp_path / "out") == {"old"}
    assert others(tmp_path) == ["a.txt", "out"]


def test_folders_made_on_the_way_go_when_nothing_is_written(tmp_path):
    with contextlib.suppress(RuntimeError), atomic_file(tmp_path / "one" / "two" / "a.txt"):
        raise RuntimeError
    assert others(tmp_path) == []


@pytest.mark.parametrize("name", ["x" * 255, "x" * 250 + "/deeper", "é" * 120])
def test_long_names_are_written(tmp_path, name):
    target = tmp_path / name
    check_replaceable(target)
    assert others(tmp_path) == []
    write_folder(target, "new")
    assert words_in(target) == {"new"}


@pytest.mark.parametrize("name", ["x" * 256, "x" * 256 + "/out", "a/" + "x" * 256, "nul\0"])
def test_names_that_cannot_be_are_one_line(tmp_path, name):
    with pytest.raises(OutputError) as said:
        check_replaceable(tmp_path / name)
    assert len(str(said.value)) < 400
    with pytest.raises(OutputError), atomic_file(tmp_path / name):
        pass
    assert others(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="bytes that are no text are names on Linux alone")
def test_a_name_that_is_no_text_is_a_name(tmp_path):
    target = tmp_path / os.fsdecode(b"caf\xe9")
    check_replaceable(target)
    write_folder(target, "new")
    write_folder(target, "newer")
    assert words_in(target) == {"newer"}
    assert os.listdir(os.fsencode(tmp_path)) == [b"caf\xe9"]


def test_a_place_with_too_little_room_is_refused_before_any_work(tmp_path):
    with pytest.raises(OutputError, match="MB are free, expected at least"):
        check_writable(tmp_path / "new", room=10**18)
    assert others(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits and folders that are gone, as Linux has them")
@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))", "File too large"),
        ("import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')", "a working folder that is gone"),
    ],
)
def test_limits_are_found_before_any_work(tmp_path, prepare, words):
    code = f"{prepare}\nfrom pathlib import Path\nfrom forecast.core.folders import check_replaceable\ncheck_replaceable(Path('out'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert words in done.stderr.splitlines()[-1]
    assert others(tmp_path) == []


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


@pytest.mark.parametrize("at", ["mkdir", "unlink", "rmdir", "iterdir"])
def test_interrupted_while_a_temporary_folder_is_made_or_removed_nothing_stays(tmp_path, monkeypatch, at):
    """An interrupt may come after any step: here right after the first call of one that acts on the folder."""
    done = getattr(Path, at)
    interrupted = []

    def once(self, *args, **kwargs):
        found = done(self, *args, **kwargs)
        if ".probe.new-" in str(self) and not interrupted:
            interrupted.append(self)
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(Path, at, once)
    with pytest.raises(KeyboardInterrupt):
        check_writable(tmp_path / "out")
    assert interrupted
    assert list(tmp_path.iterdir()) == []
