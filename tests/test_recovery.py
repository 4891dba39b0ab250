"""Recovery: its tasks and kept scores; one slow run."""

from pathlib import Path

import pytest

from forecast.evaluate.calibration import recovery
from forecast.evaluate.calibration.recovery import RecoveryTask
from forecast.evaluate.calibration.worlds import adversarial_worlds


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
