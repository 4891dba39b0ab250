"""Scenarios: what they take over, what they change, and every mistake that one can make in them."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.cli.main import main
from forecast.consumption.members import MEMBERS
from forecast.core.distributions import LogNormal
from forecast.core.repetition import useful_passes
from forecast.core.resources import RESOURCES
from forecast.errors import ForecastError, InputError, MissingFileError, UnknownNameError
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import LEVERS, LeverParameter
from forecast.scenarios.record import recorded, restored
from forecast.scenarios.values import quantity

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


@pytest.mark.parametrize("name", scenarios.names())
def test_every_shipped_scenario_loads_and_says_what_world_it_is(name):
    scenario = scenarios.load(name)
    assert scenario.name == name
    assert scenario.title
    assert len(scenario.description) > 20
    assert scenario.resource_name in RESOURCES
    assert set(scenario.members) <= set(MEMBERS)
    assert set(scenario.levers) <= set(LEVERS)
    for setting in scenario.levers.values():
        assert len(setting.source) > 10


SHIPPED = (
    "baseline", "epoch2024", "closed_web", "open_licensing", "overtrained_5x", "overtrained_100x",
    "synthetic_accumulate", "synthetic_collapse", "data_isolation", "efficiency_boom", "multimodal",
    "private_unlocked", "compute_stalls", "access_stays", "learning_to_learn",
)  # fmt: skip


def test_every_promised_scenario_is_shipped_with_a_world_of_its_own():
    assert scenarios.names()[0] == "baseline"
    assert set(SHIPPED) <= set(scenarios.names())
    worlds = [scenarios.load(name).description for name in scenarios.names()]
    assert len(set(worlds)) == len(worlds)
    for scenario in worlds:  # one sentence
        assert scenario.endswith(".")
        assert ". " not in scenario


@pytest.mark.parametrize("name", scenarios.names())
def test_every_number_of_a_shipped_scenario_has_a_source(name):
    scenario = scenarios.load(name)
    for lever, setting in {**scenario.levers, **scenario.idle}.items():
        stated = {*setting.quantities, *setting.choices}
        assert set(setting.sources) == stated
        missing = set(LEVERS[lever].settings) - stated - set(LEVERS[lever].alternatives)
        assert not missing, f"{lever} leaves {missing} to nobody"
        for source in setting.sources.values():
            assert len(source) > 15
            assert (
                "judgement:" in source
                or "judgement " in source
                or any(c.isdigit() for c in source)
                or "table" in source
            )


def test_the_baseline_names_every_lever_and_says_which_act():
    base = scenarios.load("baseline")
    assert {*base.levers, *base.idle} == set(LEVERS)
    assert list(base.levers) == ["contamination", "access", "quality", "repetition", "compute_cap"]
    assert "nothing quantitative is published" in base.idle["meta_learning"].source


@pytest.mark.parametrize("name", [n for n in SHIPPED if n != "baseline"])
def test_a_shipped_scenario_changes_something(name):
    ours, base = scenarios.load(name).to_dict(), scenarios.load("baseline").to_dict()
    assert any(ours[part] != base[part] for part in ("stock", "levers", "consumption"))


def test_what_a_file_does_not_say_comes_from_what_it_extends(tmp_path):
    base, own = scenarios.load("baseline"), scenarios.load(write(tmp_path, CHANGED))
    assert (own.name, own.title) == ("own", "Other hands")
    assert own.description == base.description
    assert own.members == ("damped",)
    assert own.levers["quality"] == base.levers["quality"]
    passes = own.levers["repetition"].quantities["passes"]
    assert [float(f"{passes.quantile(p):.3g}") for p in (0.05, 0.95)] == [2.0, 8.0]
    assert own.levers["repetition"].sources["passes"] == "judgement: an example"
    assert own.levers["access"] == base.levers["access"]
    assert own.idle == base.idle


def test_without_extends_it_extends_the_baseline_whatever_its_name(tmp_path):
    text = CHANGED.replace('extends = "baseline"\n', "")
    for name in ("own.toml", "baseline.toml"):
        own = scenarios.load(write(tmp_path, text, name))
        assert own.title == "Other hands"
        assert own.estimator == scenarios.load("baseline").estimator


def test_a_chain_of_files_is_followed_from_where_they_lie(tmp_path):
    (tmp_path / "deeper").mkdir()
    write(tmp_path, CHANGED, "first.toml")
    write(tmp_path / "deeper", 'extends = "../first.toml"\ntitle = "Third"\n', "second.toml")
    own = scenarios.load(tmp_path / "deeper" / "second.toml")
    assert (own.title, own.members) == ("Third", ("damped",))


def test_a_quantity_is_replaced_whole(tmp_path):
    fixed = CHANGED.replace("passes = { q05 = 2.0, q95 = 8.0 }", "passes = 3")
    quantity = scenarios.load(write(tmp_path, fixed)).levers["repetition"].quantities["passes"]
    assert (quantity.median, quantity.sd_low, quantity.sd_high) == (3.0, 0.0, 0.0)


def test_levers_are_drawn_by_name_and_seed_and_by_nothing_else(tmp_path):
    base, own = scenarios.load("baseline"), scenarios.load(write(tmp_path, CHANGED))
    draws = base.draw_lever("quality", seed=1, size=500)["usable_share"]
    assert np.array_equal(draws, own.draw_lever("quality", seed=1, size=500)["usable_share"])
    assert not np.array_equal(draws, base.draw_lever("quality", seed=2, size=500)["usable_share"])
    assert ((draws > 0) & (draws <= 1)).all()


def test_a_changed_number_leaves_the_sources_of_the_others_in_place(tmp_path):
    text = '[levers.access]\nrestricted_share_2030 = 0.4\nsource = "judgement: an example"'
    base, own = scenarios.load("baseline").levers["access"], scenarios.load(write(tmp_path, text)).levers["access"]
    assert own.sources["restricted_share_2030"] == "judgement: an example"
    assert own.sources["compliance_now"] == base.sources["compliance_now"]
    assert own.quantities["compliance_now"] == base.quantities["compliance_now"]


def test_the_example_of_the_documentation_loads(tmp_path):
    text = """\
extends = "baseline"
title = "Publishers close the door"
resource = "public_text"
[levers.access]
restricted_share_2030 = {q05 = 0.25, q95 = 0.60}
source = "Longpre et al. 2024 for the level; judgement for the range"
[consumption]
members = ["local_trend", "damped", "windowed_exponential", "record_drift"]
include_undisclosed = true
[stock]
estimator = "synthesis"                     # or indexed_web, people, published, or raw = {q025 = 1.3e14, q975 = 2.1e15}
"""
    own = scenarios.load(write(tmp_path, text))
    assert own.estimator == "synthesis"
    share = own.levers["access"].quantities["restricted_share_2030"]
    assert [round(float(share.quantile(p)), 3) for p in (0.05, 0.95)] == [0.25, 0.6]
    given_outright = '[stock]\nraw = {q025 = 1.3e14, q975 = 2.1e15}\nsource = "Villalobos et al. 2024"'
    assert scenarios.load(write(tmp_path, given_outright)).raw.median == pytest.approx(np.sqrt(1.3e14 * 2.1e15))


def test_what_can_be_said_in_two_ways_is_said_in_the_nearest_one(tmp_path):
    base, own = scenarios.load("baseline"), scenarios.load(write(tmp_path, CHANGED))
    assert "epochs" in base.levers["repetition"].quantities
    assert "epochs" not in own.levers["repetition"].quantities
    back = 'extends = "own.toml"\n[levers.repetition]\nepochs = 4\nrun_epochs = 1\nlaw = "muennighoff"\nsource = "judgement: an example"'
    again = scenarios.load(write(tmp_path, back, "back.toml"))
    assert "passes" not in again.levers["repetition"].quantities
    draws = again.draw_lever("repetition", seed=1, size=3)
    factor = LEVERS["repetition"].log10_factor(draws, np.array([2030.0]))
    assert 10**factor == pytest.approx(float(useful_passes(4.0)))


@pytest.mark.parametrize("date", ["2028.5", '"2028-07-02"', "2028-07-02", "2028-07-02T10:00:00"])
def test_a_start_is_a_decimal_year_or_a_date(date, tmp_path):
    text = f'[levers.overtraining]\nratio = 2.0\nstart = {date}\nsource = "judgement: an example"'
    start = scenarios.load(write(tmp_path, text)).levers["overtraining"].quantities["start"]
    assert start.median == pytest.approx(2028.5, abs=0.01)


def test_a_lever_that_returns_to_neutral_no_longer_acts(tmp_path):
    text = 'extends = "overtrained_5x"\n[levers.overtraining]\nratio = 1.0\nsource = "judgement: an example"'
    own = scenarios.load(write(tmp_path, text))
    assert "overtraining" in own.idle
    assert "overtraining" not in own.levers
    assert "private" in scenarios.load("baseline").replace(private=0.1).levers
    assert "private" in scenarios.load("private_unlocked").replace(private=0.0).idle


# --- replace and digest


def test_replace_as_the_documentation_shows_it():
    passes = scenarios.load("baseline").replace(repetition=(2, 5)).levers["repetition"].quantities["passes"]
    assert [float(f"{passes.quantile(p):.4g}") for p in (0.025, 0.975)] == [2.0, 5.0]


def test_replace_sets_a_lever_and_leaves_the_rest():
    base = scenarios.load("baseline")
    changed = base.replace(repetition=(2, 8), quality=0.3)
    assert changed.name == changed.replace(quality=0.3).name == f"{base.name} (changed)"
    assert float(changed.levers["repetition"].quantities["passes"].quantile(0.975)) == pytest.approx(8.0, rel=1e-3)
    assert changed.levers["quality"].quantities["usable_share"].median == 0.3
    assert changed.levers["quality"].sources["usable_share"] == "set by the caller"
    assert changed.members == base.members
    assert "set by the caller" not in base.levers["quality"].source


def test_replace_sets_the_estimator_and_the_members():
    base = scenarios.load("baseline").without(["people"])
    changed = base.replace(estimator="indexed_web", members=["damped"], quality=0.3)
    assert (changed.estimator, changed.members, changed.leave_out) == ("indexed_web", ("damped",), ())
    assert changed.levers["quality"].quantities["usable_share"].median == 0.3
    assert base.replace(quality=0.3).leave_out == ("people",)
    given = dataclasses.replace(base, raw=LogNormal(1e15, 0.1, 0.1), raw_source="judgement: an example", leave_out=())
    assert given.replace(estimator="people").stock().name == "people"
    with pytest.raises(UnknownNameError, match="did you mean 'indexed_web'"):
        base.replace(estimator="indexed_webb")
    with pytest.raises(UnknownNameError, match="did you mean 'damped'"):
        base.replace(members=["dampd"])
    for wrong in ([], ["damped", "damped"]):
        with pytest.raises(InputError, match="at least one, each once"):
            base.replace(members=wrong)


@pytest.mark.parametrize("name", ["resource", "leave_out", "include_undisclosed", "stock"])
def test_replace_says_what_is_set_in_a_file_only(name):
    with pytest.raises(
        InputError, match=f"expected levers by name, estimator or members: set .*{name}.* in a scenario"
    ):
        scenarios.load("baseline").replace(**{name: 1.0})


def test_a_setting_that_rests_at_zero_says_that_zero_is_possible():
    with pytest.raises(InputError, match="add zero=True"):
        LeverParameter("share", 0.0, 1.0, "An example", neutral=0.0)


@pytest.mark.parametrize("bad", [{"quality": 1.5}, {"quality": -0.1}, {"quality": 0}, {"repetition": (5, 2)}])
def test_replace_refuses_what_is_impossible(bad):
    with pytest.raises(InputError):
        scenarios.load("baseline").replace(**bad)
    with pytest.raises(UnknownNameError, match="did you mean 'quality'"):
        scenarios.load("baseline").replace(qualty=0.2)


@given(share=st.floats(0.01, 0.99), passes=st.floats(1.0, 100.0))
def test_the_digest_changes_exactly_with_the_content(share, passes):
    base = scenarios.load("baseline")
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
    "a source for nothing": (
        '[levers.quality]\nusable_share = 0.2\nsource = "x"\nsources = {usable_shar = "y"}',
        "did you mean 'usable_share'",
    ),
    "sources that are no table": ('[levers.quality]\nusable_share = 0.2\nsources = "x"', "one source a setting"),
    "a number among others without a source": (
        '[levers.quality]\nusable_share = 0.2\nloosening = 2\nsources = {loosening = "y"}',
        "without a source for levers.quality.usable_share",
    ),
    "the same in two ways": ('[levers.repetition]\npasses = 2\nepochs = 2\nsource = "x"', "one of the two"),
    "a word that is no choice": (
        '[levers.synthetic]\nregime = "acumulate"\nsource = "x"',
        "did you mean 'accumulate'",
    ),
    "a number for a word": ('[levers.synthetic]\nregime = 1\nsource = "x"', "one of none, replace"),
    "a range for a number": (
        '[levers.synthetic]\ngenerations = {q05 = 2, q95 = 5}\nsource = "x"',
        "one number (fits)",
    ),
    "a start within the data": (
        '[levers.overtraining]\nratio = 2\nstart = 2025.0\nsource = "x"',
        "a date after the data",
    ),
    "a start that is no date": ('[levers.overtraining]\nstart = "soon"\nsource = "x"', "an ISO date"),
    "a yes for a date": ('[levers.overtraining]\nstart = true\nsource = "x"', "an ISO date"),
    "a range from zero": (
        '[levers.private]\nreach_share = {q05 = 0, q95 = 0.2}\nsource = "x"',
        "a positive number from 0",
    ),
    "a ratio below one": ('[levers.overtraining]\nratio = 0.5\nsource = "x"', "from 1 to 10000"),
    "broken TOML": ("title = ", "not valid TOML"),
    "two of a key": ('title = "a"\ntitle = "b"', "not valid TOML"),
}


@pytest.mark.parametrize("name", list(MISTAKES))
def test_a_mistake_is_one_line_with_exit_code_2(name, tmp_path, capsys):
    text, words = MISTAKES[name]
    path = write(tmp_path, text)
    with pytest.raises(ForecastError) as caught:
        scenarios.load(path)
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
        scenarios.load(tmp_path / "s0.toml")


@pytest.mark.parametrize("content", [b"\xff\xfe\0t", b"\x89PNG\r\n\x1a\n\0", b"<!doctype html><html></html>"])
def test_a_file_that_is_no_text_or_no_toml_is_refused(content, tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not valid TOML"):
        scenarios.load(path)


BAD_TOML = {
    "number without end": "[levers.quality]\nloosening = " + "9" * 20_000,
    "number too large": "[levers.quality]\nloosening = " + "9" * 400,
    "hexadecimal without end": "[levers.quality]\nloosening = 0x" + "F" * 20_000,
    "in a list": "[levers.quality]\nloosening = [0x" + "F" * 20_000 + "]",
    "as a title": "title = 0x" + "F" * 20_000,
    "as a stock": "[stock]\nraw = 0x" + "F" * 20_000,
    "lists without end": "title = " + "[" * 20_000,
    "lists in lists": "title = " + "[" * 400 + "]" * 400,
    "tables in tables": "title = " + "{a = " * 300 + "1" + "}" * 300,
    "key without end": "k" * 90_000 + " = 1",
    "value without end": 'extends = "' + "v" * 90_000 + '"',
    "file name without end": 'extends = "' + "v" * 300 + '.toml"',
    "file name with NUL": 'extends = "a\\u0000.toml"',
    "dots without end": ".".join("a" * 30_000) + " = 1",
    "quoted dots without end": ".".join(['"a"'] * 20_000) + " = 1",
    "file without end": "#" * 10**6,
    "NUL": 'title = "\0"',
    "not a number": '[levers.quality]\nloosening = nan\nsource = "x"',
    "infinite": '[levers.quality]\nusable_share = {q05 = -inf, q95 = inf}\nsource = "x"',
    "date for a number": '[levers.quality]\nloosening = 2024-01-01\nsource = "x"',
    "time for a date": '[levers.quality]\nstart = 07:32:00\nsource = "x"',
}


@pytest.mark.parametrize("name", BAD_TOML)
def test_a_hostile_file_is_one_short_line_at_once(name, tmp_path, capsys):
    began = time.monotonic()
    assert main(["scenario", "check", str(write(tmp_path, BAD_TOML[name]))]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("error: got ")
    assert len(said.err) < 700
    assert time.monotonic() - began < 10


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(b'\xef\xbb\xbftitle = "A world"\r\n')
    assert scenarios.load(path).title == "A world"


def test_a_name_or_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'baseline'"):
        scenarios.load("baselin")
    with pytest.raises(MissingFileError, match="a file that exists"):
        scenarios.load(tmp_path / "nowhere.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(MissingFileError):
        scenarios.load(tmp_path / "folder.toml")


# --- on the command line


def test_scenarios_are_listed_shown_and_checked(tmp_path, capsys):
    import json

    assert main(["scenario", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in listed] == list(scenarios.names())
    assert main(["scenario", "show", "baseline"]) == 0
    assert json.loads(capsys.readouterr().out) == scenarios.load("baseline").to_dict()
    assert main(["scenario", "check", str(write(tmp_path, CHANGED))]) == 0
    assert "holds: Other hands" in capsys.readouterr().out


# --- a stated interval is kept where bounds cut it


@pytest.mark.parametrize(
    "stated", [{"q05": 0.4, "q95": 0.95}, {"q10": 0.053, "q50": 0.18, "q90": 0.55}, {"q05": 0.6, "q95": 0.95}]
)
def test_quantiles_of_a_share_are_the_stated_ones_although_it_ends_at_one(stated):
    share = quantity(stated, LEVERS["access"].settings["compliance_now"], "example")
    for key, value in stated.items():
        assert float(share.quantile(float(f"0.{key[1:]}"))) == pytest.approx(value, rel=2e-3)
    assert float(share.quantile(1 - 1e-9)) <= 1.0


# --- the old name of the description


def test_a_file_may_call_its_description_world(tmp_path):
    for key in ("world", "description"):
        (tmp_path / f"{key}.toml").write_text(f'title = "A title"\n{key} = "All stays as it is."\n', encoding="utf-8")
    old, new = (scenarios.load(tmp_path / f"{key}.toml") for key in ("world", "description"))
    assert new.description == new.world == "All stays as it is."
    assert dataclasses.replace(old, name=new.name) == new
    both = tmp_path / "both.toml"
    both.write_text('world = "One."\ndescription = "Other."\n', encoding="utf-8")
    with pytest.raises(UnknownNameError, match=r"key of both\.toml 'world'"):
        scenarios.load(both)


def test_a_scenario_that_a_run_recorded_before_the_new_name_is_the_same():
    base = scenarios.load("baseline")
    old = recorded(base)
    old["world"] = old.pop("description")
    assert restored(old) == base


def test_digests_are_those_of_before_the_new_name():
    plain = scenarios.Scenario("a", "A title", "One sentence.", "images", "images", {}, ("damped",))
    assert plain.to_dict()["world"] == plain.description
    assert "description" not in plain.to_dict()
    assert plain.digest() == "dc00b01443cacd9d8c22490dd370794e54482f7e8c115f278d637c0609331950"
    assert plain.numbers_digest() == "c77a6b4c203ae138cc4f03d7f477bdf384f1c85704f2baadf3390f61afbbc5ec"


def test_a_distribution_sets_a_lever_within_the_bounds_of_its_setting():
    share = LogNormal.from_interval(0.02, 0.1, 0.9, upper=5.0)
    moved = scenarios.load("baseline").replace(quality=share)
    held = moved.levers["quality"].quantities["usable_share"]
    assert (held.median, held.sd_low, held.upper) == (share.median, share.sd_low, 1.0)
    assert restored(recorded(moved)) == moved
    with pytest.raises(InputError, match="a positive median"):
        scenarios.load("baseline").replace(quality=LogNormal(-1.0, 0.1, 0.1))
