"""What a teacher, a further pass and a learnt start are worth, made once for readers without the extra ``lab``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast.collapse.learners.lessons import simulate_adaptation, simulate_distillation, simulate_passes


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Run the three experiments with their default settings."""
    del jobs, scheduler
    made = {}
    for run in (simulate_passes, simulate_distillation, simulate_adaptation):
        result = run(progress=lambda fit: progress(f"trained {fit}"))
        made[result.experiment] = result.to_json()
        progress(result.finding)
    return made
