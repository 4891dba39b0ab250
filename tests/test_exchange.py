"""Exchange: hubs that others can answer, questions for a forecasting site, tables; what is written reads back as it was."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import sys
from importlib.resources import files as resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sampling import short_run, tree_of
from test_rounds import made_tables

from forecast.cli.main import main
from forecast.errors import InputError, MissingFileError, OutputError, UnknownNameError
from forecast.evaluate.rounds import files
from forecast.evaluate.rounds.freezing import distribution
from forecast.evaluate.rounds.scoring import resolve, scoreboard
from forecast.exchange import hub as hubs
from forecast.exchange import submissions, tables
from forecast.exchange.metaculus import (
    LARGEST_STEP,
    OUTSIDE,
    POINTS,
    SMALLEST_STEP,
    Range,
    cdf_of_quantiles,
    questions,
    within_rules,
)
from forecast.exchange.tasks import COLUMNS, SAMPLES

ROUND = "2026H2"
FROZEN = files.read(ROUND)
BY_NAME = {question["name"]: question for question in FROZEN["questions"]}
MODEL = "ourlab-quick_guess"


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Path:
    return hubs.to_hub(short_run(), tmp_path_factory.mktemp("exchange") / "hub")


def quantile_rows(name: str, said: dict | None = None) -> list[list[str]]:
    """Rows of an answer in quantiles: by default ours."""
    question = BY_NAME[name]
    where = [FROZEN["frozen"], name, question["resolves"]]
    values = said or question["us"]["quantiles"]
    return [[*where, "quantile", level, f"{value:.8g}"] for level, value in values.items()]


def event_rows(name: str, yes: float) -> list[list[str]]:
    where = [FROZEN["frozen"], name, BY_NAME[name]["resolves"], "pmf"]
    return [[*where, "no", f"{1 - yes:g}"], [*where, "yes", f"{yes:g}"]]


def submit(folder: Path, rows: list[list[str]], *, model: str = MODEL, name: str | None = None) -> Path:
    place = folder / "model-output" / model / (name or f"{FROZEN['frozen']}-{model}.csv")
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([COLUMNS, *rows])
    return place


# --- a hub


def test_a_hub_holds_what_a_hub_has(hub):
    found = {Path(name).parts[0] for name in tree_of(hub)}
    assert found == {"hub-config", "model-metadata", "model-output", "target-data", "README.md"}
    config = json.loads((hub / "hub-config/tasks.json").read_text(encoding="utf-8"))
    assert {one["round_name"] for one in config["rounds"]} >= {FROZEN["frozen"]}
    targets = [
        meta["target_id"] for one in config["rounds"] for task in one["model_tasks"] for meta in task["target_metadata"]
    ]
    assert set(BY_NAME) | {"exhaustion_year", "frontier_2030", "effective_stock_2030"} <= set(targets)
    assert len(targets) == len(set(targets))
    assert max(map(len, targets)) <= 30  # of the layout
    for path in (hub / "model-output").rglob("*.csv"):
        assert path.name[10:] == f"-{path.parent.name}.csv"
        assert (hub / "model-metadata" / f"{path.parent.name}.yml").is_file()


def test_what_everybody_said_stands_in_the_columns_of_model_output(hub):
    """The published column schema: every row is of a task, in a form that the task asks for, at one of its points."""
    config = json.loads((hub / "hub-config/tasks.json").read_text(encoding="utf-8"))
    asked = {}
    for one in config["rounds"]:
        for task in one["model_tasks"]:
            (origin,), (target,), (date,) = (task["task_ids"][name]["optional"] for name in COLUMNS[:3])
            asked[origin, target, date] = task["output_type"]
    types = set()
    for path in (hub / "model-output").rglob("*.csv"):
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        assert list(rows[0]) == list(COLUMNS)
        for row in rows:
            form = asked[row["origin_date"], row["target"], row["target_date"]][row["output_type"]]
            types.add(row["output_type"])
            if row["output_type"] == "sample":
                assert 1 <= int(row["output_type_id"]) <= form["output_type_id_params"]["max_samples_per_task"]
            else:
                points = form["output_type_id"]["required"]
                assert row["output_type_id"] in [point if isinstance(point, str) else f"{point:g}" for point in points]
            assert float(row["value"]) >= form["value"]["minimum"]
            assert float(row["value"]) <= form["value"].get("maximum", np.inf)
    assert types == {"quantile", "cdf", "sample", "pmf"}


def test_the_forecast_in_a_hub_is_the_forecast(hub):
    made = short_run()
    (path,) = (p for p in (hub / "model-output").rglob("*.csv") if p.parent.name not in about_rounds())
    table = pd.read_csv(path, dtype={"output_type_id": str})
    year = table[table["target"] == "exhaustion_year"].groupby("output_type")
    levels = year.get_group("quantile")
    assert levels["value"].to_numpy() == pytest.approx(made.quantile([float(p) for p in levels["output_type_id"]]))
    points = year.get_group("cdf")
    assert points["value"].to_numpy() == pytest.approx(made.cdf([float(p) for p in points["output_type_id"]]), abs=1e-8)
    assert np.sort(year.get_group("sample")["value"]) == pytest.approx(
        np.sort(made.exhaustion_year)
    )  # 400: all of them
    frontier = table[(table["target"] == "frontier_2030") & (table["output_type"] == "sample")]["value"]
    assert frontier.to_numpy() == pytest.approx(made.consumption_at(2030).values, rel=1e-6)


def about_rounds() -> set[str]:
    return {"datadepletion-baseline", *(f"rivals-{name}" for name in FROZEN["rivals"])}


def test_the_official_reader_reads_a_hub(hub):
    hubdata = pytest.importorskip("hubdata", reason="hubdata is not installed: it comes with the extra dev")
    table = hubdata.connect_hub(hub.resolve()).to_table().to_pandas()
    assert set(table["output_type"]) == {"quantile", "cdf", "sample", "pmf"}
    assert about_rounds() <= set(table["model_id"])
    ours = table[(table["model_id"] == "datadepletion-baseline") & (table["target"] == "largest_human_2028")]
    said = dict(zip(ours["output_type_id"], ours["value"], strict=True))
    assert said == pytest.approx(BY_NAME["largest_human_2028"]["us"]["quantiles"], rel=1e-6)
    sizes = table.groupby("output_type").size()
    assert sizes["pmf"] == 2 * sum(
        1 + len(q["rivals"]) for q in FROZEN["questions"] if q["us"]["probability"] is not None
    )


def test_a_hub_is_brought_up_to_date_around_what_others_put_there(tmp_path):
    hubs.to_hub(None, tmp_path / "hub")
    place = submit(tmp_path / "hub", quantile_rows("largest_human_2028"))
    before = place.read_bytes()
    hubs.to_hub(short_run(), tmp_path / "hub")
    assert place.read_bytes() == before
    config = json.loads((tmp_path / "hub/hub-config/tasks.json").read_text(encoding="utf-8"))
    assert "exhaustion_year" in json.dumps(config)
    hubs.to_hub(None, tmp_path / "hub")  # a round of an earlier day stays known
    again = json.loads((tmp_path / "hub/hub-config/tasks.json").read_text(encoding="utf-8"))
    assert {one["round_name"] for one in again["rounds"]} == {one["round_name"] for one in config["rounds"]}


def test_who_publishes_a_hub_is_nobody_invented_and_stays_as_its_publisher_says(tmp_path):
    hubs.to_hub(None, tmp_path / "hub")
    place = tmp_path / "hub/hub-config/admin.json"
    admin = json.loads(place.read_text(encoding="utf-8"))
    citation = (Path(__file__).parents[1] / "CITATION.cff").read_text(encoding="utf-8")
    assert f'name: "{admin["maintainer"]}"' in citation
    assert admin["contact"] == {"name": admin["maintainer"]}
    assert "@" not in place.read_text(encoding="utf-8")
    said = {"contact": {"name": "A team", "email": "team@example.org"}, "repository": {"owner": "team", "name": "hub"}}
    place.write_text(json.dumps({**admin, **said, "timezone": "US/Eastern"}), encoding="utf-8")
    hubs.to_hub(None, tmp_path / "hub")
    assert json.loads(place.read_text(encoding="utf-8")) == {**admin, **said}


def test_a_hub_goes_nowhere_else(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="something else"):
        hubs.to_hub(None, tmp_path)
    with pytest.raises(OutputError, match="no folder"):
        hubs.to_hub(None, tmp_path / "notes.txt")
    assert tree_of(tmp_path) == {"notes.txt": b"mine"}


def test_what_has_resolved_is_target_data():
    came = dict.fromkeys(BY_NAME) | {"largest_human_2026": 4e13, "any_run_above_100T_2026": 1.0}
    text = hubs.hub_files([{**FROZEN, "came": came}], None)
    rows = list(csv.reader(io.StringIO(text["target-data/oracle-output.csv"])))
    assert rows[0] == ["target_date", "target", "output_type", "output_type_id", "oracle_value"]
    assert ["2026-12-31", "largest_human_2026", "quantile", "NA", "4e+13"] in rows
    assert ["2026-12-31", "any_run_above_100T_2026", "pmf", "yes", "1"] in rows
    assert ["2026-12-31", "any_run_above_100T_2026", "pmf", "no", "0"] in rows
    assert len(rows) == 1 + 2 + 2
    assert len(text["target-data/time-series.csv"].splitlines()) == 3


# --- submissions


def test_a_submission_that_repeats_ours_gets_our_score(tmp_path):
    """Scored by the same code: the same numbers, the same score, beside the rivals."""
    rows = [row for name, q in BY_NAME.items() if q["us"]["probability"] is None for row in quantile_rows(name)]
    rows += [
        row
        for name, q in BY_NAME.items()
        if q["us"]["probability"] is not None
        for row in event_rows(name, q["us"]["probability"])
    ]
    path = submit(tmp_path, rows)
    (found,) = submissions.submissions(tmp_path)
    assert (found.model, found.round, found.problem) == (MODEL, ROUND, None)
    assert found.answers == submissions.read_submission(path, FROZEN)
    merged = submissions.with_submissions(FROZEN, [found])
    tables_then = dataclasses.replace(made_tables(), as_of="2099-01-01")
    kept = {
        name: {"value": 1.0 if q["us"]["probability"] is not None else q["us"]["quantiles"]["0.9"], "rows": []}
        for name, q in BY_NAME.items()
    }
    scored = resolve(merged, tables_then, kept)
    alone = resolve(FROZEN, tables_then, kept)
    for one, without in zip(scored["questions"], alone["questions"], strict=True):
        assert one["scores"][MODEL] == pytest.approx(one["scores"]["us"], rel=1e-6)
        assert one["scores"].items() >= without["scores"].items()
    line = next(row for row in scoreboard([scored]) if row["against"] == MODEL and row["measure"] == "largest_run")
    assert line["ratio"] == pytest.approx(1, rel=1e-6)
    assert line["n"] == 8


def test_samples_are_read_as_ours_were_and_parts_may_be_left_out(tmp_path):
    draws = np.random.default_rng(3).lognormal(np.log(1e14), 1, 500)
    where = [FROZEN["frozen"], "largest_human_2028", "2028-12-31", "sample"]
    path = submit(tmp_path, [[*where, str(n), repr(float(v))] for n, v in enumerate(draws)])
    assert submissions.read_submission(path, FROZEN) == {"largest_human_2028": distribution(draws, event=False)}
    parquet = path.with_suffix(".parquet")
    table = pd.read_csv(path)
    table["origin_date"] = pd.to_datetime(table["origin_date"]).dt.date
    table.to_parquet(parquet)
    assert submissions.read_submission(parquet, FROZEN) == submissions.read_submission(path, FROZEN)


def changed(rows: list[list[str]], column: str, value: str, at: int = 0) -> list[list[str]]:
    place = COLUMNS.index(column)
    return [[*row[:place], value, *row[place + 1 :]] if n == at else row for n, row in enumerate(rows)]


GOOD = quantile_rows("largest_human_2028")

BAD = {
    "another round": ([[*("2026-11-28",), *row[1:]] for row in GOOD], "origin_date"),
    "no such question": (changed(GOOD, "target", "largest_humans_2028"), "did you mean 'largest_human_2028'"),
    "another day": (changed(GOOD, "target_date", "2027-12-31"), "2028-12-31"),
    "another form": (changed(GOOD, "output_type", "median"), "quantile or sample"),
    "a level missing": (GOOD[1:], "without the level 0.01"),
    "a level twice": ([*GOOD, GOOD[0]], "twice"),
    "a level that is none": (changed(GOOD, "output_type_id", "low"), "no number"),
    "quantiles that cross": (changed(GOOD, "value", "9e15"), "cross"),
    "a word": (changed(GOOD, "value", "many"), "'many' in row 2"),
    "infinite": (changed(GOOD, "value", "inf", at=len(GOOD) - 1), "'inf'"),
    "below zero": (changed(GOOD, "value", "-1"), "above 0"),
    "log10 of nothing": (changed(GOOD, "value", "0"), "above 0"),
    "a share above one": (changed(quantile_rows("closed_share_2028"), "value", "1.5", at=22), "0 to 1"),
    "no complement": (event_rows("any_run_above_100T_2028", 0.4)[:1], "no and yes, once each"),
    "a sum of two": (changed(event_rows("any_run_above_100T_2028", 0.4), "value", "1"), "sum to 1.4"),
    "few samples": (
        [[*row[:3], "sample", str(n), row[5]] for n, row in enumerate(GOOD)],
        f"{SAMPLES[0]} to {SAMPLES[1]}",
    ),
    "nothing": ([], "at least one answer"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_submission_that_cannot_be_scored_is_told_why(fault, tmp_path):
    rows, words = BAD[fault]
    path = submit(tmp_path, rows)
    with pytest.raises((InputError, UnknownNameError), match="expected") as error:
        submissions.read_submission(path, FROZEN)
    assert words in str(error.value)
    (found,) = submissions.submissions(tmp_path)
    assert found.problem == str(error.value)
    assert found.answers == {}


@pytest.mark.parametrize(
    ("model", "name", "words"),
    [
        ("ourlab", None, "TEAM-MODEL"),
        ("our lab-guess", None, "TEAM-MODEL"),
        (MODEL, f"2026-01-01-{MODEL}.csv", "the day of a round"),
        ("otherlab-guess", f"{FROZEN['frozen']}-{MODEL}.csv", "move the file"),
    ],
)
def test_a_file_is_named_by_round_and_model(model, name, words, tmp_path):
    submit(tmp_path, GOOD, model=model, name=name)
    (found,) = submissions.submissions(tmp_path)
    assert words in found.problem


def test_our_own_names_are_taken(tmp_path):
    path = submit(tmp_path, GOOD, model="rivals-quantile")
    assert submissions.submissions(tmp_path) == []
    with pytest.raises(InputError, match="choose another name"):
        submissions.read_submission(path, FROZEN)
    with pytest.raises(MissingFileError, match="export hub"):
        submissions.submissions(tmp_path / "elsewhere")


def test_a_round_is_answered_once(tmp_path):
    path = submit(tmp_path, GOOD)
    pd.read_csv(path, dtype=str).to_parquet(path.with_suffix(".parquet"))
    first, second = submissions.submissions(tmp_path)
    assert first.problem is None
    assert "one file for each round" in second.problem
    assert list(submissions.with_submissions(FROZEN, [first, second])["questions"][2]["rivals"])[-1] == MODEL


def test_columns_are_those_of_model_output(tmp_path):
    path = submit(tmp_path, GOOD)
    path.write_text(path.read_text(encoding="utf-8").replace("output_type_id", "quantile"), encoding="utf-8")
    with pytest.raises(InputError, match="rename, add or drop columns"):
        submissions.read_submission(path, FROZEN)
    path.write_bytes(b"\xff\xfe\x00broken")
    with pytest.raises(InputError, match="cannot be read"):
        submissions.read_submission(path, FROZEN)


def test_the_command_checks_and_scores_a_hub(tmp_path, capsys):
    hubs.to_hub(None, tmp_path / "hub")
    assert main(["rounds", "check", str(tmp_path / "hub")]) == 0
    assert "No submission" in capsys.readouterr().out
    good = submit(tmp_path / "hub", GOOD)
    assert main(["rounds", "check", str(tmp_path / "hub"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is True
    assert told["submissions"][0] == {"model": MODEL, "file": str(good), "round": ROUND, "answers": 1, "problem": None}
    submit(tmp_path / "hub", GOOD[1:], model="otherlab-guess")
    assert main(["rounds", "check", str(tmp_path / "hub")]) == 1
    assert "without the level 0.01" in capsys.readouterr().out
    assert main(["rounds", "check", str(good)]) == 0
    capsys.readouterr()
    assert main(["rounds", "score", ROUND, "--hub", str(tmp_path / "hub"), "--json"]) == 0
    out, err = capsys.readouterr()
    (scored,) = json.loads(out)["rounds"]
    assert MODEL in next(q for q in scored["questions"] if q["name"] == "largest_human_2028")["scores"]
    assert MODEL not in next(q for q in scored["questions"] if q["name"] == "closed_share_2028")["scores"]
    assert "left out" in err
    assert "otherlab-guess" in err


# --- a forecasting site


def keeps_the_rules(cdf: np.ndarray, of: Range) -> bool:
    """The checks of the site's public code, on numbers rounded as there."""
    cdf = np.round(cdf, 10)
    steps = np.round(np.diff(cdf), 9)
    low = cdf[0] >= OUTSIDE if of.open_low else cdf[0] == 0
    high = cdf[-1] <= 1 - OUTSIDE if of.open_high else cdf[-1] == 1
    return bool(
        len(cdf) == POINTS
        and (steps >= round(SMALLEST_STEP, 9)).all()
        and (steps <= LARGEST_STEP).all()
        and low
        and high
    )


@pytest.mark.parametrize("open_low", [True, False])
@pytest.mark.parametrize("open_high", [True, False])
@pytest.mark.parametrize("shape", ["smooth", "one atom", "two atoms", "all below", "all above", "at the first place"])
def test_every_distribution_function_keeps_the_rules(open_low, open_high, shape):
    of = Range(0.0, 1.0, open_low, open_high)
    x = of.places
    cdf = {
        "smooth": x**2 * 0.9 + 0.05,
        "one atom": np.where(x >= 0.3, 1.0, 0.0),
        "two atoms": np.where(x >= 0.9, 1.0, np.where(x >= 0.1, 0.5, 0.0)),
        "all below": np.ones(POINTS),
        "all above": np.zeros(POINTS),
        "at the first place": np.where(x > 0, 1.0, 0.0),
    }[shape]
    assert keeps_the_rules(within_rules(cdf, of), of)


def test_a_smooth_function_hardly_changes_and_an_atom_stays_where_it_is():
    of = Range(0.0, 1.0)
    smooth = 0.01 + 0.98 * of.places
    assert np.abs(within_rules(smooth, of) - smooth).max() < 0.002
    atom = within_rules(np.where(of.places >= 0.3, 0.99, 0.01), of)
    near = np.interp([0.27, 0.33], of.places, atom)
    assert near[1] - near[0] > 0.95
    assert np.interp(0.3, of.places, atom) == pytest.approx(0.5, abs=0.15)


def test_the_places_are_those_of_the_sites_scaling():
    """The published formula: min + (max - min) (r^u - 1) / (r - 1), with r = (max - zero) / (min - zero)."""
    u = np.linspace(0, 1, POINTS)
    for low, high, zero in ((3e13, 6e14, 0.0), (0.0, 3000.0, -1.0)):
        r = (high - zero) / (low - zero)
        assert Range(low, high, zero_point=zero).places == pytest.approx(
            low + (high - low) * (r**u - 1) / (r - 1), rel=1e-12, abs=1e-9
        )
    assert Range(-40, 110).places[[0, 100, 200]].tolist() == [-40, 35, 110]


def test_frozen_quantiles_turn_into_the_function_that_is_scored():
    said = BY_NAME["largest_human_2028"]["us"]["quantiles"]
    values = np.array(list(said.values()))
    inner = [level for level, value in said.items() if (values == value).sum() == 1][1:-1]
    found = cdf_of_quantiles(said, np.array([said[level] for level in inner]), logarithmic=True)
    assert found == pytest.approx([float(level) for level in inner])


def test_questions_have_text_rule_range_and_function():
    made = questions(short_run(), FROZEN)
    assert len(made["questions"]) == 1 + len(BY_NAME)
    for entry in made["questions"]:
        question, said = entry["question"], entry["forecast"]
        assert question["title"].endswith("?")
        assert len(question["title"]) < 120
        assert question["resolution_criteria"].startswith("Resolves ")
        assert question["scheduled_close_time"] <= question["scheduled_resolve_time"]
        assert said["question"] is None
        assert ("continuous_cdf" in said) == (question["type"] in ("numeric", "date"))
        if question["type"] == "binary":
            assert OUTSIDE <= said["probability_yes"] <= 1 - OUTSIDE
            continue
        scaling = question["scaling"]
        of = Range(
            scaling["range_min"],
            scaling["range_max"],
            question["open_lower_bound"],
            question["open_upper_bound"],
            scaling["zero_point"],
        )
        assert keeps_the_rules(np.array(said["continuous_cdf"]), of)
    for name in BY_NAME:
        assert any(f"Question {name} of" in entry["question"]["description"] for entry in made["questions"])


def test_the_date_question_says_what_the_forecast_says():
    made = short_run()
    entry = questions(made, FROZEN)["questions"][0]
    scaling = entry["question"]["scaling"]
    seconds = np.linspace(scaling["range_min"], scaling["range_max"], POINTS)
    of_2031 = float(
        np.interp(pd.Timestamp("2031-01-01", tz="UTC").timestamp(), seconds, entry["forecast"]["continuous_cdf"])
    )
    assert of_2031 == pytest.approx(made.cdf(2031), abs=0.02)
    assert entry["largest_change"] < 0.02


def test_the_rules_leave_a_function_that_is_smooth_enough_alone():
    """What a question's function says at each place differs by no more than is told, and by little where nothing is cut."""
    for entry in questions(None, FROZEN)["questions"]:
        said = BY_NAME[entry["question"]["description"].split()[1]]["us"]["quantiles"]
        if not said:
            continue
        scaling, cdf = entry["question"]["scaling"], np.array(entry["forecast"]["continuous_cdf"])
        places = Range(scaling["range_min"], scaling["range_max"], zero_point=scaling["zero_point"]).places
        scale = next(q["scale"] for q in BY_NAME.values() if q["us"]["quantiles"] == said)
        own = cdf_of_quantiles(said, places, logarithmic=scale == "log10")
        assert np.abs(cdf - own)[1:].max() <= entry["largest_change"] + 1e-6
        if np.diff(own, prepend=0).max() < 0.19:
            assert entry["largest_change"] < 0.012


# --- tables


def test_a_csv_reads_back_as_the_futures(tmp_path):
    made = short_run()
    path = tables.to_csv(made, tmp_path / "f.csv")
    table = pd.read_csv(path)
    assert len(table) == len(made.exhaustion_year)
    assert table["exhaustion_year"].to_numpy() == pytest.approx(made.exhaustion_year)
    assert table["exhaustion_year"].median() == pytest.approx(made.median(), abs=0.5)
    assert table["frontier_2030"].to_numpy() == pytest.approx(made.consumption_at(2030).values)
    assert set(table["member"]) == {"damped", "windowed_exponential"}
    told = json.loads((tmp_path / "f.schema.json").read_text(encoding="utf-8"))
    assert [field["name"] for field in told["fields"]] == list(table)
    units = {field["name"]: field["unit"] for field in told["fields"]}
    assert units["frontier_2030"] == "tokens"
    assert units["exhaustion_year"] == "decimal year"
    assert all(field["description"] for field in told["fields"])
    assert any("Epoch AI" in line for line in told["source"])


def test_parquet_holds_the_same_with_its_units(tmp_path):
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: it comes with the extra tables")
    made = short_run()
    path = tables.to_parquet(made, tmp_path / "f.parquet", years=[2028])
    table = pd.read_parquet(path)
    expected = tables.draws(made, [2028])
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)
    schema = pq.read_schema(path)
    assert schema.field("stock_2028").metadata[b"unit"] == b"tokens"
    assert b"Epoch AI" in schema.metadata[b"source"]


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"data-depletion\[tables\]"):
        tables.to_parquet(short_run(), tmp_path / "f.parquet")
    assert not list(tmp_path.iterdir())


# --- commands


def test_the_commands_write_what_they_say(tmp_path, capsys):
    made = short_run().save(tmp_path / "run")
    for form, out in (("hub", "hub"), ("metaculus", "m.json"), ("csv", "f.csv"), ("parquet", "f.parquet")):
        assert main(["export", form, str(made), "--out", str(tmp_path / out), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["out"] == str(tmp_path / out)
        assert all(Path(name).is_file() for name in told["files"])
    assert json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))["schema"] == "metaculus/1"


@pytest.mark.parametrize("form", ["metaculus", "csv", "parquet"])
def test_nothing_of_theirs_is_replaced(form, tmp_path, capsys):
    (tmp_path / "there").write_text("mine", encoding="utf-8")
    assert main(["export", form, "--out", str(tmp_path / "there")]) == 2
    assert "choose another --out" in capsys.readouterr().err
    assert main(["export", form, str(tmp_path / "no run"), "--out", str(tmp_path / "new")]) == 2
    assert tree_of(tmp_path) == {"there": b"mine"}


def test_the_schema_of_the_document_has_a_stable_address():
    schema = json.loads((resources("forecast") / "forecast.schema.json").read_text(encoding="utf-8"))
    assert schema["$id"] == "forecast/1"
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert "forecast.schema.json" in readme
