"""Rounds: frozen files hold to their hash, questions resolve on made tables, scores agree with closed forms."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from forecast.cli.main import main
from forecast.consumption.members.damped import Damped
from forecast.consumption.members.record_drift import RecordDrift
from forecast.consumption.observation import SMALLEST_ERROR
from forecast.errors import InputError, OutputError, UnknownNameError
from forecast.evaluate.rounds import files
from forecast.evaluate.rounds.board import board_rows, rows, sentence
from forecast.evaluate.rounds.freezing import LEVELS, distribution, freeze, round_name
from forecast.evaluate.rounds.measures import MEASURES
from forecast.evaluate.rounds.measures import records as record_measure
from forecast.evaluate.rounds.measures.base import Asked, random_walk, straight_line
from forecast.evaluate.rounds.ours import Ours
from forecast.evaluate.rounds.questions import QUESTIONS, Question
from forecast.evaluate.rounds.scoring import crps_of_quantiles, newly_resolved, resolve, score, scoreboard
from forecast.evaluate.rounds.tables import Tables

DRAWS = 400


def made_tables() -> Tables:
    """Twelve half-yearly runs that double each year from 1T in mid-2020, some above 10T, and short series of the rest."""
    years = 2020.5 + 0.5 * np.arange(12)
    date = pd.to_datetime([f"{int(y)}-{'07' if y % 1 else '01'}-15" for y in years])
    tokens = 1e12 * 2.0 ** (years - 2020.5)
    audit = pd.DataFrame(
        {
            "model": [f"M{k}" for k in range(12)],
            "publication_date": date,
            "tokens_seen": tokens,
            "use": ["counts"] * 11 + ["exclude"],
        }
    )
    corpora = audit.assign(year=years, log10_size=np.log10(tokens / 2), measurement_sd=0.05)
    shares = pd.DataFrame(
        {
            "date": pd.to_datetime(["2023-11-30", "2024-11-30", "2025-03-31", "2026-03-31"]),
            "population": "new English articles in Common Crawl sample (1 page)",
            "measure": "share_primarily_ai_generated_articles",
            "share": [0.3, 0.4, 0.45, 0.6],
            "source_title": "G",
        }
    )
    access = pd.DataFrame(
        {
            "date": pd.to_datetime(["2023-06-30", "2024-04-30", "2026-02-28"]),
            "measure": "robots_txt_full_restriction_token_share",
            "corpus": "C4 (all tokens)",
            "agent": "any of 7 AI organisations",
            "value_share": [0.01, np.nan, 0.2],
            "low_share": [np.nan, 0.04, np.nan],
            "high_share": [np.nan, 0.09, np.nan],
            "source_title": "L",
        }
    )
    crawls = pd.DataFrame(
        {
            "crawl_id": [f"C{k}" for k in range(62)],
            "date": pd.date_range("2021-01-10", periods=62, freq="30D"),
            "new_urls_estim": [8e8 * 0.99**k * (1.05 if k % 3 else 0.95) for k in range(62)],
        }
    )
    return Tables(corpora, audit, shares, access, crawls, "2026-02-28")


def made_run(as_of: float = 2025.0) -> Ours:
    rng = np.random.default_rng(1)
    years = np.arange(2019.0, 2031.5, 0.5)
    slope = 0.3 + 0.05 * rng.standard_normal((DRAWS, 1))
    frontier = 12.9 + slope * (years - 2024.0)
    record = np.maximum.accumulate(frontier - 0.3, axis=1)
    law = {"spread": np.full(DRAWS, 0.3), "shape_excess": np.full(DRAWS, 0.5)}
    return Ours(years, record, frontier, [(Damped(), law)], 0.0, as_of=as_of, seed=3, run={"scenario": "made"})


def made_run_of_two(as_of: float = 2025.0) -> Ours:
    """A run whose second half is of a growth model that speaks of the record alone."""
    half = {"spread": np.full(DRAWS // 2, 0.3), "shape_excess": np.full(DRAWS // 2, 0.5)}
    return dataclasses.replace(made_run(as_of), laws=[(Damped(), half), (RecordDrift(), {})])


def question(measure: str, resolves: str = "2025-12-31", **more) -> Question:
    return Question(f"{measure}_q", "A made question.", resolves, more.pop("unit", "runs"), measure, **more)


@pytest.fixture
def few_rivals(monkeypatch):
    from forecast.evaluate.histories.rivals.farmer_lafond import FarmerLafond
    from forecast.evaluate.histories.rivals.record_plus_drift import RecordPlusDrift

    monkeypatch.setattr(record_measure, "learned", lambda: (RecordPlusDrift(), FarmerLafond()))


def made_round(name: str = "2025H1") -> dict:
    asked = (
        question("largest_run", arguments={"basis": "human"}, scale="log10", unit="tokens"),
        question("runs_above", arguments={"tokens": 1e13}),
        dataclasses.replace(
            question("runs_above", arguments={"tokens": 1e14, "at_least": 1}, event=True), name="any_above"
        ),
        question("machine_share_of_articles", unit="share (0 to 1)"),
        question("closed_share", unit="share (0 to 1)"),
        question("new_addresses", scale="log10", unit="addresses a crawl"),
        question("runs_above", "2024-06-30", arguments={"tokens": 1e13}),
    )
    known = made_tables().until("2024-12-31")
    content = freeze(name, made_run(), known, today=dt.date(2025, 1, 1), questions=asked)
    return {**content, "sha256": files.digest(content)}


# --- questions


def test_every_question_has_a_measure_and_a_date_and_exact_words():
    assert len(QUESTIONS) == 28
    for one in QUESTIONS.values():
        assert one.measure in MEASURES
        assert dt.date.fromisoformat(one.resolves) > dt.date(2026, 11, 28)
        assert one.sentence.endswith(".")
        assert one.resolves[:4] in one.sentence
        json.dumps(dict(one.arguments))


def test_what_is_asked_covers_sizes_counts_and_shares():
    names = set(QUESTIONS)
    for year in (2026, 2027, 2028, 2030):
        assert {f"largest_human_{year}", f"largest_stated_{year}"} <= names
        assert {f"runs_above_{t}T_{year}" for t in (10, 30, 100)} <= names
    assert {"machine_share_of_articles_2026", "closed_share_2026", "new_addresses_2026"} <= names


# --- frozen files


def test_every_shipped_round_holds_to_its_hash():
    assert "trial-2026H2" in files.names()
    for name in files.names():
        content = files.read(name)
        assert content["round"] == name
        assert content["trial"] is name.startswith("trial-")
        assert content["sha256"] == files.digest(content)
        for one in content["questions"]:
            for said in (one["us"], *one["rivals"].values()):
                values = list(said["quantiles"].values())
                assert values == sorted(values)
                assert (said["probability"] is None) == (len(values) == len(LEVELS))


def test_a_round_that_was_changed_is_refused(tmp_path):
    content = files.read("trial-2026H2")
    content["questions"][0]["us"]["quantiles"]["0.5"] *= 1.01
    (tmp_path / "2026H2.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="with which it was frozen"):
        files.read(str(tmp_path / "2026H2.json"))


def test_a_frozen_round_is_never_replaced(tmp_path):
    place = tmp_path / "r.json"
    sha256 = files.write({"schema": files.FORMAT, "round": "2026H2"}, place)
    assert files.read(str(place))["sha256"] == sha256
    with pytest.raises(OutputError, match="never replaced"):
        files.write({"schema": files.FORMAT, "round": "other"}, place)
    with pytest.raises(OutputError, match="never replaced"):
        files.check_place("2026H2", place)
    with pytest.raises(OutputError, match="never replaced"):
        files.check_place("trial-2026H2", None)
    with pytest.raises(InputError, match="half-year"):
        files.check_place("autumn", None)


def test_a_shipped_round_needs_a_checkout(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "data_directory", lambda: tmp_path / "data")
    with pytest.raises(OutputError, match="--out FILE"):
        files.check_place("2027H1", None)
    assert files.check_place("2027H1", tmp_path / "mine.json") == tmp_path / "mine.json"


def test_the_name_is_that_of_the_half_year():
    assert round_name(dt.date(2027, 6, 30)) == "2027H1"
    assert round_name(dt.date(2026, 11, 28), trial=True) == "trial-2026H2"


# --- scores


@pytest.mark.parametrize("came", [-2.0, -0.3, 0.0, 1.0])
def test_the_crps_of_quantiles_nears_the_closed_form_of_a_normal(came):
    said = {f"{p:g}": float(norm.ppf(p)) for p in LEVELS}
    exact = came * (2 * norm.cdf(came) - 1) + 2 * norm.pdf(came) - 1 / math.sqrt(math.pi)
    assert crps_of_quantiles(said, came) == pytest.approx(exact, abs=0.006)


def test_the_crps_of_a_uniform_is_exact():
    said = {f"{p:g}": p for p in np.linspace(0, 1, 11)}
    assert crps_of_quantiles(said, 0.3) == pytest.approx((0.3**3 + 0.7**3) / 3, abs=1e-5)
    tens = {level: 10**value for level, value in said.items()}
    assert crps_of_quantiles(tens, 10**0.3, "log10") == pytest.approx((0.3**3 + 0.7**3) / 3, abs=1e-5)


def test_a_yes_or_no_has_the_brier_score():
    assert score(distribution(np.array([1.0, 0.0, 0.0, 0.0]), event=True), 1.0, "plain") == pytest.approx(0.5625)


# --- resolving


def test_measures_read_what_came_once_a_later_row_is_there():
    tables = made_tables()

    def outcome(measure, resolves="2025-12-31", **arguments):
        return MEASURES[measure].outcome(tables, Asked(resolves, arguments))

    # The last run by the end of 2025 is M10 (15 July 2025): 2^5 T; M11 of January 2026 is excluded, but it is later.
    assert outcome("largest_run", basis="stated").value == pytest.approx(3.2e13)
    assert outcome("largest_run", basis="human").value == pytest.approx(1.6e13)
    assert outcome("largest_run", basis="stated").rows == ("M10 (2025-07-15)",)
    assert outcome("runs_above", tokens=1e13).value == 4  # 2^3.5, 2^4, 2^4.5, 2^5
    assert outcome("runs_above", tokens=1e13, at_least=5).value == 0
    assert outcome("machine_share_of_articles").value == 0.6
    assert outcome("machine_share_of_articles", "2025-03-31").value == 0.45
    assert outcome("closed_share").value == 0.2
    assert outcome("closed_share", "2024-04-30").value == pytest.approx(0.06)
    of_2025 = tables.crawls[tables.crawls["date"].dt.year == 2025]["new_urls_estim"]
    assert outcome("new_addresses").value == pytest.approx(of_2025.mean())
    early = tables.until("2025-12-31")
    for measure, arguments in (
        ("largest_run", {"basis": "human"}),
        ("runs_above", {"tokens": 1e13}),
        ("machine_share_of_articles", {}),
        ("closed_share", {}),
        ("new_addresses", {}),
    ):
        assert MEASURES[measure].outcome(early, Asked("2025-12-31", arguments)) is None


@pytest.mark.usefixtures("few_rivals")
def test_a_round_frozen_on_earlier_data_resolves_by_later_rows():
    frozen = made_round()
    assert [one["name"] for one in frozen["questions"]].count("runs_above_q") == 1  # what is over is not asked
    before = resolve(frozen, made_tables().until("2025-06-30"))
    assert all(one["resolved"] is None and set(one["scores"].values()) == {None} for one in before["questions"])
    assert scoreboard([before]) == []
    after = resolve(frozen, made_tables())
    by_name = {one["name"]: one for one in after["questions"]}
    assert all(one["resolved"] is not None for one in after["questions"])
    size = by_name["largest_run_q"]
    assert set(size["scores"]) == {"us", "record_plus_drift", "farmer_lafond", "epoch2024_published_slope"}
    assert size["scores"]["us"] == pytest.approx(crps_of_quantiles(size["quantiles"], 1.6e13, "log10"))
    assert by_name["any_above"]["scores"]["us"] == pytest.approx(by_name["any_above"]["probability"] ** 2)
    board = {(line["measure"], line["against"]): line for line in scoreboard([after])}
    pair = board[("runs_above", "persistence")]
    assert pair["n"] == 1
    assert pair["us"] == pytest.approx(by_name["runs_above_q"]["scores"]["us"])
    assert ("event", "persistence") in board
    assert len(board_rows([after])) == len(board)
    assert scoreboard([{**after, "trial": True}]) == []
    assert "counts" in sentence([after])
    assert {row[-1] for row in rows(before)} == {"open"}


@pytest.mark.usefixtures("few_rivals")
def test_what_resolved_counts_once_and_a_revision_is_shown():
    frozen, tables = made_round(), made_tables()
    first = resolve(frozen, tables)
    kept = newly_resolved(first, {}, "2026-03-01")
    audit = tables.audit.assign(tokens_seen=tables.audit["tokens_seen"].where(tables.audit["model"] != "M7", 9e12))
    later = resolve(frozen, dataclasses.replace(tables, audit=audit), kept)
    name = "runs_above_q"
    one, was = (next(q for q in r["questions"] if q["name"] == name) for r in (later, first))
    assert (one["resolved"], one["revised"]) == (4, 3)
    assert one["scores"] == was["scores"]
    assert was["revised"] is None
    assert newly_resolved(later, kept, "2026-04-01") == kept
    assert next(row for row in rows(later) if row[0] == name)[-1] == "4 (now read as 3)"


# --- what forecasters say


def test_the_observation_law_counts_in_closed_form():
    run = made_run()
    flat = dataclasses.replace(run, frontier=np.full_like(run.frontier, 13.6))
    # ((13.6 - 13) / 0.3)^1.5 a half-year, over a year and a half
    expected = flat.expected_above(np.array([13.0]), 2025.0, 2026.5)
    assert expected == pytest.approx(3 * 2.0**1.5)
    assert flat.expected_above(np.array([14.0]), 2025.0, 2026.5) == pytest.approx(0.0)
    assert flat.expected_above(np.array([13.0, 14.0]), 2025.0, 2026.5) == pytest.approx(1.5 * 2.0**1.5)


def test_numbers_are_those_of_the_growth_models_that_speak_of_numbers():
    run = made_run_of_two()
    first = np.arange(DRAWS) < DRAWS // 2
    made = dataclasses.replace(run, frontier=np.where(first[:, None], 13.6, 17.0) + 0 * run.frontier)
    expected = made.expected_above(np.array([13.0]), 2025.0, 2026.5)
    assert expected == pytest.approx(np.full(DRAWS // 2, 3 * 2.0**1.5)), "not halved by a model that says none"
    draws = MEASURES["runs_above"].ours(made, made_tables(), Asked("2025-12-31", {"tokens": 1e13}, 3))
    assert np.isfinite(draws).all()
    with pytest.raises(InputError, match="of the record alone"):
        dataclasses.replace(run, laws=[(RecordDrift(), {})]).expected_above(np.array([13.0]), 2025.0, 2026.5)


def test_a_record_that_is_the_frontier_stands_at_it_at_the_end_of_the_running_half_year():
    run, rng = made_run_of_two(as_of=2025.25), np.random.default_rng(2)
    rising = np.full_like(run.frontier, 13.0) + np.where(run.years > 2025.3, 0.5, 0.0)
    made = dataclasses.replace(run, record=np.full_like(run.record, 12.0), frontier=rising, error=0.05)
    drawn = made.record_at(2025.5, rng)
    of_the_record = drawn[DRAWS // 2 :]
    assert of_the_record.mean() == pytest.approx(13.5, abs=0.03), "at the half-year's end, not in its middle"
    assert of_the_record.std() == pytest.approx(np.hypot(0.05, SMALLEST_ERROR), rel=0.2), "read with an error"
    drawn = dataclasses.replace(made, frontier=np.full_like(run.frontier, 13.0)).record_at(2025.5, rng)
    assert np.mean(drawn[: DRAWS // 2] < 12.7) == pytest.approx(math.exp(-0.5), abs=0.1)


def test_the_rest_of_the_running_half_year_may_still_bring_a_record():
    run, rng = made_run(as_of=2025.25), np.random.default_rng(2)
    low = dataclasses.replace(run, record=np.full_like(run.record, 12.0), frontier=np.full_like(run.frontier, 13.0))
    drawn = low.record_at(2025.5, rng)
    # Half of a half-year: the best deficit is above e with probability exp(-(e / 0.3)^1.5 / 2).
    assert np.mean(drawn < 12.7) == pytest.approx(math.exp(-0.5), abs=0.08)
    assert np.array_equal(made_run(as_of=2025.0).record_at(2025.0, rng), run.record[:, list(run.years).index(2025.0)])


def test_random_walk_and_line_in_closed_form():
    rng = np.random.default_rng(3)
    walk = random_walk(np.array([1.0, 2.0, 1.0]), np.array([2020.0, 2021.0, 2022.0]), 2026.0, rng)
    assert walk.mean() == pytest.approx(1.0, abs=0.1)
    assert walk.std() == pytest.approx(2.0, rel=0.05)
    line = straight_line(np.array([0.0, 1.0]), np.array([2020.0, 2021.0]), np.array([2023.0]), rng)
    assert np.allclose(line, 3.0)


# --- the command


def test_list_and_show_as_the_contract_has_them(capsys):
    assert main(["rounds", "show", "trial-2026H2", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["rounds"]
    assert {"round", "frozen", "sha256", "questions"} <= set(one)
    for asked in one["questions"]:
        assert {"name", "sentence", "resolves", "quantiles", "probability", "resolved", "scores"} <= set(asked)
        assert "us" in asked["scores"]
        if asked["resolved"] is None:
            assert set(asked["scores"].values()) == {None}
    assert main(["rounds", "list", "--json"]) == 0
    assert [r["round"] for r in json.loads(capsys.readouterr().out)["rounds"]] == files.names()
    assert main(["rounds", "list"]) == 0
    assert "a trial" in capsys.readouterr().out


def test_score_says_plainly_that_nothing_counts_yet(capsys):
    assert main(["rounds", "score"]) == 0
    said = capsys.readouterr().out
    counting = [name for name in files.names() if not name.startswith("trial-")]
    assert counting or "No round that counts has been frozen yet." in said


def test_an_unknown_round_is_one_line_with_the_names(capsys):
    assert main(["rounds", "show", "2026H3"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "trial-2026H2" in told.err
    with pytest.raises(UnknownNameError):
        files.read("2026H3")


def test_freezing_over_a_file_is_refused_before_anything_is_run(capsys, tmp_path):
    place = tmp_path / "mine.json"
    place.write_text("{}", encoding="utf-8")
    assert main(["rounds", "freeze", "--out", str(place)]) == 2
    assert "never replaced" in capsys.readouterr().err
    assert place.read_text(encoding="utf-8") == "{}"
    assert main(["rounds", "score", str(place), "--keep"]) == 2
    assert main(["rounds", "show", str(tmp_path / "none.json")]) == 2


def test_the_stated_size_is_read_from_the_audit_alone():
    tables = made_tables()
    assert record_measure.stated_over_human(tables) == pytest.approx(np.full(4, math.log10(2)))


# --- report and README


@pytest.mark.usefixtures("few_rivals")
def test_report_and_readme_show_the_newest_round_that_counts():
    from forecast.report import _environment
    from forecast.report.rounds import readme_block, section

    scored = resolve(made_round(), made_tables())
    trial = {**scored, "round": "trial-2026H1", "trial": True}
    facts = section([scored, trial])
    assert facts["round"] == "2025H1"
    page = _environment().get_template("sections/rounds.html.j2").render(facts=facts)
    assert page.count("<table") == 2
    assert "forecast rounds show 2025H1" in page
    block = readme_block([scored, trial])
    assert "| runs_above | persistence |" in block
    alone = section([trial])
    assert alone["board"] is None
    assert "does not count" in alone["questions"].caption
    assert readme_block([trial]).endswith("No round that counts has been frozen yet.")


def test_the_readme_has_a_place_for_the_rounds():
    from pathlib import Path

    from forecast.report.readme import ROUNDS_BEGIN, ROUNDS_END

    text = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
    assert text.index(ROUNDS_BEGIN) < text.index(ROUNDS_END)
