"""Rows of one's own beside the table: what they do to the data, to a forecast, and to its record."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sampling import SCENARIO, SHORT, command, passing, scenario_file

import forecast as fc
from forecast.core.resources import RESOURCES
from forecast.core.units import decimal_year
from forecast.errors import InputError
from forecast.ingest.added_rows import ADDED, AddedRow, added_rows
from forecast.ingest.models import load_models
from forecast.runs.headline import scenario_words
from forecast.runs.inputs import read_inputs
from forecast.runs.pipeline import Options
from forecast.runs.rerun import rerun_plan

TEXT = RESOURCES["public_text"]
ROW = ("Model X", "2026-12-01", 1e14)
HOW = {"draws": 200, "jobs": 1, "sampling": SHORT}


# --- rows, however they are given


@pytest.mark.parametrize(
    "given",
    [
        "Model X,2026-12-01,1e14",
        ROW,
        [ROW],
        [("Model X", dt.date(2026, 12, 1), 100_000_000_000_000)],
        ["Model X", pd.Timestamp("2026-12-01"), 1e14],
        pd.DataFrame([ROW], columns=["model", "date", "tokens"]),
        [AddedRow(*ROW)],
    ],
    ids=lambda given: type(given).__name__,
)
def test_a_row_is_the_same_however_it_is_given(given):
    assert added_rows(given) == (AddedRow(*ROW),)


def test_a_name_may_hold_commas():
    assert added_rows("Model X, large,2026-12-01,1e14")[0].model == "Model X, large"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Model X,2026-12-01", "write all three"),
        (",2026-12-01,1e14", "name the model"),
        ("Model X,soon,1e14", "got the date 'soon', expected YYYY-MM-DD"),
        ("Model X,2026-12-01,-3", "got '-3' tokens of Model X, expected a positive number"),
        ("Model X,2026-12-01,many", "got 'many' tokens"),
        ("Model X,2026-12-01,1e30", "the size is larger than any possible training set"),
        ("Model X,2036-12-01,1e14", "dated by 2031-09-22 at the latest"),
        ("Inkling,2026-12-01,1e14", "a model that the table does not have yet: choose another name for it"),
        ("gpt-4 (mar 2023),2026-12-01,1e14", "a model that the table does not have yet"),
        ([ROW, ROW], "two rows named Model X"),
    ],
)
def test_a_row_that_cannot_be_used_is_one_of_our_errors(row, told):
    with pytest.raises(InputError) as caught:
        read_inputs(TEXT, add=added_rows(row))
    assert told in str(caught.value)


def test_only_text_is_counted_in_tokens():
    with pytest.raises(InputError, match=r"a row to add to .*image"):
        read_inputs(RESOURCES["images"], add=added_rows(ROW))


# --- what it does to the data


def test_a_row_is_read_as_one_of_a_table_of_model_date_and_tokens(tmp_path):
    """The same row at the end of a table of the user's own gives the same size, error and half-year."""
    day = "2026-09-01"
    table = pd.DataFrame([("A", "2024-02-01", 1e13), ("B", "2025-03-01", 2e13), ("X", day, 9e13)])
    table.to_csv(tmp_path / "all.csv", index=False, header=["model", "date", "tokens"])
    table[:2].to_csv(tmp_path / "two.csv", index=False, header=["model", "date", "tokens"])
    whole = read_inputs(TEXT, tmp_path / "all.csv").data
    added = read_inputs(TEXT, tmp_path / "two.csv", add=added_rows(("X", day, 9e13))).data
    assert added == whole


def test_a_later_row_moves_the_date_and_nothing_else():
    before, after = read_inputs(TEXT), read_inputs(TEXT, add=added_rows(ROW))
    assert after.data.as_of == decimal_year("2026-12-01") > before.data.as_of
    gone = [row for row in before.rows if row not in after.rows]
    assert [row["model"] for row in after.rows if row not in before.rows] == ["Model X"]
    assert len(gone) == 1, "of the largest of its half-year it takes the place of the last"
    assert gone[0]["year"] > 2026.49
    assert after.sources[:-1] == before.sources
    assert after.sources[-1]["table"] == ADDED
    assert after.sources[-1]["snapshot"] == "2026-12-01"
    assert after.data.exposure.sum() > before.data.exposure.sum()
    added = next(row["log10_size"] for row in after.rows if row["model"] == "Model X")
    assert after.data.record() == pytest.approx(max(before.data.record(), added), abs=1e-4)


def test_an_earlier_row_leaves_the_date():
    before, after = read_inputs(TEXT), read_inputs(TEXT, add=added_rows(("X", "2026-03-01", 5e13)))
    assert after.data.as_of == before.data.as_of
    assert after.data.digest() != before.data.digest()


def test_a_row_later_than_the_date_that_was_asked_for_is_refused():
    with pytest.raises(InputError, match="in a forecast as of 2025-06-30, expected a row of an earlier day"):
        read_inputs(TEXT, None, "2025-06-30", added_rows(ROW))
    assert read_inputs(TEXT, None, "2025-06-30", added_rows(("X", "2025-05-01", 5e13))).data.as_of < 2025.5


def test_rows_are_recorded_and_without_any_nothing_is():
    assert "add" not in Options().recorded()
    assert dataclasses.replace(Options(seed=3, add=added_rows(ROW)), add=()) == Options(seed=3)
    assert Options(add=added_rows(ROW)).recorded()["add"] == [list(ROW)]
    assert json.loads(json.dumps(Options(add=added_rows(ROW)).recorded()))["add"] == [list(ROW)]


# --- what it does to a forecast


@pytest.fixture(scope="module")
def scenario(tmp_path_factory) -> Path:
    """One growth model, so that a row costs one short fit."""
    path = tmp_path_factory.mktemp("scenario") / "alone.toml"
    path.write_text(SCENARIO.replace('"damped", "windowed_exponential"', '"damped"'), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def before(scenario) -> fc.Forecast:
    with passing():
        return fc.run(scenario, **HOW)


@pytest.fixture(scope="module")
def updated(before) -> fc.Forecast:
    with passing():
        return before.update(add=[ROW], jobs=1)


def test_an_update_is_the_run_with_the_row(scenario, before, updated):
    with passing():
        direct = fc.run(scenario, add=[ROW], **HOW)
    assert np.array_equal(direct.exhaustion_year, updated.exhaustion_year)
    assert not np.array_equal(updated.exhaustion_year, before.exhaustion_year)
    assert updated.document["as_of"] == "2026-12-01"


def test_a_larger_record_brings_the_date_forward_and_it_says_by_how_much(before, updated):
    block = updated.document["previous"]
    assert block["moved_by_years"] == pytest.approx(updated.median() - before.median(), abs=1e-3)
    assert updated.median() < before.median()
    assert any("added Model X, 2026-12-01, 1e+14 tokens" in reason for reason in block["because"])
    assert any("data as of 2026-12-01 instead of" in reason for reason in block["because"])
    assert updated.moved().startswith("against the same forecast without the row, data as of")
    assert before.moved() is None


def test_the_record_and_the_sentence_name_the_row(updated):
    document = updated.document
    assert document["provenance"]["options"]["add"] == [list(ROW)]
    assert ADDED in [entry["table"] for entry in document["provenance"]["data"]]
    assert scenario_words(document).startswith(", with Model X (100 trillion tokens, 1 December 2026) added to them")
    assert "with Model X (100 trillion tokens, 1 December 2026) added" in document["sentence"]
    assert document["headline"]["growth_range"] is None, "what is stored speaks of the shipped rows alone"


def test_a_further_row_comes_on_top(updated):
    plan = rerun_plan(updated.document)
    assert plan.options.add == (AddedRow(*ROW),)
    assert plan.obstacle(sampling=True) is None
    with pytest.raises(InputError, match="two rows named Model X"):
        updated.update(add=[ROW])
    with pytest.raises(InputError, match="got no row to add"):
        updated.update(add=[])


def test_such_a_run_is_made_again_and_verified(updated, tmp_path):
    folder = updated.save(tmp_path / "out")
    with passing():
        found = fc.verify(folder, jobs=1)
    said = {finding.name: finding for finding in found.findings}
    assert said["futures"].holds, said["futures"].sentence
    assert said["numbers"].holds, said["numbers"].sentence
    assert found.holds
    # Another row under the same hash is not what the run was made from.
    document = json.loads((folder / "forecast.json").read_text(encoding="utf-8"))
    document["provenance"]["options"]["add"][0][2] = 2e14
    assert "with another hash" in rerun_plan(document).obstacle(sampling=True)


def test_the_command_says_what_it_moved(scenario, updated, tmp_path):
    row = "Model X,2026-12-01,1e14"
    done = command("run", scenario, "--draws", 200, "--jobs", 1, "--quiet", "--add", row, "--out", tmp_path / "o")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Added: Model X, 2026-12-01, 1e+14 tokens. Data as of 2026-12-01 instead of 2026-09-22."
    assert lines[1].startswith("Median 20")
    again = fc.load(tmp_path / "o")
    assert np.array_equal(again.exhaustion_year, updated.exhaustion_year)
    assert again.document["previous"] == updated.document["previous"]


def test_a_command_with_a_row_that_is_none_writes_nothing(tmp_path):
    done = command("run", scenario_file(), "--add", "Model X,1e14", "--out", tmp_path / "o")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "expected a model, its date and its tokens" in done.stderr
    assert not (tmp_path / "o").exists()


# --- tables and dates as they lie in memory


def test_a_data_frame_is_read_as_its_file_is(scenario, tmp_path):
    table = load_models()
    table.to_csv(tmp_path / "mine.csv", index=False)
    with passing():
        by_file = fc.run(scenario, models=tmp_path / "mine.csv", **HOW)
        in_memory = fc.run(scenario, models=table, as_of=None, horizon=dt.date(2100, 6, 1), **HOW)
    assert np.array_equal(by_file.exhaustion_year, in_memory.exhaustion_year)
    made = in_memory.document["provenance"]
    assert made["options"]["models"] == "data_frame.csv"
    by_path = by_file.document["provenance"]["data"]
    assert [entry["sha256"] for entry in made["data"]] == [entry["sha256"] for entry in by_path]
    plan = rerun_plan(in_memory.document, (tmp_path / "mine.csv",))
    assert plan.obstacle(sampling=True) is None
    with pytest.raises(InputError, match="a path or a data frame"):
        fc.run(scenario_file(), models=[1, 2])


@pytest.mark.parametrize("day", [dt.date(2023, 6, 30), pd.Timestamp("2023-06-30"), np.datetime64("2023-06-30")])
def test_a_date_of_any_kind_is_refused_or_taken_as_its_text_is(day):
    for as_of in (day, "2023-06-30"):
        with pytest.raises(InputError, match=r"Model X, 2026-12-01, .* as of 2023-06-30"):
            fc.run(scenario_file(), as_of=as_of, add=ROW)


@pytest.mark.parametrize("horizon", [2050.5, "soon", 2010])
def test_a_horizon_is_a_year(horizon):
    with pytest.raises(InputError):
        fc.run(scenario_file(), horizon=horizon)


def test_one_name_may_be_left_out_without_a_list():
    assert fc.scenario.load("baseline").without("people").leave_out == ("people",)
    with pytest.raises(InputError, match="people to be left out of the estimator indexed_web"):
        fc.run(scenario_file(), leave_out="people")
