"""Scenarios: what they take over, what they change, and every mistake that one can make in them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast import scenario
from forecast.cli.main import main
from forecast.consumption.registry import MEMBERS
from forecast.errors import ForecastError, InputError, MissingFileError, UnknownNameError
from forecast.levers import LEVERS
from forecast.nouns import RESOURCES

CHANGED = """\
extends = "baseline"
title = "Other hands"
[levers.repetition]
passes = { q05 = 2.0, q95 = 8.0 }
source = "judgement: an example"
[consumption]
members = ["damped"]
"""


def write(folder: Path, text: str, name: str = "own.toml") -> Path:
    """Write a scenario file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# --- what a scenario is


@pytest.mark.parametrize("name", scenario.names())
def test_every_shipped_scenario_loads_and_says_what_world_it_is(name):
    world = scenario.load(name)
    assert world.name == name
    assert world.title
    assert len(world.world) > 20
    assert world.resource_name in RESOURCES
    assert set(world.members) <= set(MEMBERS)
    assert set(world.levers) <= set(LEVERS)
    for setting in world.levers.values():
        assert len(setting.source) > 10


def test_the_baseline_comes_first():
    assert scenario.names()[0] == "baseline"


def test_what_a_file_does_not_say_comes_from_what_it_extends(tmp_path):
    base, own = scenario.load("baseline"), scenario.load(write(tmp_path, CHANGED))
    assert (own.name, own.title) == ("own", "Other hands")
    assert own.world == base.world
    assert own.members == ("damped",)
    assert own.levers["quality"] == base.levers["quality"]
    passes = own.levers["repetition"].quantities["passes"]
    assert [float(f"{passes.quantile(p):.3g}") for p in (0.05, 0.95)] == [2.0, 8.0]
    assert own.levers["repetition"].source == "judgement: an example"


def test_without_extends_it_extends_the_baseline_whatever_its_name(tmp_path):
    text = CHANGED.replace('extends = "baseline"\n', "")
    for name in ("own.toml", "baseline.toml"):
        own = scenario.load(write(tmp_path, text, name))
        assert own.title == "Other hands"
        assert own.estimator == scenario.load("baseline").estimator


def test_a_chain_of_files_is_followed_from_where_they_lie(tmp_path):
    (tmp_path / "deeper").mkdir()
    write(tmp_path, CHANGED, "first.toml")
    write(tmp_path / "deeper", 'extends = "../first.toml"\ntitle = "Third"\n', "second.toml")
    own = scenario.load(tmp_path / "deeper" / "second.toml")
    assert (own.title, own.members) == ("Third", ("damped",))


def test_a_quantity_is_replaced_whole(tmp_path):
    fixed = CHANGED.replace("passes = { q05 = 2.0, q95 = 8.0 }", "passes = 3")
    quantity = scenario.load(write(tmp_path, fixed)).levers["repetition"].quantities["passes"]
    assert (quantity.median, quantity.sd_low, quantity.sd_high) == (3.0, 0.0, 0.0)


def test_levers_are_drawn_by_name_and_seed_and_by_nothing_else(tmp_path):
    base, own = scenario.load("baseline"), scenario.load(write(tmp_path, CHANGED))
    draws = base.draw_lever("quality", seed=1, size=500)["usable_share"]
    assert np.array_equal(draws, own.draw_lever("quality", seed=1, size=500)["usable_share"])
    assert not np.array_equal(draws, base.draw_lever("quality", seed=2, size=500)["usable_share"])
    assert ((draws > 0) & (draws <= 1)).all()


# --- replace and digest


def test_replace_sets_a_lever_and_leaves_the_rest():
    base = scenario.load("baseline")
    changed = base.replace(repetition=(2, 8), quality=0.3)
    assert float(changed.levers["repetition"].quantities["passes"].quantile(0.975)) == pytest.approx(8.0, rel=1e-3)
    assert changed.levers["quality"].quantities["usable_share"].median == 0.3
    assert changed.levers["quality"].source == "set by the caller"
    assert changed.members == base.members
    assert base.levers["quality"].source != "set by the caller"


@pytest.mark.parametrize("bad", [{"quality": 1.5}, {"quality": -0.1}, {"quality": 0}, {"repetition": (5, 2)}])
def test_replace_refuses_what_is_impossible(bad):
    with pytest.raises(InputError):
        scenario.load("baseline").replace(**bad)
    with pytest.raises(UnknownNameError, match="did you mean 'quality'"):
        scenario.load("baseline").replace(qualty=0.2)


@given(share=st.floats(0.01, 0.99), passes=st.floats(1.0, 100.0))
def test_the_digest_changes_exactly_with_the_content(share, passes):
    base = scenario.load("baseline")
    one = base.replace(quality=share, repetition=passes)
    assert one.digest() == base.replace(quality=share, repetition=passes).digest()
    assert one.digest() != base.digest()
    assert one.digest() != base.replace(quality=share, repetition=passes * 1.01 if passes < 99 else 98.0).digest()
    assert base.digest() != dataclasses.replace(base, title="Other").digest()


# --- mistakes

MISTAKES = {
    "an unknown key": ('tilte = "x"', "did you mean 'title'"),
    "an unknown key of a table": ('[stock]\nestimtor = "indexed_web"', "did you mean 'estimator'"),
    "an unknown lever": ('[levers.qualty]\nusable_share = 0.2\nsource = "judgement"', "did you mean 'quality'"),
    "an unknown setting": ('[levers.quality]\nusable_shar = 0.2\nsource = "x"', "did you mean 'usable_share'"),
    "an unknown quantile": ('[levers.quality]\nusable_share = {q06 = 0.1, q95 = 0.2}\nsource = "x"', "q05"),
    "an unknown member": ('[consumption]\nmembers = ["dampd"]', "did you mean 'damped'"),
    "an unknown estimator": ('[stock]\nestimator = "index_web"', "did you mean 'indexed_web'"),
    "an unknown resource": ('resource = "public_txt"', "did you mean 'public_text'"),
    "an unknown parent": ('extends = "basline"', "did you mean 'baseline'"),
    "a missing parent": ('extends = "nowhere.toml"', "a file that exists"),
    "a member twice": ('[consumption]\nmembers = ["damped", "damped"]', "each once"),
    "no member": ("[consumption]\nmembers = []", "at least one"),
    "a share above one": ('[levers.quality]\nusable_share = 1.2\nsource = "x"', "from 0 to 1"),
    "a share of nothing": ('[levers.quality]\nusable_share = 0\nsource = "x"', "a positive number"),
    "a negative share": ('[levers.quality]\nusable_share = {q05 = -0.1, q95 = 0.2}\nsource = "x"', "positive"),
    "an infinite number": ('[levers.repetition]\npasses = inf\nsource = "x"', "positive number from 1"),
    "no number": ('[levers.repetition]\npasses = nan\nsource = "x"', "positive number from 1"),
    "ends out of order": (
        '[levers.repetition]\npasses = {q05 = 5, q95 = 2}\nsource = "x"',
        "0 < low <= median <= high",
    ),
    "a median outside": ('[levers.repetition]\npasses = {q05 = 2, q50 = 9, q95 = 5}\nsource = "x"', "low <= median"),
    "half an interval": ('[levers.repetition]\npasses = {q05 = 2}\nsource = "x"', "one pair"),
    "ends of two intervals": ('[levers.repetition]\npasses = {q05 = 2, q975 = 5}\nsource = "x"', "one pair"),
    "two intervals": ('[levers.repetition]\npasses = {q05 = 2, q95 = 5, q10 = 2.1, q90 = 4}\nsource = "x"', "one pair"),
    "words for a number": ('[levers.repetition]\npasses = "many"\nsource = "x"', "a number or quantiles"),
    "yes for a number": ('[levers.repetition]\npasses = true\nsource = "x"', "a number or quantiles"),
    "words in an interval": ('[levers.repetition]\npasses = {q05 = "a", q95 = 2}\nsource = "x"', "numbers"),
    "no source": ("[levers.repetition]\npasses = 2", "without a source for levers.repetition"),
    "an empty source": ('[levers.repetition]\npasses = 2\nsource = "  "', "without a source"),
    "a lever that is no table": ("levers = 3", "dictionary"),
    "a setting of the wrong kind": ("title = 3", "title = 3"),
    "broken TOML": ("title = ", "not valid TOML"),
    "two of a key": ('title = "a"\ntitle = "b"', "not valid TOML"),
}


@pytest.mark.parametrize("name", list(MISTAKES))
def test_a_mistake_is_one_line_with_exit_code_2(name, tmp_path, capsys):
    text, words = MISTAKES[name]
    path = write(tmp_path, text)
    with pytest.raises(ForecastError) as caught:
        scenario.load(path)
    assert words in str(caught.value)
    assert main(["scenario", "check", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: got ")
    assert ", expected " in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_scenarios_that_extend_each_other_are_refused(count, tmp_path):
    for number in range(count):
        write(tmp_path, f'extends = "s{(number + 1) % count}.toml"', f"s{number}.toml")
    with pytest.raises(InputError, match=r"extend each other .*s0 -> .*s0"):
        scenario.load(tmp_path / "s0.toml")


@pytest.mark.parametrize("content", [b"\xff\xfe\0t", b"\x89PNG\r\n\x1a\n\0", b"<!doctype html><html></html>"])
def test_a_file_that_is_no_text_or_no_toml_is_refused(content, tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not valid TOML"):
        scenario.load(path)


def test_a_name_or_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'baseline'"):
        scenario.load("baselin")
    with pytest.raises(MissingFileError, match="a file that exists"):
        scenario.load(tmp_path / "nowhere.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(MissingFileError):
        scenario.load(tmp_path / "folder.toml")


# --- on the command line


def test_scenarios_are_listed_shown_and_checked(tmp_path, capsys):
    import json

    assert main(["scenario", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in listed] == list(scenario.names())
    assert main(["scenario", "show", "baseline"]) == 0
    assert json.loads(capsys.readouterr().out) == scenario.load("baseline").to_dict()
    assert main(["scenario", "check", str(write(tmp_path, CHANGED))]) == 0
    assert "holds: Other hands" in capsys.readouterr().out
