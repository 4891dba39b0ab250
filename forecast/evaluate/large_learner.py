"""A transformer of two million weights on its own text: too long for a default, made once for all readers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from forecast.collapse.learners.texts import SHAKESPEARE
from forecast.collapse.learners.transformers import simulate_transformer

WIDTH, LAYERS = 208, 4
"""Size of the transformer (counts): 2.1 million weights."""

LETTERS = 128_000
"""A ninth of the text that ships, twice what the small transformer reads (letters)."""

UPDATES = 2000
"""Updates of each fit (count): eight passes over the text (judgement)."""

RATE = 2e-3
"""Highest learning rate: the default's, for a model four times as wide (no unit)."""

GENERATIONS = 3
"""Fits, the first on human text (count)."""

REGIMES = ("replace",)
"""The regime that forgets most."""


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Run it, and say how many hours of processor time it took where no fit was kept."""
    del jobs, scheduler
    begin = time.process_time()
    found = simulate_transformer(
        LETTERS,
        GENERATIONS,
        1,
        REGIMES,
        steps=UPDATES,
        width=WIDTH,
        layers=LAYERS,
        text=SHAKESPEARE,
        rate=RATE,
        progress=lambda generation: progress(f"two million weights, generation {generation}"),
    )
    return {"transformer": found.to_json(), "processor_hours": round((time.process_time() - begin) / 3600, 2)}
