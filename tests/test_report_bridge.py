"""The section that leads from the published forecast to this one: stored, stale, or not there."""

from types import SimpleNamespace

import pytest

from forecast.evaluate import EVALUATIONS, store
from forecast.evaluate.bridge import evaluate
from forecast.ingest import stored as results
from forecast.replicate import baseline_steps as ours
from forecast.replicate.bridge import LATER, BridgeStep
from forecast.report.bridge import bridge
from forecast.scenarios import scenario as scenarios


def forecast(**changed):
    """Return a forecast with as much of a document as the section looks at."""
    said = {
        "scenario": "baseline",
        "resource": "public_text",
        "exhaustion_year": {"median": 2029.5},
        "provenance": {"scenario_sha256": scenarios.load("baseline").digest()},
    }
    return SimpleNamespace(document=said | changed)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Let stored results lie in an empty folder."""
    monkeypatch.setattr(results, "data_directory", lambda: tmp_path)
    # Tables are looked up elsewhere; only the place of the results moves.
    return tmp_path / results.FOLDER


@pytest.fixture
def stored(folder, monkeypatch):
    """Store a bridge whose last steps were not sampled."""
    steps = (
        BridgeStep(
            "as published", "Their procedure", "As published.", {"0.1": 2027.0, "0.5": 2029.0, "0.9": 2032.0}, None
        ),
        BridgeStep("stock", LATER[-1][1], "Ours.", {"0.1": 2026.0, "0.5": 2028.5, "0.9": None}, -0.5),
    )
    monkeypatch.setattr("forecast.evaluate.bridge.whole_bridge", lambda **_: steps)
    return store.make("bridge", lambda _: None, 1)


@pytest.mark.usefixtures("folder")
def test_what_is_not_stored_is_not_shown():
    assert bridge(forecast()) is None


@pytest.mark.usefixtures("stored")
def test_a_stored_bridge_is_shown_with_its_figure_and_where_it_ends():
    section = bridge(forecast())
    assert section is not None
    assert [row[0] for row in section["rows"]] == ["0  Their procedure", f"1  {LATER[-1][1]}"]
    assert section["rows"][-1][1:] == ("2028.5", "2026.0 to later", "-0.5 years")
    assert section["figure"].svg.startswith("<svg role=")
    assert 'id="bridge-title"' in section["figure"].svg
    assert [row[1] for row in section["figure"].table["data"]] == [2029.0, 2028.5]
    assert (section["end"], section["here"]) == (2028.5, 2029.5)
    assert "fits the data and the code in use" in section["state"]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("other", [{"scenario": "closed_web"}, {"resource": "images"}])
def test_a_forecast_of_something_else_goes_without(other):
    assert bridge(forecast(**other)) is None


@pytest.mark.usefixtures("stored")
def test_a_bridge_to_another_baseline_is_marked_stale():
    section = bridge(forecast(provenance={"scenario_sha256": "0" * 64}))
    assert section is not None
    assert "is stale (scenario changed since)" in section["state"]


def test_the_bridge_is_an_evaluation_that_rests_on_its_steps():
    assert EVALUATIONS["bridge"].where == f"{evaluate.__module__}:{evaluate.__name__}"
    assert {"rivals/analyses", "stock/synthesis", "run/whole"} <= set(store.inputs("bridge")["fingerprints"])
    assert ours.whole_bridge.__module__.startswith("forecast.replicate")
