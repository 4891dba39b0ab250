"""How the headline has moved: a shipped history, whose last row is what the baseline says now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sampling import baseline, passing_run

from forecast import evaluate
from forecast.core.wording import percent_words
from forecast.evaluate.rounds import files
from forecast.plots import FIGURES
from forecast.plots.headline_history import headline_history_rows
from forecast.report import render_pages

EMPTY = dict.fromkeys(FIGURES, "<svg></svg>")


def test_the_last_row_is_the_shipped_answer():
    last = headline_history_rows()[-1]
    answer = evaluate.stored("disclosures").content["answer"]
    assert last["probability_by_2030_share"] == pytest.approx(answer["probability_by_2030"], abs=0.0055)
    assert last["median_year"] == pytest.approx(answer["median"], abs=0.055)


def test_rows_come_in_order_and_hold_together():
    rows = headline_history_rows()
    assert [row["made"] for row in rows] == sorted(row["made"] for row in rows)
    assert all(row["low_year"] < row["median_year"] < row["high_year"] for row in rows)
    assert (rows[0]["kind"], rows[0]["version"]) == ("release", "0.1.0")


def test_the_history_has_every_step_of_the_changelog_and_every_round_that_counts():
    """Both tables of steps, in their order: probability, median and interval of each, then the rounds."""
    changelog = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.findall(r"^ *\| ([^|]+) \| ([\d.]+) % \| ([\d.]+) \| ([\d.]+) to ([\d.]+) \|", changelog, re.MULTILINE)
    told = [(float(share), *map(float, years)) for step, share, *years in found if step != "before"]
    rows = [
        (round(100 * row["probability_by_2030_share"], 1), row["median_year"], row["low_year"], row["high_year"])
        for row in headline_history_rows()
        if row["kind"] != "round"
    ]
    assert len(told) == len(rows) >= 10
    assert rows[0] == (79.0, *told[0][1:]), "0.1.0 said 79 %"
    assert rows[1:] == told[1:]
    rounds = [row["step"] for row in headline_history_rows() if row["kind"] == "round"]
    assert rounds == [name for name in files.names() if not name.startswith("trial")]


def test_the_report_of_the_baseline_tells_it_and_others_do_not():
    page = render_pages(baseline(), EMPTY)["report.html"]
    assert 'id="history"' in page
    for row in headline_history_rows():
        assert row["step"] in page
        assert percent_words(row["probability_by_2030_share"]) in page
    assert not FIGURES["headline_history"].shown(passing_run())
    assert not FIGURES["headline_history"].shown(baseline(models="own.csv"))
