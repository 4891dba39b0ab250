"""The elicitation ledger: complete, and honest about what is judgement."""

from __future__ import annotations

import dataclasses
import json

import pytest

from forecast.cli.main import main
from forecast.consumption.members import MEMBERS
from forecast.core.distributions import LogNormal
from forecast.production import ESTIMATORS
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.ledger import ledger, source_kind
from forecast.scenarios.levers import DEPENDENCES
from forecast.scenarios.scenario import load


@pytest.mark.parametrize("name", ["baseline", "synthetic_accumulate", "epoch2024"])
def test_every_number_of_a_scenario_is_in_the_ledger(name):
    scenario = scenarios.load(name)
    rows = ledger(scenario)
    levers = {(row["lever"], row["setting"]) for row in rows if row["part"] == "levers"}
    for lever, setting in {**scenario.levers, **scenario.idle}.items():
        for key in (*setting.quantities, *setting.choices):
            assert (lever, key) in levers
    for member in scenario.members:
        assert {row["setting"] for row in rows if row["lever"] == member} == {
            key for key, _ in MEMBERS[member]().priors()
        }
    assert sum(row["part"] == "dependences" for row in rows) == len(DEPENDENCES)
    assert {"undisclosed", scenario.stock().name, "corpora"} <= {row["lever"] for row in rows}
    for row in rows:
        assert len(row["reason"]) > 10
        assert row["unit"]
        assert row["where"]
        assert sum(key in row for key in ("quantiles", "value", "word")) == 1
        shown = list(row.get("quantiles", {}).values())
        assert shown == sorted(shown)
    json.dumps(rows, allow_nan=False)


def test_a_judgement_in_part_is_a_judgement():
    assert source_kind("Longpre et al. 2024 for the level; judgement for the range") == "judgement"
    assert source_kind("table access_restrictions, fitted") == "table"
    assert source_kind("Villalobos et al. 2024") == "published"
    assert source_kind("learned from 39 histories of 27 technologies: growth") == "measured"
    assert source_kind("learned from 39 histories; spread by judgement") == "judgement"
    rows = ledger(scenarios.load("baseline").replace(quality=0.2))
    assert [row["kind"] for row in rows if row["setting"] == "usable_share"] == ["caller"]


def test_the_yield_of_synthetic_text_brings_its_own_ledger():
    rows = [
        row for row in ledger(scenarios.load("synthetic_accumulate")) if row["where"] == "forecast/collapse/yields.py"
    ]
    assert {row["kind"] for row in rows} == {"measured", "published"}


def test_the_command_lists_it(capsys):
    assert main(["scenario", "ledger", "closed_web"]) == 0
    said = capsys.readouterr().out
    assert "access.compliance_2030" in said
    assert "of them judgement" in said
    assert main(["scenario", "ledger", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) > 80


def test_a_synthesis_shows_the_inputs_of_what_it_takes_in():
    scenario = dataclasses.replace(scenarios.load("baseline"), estimator="synthesis")
    shown = {row["lever"] for row in ledger(scenario) if row["part"] == "production"}
    assert {"synthesis", "indexed_web", "people", "common_crawl", "released_corpora", "machine_text"} <= shown


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_every_input_of_an_estimator_has_a_unit_and_a_source_of_its_own(name):
    stock = ESTIMATORS[name]()
    numbers = {f.name for f in dataclasses.fields(stock) if isinstance(getattr(stock, f.name), LogNormal | float)}
    assert numbers == set(stock.inputs)
    for unit, source in stock.inputs.values():
        assert unit
        assert source


def test_the_same_number_is_of_the_same_kind_wherever_it_stands():
    kinds = {}
    for row in ledger(load("baseline")):
        if row["part"] == "production" and "quantiles" in row:
            kinds.setdefault((row["setting"], str(row["quantiles"])), set()).add(row["kind"])
    assert all(len(found) == 1 for found in kinds.values()), kinds
