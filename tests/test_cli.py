"""The command line: the result on stdout, progress on stderr, the same options everywhere."""

from __future__ import annotations

import errno
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
from sampling import command, command_line, environment, hear_interrupts, passing, scenario_file, short_run, tree_of

from forecast import __version__
from forecast.cli.main import main


@pytest.fixture
def short(monkeypatch):
    """Let the command line of this process sample shortly and pass."""
    import functools

    from sampling import SHORT

    from forecast.runs import pipeline

    short_run()
    monkeypatch.setattr(pipeline, "Options", functools.partial(pipeline.Options, sampling=SHORT))
    with passing():
        yield


def test_without_a_command_it_helps(capsys):
    assert main([]) == 0
    assert "Commands" in capsys.readouterr().out


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"forecast {__version__}\n"


@pytest.mark.parametrize("name", ["run", "report", "scenario", "data", "cache"])
def test_every_command_helps(name, capsys):
    assert main([name, "--help"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("Usage: forecast") or "Usage" in said.out
    assert said.err == ""


def test_run_prints_a_table_and_writes_a_folder(short, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["run", str(scenario_file()), "--draws", "400", "--out", str(out)]) == 0
    said = capsys.readouterr()
    document = json.loads((out / "forecast.json").read_text(encoding="utf-8"))
    assert document["sentence"] in said.out
    assert said.out.startswith(document["sentence"])
    assert "All growth models" in said.out
    assert "Diagnostics: PASS" in said.out
    assert "CC BY 4.0" in said.out
    assert "Credits: forecast data cite" in said.out
    assert said.out.splitlines()[-1] == f"Written to {out}"
    assert not re.search(r"\d %", said.out)
    assert all(line.startswith("note: ") for line in said.err.splitlines())
    for member in document["consumption"]["members"]:
        assert member["title"] in said.out


def test_quiet_says_nothing_but_the_result(short, tmp_path, capsys):
    assert main(["report", str(scenario_file()), "--draws", "400", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.count("\n") == 1
    assert "that by the end of 2030 the largest feasible training run" in said.out


def test_report_with_json_prints_the_document_and_nothing_else(short, tmp_path, capsys):
    assert main(["report", str(scenario_file()), "--draws", "400", "--out", str(tmp_path / "out"), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == json.loads((tmp_path / "out" / "forecast.json").read_text(encoding="utf-8"))


def test_options_reach_the_run(short, tmp_path, capsys):
    arguments = ["run", str(scenario_file()), "--draws", "200", "--horizon", "2040", "--json", "--jobs", "1"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["horizon"] == 2040
    assert document["provenance"]["command"].startswith("forecast")


def test_a_run_folder_is_replaced_and_anything_else_refused(short, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["run", str(scenario_file()), "--draws", "400", "--quiet", "--out", str(out)]
    assert main(arguments) == 0
    assert main(arguments) == 0
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("dear to me")
    capsys.readouterr()
    assert main([*arguments[:-1], str(tmp_path / "photos")]) == 2
    assert "not a run folder" in capsys.readouterr().err
    assert tree_of(tmp_path / "photos") == {"a.jpg": b"dear to me"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "photos"]


@pytest.mark.parametrize("damage", ["forecast.json", "trajectories.nc", "posterior/damped.nc"])
def test_a_damaged_run_folder_is_one_line(short, damage, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["run", str(scenario_file()), "--draws", "400", "--quiet", "--out", str(out)]) == 0
    content = (out / damage).read_bytes()
    (out / damage).write_bytes(content[: len(content) // 2])
    capsys.readouterr()
    assert main(["report", str(out), "--out", str(tmp_path / "other")]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: got ")
    assert "damaged" in said.err
    assert not (tmp_path / "other").exists()


def test_the_cache_is_found_and_cleared(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))
    fits = tmp_path / "cache" / "fits"
    fits.mkdir(parents=True)
    (fits / f"{'0f' * 20}.nc").write_text("x")
    (fits / f".{'0f' * 20}.nc.new-12345678-1-abc").write_text("what a writer left that was killed")
    assert main(["cache", "where"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "cache")
    assert main(["cache", "clear"]) == 0
    assert "removed 1 fits" in capsys.readouterr().out
    assert not fits.exists()


def test_clearing_the_cache_leaves_what_is_not_of_the_cache(tmp_path, monkeypatch, capsys):
    """Somebody may set FORECAST_CACHE to a folder that holds a folder of that name already."""
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path))
    (tmp_path / "fits" / "mine").mkdir(parents=True)
    for name in ("galaxy.nc", "mine/notes.txt", f"{'0f' * 20}.nc.bak"):
        (tmp_path / "fits" / name).write_text("dear to me")
    (tmp_path / "fits" / f"{'0f' * 20}.nc").write_text("x")
    assert main(["cache", "clear"]) == 0
    assert "removed 1 fits" in capsys.readouterr().out
    assert sorted(tree_of(tmp_path)) == [f"fits/{'0f' * 20}.nc.bak", "fits/galaxy.nc", "fits/mine/notes.txt"]


def test_a_reader_that_leaves_early_is_no_error():
    if sys.platform == "win32":
        pytest.skip("pipes end otherwise here")
    line = [sys.executable, "-m", "forecast.cli.main", "data", "list"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 0
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent otherwise here")
def test_an_interrupt_from_the_keyboard_ends_with_130_and_leaves_nothing(tmp_path):
    """Sent to the whole group, as a terminal does, while two processes sample, at full length: no machine is done by then."""
    arguments = ("run", scenario_file(), "--seed", 12345, "--out", tmp_path / "out", "--jobs", 2)
    line = [sys.executable, "-m", "forecast.cli.main", *map(str, arguments)]
    fresh = environment(FORECAST_CACHE=str(tmp_path / "cache"))
    with subprocess.Popen(
        line,
        env=fresh,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    ) as process:
        time.sleep(4)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []


def test_a_truncated_entry_of_the_cache_is_made_anew(tmp_path):
    """Through a copy of the cache, so that the other tests keep theirs."""
    import shutil
    from pathlib import Path

    short_run()
    mine = tmp_path / "cache"
    shutil.copytree(Path(os.environ["FORECAST_CACHE"]) / "fits", mine / "fits")
    for entry in (mine / "fits").glob("*.nc"):
        entry.write_bytes(entry.read_bytes()[:1000])
    from forecast.fits import kept as cache

    before = os.environ["FORECAST_CACHE"]
    os.environ["FORECAST_CACHE"] = str(mine)
    try:
        assert all(cache.load(entry.stem) is None for entry in list((mine / "fits").glob("*.nc")))
    finally:
        os.environ["FORECAST_CACHE"] = before
    assert list((mine / "fits").glob("*.nc")) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_runs_at_once_on_one_cache_both_end_well(tmp_path):
    fresh = environment(FORECAST_CACHE=str(tmp_path / "cache"))
    running = [
        subprocess.Popen(
            command_line("run", scenario_file(), "--draws", 400, "--jobs", 1, "--json", "--out", tmp_path / f"out{n}"),
            env=fresh,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in (1, 2)
    ]
    printed = []
    for process in running:
        out, err = process.communicate(timeout=280)
        assert process.returncode == 0, err
        printed.append(json.loads(out))
    assert printed[0]["exhaustion_year"] == printed[1]["exhaustion_year"]
    third = command("run", scenario_file(), "--draws", 400, "--json", "--out", tmp_path / "out3", env=fresh)
    assert "fitted" not in third.stderr
    assert json.loads(third.stdout)["exhaustion_year"] == printed[0]["exhaustion_year"]
    left = [path.name for path in (tmp_path / "cache" / "fits").iterdir() if path.suffix != ".nc"]
    assert left == []


def with_short_fits(folder: Path) -> Path:
    """Return a cache of its own that holds the two fits of the short run and nothing else."""
    (folder / "fits").mkdir(parents=True)
    for fit in short_run().document["provenance"]["fits"]:
        shutil.copy(Path(os.environ["FORECAST_CACHE"]) / "fits" / f"{fit['key']}.nc", folder / "fits")
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_truncated_entry_is_sampled_again_by_a_run(tmp_path):
    fresh = environment(FORECAST_CACHE=str(with_short_fits(tmp_path / "cache")))
    arguments = ("run", scenario_file(), "--draws", 400, "--jobs", 1, "--json", "--out", tmp_path / "out")
    first = command(*arguments, env=fresh)
    for entry in (tmp_path / "cache" / "fits").glob("*.nc"):
        entry.write_bytes(entry.read_bytes()[:5000])
    second = command(*arguments, env=fresh)
    assert second.returncode == 0, second.stderr
    assert json.loads(first.stdout)["exhaustion_year"] == json.loads(second.stdout)["exhaustion_year"]


# --- what cannot be printed, and what nobody foresaw


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["data", "list"], ["data", "list", "--json"], ["--help"], ["scenario", "list"]])
def test_an_output_that_is_full_is_one_line(arguments):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command_line(*arguments), env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith("error: got standard output, which cannot be written (No space left on device)")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_errors_that_cannot_be_printed_keep_their_exit_code():
    with open("/dev/full", "w") as full:
        done = subprocess.run(command_line("runn"), env=environment(), stdout=full, stderr=full, check=False)
    assert done.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="streams closed by a shell")
def test_closed_streams_are_no_fault(tmp_path):
    line = f'exec "$@" {">&- 2>&- <&-"}'
    done = subprocess.run(["sh", "-c", line, "sh", *command_line("data", "list")], env=environment(), check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 2, "got a refusal of the system (No space left on device)"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "x.csv"), 2, "got x.csv (No such file"),
        (MemoryError(), 2, "got no memory left"),
        (ZeroDivisionError("by nought"), 70, "got an unexpected ZeroDivisionError (by nought)"),
    ],
)
def test_no_error_leaves_with_the_code_of_an_answer(error, code, words, tmp_path, monkeypatch, capsys):
    from forecast.runs import pipeline

    def fail(*args, **named):
        raise error

    monkeypatch.setattr(pipeline, "run", fail)
    assert main(["run", "--out", str(tmp_path / "out")]) == code
    said = capsys.readouterr().err
    assert said.startswith(f"error: {words}")
    assert said.count("\n") == 1
    monkeypatch.setenv("FORECAST_DEBUG", "1")
    assert main(["run", "--out", str(tmp_path / "out")]) == code
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_a_working_folder_that_is_gone_is_one_line(tmp_path):
    (tmp_path / "gone").mkdir()
    line = 'rmdir ../gone && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *command_line("run", "--quiet")],
        cwd=tmp_path / "gone",
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: got out in a working folder that is gone")
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kept_fits_that_were_edited_move_nothing_and_are_sampled_again(tmp_path):
    """In a cache of its own: one fit with other slopes, the other with diagnostics that cannot be read."""
    import h5py

    mine = with_short_fits(tmp_path / "cache")
    fresh = environment(FORECAST_CACHE=str(mine), FORECAST_PROGRESS="1")
    arguments = ("run", scenario_file(), "--draws", 400, "--jobs", 1, "--out", tmp_path / "out")
    first = command(*arguments, env=fresh)
    assert first.returncode == 0, first.stderr
    year = json.loads((tmp_path / "out" / "forecast.json").read_text(encoding="utf-8"))["exhaustion_year"]
    entries = sorted((mine / "fits").glob("*.nc"))
    assert len(entries) == 2
    assert "fitted" not in first.stderr
    with h5py.File(entries[0], "a") as file:
        slopes = [name for name in file["posterior"] if "slope" in name or "growth" in name or name == "jump"]
        for name in slopes:
            file["posterior"][name][...] *= 0.6
    assert slopes
    for entry in entries[1:]:
        with h5py.File(entry, "a") as file:
            file.attrs["diagnostics"] = "{"
    second = command(*arguments, env=fresh)
    assert second.returncode == 0, second.stderr
    assert second.stderr.count("fitted") == len(entries)
    assert json.loads((tmp_path / "out" / "forecast.json").read_text(encoding="utf-8"))["exhaustion_year"] == year
    assert "fitted" not in command(*arguments, env=fresh).stderr
