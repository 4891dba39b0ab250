"""Growth models with priors of one's own: in a file, in Python, in the record, in the fits; and the list of settings."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

import forecast as fc
from forecast.cli.main import main
from forecast.consumption.members import MEMBERS, member
from forecast.consumption.mixture import blocks, counts
from forecast.core.distributions import LogNormal
from forecast.core.priors import Prior
from forecast.core.resources import RESOURCES
from forecast.errors import InputError, UnknownNameError
from forecast.runs.inputs import read_inputs
from forecast.runs.pipeline import Options, check_draws, fit_requests
from forecast.runs.scenario_diff import changes
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.record import recorded, recorded_member, restored
from forecast.scenarios.settings import settings

BASELINE = fc.scenario.load("baseline")
SOURCE = 'source = "judgement: an example of this test"'
SLOW = Prior("lognormal", 0.2, 0.3, "per year", "judgement: an example of this test")


def written(folder, text: str, name: str = "own"):
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return fc.scenario.load(path)


def own(folder, lines: str, name: str = "damped"):
    return written(folder, f"[consumption.members.{name}]\n{lines}\n{SOURCE}\n")


def test_a_prior_has_the_quantiles_that_a_file_states(tmp_path):
    s = own(tmp_path, "damping = {q05 = 0.1, q95 = 0.4}\nlevel = {q10 = 11, q90 = 13}")
    assert s.members == BASELINE.members
    made = s.growth("damped")
    assert made.damping.quantile(np.array([0.05, 0.5, 0.95])) == pytest.approx([0.1, 0.2, 0.4])
    assert made.level.quantile(np.array([0.1, 0.9])) == pytest.approx([11, 13])
    assert (made.damping.unit, made.damping.family) == (member("damped").damping.unit, "lognormal")
    assert made.damping.source == "judgement: an example of this test"
    others = [name for name, _ in made.priors() if name not in ("damping", "level")]
    assert all(getattr(made, name) == getattr(member("damped"), name) for name in others)
    assert s.growth("compute_led") == member("compute_led")


def test_a_window_may_be_set_and_a_model_that_has_a_table_takes_part(tmp_path):
    s = own(tmp_path, "window = 3", "windowed_exponential")
    assert s.members == (*BASELINE.members, "windowed_exponential")
    assert s.growth("windowed_exponential").window == 3.0


def test_a_list_nearer_to_the_run_leaves_behind_what_it_does_not_name(tmp_path):
    own(tmp_path, "window = 3", "windowed_exponential")
    s = written(tmp_path, 'extends = "own.toml"\n[consumption]\nmembers = ["damped"]\n', "child")
    assert (s.members, dict(s.priors)) == (("damped",), {})
    kept = written(tmp_path, 'extends = "own.toml"\n[consumption]\nmembers = ["windowed_exponential"]\n', "child")
    assert kept.growth("windowed_exponential").window == 3.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[consumption.members.damped]\ndamping = {q05 = 0.1, q95 = 0.4}\n",
            "without a source for consumption.members.damped",
        ),
        (f"[consumption.members.dampd]\n{SOURCE}\n", "did you mean 'damped'?"),
        (f"[consumption.members.damped]\ndampin = 1\n{SOURCE}\n", "did you mean 'damping'?"),
        (
            f"[consumption.members.record_drift]\nspread = {{q05 = 0.1, q95 = 0.4}}\n{SOURCE}\n",
            "got the prior of record_drift",
        ),
        (f"[consumption.members.damped]\ndamping = 0.3\n{SOURCE}\n", "both ends of one interval"),
        (f"[consumption.members.damped]\ndamping = {{q05 = 0.1, q90 = 0.4}}\n{SOURCE}\n", "give both ends"),
        (f"[consumption.members.damped]\ndamping = {{q05 = 0.4, q95 = 0.1}}\n{SOURCE}\n", "swap the ends"),
        (f"[consumption.members.damped]\ndamping = {{q05 = 0, q95 = 0.1}}\n{SOURCE}\n", "expected a positive number"),
        (f"[consumption.members.damped]\ndamping = {{q05 = 0.1, q95 = 'a'}}\n{SOURCE}\n", "expected a positive number"),
        (f"[consumption.members.windowed_exponential]\nwindow = 60\n{SOURCE}\n", "a number from 0.5 to 50"),
        ("[consumption.members]\ndamped = 3\n", "write [consumption.members.damped]"),
    ],
)
def test_what_a_file_cannot_say_is_one_line(text, told, tmp_path, capsys):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    assert main(["scenario", "check", str(path)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert told in said.err


def test_an_object_is_taken_wherever_a_name_is():
    slow = dataclasses.replace(member("damped"), damping=SLOW)
    s = BASELINE.replace(members=[slow, "record_drift"])
    assert s.members == ("damped", "record_drift")
    assert dict(s.priors) == {"damped": {"damping": SLOW}}
    assert s.growth("damped") == slow
    assert BASELINE.replace(members=slow).members == ("damped",)
    assert s.replace(members=["damped"]).growth("damped") == slow, "a name leaves what the scenario has"
    assert s.replace(members=[member("damped")]).priors == {}, "an object as it comes has nothing of its own"
    with pytest.raises(UnknownNameError):
        BASELINE.replace(members=["dampd"])

    @dataclasses.dataclass(frozen=True)
    class Other(MEMBERS["damped"]):
        name = "other"

    with pytest.raises(InputError, match=r"register it with: fc\.register"):
        BASELINE.replace(members=[Other()])


def test_the_fits_are_of_those_priors_and_no_others():
    s = BASELINE.replace(members=[dataclasses.replace(member("damped"), damping=SLOW), "compute_led"])
    data = read_inputs(RESOURCES["public_text"]).data
    one, two = fit_requests(RESOURCES["public_text"], s, data, Options())
    plain = fit_requests(RESOURCES["public_text"], BASELINE, data, Options())
    assert one.member.damping == SLOW
    assert one.key() != next(request for request in plain if request.member.name == "damped").key()
    assert two.key() == next(request for request in plain if request.member.name == "compute_led").key()
    wide = fit_requests(RESOURCES["images"], s, data, Options())[0].member
    assert wide.damping == SLOW
    assert wide.level.unit == "log10 images"


def test_a_record_loses_nothing_and_the_baseline_has_none():
    s = BASELINE.replace(members=[dataclasses.replace(member("damped"), damping=SLOW, pace_ratio=None)])
    record = json.loads(json.dumps(recorded(s)))
    assert restored(record) == s
    assert restored(record).digest() == s.digest()
    assert recorded_member({"provenance": {"scenario": record}}, "damped").damping == SLOW
    assert "priors" not in recorded(BASELINE)
    assert "priors" not in BASELINE.to_dict()["consumption"]
    assert len({s.digest(), BASELINE.replace(members=["damped"]).digest()}) == 2
    assert len({s.numbers_digest(), BASELINE.replace(members=["damped"]).numbers_digest()}) == 2
    (part, said), *_ = changes(BASELINE.replace(members=["damped"]), s)
    assert part == "consumption"
    assert "members.damped.damping" in [key for key, _, _ in said]


@pytest.mark.parametrize("spoilt", [{"centre": -1.0}, {"spread": 0.0}, {"centre": float("nan")}, {"family": "cauchy"}])
def test_a_record_that_was_tampered_with_is_refused(spoilt):
    record = recorded(BASELINE.replace(members=[dataclasses.replace(member("damped"), damping=SLOW)]))
    record["priors"]["damped"]["damping"].update(spoilt)
    with pytest.raises(InputError):
        restored(record)


# --- weights

WEIGHTS = """
[consumption]
members = ["damped", "compute_led"]
[consumption.weights]
damped = 3
compute_led = 1
source = "judgement: an example of this test"
"""


def test_growth_models_weigh_what_a_file_says(tmp_path):
    s = written(tmp_path, WEIGHTS)
    assert dict(s.weights) == {"damped": 3.0, "compute_led": 1.0}
    assert s.largest_share() == 0.75
    assert restored(json.loads(json.dumps(recorded(s)))) == s
    plain = s.replace(weights={})
    assert len({s.numbers_digest(), plain.numbers_digest()}) == 2
    twice = s.replace(weights={"damped": 6, "compute_led": 2})
    assert twice.numbers_digest() == s.numbers_digest(), "weights are relative"
    assert s.replace(members=["damped", "record_drift"]).weights == {}, "they were those of other models"
    child = written(tmp_path, 'extends = "own.toml"\n[consumption]\nmembers = ["damped"]\n', "child")
    assert child.weights == {}
    assert "weights" not in BASELINE.to_dict()["consumption"]
    assert "weights" not in recorded(BASELINE)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("compute_led = 1\n", "", "no weight of compute_led"),
        ("compute_led = 1\n", "compute_lad = 1\n", "did you mean 'compute_led'"),
        ("damped = 3", "damped = 0", "the weight of damped with 0"),
        ("damped = 3", "damped = -1", "the weight of damped with -1"),
        ("damped = 3", "damped = nan", "the weight of damped with nan"),
        ('source = "judgement: an example of this test"\n', "", "without a source for consumption.weights"),
    ],
)
def test_weights_that_cannot_be_are_one_line(old, new, told, tmp_path, capsys):
    path = tmp_path / "own.toml"
    path.write_text(WEIGHTS.replace(old, new), encoding="utf-8")
    assert main(["scenario", "check", str(path)]) == 2
    assert told in capsys.readouterr().err


class Held:
    """As much of a fit as the shares of a mixture hang on."""

    def __init__(self, weight, size=1000):
        self.weight, self.posterior = weight, {"posterior": {"jump": np.zeros(size)}}


@pytest.mark.parametrize(
    ("weights", "draws", "found"),
    [
        ((None, None, None), 400, [133, 133, 133]),
        ((1, 1, 1, 1), 4000, [1000] * 4),
        ((3, 1), 400, [300, 100]),
        ((0.5, 0.3, 0.2), 399, [200, 119, 80]),
        ((3, 1), 4000, [1000, 333]),
    ],
)
def test_every_growth_model_has_draws_by_its_weight(weights, draws, found):
    fits = [Held(weight) for weight in weights]
    shares = counts(fits, draws)
    assert shares == found
    assert counts(fits, sum(shares)) == shares, "what was mixed is found again"
    assert [at.stop - at.start for at in blocks(fits, sum(shares))] == shares


def test_more_draws_than_the_heaviest_growth_model_keeps_are_refused(tmp_path):
    s = written(tmp_path, WEIGHTS)
    check_draws(Options(draws=5333), 2, s.largest_share())
    with pytest.raises(InputError, match="100 to 5,333"):
        check_draws(Options(draws=5334), 2, s.largest_share())


# --- intervals, settings and worlds


def test_an_interval_is_stated_alike_on_both_sides():
    ends = np.array([0.05, 0.95])
    for level, at in ((0.90, ends), (0.95, np.array([0.025, 0.975]))):
        assert Prior.from_interval(2, 8, level, unit="", source="").quantile(at) == pytest.approx([2, 8])
        assert LogNormal.from_interval(2, 8, level).quantile(at) == pytest.approx([2, 8])
    wide = Prior.from_interval(-1, 3, 0.9, unit="", source="", family="normal")
    assert wide.quantile(ends) == pytest.approx([-1, 3])
    for low, high in ((3, 1), (-1, 1), (1, np.inf)):
        with pytest.raises(InputError, match="an interval from"):
            Prior.from_interval(low, high, unit="", source="")
    with pytest.raises(InputError, match="a probability between 0 and 1"):
        Prior.from_interval(1, 2, 90, unit="", source="")


def test_any_setting_of_a_lever_can_be_replaced():
    s = BASELINE.replace(
        repetition={"epochs": (2, 5), "r_star": 10.0, "law": "published"},
        quality={"usable_share": {"q05": 0.1, "q95": 0.3}},
    )
    said = s.levers["repetition"].quantities
    assert (said["r_star"].median, s.levers["repetition"].sources["r_star"]) == (10.0, "set by the caller")
    assert said["epochs"].quantile(np.array([0.025, 0.975])) == pytest.approx([2, 5], rel=2e-3)
    assert said["tau"] == BASELINE.levers["repetition"].quantities["tau"]
    with pytest.raises(UnknownNameError, match="did you mean 'r_star'"):
        BASELINE.replace(repetition={"r_sta": 10.0})


def test_joined_worlds_change_what_each_changes(tmp_path, capsys):
    both = fc.scenario.load("closed_web+compute_stalls")
    one, other = fc.scenario.load("closed_web"), fc.scenario.load("compute_stalls")
    assert both.levers["access"] == one.levers["access"] != BASELINE.levers["access"]
    assert both.levers["compute_cap"] == other.levers["compute_cap"] != BASELINE.levers["compute_cap"]
    assert both.name == "closed_web+compute_stalls"
    assert one.description in both.description
    assert fc.scenario.load("baseline+closed_web").numbers_digest() == one.numbers_digest()
    swapped = fc.scenario.load("compute_stalls+closed_web")
    assert swapped.numbers_digest() == both.numbers_digest(), "in either order"
    assert main(["scenario", "show", "closed_web+compute_stalls"]) == 0
    capsys.readouterr()
    assert main(["scenario", "show", "closed_web+access_stays"]) == 2
    assert "set in two ways" in capsys.readouterr().err
    own = tmp_path / "own.toml"
    own.write_text('[stock]\nraw = 1e15\nsource = "judgement: an example"\n', encoding="utf-8")
    joined = fc.scenario.load(f"closed_web+{own}")
    assert (joined.raw.median, joined.levers["access"]) == (1e15, one.levers["access"])


def test_a_scenario_without_a_title_is_not_called_as_the_one_it_extends(tmp_path):
    s = written(tmp_path, '[levers.quality]\nusable_share = 0.3\nsource = "judgement: an example"\n', "half_of_it")
    assert s.title == "half of it"
    assert BASELINE.title in s.description
    assert s.description != BASELINE.description


# --- the list of settings


def test_every_setting_of_every_lever_is_listed_with_its_bounds():
    rows = {row["setting"]: row for row in settings(BASELINE)}
    for name, lever in LEVERS.items():
        for key, parameter in lever.settings.items():
            row = rows[f"levers.{name}.{key}"]
            assert (row["unit"], row["neutral"]) == (parameter.unit, parameter.neutral)
            if parameter.kind != "choice":
                assert (row["lower"], row["upper"]) == (parameter.lower, parameter.upper)
    assert {row["setting"].partition(".")[0] for row in rows.values()} == {"stock", "levers", "consumption"}
    for name in BASELINE.members:
        assert {key.rpartition(".")[2] for key in rows if f".{name}." in key} >= {
            key for key, _ in member(name).priors()
        }


def test_what_is_listed_can_be_set(tmp_path):
    """A file that sets every quantity to what is listed for the baseline is the baseline."""
    row = next(row for row in settings(BASELINE) if row["setting"] == "consumption.members.damped.damping")
    ends = {key: row["value"][key] for key in ("q05", "q95")}
    s = own(tmp_path, f"damping = {{q05 = {ends['q05']}, q95 = {ends['q95']}}}")
    assert s.growth("damped").damping.centre == pytest.approx(member("damped").damping.centre, rel=1e-4)
    assert s.growth("damped").damping.spread == pytest.approx(member("damped").damping.spread, rel=1e-4)


def test_the_command_prints_them(capsys):
    assert main(["scenario", "settings"]) == 0
    table = capsys.readouterr().out
    assert "levers.access.restricted_share_2030 *" in table
    assert main(["scenario", "settings", "baseline", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == settings(BASELINE)
    assert main(["scenario", "settings", "basline"]) == 2


def test_a_member_is_asked_for_with_priors_of_ones_own():
    slower = fc.Prior.lognormal(0.1, 0.4, "per year", "judgement: an example")
    damped = fc.consumption.member("damped", damping=slower)
    assert damped.damping == slower
    assert damped.slope == fc.consumption.member("damped").slope
    scenario = fc.scenario.load("baseline").replace(members=[damped, "record_drift"])
    assert scenario.growth("damped") == damped
    with pytest.raises(UnknownNameError, match=r"prior of damped 'dampin'.*did you mean 'damping'"):
        fc.consumption.member("damped", dampin=slower)
