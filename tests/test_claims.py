"""The ledger of claims: events mean what the words say, nothing is known before its time, every claim has a reason."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.cli.main import main
from forecast.core.resources import RESOURCES
from forecast.core.trajectory import make_trajectory
from forecast.core.units import decimal_year
from forecast.evaluate.claims import run as room
from forecast.evaluate.claims.amounts import MEASURES, Measure, Published, held_against
from forecast.evaluate.claims.events import Event, event_of, outcome
from forecast.evaluate.claims.past_forecasts import PastForecast
from forecast.evaluate.claims.run import claim_rows, latest_origin, ledger
from forecast.runs.events import DEFINITIONS, MAIN

YEARS = np.arange(2021.5, 2050.5, 0.5)
NOW = 2026.88


def outlook(as_of: float, middle: float, stock: float = 14.5, record: float = 13.5) -> PastForecast:
    """Exhaustion years evenly about a middle, one in ten never; one published record in mid-2024."""
    years = np.where(np.arange(100) < 90, middle + np.linspace(-4, 4, 100), np.inf)
    raw = np.repeat(np.full((100, 1), stock), len(YEARS), axis=1)
    path = make_trajectory(raw, YEARS, resource_name="public_text", role="stock", source="test")
    data = SimpleNamespace(
        size=np.array([[12.0], [record]]),
        time=np.array([[2022.0], [2024.5]]),
        observed=np.ones((2, 1)),
        as_of=as_of,
    )
    results = SimpleNamespace(
        passages={name: SimpleNamespace(year=years) for name in (MAIN, *DEFINITIONS)},
        inputs=SimpleNamespace(data=data),
        resource=RESOURCES["public_text"],
        effective=path,
        raw=path,
        scenario=SimpleNamespace(levers={}),
        passes=np.full(100, 10.0**0.1),
        union=np.full(100, 2.0),
    )
    return PastForecast(as_of, results)


@given(st.lists(st.one_of(st.floats(2000, 2100), st.just(np.inf)), min_size=1), st.floats(2010, 2090))
def test_by_a_year_and_not_before_it_are_all_there_is(years, when) -> None:
    drawn = np.array(years)
    by, after = Event(MAIN, "public_text", end=when), Event(MAIN, "public_text", start=when)
    assert by.probability(drawn) + after.probability(drawn) == pytest.approx(1.0)


def test_every_claim_has_an_event_or_a_reason_and_its_event_says_the_same_as_its_years() -> None:
    rows = claim_rows()
    assert len(rows) == 59
    for row in rows:
        event = event_of(row)
        assert row["event_reading"]
        assert event is None or np.isnan(row["measure_amount"])
        if event is None:
            continue
        assert event.definition in (MAIN, *DEFINITIONS)
        assert event.start < event.end
        # One year on either side for "about"; the end of a year named counts to the year.
        for name in ("claimed_earliest_year", "claimed_latest_year", "claimed_median_year"):
            if not np.isnan(float(row[name])):
                assert event.start - 1 <= float(row[name]) <= event.end + 1, row["id"]
    mapped = {row["id"]: event_of(row) for row in rows}
    assert mapped["C19"].end == np.inf, "enough until then is not: used up by then"
    assert (mapped["C15"].start, mapped["C15"].end) == (2026.0, 2033.0)
    assert mapped["C41"] == Event("used_once", "public_text", end=2025.0)
    for name in ("C26", "C28", "C29", "C35", "C56", "C58", "C59", "C61"):
        assert mapped[name] is None
    assert mapped["C57"] == Event(MAIN, "public_text", end=2100.0), "'at some point' is before the horizon's end"


def claim(**cells):
    """A claim about an amount."""
    return {"measure": None, "measure_amount": None, "measure_from_year": None, "measure_to_year": None} | cells


def test_an_amount_is_held_against_what_was_published_in_its_time(monkeypatch) -> None:
    published = [Published("early", 2023.5, 0.9), Published("low", 2024.2, 0.3), Published("high", 2024.9, 0.5)]
    monkeypatch.setitem(
        MEASURES._entries, "share", Measure("shares", lambda: published, largest=False, show=lambda x: f"{x:.0%}")
    )
    about_2024 = claim(measure="share", measure_from_year=2024.0, measure_to_year=2025.0)
    assert held_against(claim(), NOW) is None
    told = held_against(about_2024 | {"measure_amount": 0.6}, NOW)
    assert told["status"] == "not reached"
    assert [one["name"] for one in told["published"]] == ["low", "high"]
    assert "30% to 50% (2 published: high), claimed 60%" in told["sentence"]
    assert held_against(about_2024 | {"measure_amount": 0.6}, 2024.95)["status"] == "not so far"
    assert held_against(about_2024 | {"measure_amount": 0.6}, 2024.0)["status"] == "nothing published"
    assert held_against(about_2024 | {"measure_amount": 0.3}, NOW)["status"] == "reached"
    assert held_against(about_2024 | {"measure_amount": 0.4}, NOW)["status"] == "cannot be told"


def test_gartners_forecast_of_2021_is_scored_against_stated_shares_of_2024() -> None:
    by_id = {row["id"]: row for row in claim_rows()}
    gartner = by_id["C53"]
    assert (str(gartner["date_of_claim"])[:10], gartner["measure_amount"]) == ("2021-07-24", 0.6)
    told = held_against(gartner, NOW)
    assert told["status"] == "not reached"
    # Phi-4: 40 % synthetic and 15 % rewritten web text; shares that nobody stated (defaults) are not among them.
    assert {one["name"]: one["amount"] for one in told["published"]}["Phi-4 pretraining mixture (10T tokens)"] == 0.55
    assert all(2024 <= one["year"] < 2025.01 for one in told["published"])
    assert held_against(by_id["C52"], NOW)["status"] == "not so far"
    robots = held_against(by_id["C60"], NOW)
    assert (robots["status"], robots["amount"]) == ("not so far", pytest.approx(100_000 * 8766, rel=0.01))
    assert "1,000,000 hours (largest of 4 published: Dyna-2 pre-training)" in robots["sentence"]


def test_a_date_shows_as_much_as_is_known() -> None:
    shown = {p: room.known_date({"date": "2023-12-31", "date_precision": p}) for p in ("day", "month", "year")}
    assert shown == {"day": "2023-12-31", "month": "2023-12", "year": "2023"}


def test_every_address_that_is_only_a_copy_is_marked() -> None:
    copies = (
        "manifold.markets",
        "blogspot",
        "readit.vip",
        "faddat",
        "skanto",
        "ulisten",
        "brainfeed",
        "1ai.net",
        "ababnews",
    )
    for row in claim_rows():
        assert row["not_to_be_cited"] or not any(name in row["source_url"] for name in copies), row["id"]


def test_then_knows_nothing_later_than_the_claim() -> None:
    asked: list[tuple[str, float | None]] = []

    def of(name, origin):
        asked.append((name, origin))
        return outlook(NOW if origin is None else origin, 2029.0 if origin is None else 2026.0)

    content = ledger(claim_rows(), of)
    by_id = {entry["id"]: entry for entry in content["claims"]}
    for entry in content["claims"]:
        if entry["then_as_of"] is not None:
            assert entry["then_as_of"] <= entry["date"]
            assert decimal_year(entry["date"]) - decimal_year(entry["then_as_of"]) < 0.51
    assert ("public_text", 2024.0) in asked
    assert by_id["C15"]["then_as_of"] == "2024-01-01"
    assert by_id["C15"]["probability_now"] != by_id["C15"]["probability_then"]
    assert by_id["C15"]["stated_probability"] == 0.8
    assert by_id["C16"]["event"] is None
    assert by_id["C16"]["probability_now"] is None
    json.dumps(content, allow_nan=False)
    assert [entry["date"] for entry in content["claims"]] == sorted(entry["date"] for entry in content["claims"])


def test_a_forecast_that_is_not_at_hand_leaves_its_cells_empty() -> None:
    content = ledger(claim_rows(), lambda name, origin: outlook(NOW, 2029.0) if origin is None else None)
    mapped = [entry for entry in content["claims"] if entry["event"]]
    assert all(entry["probability_then"] is None and entry["probability_now"] is not None for entry in mapped)


def test_what_happened_is_told_by_what_is_published() -> None:
    gone = Event(MAIN, "public_text", end=2025.0)
    assert outcome(Event(MAIN, "public_text", end=2027.0), outlook(NOW, 2029.0)) is None
    assert outcome(Event(MAIN, "public_text", start=2029.0), outlook(NOW, 2029.0)) is None
    not_yet = outcome(gone, outlook(NOW, 2029.0))
    assert not_yet["status"] == "not reached"
    assert not_yet["share_of_limit"]["median"] == pytest.approx(0.1)
    assert "10 %" in not_yet["sentence"]
    assert outcome(gone, outlook(NOW, 2029.0, stock=13.0))["status"] == "reached"
    late = Event(MAIN, "public_text", 2024.8, 2025.0)
    assert outcome(late, outlook(NOW, 2029.0, stock=13.0))["status"] == "reached before"
    early = Event(MAIN, "public_text", end=2024.0)
    assert outcome(early, outlook(NOW, 2029.0, stock=13.0))["status"] == "not reached", "the record came later"


def test_each_definition_is_held_against_its_own_limit() -> None:
    now = outlook(NOW, 2029.0)
    at = {name: float(now.reached(name, 2025.0)[0]) for name in ("main", "share_50", "share_10", "single_pass")}
    assert at["main"] == pytest.approx(-1.0)
    assert at["share_50"] == pytest.approx(-1.0 + np.log10(2))
    assert at["share_10"] == pytest.approx(0.0)
    assert at["single_pass"] == pytest.approx(-1.1)
    assert float(now.reached("used_once", 2025.0)[0]) == pytest.approx(-1.1 + np.log10(2))
    with pytest.raises(ValueError, match="yearly"):
        now.reached("flow", 2025.0)


def test_the_latest_origin_is_never_after_the_claim() -> None:
    for date in np.linspace(2019.0, 2026.8, 200):
        origin = latest_origin(date, NOW)
        assert origin is not None
        assert origin <= date < origin + 0.5 or date >= 2026.5


def test_the_command_prints_every_claim_and_the_figure_says_what_the_ledger_says(monkeypatch, capsys, tmp_path) -> None:
    from forecast.plots import claims as figure

    content = ledger(claim_rows(), lambda _, origin: outlook(NOW if origin is None else origin, 2029.0))
    monkeypatch.setattr(room, "compute", lambda tell: content)
    assert main(["claims", "--new", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert all(entry["id"] in said for entry in content["claims"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"claims.json", "claims.csv", "claims.svg"}
    text = figure.claims_text(content)
    assert f"of {content['counts']['claims']} in the ledger" in text
    assert len(figure.claims_table(content)) == 59
    shown = [label for label in figure.claims(content).get_yticklabels() if label.get_text()]
    assert len(shown) == content["counts"]["mapped"]
