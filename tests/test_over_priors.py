"""Tables over the priors: each centre once, the others held, and what the document shows of them."""

import numpy as np
import pytest

from forecast.consumption.frontier_data import FIRST_KNOT
from forecast.consumption.members import MEMBERS
from forecast.core.trajectory import make_trajectory
from forecast.evaluate import over_priors, store
from forecast.evaluate.over_priors import PACES, SWEEPS, Sweep, run_over_priors, run_together
from forecast.ingest import stored as results
from forecast.runs.build_document import stored_evaluations
from forecast.runs.headline_sources import lowest_and_highest
from forecast.runs.pipeline import Options
from forecast.scenarios.scenario import load


class Fitted:
    """A fit whose frontier grows by the centre of one prior, so that the answer follows the prior."""

    def __init__(self, request):
        self.member, self.data = request.member, request.data
        priors = {name: prior.centre for name, prior in request.member.priors()}
        self.rate = priors.get("long_run_slope", priors.get("slope")) * (1 - priors.get("damping", 0))
        self.count = 50
        self.diagnostics = {"verdict": "PASS", "checks": []}

    def thinned(self, count):
        self.count = count
        return self

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
        own = [row for row in rows if row["member"] == sweep.member]
        centres = [row["centre"] for row in own]
        assert set(sweep.centres) <= set(centres)
        assert centres == sorted(set(centres))
        [base] = [row for row in own if row["baseline"]]
        assert base["centre"] == dict(MEMBERS[sweep.member]().priors())[sweep.parameter].centre
        assert {row["unit"] for row in own} <= {"per year", "log10 per year"}
    keys = [request.key() for request in asked]
    assert len(set(keys)) == len(keys), "nothing is fitted twice"
    assert len(keys) == 4 + sum(not row["baseline"] for row in rows)


def test_a_higher_slope_comes_earlier_and_the_mixture_moves_less_than_the_member(rows):
    own = [row for row in rows if row["member"] == "local_trend"]
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
    moved = [row["mixture"]["median"] for row in rows if not row["baseline"]]
    assert all(median != told[0]["median"] for median in moved)


def test_a_member_that_fails_is_out_of_the_mixture_and_alone_still_told(monkeypatch, asked):
    def failing(requests, *_):
        fits = [Fitted(request) for request in requests]
        for fit in fits:
            if fit.member.name == "damped":
                fit.diagnostics = {"verdict": "FAIL", "checks": [
                    {"name": "R-hat", "status": "FAIL", "sentence": "", "advice": ""}]}  # fmt: skip
        return fits

    monkeypatch.setattr(over_priors, "particle_fits", failing)
    [row] = run_over_priors([Sweep("damped", "damping", "damping", (0.12,))], Options(draws=200))
    assert row["mixture"]["left_out"] == ["damped"]
    assert row["alone"]["median"] is not None
    assert row["alone"]["verdict"] == "FAIL"


def test_all_paces_moved_together_move_the_answer_more_than_one_of_them(asked, rows):
    together = run_together((0.15, 0.30, 0.45), Options(draws=400))
    medians = [row["median"] for row in together]
    assert medians == sorted(medians, reverse=True)
    one = {row["centre"]: row["mixture"]["median"] for row in rows if row["member"] == "local_trend"}
    assert medians[0] - medians[-1] > one[0.15] - one[0.45]
    low, high = lowest_and_highest({"together": together})
    assert low == together[0]["probability_by"]["2030"] < high == together[-1]["probability_by"]["2030"]


def test_every_default_member_has_a_pace_that_is_one_of_its_priors():
    for name in load("baseline").members:
        assert PACES[name] in dict(MEMBERS[name]().priors())


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
