"""The section on what synthetic data is worth: measured, borrowed, judgement; in full only where a lever uses it."""

from types import SimpleNamespace

import numpy as np
import pytest

from forecast.collapse.curves import simulate_yield_curve
from forecast.collapse.engine import Filter
from forecast.collapse.yields import scenario_yield
from forecast.evaluate import store
from forecast.evaluate.synthetic_worth import curve_content, curve_from
from forecast.ingest import stored as results
from forecast.plots.collapse import draw_yield, yield_table, yield_text
from forecast.report import _environment
from forecast.report.synthetic import EXAMPLE, KINDS, number_row, synthetic
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.record import recorded


def forecast(name, resource="public_text"):
    """Return a forecast with as much of a document as the section looks at."""
    record = recorded(scenarios.load(name))
    return SimpleNamespace(document={"resource": resource, "provenance": {"scenario": record}})


def page(facts):
    """Return the section as it stands in the page."""
    return _environment().get_template("sections/synthetic.html.j2").render(facts=facts, own_figures=[], document={})


@pytest.fixture(scope="module")
def curve():
    return simulate_yield_curve(shares=[0.2, 0.5], settings=[(2, None), (3, Filter(0.9, 0.3))], size=400)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Let stored results lie in an empty folder."""
    monkeypatch.setattr(results, "data_directory", lambda: tmp_path)


@pytest.fixture
def stored(folder, curve):
    """Store a small yield curve."""
    del folder
    example = scenario_yield(EXAMPLE, np.random.default_rng(1), 200).summary()
    content = {"seed": 1, "curve": curve_content(curve), "scenarios": {EXAMPLE: example}}
    store.keep("synthetic_worth", content)


def test_a_stored_curve_looks_as_the_one_that_was_drawn(curve):
    back = curve_from(curve_content(curve))
    assert (back.regime, back.shares, back.settings) == (curve.regime, curve.shares, curve.settings)
    one, two = yield_table(curve), yield_table(back)
    assert one.iloc[:, :3].equals(two.iloc[:, :3])
    np.testing.assert_allclose(two.iloc[:, 3:].to_numpy(), one.iloc[:, 3:].to_numpy(), atol=1e-5)


def test_an_upright_curve_has_one_label_and_says_the_same(curve):
    upright, broad = draw_yield(curve, upright=True), draw_yield(curve)
    assert upright.get_label() == broad.get_label() == yield_text(curve)
    assert [ax.get_ylabel() for ax in upright.axes] == ["", ""]
    assert upright.get_supylabel() == broad.axes[0].get_ylabel()
    assert "1 round, 20% synthetic" in yield_text(curve)
    assert "2 rounds, verified, 50% synthetic" in yield_text(curve)


@pytest.mark.usefixtures("stored")
def test_a_scenario_that_counts_synthetic_text_shows_every_number_and_what_it_rests_on():
    facts = synthetic(forecast("synthetic_accumulate"))
    assert facts["acting"] == ["synthetic", "contamination"]
    assert facts["regime"] == "accumulate"
    rows = [row for _, rows in facts["tables"] for row in rows]
    assert {KINDS["measured"], KINDS["published"], KINDS["judgement"]} <= {row["kind"] for row in rows}
    assert all(row["source"] for row in rows)
    html = page(facts)
    for said in ("what a pool retains", "worth at the frontier", "<svg", "fits the data and the code"):
        assert said in html
    assert "comes into training as <em>accumulate</em>" in html


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(("verdict", "skill"), [("PASS", -0.5), ("FAIL", 0.3)])
def test_a_surrogate_that_fails_its_check_says_so(verdict, skill):
    checked = {"verdict": verdict, "runs": 36, "skill": 0.953, "covered": 0.833, "skill_of_mixes": skill}
    store.keep("surrogate", {"left_out": checked})
    html = page(synthetic(forecast("synthetic_accumulate")))
    assert f"<strong>{verdict}</strong>" in html
    assert "hold 83% of them" in html
    assert ("no more than their mean" in html) == (skill < 0)
    assert ("should not be relied on" in html) == (verdict == "FAIL")


@pytest.mark.usefixtures("stored")
def test_the_baseline_counts_none_and_says_so():
    facts = synthetic(forecast("baseline"))
    assert (facts["acting"], facts["regime"]) == (["contamination"], None)
    html = page(facts)
    assert "counts no synthetic text" in html
    assert "none of them enters this forecast" in html


@pytest.mark.usefixtures("folder")
def test_isolation_is_named_and_what_is_not_stored_is_not_drawn():
    facts = synthetic(forecast("data_isolation"))
    assert facts["regime"] == "isolation"
    assert facts["figure"] is None
    html = page(facts)
    assert "laboratories read no synthetic text at all" in html
    assert "<svg" not in html
    assert "not stored" in html


def test_a_scenario_without_such_levers_gets_a_paragraph():
    facts = synthetic(forecast("epoch2024"))
    assert facts["acting"] == []
    html = page(facts)
    assert "<table" not in html
    assert "not known at the frontier" in html


def test_other_resources_and_older_runs_go_without():
    assert synthetic(forecast("baseline", resource="images")) is None
    assert synthetic(SimpleNamespace(document={"resource": "public_text", "provenance": {}})) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"word": "none"}, "none"),
        ({"value": 1e12}, "1e+12 (tokens)"),
        ({"quantiles": {"q05": 0.26, "q50": 0.47, "q95": 0.67}}, "0.47 (0.26 to 0.67 at 90%; tokens)"),
    ],
)
def test_a_number_is_written_with_unit_and_interval(more, said):
    row = {"lever": "synthetic", "setting": "x", "unit": "tokens", "kind": "table", "reason": "table x", **more}
    assert number_row(row)["value"] == said
