"""The difference of two scenarios: what differs, and what each part does alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from forecast.cli.main import main
from forecast.core.trajectory import make_trajectory
from forecast.errors import InputError
from forecast.runs.scenario_diff import Answer, differences, moved
from forecast.scenarios import scenario as scenarios

YEARS = np.arange(2021.5, 2101.5, 0.5)
SIZE = 500


def paths(scenario):
    """Made paths; members decide the pace, so that a difference in them is seen."""
    pace = 0.15 if "damped" in scenario.members and len(scenario.members) == 1 else 0.3
    seen = 13.8 + pace * (YEARS - 2026.5)[None, :] + np.linspace(-0.3, 0.3, SIZE)[:, None]
    level = 14.7 if scenario.raw is None else np.log10(scenario.raw.median)
    raw = np.repeat((level + 0.03 * (YEARS - 2024.0))[None, :], SIZE, axis=0)
    make = {"resource_name": "public_text"}
    assert not scenario.levers
    return (
        make_trajectory(seen, YEARS, role="consumption", source="test", **make),
        make_trajectory(raw, YEARS, role="stock", source="test", **make),
    )


def test_one_difference_alone_is_the_whole_difference():
    found = differences(scenarios.load("baseline"), scenarios.load("closed_web"), paths=paths)
    assert [one.name for one in found.differences] == ["levers.access"]
    assert found.differences[0].alone == found.second_answer
    assert found.second_answer.median < found.first_answer.median
    assert found.second_answer.probability >= found.first_answer.probability
    keys = [key for key, _, _ in found.differences[0].changes]
    assert keys == ["restricted_growth_2030", "compliance_2030", "network_share", "terms_compliance_2030"]


def test_nothing_differs_from_itself_and_sources_alone_are_no_difference(tmp_path):
    base = scenarios.load("baseline")
    assert differences(base, base, paths=paths).differences == ()
    own = tmp_path / "own.toml"
    own.write_text('[levers.private]\nreach_share = 0.0\nsource = "judgement: other words"', encoding="utf-8")
    assert differences(base, scenarios.load(own), paths=paths).differences == ()


def test_stock_levers_and_members_are_told_apart(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'extends = "overtrained_5x"\n[stock]\nraw = 1e15\nsource = "judgement: an example"\n'
        '[consumption]\nmembers = ["damped"]',
        encoding="utf-8",
    )
    base, other = scenarios.load("baseline"), scenarios.load(own)
    found = differences(base, other, paths=paths)
    assert [one.name for one in found.differences] == ["stock", "levers.overtraining", "consumption"]
    stock, levers, members = (one.alone.median - found.first_answer.median for one in found.differences)
    assert stock > 0 > levers
    assert members > 0
    there_and_back = differences(other, base, paths=paths)
    assert there_and_back.first_answer == found.second_answer
    assert there_and_back.second_answer == found.first_answer


def test_it_is_ready_for_json_and_never_is_null():
    stalled = scenarios.load("baseline").replace(compute_cap=1e25)
    found = differences(scenarios.load("baseline"), stalled, paths=paths).to_dict()
    assert found["second"]["median"] is None
    assert found["differences"][0]["moves_median_by_years"] is None
    json.dumps(found, allow_nan=False)
    assert moved(np.inf, np.inf) == 0.0


def test_two_resources_are_not_compared(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('resource = "images"', encoding="utf-8")
    with pytest.raises(InputError, match="one resource"):
        differences(scenarios.load("baseline"), scenarios.load(own), paths=paths)


def test_the_command_prints_a_table_or_json(monkeypatch, capsys):
    from forecast.runs import scenario_diff as module

    monkeypatch.setattr(module, "_by_pipeline", lambda **_: paths)
    assert main(["scenario", "diff", "baseline", "overtrained_5x"]) == 0
    said = capsys.readouterr().out
    assert "levers.overtraining alone" in said
    assert said.startswith("From baseline to overtrained_5x the median moves from ")
    assert next(line.split() for line in said.splitlines() if line.startswith("  ratio")) == ["ratio", "1", "5"]
    assert main(["scenario", "diff", "baseline", "closed_web"]) == 0
    said = capsys.readouterr().out
    assert "53% (30% to 87%)" in said
    assert "q05" not in said
    assert main(["scenario", "diff", "baseline", "overtrained_5x", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["differences"][0]["changes"][0] == {"setting": "ratio", "first": 1.0, "second": 5.0}
    assert found["differences"][0]["moves_median_by_years"] < 0
    assert main(["scenario", "diff", "baseline", "overtraind_5x"]) == 2
    assert "did you mean 'overtrained_5x'" in capsys.readouterr().err


def test_an_answer_is_two_numbers():
    assert Answer(2029.5, 0.5).to_dict() == {"median": 2029.5, "probability_by_2030": 0.5}
