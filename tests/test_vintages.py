"""Vintages and revisions: what is told when, moves that add up, and what a run says of the one before. No sampling."""

from __future__ import annotations

import copy
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import short_run
from test_backtest import stand_in

from forecast.cli.vintages import vintage_rows
from forecast.consumption.frontier_data import BLOCK_YEARS, FIRST_KNOT
from forecast.core.trajectory import make_trajectory
from forecast.core.units import decimal_year
from forecast.evaluate import vintages as made
from forecast.runs import attribution as revision
from forecast.runs.attribution import Substitution, decomposed, moved, previous
from forecast.runs.forecast import Forecast
from forecast.runs.pipeline import Options
from forecast.scenarios import scenario as scenarios

SCENARIO = """\
title = "A short scenario"
description = "Two members and one estimator."
[stock]
estimator = "indexed_web"
[consumption]
members = ["damped", "windowed_exponential"]
"""


@pytest.fixture(scope="module")
def toml(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "short.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return scenarios.load(path)


@pytest.fixture(scope="module")
def corpora():
    starts = np.arange(FIRST_KNOT + 0.05, 2026.0, BLOCK_YEARS)
    year = (starts[:, None] + 0.03 * np.arange(4)).ravel()
    size = 10 + 0.4 * (year - 2018) - np.tile(0.15 * np.arange(4), len(starts))
    return pd.DataFrame(
        {"model": [f"m{y:.2f}" for y in year], "year": year, "log10_size": size, "measurement_sd": 0.05}
    )


def tell(toml, corpora, monkeypatch, fails=lambda request: False):
    """Return vintages of three dates with stand-in fits."""
    from forecast.core.resources import RESOURCES
    from forecast.runs.inputs import read_inputs

    def fit_member(request):
        return stand_in(request, "FAIL" if fails(request) else "PASS")

    monkeypatch.setattr(made, "fit_member", fit_member)
    monkeypatch.setattr(made, "particle_fits", lambda requests, *_, **__: [fit_member(one) for one in requests])
    options = Options(draws=400, jobs=1, seed=1)
    read = read_inputs(RESOURCES["public_text"])
    return made.vintages(toml, read, [2024.0, 2024.5, 2025.0], corpora, options=options)


# --- vintages


def test_vintages_tell_what_was_known_and_nothing_else(toml, corpora, monkeypatch):
    content = tell(toml, corpora, monkeypatch)
    json.dumps(content, allow_nan=False)
    rows = content["vintages"]
    assert [row["date"] for row in rows] == ["2024-01-01", "2024-07-02", "2025-01-01"]
    assert [row["kind"] for row in rows] == ["pseudo", "pseudo", "now"]
    assert rows[0]["rows"] < rows[1]["rows"] < rows[2]["rows"]
    assert rows[0]["because"] == []
    assert all(row["members"] == ["damped", "windowed_exponential"] for row in rows)
    # November 2024 lies in the second half of that year.
    assert [bool(row["snapshots"]) for row in rows] == [False, False, True]


def test_moves_add_up_and_are_told_apart(toml, corpora, monkeypatch):
    content = tell(toml, corpora, monkeypatch, lambda r: r.member.name == "damped" and r.data.as_of == 2025.0)
    before, row = content["vintages"][1:]
    assert list(row["out"]) == ["damped"]
    assert row["members"] == ["windowed_exponential"]
    by = {step["cause"]: step for step in row["because"]}
    assert list(by) == ["data", "definition", "model"]
    assert "out by the gate: damped" in by["model"]["what"]
    assert by["definition"]["moved_by_years"] == 0
    moves = [step["moved_by_years"] for step in row["because"]]
    assert sum(moves) == pytest.approx(row["moved_by_years"], abs=1e-3)
    whole = row["exhaustion_year"]["median"] - before["exhaustion_year"]["median"]
    assert row["moved_by_years"] == pytest.approx(whole, abs=1e-3)
    same = content["vintages"][1]["because"]
    assert same[2]["moved_by_years"] == 0
    assert content["decomposition"]["definition"]["net_years"] == 0


def test_published_answers_stand_at_their_dates():
    found = {entry["name"]: entry for entry in made.published()}
    assert found["exhaustion.mixture"]["median"] == 2028
    assert found["exhaustion.mixture"]["origin"] == pytest.approx(decimal_year("2024-06-04"), abs=1e-3)
    assert found["exhaustion.low_quality_text.historical"]["interval"] == [2028.4, 2039.2]


def test_table_figure_and_words(toml, corpora, monkeypatch, tmp_path):
    from forecast.plots import vintages as plots

    content = tell(toml, corpora, monkeypatch)
    assert len(vintage_rows(content["vintages"])) == 3
    table = plots.vintages_table(content)
    assert table["q0.5"].tolist() == [row["exhaustion_year"]["median"] for row in content["vintages"]]
    assert "2024-07" in plots.vintages_text(content)
    axes = plots.vintages(content)
    axes.get_figure().savefig(tmp_path / "v.svg")


def test_a_median_beyond_the_horizon_is_drawn_as_no_number():
    from forecast.plots import vintages as plots

    nothing = {"intervals": {level: [2030.0, None] for level in ("0.5", "0.8", "0.95")}, "median": None}
    told = {"intervals": {level: [2028.0, 2033.0] for level in ("0.5", "0.8", "0.95")}, "median": 2030.0}
    rows = [
        {"origin": 2024.0 + place / 2, "date": "2024-01-01", "exhaustion_year": year, "snapshots": []}
        for place, year in enumerate((nothing, told))
    ]
    assert plots.vintages({"vintages": rows, "published": made.published()}).get_ylim()[1] < 2100


# --- revisions


@given(st.lists(st.floats(2025, 2060), min_size=2, max_size=6))
def test_steps_add_up_to_the_whole(medians):
    years = [np.full(3, year) for year in medians]
    steps = [Substitution("data", str(place), year) for place, year in enumerate(years[1:])]
    found = decomposed(years[0], steps)
    assert sum(step["moved_by_years"] for step in found) == pytest.approx(medians[-1] - medians[0], abs=1e-3)


def test_a_move_to_never_has_no_length():
    assert moved(np.array([2029.0]), np.array([np.inf])) is None


def forecast_of(frontier: float, stock: float, document: dict) -> Forecast:
    """Return a forecast with straight sides: the frontier grows by 0.5 a year from 2026, the stock stands still."""
    years = np.arange(2022.0, 2061.0, 0.5)
    rise = frontier + 0.5 * (years - 2026.0)
    sides = [
        make_trajectory(np.tile(values, (20, 1)), years, resource_name="public_text", role=role, source="example")
        for values, role in ((rise, "consumption"), (np.full(len(years), stock), "stock"))
    ]
    passage = np.full(20, 2026.0 + (stock - frontier) / 0.5)
    return Forecast(passage, *sides, document)


@pytest.fixture
def document():
    made = copy.deepcopy(short_run().document)
    made |= {"scenario": "baseline", "as_of": "2026-08-22", "horizon": 2060}
    made["previous"] = {"run": "an older one", "moved_by_years": 1.0, "because": ["x"]}
    made["provenance"] |= {
        "data": [made["provenance"]["data"][0] | {"table": "record_audit", "sha256": "a" * 64}],
        "scenario_sha256": "b" * 64,
        "code_version": "0.1.0",
        "packages": {"numpy": "2"},
        "seed": 1,
        "created": "2026-08-23T00:00:00+00:00",
    }
    return made


def test_a_run_is_compared_side_by_side_with_the_one_it_replaces(document, tmp_path):
    forecast_of(13.0, 14.5, document).save(tmp_path / "run")
    new = copy.deepcopy(document)
    new["provenance"]["data"][0]["sha256"] = "c" * 64
    new["provenance"]["scenario_sha256"] = "d" * 64
    new["as_of"] = "2026-11-21"
    now = forecast_of(13.25, 15.5, new)
    found = previous(tmp_path / "run", new, now.exhaustion_year, now.consumption)
    # The frontier alone brings it half a year forward, the stock then two years back.
    assert found["moved_by_years"] == pytest.approx(1.5, abs=1e-3)
    frontier, stock = found["because"]
    assert "-0.50 years" in frontier
    assert "record_audit aaaaaaaa became cccccccc" in frontier
    assert "2026-11-21 instead of 2026-08-22" in frontier
    assert "not separated" in frontier, "rows and scenario both may have moved the frontier"
    assert "+2.00 years" in stock
    assert "definition" in stock
    assert "data (" not in stock
    assert "2026-08-22" in found["run"]


@pytest.mark.parametrize(
    ("change", "cause", "words"),
    [
        (lambda d: d["provenance"].update(code_version="0.2.0"), "model", "code 0.2.0 instead of 0.1.0"),
        (lambda d: d["provenance"].update(seed=2), "model", "seed 2"),
        (lambda d: d["provenance"].update(packages={"numpy": "3"}), "model", "numpy"),
        (lambda d: d.update(scenario="strict") or d["provenance"].update(scenario_sha256="e"), "definition", "strict"),
        (lambda d: d["consumption"].update(members=[{"name": "local_trend", "weight": 1.0}]), "model", "local_trend"),
    ],
)
def test_what_changed_is_named_by_cause(document, change, cause, words):
    new = copy.deepcopy(document)
    change(new)
    found = revision.changes(document, new, "frontier")
    assert list(found) == [cause]
    assert words in found[cause][0]


def test_the_same_forecast_again_changes_nothing(document, tmp_path):
    now = forecast_of(13.0, 14.5, document)
    now.save(tmp_path / "run")
    found = previous(tmp_path / "run", document, now.exhaustion_year, now.consumption)
    assert found == document["previous"]


def test_a_move_without_a_named_change_is_the_model(document, tmp_path):
    forecast_of(13.0, 14.5, document).save(tmp_path / "run")
    now = forecast_of(13.5, 14.5, document)
    found = previous(tmp_path / "run", document, now.exhaustion_year, now.consumption)
    assert found["moved_by_years"] == pytest.approx(-1.0, abs=1e-3)
    assert len(found["because"]) == 1
    assert "from model (code of the same version" in found["because"][0]


@pytest.mark.parametrize("fault", ["absent", "no JSON", "another resource", "no trajectories", "older layout"])
def test_what_cannot_be_compared_is_no_reason_to_fail(document, tmp_path, fault):
    folder = tmp_path / "run"
    now = forecast_of(13.0, 14.5, document)
    if fault != "absent":
        now.save(folder)
    if fault == "no JSON":
        (folder / "forecast.json").write_text("{")
    if fault == "another resource":
        (folder / "forecast.json").write_text(json.dumps({**document, "resource": "images"}))
    if fault == "no trajectories":
        (folder / "trajectories.nc").write_bytes(b"")
    if fault == "older layout":
        (folder / "forecast.json").write_text(json.dumps({"schema": "forecast/1", "resource": "public_text"}))
    assert previous(folder, document, now.exhaustion_year, now.consumption) is None
