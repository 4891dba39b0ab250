"""The laws of repetition: published values, inverses, limits; and one law for both sides of the comparison."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from forecast.core.repetition import (
    EXPONENT,
    INFOLAW_RATE,
    LAWS,
    LOG_A,
    PUBLISHED,
    R_STAR,
    R_STAR_PARAMETERS,
    epochs_for,
    infolaw_passes,
    later_turning_point,
    scaling_law,
    useful_passes,
)
from forecast.core.resources import RESOURCES
from forecast.ingest.catalog import load_table
from forecast.runs.inputs import read_inputs
from forecast.scenarios.levers import LEVERS
from forecast.scenarios.scenario import load

YEAR = np.array([2030.0])


@pytest.mark.parametrize(
    ("parameters", "tokens", "loss"), [(6.34e9, 242e9, 2.2256440889984477), (8.67e9, 178e9, 2.2269634075087867)]
)
def test_the_law_gives_the_published_values(parameters, tokens, loss):
    assert scaling_law(parameters, tokens, 25e9) == pytest.approx(loss, rel=1e-15)


def test_the_best_use_of_a_published_budget():
    # 1e22 FLOP and 25e9 unique tokens: 2.3734e11 tokens, 9.4935 epochs, 7.022e9 parameters.
    best = minimize_scalar(
        lambda x: scaling_law(1e22 / 6 / 10**x, 10**x, 25e9), bounds=(10.5, 12.5), options={"xatol": 1e-10}
    )
    # The published point comes from a grid: next to the minimum, and as good to six digits.
    assert 10**best.x == pytest.approx(2.3734e11, rel=1e-3)
    epochs = 2.3734e11 / 25e9
    assert epochs == pytest.approx(9.4935, abs=5e-4)
    assert scaling_law(7.022e9, 2.3734e11, 25e9) == pytest.approx(best.fun, rel=1e-6)


@pytest.mark.parametrize(
    ("epochs", "worth"), [(1, 1.0), (2, 1.97), (4, 3.73), (5, 4.52), (8, 6.62), (16, 10.58), (40, 15.17)]
)
def test_useful_passes_as_the_table_of_estimates_has_them(epochs, worth):
    assert float(useful_passes(epochs)) == pytest.approx(worth, abs=0.005)


@pytest.mark.parametrize(
    ("epochs", "worth"), [(1, 1.0), (2, 1.88), (3, 2.66), (4, 3.35), (5, 3.97), (6, 4.52), (8, 5.44), (16, 7.60)]
)
def test_infolaw_at_1e12_parameters_and_1e13_unique_tokens(epochs, worth):
    assert infolaw_passes(epochs, 1e12, 1e13) == pytest.approx(worth, abs=0.005)
    assert float(useful_passes(epochs, law="infolaw")) == pytest.approx(worth, rel=0.01 if epochs <= 8 else 0.03)


def test_size_hardly_matters_to_infolaw():
    for parameters, unique in ((1e10, 1e12), (1e12, 1e14), (1e13, 1e14)):
        assert infolaw_passes(5.0, parameters, unique) == pytest.approx(3.97, abs=0.1)
    assert infolaw_passes(5.0, 1e10, 1e12) == pytest.approx(4.06, abs=0.005)


def test_two_to_five_useful_passes_by_both_laws():
    assert epochs_for(np.array([2.0, 5.0])) == pytest.approx([2.03, 5.63], abs=0.005)
    assert infolaw_passes(2.14, 1e12, 1e13) == pytest.approx(2.0, abs=0.005)
    assert infolaw_passes(7.0, 1e12, 1e13) == pytest.approx(5.0, abs=0.01)
    assert epochs_for(np.array([2.0, 5.0]), law="infolaw") == pytest.approx([2.14, 7.0], rel=0.01)


def test_the_worth_of_repeating_has_a_limit():
    assert float(useful_passes(1e6)) == pytest.approx(1 + R_STAR) == pytest.approx(16.39, abs=0.005)
    # Every pass is worth exp(-1 / tau) times the one before: a geometric series.
    assert float(useful_passes(1e6, 8.1, "infolaw")) == pytest.approx(1 / (1 - np.exp(-1 / 8.1)))
    assert float(useful_passes(3.0, 8.1, "infolaw")) == pytest.approx(1 + np.exp(-1 / 8.1) + np.exp(-2 / 8.1))


@pytest.mark.parametrize("turning_point", [5.0, 15.0, 40.0])
def test_passes_beyond_the_turning_point_do_harm(turning_point):
    epochs = np.linspace(1.0, 100.0, 9901)
    worth = useful_passes(epochs, turning_point, "additive_penalty")
    assert worth[0] == 1.0
    assert epochs[np.argmax(worth)] == pytest.approx(turning_point, abs=0.011)
    assert (np.diff(worth[epochs > turning_point + 0.02]) < 0).all()


def test_weight_decay_moves_the_turning_point_by_what_it_takes_from_the_penalty():
    # c = beta e*^-(1 + beta), so 0.3 c is least at a later e*.
    later = float(later_turning_point(15.0))
    assert later ** (-1 - EXPONENT) == pytest.approx(0.3 * 15.0 ** (-1 - EXPONENT))
    assert float(useful_passes(5.0, later, "additive_penalty")) > float(useful_passes(5.0, 15.0, "additive_penalty"))


@pytest.mark.parametrize("law", PUBLISHED)
@given(passes=st.floats(1.0, 8.0), more=st.floats(0.0, 20.0))
def test_worth_rises_by_less_and_less_and_can_be_turned_round(law, passes, more):
    assert float(useful_passes(epochs_for(passes, law=law), law=law)) == pytest.approx(passes, rel=1e-6)
    epochs = float(epochs_for(passes, law=law))
    gained = float(useful_passes(epochs + more, law=law) - useful_passes(epochs, law=law))
    assert -1e-9 <= gained <= more + 1e-9


def test_constants_are_those_of_the_table():
    rows = load_table("scaling_laws").set_index(["law_id", "parameter"])["value"]
    old, new = rows["muennighoff2023_data_constrained"], rows["infolaw2026"]
    assert (old["R_D_star"], old["R_N_star"], old["log_A"], old["alpha"]) == (
        R_STAR, R_STAR_PARAMETERS, LOG_A, EXPONENT,
    )  # fmt: skip
    assert (new["lambda_slope"], new["lambda_constant"]) == INFOLAW_RATE
    estimates = load_table("lever_estimates")
    told = estimates[estimates["parameter"].str.startswith("InfoLaw")]
    assert len(told) == 5
    for row in told.itertuples():
        epochs = float(row.parameter.split()[-2])
        assert infolaw_passes(epochs, 1e12, 1e13) == pytest.approx(row.median, abs=0.005)


def factor(**draws: list[float]) -> list[float]:
    given = {name: np.array(values, dtype=float) for name, values in draws.items()}
    return (10 ** LEVERS["repetition"].log10_factor(given, YEAR)[:, 0]).tolist()


@pytest.mark.parametrize("law", LAWS)
def test_a_run_that_reads_its_text_as_often_as_the_stock_is_granted_makes_the_law_cancel(law):
    # U tokens read five times are 5 U tokens seen, on both sides.
    number = list(LAWS).index(law)
    assert factor(epochs=[5.0], run_epochs=[5.0], law=[number]) == pytest.approx([5.0])


def test_the_stock_counts_in_tokens_of_a_run():
    found = factor(epochs=[5.0, 5.0], run_epochs=[4.0, 4.0], law=[0, 1], r_star=[R_STAR] * 2, tau=[8.1] * 2)
    assert found == pytest.approx([4.52 * 4 / 3.73, 3.97 * 4 / 3.35], rel=0.005)
    # What a scenario says outright is in tokens of a run already.
    assert factor(passes=[3.0], run_epochs=[4.0], law=[1]) == pytest.approx([3.0])
    # A forecast recorded before there was a choice: Muennighoff's law, runs at one pass.
    assert factor(epochs=[5.0], r_star=[R_STAR]) == pytest.approx([4.52], abs=0.005)


def test_each_published_law_holds_in_half_of_the_futures_and_one_alone_where_it_is_named():
    base = load("baseline")
    law = base.draw_lever("repetition", seed=3, size=4000)["law"]
    assert [np.mean(law == place) for place in range(3)] == pytest.approx([0.5, 0.5, 0.0], abs=0.03)
    lever, value = LEVERS["repetition"], base.levers["repetition"]
    for place, name in enumerate(LAWS):
        alone = lever.derive({}, {**value.choices, "law": name}, np.array([0.0, 0.5, 1.0]), np.random.default_rng(1))
        assert (alone["law"] == place).all()


def test_passes_of_a_run_as_the_rows_have_them():
    passes = read_inputs(RESOURCES["public_text"]).passes.draw(seed=5, size=100_000)
    drawn = load("baseline").draw_lever("repetition", seed=5, size=100_000)["run_epochs"]
    for law in PUBLISHED:
        # What matters to the comparison: the mean worth of a run's token, within 0.5 %.
        told, assumed = (float(np.log10(useful_passes(e, law=law) / e).mean()) for e in (passes, drawn))
        assert told == pytest.approx(assumed, abs=0.002)
