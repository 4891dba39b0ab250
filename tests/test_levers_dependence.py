"""Joint draws: the stated rank correlation is reached, margins stay, and no lever disturbs another."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.scenarios import scenario as scenarios
from forecast.scenarios.levers import DEPENDENCES, LEVERS
from forecast.scenarios.levers.dependence import OUTCOME, ranks

SIZE = 40_000


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation."""
    order = [np.argsort(np.argsort(x)) for x in (a, b)]
    return float(np.corrcoef(*order)[0, 1])


@pytest.mark.parametrize("pair", list(DEPENDENCES))
def test_the_stated_rank_correlation_is_reached_and_the_margin_stays_uniform(pair):
    dependence = DEPENDENCES[pair]
    own, other = ranks(*pair, seed=5, size=SIZE), ranks(*dependence.on, seed=5, size=SIZE)
    # Standard error of a rank correlation: (1 - rho^2) / sqrt(n - 1), 0.005 at most.
    assert spearman(own, other) == pytest.approx(dependence.rank_correlation, abs=0.02)
    assert np.quantile(own, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.01)


def test_what_is_not_stated_is_independent():
    assert spearman(
        ranks("private", "total", seed=5, size=SIZE), ranks("quality", "usable_share", seed=5, size=SIZE)
    ) == (pytest.approx(0.0, abs=0.02))


def test_a_scenario_draws_jointly():
    scenario = scenarios.load("synthetic_accumulate")
    usable = scenario.draw_lever("quality", seed=2, size=4000)["usable_share"]
    access = scenario.draw_lever("access", seed=2, size=4000)
    assert spearman(usable, access["restricted_share_now"]) == pytest.approx(-0.3, abs=0.05)
    epochs = scenario.draw_lever("repetition", seed=2, size=4000)["epochs"]
    worth = scenario.draw_lever("synthetic", seed=2, size=4000)["yield"]
    assert spearman(epochs, worth) == pytest.approx(-0.3, abs=0.05)
    assert spearman(access["restricted_share_now"], access["restricted_growth_2030"]) == pytest.approx(0.85, abs=0.03)
    assert np.array_equal(access["compliance_now"], access["compliance_2030"])


def test_another_lever_changes_no_draw():
    base, other = scenarios.load("baseline"), scenarios.load("overtrained_5x").replace(private=0.2, access=(0.3, 0.6))
    for name in ("quality", "repetition", "contamination", "compute_cap"):
        ours, theirs = (scenario.draw_lever(name, seed=3, size=100) for scenario in (base, other))
        assert all(np.array_equal(ours[key], theirs[key]) for key in ours)


def test_dependences_name_settings_that_there_are_and_every_chain_ends():
    for (lever, key), dependence in DEPENDENCES.items():
        assert key == OUTCOME or key in LEVERS[lever].settings
        assert dependence.on[1] in LEVERS[dependence.on[0]].settings
        assert dependence.reason.startswith(("judgement: ", "table "))
        seen, at = set(), (lever, key)
        while at in DEPENDENCES:
            assert at not in seen
            seen.add(at)
            at = DEPENDENCES[at].on
