"""Laws in use that their rules would no longer choose are told in the report, with the stored numbers."""

from __future__ import annotations

import copy

import pytest
from sampling import baseline

from forecast.ingest.stored import read
from forecast.report import rules_in_use as rules
from forecast.report.stored_for import stored_for


def test_each_law_that_its_rule_would_not_choose_now_is_told():
    document = baseline().document
    why, pace, shift = rules.rules_in_use(document)
    assert why == rules.WHY
    chosen = read("learning", None).content["law"]["chosen"]
    assert (
        f"in use median 0.8 and spread 0.9; the rule would now choose {chosen['median']:g} and {chosen['sd_log']:g}"
        in pace
    )
    assert f"the rule would now choose {stored_for('worlds', document).content['shift']['chosen']['above']:g}" in shift


@pytest.mark.parametrize("law", ["_pace", "_shift"])
def test_a_law_that_the_rule_chooses_is_not_told(law, monkeypatch):
    document = baseline().document
    worlds, learning = copy.deepcopy(stored_for("worlds", document)), read("learning", None).content
    learning["law"]["chosen"] = {"median": 0.8, "sd_log": 0.9}
    worlds.content["shift"]["chosen"] = {"below": 0.0, "above": 0.6}
    monkeypatch.setattr(rules, "stored_for", lambda *_: worlds)
    monkeypatch.setattr(rules, "_learning", lambda _: learning)
    assert getattr(rules, law)(document) == ""


def test_nothing_stored_is_nothing_told(monkeypatch):
    monkeypatch.setattr(rules, "stored_for", lambda *_: None)
    monkeypatch.setattr(rules, "_learning", lambda _: None)
    assert rules.rules_in_use(baseline().document) == []
