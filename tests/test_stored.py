"""Stored results: whole, read back, and stale as soon as anything that made them is not what it was."""

import dataclasses
import json

import pytest

from forecast.core import fingerprints
from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.evaluate import EVALUATIONS, evaluation, store
from forecast.ingest import catalog, stored
from forecast.ingest.stored import read

SETTINGS = {"sampling": {"draws": 10}, "scenario": "a"}


@pytest.fixture
def kept(tmp_path):
    """Store a result of the variants, made from one table and one fit."""
    store.keep("variants", 1, fits=["ab" * 20], tables=["claims"], settings=SETTINGS, directory=tmp_path)
    return tmp_path


def test_a_result_comes_back_as_it_was_and_fits(tmp_path):
    content = {"rows": [{"year": 2029.5, "never": None}]}
    path = store.keep("variants", content, settings=SETTINGS, directory=tmp_path)
    found = read("variants", dict(reversed(SETTINGS.items())), directory=tmp_path)
    assert path == tmp_path / "variants.json"
    assert found.content == content
    assert not found.stale
    assert "fits the data and the code in use" in found.sentence()
    assert path.stat().st_mode & 0o444 == 0o444  # others may read what is shipped


def test_a_result_records_what_made_it(kept):
    inputs = read("variants", SETTINGS, directory=kept).inputs
    assert inputs["fits"] == "abababababab"
    assert inputs["tables"] == {"claims": catalog.table("claims").sha256}
    assert inputs["evaluation"] == EVALUATIONS["variants"].version
    assert {"core/streams", "growth/mixture", "run/passage", "members/damped"} <= set(inputs["fingerprints"])


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        ({**SETTINGS, "scenario": "b"}, ("scenario",)),
        ({"scenario": "a"}, ("sampling",)),
        ({**SETTINGS, "worlds": 3}, ("worlds",)),
        ({"sampling": {"draws": 11}, "scenario": "a"}, ("sampling",)),
    ],
)
def test_a_changed_lost_or_new_setting_makes_it_stale(kept, now, changed):
    found = read("variants", now, directory=kept)
    assert found.changed == changed
    assert "make evaluate" in found.sentence()
    assert found.content == 1  # stale, not gone


def test_a_changed_default_seed_makes_it_stale_at_once(kept, monkeypatch):
    monkeypatch.setattr(stored, "DEFAULT_SEED", 1)
    assert read("variants", SETTINGS, directory=kept).changed == ("the default seed",)


@pytest.mark.parametrize(
    ("part", "version", "changed"),
    [
        ("core/streams", 2, ("core/streams",)),
        ("growth/mixture", 2, ("growth/mixture",)),
        ("evaluations/variants", 2, ("the evaluation",)),
        ("evaluations/origins", 2, ()),
        ("members/new", 1, ()),
    ],
)
def test_a_new_version_makes_stale_what_it_concerns_and_a_new_part_nothing(kept, monkeypatch, part, version, changed):
    known = {**fingerprints.kept(), part: {"version": version, "sha256": "0" * 64}}
    monkeypatch.setattr(fingerprints, "kept", lambda: known)
    assert read("variants", SETTINGS, directory=kept).changed == changed


def test_a_part_that_gives_something_else_or_is_gone_makes_it_stale(kept, monkeypatch):
    known = dict(fingerprints.kept())
    known["run/passage"] = {**known["run/passage"], "sha256": "0" * 64}
    del known["levers/quality"]
    monkeypatch.setattr(fingerprints, "kept", lambda: known)
    assert set(read("variants", SETTINGS, directory=kept).changed) == {"run/passage", "levers/quality"}


def test_a_changed_or_lost_table_makes_it_stale_and_a_release_does_not(kept, monkeypatch):
    monkeypatch.setattr("forecast.__version__", "9.9.9")
    assert not read("variants", SETTINGS, directory=kept).stale
    monkeypatch.setattr(stored, "tables", lambda: tuple(each for each in catalog.tables() if each.name != "claims"))
    assert read("variants", SETTINGS, directory=kept).changed == ("table claims",)


def test_a_table_that_no_package_carries_is_compared_where_it_is(tmp_path, monkeypatch):
    if not catalog.unlicensed():
        pytest.skip("the package is installed")
    store.keep("variants", 1, tables=["technology_frontiers_unlicensed"], settings=SETTINGS, directory=tmp_path)
    assert not read("variants", SETTINGS, directory=tmp_path).stale
    (entry,) = catalog.unlicensed()
    monkeypatch.setattr(stored, "unlicensed", lambda: (dataclasses.replace(entry, sha256="0"),))
    assert read("variants", SETTINGS, directory=tmp_path).changed == ("table technology_frontiers_unlicensed",)
    monkeypatch.setattr(stored, "unlicensed", tuple)
    assert not read("variants", SETTINGS, directory=tmp_path).stale


def test_a_sentence_names_a_few_changes_and_counts_the_rest(kept, monkeypatch):
    count = len(store.inputs("variants")["fingerprints"])
    monkeypatch.setattr(fingerprints, "marks", dict)
    sentence = read("variants", SETTINGS, directory=kept).sentence()
    assert sentence.count("/") < 10
    assert f"and {count - 4} more changed since" in sentence


def test_what_is_missing_or_broken_says_what_to_run(tmp_path):
    with pytest.raises(MissingFileError, match="make evaluate"):
        read("table", {}, directory=tmp_path)
    for text in ("", "[]", '{"schema": "result/1"}', '{"schema": "result/2"}', '{"schema": "result/2", "inputs": 1}'):
        (tmp_path / "table.json").write_text(text)
        with pytest.raises(InputError, match="make evaluate"):
            read("table", {}, directory=tmp_path)


@pytest.mark.parametrize("content", [float("nan"), float("inf"), {1, 2}, object()])
def test_what_json_cannot_hold_is_refused_and_nothing_is_written(tmp_path, content):
    with pytest.raises(InputError):
        store.keep("variants", content, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../escape", "", "a b", "a/b", "a.json"])
def test_a_name_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(InputError):
        stored.path_of(name, tmp_path)


def test_what_an_evaluation_touches_is_noted_even_where_it_was_read_before(tmp_path, monkeypatch):
    from forecast.production.tables import rows

    rows("world_population")
    monkeypatch.setattr(store, "evaluation", lambda _: lambda **_: len(rows("world_population")))
    store.make("variants", lambda _: None, directory=tmp_path)
    assert set(read("variants", None, directory=tmp_path).inputs["tables"]) == {"world_population"}


def test_what_cannot_concern_an_evaluation_is_a_part_or_a_group_that_exists():
    groups = {name.partition("/")[0] for name in fingerprints.kept()}
    for name, entry in EVALUATIONS.items():
        assert set(entry.without) <= (groups - {"core"}) | set(fingerprints.kept())
        told = fingerprints.kept()[f"{fingerprints.EVALUATIONS}/{name}"].get("without", ())
        assert sorted(entry.without) == list(told), "whoever reads a result knows, too"


def test_what_cannot_concern_a_result_does_not_make_it_stale(monkeypatch):
    marks = fingerprints.marks()
    monkeypatch.setattr(fingerprints, "marks", lambda: {**marks, "laboratory/yield": "9:moved"})
    moved = {"fingerprints": {"laboratory/yield": marks["laboratory/yield"]}}
    for name, changed in (("lessons", ()), ("synthetic_worth", ("laboratory/yield",))):
        assert stored.changed_since(name, stored.read(name, None).inputs | moved, None) == changed
    assert "laboratory/replace" in fingerprints.kept()
    assert "laboratory/replace" not in EVALUATIONS["lessons"].without
    with pytest.raises(UnknownNameError):
        evaluation("variant")


def test_shipped_results_can_be_read_and_belong_to_an_evaluation():
    folder = stored.data_directory() / stored.FOLDER
    for path in folder.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["name"] == path.stem
        assert path.stem in EVALUATIONS
        assert read(path.stem, None).content
