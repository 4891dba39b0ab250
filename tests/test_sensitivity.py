"""Sensitivity: the run's own answer comes back exactly, and indices and gains are those of a closed form."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import ndtri

from forecast.cli.main import main
from forecast.consumption.undisclosed import Undisclosed
from forecast.core.resources import RESOURCES
from forecast.core.trajectory import make_trajectory
from forecast.evaluate.sensitivity import information, tornado, variance
from forecast.evaluate.sensitivity import run as sensitivity
from forecast.evaluate.sensitivity.population import NEIGHBOURS, Group, joint, population, split
from forecast.runs.passage import apply_levers, first_passage
from forecast.scenarios import scenario as scenarios

YEARS = np.arange(2021.5, 2101.5, 0.5)
SIZE = 400


def results(name: str = "baseline") -> SimpleNamespace:
    """A run with made paths and the levers of a scenario."""
    rng = np.random.default_rng(3)
    scenario = scenarios.load(name)
    pace = np.repeat([0.2, 0.25, 0.3, 0.35], SIZE // 4)[:, None] * np.exp(0.2 * rng.standard_normal((SIZE, 1)))
    make = {"resource_name": "public_text", "source": "test"}
    disclosed = make_trajectory(
        13.6 + 0.1 * rng.standard_normal((SIZE, 1)) + pace * (YEARS - 2026.5), YEARS, role="consumption", **make
    )
    level = 14.6 + 0.3 * rng.standard_normal((SIZE, 1))
    raw = make_trajectory(level + 0.03 * (YEARS - 2024), YEARS, role="stock", **make)
    shift = Undisclosed()
    delta = shift.draw(seed=1, size=SIZE)
    frontier, _ = apply_levers(shift.add(disclosed, delta), scenario, seed=1)
    effective, _ = apply_levers(raw, scenario, seed=1)
    return SimpleNamespace(
        resource=RESOURCES["public_text"],
        scenario=scenario,
        held=[None] * 4,
        disclosed=disclosed,
        delta=delta,
        raw=raw,
        frontier=frontier,
        effective=effective,
        passages={"main": first_passage(frontier, effective)},
        inputs=SimpleNamespace(data=SimpleNamespace(as_of=2026.88)),
    )


@pytest.fixture(scope="module")
def run() -> SimpleNamespace:
    return results()


def test_the_runs_own_draws_give_the_runs_own_answer(run) -> None:
    people = population(run, seed=1)
    np.testing.assert_array_equal(people.exhaustion_year(people.drawn), run.passages["main"].year)
    by_2030 = variance.outputs(people, people.drawn)[1]
    np.testing.assert_array_equal(by_2030 == 1, run.passages["main"].year < 2031)


@pytest.mark.parametrize("name", ["closed_web", "overtrained_5x"])
def test_other_scenarios_come_back_too(name) -> None:
    made = results(name)
    people = population(made, seed=1)
    np.testing.assert_array_equal(people.exhaustion_year(people.drawn), made.passages["main"].year)


def test_inputs_that_are_drawn_jointly_stay_together(run) -> None:
    assert joint(dict.fromkeys(["quality", "repetition", "access"])) == [("quality", "access"), ("repetition",)]
    people = population(run, seed=1)
    assert joint(dict.fromkeys(["a", "access", "quality"]), [("quality", "a")]) == [("a", "access", "quality")]
    # The synthesis estimates the usable share jointly with the stock, and access depends on the share.
    assert any(set(group.inputs) == {"raw stock", "access", "quality"} for group in people.groups)
    assert sorted(name for group in people.groups for name in group.inputs) == sorted(
        [
            *("growth member", "premium over the record", "further growth"),
            *("undisclosed", "raw stock", "lineages", *people.levers),
        ]
    )
    for group in people.groups:
        assert (np.diff(group.effect) >= 0).all()
        assert group.rows(np.array([0.0, 1.0])).tolist() == [0, group.size - 1]


def test_level_and_growth_of_a_path_meet_again_in_it() -> None:
    rng = np.random.default_rng(7)
    level = rng.standard_normal((3, 130, 1))
    paths = level + np.cumsum(rng.gamma(2.0, 0.1, (3, 130, 12)), axis=2)
    parts, premium, growth = split(paths, 4, 9)
    member = np.repeat(np.arange(3), 130)
    np.testing.assert_array_equal(parts.take(member, premium, growth, slice(None)), paths.reshape(390, 12))
    assert (np.diff(parts.level, axis=1) >= 0).all()
    assert (np.diff(parts.growth(9)) >= 0).all()
    # Any combination has the level of the one and the growth of the other.
    other = parts.take(member, premium[::-1].copy(), growth, slice(None))
    np.testing.assert_allclose(other[:, 4], parts.level[member, premium[::-1]])
    assert (np.diff(other, axis=1) > 0).all()


@pytest.mark.parametrize("correlation", [-0.8, 0.0, 0.8])
def test_dependent_parts_give_ranks_that_do_not_depend_on_each_other(correlation) -> None:
    rng = np.random.default_rng(8)
    level, own = rng.standard_normal((2, 4000))
    grown = correlation * level + np.sqrt(1 - correlation**2) * own
    paths = np.stack([level, level + grown], axis=1)[None]
    parts, premium, growth = split(paths, 0, 1)
    assert abs(np.corrcoef(premium, growth)[0, 1]) < 0.03
    # What independent ranks give has the law of the pairs that were drawn.
    ranks = rng.integers(4000, size=(2, 20_000))
    made = parts.take(np.zeros(20_000, int), *ranks, slice(None))
    assert np.corrcoef(made[:, 0], made[:, 1] - made[:, 0])[0, 1] == pytest.approx(
        np.corrcoef(level, grown)[0, 1], abs=0.03
    )
    assert len(parts.starts) == 4000 // NEIGHBOURS + 1


def test_lineages_are_a_choice_of_which_the_run_has_its_own(run) -> None:
    from forecast.production.lineages import DRAWINGS

    people = population(run, seed=1)
    [group] = [one for one in people.groups if one.name == "lineages"]
    assert group.choice
    assert group.size == len(DRAWINGS)
    [own] = set(people.drawn["lineages"])
    _, stock = people.sides(people.drawn)
    np.testing.assert_array_equal(stock, run.effective.values)
    others = [people.sides({**people.drawn, "lineages": np.full(SIZE, at)})[1] for at in range(group.size) if at != own]
    assert all(not np.array_equal(other, stock) for other in others)


def test_held_late_is_later_than_held_early(run) -> None:
    people = population(run, seed=1)
    for group in people.groups:
        if group.name == "lineages":
            continue  # the made stock of this run stands beside real ones
        low, high = tornado.bar(people, group, seed=1)
        assert low.median >= high.median
        assert low.probability <= high.probability


SCALES = {"a": 3.0, "b": 2.0, "c": 1.0}


class Linear:
    """A population whose gap and year are sums of independent normal scores."""

    years = np.array([2029.0, 2030.0, 2030.5, 2031.0])
    groups = tuple(Group(name, (name,), np.arange(20_000.0)) for name in SCALES)

    def score(self, rows):
        return sum(SCALES[g.name] * ndtri((rows[g.name] + 0.5) / g.size) for g in self.groups)

    def gap(self, rows, end=np.inf):
        return np.repeat(self.score(rows)[:, None], len(self.years), axis=1)

    def exhaustion_year(self, rows, end=np.inf):
        return 2020.0 - self.score(rows)


def test_sobol_indices_are_those_of_a_sum() -> None:
    found = variance.indices(Linear(), seed=1, samples=1024)["log_gap_2030"]
    for entry, scale in zip(found, SCALES.values(), strict=True):
        assert entry["first"] == pytest.approx(scale**2 / 14, abs=0.03)
        assert entry["total"] == pytest.approx(scale**2 / 14, abs=0.03)
        assert entry["total_interval_0.95"][0] <= entry["total"] <= entry["total_interval_0.95"][1]


def test_intervals_of_the_indices_come_from_the_seed_too():
    one, same, other = (variance.indices(Linear(), seed=seed, samples=256) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_an_indicator_has_interactions_that_a_sum_has_not() -> None:
    found = variance.indices(Linear(), seed=1, samples=1024)
    assert sum(entry["first"] for entry in found["by_2030"]) < 0.95
    assert all(entry["total"] > entry["first"] for entry in found["by_2030"])


@pytest.mark.parametrize("half", [False, True])
def test_years_gained_are_those_of_normal_errors(half) -> None:
    # The expected CRPS of a normal forecast is its sd over the square root of pi.
    for group, scale in zip(Linear.groups, SCALES.values(), strict=True):
        left = 14 - scale**2 * (0.75 if half else 1.0)
        expected = (np.sqrt(14) - np.sqrt(left)) / np.sqrt(np.pi)
        found = information.gain(Linear(), group, half=half, seed=1, outer=100, inner=600)
        assert found.crps_years == pytest.approx(expected, abs=0.06)
        assert found.crps_before == pytest.approx(np.sqrt(14 / np.pi), abs=0.15)


def test_the_error_that_goes_is_the_variance_between_rows_for_a_yes_or_no() -> None:
    rng = np.random.default_rng(2)
    chance = rng.uniform(size=(200, 1))
    values = (rng.uniform(size=(1, 2000)) < chance).astype(float)
    gone, before = information.error_gone(values)
    assert before == pytest.approx(chance.mean() * (1 - chance.mean()), abs=0.01)
    assert gone == pytest.approx(chance.var(), abs=0.01)


def test_what_is_constant_is_worth_nothing() -> None:
    assert information.error_gone(np.full((5, 7), 2030.0)) == (0.0, 0.0)
    assert information.expected_error(np.array([2030.0] * 9)) == 0.0


def test_the_whole_is_ready_for_json_and_the_figure_says_the_same(run, monkeypatch, capsys, tmp_path) -> None:
    from forecast.plots import sensitivity as figure

    monkeypatch.setattr(variance, "indices", lambda people, *, seed: indices(people, seed))
    real = variance_indices

    def indices(people, seed):
        return real(people, seed=seed, samples=256)

    gain = information.gain
    monkeypatch.setattr(information, "gain", lambda *given, **named: gain(*given, **named, outer=8, inner=100))
    content = sensitivity.analyse(run, seed=1)
    json.dumps(content, allow_nan=False)
    gained = [one["information"]["known"]["crps_years"] for one in content["inputs"]]
    assert gained == sorted(gained, reverse=True)
    assert len(figure.sensitivity(content).child_axes) == 4
    assert content["inputs"][0]["measurement"] in figure.sensitivity_text(content)
    monkeypatch.setattr(sensitivity, "sensitivity", lambda *_, **__: content)
    assert main(["sensitivity", "--new", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert "expected error" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "sensitivity.json",
        "sensitivity.csv",
        "sensitivity.svg",
    }


variance_indices = variance.indices
