"""Coverage on simulated worlds: of a right forecaster it is the level, and wrong ones are found out."""

import numpy as np
import pytest

from forecast.evaluate.backtest.comparison import wilson
from forecast.evaluate.calibration import coverage
from forecast.evaluate.calibration.coverage import HORIZONS, LEVELS, covered
from forecast.evaluate.calibration.recovery import score_draws


def scores_of(kind: str, worlds: int, *, shift: float = 0.0, scale: float = 1.0) -> list[dict]:
    """Return scores of a forecaster who draws from N(0, 1) where the truth is N(shift, scale)."""
    rng = np.random.default_rng(11)
    found = []
    for number in range(worlds):
        draws = rng.standard_normal((400, len(HORIZONS)))
        truth = shift + scale * rng.standard_normal(len(HORIZONS))
        found.append(
            {
                "world": f"w/{number}",
                "families": [kind],
                "member": "damped",
                "horizons": score_draws(draws, truth, rng),
                "parameters": {"slope": {"place": rng.uniform(), "truth": float(number), "median": float(number**2)}},
                "rhat_max": 1.02,
                "ess_bulk_min": 120.0,
                "divergences": 0,
            }
        )
    return found


def test_wilson_agrees_with_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for successes, trials in [(0, 20), (40, 50), (50, 50), (7, 9)]:
        expected = proportion_confint(successes, trials, method="wilson")
        assert wilson(successes, trials) == pytest.approx(expected, abs=1e-12)


def test_wilson_of_nothing_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_places_of_a_right_forecaster_are_uniform_and_its_coverage_is_the_level() -> None:
    rows = coverage.coverage(scores_of("own: damped", 1500))
    for row in rows:
        for level in LEVELS:
            low, high = row["coverage"][str(level)]["interval_0.95"]
            assert low - 0.02 < level < high + 0.02
    assert all(line["holds"] for line in coverage.own_family(rows))


def test_an_overconfident_forecaster_is_found_out() -> None:
    rows = coverage.coverage(scores_of("own: damped", 300, scale=2.0))
    assert not any(line["holds"] for line in coverage.own_family(rows))
    assert all(row["coverage"]["0.8"]["share"] < 0.6 for row in rows)


def test_a_biased_forecaster_misses_on_one_side() -> None:
    rows = coverage.coverage(scores_of("own: damped", 300, shift=1.5))
    assert all(row["above"] > 0.4 and row["below"] < 0.05 for row in rows)
    assert all(row["median_error"] == pytest.approx(-1.5, abs=0.2) for row in rows)


def test_the_edge_of_the_interval_belongs_to_it() -> None:
    assert covered(np.array([0.1, 0.9, 0.0999, 0.9001]), 0.8).tolist() == [True, True, False, False]


def test_adversarial_worlds_count_for_both_their_families_and_for_all() -> None:
    found = scores_of("growth: bend", 4)
    for item in found:
        item["families"] = ["growth: bend", "publication: late"]
    rows = coverage.coverage(found)
    assert {row["family"] for row in rows} == {"growth: bend", "publication: late", "adversarial"}
    assert {row["n"] for row in rows} == {4}
    assert {row["family"] for row in coverage.coverage(scores_of("own: damped", 4))} == {"own: damped"}


def test_parameters_are_ranked_against_the_truth() -> None:
    [row] = coverage.parameter_recovery(scores_of("own: damped", 30))
    assert row["rank_correlation"] == pytest.approx(1.0)
    assert row["n"] == 30


def test_the_table_shows_every_pair() -> None:
    content = {"coverage": coverage.coverage(scores_of("own: damped", 20))}
    table = coverage.coverage_table(content)
    assert list(table.columns) == ["family", "member", "n", *(f"+{h:g} years" for h in HORIZONS)]
    assert len(table) == 1
