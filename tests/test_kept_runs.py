"""Whole runs that are kept: found for the same question alone, copied as they are, and never in the way."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from types import SimpleNamespace

import pytest
from sampling import passing_folder

import forecast as fc
from forecast.core.manifest import write_manifest
from forecast.fits import kept_parts
from forecast.fits.sampling import Sampling
from forecast.runs import kept_runs

GIVEN = {"horizon": 2100, "seed": 1, "draws": 4000, "models": None, "add": None, "scheduler": None, "sample": False}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept_runs, "MOST", 2)


@pytest.fixture
def key():
    found = kept_runs.key_of("baseline", GIVEN)
    kept_runs.keep(found, passing_folder())
    return found


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*.nc")}


def test_a_kept_run_is_the_run_but_for_when_and_how_it_was_asked_for(key, tmp_path):
    folder, document = kept_runs.find(key, tmp_path / "out", "forecast run again")
    assert kept_runs.copy_to(tmp_path / "out", folder, document)
    right, found = fc.load(passing_folder()), fc.load(tmp_path / "out")
    assert bytes_of(tmp_path / "out") == bytes_of(passing_folder())
    assert found.provenance["command"] == "forecast run again"
    assert found.provenance["created"] >= right.provenance["created"]
    for document in (right.document, found.document):
        document["provenance"] |= {"command": "", "created": ""}
    assert found.document == right.document
    assert found == right


def test_a_kept_run_as_a_forecast_writes_the_same_folder(key, tmp_path):
    made = kept_runs.forecast_in(*kept_runs.find(key, tmp_path / "out", "forecast report"))
    right = fc.load(passing_folder())
    assert made.posterior.keys() == right.posterior.keys()
    made.save(tmp_path / "out")
    assert bytes_of(tmp_path / "out") == bytes_of(passing_folder())
    name = next(iter(made.posterior))
    assert made.posterior[name].equals(right.posterior[name])
    assert kept_runs.as_read_back(right) == right


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2}, {"draws": 3000}, {"horizon": 2090}, {"as_of": "2026-01-01"}, {"resource": "images"},
        {"leave_out": ["indexed_web"]},
    ],
)  # fmt: skip
def test_another_question_has_another_key(other):
    assert kept_runs.key_of("baseline", GIVEN | other) not in (None, kept_runs.key_of("baseline", GIVEN))


@pytest.mark.parametrize(
    "other", [{"models": "own.csv"}, {"add": ["X,2026-01-01,1e14"]}, {"scheduler": "tcp://a:1"}, {"sample": True}]
)
def test_what_the_key_cannot_hold_has_none(other):
    assert kept_runs.key_of("baseline", GIVEN | other) is None


def test_a_scenario_file_is_known_by_its_text(tmp_path):
    path, keys = tmp_path / "mine.toml", []
    for text in (
        'extends = "baseline"\n',
        'extends = "closed_web"\n',
        'title = "Mine"\n',
        'extends = "other.toml"\n',
        "=",
    ):
        path.write_text(text)
        keys.append(kept_runs.key_of(str(path), GIVEN))
    assert len({*keys[:3]} - {None}) == 3
    assert keys[3:] == [None, None], "a chain of files is not followed"
    assert kept_runs.key_of("baseline+closed_web", GIVEN) != kept_runs.key_of("closed_web", GIVEN)
    assert kept_runs.key_of(str(tmp_path / "absent.toml"), GIVEN) is None


def test_other_code_tables_days_or_lengths_of_sampling_have_other_keys(monkeypatch):
    before = kept_runs.key_of("baseline", GIVEN)
    with monkeypatch.context() as patched:
        patched.setattr(kept_parts, "made_by", lambda: "other files")
        assert kept_runs.key_of("baseline", GIVEN) != before
    with monkeypatch.context() as patched:
        patched.setattr(kept_runs.dt, "date", SimpleNamespace(today=lambda: date(2030, 1, 1)))
        assert kept_runs.key_of("baseline", GIVEN) != before, "a row may lie ahead today and not tomorrow"
    monkeypatch.setattr(kept_runs, "Sampling", lambda: Sampling(chains=2))
    assert kept_runs.key_of("baseline", GIVEN) != before


def test_other_libraries_make_it_again(key, tmp_path, monkeypatch):
    monkeypatch.setattr(kept_runs, "versions", lambda names: dict.fromkeys(names, "another"))
    assert kept_runs.find(key, tmp_path / "out", "") is None


@pytest.mark.parametrize("name", ["forecast.json", "trajectories.nc", "posterior/damped.nc", "manifest.json"])
@pytest.mark.parametrize("how", ["cut", "gone"])
def test_what_is_damaged_is_not_found(name, how, key, tmp_path):
    path = tmp_path / "cache" / "runs" / key / name
    path.write_bytes(path.read_bytes()[:-9]) if how == "cut" else path.unlink()
    assert kept_runs.find(key, tmp_path / "out", "") is None
    kept_runs.keep(key, passing_folder())
    assert kept_runs.find(key, tmp_path / "out", "") is not None


def test_where_another_run_lies_the_new_one_is_made_and_compared(key, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(passing_folder(), out)
    document = json.loads((out / "forecast.json").read_text())
    document["previous"] = {"run": "an earlier one", "moved_by_years": 0.5, "because": ["new rows"]}
    (out / "forecast.json").write_text(json.dumps(document))
    _, found = kept_runs.find(key, out, "")
    assert found["previous"] == document["previous"], "the same run: what moved it to where it was still holds"
    document["as_of"] = "2020-01-01"
    (out / "forecast.json").write_text(json.dumps(document))
    assert kept_runs.find(key, out, "") is None
    (out / "forecast.json").write_text("{}")
    assert kept_runs.find(key, out, "") is None


def test_draws_that_are_others_are_compared(key, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(passing_folder(), out)
    assert kept_runs.find(key, out, "") is not None
    (out / "trajectories.nc").write_bytes(b"others")
    assert kept_runs.find(key, out, "") is None


def test_a_folder_with_a_report_is_left_to_the_run(key, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(passing_folder(), out)
    (out / "report.html").write_text("a page")
    write_manifest(out)
    assert not kept_runs.copy_to(out, *kept_runs.find(key, out, ""))
    assert (out / "report.html").read_text() == "a page"


def test_a_run_with_parts_of_ones_own_is_not_kept(tmp_path):
    shutil.copytree(passing_folder(), tmp_path / "own")
    path = tmp_path / "own" / "forecast.json"
    document = json.loads(path.read_text())
    document["provenance"]["parts"] = [{"name": "mine"}]
    path.write_text(json.dumps(document))
    kept_runs.keep("a" * 40, tmp_path / "own")
    assert not (tmp_path / "cache" / "runs").exists()


def test_the_oldest_go_first_and_all_are_cleared(tmp_path):
    for number, name in enumerate("abc"):
        kept_runs.keep(name * 40, passing_folder())
        os.utime(tmp_path / "cache" / "runs" / (name * 40), (number, number))
    kept_runs.keep("d" * 40, passing_folder())
    assert sorted(path.name[0] for path in (tmp_path / "cache" / "runs").iterdir()) == ["c", "d"]
    assert kept_runs.clear() == 2
    assert not (tmp_path / "cache" / "runs").exists()


def test_what_an_ended_process_left_is_removed_and_counts_for_nothing(tmp_path):
    words = """
import os, pathlib, sys
from forecast.core.folders import swapped_folder
with swapped_folder(pathlib.Path(sys.argv[1])) as temporary:
    (temporary / "trajectories.nc").write_text("half of it")
    os._exit(0)
"""
    runs = tmp_path / "cache" / "runs"
    for tidied in (lambda: kept_runs.keep("b" * 40, passing_folder()), kept_runs.clear):
        subprocess.run([sys.executable, "-c", words, str(runs / ("a" * 40))], check=True)
        assert len(list(runs.glob(".*"))) == 1
        tidied()
        assert not list(runs.glob(".*"))


def test_a_folder_of_somebody_else_in_the_cache_stays(key, tmp_path):
    theirs = tmp_path / "cache" / "runs" / key
    (theirs / "notes.txt").write_text("mine")
    (theirs / "manifest.json").unlink()
    assert kept_runs.find(key, tmp_path / "out", "") is None
    kept_runs.keep(key, passing_folder())
    assert kept_runs.clear() == 0
    assert (theirs / "notes.txt").read_text() == "mine"


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "cache").write_text("a file where the cache would be")
    kept_runs.keep("a" * 40, passing_folder())
    assert kept_runs.find("a" * 40, tmp_path / "out", "") is None


def test_notes_and_warnings_are_heard_and_progress_is_not():
    said = []
    for words, heard in (("fitting", False), ("note: one row is left out", True)):
        told = kept_runs.Told(said.append, said.append)
        told.tell(words)
        assert told.something is heard
    told.warn("fewer draws")
    assert told.something
    assert said == ["fitting", "note: one row is left out", "fewer draws"]


def typed(folder, *words):
    """Return what a command prints, and whether it loaded pandas."""
    line = [sys.executable, "-X", "importtime", "-m", "forecast.cli.main", *words, "--quiet"]
    done = subprocess.run(line, capture_output=True, text=True, cwd=folder, check=True)
    return done.stdout, " pandas" in done.stderr


def test_the_second_run_is_the_first_one(tmp_path):
    first, second = typed(tmp_path, "run", "--out", "a"), typed(tmp_path, "run", "--out", "b")
    assert first[0].replace("to a", "to b") == second[0]
    assert (first[1], second[1]) == (True, False), "nothing is computed, so that nothing that computes is loaded"
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


@pytest.mark.slow
def test_a_report_of_a_kept_run_is_that_of_a_run_to_the_letter(tmp_path):
    for folder in ("a", "b"):
        typed(tmp_path, "report", "--out", folder)
    assert len(list((tmp_path / "cache" / "runs").iterdir())) == 1
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    pages = [re.sub(r"T\d\d:\d\d:\d\d", "", (tmp_path / folder / "report.md").read_text()) for folder in ("a", "b")]
    assert pages[0].replace("--out a", "--out b") == pages[1]
