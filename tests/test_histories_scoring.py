"""Scores on histories: one vote a series, domains capped, tables that somebody else brings."""

import json

import numpy as np
import pandas as pd
import pytest

from forecast.cli.main import main
from forecast.evaluate.backtest import protocol as first
from forecast.evaluate.backtest.scores import crps
from forecast.evaluate.histories import protocol, run
from forecast.evaluate.histories.rivals.record_plus_drift import RecordPlusDrift
from forecast.evaluate.histories.scoring import HistoryTask, pairs, row_weights, score_history, summary, votes
from forecast.ingest.histories import load_histories
from forecast.ingest.known import known_at, origins

CHEAP = ("record_plus_drift", "record_plus_drift_fitted", "farmer_lafond", "epoch_line", "neighbours")


class Perfect:
    """Knows what comes: every series here grows by 0.1 a year."""

    name = "combination"

    def forecast(self, known, horizons, rng, draws=500):
        return known.record + 0.1 * np.asarray(horizons)[:, None] + np.zeros((1, draws))


@pytest.fixture
def table(tmp_path):
    """Five series of three domains that grow by 0.1 a year, one of them a price, and one that is too short."""
    rows, beside = ["series,domain,unit,kind,date,value,note"], ["series,better,as_of,flags"]
    for number, (domain, kind) in enumerate(
        [("a", "record"), ("a", "cost"), ("b", "total"), ("c", "best_of_year"), ("c", "typical")]
    ):
        sign = -1 if kind == "cost" else 1
        rows += [f"s{number},{domain},x,{kind},{2000 + y}-01-01,{10 ** (sign * 0.1 * y):.10g}," for y in range(14)]
        beside.append(f"s{number},{'lower' if kind == 'cost' else 'higher'},2013-01-01,")
    rows += ["chess,c,points,record,2000-01-01,2000,", "chess,c,points,record,2003-01-01,2400,"]
    beside.append("chess,higher,,elo")
    (tmp_path / "mine.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "mine_series.csv").write_text("\n".join(beside) + "\n")
    return tmp_path / "mine.csv"


@pytest.fixture
def cheap(monkeypatch):
    kinds = {name: run.RIVALS[name] for name in CHEAP}
    monkeypatch.setattr(run, "RIVALS", kinds)
    monkeypatch.setattr(run, "default_members", tuple)


def test_the_table_beside_says_direction_end_and_flags(table):
    found = {history.series: history for history in load_histories(table)}
    assert found["s1"].direction == "lower"
    assert found["s1"].as_of == pytest.approx(2013.0)
    assert found["s3"].kind == "best_of_year"
    assert found["chess"].best_so_far().tolist() == pytest.approx([5.0, 6.0])


def test_a_score_is_the_crps_over_horizon_and_unit(table):
    history = load_histories(table)[0]
    row = score_history(HistoryTask(history, (RecordPlusDrift(),), 1)).rows[0]
    known = known_at(history, row["origin"])
    assert known.unit() == pytest.approx(0.1, rel=1e-6)
    from forecast.core.seeds import generator

    rng = generator(1, "histories", "record_plus_drift", "s0", f"{row['origin']:.3f}")
    draws = RecordPlusDrift().forecast(known, [1.0, 2.0, 3.0, 5.0], rng)[0]
    assert row["score"] == pytest.approx(float(crps(draws, known.record + 0.1)) / 0.1, rel=1e-6)


def test_no_domain_has_more_than_a_quarter_where_that_can_be():
    domains = ["big"] * 20 + ["b", "c", "d", "e"]
    weight = votes(domains)
    assert weight.sum() == pytest.approx(1)
    assert weight[:20].sum() == pytest.approx(0.25)
    assert np.ptp(weight[20:]) < 1e-12
    assert votes(["x", "y"]) == pytest.approx([0.5, 0.5])


def test_every_series_has_one_vote_however_many_rows(table):
    rows = pd.DataFrame(
        {"series": ["s"] * 9 + ["t"], "domain": ["a"] * 9 + ["b"], "score": [1.0] * 9 + [3.0]},
    )
    assert float(row_weights(rows) @ rows["score"]) == pytest.approx(2.0)


def test_a_forecaster_of_anybodys_is_scored_beside_the_rivals(table, cheap):
    content = run.backtest_histories(table, more=[Perfect()], members=(), jobs=1)
    assert content["of"] == "combination"
    assert {pair["against"] for pair in content["pairs"]} == set(CHEAP)
    assert all(pair["set"] == "user" for pair in content["pairs"])
    assert all(pair["crps_ratio"] < 1e-6 for pair in content["pairs"] if pair["against"] == "record_plus_drift")
    assert content["too_short"] == ["chess"]
    assert content["series"] == 5
    assert not set(content["learned_from"]) & set(content["held_out"])


def test_the_command_says_first_what_is_known_and_has_the_fields(table, cheap, capsys):
    assert main(["backtest", str(table), "--histories", "--json", "--jobs", "1"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert {"protocol", "series", "learned_from", "held_out", "pairs", "coverage"} <= set(content)
    fields = {"against", "set", "horizon", "kind", "crps_ratio", "interval_0.9", "clustered_by", "n", "n_effective"}
    assert all(fields <= set(pair) for pair in content["pairs"])
    assert {"0.5", "0.8", "0.95", "interval_0.8"} == set(content["coverage"]["user"])
    assert {pair["kind"] for pair in content["pairs"]} == {"all", "record", "total", "cost"}
    assert main(["backtest", "--histories", str(table), "--jobs", "1", "--quiet"]) == 0
    lines = capsys.readouterr().out
    assert lines.startswith("Known, on these series")
    assert lines.splitlines()[1].startswith("Not known")


@pytest.mark.parametrize(
    "arguments",
    [["TABLE"], ["--histories", "--without", "GPipe"], ["TABLE", "--histories", "--stored"], ["no.csv", "--histories"]],
)
def test_what_cannot_be_asked_is_one_line_and_exit_code_2(table, capsys, arguments):
    given = [str(table) if word == "TABLE" else word for word in arguments]
    assert main(["backtest", *given]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_ratios_are_of_common_rows_and_coverage_has_an_error(table):
    histories = [history for history in load_histories(table) if origins(history)]
    who = (Perfect(), RecordPlusDrift())
    rows = pd.DataFrame([row for history in histories for row in score_history(HistoryTask(history, who, 1)).rows])
    found = pairs(rows[~((rows["method"] == "combination") & (rows["horizon"] == 1))], "combination", "user")
    assert {pair["horizon"] for pair in found if pair["kind"] == "all"} == {"all", 2.0, 3.0, 5.0}
    entry = summary(rows)["record_plus_drift"]["coverage"]
    low, high = entry["interval_0.8"]
    assert 0 <= low <= entry["0.8"] <= high <= 1


def test_the_second_protocol_stands_beside_the_first(tmp_path):
    before = first.load()
    protocol.write(tmp_path / "protocol.json")
    after = json.loads((tmp_path / "protocol.json").read_text())["protocols"]
    assert after[: len(before)] == before
    assert after[-1]["content"]["version"] == 2
    assert first.digest(after[-1]["content"]) == after[-1]["sha256"] == protocol.digest_in_use()
    assert protocol.with_second(after) == after
    split = after[-1]["content"]["split"]
    assert not set(split["learning"]) & set(split["held_out"])


def test_scores_made_again_keep_those_of_the_held_out_half_and_count_its_series():
    before = run.read_stored().content
    without = {
        part: {key: value for key, value in before[part].items() if key != "held_out"}
        for part in ("coverage", "summary", "failures")
    }
    again = {
        **before,
        **without,
        "series": before["series"] - len(before["held_out"]),
        "pairs": [pair for pair in before["pairs"] if pair["set"] != "held_out"],
    }
    found = run.with_held_out(again)
    assert sorted(map(str, found.pop("pairs"))) == sorted(map(str, before["pairs"]))
    assert found == {key: value for key, value in before.items() if key != "pairs"}
    other = again | {"protocol": "another"}
    assert run.with_held_out(other) == other, "scores of another protocol are not its own"
