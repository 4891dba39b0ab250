"""What goes wrong from outside: broken tables, places that cannot be written, names that attack, kills at any moment."""

from __future__ import annotations

import contextlib
import dataclasses
import html
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sampling import (
    command,
    command_line,
    environment,
    manifest_holds,
    passing,
    scenario_file,
    short_run,
    tree_of,
)

from forecast.cli.main import main
from forecast.core.resources import RESOURCES
from forecast.fits.sampling import Sampling

FAULTS = Path(__file__).parent / "faults"
HEADER = "Model,Organization,Publication date,Domain,Training dataset size (total),Confidence"


def refused(capsys, *arguments: object) -> str:
    """Run a command that must end with one line and exit code 2; return the line."""
    assert main([str(argument) for argument in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: got ")
    assert ", expected " in said.err
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    return said.err


# --- the table


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty.csv", "empty"),
        ("header_only.csv", "no rows"),
        ("no_size_column.csv", "no size column"),
        ("no_date_column.csv", "no date column"),
        ("no_name_column.csv", "no column for the model's name"),
        ("html_page.csv", "web page"),
        ("broken_quotes.csv", "broken CSV"),
        ("no_usable_row.csv", "none can be used"),
        ("only_images.csv", "without a usable row of text"),
        ("one_row.csv", "half-years"),
        ("negative_sizes.csv", "half-years"),
        ("year_2087.csv", "half-years"),
        ("size_1e400.csv", "half-years"),
        ("nowhere.csv", "no file"),
        (".", "folder"),
    ],
)
@pytest.mark.parametrize("verb", ["run", "report"])
def test_a_broken_table_is_one_line_and_writes_nothing(verb, name, words, tmp_path, capsys):
    said = refused(capsys, verb, "--models", FAULTS / name, "--out", tmp_path / "out")
    assert words in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04 a spreadsheet", b"\x1f\x8b\x08gz"])
def test_a_binary_file_is_one_line(content, tmp_path, capsys):
    (tmp_path / "models.csv").write_bytes(content)
    assert "binary" in refused(capsys, "run", "--models", tmp_path / "models.csv", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_process_of_its_own_says_the_same(tmp_path):
    done = command("run", "--models", FAULTS / "html_page.csv", "--out", tmp_path / "out", verdict="FAIL")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: got ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--horizon", "1999"], "--horizon"),
        (["--draws", "3"], "--draws"),
        (["--seed", "-3"], "--seed"),
        (["--as-of", "2087-01-01"], "--as-of"),
        (["--as-of", "the day before"], "day before"),
        (["--resource", "publictext"], "public_text"),
        (["--jobs", "0"], "--jobs"),
        (["basline"], "did you mean 'baseline'"),
        (["nowhere.toml"], "nowhere.toml"),
    ],
)
def test_a_wrong_option_is_one_line_and_writes_nothing(arguments, words, tmp_path, capsys):
    assert words in refused(capsys, "run", *arguments, "--out", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


# --- the place


def no_sampling(monkeypatch) -> None:
    """Let a run that gets as far as sampling fail the test."""
    from forecast.runs import pipeline

    monkeypatch.setattr(pipeline, "fit_members", lambda *a, **k: pytest.fail("refused too late: after sampling"))


@pytest.mark.parametrize("verb", ["run", "report"])
def test_a_folder_that_is_not_ours_is_refused_before_any_work(verb, tmp_path, capsys, monkeypatch):
    no_sampling(monkeypatch)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("dear to me")
    (tmp_path / "file").write_text("dear too")
    before = tree_of(tmp_path)
    for place, words in (("photos", "not a run folder"), ("file", "not a run folder"), ("file/out", "is a file")):
        assert words in refused(capsys, verb, "--out", tmp_path / place)
    assert tree_of(tmp_path) == before


def test_the_root_of_the_system_is_refused(capsys, monkeypatch, tmp_path):
    no_sampling(monkeypatch)
    assert "not a run folder" in refused(capsys, "run", "--out", tmp_path.anchor)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work otherwise here")
def test_a_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path, capsys, monkeypatch):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    no_sampling(monkeypatch)
    tmp_path.chmod(0o555)
    try:
        assert "cannot be written" in refused(capsys, "run", "--out", tmp_path / "out")
    finally:
        tmp_path.chmod(0o755)


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path, capsys, monkeypatch):
    from forecast.errors import OutputError
    from forecast.fits import kept as cache

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "file"))
    import xarray as xr

    with pytest.raises(OutputError, match="cannot be written"):
        cache.store("k", xr.DataTree(), {})
    assert cache.load("k") is None


# --- names

NAMES = [
    "<script>alert(1)</script>",
    '"quoted" & <img src=x onerror=alert(2)>',
    "two\nlines",
    '=HYPERLINK("http://example.org")',
    r"$\frac{1$",
    "模型 ~ naïve ~ 🦙",
    "-->]]><b>",
]


def test_names_of_models_are_escaped_everywhere(tmp_path, monkeypatch, capsys):
    """The fits of the shipped table stand in: only the names are looked at here."""
    import csv
    import functools

    from sampling import SHORT

    from forecast.runs import pipeline

    table = tmp_path / "<i>mine.csv"
    with table.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADER.split(","))
        for index in range(48):
            year, month = 2018 + index // 6, 1 + 2 * (index % 6)
            name = f"{NAMES[index % len(NAMES)]} {index}"
            writer.writerow([name, "Nobody", f"{year}-{month:02}-03", "Language", f"{1e10 * 1.2**index:.0f}", "Likely"])
    fits = {}
    short_run()
    real = pipeline.fit_members

    def stand_in(requests, *args, **named):
        shipped = pipeline.read_inputs(RESOURCES["public_text"]).data
        found = real([dataclasses.replace(r, data=shipped) for r in requests], *args, **named)
        fits["now"] = [dataclasses.replace(f, data=r.data) for f, r in zip(found, requests, strict=True)]
        return fits["now"]

    monkeypatch.setattr(pipeline, "fit_members", stand_in)
    monkeypatch.setattr(pipeline, "Options", functools.partial(pipeline.Options, sampling=SHORT))
    out = tmp_path / "out"
    with passing():
        assert main(["report", str(scenario_file()), "--models", str(table), "--draws", "400", "--out", str(out)]) == 0
    assert "Traceback" not in capsys.readouterr().err
    document = json.loads((out / "forecast.json").read_text(encoding="utf-8"))
    names = {row["model"] for row in document["consumption"]["record"]["rows"]}
    assert any("<script>" in name for name in names)
    for file in (out / "report.html", out / "appendix.html", *(out / "figures").glob("*.svg")):
        # The explorer's own two elements, of which nothing comes from a name.
        text = re.sub(
            r"<script(?: type=\"application/json\" id=\"explorer-data\")?>.*?</script>",
            "",
            file.read_text(encoding="utf-8"),
            flags=re.DOTALL,
        )
        for tag in ("<script", "<img", "<b>", "<i>"):
            assert tag not in text, f"{tag} in {file.name}"
    assert html.escape("<i>mine.csv") in (out / "appendix.html").read_text(encoding="utf-8")


# --- kills


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_at_any_moment_the_old_folder_or_the_new_one_is_there(tmp_path):
    """SIGKILL at 12 moments spread over a report that replaces a run folder, most of them near its end."""
    out = tmp_path / "out"
    short_run()
    line = command_line("report", scenario_file(), "--draws", 400, "--quiet", "--out", out)
    for _ in range(2):  # the first one keeps its pictures; those that are killed take as long as the second
        begin = time.monotonic()
        assert subprocess.run(line, env=environment(), capture_output=True, check=False).returncode == 0
        whole = time.monotonic() - begin
    moments = random.Random(20260822)
    # One in each part: no gap between two is longer than the longest that as many more at random would leave.
    delays = [(place + moments.random()) / 5 * whole for place in range(5)]
    delays += [(0.75 + 0.35 * (place + moments.random()) / 7) * whole for place in range(7)]
    replaced = 0
    for delay in delays:
        before = tree_of(out)
        with subprocess.Popen(
            line, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(delay)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert manifest_holds(out)
        after = tree_of(out)
        assert set(after) == set(before)
        replaced += after != before
        left = [path.name for path in tmp_path.iterdir() if path.name != "out"]
        assert len(left) <= 1, "what one killed run left, not what all of them left"
    assert 0 <= replaced < len(delays)
    assert subprocess.run(line, env=environment(), capture_output=True, check=False).returncode == 0
    assert manifest_holds(out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_while_a_report_is_written_nothing_is_half_there(tmp_path):
    """The same near the swap alone: each child holds a finished forecast and writes it again and again."""
    from forecast.report import write_report

    out = tmp_path / "out"
    run = short_run()
    write_report(run, out)
    run.save(tmp_path / "source")
    code = (
        "import sys; from forecast.runs.forecast import Forecast; from forecast.report import write_report\n"
        "run = Forecast.load(sys.argv[1]); print('ready', flush=True)\n"
        "while True: write_report(run, sys.argv[2])"
    )
    moments = random.Random(3)
    for _ in range(3):
        line = [sys.executable, "-c", code, str(tmp_path / "source"), str(out)]
        with subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moments.uniform(0.2, 2.0))
            process.kill()
        assert manifest_holds(out)
    write_report(run, out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "source"]


def test_sampling_of_no_draws_is_not_a_default():
    """A guard for the tests themselves: the short sampling must never become what users get."""
    assert Sampling().chains * Sampling().draws >= 4000
