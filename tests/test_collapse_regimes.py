"""Regimes, the loop that they drive, and settings that make no sense."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.collapse.engine import Filter, run_chain
from forecast.collapse.learners.gaussian import simulate_gaussian
from forecast.collapse.learners.mixture import simulate_mixture
from forecast.collapse.learners.ngram import simulate_ngram
from forecast.collapse.learners.regression import simulate_regression
from forecast.collapse.regimes import REGIMES, Accumulate, parse_regime
from forecast.errors import ForecastError, InputError, UnknownNameError


class Counter:
    """A learner whose data say where they come from: 0 human, n written by the n-th model."""

    replicates = 2

    def __init__(self):
        self.fitted = 0
        self.pools = []

    def human(self, count):
        return np.zeros((2, count))

    def write(self, model, count):
        return np.full((2, count), float(model))

    def is_right(self, data):
        return np.arange(data.size).reshape(data.shape) % 2 == 0

    def digest(self, data):
        return data

    def merge(self, digests):
        return np.concatenate(list(digests), axis=1)

    def fit(self, digest):
        self.pools.append(digest[0])
        self.fitted += 1
        return self.fitted

    def measure(self, model):
        return {"model": np.full(2, model)}


def pools(text, generations=4, samples=10):
    learner = Counter()
    chain = run_chain(learner, parse_regime(text), samples, generations, np.random.default_rng(1))
    assert chain.generations.tolist() == list(range(1, generations + 1))
    return [np.bincount(pool.astype(int), minlength=generations).tolist() for pool in learner.pools]


@pytest.mark.parametrize(
    ("regime", "last"),
    [
        ("replace", [0, 0, 0, 10]),
        ("accumulate", [10, 10, 10, 10]),
        ("accumulate:0.5", [10, 5, 5, 5]),
        ("keep:0", [0, 0, 0, 10]),
        ("keep:0.1", [1, 0, 0, 9]),
        ("keep:0.5", [5, 0, 0, 5]),
        ("fresh:0.3", [3, 0, 0, 7]),
        ("verification:0.9/0.3", [0, 0, 0, 10]),
        ("isolation:0.5", [5, 0, 0, 0]),
        ("contamination:0", [10, 0, 0, 0]),
    ],
)
def test_what_the_fourth_generation_reads(regime, last):
    found = pools(regime)
    assert found[0] == [10, 0, 0, 0]  # generation 1 is always fitted on human data alone
    assert found[-1] == last


def test_contamination_reads_any_earlier_model():
    found = np.array(pools("contamination:0.5", generations=6, samples=400))
    assert (found[1:, 0] == 200).all()
    assert (found[-1, 1:] > 0).all()


def test_subsampling_reads_a_fixed_budget_in_proportion():
    found = np.array(pools("accumulate_subsample", generations=5, samples=1000))
    assert (found.sum(axis=1) == 1000).all()
    assert found[-1] == pytest.approx(np.full(5, 200), abs=60)


def test_every_regime_runs_with_its_defaults():
    result = simulate_gaussian(20, 4, 5, list(REGIMES), ["ml"], seed=1)
    assert len(result.chains) == len(REGIMES)


def test_a_perfect_verifier_lets_nothing_wrong_through():
    passed = Filter(1.0, 0.0).passes(np.array([True, False] * 50), np.random.default_rng(1))
    assert passed.tolist() == [True, False] * 50


def test_only_the_ratio_of_the_rates_matters_for_what_is_kept():
    right = np.random.default_rng(1).random(20_000) < 0.4
    shares = [
        right[Filter(*rates).passes(right, np.random.default_rng(2))].mean() for rates in ((0.9, 0.3), (0.3, 0.1))
    ]
    assert shares[0] == pytest.approx(shares[1], abs=0.01)
    assert shares[0] == pytest.approx(0.4 * 3 / (0.4 * 3 + 0.6), abs=0.02)


def test_a_verifier_that_keeps_nothing_is_an_error_not_a_hang():
    class Wrong(Counter):
        def is_right(self, data):
            return np.zeros(data.shape, dtype=bool)

    with pytest.raises(InputError, match="stay empty"):
        run_chain(Wrong(), parse_regime("verification:1/0"), 5, 2, np.random.default_rng(1))


@pytest.mark.parametrize(
    "make",
    [
        lambda: simulate_gaussian(samples=0),
        lambda: simulate_gaussian(samples=1),
        lambda: simulate_gaussian(generations=-1),
        lambda: simulate_gaussian(generations=0),
        lambda: simulate_gaussian(replicates=0),
        lambda: simulate_gaussian(estimators=["bayes"]),
        lambda: simulate_gaussian(regimes=["accumulate_subsample"], samples=1000, generations=1000, replicates=1000),
        lambda: simulate_mixture(samples=5, components=6),
        lambda: simulate_mixture(components=0),
        lambda: simulate_mixture(regimes=["accumulate"], generations=100_000),
        lambda: simulate_ngram(samples=0),
        lambda: simulate_ngram(order=0),
        lambda: simulate_ngram(order=9),
        lambda: simulate_ngram(words=1),
        lambda: simulate_ngram(exponent=-1),
        lambda: simulate_regression(samples=11, dimension=10),
        lambda: simulate_regression(dimension=1),
        lambda: simulate_regression(regimes=["isolation:0.01"]),
        lambda: parse_regime("keep:1.5"),
        lambda: parse_regime("keep:-0.1"),
        lambda: parse_regime("keep:nan"),
        lambda: parse_regime("keep:many"),
        lambda: parse_regime("keep:0.1/0.2/0.3"),
        lambda: parse_regime("fresh:2"),
        lambda: parse_regime("contamination:1.01"),
        lambda: parse_regime("isolation:0"),
        lambda: parse_regime("verification:0/0"),
        lambda: parse_regime("verification:1.2/0"),
        lambda: parse_regime("accumulate:0"),
        lambda: parse_regime("kepe"),
    ],
)
def test_bad_settings_are_one_line(make):
    with pytest.raises(ForecastError) as caught:
        make()
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("got ")
    assert ", expected " in message


def test_a_misspelt_regime_is_told_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'keep'"):
        parse_regime("kepe")


def test_names_read_back_as_the_same_regime():
    for text in ("replace", "accumulate", "accumulate:0.5", "keep:0.1", "fresh:0.25", "verification:0.9/0.3"):
        assert parse_regime(text).name == text
        assert parse_regime(parse_regime(text).name) == parse_regime(text)
    assert Accumulate(1.0).name == "accumulate"
