"""Runs side by side and runs made again: nothing moves by itself, a part alone has the whole move, edits are found."""

from __future__ import annotations

import dataclasses
import json

import pytest
from sampling import SHORT, command, passing, passing_run, scenario_file, short_run

import forecast as fc
from forecast.cli.main import main
from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.report.verify import verify
from forecast.runs import inputs
from forecast.runs.compare import PARTS, compare
from forecast.runs.folder import write_manifest
from forecast.runs.forecast import Forecast
from forecast.runs.rerun import rerun_plan
from forecast.scenarios.record import recorded, recorded_in, restored


def other_run(**how) -> Forecast:
    """Return a run beside the short one, from the fits that this has made."""
    from forecast.runs.pipeline import run

    short_run()
    scenario = how.pop("scenario", None) or fc.scenario.load(scenario_file())
    return run(scenario, **({"draws": 400, "jobs": 1, "sampling": SHORT} | how))


def changed(run: Forecast) -> tuple[Forecast, dict]:
    document = json.loads(run.to_json())
    return dataclasses.replace(run, document=document), document


# --- what a run records


@pytest.mark.parametrize("name", fc.scenario.names())
def test_a_recorded_scenario_comes_back_the_same(name):
    scenario = fc.scenario.load(name)
    back = restored(json.loads(json.dumps(recorded(scenario))))
    assert back == scenario
    assert back.digest() == scenario.digest()


def test_a_scenario_changed_in_python_comes_back_too():
    scenario = fc.scenario.load("baseline").replace(repetition=(2, 8)).without(["people"])
    assert restored(json.loads(json.dumps(recorded(scenario)))) == scenario


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (("levers", "quality", "quantities", "usable_share"), {"median": -0.2}),
        (("levers", "quality", "quantities", "usable_share"), {"median": float("nan")}),
        (("levers", "quality", "quantities", "usable_share"), {"sd_low": -0.1}),
        (("levers", "quality", "quantities", "usable_share"), {"sd_high": float("nan")}),
        (("levers", "quality", "quantities", "usable_share"), {"lower": 0.9, "upper": 0.1}),
        (("levers", "quality", "quantities", "usable_share"), {"upper": 2.0}),
        (("levers", "quality", "quantities", "start"), {"sd_low": 0.1}),
        (("levers", "access", "quantities", "compliance_now"), {"sd_low": 0.0, "sd_high": 0.0, "median": 1.5}),
        (("raw",), {"median": 0.0, "sd_low": 0.0, "sd_high": 0.0}),
        (("idle", "synthetic", "choices"), {"regime": "sorcery"}),
        (("idle", "synthetic", "choices"), {"magic": "none"}),
        (("levers", "repetition", "quantities"), {"passes": None}),
        (("levers",), {"sorcery": {"quantities": {}, "choices": {}, "sources": {}}}),
    ],
)
def test_a_recorded_value_is_held_against_what_is_possible(place, changes):
    record = json.loads(json.dumps(recorded(fc.scenario.load("baseline"))))
    record["raw"] = {"median": 1e15, "sd_low": 0.1, "sd_high": 0.1, "lower": 1.0, "upper": 1e30}
    assert restored(record).raw is not None
    at = record
    for key in place:
        at = at[key]
    if changes == {"passes": None}:  # the same said in two ways
        changes = {"passes": at["epochs"]}
    at.update(changes)
    with pytest.raises((InputError, UnknownNameError)):
        restored(record)


def test_a_run_records_enough_to_be_made_again():
    found = rerun_plan(passing_run().document)
    assert not isinstance(found, str)
    assert found.scenario == recorded_in(passing_run().document)
    assert found.options.sampling == SHORT
    assert found.options.draws == 400
    assert found.obstacle() is None


def test_a_run_that_cannot_be_made_again_says_why():
    made, document = changed(passing_run())
    document["provenance"]["data"][0]["sha256"] = "0" * 64
    assert "another hash" in rerun_plan(made.document).obstacle()
    document["provenance"]["options"]["seed"] = document["provenance"]["seed"] = 77
    document["provenance"]["data"] = passing_run().document["provenance"]["data"]
    assert "fits are not kept" in rerun_plan(made.document).obstacle()
    document["provenance"]["options"]["models"] = "nowhere.csv"
    assert "nowhere.csv is opened only when given again (add --models FILE)" in rerun_plan(made.document).obstacle()
    assert "nowhere.csv is not here" in rerun_plan(made.document, ["nowhere.csv"]).obstacle()
    document["provenance"]["scenario_sha256"] = "0" * 64
    assert "does not have the recorded hash" in rerun_plan(made.document)
    del document["provenance"]["options"]
    assert "has not recorded" in rerun_plan(made.document)


def test_a_table_that_a_run_names_is_opened_only_when_it_is_given_again(tmp_path, monkeypatch):
    """And is found by its hash, whatever its name is by now."""
    from forecast.core.files import sha256_of
    from forecast.ingest.catalog import table

    mine = tmp_path / "mine.csv"
    mine.write_bytes(table("epoch_models").path.read_bytes() + b"\n")
    made, document = changed(passing_run())
    document["provenance"]["options"]["models"] = str(mine)
    own = {"table": "mine.csv", "sha256": sha256_of(mine)}
    document["provenance"]["data"] = [own, *document["provenance"]["data"]]
    with monkeypatch.context() as patched:
        patched.setattr("forecast.runs.rerun.read_inputs", lambda *_: pytest.fail("the table was opened"))
        assert "add --models" in rerun_plan(made.document).obstacle(sampling=True)
    mine.rename(tmp_path / "renamed.csv")
    assert rerun_plan(made.document, [tmp_path / "renamed.csv"]).obstacle(sampling=True) is None
    (tmp_path / "renamed.csv").write_bytes((tmp_path / "renamed.csv").read_bytes() + b"\n")
    assert "another hash" in rerun_plan(made.document, [tmp_path / "renamed.csv"]).obstacle(sampling=True)


# --- compare


def test_a_run_against_itself_is_all_zeros(tmp_path):
    passing_run().save(tmp_path / "run")
    for found in (fc.compare(tmp_path / "run", tmp_path / "run"), compare(passing_run(), passing_run())):
        assert found.changes == ()
        assert [move.name for move in found.moves] == ["total", *PARTS]
        assert all(move.median_years == 0 and move.probability == 0 for move in found.moves)
    assert json.loads(json.dumps(found.to_dict()))["changes"] == []


def test_the_scenario_alone_has_the_whole_move():
    base = fc.scenario.load(scenario_file())
    other = other_run(scenario=base.replace(repetition=(3, 6), quality=(0.15, 0.45)))
    found = compare(short_run(), other)
    assert {change.part for change in found.changes} == {"scenario"}
    assert found.total.median_years > 0
    assert found.move("scenario").median_years == found.total.median_years
    assert found.move("scenario").probability == pytest.approx(found.total.probability)
    assert found.move("data").median_years == found.move("model").median_years == 0
    assert found.move("together").median_years == pytest.approx(0)
    pieces = [move for move in found.moves if move.name.startswith("scenario.")]
    assert [piece.name for piece in pieces] == ["scenario.levers.quality", "scenario.levers.repetition"]
    assert all(0 < piece.median_years < found.total.median_years for piece in pieces)
    back = compare(other, short_run())
    assert back.total.median_years == -found.total.median_years
    assert back.move("scenario").median_years == pytest.approx(-found.total.median_years)


def test_a_part_that_moves_the_answer_beyond_the_horizon_leaves_nothing_to_the_rest():
    one, first = changed(short_run())
    two, second = changed(short_run())
    first["exhaustion_year"]["median"], second["exhaustion_year"]["median"] = 2030.0, None
    for document in (first, second):
        del document["provenance"]["scenario"]
    second["as_of"] = "2027-01-01"
    found = compare(one, two)
    assert found.move("data").median_years == found.total.median_years == float("inf")
    assert found.to_dict()["moves"][0]["moves_median_by_years"] is None


def test_parts_and_what_they_do_together_make_up_the_whole_move():
    base = fc.scenario.load(scenario_file())
    fewer = dataclasses.replace(base.replace(quality=(0.5, 0.9)), members=("damped",))
    found = compare(short_run(), other_run(scenario=fewer, draws=200))
    assert {change.part for change in found.changes} == {"scenario", "model"}
    assert [change.setting for change in found.changes if change.part == "model"] == ["members", "draws"]
    parts = [found.move(name) for name in (*PARTS, "together")]
    assert all(move.known for move in parts)
    assert sum(move.median_years for move in parts) == pytest.approx(found.total.median_years)
    assert sum(move.probability for move in parts) == pytest.approx(found.total.probability)
    assert found.move("scenario").median_years > 0


def test_what_cannot_be_made_again_is_said_and_not_guessed():
    made, document = changed(short_run())
    document["provenance"]["data"][0]["sha256"] = "0" * 64
    document["provenance"]["seed"] = 78
    document["exhaustion_year"]["median"] += 1
    found = compare(short_run(), made)
    assert {change.part for change in found.changes} == {"data", "model"}
    for part in ("data", "model"):
        assert not found.move(part).known
        assert "not separated" in found.move(part).how
    assert "kept" in found.move("model").how
    assert found.total.median_years == pytest.approx(1)
    assert found.move("together").median_years == pytest.approx(1)
    assert found.to_dict()["moves"][1]["moves_median_by_years"] is None


def test_data_of_another_day_alone_have_the_whole_move_as_recorded():
    made, document = changed(short_run())
    document["provenance"]["data"][0]["sha256"] = "0" * 64
    document["exhaustion_year"]["median"] += 1
    one, two = (json.loads(json.dumps(run.document)) for run in (short_run(), made))
    for each in (one, two):
        del each["provenance"]["scenario"]
    found = compare(dataclasses.replace(made, document=one), dataclasses.replace(made, document=two))
    assert found.move("data").median_years == pytest.approx(1)
    assert "nothing else differs" in found.move("data").how


def test_another_code_is_told_apart_from_the_rest():
    old, document = changed(short_run())
    document["provenance"]["code_sha256"] = "0" * 64
    document["exhaustion_year"]["median"] -= 2
    found = compare(old, short_run())
    assert found.move("code").median_years == pytest.approx(2)
    assert found.move("together").median_years == pytest.approx(0)
    back = compare(short_run(), old)
    assert not back.move("code").known
    assert "not the ones here" in back.move("code").how


def test_two_resources_are_not_compared():
    made, document = changed(short_run())
    document["resource"] = "code"
    with pytest.raises(InputError, match="one resource"):
        compare(short_run(), made)


def test_the_command_line_compares(tmp_path, capsys):
    short_run().save(tmp_path / "one")
    assert main(["compare", str(tmp_path / "one"), str(tmp_path / "one")]) == 0
    assert "Nothing differs." in capsys.readouterr().out
    assert main(["compare", str(tmp_path / "one"), str(tmp_path / "one"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [move["moves_median_by_years"] for move in said["moves"]] == [0, 0, 0, 0]
    assert main(["compare", str(tmp_path / "one"), str(tmp_path / "none")]) == 2


def test_results_show_themselves_with_every_name_escaped():
    scenario = dataclasses.replace(fc.scenario.load("baseline"), name="<script>", description="<b>")
    card = scenario._repr_html_()
    assert "&lt;script&gt;" in card
    assert "<script" not in card
    assert "levers.quality.usable_share" in card
    made, document = changed(short_run())
    document["scenario"] = "<script>"
    card = compare(made, short_run())._repr_html_()
    assert "&lt;script&gt;" in card
    assert "<script" not in card


# --- verify


@pytest.fixture
def folder(tmp_path):
    with passing():
        passing_run().save(tmp_path / "run")
        yield tmp_path / "run"


def findings(folder) -> dict[str, bool | None]:
    return {finding.name: finding.holds for finding in verify(folder, jobs=1).findings}


def test_a_run_that_is_looked_at_is_made_from_its_tables_again(folder, monkeypatch):
    """What is kept of them may be what made the run."""
    read, asked = inputs._read_inputs, []
    monkeypatch.setattr(inputs, "_read_inputs", lambda *given: asked.append(given) or read(*given))
    rerun_plan(fc.load(folder).document).obstacle()
    before = len(asked)
    assert verify(folder, jobs=1).holds
    assert len(asked) == before + 1


def test_a_run_holds(folder):
    found = verify(folder, jobs=1)
    assert found.holds
    assert {f.name for f in found.findings} == {"files", "draws", "versions", "data", "fits", "futures", "numbers"}
    fits = next(f for f in found.findings if f.name == "fits")
    assert fits.holds is None
    assert "kept in the cache" in fits.sentence
    assert {f.name: f.status for f in found.files} == dict.fromkeys(
        (
            "manifest.json",
            "forecast.json",
            "posterior/damped.nc",
            "posterior/windowed_exponential.nc",
            "trajectories.nc",
        ),
        "holds",
    )
    document = next(f for f in found.files if f.name == "forecast.json")
    assert "taken on trust: provenance.created" in document.sentence
    said = fc.verify(folder).to_dict()
    assert said["holds"] is True
    assert said["files"][0]["compared_with"] == "the files beside it"


def test_a_draw_edited_in_a_posterior_is_found_though_the_manifest_was_made_anew(folder):
    import h5py

    with h5py.File(folder / "posterior" / "damped.nc", "a") as file:
        file["posterior/jump"][0, 0] *= 0.6
    write_manifest(folder)
    found = verify(folder, jobs=1)
    assert not found.holds
    assert [f.name for f in found.files if f.status == "differs"] == ["posterior/damped.nc"]


@pytest.mark.parametrize("place", ["", "consumption"])
def test_what_stands_beside_the_numbers_of_trajectories_is_compared_too(folder, place):
    import h5py

    with h5py.File(folder / "trajectories.nc", "a") as file:
        (file[place] if place else file).attrs["unit"] = "bananas"
    write_manifest(folder)
    found = verify(folder, jobs=1)
    assert not found.holds
    assert [f.name for f in found.files if f.status == "differs"] == ["trajectories.nc"]


def test_a_file_that_no_run_makes_is_named_as_not_checked(folder):
    (folder / "summary.txt").write_text("12 %", encoding="utf-8")
    write_manifest(folder)
    found = verify(folder, jobs=1)
    assert found.unchecked == ("summary.txt",)
    assert found.holds
    assert "summary.txt" in [f.name for f in found.files if not f.compared_with]


def test_of_a_run_that_cannot_be_made_again_nothing_is_said_to_hold(folder):
    document = json.loads((folder / "forecast.json").read_text(encoding="utf-8"))
    document["provenance"]["options"]["models"] = "/nowhere/mine.csv"
    (folder / "forecast.json").write_text(json.dumps(document), encoding="utf-8")
    write_manifest(folder)
    found = verify(folder, jobs=1)
    assert not found.holds
    assert {f.name for f in found.files if f.status == "holds"} == {"manifest.json"}
    assert all("add --models FILE" in f.sentence for f in found.files[1:])


@pytest.mark.timeout(300)
def test_a_report_edited_along_with_the_manifest_does_not_come_out_again(tmp_path):
    """Figures are left as they were: they hold, made again and compared byte for byte."""
    from forecast.report import write_report

    with passing():
        made = passing_run()
        write_report(made, tmp_path / "run", likelihood="icd203")
        year = (tmp_path / "run" / "report.md").read_text(encoding="utf-8")
        (tmp_path / "run" / "report.md").write_text(year.replace("%", "1%", 1), encoding="utf-8")
        (tmp_path / "run" / "report.pdf").write_bytes((tmp_path / "run" / "report.pdf").read_bytes() + b"x")
        table = tmp_path / "run" / "figures" / "definitions.csv"
        table.write_text(table.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
        write_manifest(tmp_path / "run")
        found = verify(tmp_path / "run", jobs=1)
    assert all(finding.holds is not False for finding in found.findings)
    assert not found.holds
    differing = {f.name for f in found.files if f.status == "differs"}
    assert differing == {"report.md", "report.pdf", "figures/definitions.csv"}
    assert found.unchecked == ()
    assert {"report.html", "figures/definitions.svg"} <= {f.name for f in found.files if f.status == "holds"}


def test_an_edited_a_missing_and_a_foreign_file_are_found(folder):
    path = folder / "posterior" / "damped.nc"
    path.write_bytes(path.read_bytes() + b"x")
    assert findings(folder)["files"] is False
    path.unlink()
    (folder / "extra.txt").write_text("x", encoding="utf-8")
    sentence = verify(folder, jobs=1).findings[0].sentence
    assert "posterior/damped.nc is missing" in sentence
    assert "extra.txt is not listed" in sentence


@pytest.mark.parametrize(
    ("place", "finding"),
    [
        (("exhaustion_year", "median"), "draws"),
        (("exhaustion_year", "probability_by", "2030"), "draws"),
        (("stock", "effective", "2030", "median"), "numbers"),
        (("definitions", 0, "exhaustion_year", "median"), "numbers"),
    ],
)
def test_an_edited_number_is_found_though_the_manifest_was_made_anew(folder, place, finding):
    document = json.loads((folder / "forecast.json").read_text(encoding="utf-8"))
    part = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] *= 0.999
    (folder / "forecast.json").write_text(json.dumps(document), encoding="utf-8")
    write_manifest(folder)
    found = findings(folder)
    assert found["files"] is True
    assert found[finding] is False
    assert found["numbers"] is False


def test_draws_edited_along_with_the_document_do_not_come_out_again(tmp_path):
    run = passing_run()
    moved = dataclasses.replace(run, exhaustion_year=run.exhaustion_year + 0.5)
    from forecast.runs.document import exhaustion_block

    moved, document = changed(moved)
    year = document["exhaustion_year"]
    document["exhaustion_year"] = {
        **year,
        **{k: v for k, v in exhaustion_block(moved.exhaustion_year, as_of=2026.9, horizon=2100).items() if k in year},
    }
    del document["headline"]  # as in runs of 0.1.0: there is no sentence to hold against the numbers
    moved.save(tmp_path / "run")
    with passing():
        found = {finding.name: finding for finding in verify(tmp_path / "run", jobs=1).findings}
    assert found["draws"].holds is True
    assert found["futures"].holds is False
    assert "by up to 0.5 years" in found["futures"].sentence


def test_other_versions_are_told_and_decide_nothing(folder):
    document = json.loads((folder / "forecast.json").read_text(encoding="utf-8"))
    document["provenance"]["packages"]["numpy"] = "0.1"
    document["provenance"]["code_sha256"] = "0" * 64
    (folder / "forecast.json").write_text(json.dumps(document), encoding="utf-8")
    write_manifest(folder)
    found = verify(folder, jobs=1)
    assert found.holds
    told = next(finding for finding in found.findings if finding.name == "versions")
    assert told.holds is None
    assert "numpy 0.1" in told.sentence
    assert "other fingerprints of this package" in told.sentence


def test_other_data_and_a_damaged_run_do_not_hold(folder):
    document = json.loads((folder / "forecast.json").read_text(encoding="utf-8"))
    document["provenance"]["data"][0]["sha256"] = "0" * 64
    (folder / "forecast.json").write_text(json.dumps(document), encoding="utf-8")
    write_manifest(folder)
    assert findings(folder)["again"] is False
    (folder / "trajectories.nc").write_bytes(b"damaged")
    assert findings(folder)["reading"] is False


def test_the_command_line_says_no_with_exit_code_1(folder, tmp_path):
    assert command("verify", folder, "--quiet").returncode == 0
    (folder / "forecast.json").write_bytes((folder / "forecast.json").read_bytes() + b"\n")
    done = command("verify", folder, "--json")
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert said["holds"] is False
    assert "forecast.json was changed" in said["findings"][0]["sentence"]
    assert {"name", "status", "compared_with", "sentence"} == set(said["files"][0])
    assert "differs" in {file["status"] for file in said["files"] if file["name"] == "forecast.json"}
    missing = command("verify", tmp_path / "none")
    assert missing.returncode == 2
    with pytest.raises(MissingFileError):
        verify(tmp_path / "none")
