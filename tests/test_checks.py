"""Lines of the gate beyond single fits: conflicts are reviewed, what is missing fails, and a failure has no headline."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from forecast.consumption.members import member
from forecast.fits.gate import Check
from forecast.runs import build_document
from forecast.runs.checks import record_check, record_checks, stock_checks
from forecast.runs.headline import headline

ESTIMATORS = [
    {"name": "synthesis", "lineage": "synthesis"},
    {"name": "indexed_web", "lineage": "web", "kind": "estimate", "conflict_p": 0.6},
    {"name": "released_corpora", "lineage": "corpora", "kind": "lower bound", "conflict_p": 0.99},
]


def fit(status: str = "PASS", name: str = "damped", checks: bool = True) -> SimpleNamespace:
    lines = [Check(f"{name} R-hat", status, "largest R-hat 1.001", "").to_dict()] if checks else []
    return SimpleNamespace(
        member=SimpleNamespace(name=name),
        diagnostics={
            "checks": lines,
            "verdict": status,
            **dict.fromkeys(("rhat_max", "ess_bulk_min", "ess_tail_min"), 1.0),
            "divergences": 0,
            "p_values": {"the record": 0.5} if checks else {},
        },
    )


@pytest.fixture
def verdict_of(monkeypatch):
    """The verdict over made fits, estimators and prior predictive probabilities of the record."""

    def find(fits=None, held=None, estimators=ESTIMATORS, p_record=0.5):
        made = [fit()] if fits is None else fits
        monkeypatch.setattr(
            build_document, "record_checks", lambda held, **_: [record_check(f.member.name, p_record) for f in held]
        )
        return build_document._diagnostics(made, made if held is None else held, stock_checks(estimators))

    return find


def changed(**values):
    return [ESTIMATORS[0], {**ESTIMATORS[1], **values}]


def test_all_is_well(verdict_of) -> None:
    found = verdict_of()
    assert found["verdict"] == "PASS"
    assert {line["name"] for line in found["checks"]} >= {"stock estimate indexed_web", "damped priors and the record"}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"estimators": changed(conflict_p=0.001)}, "REVIEW"),
        ({"estimators": changed(conflict_p=float("nan"))}, "FAIL"),
        ({"estimators": changed(conflict_p=None)}, "FAIL"),
        ({"p_record": 0.001}, "REVIEW"),
        ({"p_record": 0.999}, "REVIEW"),
        ({"p_record": None}, "FAIL"),
        ({"fits": [fit("FAIL")]}, "FAIL"),
        ({"fits": [fit(), fit("FAIL", "local_trend")], "held": [fit()]}, "REVIEW"),
        ({"fits": [fit(checks=False)]}, "FAIL"),
        ({"estimators": ESTIMATORS[:1]}, "PASS"),
    ],
)
def test_each_case_has_its_verdict_and_advice_and_a_failure_no_headline(verdict_of, case, expected) -> None:
    found = verdict_of(**case)
    assert found["verdict"] == expected
    for line in found["checks"]:
        assert line["sentence"]
        assert bool(line["advice"]) == (line["status"] != "PASS") or line["name"].endswith("R-hat")
    year = {
        "probability_by": {"2030": 0.5},
        "probability_already": 0.1,
        "probability_after_horizon": 0.1,
        "median": 2030.5,
        "intervals": {"0.8": [2027.0, None]},
    }
    document = {
        "resource": "public_text",
        "scenario": "baseline",
        "as_of": "2026-11-21",
        "horizon": 2100,
        "diagnostics": found,
        "exhaustion_year": year,
        "definitions": [{"name": name, "exhaustion_year": year} for name in ("single_pass", "used_once")],
        "stock": {"layers": []},
    }
    said = headline(document, None, None)
    assert (said["sentence"] is None) == (said["short"] is None) == (expected == "FAIL")


def test_priors_that_exclude_the_record_are_found(monkeypatch) -> None:
    from forecast.evaluate.calibration.recovery import shipped_data

    who, data = member("damped"), shipped_data()
    honest = SimpleNamespace(member=who, data=data, seed=1)
    assert record_checks([honest])[0].status == "PASS"
    shifted = SimpleNamespace(member=who, data=data.__class__(**{**vars(data), "size": data.size + 6.0}), seed=1)
    assert record_checks([shifted])[0].status == "REVIEW"
    assert np.isfinite(float(record_checks([shifted])[0].sentence.split()[-1]))
