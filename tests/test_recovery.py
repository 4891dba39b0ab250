"""Scoring: on a known distribution the coverage is the level; tables and hashes; one slow run."""

from pathlib import Path

import numpy as np
import pytest

from forecast.evaluate import recovery
from forecast.evaluate.recovery import HORIZONS, LEVELS, RecoveryTask, covered, place, score_draws, wilson
from forecast.evaluate.worlds import adversarial_worlds


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
                "horizons": score_draws(draws, truth),
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
    rows = recovery.coverage(scores_of("own: damped", 1500))
    for row in rows:
        for level in LEVELS:
            low, high = row["coverage"][str(level)]["interval_0.95"]
            assert low - 0.02 < level < high + 0.02
    assert all(line["holds"] for line in recovery.own_family(rows))


def test_an_overconfident_forecaster_is_found_out() -> None:
    rows = recovery.coverage(scores_of("own: damped", 300, scale=2.0))
    assert not any(line["holds"] for line in recovery.own_family(rows))
    assert all(row["coverage"]["0.8"]["share"] < 0.6 for row in rows)


def test_a_biased_forecaster_misses_on_one_side() -> None:
    rows = recovery.coverage(scores_of("own: damped", 300, shift=1.5))
    assert all(row["above"] > 0.4 and row["below"] < 0.05 for row in rows)
    assert all(row["median_error"] == pytest.approx(-1.5, abs=0.2) for row in rows)


def test_the_edge_of_the_interval_belongs_to_it() -> None:
    assert covered(np.array([0.1, 0.9, 0.0999, 0.9001]), 0.8).tolist() == [True, True, False, False]


def test_place_counts_ties_half() -> None:
    assert place(np.zeros(9), 0.0) == 0.5
    assert 0 < place(np.zeros(9), -1.0) < 0.1


def test_adversarial_worlds_count_for_both_their_families_and_for_all() -> None:
    found = scores_of("growth: bend", 4)
    for item in found:
        item["families"] = ["growth: bend", "publication: late"]
    rows = recovery.coverage(found)
    assert {row["family"] for row in rows} == {"growth: bend", "publication: late", "adversarial"}
    assert {row["n"] for row in rows} == {4}
    assert {row["family"] for row in recovery.coverage(scores_of("own: damped", 4))} == {"own: damped"}


def test_parameters_are_ranked_against_the_truth() -> None:
    [row] = recovery.parameter_recovery(scores_of("own: damped", 30))
    assert row["rank_correlation"] == pytest.approx(1.0)
    assert row["n"] == 30


def test_the_table_shows_every_pair() -> None:
    content = {"coverage": recovery.coverage(scores_of("own: damped", 20))}
    table = recovery.coverage_table(content)
    assert list(table.columns) == ["family", "member", "n", *(f"+{h:g} years" for h in HORIZONS)]
    assert len(table) == 1


def test_tasks_begin_with_the_own_families_and_hold_every_pair() -> None:
    listed = recovery.tasks(own=2, adversarial=5)
    names = [(task.world.name.split("/")[0], task.member.name) for task in listed[:8]]
    assert all(world == member for world, member in names)
    assert len(listed) == 4 * 2 + 5 * 4 + 4 * 3 * 2
    assert len({task.key() for task in listed}) == len(listed)


def test_a_kept_score_is_not_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path))
    calls = []
    monkeypatch.setattr(recovery, "_fit_and_score", lambda task: calls.append(task) or {"world": task.world.name})
    task = recovery.tasks(own=1, adversarial=0)[0]
    assert recovery.score(task) == recovery.score(task) == {"world": task.world.name}
    assert len(calls) == 1


def test_a_score_depends_on_the_world_and_on_the_sampling() -> None:
    import dataclasses

    first, second = adversarial_worlds()[:2]
    who = recovery.member("damped")
    one = RecoveryTask(first, who)
    assert one.key() != RecoveryTask(second, who).key()
    assert one.key() != dataclasses.replace(one, sampling=dataclasses.replace(one.sampling, draws=301)).key()


@pytest.mark.slow
def test_three_worlds_are_recovered_by_two_members() -> None:
    worlds = adversarial_worlds()[:1] + [
        task.world for task in recovery.tasks(("damped", "windowed_exponential"), own=1, adversarial=0)[:2]
    ]
    chosen = [recovery.member(name) for name in ("damped", "windowed_exponential")]
    listed = [RecoveryTask(world, who) for who in chosen for world in worlds]
    content = recovery.recover(listed, jobs=1)
    assert len(content["places"]) == 6
    # A frontier that 50 rows show well is found within a factor of ten at the as-of date, whatever the family.
    assert all(abs(item["errors"][0]) < 1.0 for item in content["places"])
    widths = [row["median_width_80"] for row in content["coverage"] if row["family"] == "adversarial"]
    assert widths[0] < widths[3], "four years ahead is less sure than now"
    assert {item["member"] for item in content["own_family"]} == {"damped", "windowed_exponential"}
