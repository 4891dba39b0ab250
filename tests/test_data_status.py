"""How old the tables are and what hangs on them: read from the tables themselves and from the stored sensitivity."""

from __future__ import annotations

import datetime as dt
import json
import math

import pandas as pd
import pytest

import forecast as fc
from forecast.cli.main import main
from forecast.evaluate import data_status as room
from forecast.evaluate.data_status import OUTPUT, fed_by, named_in, newest_date, table_statuses
from forecast.ingest.catalog import load_table, read_package, table, tables
from forecast.scenarios import scenario as scenarios

DAY = dt.date(2026, 12, 1)


@pytest.fixture(scope="module")
def statuses() -> dict[str, room.TableStatus]:
    return {one.table: one for one in table_statuses(today=DAY)}


def test_every_table_is_listed_once_with_a_way_to_refresh_it(statuses) -> None:
    assert sorted(statuses) == sorted(entry.name for entry in tables())
    for one in statuses.values():
        assert one.address.startswith("https://")
        assert one.refresh.startswith(("by hand: ", "forecast data update", "not to be refreshed: ")), one.table
        assert one.age_days == (DAY - dt.date.fromisoformat(one.checked)).days
        assert one.newest is None or one.newest <= one.checked[: len(one.newest)]


def test_the_share_of_a_table_is_that_of_the_inputs_it_feeds(statuses, monkeypatch) -> None:
    def group(*inputs: str, first: float, total: float) -> dict:
        return {
            "title": " and ".join(inputs),
            "inputs": list(inputs),
            "sobol": {OUTPUT: {"first": first, "total": total}},
        }

    made = [
        group("further growth", first=0.5, total=0.7),
        group("growth member", first=0.1, total=0.4),
        group("raw stock", first=0.2, total=0.2),
        group("access", "quality", first=-0.01, total=0.0),
    ]
    monkeypatch.setattr(room, "_weights", lambda: made)
    found = {one.table: one for one in table_statuses(today=DAY)}
    assert found["record_audit"].first == pytest.approx(0.6)
    assert found["record_audit"].total == 1.0
    assert found["stock_mapping"].first == pytest.approx(0.2)
    assert found["access_restrictions"].first == 0.0
    assert found["access_restrictions"].feeds == ("access and quality",)
    assert found["claims"].feeds == ()
    assert "claims" in found["claims"].results
    ranked = [one.first for one in table_statuses(today=DAY)]
    assert ranked == sorted(ranked, reverse=True)


def test_without_a_stored_sensitivity_the_inputs_are_still_named(monkeypatch) -> None:
    monkeypatch.setattr(room, "_weights", lambda: None)
    found = {one.table: one for one in table_statuses(today=DAY)}
    assert found["record_audit"].first is None
    assert "further growth" in found["record_audit"].feeds
    assert found["record_audit"].weight.startswith("part of the headline: ")


def test_levers_and_estimators_name_their_tables_themselves() -> None:
    baseline = scenarios.load("baseline")
    fed = fed_by(baseline)
    assert set(fed["raw stock"]) == set(baseline.stock().tables)
    assert "access_restrictions" in fed["access"]
    # What a source says in words counts as well, once each, and a word that is no table does not.
    assert named_in("table lever_estimates: 5; (table claims); the table below, table claims") == (
        "lever_estimates",
        "claims",
    )


def test_newest_date_leaves_projections_out() -> None:
    assert load_table("world_population")["year"].max() == 2100
    assert newest_date(table("world_population")) == table("world_population").snapshot[:4]
    assert newest_date(table("epoch_published")) is None
    dates = load_table("record_audit")["publication_date"]
    assert newest_date(table("record_audit")) == f"{dates[dates <= table('record_audit').snapshot].max():%Y-%m-%d}"


def test_a_table_that_does_not_say_how_to_refresh_it_sends_to_its_publisher(tmp_path) -> None:
    from forecast.ingest import catalog

    [first, *_] = read_package(catalog.data_directory())["resources"]
    plain = {key: value for key, value in first.items() if key != "refresh"}
    assert catalog._table(plain, tmp_path).refresh == f"by hand: compare with {first['homepage']}"
    assert catalog._table(first, tmp_path).refresh == first["refresh"]


def test_the_command_prints_every_table_and_json_alone(capsys) -> None:
    assert main(["data", "status"]) == 0
    shown = capsys.readouterr().out
    assert all(entry.name in shown for entry in tables())
    assert "forecast data update" in shown
    assert "of the uncertainty" in shown
    assert main(["data", "status", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["shares_of"] == OUTPUT
    assert {one["table"] for one in document["tables"]} == {entry.name for entry in tables()}
    for one in document["tables"]:
        assert one["first"] is None or (0 <= one["first"] <= 1 and math.isfinite(one["total"]))


def test_a_notebook_gets_a_table() -> None:
    found = fc.data_status()
    assert isinstance(found, pd.DataFrame)
    assert set(found.index) == {entry.name for entry in tables()}
    assert {"newest", "checked", "first", "total", "address", "refresh"} <= set(found.columns)
