"""The figure of the stock estimators: what is drawn is what is in the entries."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.core.summaries import summarise
from forecast.plots.stock_estimators import stock_estimators, stock_estimators_table, stock_estimators_text


def entry(name: str, lineage: str, middle: float, **more: object) -> dict[str, object]:
    spread = np.linspace(-1, 1, 2001)
    return {"name": name, "title": name.title(), "lineage": lineage, "raw_2024": summarise(middle * 10**spread), **more}


ENTRIES = [
    entry("floor", "crawl", 1e13, kind="lower bound", conflict_p=0.9),
    entry("people", "people", 4e14, kind="estimate", conflict_p=0.01),
    entry("web", "epoch", 5e14),
    entry("all", "synthesis", 4.5e14, kind="estimate", conflict_p=None),
]


def test_rows_stand_in_order_and_say_what_they_are():
    axes = stock_estimators(ENTRIES)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["All", "People", "Web", "Floor"]
    words = [text.get_text() for text in axes.texts]
    assert "450 trillion" in words
    assert any(word.startswith("at least 10 trillion") for word in words)
    assert sum("conflict, p = 0.01" in word for word in words) == 1
    assert axes.get_xscale() == "log"
    points = sorted(float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o")
    assert points == pytest.approx(sorted(one["raw_2024"]["median"] for one in ENTRIES if one["name"] != "floor"))
    assert all(text.get_window_extent().x1 < axes.figure.bbox.x1 for text in axes.texts if text.get_text())


def test_the_filtered_stock_has_rows_of_its_own():
    left = {"layer": "after_quality_filter", "kind": "estimate"}
    entries = [
        {**ENTRIES[3], "filtered_2024": summarise(9e13 * 10 ** np.linspace(-1, 1, 2001))},
        ENTRIES[2],
        entry("kept", "crawl", 4e14, **left, filtered_2024=summarise(8e13 * 10 ** np.linspace(-1, 1, 2001))),
        entry("roof", "archive", 1e15, kind="upper bound"),
    ]
    table = stock_estimators_table(entries)
    assert table[["name", "layer"]].to_numpy().tolist() == [
        ["all", "raw"], ["web", "raw"], ["roof", "raw"], ["all", "after_quality_filter"], ["kept", "after_quality_filter"]
    ]  # fmt: skip
    assert table["median_tokens"].tolist() == pytest.approx([4.5e14, 5e14, 1e15, 9e13, 8e13], rel=1e-3)
    words = [text.get_text() for text in stock_estimators(entries).texts]
    assert {"every page once", "after a strict filter"} <= set(words)
    assert any(word.startswith("at most 1 quadrillion") for word in words)
    assert "Kept, after a strict filter: 80 trillion" in stock_estimators_text(entries)


def test_it_draws_where_it_is_told():
    axes = stock_estimators(ENTRIES)
    again = stock_estimators(ENTRIES, axes.figure.add_subplot())
    assert again is not axes
    assert len(again.get_yticks()) == len(ENTRIES)


def test_words_and_table_hold_the_same_numbers():
    text, table = stock_estimators_text(ENTRIES), stock_estimators_table(ENTRIES)
    assert "Floor: at least 10 trillion" in text
    assert "In conflict with the others: People." in text
    assert "No estimate contradicts" in stock_estimators_text(ENTRIES[2:])
    assert table["name"].tolist() == ["all", "people", "web", "floor"]
    assert (table["low_80_tokens"] < table["median_tokens"]).all()
    assert table["kind"].tolist() == ["estimate", "estimate", "estimate", "lower bound"]
