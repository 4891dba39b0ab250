"""Scenarios side by side: the stored result, when it stands beside a forecast, and its figure."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from forecast.collapse.yields import SCENARIO_SETTINGS
from forecast.evaluate import scenarios as rooms
from forecast.evaluate import store
from forecast.ingest import stored as results
from forecast.plots.scenarios import scenarios as draw
from forecast.plots.scenarios import scenarios_shown, scenarios_table, scenarios_text
from forecast.plots.sensitivity import bars_2030, bars_table, bars_text
from forecast.runs.document import exhaustion_block
from forecast.runs.passage import REASONS
from forecast.scenarios import scenario as scenarios


def block(shift: float) -> dict:
    years = 2028 + shift + np.linspace(0, 30, 200)
    years[-20:] = np.inf
    return exhaustion_block(years, as_of=2026.9, horizon=2100, never=dict.fromkeys(REASONS, 0.0))


def made(name: str, shift: float = 0.0) -> SimpleNamespace:
    """Return what a run of a scenario looks like from outside."""
    size = {"median": 1e14, "quantiles": {}, "intervals": {}}
    document = {
        "sentence": None,
        "scenario": name,
        "resource": "public_text",
        "as_of": "2026-11-21",
        "horizon": 2100,
        "exhaustion_year": block(shift),
        "consumption": {"frontier": {"2030": size}},
        "stock": {"effective": {"2030": size}},
        "diagnostics": {"verdict": "PASS"},
    }
    return SimpleNamespace(document=document)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Evaluate with runs that cost nothing, store the result in a folder of its own, and read from there."""
    order: list[str] = []
    over: list[tuple[str, float, float]] = []

    def run(name, options):
        if not isinstance(name, str):
            own = name.name.removesuffix(" (changed)")
            numbers = [name.levers["synthetic"].quantities[one] for one in ("scale_transfer", "saturation_exponent")]
            over.append((own, *(float(one.quantile(np.array(0.5))) for one in numbers)))
            return made(own, shift=over[-1][1] - over[-1][2])
        order.append(name)
        return made(name, shift=len(order) % 5)

    monkeypatch.setattr(rooms, "run", run)
    said: list[str] = []
    content = rooms.evaluate(progress=said.append, jobs=1)
    store.keep(rooms.NAME, content, directory=tmp_path)
    whole = results.read
    monkeypatch.setattr(results, "exists", lambda name: (tmp_path / f"{name}.json").is_file())
    monkeypatch.setattr(results, "read", lambda name, now: whole(name, now, directory=tmp_path))
    rooms._stored.cache_clear()
    yield SimpleNamespace(order=order, over=over, said=said, content=content, settings=rooms.settings())
    rooms._stored.cache_clear()


def test_every_shipped_scenario_is_run_once_and_the_baseline_first(stored):
    assert stored.order[0] == "baseline"
    assert sorted(stored.order) == sorted(scenarios.names())
    assert len(stored.said) == len(stored.order) + len(SCENARIO_SETTINGS) + len(rooms.JUDGED)
    for row in stored.content["scenarios"]:
        assert row["world"] == scenarios.load(row["name"]).description
        assert row["exhaustion_year"]["median"] > 2028


def test_the_scenarios_of_synthetic_text_are_told_over_the_factor_of_scale(stored):
    expected = [(name, scale) for name in SCENARIO_SETTINGS for scale in (0.01, 0.055, 0.3, 1.0)]
    rows = stored.content["over_scale"]
    assert [(row["name"], row["scale_transfer"]) for row in rows] == expected
    assert [row[:2] for row in stored.over[: len(rows)]] == expected
    assert all(0 <= row["by_2030"] <= 1 for row in rows)


def test_each_judged_number_is_held_at_both_its_ends_and_no_other_is_touched(stored):
    ends = np.array([numbers for _, *numbers in stored.over[-4:]])
    transfer, exponent = (
        float(scenarios.load("synthetic_accumulate").levers["synthetic"].quantities[one].quantile(np.array(0.5)))
        for one in rooms.JUDGED
    )
    expected = [[0.01, exponent], [0.3, exponent], [transfer, 0.3], [transfer, 0.9]]
    assert {name for name, *_ in stored.over[-4:]} == {"synthetic_accumulate"}
    assert ends == pytest.approx(np.array(expected), rel=2e-3)
    content = stored.content["judged"]
    assert [row["ends"] for row in content["inputs"]] == [
        pytest.approx(one, rel=2e-3) for one in ([0.01, 0.3], [0.3, 0.9])
    ]
    axes = bars_2030(content)
    drawn = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert drawn == pytest.approx(
        [100 * value for value in bars_table(content)[["held_low", "held_high"]].to_numpy().ravel()]
    )
    assert "held low" in bars_text(content)


def test_it_stands_beside_forecasts_of_its_resource_and_date_alone(stored):
    document = made("baseline").document
    assert rooms.stored_scenarios(document).content == stored.content
    assert rooms.stored_scenarios(document | {"as_of": "2025-01-01"}) is None
    assert rooms.stored_scenarios(document | {"resource": "images"}) is None
    assert not scenarios_shown(SimpleNamespace(document=document | {"resource": "images"}))


def test_a_changed_scenario_makes_it_stale(stored, monkeypatch):
    document = made("baseline").document
    assert not rooms.stored_scenarios(document).stale
    monkeypatch.setattr(rooms, "settings", lambda: stored.settings | {"scenario closed_web": "other"})
    rooms._stored.cache_clear()
    found = rooms.stored_scenarios(document)
    assert found.changed == ("scenario closed_web",)
    assert "is stale (scenario closed_web changed since)" in found.sentence()


def test_the_figure_shows_every_scenario_and_marks_its_own(stored):
    forecast = made("closed_web")
    axes = draw(forecast)
    titles = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert sorted(titles) == sorted(scenarios.load(name).title for name in scenarios.names())
    table = scenarios_table(forecast)
    assert list(table["scenario"]) == titles
    assert table["year_q50.0"].is_monotonic_increasing
    for title in titles:
        assert title in scenarios_text(forecast)


@pytest.mark.skipif(not results.exists("scenarios"), reason="no stored result: make evaluate NAMES=scenarios")
def test_the_shipped_result_is_of_the_shipped_scenarios_and_goes_the_right_way():
    from forecast.evaluate.scenarios import _stored, settings

    _stored.cache_clear()
    rows = {row["name"]: row["exhaustion_year"] for row in results.read("scenarios", settings()).content["scenarios"]}
    assert set(rows) == set(scenarios.names())
    by = {name: year["probability_by"]["2035"] for name, year in rows.items()}
    assert by["overtrained_100x"] >= by["overtrained_5x"] >= by["baseline"] >= by["efficiency_boom"]
    assert by["closed_web"] >= by["baseline"] >= by["private_unlocked"]
    assert by["baseline"] >= by["compute_stalls"]
