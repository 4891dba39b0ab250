"""What the mixture learns from histories: scores from their terms, laws and weights by their rules."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from forecast.consumption.learned_from_histories import PACE_RATIO
from forecast.consumption.members import DEFAULT_MEMBERS, MEMBERS
from forecast.core.priors import Prior
from forecast.evaluate.backtest.scores import crps, pooled
from forecast.evaluate.histories import learning
from forecast.evaluate.histories.learning import (
    LAWS,
    Task,
    apart_of,
    best_weights,
    chosen_law,
    learned,
    score,
    terms_of,
)
from forecast.evaluate.histories.members import Fitted
from forecast.fits.particles.sweep import Care
from forecast.ingest.histories import History
from forecast.ingest.history_split import TARGET, half_of
from forecast.ingest.stored import read

LITTLE = Care(particles=40, clouds=1, sweeps=(1, 1), last_sweeps=(1, 1), half_years=20)
SLOW, FAST = Prior("lognormal", 0.1, 0.1, "none", "test"), Prior("lognormal", 3.0, 0.1, "none", "test")

ROOT = Path(__file__).parents[1]


def normal(middle, sd, count=400):
    return middle + sd * ndtri((np.arange(count) + 0.5) / count)


def terms(families, forecasts, rng):
    """Return rows of one law, as if made by members, for outcomes that are standard normal."""
    rows = []
    for number in range(families):
        for origin in range(4):
            draws, y = [part[None] for part in forecasts], rng.standard_normal()
            shared = {"series": f"s{number}", "family": f"f{number}", "kind": "record", "domain": f"d{number}"}
            miss = np.stack([np.abs(part - y).mean(axis=-1) for part in draws], axis=-1)
            row = {"origin": 2000.0 + 5 * origin, "horizon": 1.0, "miss": miss, "held": np.array([True])}
            rows.append({**shared, **row, "apart": apart_of(draws)})
    return rows


def test_terms_give_the_score_of_the_pooled_draws_at_any_weights():
    rng, weights = np.random.default_rng(1), np.array([0.2, 0.5, 0.3])
    draws = [rng.normal(size=50), rng.gamma(2.0, size=50), np.zeros(50)]
    miss = np.array([np.abs(part - 0.4).mean() for part in draws])
    pool, shares = pooled(draws, weights)
    assert score(miss, apart_of(draws), weights) == pytest.approx(float(crps(pool, 0.4, shares)))


def test_the_best_weights_are_those_of_a_search_and_keep_the_floor():
    rng = np.random.default_rng(2)
    draws = [normal(0.5, 1.0), normal(-0.3, 1.0), normal(2.0, 2.0)]
    miss = np.mean([[np.abs(part - y).mean() for part in draws] for y in rng.standard_normal(300)], axis=0)
    apart, found = apart_of(draws), best_weights(miss, apart_of(draws))
    tried = np.array([(a, b, 1 - a - b) for a in np.arange(0.1, 0.81, 0.02) for b in np.arange(0.1, 0.901 - a, 0.02)])
    assert score(miss, apart, found) <= min(score(miss, apart, one) for one in tried) + 1e-9
    assert found.sum() == pytest.approx(1)
    assert found[2] == pytest.approx(learning.FLOOR)


def test_a_law_within_a_standard_error_gives_way_to_the_widest():
    mean, error = np.array([0.40, 0.41, 0.405, 0.5]), np.array([0.0, 0.02, 0.02, 0.02])
    laws = [Prior("lognormal", 1.0, sd, "none", "test") for sd in (0.3, 0.6, 0.6, 0.9)]
    assert chosen_law(mean, error, laws) == 2
    assert chosen_law(mean, np.zeros(4), laws) == 0


def test_weights_are_needed_where_one_member_is_right_and_not_where_all_are_alike():
    rng, one = np.random.default_rng(3), [SLOW]
    right = learned(terms(12, [normal(0, 1), normal(6, 1)], rng), one, ["right", "wrong"], resamples=20)["weights"]
    assert right["needed"]
    assert right["learned"] == pytest.approx({"right": 0.9, "wrong": 0.1}, abs=1e-3)
    alike = learned(terms(12, [normal(0.1, 1), normal(-0.1, 1)], rng), one, ["a", "b"], resamples=20)["weights"]
    assert not alike["needed"]
    low, high = alike["interval_0.9"]["a"]
    assert low < 0.5 < high


def test_a_family_is_scored_by_weights_learned_without_it(monkeypatch):
    rows, seen = terms(3, [normal(0, 1), normal(1, 1)], np.random.default_rng(4)), []
    monkeypatch.setattr(learning, "best_weights", lambda miss, _: seen.append(miss) or np.array([0.5, 0.5]))
    rows[0]["miss"] = rows[0]["miss"] + 1e3
    learned(rows, [SLOW], ["a", "b"], resamples=30)
    assert max(one.max() for one in seen) > 10
    assert sum(one.max() < 10 for one in seen) >= 25  # those without the first family, among them all of its own fold


def test_laws_share_one_fit_and_the_slower_says_less(monkeypatch):
    year = 1950 + 0.5 * np.arange(17)
    series = History("x", "x", "record", "", "x", "", "higher", year, 10 ** (0.3 * (year - 1950)), float(year[-1]))
    said = []
    kept = Fitted.best_so_far
    monkeypatch.setattr(Fitted, "best_so_far", lambda one, at: said.append(kept(one, at)) or said[-1])
    rows, failures = terms_of(Task(series, (MEMBERS[DEFAULT_MEMBERS[0]](),), (SLOW, FAST), 1, LITTLE))
    assert (len(rows), failures) == (6, 0)  # three origins, followed for one, two and three years
    assert rows[0]["miss"].shape == (2, 1)
    assert rows[0]["apart"].shape == (2, 1, 1)
    for slow, fast in zip(said[::2], said[1::2], strict=True):
        assert np.median(fast[-1]) > np.median(slow[-1])
    record = [0.3 * n for n in (5, 6, 7)]
    assert all((one >= top).all() for one, top in zip(said[::2], record, strict=True))
    assert any((one == top).any() for one, top in zip(said[::2], record, strict=True))  # nothing new, to the last digit


def test_only_the_learning_half_is_learned_from(monkeypatch):
    given = {}
    monkeypatch.setattr(
        learning, "learning", lambda histories, members, **_: given.update(h=histories, m=members) or {}
    )
    learning.evaluate(print)
    assert {half_of(one.family) for one in given["h"]} == {"learning"}
    assert not any(TARGET in one.flags for one in given["h"])
    assert [who.name for who in given["m"]] == list(DEFAULT_MEMBERS)


def test_the_law_in_use_is_one_that_was_tried_and_the_pages_name_the_rules_choice():
    content = read("learning", None).content
    (in_use,) = [
        law
        for law in content["laws"]
        if law["median"] == PACE_RATIO.centre and law["sd_log"] == pytest.approx(PACE_RATIO.spread, abs=0.05)
    ]
    # Not the rule's choice any more, and wider than it: the pages have to say both, in its stored numbers.
    chosen = content["law"]["chosen"]
    assert in_use["sd_log"] > chosen["sd_log"]
    page = " ".join((ROOT / "forecast/evaluate/README.md").read_text(encoding="utf-8").split())
    methods = " ".join((ROOT / "METHODS.md").read_text(encoding="utf-8").split())
    assert f"the rule takes {chosen['median']} with spread {chosen['sd_log']}" in page
    assert f"the rule takes median {chosen['median']} and spread {chosen['sd_log']}" in methods
    for text in (page, methods):
        assert f"{in_use['above_least']:.4f}" in text
        assert f"{in_use['standard_error']:.4f}" in text
    assert len(content["laws"]) == len(LAWS) == 15
    assert set(content["weights"]["learned"]) == set(DEFAULT_MEMBERS)


def test_methods_has_what_the_held_out_half_said():
    content = read("histories", {}).content
    methods = " ".join((ROOT / "METHODS.md").read_text(encoding="utf-8").split())
    pairs = {
        pair["against"]: pair
        for pair in content["pairs"]
        if (pair["set"], pair["horizon"], pair["kind"]) == ("held_out", "all", "all")
    }
    for name in (
        "neighbours",
        "farmer_lafond",
        "epoch_line",
        "ets",
        "unobserved_components",
        "record_plus_drift_fitted",
    ):
        low, high = pairs[name]["interval_0.9"]
        assert f"{pairs[name]['crps_ratio']:.2f} [{low:.2f}, {high:.2f}]" in methods, name
    held = content["coverage"]["held_out"]
    low, high = held["interval_0.8"]
    assert f"hold {held['0.8']:.2f} [{low:.2f}, {high:.2f}]" in methods


def test_the_page_has_the_stored_scores():
    content = read("learning", None).content
    page = (ROOT / "forecast/evaluate/README.md").read_text(encoding="utf-8")
    for law in content["laws"]:
        assert f"{law['crps']:.3f} ({law['coverage_0.8']:.2f})" in page
    ratio = content["weights"]["learned_over_equal"]
    low, high = ratio["interval_0.9"]
    assert f"{ratio['crps_ratio']:.3f} [{low:.3f}, {high:.3f}]" in page
    for name, weight in content["weights"]["learned"].items():
        low, high = content["weights"]["interval_0.9"][name]
        assert f"{weight:.2f} [{low:.2f}, {high:.2f}]" in page
