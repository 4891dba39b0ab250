"""Tables over the priors: each centre once, the others held, and what the document shows of them."""

import copy

import numpy as np
import pytest

from forecast.consumption.frontier_data import FIRST_KNOT
from forecast.consumption.members import MEMBERS
from forecast.core.trajectory import make_trajectory
from forecast.evaluate import over_priors, store
from forecast.evaluate.over_priors import SWEEPS, TOGETHER, Sweep, run_over_priors, run_together
from forecast.ingest import stored as results
from forecast.runs.build_document import stored_evaluations
from forecast.runs.headline_sources import lowest_and_highest
from forecast.runs.pipeline import Options
from forecast.scenarios.scenario import load


class Fitted:
    """A fit whose growth ahead follows the centres of its priors, so that the answer does."""

    def __init__(self, request):
        self.member, self.data = request.member, request.data
        of = {name: prior.centre for name, prior in request.member.priors()}
        self.rate = of["pace_ratio"] * (0.3 + of["slope"] * of.get("kept", 1.0) - 0.5 * of.get("damping", 0))
        self.count = 50
        self.diagnostics = {"verdict": "PASS", "checks": []}

    def thinned(self, count):
        self.count = count
        return self

    def growth_now(self):
        return np.full(self.count, self.rate)

    def paced(self, factor):
        other = copy.copy(self)
        other.rate = factor * self.rate
        return other

    def project(self, years):
        paths = 13.0 + self.rate * (years - 2024.0) + np.linspace(-0.2, 0.2, self.count)[:, None]
        return make_trajectory(paths, years, resource_name="public_text", role="consumption", source="example")


@pytest.fixture
def asked(monkeypatch):
    """What was asked to be fitted."""
    found = []

    def fake(requests, *_):
        found.extend(requests)
        return [Fitted(request) for request in requests]

    monkeypatch.setattr(over_priors, "particle_fits", fake)
    return found


@pytest.fixture
def rows(asked):
    return run_over_priors(options=Options(draws=400))


def test_every_centre_has_its_line_and_the_baseline_stands_among_them(rows, asked):
    for sweep in SWEEPS:
        own = [row for row in rows if (row["member"], row["parameter"]) == (sweep.member, sweep.parameter)]
        centres = [row["centre"] for row in own]
        assert set(sweep.centres) <= set(centres)
        assert centres == sorted(set(centres))
        [base] = [row for row in own if row["baseline"]]
        assert base["centre"] == dict(MEMBERS[sweep.member]().priors())[sweep.parameter].centre
        assert {row["unit"] for row in own} == {dict(MEMBERS[sweep.member]().priors())[sweep.parameter].unit}
    keys = [request.key() for request in asked]
    assert len(set(keys)) == len(keys), "nothing is fitted twice"
    assert len(keys) == 4 + sum(not row["baseline"] for row in rows)


def test_a_higher_slope_comes_earlier_and_the_mixture_moves_less_than_the_member(rows):
    own = [row for row in rows if (row["member"], row["parameter"]) == ("stall_and_resumption", "slope")]
    alone = [row["alone"]["median"] for row in own]
    mixed = [row["mixture"]["median"] for row in own]
    assert alone == sorted(alone, reverse=True)
    assert mixed == sorted(mixed, reverse=True)
    assert alone[0] - alone[-1] > mixed[0] - mixed[-1] > 0
    for row in rows:
        by = row["alone"]["probability_by"]
        assert 0 <= by["2030"] <= by["2060"] <= 1
        low, high = row["alone"]["intervals"]["0.8"]
        assert low < row["alone"]["median"] < high


def test_the_mixture_of_the_baseline_is_one_and_the_same_in_every_table(rows):
    told = [row["mixture"] for row in rows if row["baseline"]]
    assert all(one == told[0] for one in told)
    for row in rows:
        centre = dict(MEMBERS[row["member"]]().priors())[row["parameter"]].centre
        near = abs(np.log(row["centre"] / centre)) < 0.1
        assert near or row["mixture"]["median"] != told[0]["median"], (row["member"], row["parameter"], row["centre"])


def test_a_member_that_fails_is_out_of_the_mixture_and_alone_still_told(monkeypatch, asked):
    def failing(requests, *_):
        fits = [Fitted(request) for request in requests]
        for fit in fits:
            if fit.member.name == "damped":
                fit.diagnostics = {"verdict": "FAIL", "checks": [
                    {"name": "R-hat", "status": "FAIL", "sentence": "", "advice": ""}]}  # fmt: skip
        return fits

    monkeypatch.setattr(over_priors, "particle_fits", failing)
    own = MEMBERS["damped"]().damping.centre
    [row] = run_over_priors([Sweep("damped", "damping", "damping", (own,))], Options(draws=200))
    assert row["mixture"]["left_out"] == ["damped"]
    assert row["alone"]["median"] is not None
    assert row["alone"]["verdict"] == "FAIL"


def test_the_growth_ahead_of_all_members_together_moves_the_answer_most(asked, rows):
    together = run_together((0.15, 0.30, 0.45), Options(draws=400))
    assert [row["centre"] for row in together] == [0.15, 0.30, 0.45]
    medians = [row["median"] for row in together]
    assert medians == sorted(medians, reverse=True)
    moved = [row["mixture"]["median"] for row in rows]
    assert medians[0] - medians[-1] > max(moved) - min(moved)
    low, high = lowest_and_highest({"together": together})
    assert low == together[0]["probability_by"]["2030"] < high == together[-1]["probability_by"]["2030"]


def test_together_the_members_are_not_fitted_again_and_all_grow_alike(asked, monkeypatch):
    made = []
    monkeypatch.setattr(over_priors, "_told", lambda _, fits: made.append([fit.rate for fit in fits]) or {})
    run_together(options=Options(draws=400))
    assert [request.member.name for request in asked] == list(load("baseline").members)
    assert len(made) == len(TOGETHER)
    for centre, rates in zip(TOGETHER, made, strict=True):
        assert rates == pytest.approx([centre] * len(rates))


def test_every_prior_that_is_moved_is_one_of_a_default_member():
    for sweep in SWEEPS:
        assert sweep.member in load("baseline").members
        assert sweep.parameter in dict(MEMBERS[sweep.member]().priors())


def test_what_is_stored_is_shown_for_the_baseline_only(rows, monkeypatch, tmp_path):
    monkeypatch.setattr(results, "data_directory", lambda: tmp_path)
    scenario = load("baseline")
    assert stored_evaluations(scenario) == {}
    store.keep("over_priors", {"over_priors": rows}, tables=["epoch_models"])
    shown = stored_evaluations(scenario)
    assert set(shown) == {"over_priors", "over_priors_state"}
    assert len(shown["over_priors"]) == len(rows)
    assert "fits the data and the code" in shown["over_priors_state"]
    store.keep("over_priors", {"over_priors": rows}, settings={"scenario": "another"})
    assert "stale" in stored_evaluations(scenario)["over_priors_state"]


def test_years_of_the_grid_reach_the_far_year():
    assert FIRST_KNOT < int(over_priors.BY) < int(over_priors.NOT_BY) <= Options().horizon
