"""What a synthetic token is worth: shapes that must hold whatever the judgements, and a ledger that names them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from forecast.collapse import theory, yields
from forecast.collapse.engine import Filter
from forecast.collapse.yields import SCENARIO_SETTINGS, scenario_yield, synthetic_yield
from forecast.errors import ForecastError


def draw(regime, share, generations, verification=None, size=4000):
    return synthetic_yield(regime, share, generations, verification, np.random.default_rng(1), size)


def measured(result):
    return next(part for part in result.ledger if part.name == "what the generator still knows").median


@pytest.mark.parametrize("generations", [2, 5])
def test_the_laboratory_measures_what_theory_says(generations):
    assert measured(draw("replace", 1.0, generations)) == pytest.approx(1 / generations, rel=0.03)
    fresh = 1 / theory.regression_fresh(generations, 2 / 3)
    assert measured(draw("fresh", 1 / 3, generations)) == pytest.approx(fresh, rel=0.05)


def test_yield_falls_with_share_and_rounds_and_rises_with_verification():
    medians = {key: np.median(draw(*key).draws) for key in [("fresh", 1 / 3, 5), ("fresh", 0.9, 5), ("fresh", 0.9, 2)]}
    assert medians["fresh", 1 / 3, 5] > medians["fresh", 0.9, 2] > medians["fresh", 0.9, 5]
    assert np.median(draw("fresh", 0.9, 5, Filter(1, 0)).draws) > medians["fresh", 0.9, 5]


def test_published_speed_ups_are_reproduced_before_judgement():
    gain = yields._published_gain(1 / 3, np.random.default_rng(1), 20_000)
    speed_up = 2 / 3 + gain / 3
    assert 2.7 <= speed_up.min() < speed_up.max() <= 10
    alone = yields._published_gain(1.0, np.random.default_rng(1), 20_000)
    assert np.median(alone) == pytest.approx(1.0, abs=0.05)


def test_uncertainty_is_wide_where_the_frontier_is_judged():
    low, high = np.quantile(draw("fresh", 1 / 3, 2).draws, [0.1, 0.9])
    assert high / low > 10


def test_contamination_never_helps_and_isolation_does_nothing():
    assert draw("contamination", 0.5, 5).draws.max() <= 0
    isolated = draw("isolation", 0.0, 5)
    assert (isolated.draws == 0).all()
    assert (isolated.human_tokens(1e14) == 0).all()


def test_returns_diminish_but_harm_does_not():
    result = draw("keep", 0.5, 10)
    small, large = result.human_tokens(1e10), result.human_tokens(1e14)
    good, bad = result.draws > 0, result.draws < 0
    assert bad.any()
    assert (large[good] < 1e4 * small[good]).all()
    assert large[bad] == pytest.approx(1e4 * small[bad])


def test_the_ledger_labels_every_ingredient():
    result = draw("accumulate", 1 / 3, 5)
    assert {part.kind for part in result.ledger} == {"measured", "borrowed", "judgement"}
    for part in result.ledger:
        assert part.low <= part.median <= part.high
        assert len(part.source) > 20
    borrowed = next(part for part in result.ledger if part.kind == "borrowed")
    assert "arXiv" in borrowed.source


@pytest.mark.parametrize("scenario", sorted(SCENARIO_SETTINGS))
def test_scenarios_take_their_numbers_from_here(scenario):
    result = scenario_yield(scenario, np.random.default_rng(1), 500)
    document = json.loads(json.dumps(result.summary(), allow_nan=False))
    assert document["yield"]["median"] == pytest.approx(np.quantile(result.draws, 0.5, method="inverted_cdf"), rel=1e-5)
    assert document["ledger"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("replace", 0.5, 5),
        ("isolation", 0.5, 5),
        ("fresh", 0.0, 5),
        ("fresh", 1.5, 5),
        ("fresh", 0.5, 1),
        ("accumulate", 1.0, 5),
        ("rephrase", 0.5, 5),
    ],
)
def test_bad_settings_are_one_line(arguments):
    with pytest.raises(ForecastError, match=r"^got .*, expected "):
        draw(*arguments)


def test_no_draws_and_unknown_scenarios_are_errors():
    with pytest.raises(ForecastError):
        draw("fresh", 0.5, 5, size=0)
    with pytest.raises(ForecastError, match="did you mean 'synthetic_collapse'"):
        scenario_yield("synthetic_colapse", np.random.default_rng(1), 5)
    with pytest.raises(ForecastError, match="synthetic tokens"):
        draw("fresh", 0.5, 2, size=5).human_tokens(-1)
