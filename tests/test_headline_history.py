"""How the headline has moved: a shipped history, whose last row is what the baseline says now."""

from __future__ import annotations

import pytest
from sampling import baseline, passing_run

from forecast import evaluate
from forecast.core.wording import percent_words
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


def test_the_report_of_the_baseline_tells_it_and_others_do_not():
    page = render_pages(baseline(), EMPTY)["report.html"]
    assert 'id="history"' in page
    for row in headline_history_rows():
        assert row["step"] in page
        assert percent_words(row["probability_by_2030_share"]) in page
    assert not FIGURES["headline_history"].shown(passing_run())
    assert not FIGURES["headline_history"].shown(baseline(models="own.csv"))
