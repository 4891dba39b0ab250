"""Stored results: whole, read back, and stale where a hash no longer fits."""

import json

import pytest
from forecast.ingest.code_hash import code_hash, meaning
from forecast.ingest.results import MADE_FROM, inputs_of, made_from, store, stored

from forecast.errors import InputError, MissingFileError, UnknownNameError
from forecast.ingest import results


def test_a_result_comes_back_as_it_was_and_fits(tmp_path):
    content = {"rows": [{"year": 2029.5, "never": None}]}
    path = store("table", content, {"data": "a", "code": "b"}, directory=tmp_path)
    found = stored("table", {"code": "b", "data": "a"}, directory=tmp_path)
    assert path == tmp_path / "table.json"
    assert found.content == content
    assert not found.stale
    assert "fits" in found.sentence()
    assert path.stat().st_mode & 0o444 == 0o444  # others may read what is shipped


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        ({"data": "A", "code": "b"}, ("data",)),
        ({"data": "a"}, ("code",)),
        ({"data": "a", "code": "b", "more": "c"}, ("more",)),
        ({"data": "A", "code": "B"}, ("code", "data")),
    ],
)
def test_a_changed_lost_or_new_input_makes_it_stale(tmp_path, now, changed):
    store("table", 1, {"data": "a", "code": "b"}, directory=tmp_path)
    found = stored("table", now, directory=tmp_path)
    assert found.stale
    assert found.changed == changed
    assert "make evaluate" in found.sentence()
    assert found.content == 1  # stale, not gone


def test_what_is_missing_or_broken_says_what_to_run(tmp_path):
    with pytest.raises(MissingFileError, match="make evaluate"):
        stored("table", {}, directory=tmp_path)
    for text in ("", "[]", '{"schema": "result/0"}', '{"schema": "result/1"}'):
        (tmp_path / "table.json").write_text(text)
        with pytest.raises(InputError, match="make evaluate"):
            stored("table", {}, directory=tmp_path)


@pytest.mark.parametrize("content", [float("nan"), float("inf"), {1, 2}, object()])
def test_what_json_cannot_hold_is_refused_and_nothing_is_written(tmp_path, content):
    with pytest.raises(InputError):
        store("table", content, {}, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../escape", "", "a b", "a/b", "a.json"])
def test_a_name_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(InputError):
        store(name, 1, {}, directory=tmp_path)


def test_comments_docstrings_and_layout_do_not_make_a_result_stale():
    one = '"""Module."""\n\nRATE = 0.5\n"""What a rate is."""\n\n\ndef f(x):\n    """Say."""\n    return x + 1  # why\n'
    two = "RATE = 0.5\ndef f(x):\n  return x + 1\n"
    assert meaning(one) == meaning(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("RATE = 0.5", "RATE = 0.6"),
        ("a = b\n-c", "a = b - c"),
        ("s = 'text'", "s = 'other'"),
        ("if a:\n    b\nc", "if a:\n    b\n    c"),
        ("x = (1,)", "x = (1)"),
        ("s = f'{a}'", "s = f'{b}'"),
    ],
)
def test_what_the_code_does_makes_it_stale(one, two):
    assert meaning(one) != meaning(two)


def test_hashes_name_what_they_are_of(monkeypatch):
    found = inputs_of(["claims"], ["priors.py"], {"scenario": "x"})
    assert set(found) == {"table claims", "code priors.py", "scenario", "version"}
    assert found["code priors.py"] != code_hash("seeds.py")
    assert inputs_of(["claims"], ["priors.py"], {"scenario": "y"})["scenario"] != found["scenario"]
    with pytest.raises(MissingFileError):
        code_hash("no_such_room")
    with pytest.raises(UnknownNameError):
        made_from("variant")


def test_everything_that_is_stored_names_tables_and_code_that_exist():
    for name in MADE_FROM:
        found = made_from(name)
        assert all(len(value) == 64 for key, value in found.items() if key != "version")
        assert "version" in found


def test_shipped_results_can_be_read():
    folder = results.data_directory() / results.FOLDER
    for path in folder.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["name"] == path.stem
        assert path.stem in MADE_FROM
        assert stored(path.stem, {}).content
