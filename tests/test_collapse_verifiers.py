"""Verifiers: simulation against closed forms, convergence to a biased centre, and what grading oneself is worth."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from forecast.cli.collapse import app
from forecast.collapse import theory
from forecast.collapse.engine import Filter, run_chain
from forecast.collapse.learners.verifiers import VERIFIERS, VerifiedLearner, simulate_verifiers
from forecast.collapse.regimes import Accumulate, Replace
from forecast.errors import InputError, UnknownNameError
from forecast.plots import collapse as plots

GENERATIONS = 5


@pytest.fixture(scope="module")
def result():
    return simulate_verifiers(60, GENERATIONS, 200, seed=3, reads=120)


@pytest.mark.parametrize("regime", ["replace", "accumulate"])
@pytest.mark.parametrize("verifier", VERIFIERS.shipped)
def test_the_simulation_agrees_with_the_closed_form(result, verifier, regime):
    found, error = result.curve(verifier, regime), result.standard_error(verifier, regime)
    # Odds of being kept are linear to first order only: a twentieth of slack beside Monte Carlo error.
    assert (np.abs(found - result.theory(verifier, regime)) < 4 * error + 0.05 * found).all()


def history(verifier, regime, seed, samples=100, generations=12, replicates=300, bias=1.0, snapshots=()):
    rng = np.random.default_rng(seed)
    learner = VerifiedLearner(replicates, rng, verifier, 2, 100, bias)
    return run_chain(learner, replace(regime, filter=verifier.filter), samples, generations, rng, snapshots)


def test_retraining_converges_to_a_biased_verifiers_centre_however_strict_it_is():
    for filter in (Filter(1.0, 0.0), Filter(1.0, 0.3)):
        model = history(replace(VERIFIERS["biased"], filter=filter), Replace(), 1, generations=40, snapshots=[40])
        mean = model.snapshots[40].mean(axis=0)
        # Strictness sets the pace, and errors that pass keep some of the way.
        assert mean[0] == pytest.approx(1.0, abs=0.05)
        assert mean[1] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_models_own_grades_move_it_neither_to_the_truth_nor_away(seed):
    found = history(VERIFIERS["self"], Replace(), seed, generations=2, replicates=4000, snapshots=[1, 2])
    first, second = found.snapshots[1], found.snapshots[2]
    towards = (-(second - first) * first).sum(axis=1)
    assert abs(towards.mean()) < 4 * towards.std() / np.sqrt(len(towards))
    assert found.metrics["error"][1].mean() > found.metrics["error"][0].mean()


def test_grading_oneself_and_learning_from_ones_own_text_are_worth_nothing(result):
    for verifier in ("none", "self", "relearned"):
        worth, error = result.worth(verifier)
        assert worth < 2 * error
    assert result.worth("truth")[0] > result.worth("erring")[0] > 0 < result.worth("learned")[0]


@pytest.mark.parametrize("regime", [Replace(), Accumulate()])
def test_more_verification_never_hurts_in_expectation(regime):
    ends = [
        np.mean(
            [
                history(replace(VERIFIERS["truth"], filter=Filter(1.0, wrong)), regime, seed)
                .metrics["error"][-1]
                .mean()
                for seed in range(2)
            ]
        )
        for wrong in (1.0, 0.5, 0.2, 0.0)
    ]
    assert all(np.diff(ends) < 0)


def test_more_reading_makes_a_verifier_worth_more_and_its_reading_bounds_it():
    ends = [
        simulate_verifiers(60, 10, 300, ["replace"], ["held_out"], reads=reads).curve("held_out", "replace")[-1]
        for reads in (30, 120, 1000)
    ]
    assert all(np.diff(ends) < 0)
    steps = np.ones(400)
    assert theory.verified_error(steps, 0.5, 1 / 200, 0.0, 1 / 60)[-1] == pytest.approx(1 / 200)


def test_what_makes_no_sense_is_refused_in_a_line():
    with pytest.raises(InputError, match="isolation"):
        simulate_verifiers(regimes=["isolation"])
    with pytest.raises(UnknownNameError):
        simulate_verifiers(verifiers=["oracle"])
    with pytest.raises(InputError):
        simulate_verifiers(bias=0.0)


def test_the_command_says_what_each_is_worth(result, tmp_path):
    small = ["verifiers", "--samples", "30", "--generations", "3", "--replicates", "20", "--quiet"]
    said = CliRunner().invoke(app, [*small, "--out", str(tmp_path / "new")])
    assert said.exit_code == 0, said.output
    assert "What it shows: after 3 generations that accumulate" in said.stdout
    document = json.loads((tmp_path / "new" / "collapse_verifiers.json").read_text(encoding="utf-8"))
    assert {row["verifier"] for row in document["worth"]} == set(VERIFIERS.shipped)
    assert document["worth"][1]["knows"] is None
    assert json.loads(CliRunner().invoke(app, [*small, "--regime", "keep:0.5", "--json"]).stdout)["chains"]


def test_the_figure_says_its_numbers(result):
    figure = plots.draw_verifiers(result)
    assert f"truth, replace: {60 / result.curve('truth', 'replace')[-1]:.0f}" in figure.get_label()
