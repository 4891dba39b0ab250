"""The path of access: how well it said what came next, and the figure that shows it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from forecast.evaluate import access_path as evaluation
from forecast.plots.access_path import access_path, access_path_shown, access_path_table, access_path_text
from forecast.scenarios import scenario as scenarios
from forecast.scenarios.record import recorded


class Run:
    """As much of a forecast as the figure reads."""

    def __init__(self, name: str) -> None:
        self.document = {"horizon": 2100.0, "provenance": {"scenario": recorded(scenarios.load(name)), "seed": 7}}


def test_a_step_is_predicted_from_its_past_alone(monkeypatch):
    times, seen = evaluation.long_series()
    whole = evaluation.long_steps(0.0)
    monkeypatch.setattr(evaluation, "long_series", lambda: (times[:40], seen[:40]))
    first = evaluation.long_steps(0.0)
    assert len(first) == 40 - evaluation.FIRST_FIT
    for ours, theirs in zip(first, whole, strict=False):
        assert ours.observed == theirs.observed
        assert np.array_equal(ours.path, theirs.path)
        assert np.array_equal(ours.no_change, theirs.no_change)


def test_a_year_on_is_at_least_a_year_on_and_no_change_is_the_last_value():
    times, seen = evaluation.long_series()
    steps = evaluation.long_steps(1.0)
    for origin, step in enumerate(steps, start=evaluation.FIRST_FIT - 1):
        target = int(np.flatnonzero(times >= times[origin] + 1.0)[0])
        assert step.observed == seen[target]
        assert np.median(step.no_change) == pytest.approx(seen[origin], abs=1e-3)


def test_short_series_are_predicted_by_the_others(monkeypatch):
    before = {step.name: step.path for step in evaluation.short_steps()}
    found = evaluation.series()
    news = next(one for one in found if "news" in one.population)
    shifted = [one if one is not news else type(one)(**{**vars(one), "slope": 9.0}) for one in found]
    monkeypatch.setattr(evaluation, "series", lambda: shifted)
    after = {step.name: step.path for step in evaluation.short_steps()}
    assert np.array_equal(before[news.population], after[news.population])
    assert not np.array_equal(before["HTTP Archive sites"], after["HTTP Archive sites"])


def test_the_path_beats_no_change_on_every_series_and_the_long_one_is_calibrated():
    """METHODS, 12, the table of the path's own series."""
    found = evaluation.scores().set_index("series")
    assert (found["ratio"] < 1).all()
    crawls = found.loc["Common Crawl refusals, next crawl"]
    # 80 % within what chance leaves of that many independent steps, at 95 %.
    inside = crawls["coverage_80"] * crawls["steps"]
    assert (
        stats.binom.ppf(0.025, int(crawls["steps"]), 0.8) <= inside <= stats.binom.ppf(0.975, int(crawls["steps"]), 0.8)
    )
    assert found["ratio"].round(2).tolist() == [0.90, 0.87, 0.60, 0.59, 0.43]
    assert found["steps"].tolist() == [66, 54, 1, 1, 1]
    # The first wave is beyond what any other series has seen.
    assert found.loc["tokens of C4 in the first wave", "coverage_80"] == 0


def test_the_figure_shows_the_path_and_says_its_numbers():
    run = Run("baseline")
    axes = access_path(run)
    table, text = access_path_table(run), access_path_text(run)
    path = table[table["series"] == "path"].set_index("year")
    middle = next(line for line in axes.lines if len(line.get_xdata()) == len(path) and line.get_linestyle() == "-")
    assert middle.get_ydata() == pytest.approx(path["restricted_q50"].to_numpy())
    low, mid, high = path.loc[2030.0, ["restricted_q10", "restricted_q50", "restricted_q90"]]
    assert f"{float(f'{100 * mid:.2g}'):g}% in 2030 (80% of futures {float(f'{100 * low:.2g}'):g}%" in text
    assert f"{float(f'{100 * high:.2g}'):g}%" in axes.get_title(loc="left")
    assert path["out_of_reach_q50"].loc[2030.0] < mid
    numbers = [words.get_text() for words in axes.texts if words.get_text().isdigit()]
    assert numbers == [str(one) for one in range(1, len(numbers) + 1)]
    assert all(f"{number} " in axes.get_xlabel() for number in numbers)
    again = access_path(run, axes.figure.add_subplot())
    assert again is not axes


def test_a_standstill_is_flat_and_where_nothing_is_closed_there_is_no_figure():
    flat = access_path_table(Run("access_stays"))
    flat = flat[(flat["series"] == "path") & (flat["year"] >= 2026.5)]
    assert np.ptp(flat["restricted_q50"]) < 1e-9
    assert "stay as they are" in access_path(Run("access_stays")).get_title(loc="left")
    assert access_path_shown(Run("baseline"))
    assert not access_path_shown(Run("epoch2024"))
