"""The numbers that carry the answer: shares of a closed form, rows left out, grades and addresses, and the ten."""

from __future__ import annotations

import dataclasses
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_sensitivity import results as made_run

from forecast.evaluate.influence import drawn, left_out, run
from forecast.evaluate.influence.drawn import first_order, near
from forecast.evaluate.influence.left_out import influential_rows
from forecast.evaluate.influence.number import Answers, CarryingNumber, address_of, graded
from forecast.ingest.catalog import table
from forecast.report import _environment, evidence
from forecast.report.brief_blocks import BriefTable
from forecast.report.markdown import markdown
from forecast.runs.inputs import source_of
from forecast.runs.pipeline import Options
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.record import recorded


def number(key: str, kind: str = "assumption", low: float = 0.5, high: float = 0.9, **more) -> CarryingNumber:
    row = kind in ("training run", "stock estimate")
    ends = (
        {"without": Answers(2028.0, high)} if row else {"at_low": Answers(2028.0, low), "at_high": Answers(None, high)}
    )
    plain = {"unit": "share", "value": 0.2, "low": 0.1, "high": 0.4, "grade": "A", "read": "read in the source itself"}
    return CarryingNumber(
        kind=kind, name=f"Number {key}", key=key, **(plain | {"address": "https://example.org/a", "share": None if row else 0.1} | ends | more)
    )  # fmt: skip


def test_share_of_one_number_is_that_of_a_sum() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 40_000))
    assert first_order(x, 3 * x + 4 * y) == pytest.approx(9 / 25, abs=0.01)
    assert first_order(np.exp(x), 3 * x + 4 * y) == first_order(x, 3 * x + 4 * y)  # only the order counts
    assert first_order(x, y) < 0.002  # what chance alone gives is taken off
    assert first_order(x, np.zeros_like(x)) == 0.0


def test_answer_near_a_rank_is_that_of_the_futures_there() -> None:
    x = np.linspace(0, 1, 1000)
    year = np.where(x < 0.5, 2029.0, np.inf)
    assert near(x, year, 0.1) == Answers(2029.0, 1.0)
    assert near(x, year, 0.9) == Answers(None, 0.0)


def test_numbers_of_a_run_hold_its_levers_growth_and_stock() -> None:
    made = made_run()
    found = {one.key: one for one in drawn.drawn_numbers(made, seed=1)}
    assert {"level", "growth", "undisclosed", "raw stock", "quality.usable_share"} <= set(found)
    # The level that stays as it is counts once.
    assert "access.restricted_share_now" in found
    assert "access.restricted_share_2030" not in found
    for one in found.values():
        assert one.low <= one.value <= one.high
        assert 0 <= one.share <= 1
    usable = found["quality.usable_share"]
    assert usable.at_low.probability_by_2030 >= usable.at_high.probability_by_2030  # more text is later
    assert found["growth"].at_low.probability_by_2030 < found["growth"].at_high.probability_by_2030
    assert found["growth"].value == pytest.approx(10**0.275, rel=0.15)


@pytest.mark.parametrize(
    ("source", "grade", "address"),
    [
        ("Villalobos et al. 2024, arXiv 2211.04325v2: 10 % to 40 %", "A", "https://arxiv.org/abs/2211.04325"),
        ("Epoch AI 2024, https://epoch.ai/blog/x: 2e29 FLOP", "A", "https://epoch.ai/blog/x"),
        ("a survey (https://example.org/a), read second hand", "C", "https://example.org/a"),
        ("judgement: about half, table lever_estimates", "D", table("lever_estimates").address),
        ("table synthetic_share, fitted", "B", table("synthetic_share").address),
        ("judgement: as today", "D", ""),
        ("learned on made worlds: what is lacking upwards", "B", ""),
        ("learned from 39 histories: spread by judgement", "D", ""),
    ],
)
def test_grade_and_address_come_from_the_words_of_the_source(source, grade, address) -> None:
    assert graded(source)[0] == grade
    assert address_of(source) == address


def test_every_number_of_the_baseline_has_an_address_or_says_judgement_or_was_learned_here() -> None:
    for one in drawn.drawn_numbers(made_run(), seed=1):
        learned_here = one.grade == "B" and one.read.startswith("learned ")
        assert one.address.startswith("https://") or one.grade == "D" or learned_here, one.key


def test_influential_rows_are_recent_records_long_ones_and_the_newest() -> None:
    rows = pd.DataFrame(
        [("Old", 2019.0, 12.0), ("First", 2023.5, 13.0), ("Below", 2024.0, 12.5), ("Second", 2025.0, 13.2), ("New", 2026.7, 13.1)],
        columns=["model", "year", "log10_size"],
    )  # fmt: skip
    assert influential_rows(rows, 2026.9) == ["Old", "First", "Second", "New"]
    assert influential_rows(rows, 2024.4) == ["Old", "First", "Below"]


def test_a_stock_estimate_left_out_moves_the_answer_its_way() -> None:
    made = made_run()
    made.scenario = scenarios.load("baseline")
    found = left_out.stock_estimates(made, seed=1)
    assert len({one.key for one in found}) == len(found) >= 4
    assert all(one.kind == "stock estimate" and one.without is not None for one in found)
    assert all(one.address.startswith("https://") for one in found)
    # A high estimate left out lowers the stock, so that it is used up earlier, and a low one the other way round.
    base = drawn.answers(made.passages["main"].year).probability_by_2030
    highest = max((one for one in found if "lower bound" not in one.name), key=lambda one: one.value)
    assert all(abs(one.without.probability_by_2030 - base) < 0.5 for one in found)
    assert highest.grade in "ABCD"


def test_training_runs_are_left_out_one_by_one(monkeypatch) -> None:
    asked: list[set[str]] = []
    corpora = pd.DataFrame(
        {"model": ["GPT-4 (Mar 2023)", "Qwen3-32B", "Nobody"], "organization": "X", "year": [2023.2, 2025.3, 2026.7],
         "log10_size": [13.1, 13.5, 13.4], "measurement_sd": 0.1, "source_url": "https://example.org/r"}
    )  # fmt: skip
    baseline = SimpleNamespace(
        corpora=corpora, as_of=2026.9, options=Options(),
        defaults=lambda rows: asked.append(set(rows["model"])) or [SimpleNamespace(key=lambda: len(asked))],
    )  # fmt: skip
    monkeypatch.setattr(left_out, "particle_fits", lambda requests, *_: requests)
    monkeypatch.setattr(left_out, "mixture", lambda *_: None)
    row = {"exhaustion_year": {"median": 2028.4, "probability_by": {"2030": 0.7}}}
    monkeypatch.setattr(left_out, "table_row", lambda *_: row)
    found = left_out.training_runs(baseline, lambda _: None)
    assert asked == [set(corpora["model"]) - {name} for name in corpora["model"]]
    assert [one.without for one in found] == [Answers(2028.4, 0.7)] * 3
    assert found[1].value == pytest.approx(10**13.5, rel=1e-4)
    assert found[1].grade in "ABCD"
    assert found[2].grade == "C"  # in no audit


def test_the_ten_are_the_first_with_places_for_rows() -> None:
    numbers = [number(str(place), low=0.3 + place / 100) for place in range(12)]
    rows = [number(f"row {place}", "training run", high=0.78 - place / 1000) for place in range(3)]
    stocks = [number(f"stock {place}", "stock estimate", high=0.79) for place in range(3)]
    ranked = sorted([*numbers, *rows, *stocks], key=lambda one: -one.moves(0.79))
    found = [one.key for one in run.chosen(ranked)]
    assert len(found) == run.PLACES
    assert found == [*(str(place) for place in range(6)), "row 2", "row 1", "stock 0", "stock 1"]
    assert len(run.chosen(ranked[:3])) == 3


@pytest.fixture
def shown(monkeypatch):
    """The report's facts from a made result, for a document that it fits."""
    numbers = [
        number("usable"),
        dataclasses.replace(
            number("cap", value=1.9e29, unit="FLOP", grade="D", address="javascript:alert(1)"), low=3e28, high=1.2e30
        ),
        dataclasses.replace(
            number("run", "training run"), name="Human text read by <b>X</b> | [y](z)", value=3.3e13, low=2.2e13,
            high=5e13, unit="tokens", without=Answers(2028.9, 0.7), address="https://example.org/r>|x"
        ),
    ]  # fmt: skip
    content = {
        "as_of": "2026-11-21",
        "answer": {"median": 2028.4, "probability_by_2030": 0.79},
        "numbers": [one.as_dict() for one in numbers],
        "ten": [one.key for one in numbers],
    }
    result = SimpleNamespace(content=content, sentence=lambda: "It fits.")
    monkeypatch.setattr("forecast.ingest.stored.exists", lambda name, *_: True)
    monkeypatch.setattr("forecast.evaluate.stored", lambda name: result)
    return {"scenario": "baseline", "resource": "public_text", "as_of": "2026-11-21", "provenance": {"options": {}}}


def test_the_report_says_value_weight_grade_and_address(shown) -> None:
    usable, cap, training = evidence.carrying(shown)["rows"]
    assert usable["value"] == "20% (10% to 40%)"
    assert usable["hangs"] == "between 50% and 90%; 10% of the uncertainty"
    assert (usable["grade"], usable["source"]) == ("A", "read in the source itself: example.org")
    assert cap["value"] == "1.9e29 FLOP (3e28 to 1.2e30)"
    assert cap["address"] == ""  # only addresses of the web are linked
    assert training["value"] == "33 trillion tokens (22 trillion to 50 trillion)"
    assert training["hangs"] == "without it 70%, median 2028"


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": "closed_web"},
        {"resource": "images"},
        {"as_of": "2025-01-01"},
        {"provenance": {"options": {"models": "my.csv"}}},
    ],
)
def test_numbers_of_another_forecast_are_not_shown(shown, change) -> None:
    assert evidence.carrying(shown | change) is None
    assert evidence.carrying_section(shown | change) == ()


def test_links_in_markdown_neither_end_their_cell_nor_their_address(shown) -> None:
    [section] = evidence.carrying_section(shown)
    brief = SimpleNamespace(title="T", subtitle="S", of=lambda form: (section,))
    lines = [line for line in markdown(brief).splitlines() if line.startswith("| ")]
    assert len(lines) == 5
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in lines)
    assert "](<https://example.org/a>) |" in lines[2]
    assert "](<https://example.org/r%3E%7Cx>) |" in lines[4]
    assert "<b>" not in lines[4]
    assert lines[3].endswith("read in the source itself |")


def test_a_table_with_too_few_addresses_is_refused() -> None:
    with pytest.raises(ValueError, match="addresses"):
        BriefTable("c", ("a", "b"), (("1", "2"), ("3", "4")), addresses=("https://example.org",))


def test_provenance_says_how_old_the_tables_of_the_run_are() -> None:
    names = ("record_audit", "access_restrictions")
    document = {
        "scenario": "baseline",
        "resource": "public_text",
        "provenance": {"data": [source_of(name) for name in names], "scenario": recorded(scenarios.load("baseline"))},
    }
    found = {one["table"]: one for one in evidence.ages(document)}
    assert set(found) == set(names)
    assert found["record_audit"]["checked"] == table("record_audit").snapshot
    assert "of the uncertainty" in found["record_audit"]["hangs"]
    [ages] = evidence.ages_table(document)
    assert ages.addresses == tuple(one["address"] for one in found.values())
    document["scenario"] = "closed_web"  # the shares are the baseline's
    assert "%" not in evidence.ages(document)[0]["hangs"]
    for entry in document["provenance"]["data"]:
        entry["sha256"] = "0" * 64  # a table of another version: nothing is known of its age
    assert evidence.ages(document) == []
    assert evidence.ages_table(document) == ()


def test_the_page_shows_numbers_and_ages_with_safe_links(shown) -> None:
    facts = evidence.carrying(shown)
    page = _environment().get_template("sections/evidence.html.j2").render(facts=facts, headline_year=2030)
    assert page.count('role="row"') == 4
    assert page.count("<a href=") == 2
    assert "javascript:" not in page
    assert "<b>X</b>" not in page
