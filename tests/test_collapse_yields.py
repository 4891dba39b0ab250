"""What a synthetic token is worth: shapes that must hold whatever the judgements, and a ledger that names them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from forecast.collapse import yields
from forecast.collapse.engine import Filter
from forecast.collapse.surrogate import retained
from forecast.collapse.yields import SCENARIO_SETTINGS, scenario_yield, synthetic_yield
from forecast.errors import ForecastError


def draw(regime, share, generations, verification=None, size=4000):
    return synthetic_yield(regime, share, generations, verification, np.random.default_rng(1), size)


def part(result, name):
    return next(one for one in result.ledger if one.name.startswith(name))


def test_the_formula_by_hand(monkeypatch):
    monkeypatch.setattr(yields, "retained", lambda share, fits, quality, rng, size: np.full(size, 0.8))
    lost = synthetic_yield("contamination", 0.75, 5, None, np.random.default_rng(1), 3, np.ones(3))
    assert lost.draws == pytest.approx(-0.25 * 0.2 / 0.75)
    mixed = synthetic_yield("accumulate", 0.75, 5, None, np.random.default_rng(1), 3, np.full(3, 0.5))
    gain = synthetic_yield("replace", 1.0, 5, None, np.random.default_rng(1), 3, np.ones(3))
    assert gain.draws == pytest.approx(0.8 * yields._published_gain(1.0, after_saturation(), 3))
    assert mixed.draws == pytest.approx(0.5 * (0.8 * yields._published_gain(0.75, after_saturation(), 3) - 0.2 / 3))


def after_saturation():
    """Return the stream as it is once the saturation has been drawn."""
    rng = np.random.default_rng(1)
    yields._SATURATION.sample(rng, 3)
    return rng


def test_a_closed_loop_is_never_worth_more_than_its_human_text(monkeypatch):
    monkeypatch.setattr(yields, "retained", lambda share, fits, quality, rng, size: np.full(size, 1.4))
    assert (draw("contamination", 0.5, 5).draws == 0).all()
    assert part(draw("accumulate", 0.5, 5), "what a pool retains").median == 1


def test_yield_falls_with_share_and_rounds():
    medians = {key: np.median(draw(*key).draws) for key in [("fresh", 1 / 3, 5), ("fresh", 0.8, 5), ("fresh", 0.8, 2)]}
    assert medians["fresh", 1 / 3, 5] > max(medians["fresh", 0.8, 2], medians["fresh", 0.8, 5])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("generations", [2, 5, 10])
@pytest.mark.parametrize("share", [1 / 3, 0.7, 1.0])
def test_more_verification_never_hurts_in_expectation(share, generations, seed):
    means = [retained(share, generations, q, np.random.default_rng(seed), 4000).mean() for q in (0, 0.3, 0.6, 1)]
    assert (np.diff(means) >= -0.01).all(), means


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("generations", [2, 5, 10])
def test_replace_retains_least_and_accumulation_is_bounded(generations, seed):
    def median(share):
        return np.median(retained(share, generations, 0.5, np.random.default_rng(seed), 2000))

    mixes = [median(share) for share in (0.2, 0.5, 0.8)]
    assert median(1.0) < 0.8 * min(mixes)
    # The error of a pool that accumulates stays below pi^2 / 6 of the first fit's: so does what is lost of its text.
    assert min(mixes) > 6 / np.pi**2


@pytest.mark.parametrize(
    ("verifier", "quality"), [(Filter(0.9, 0.3), 2 / 3), (Filter(1, 0), 1.0), (Filter(0.2, 0.9), 0.0)]
)
def test_the_quality_of_a_verifier_is_what_it_removes_beyond_right_samples(verifier, quality):
    assert yields.removed(verifier) == pytest.approx(quality)


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
    result = replace(result, draws=np.where(np.arange(len(result.draws)) % 2, 0.4, -0.1))
    small, large = result.human_tokens(1e10), result.human_tokens(1e14)
    good, bad = result.draws > 0, result.draws < 0
    assert (large[good] < 1e4 * small[good]).all()
    assert large[bad] == pytest.approx(1e4 * small[bad])


def test_the_ledger_labels_every_ingredient():
    result = draw("accumulate", 1 / 3, 5)
    assert {part.kind for part in result.ledger} == {"measured", "borrowed", "judgement"}
    for one in result.ledger:
        assert one.low <= one.median <= one.high
        assert len(one.source) > 20
    assert all("arXiv" in one.source for one in result.ledger if one.kind == "borrowed")
    assert [one.name for one in result.ledger if one.kind == "judgement"] == ["scale transfer"]


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
