"""Calibration: a right forecaster is level and passes, a wrong one is found out; the pipeline's year by fakes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from forecast.cli.main import main
from forecast.consumption.members import member
from forecast.evaluate.calibration import run as calibration
from forecast.evaluate.calibration.ranks import pipeline_places, summarise_places
from forecast.evaluate.calibration.run import PipelineTask, score_fit
from forecast.evaluate.calibration.truth import grid, true_year
from forecast.evaluate.calibration.uniformity import BINS, band, uniformity
from forecast.evaluate.calibration.worlds import World

AS_OF = 2026.5
YEARS = np.arange(2018.0, 2032.5, 0.5)


def world(number: int, slope: float, family: str = "damped") -> World:
    """A frontier that rises in a straight line from 13.5 in mid-2026."""
    frontier = 13.5 + slope * (YEARS - AS_OF)
    none = np.array([])
    return World(f"{family}/{number}", (f"own: {family}",), AS_OF, none, none, none, YEARS, frontier, frontier)


def test_even_ranks_pass_and_skewed_or_crowded_ones_do_not() -> None:
    rng = np.random.default_rng(5)
    even = uniformity(rng.uniform(size=400))
    assert even.p_value > 0.05
    assert "no lean" in even.sentence()
    assert "too narrow" in uniformity(rng.beta(0.6, 0.6, size=400)).sentence()
    assert "wider" in uniformity(rng.beta(2, 2, size=400)).sentence()
    assert "above" in uniformity(rng.beta(2, 1, size=400)).sentence()
    assert uniformity(rng.beta(2, 1, size=400)).p_value < 1e-6


def test_the_test_is_that_of_scipy_and_the_band_holds_what_it_promises() -> None:
    from scipy.stats import chisquare

    rng = np.random.default_rng(6)
    ranks = rng.uniform(size=200)
    found = uniformity(ranks)
    expected = chisquare(np.histogram(ranks, bins=BINS, range=(0, 1))[0])
    assert found.chi_squared == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    low, high = band(200)
    counts = rng.multinomial(200, [0.1] * 10, size=4000)
    inside = np.mean((counts.min(axis=1) >= low) & (counts.max(axis=1) <= high))
    assert inside >= 0.94


def scores(shift: float, scale: float, count: int = 400) -> tuple[list[dict], dict[str, float]]:
    """Forecasters who draw N(2029, 2); the truth is N(2029 + shift, 2 scale), later than 2031 not distinguished."""
    rng = np.random.default_rng(7)
    found, truths = [], {}

    def told(years: np.ndarray) -> list[float | None]:
        return [None if year > 2031 else float(year) for year in years]

    for number in range(count):
        name = f"damped/{number}"
        truth = 2029 + shift + 2 * scale * rng.standard_normal()
        truths[name] = np.inf if truth > 2031 else float(truth)
        for who in ("damped", "local_trend"):
            years = told(2029 + 2 * rng.standard_normal(200))
            found.append({"world": name, "families": ["own: damped"], "member": who, "years": years})
    return found, truths


def test_ranks_of_a_right_forecaster_are_level_though_many_years_are_later_than_all() -> None:
    found, truths = scores(0.0, 1.0)
    places = pipeline_places(found, truths)
    assert set(places) == {"damped", "mixture"}
    assert len(places["damped"]) == len(places["mixture"]) == 400
    assert min(uniformity(one).p_value for one in places.values()) > 0.01


def test_a_forecaster_who_is_late_or_too_sure_deviates() -> None:
    for shift, scale in ((-2.0, 1.0), (0.0, 2.5)):
        content = summarise_places({}, pipeline_places(*scores(shift, scale)))
        assert content["deviate"] == content["tests"] == 2
    right = summarise_places({}, pipeline_places(*scores(0.0, 1.0)))
    assert right["deviate"] == 0
    json.dumps(right, allow_nan=False)


def test_the_true_year_is_the_passage_of_the_true_frontier_over_the_drawn_stock() -> None:
    made = world(0, 0.3)
    years = grid(AS_OF)
    assert years[-1] == AS_OF + 5.0
    assert true_year(made, np.full(len(years), 14.1)) == pytest.approx(2028.5)
    assert true_year(made, np.full(len(years), 16.0)) == np.inf


def test_a_fit_is_scored_against_each_draw_of_the_stock() -> None:
    made = world(3, 0.3)
    years = grid(AS_OF)
    levels = np.linspace(13.8, 16.0, 50)
    task = PipelineTask(made, member("damped"), stock=np.repeat(levels[:, None], len(years), axis=1))

    def project(at: np.ndarray) -> SimpleNamespace:
        around = np.tile([-1e-6, 1e-6], 50)[
            :, None
        ]  # half of the draws on either side: draws that tie are spread evenly
        return SimpleNamespace(values=made.truth(at)[None] + around)

    item = score_fit(task, SimpleNamespace(project=project, draws={}))
    told = np.array([np.inf if year is None else year for year in item["years"]])
    exact = AS_OF + (levels - 13.5) / 0.3
    inside = exact <= AS_OF + 5
    np.testing.assert_allclose(told[inside], exact[inside], atol=1e-3)
    assert np.isinf(told[~inside]).all()
    assert [round(one["place"], 2) for one in item["horizons"]] == [0.5] * 4


def test_worlds_of_the_recovery_are_not_made_again(monkeypatch) -> None:
    seen: list[str] = []

    def run_tasks(work, listed, jobs, scheduler=None):
        for position, task in enumerate(listed):
            seen.append(task.world.name)
            own = f"own: {task.member.name}" in task.world.families
            shared = {"world": task.world.name, "families": list(task.world.families), "member": task.member.name}
            if work is calibration.recovery_score:
                yield position, {**shared, "horizons": [{"place": 0.3}] * 4, "parameters": {"jump": {"place": 0.6}}}
            else:
                horizons = [{"place": 0.4}] * 4 if own else []
                yield position, {**shared, "years": [2028.0, None], "horizons": horizons, "parameters": {}}

    monkeypatch.setattr(calibration, "run_tasks", run_tasks)
    monkeypatch.setattr(calibration, "OWN_WORLDS", 2)
    monkeypatch.setattr(calibration, "DEFAULT_MEMBERS", ("damped", "windowed_exponential"))
    monkeypatch.setattr(
        calibration.tasks,
        "__kwdefaults__",
        {**calibration.tasks.__kwdefaults__, "members": ("damped", "windowed_exponential")},
    )
    content = calibration.calibrate(worlds=1)
    assert seen.count("damped/0") == seen.count("damped/1") == 1
    assert seen.count("damped/2") == 2
    rows = {(row["who"], row["quantity"]): row["n"] for row in content["rows"]}
    assert rows["damped", "frontier +1 years"] == 3
    assert rows["damped", "exhaustion year"] == 1
    assert rows["mixture", "exhaustion year"] == 2


def test_figure_words_and_table_say_the_same() -> None:
    from forecast.plots import calibration as figure

    rng = np.random.default_rng(8)
    members = {("damped", f"frontier +{h} years"): rng.uniform(size=110) for h in (0, 4)}
    content = summarise_places(members, pipeline_places(*scores(-2.0, 1.0)))
    axes = figure.calibration(content)
    assert len(axes.child_axes) == 4
    assert "Of 4 tests 2 deviate" in figure.calibration_text(content)
    table = figure.calibration_table(content)
    assert list(table["deviates"]).count("yes") == 2


def test_the_command_says_what_is_missing_and_what_a_thousand_fits_cost(monkeypatch, capsys) -> None:
    from forecast.ingest import stored

    monkeypatch.setattr(stored, "exists", lambda name: False)
    assert main(["calibrate"]) == 2
    assert "make evaluate" in capsys.readouterr().err
    assert main(["calibrate", "--new", "--worlds", "0"]) == 2
    assert calibration.cost(1000, 7.2, 2) == "1000 fits at 7.2 seconds each take 1.0 hours with 2 processes."
