"""The laboratory's dice and neural learners at full length, made once, for readers without the extra ``lab``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast.collapse.learners.capacity import simulate_capacity
from forecast.collapse.learners.dice import simulate_dice
from forecast.collapse.learners.texts import SHAKESPEARE
from forecast.collapse.learners.transformers import simulate_transformer
from forecast.collapse.learners.vae import simulate_vae

COLD = 0.3
"""Temperature of the lower of two published runs (Gerstgrasser et al. 2024; no unit)."""


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Run every experiment with its defaults, and the transformer on the text that ships."""
    del jobs, scheduler

    def told(name: str) -> Callable[[int], None]:
        return lambda place: progress(f"{name}: {place}")

    return {
        "dice": simulate_dice().to_json(),
        "capacity": simulate_capacity(progress=told("capacity, width")).to_json(),
        "vae": simulate_vae(progress=told("vae, generation")).to_json(),
        "transformer": simulate_transformer(progress=told("transformer, generation")).to_json(),
        "shakespeare": simulate_transformer(text=SHAKESPEARE, progress=told("shakespeare, generation")).to_json(),
        "cold": simulate_transformer(
            text=SHAKESPEARE, regimes=["replace"], temperature=COLD, progress=told("cold, generation")
        ).to_json(),
    }
