"""Run folders from anywhere: bounded before they are unpacked, nothing outside them opened, one line for what is wrong."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sampling import command, environment, manifest_holds, passing_run, scenario_file, short_run, tree_of

from forecast.cli.main import main
from forecast.core import netcdf
from forecast.core.manifest import MANIFEST, write_manifest
from forecast.core.netcdf import read_arrays, read_tree, write_arrays
from forecast.errors import InputError, OutputError
from forecast.fits.sampling import Sampling
from forecast.runs import folder as run_folder
from forecast.runs.folder import check_contents
from forecast.runs.forecast import Forecast
from forecast.runs.pipeline import Options, check_draws
from forecast.runs.rerun import rerun_plan

UNPACKED = 2_200_000_000
"""What an archive bomb of these tests would take (bytes)."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return passing_run().save(tmp_path_factory.mktemp("made") / "out")


@pytest.fixture
def run(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "run"))


def refused(capsys, *arguments: object) -> str:
    """Run a command that must end with one line and exit code 2; return the line."""
    assert main([str(argument) for argument in arguments]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("error: got ")
    return said.err


def edit(folder: Path, *place: str | int, value: object) -> None:
    """Write a value into the document of a run folder, and a manifest that fits."""
    document = json.loads((folder / "forecast.json").read_text(encoding="utf-8"))
    part = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    (folder / "forecast.json").write_text(json.dumps(document), encoding="utf-8")
    write_manifest(folder)


# --- what lies in it


@pytest.mark.parametrize("verb", ["report", "compare", "verify"])
@pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices")
@pytest.mark.parametrize("name", ["forecast.json", "trajectories.nc", "posterior/damped.nc"])
@pytest.mark.parametrize("kind", ["pipe", "device", "link out"])
def test_pipes_devices_and_links_out_of_it_are_not_opened(verb, name, kind, run, tmp_path, capsys):
    file = run / name
    if kind == "link out":
        file.rename(tmp_path / "outside")
        file.symlink_to(tmp_path / "outside")
    else:
        file.unlink()
        os.mkfifo(file) if kind == "pipe" else file.symlink_to("/dev/zero")
    arguments = {"report": [run, "--out", tmp_path / "out"], "compare": [run, run], "verify": [run]}[verb]
    said = refused(capsys, verb, *arguments)
    assert ("no regular file" if kind == "pipe" else "a link that leads out of the run folder") in said
    assert not (tmp_path / "out").exists()


def test_a_link_within_it_is_followed(run):
    if os.name == "posix":
        (run / "trajectories.nc").rename(run / "draws.nc")
        (run / "trajectories.nc").symlink_to("draws.nc")
    assert Forecast.load(run).median() == passing_run().median()


def test_a_document_that_is_too_large_or_none_is_one_line(run, tmp_path, capsys):
    document = run / "forecast.json"
    for content, words in (
        (b"[" * 100_000, "damaged"),
        (b'{"schema": ' + b"9" * 100_000 + b"}", "damaged"),
        (document.read_bytes().replace(b'"draws": 400', b'"draws": NaN'), "NaN is no number"),
        (b"\xff\xfe", "damaged"),
        (b"[]", "schema forecast/1"),
        (b"{}", "schema forecast/1"),
    ):
        document.write_bytes(content)
        said = refused(capsys, "report", run, "--out", tmp_path / "out")
        assert words in said
        assert len(said) < 700
    with document.open("wb") as handle:
        handle.truncate(UNPACKED)
    assert "at most 16 MB" in refused(capsys, "compare", run, run)


def test_too_many_files_are_not_hashed(run, monkeypatch):
    monkeypatch.setattr(run_folder, "_MOST_FILES", 5)
    with pytest.raises(InputError, match="more than 5 files"):
        check_contents(run)
    monkeypatch.undo()
    with (run / "large").open("wb") as handle:
        handle.truncate(2 * UNPACKED)
    with pytest.raises(InputError, match="large of 4400 MB"):
        check_contents(run)


# --- arrays


def bomb(path: Path) -> None:
    """Write an array that packs to a thousandth."""
    import h5py

    with h5py.File(path, "a") as file:
        file.create_dataset("bomb", (UNPACKED // 8,), "f8", chunks=(1_000_000,), compression="gzip", fillvalue=0)


def deep_bomb(path: Path) -> None:
    """Write a small array with a piece that does not keep to its size."""
    import zlib

    import h5py

    with h5py.File(path, "a") as file:
        item = file.create_dataset("bomb", (8,), "f8", chunks=(8,), compression="gzip")
        item.id.write_direct_chunk((0,), zlib.compress(bytes(50_000_000)))


def outside(path: Path) -> None:
    import h5py

    path.with_suffix(".bin").write_bytes(bytes(80))
    with h5py.File(path, "a") as file:
        file.create_dataset("raw", (10,), "f8", external=[(str(path.with_suffix(".bin")), 0, 80)])


def link_out(path: Path) -> None:
    import h5py

    with h5py.File(path, "a") as file:
        file["linked"] = h5py.ExternalLink("/etc/passwd", "/a")


def circle(path: Path) -> None:
    import h5py

    with h5py.File(path, "a") as file:
        file["self"] = h5py.SoftLink("/")


def texts(path: Path) -> None:
    """Write many references to one long text."""
    import h5py

    with h5py.File(path, "a") as file:
        file.create_dataset("texts", (10,), h5py.string_dtype())


def wide_chunk(path: Path) -> None:
    import h5py

    with h5py.File(path, "a") as file:
        file.create_dataset("wide", (1,), "f8", maxshape=(None,), chunks=(UNPACKED // 8,), compression="gzip")


def many(path: Path) -> None:
    import h5py

    with h5py.File(path, "a") as file:
        for number in range(netcdf._ITEMS + 1):
            file.create_group(f"g{number}")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (bomb, "unpacks to more than"),
        (deep_bomb, "unpacks to more than it declares"),
        (outside, "lies in another file"),
        (link_out, "is a link"),
        (circle, "is a link"),
        (texts, "neither numbers nor short texts"),
        (wide_chunk, "unpacks to more than"),
        (many, "more than 1000 arrays"),
    ],
)
def test_arrays_are_bounded_before_they_are_unpacked(spoil, words, tmp_path):
    path = tmp_path / "a.nc"
    write_arrays(path, {"a": (("x",), np.zeros(3), {})}, {"x": np.arange(3.0)})
    read_arrays(path)
    spoil(path)
    assert path.stat().st_size < 10_000_000
    begin = time.monotonic()
    for read in (read_arrays, read_tree):
        with pytest.raises(ValueError, match=words):
            read(path)
    assert time.monotonic() - begin < 20


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory as Linux has them")
def test_a_small_file_that_unpacks_to_gigabytes_is_refused_in_little_memory(run):
    bomb(run / "posterior" / "damped.nc")
    code = (
        "import pathlib, re, sys; from forecast.runs.forecast import Forecast; from forecast.errors import InputError\n"
        "try: Forecast.load(sys.argv[1])\n"
        "except InputError as error: print(error)\n"
        # Of this process alone: what `resource` gives starts from the peak of the one that started it.
        "print(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(run)], env=environment(), capture_output=True, text=True, check=True
    )
    said, peak = done.stdout.splitlines()
    assert "unpacks to more than" in said
    assert int(peak) < 600_000, "kilobytes"


@pytest.mark.parametrize(
    "change",
    [
        {"consumption": (("draw", "year"), np.zeros((5, 3)), {})},
        {"stock": (("draw", "year"), np.full((4, 3), np.nan), {})},
        {"exhaustion_year": (("year",), np.zeros(3), {})},
    ],
)
def test_draws_that_do_not_belong_together_are_refused(run, change):
    arrays = {
        "exhaustion_year": (("draw",), np.full(4, 2030.0), {}),
        "consumption": (("draw", "year"), np.zeros((4, 3)), {}),
        "stock": (("draw", "year"), np.zeros((4, 3)), {}),
    }
    years = {"year": np.array([2024.0, 2025.0, 2026.0])}
    write_arrays(run / "trajectories.nc", arrays, years)
    Forecast.load(run)
    changed = arrays | change
    if "consumption" in change:
        changed = {name: ((f"{name}_draw", *dims[1:]), *rest) for name, (dims, *rest) in changed.items()}
    write_arrays(run / "trajectories.nc", changed, years)
    with pytest.raises(InputError, match="damaged"):
        Forecast.load(run)


# --- settings and paths that it names


@pytest.mark.parametrize(
    ("setting", "value"),
    [("chains", 10**6), ("chains", 0), ("draws", 10**9), ("tune", -1), ("keep", True), ("chains", "4"), ("keep", 1e3)],
)
def test_settings_of_the_sampler_are_those_that_can_be_kept_to(setting, value):
    with pytest.raises(InputError, match=f"{setting} = "):
        Sampling(**{setting: value})


def test_a_run_with_impossible_settings_is_not_made_again(run):
    for place, value, words in (
        (("sampling", "chains"), 10**6, "chains = 1000000"),
        (("sampling", "target_accept"), 2.0, "target_accept"),
        (("draws",), 10**9, "1,000,000,000 draws"),
    ):
        document = json.loads((run / "forecast.json").read_text(encoding="utf-8"))
        part = document["provenance"]["options"]
        for step in place[:-1]:
            part = part[step]
        part[place[-1]] = value
        assert words in str(rerun_plan(document))


def test_a_table_that_a_run_names_is_opened_only_when_given_again(run, tmp_path, capsys):
    secret = tmp_path / "secret.csv"
    os.mkfifo(secret) if os.name == "posix" else secret.write_text("a")
    edit(run, "provenance", "options", "models", value=str(secret))
    found = rerun_plan(Forecast.load(run).document)
    assert "opened only when given again (add --models FILE)" in found.obstacle(sampling=True)
    assert main(["verify", str(run)]) == 1
    assert "add --models FILE" in capsys.readouterr().out
    table = tmp_path / "mine.csv"
    table.write_text("model,date,tokens\n")
    given = rerun_plan(Forecast.load(run).document, [table])
    assert (given.given, given.options.models) == (True, table)


def test_what_a_free_field_holds_is_no_fault_of_the_program(run, tmp_path, capsys):
    edit(run, "consumption", "record", value={"rows": "none"})
    assert "cannot be shown" in refused(capsys, "report", run, "--quiet", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert "cannot be compared" in refused(capsys, "compare", run, run, "--quiet")


# --- draws


def test_no_more_draws_are_asked_for_than_are_kept():
    options = Options(draws=16_000)
    check_draws(options, 4)
    with pytest.raises(InputError, match=r"16,000 draws, expected 100 to 12,000 \(3 members with 4,000 draws kept"):
        check_draws(options, 3)
    with pytest.raises(InputError, match="100 to 50,000"):
        check_draws(Options(draws=100_000, sampling=Sampling(keep=2500, chains=10)), 10)


def test_too_many_draws_are_refused_before_anything_is_sampled(tmp_path, capsys, monkeypatch):
    from forecast.runs import pipeline

    monkeypatch.setattr(pipeline, "fit_members", lambda *a, **k: pytest.fail("refused too late: after sampling"))
    said = refused(capsys, "run", scenario_file(), "--draws", 100_000, "--out", tmp_path / "out")
    assert "100 to 8,000 (2 members with 4,000 draws kept of each)" in said
    with pytest.raises(InputError, match="100 to 8,000"):
        pipeline.run(scenario_file(), draws=8001)


def test_what_was_drawn_is_recorded_also_when_a_member_fails(monkeypatch):
    import dataclasses

    from sampling import SHORT

    from forecast.runs import pipeline

    short_run()
    real = pipeline.fit_members

    def one_fails(*args, **named):
        first, *others = real(*args, **named)
        passed = [dataclasses.replace(fit, diagnostics={**fit.diagnostics, "verdict": "PASS"}) for fit in others]
        return [dataclasses.replace(first, diagnostics={**first.diagnostics, "verdict": "FAIL"}), *passed]

    monkeypatch.setattr(pipeline, "fit_members", one_fails)
    # Such short fits were made twice as long at once, and each keeps 400.
    monkeypatch.setattr(pipeline, "check_draws", lambda *_: None)
    said: list[str] = []
    found = pipeline.run(scenario_file(), draws=800, jobs=1, sampling=SHORT, warn=said.append)
    assert len(found.exhaustion_year) == 400
    assert found.provenance["options"]["draws"] == 400
    assert len(said) == 1
    assert said[0].startswith("400 draws are kept of the 800 asked for: 1 of 2 members failed")


# --- the run before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("forecast.json", b'{"schema": "forecast/1", "resource": "public_text"}'),
        ("forecast.json", None),
        ("trajectories.nc", b""),
        ("trajectories.nc", None),
    ],
)
def test_a_damaged_run_before_never_stops_a_new_one(name, content, run):
    """The old folder is there to be replaced: what cannot be read of it is said, and nothing else."""
    short_run()
    if content is None:
        (run / name).write_bytes((run / name).read_bytes()[:3000])
    else:
        (run / name).write_bytes(content)
    done = command("run", scenario_file(), "--draws", 400, "--seed", 20260822, "--quiet", "--out", run)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("not compared with the run before (")
    assert done.stderr.count("\n") == 1
    assert json.loads((run / "forecast.json").read_text(encoding="utf-8"))["previous"] is None
    assert manifest_holds(run)


# --- the report in its place


def test_a_run_that_replaces_a_report_says_so_and_makes_it_again(tmp_path):
    short_run()
    out = tmp_path / "out"
    done = command("report", scenario_file(), "--draws", 400, "--likelihood", "icd203", "--quiet", "--out", out)
    assert done.returncode == 0, done.stderr
    before = tree_of(out)
    assert json.loads(before[MANIFEST])["likelihood"] == "icd203"
    done = command("run", scenario_file(), "--draws", 200, "--quiet", "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"{out} holds a report, which is made again with this run\n"
    after = tree_of(out)
    assert set(after) == set(before)
    assert json.loads(after["forecast.json"])["provenance"]["options"]["draws"] == 200
    assert after["report.html"] != before["report.html"]
    assert json.loads(after[MANIFEST])["likelihood"] == "icd203"
    assert manifest_holds(out)


# --- places that cannot be written


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_a_full_disk_while_a_run_is_written_is_one_line(number, run, monkeypatch, tmp_path):
    def full(*args, **named):
        raise OSError(number, os.strerror(number))

    before = tree_of(run)
    monkeypatch.setattr(run_folder, "write_tree", full)
    with pytest.raises(OutputError, match="which cannot be written"):
        short_run().save(run)
    assert tree_of(run) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if sys.platform != "linux" or subprocess.run(line, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full_ends_with_one_line_and_never_with_a_signal(small_disk, made):
    code = "import sys; from forecast.runs.forecast import Forecast\nForecast.load(sys.argv[1]).save(sys.argv[2])"
    line = [sys.executable, "-c", code, str(made), str(small_disk / "out")]
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1, "the interpreter's own, not that of a signal"
    assert "OutputError: got " in done.stderr.splitlines()[-1]
    assert list(small_disk.iterdir()) == []


def test_little_room_is_found_before_anything_is_sampled(small_disk, tmp_path, capsys, monkeypatch):
    from forecast.runs import pipeline

    monkeypatch.setattr(pipeline, "fit_members", lambda *a, **k: pytest.fail("refused too late: after sampling"))
    assert "MB are free" in refused(capsys, "run", "--out", small_disk / "out")
    monkeypatch.setenv("FORECAST_CACHE", str(small_disk / "cache"))
    assert "cache, where 0.1 MB are free" in refused(capsys, "run", "--seed", 5, "--out", tmp_path / "out")
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    assert "file, which is a file" in refused(capsys, "run", "--seed", 5, "--out", tmp_path / "out")
    assert list(small_disk.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")
def test_a_limit_on_files_ends_with_one_line(made, tmp_path):
    code = (
        "import resource, sys; from forecast.runs.forecast import Forecast; run = Forecast.load(sys.argv[1])\n"
        "for tree in run.posterior.values(): tree.encoding = {}\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)); run.save(sys.argv[2])"
    )
    line = [sys.executable, "-c", code, str(made), str(tmp_path / "out")]
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1, "the interpreter's own, not that of a signal"
    assert "OutputError: got " in done.stderr.splitlines()[-1]
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="bytes that are no text are names on Linux alone")
@pytest.mark.parametrize(
    ("name", "recorded", "more"),
    [
        (b"caf\xe9", r"caf\xe9", {}),
        (
            "café".encode(),
            "café",
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
        ),
    ],
)
def test_a_name_that_is_no_text_here_is_written_and_recorded(name, recorded, more, tmp_path):
    short_run()
    out = os.path.join(os.fsencode(tmp_path), name)
    done = command("run", scenario_file(), "--draws", 400, "--quiet", "--out", os.fsdecode(out), env=more)
    assert done.returncode == 0, done.stderr
    assert os.listdir(os.fsencode(tmp_path)) == [name]
    with open(os.path.join(out, b"forecast.json"), encoding="utf-8") as handle:
        assert recorded in json.load(handle)["provenance"]["command"]
