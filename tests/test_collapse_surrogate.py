"""The surrogate of pools of human and machine text: its design, its algebra, its check, and what ships."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from forecast.collapse import surrogate as reading
from forecast.collapse.learners import mixes, transformer
from forecast.collapse.surrogate import NONE_LEFT, grid, retained
from forecast.collapse.yields import synthetic_yield
from forecast.errors import InputError, MissingFileError, ModelError
from forecast.evaluate import stored
from forecast.evaluate import surrogate as made
from forecast.plots import collapse as plots
from forecast.plots.collapse_surrogate import CRAWLS


def test_the_design_fills_its_settings_evenly():
    points = mixes.design()
    assert len(points) == 36
    assert sum(point["human"] == 0 for point in points) == 9
    assert all(point["human"] == 0 or 0.2 <= point["human"] <= 0.9 for point in points)
    assert {point["width"] for point in points} == {12, 20, 32}
    assert (min(p["generations"] for p in points), max(p["generations"] for p in points)) == (2, 10)
    assert points == mixes.design()
    assert points != mixes.design(seed=2)


def small(seed=3, runs=9):
    rng = np.random.default_rng(seed)
    x = rng.uniform(size=(runs, 4))
    theta = {"amplitude": np.array([0.8, 0.8]), "lengths": np.full((2, 4), 0.9)}
    return theta, x, np.sin(3 * x[:, 0]) - x[:, 1], np.full(runs, 0.05)


def test_leaving_a_run_out_by_formula_is_leaving_it_out():
    theta, x, y, noise = small()
    found = made.left_out(theta, x, y, noise)
    for place in range(len(y)):
        others = np.arange(len(y)) != place
        mean, sd = made.predict(theta, x[others], y[others], noise[others], x[place : place + 1])
        assert found["mean"][place] == pytest.approx(mean[0])
        assert found["sd"][place] == pytest.approx(np.hypot(sd[0], noise[place]))


def test_runs_that_were_seen_are_met_and_far_from_them_a_pool_is_worth_its_human_text():
    theta, x, y, noise = small()
    mean, sd = made.predict(theta, x, y, noise / 1e3, np.vstack([x, np.full((1, 4), 40.0)]))
    assert mean[:-1] == pytest.approx(y, abs=1e-3)
    assert (mean[-1], sd[-1]) == (pytest.approx(0, abs=1e-6), pytest.approx(0.8))


@pytest.mark.slow
def test_the_covariance_is_that_of_the_model_that_is_sampled():
    import pymc as pm

    _, x, _, _ = small()
    lengths = np.array([0.5, 1.0, 2.0, 0.7])
    theirs = (0.8**2 * pm.gp.cov.Matern52(4, ls=lengths))(x).eval()
    assert made.covariance(x, x, 0.8, lengths) == pytest.approx(theirs)


def test_a_surrogate_that_predicts_no_better_than_a_mean_fails():
    y = np.random.default_rng(1).standard_normal(36)
    mixed = np.arange(36) > 8
    told = {"mean": -y, "sd": np.ones(36), "rank": np.linspace(0.01, 0.99, 36)}
    assert made.judged(y, told, mixed)["verdict"] == "FAIL"
    assert made.judged(y, told | {"mean": 0.9 * y}, mixed)["verdict"] == "PASS"
    narrow = told | {"mean": 0.9 * y, "rank": np.where(mixed, 0.05, 0.5)}
    assert made.judged(y, narrow, mixed)["verdict"] == "REVIEW"


def test_between_the_places_of_the_grid_it_is_a_straight_line_and_beyond_them_the_edge():
    axes = (np.array([NONE_LEFT, 0.2, 0.9]), np.log([2.0, 10.0]), np.array([0.0, 1.0]))
    mean = np.zeros((3, 2, 2, 2))
    mean[1], mean[2] = 1.0, 2.0
    found = reading.Grid(axes, mean, mean / 10)
    assert np.array(found.at(0.55, 5, 0.5)) == pytest.approx(np.array([[1.5, 1.5], [0.15, 0.15]]))
    assert np.array_equal(found.at(0.95, 50, 0.5), found.at(0.9, 10, 0.5))


def test_every_size_counts_for_as_much(monkeypatch):
    axes = (np.array([NONE_LEFT, 1.0]), np.log([2.0, 10.0]), np.array([0.0, 1.0]))
    mean = np.broadcast_to(np.log([0.5, 1.0, 2.0]), (2, 2, 2, 3))
    monkeypatch.setattr(reading, "grid", lambda: reading.Grid(axes, mean, 0 * mean))
    found = retained(0.5, 4, 0.0, np.random.default_rng(1), 30_000)
    assert [(found == size).mean() for size in (0.5, 1.0, 2.0)] == pytest.approx([1 / 3] * 3, abs=0.01)


def test_little_human_text_is_taken_as_a_fifth_and_none_is_not():
    a, b, none = (retained(share, 5, 0.5, np.random.default_rng(1), 50) for share in (0.8, 0.95, 1.0))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, none)


def test_what_is_not_there_or_not_readable_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "data_directory", lambda: tmp_path)
    with pytest.raises(MissingFileError, match="NAMES=surrogate"):
        grid()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "surrogate.json").write_text(json.dumps({"content": {}}))
    with pytest.raises(InputError, match="cannot be read"):
        grid()


def test_yields_need_no_jax(monkeypatch):
    monkeypatch.setattr(transformer, "jax", None)
    assert np.isfinite(synthetic_yield("accumulate", 0.5, 4, None, np.random.default_rng(1), 10).draws).all()
    with pytest.raises(ModelError, match="lab"):
        mixes.run_design(mixes.design()[:1])


def test_what_ships_passed_its_check_and_is_of_this_design():
    found = stored("surrogate").content
    told = found["left_out"]
    assert told["verdict"] == "PASS"
    assert told["skill"] > 0.5
    assert [
        {key: run[key] for key in run if key not in ("log_worth", "loss")} for run in found["runs"]
    ] == mixes.design()
    assert found["rhat_max"] < 1.01


@pytest.mark.slow
def test_a_chain_without_human_text_is_worth_less_than_one_beside_it(monkeypatch):
    pytest.importorskip("jax")
    points = [{"human": h, "generations": 3, "quality": 0.0, "width": 12} for h in (0.0, 0.5)]
    alone, mixed = (np.mean(run["log_worth"]) for run in mixes.run_design(points)[0])
    assert alone < mixed - 0.2


def test_figures_show_every_run_and_say_what_was_found():
    content = stored("surrogate").content
    own = Figure().add_subplot()
    assert plots.surrogate_retained(content, own) is own
    dots = [line for line in own.get_lines() if line.get_linestyle() == "None"]
    assert sum(len(line.get_xdata()) for line in dots) == len(content["runs"])
    assert re.match(r"After 5 fits \d\d% is left without human text, \d+% beside it$", own.get_title(loc="left"))
    told = plots.surrogate_left_out(content)
    bars = [container for container in told.containers if container.has_yerr]
    assert sum(len(container.lines[0].get_xdata()) for container in bars) == len(content["runs"])
    assert f"{content['left_out']['covered']:.0%}" in told.get_title(loc="left")


def test_an_archive_token_is_worth_more_where_text_wears_out():
    lines = {
        name: line.get_ydata()
        for (_, name), line in zip(
            CRAWLS, (one for one in plots.archive_worth().get_lines() if len(one.get_xdata()) > 2), strict=True
        )
    }
    alone = lines["all of it"]
    assert alone[0] == pytest.approx(1 / np.median(retained(1.0, 2, 0.0, np.random.default_rng(4), 20_000)), rel=0.03)
    assert (np.diff(alone) > 0).all()
    half, most = lines["half by machines"], lines["seven tenths"]
    assert (half < most).all()
    assert np.array([half.min(), half.max()]) == pytest.approx(
        2.0, rel=0.25
    )  # machine text beside its source adds little
