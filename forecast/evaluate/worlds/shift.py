"""How wide the shift from the inferred to the true frontier has to be: learned on the learning half of the made worlds.

Where publication hides runs, or states sizes in a wrong unit, members infer a frontier that is off by more than they
know. Each law of a grid, so far down and so far up, is added to the mixture of every world of the learning half, and the
one with the least CRPS is the prior of `forecast.consumption.undisclosed`. The held-out half then tells whether it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from forecast.consumption.undisclosed import Undisclosed
from forecast.core.priors import Prior
from forecast.evaluate.backtest.scores import crps, pit

MIXTURE = "mixture"
"""Name of the equal pool of all members with the shift, as the shipped forecast has them."""

BELOW = (0.0, 0.1, 0.15, 0.2, 0.3)
"""Scales downwards that are tried (log10)."""

ABOVE = (0.15, 0.3, 0.4, 0.5, 0.6, 0.8)
"""Scales upwards that are tried (log10); the first was judged before worlds were made."""


def candidates() -> list[Undisclosed]:
    """Return the laws that are tried."""
    usual = Undisclosed()
    return [
        replace(usual, delta=_scaled(usual.delta, above), below=_scaled(usual.below, below))
        for below in BELOW
        for above in ABOVE
    ]


def shifted(draws: np.ndarray, shift: Undisclosed, year: float, seed: int) -> np.ndarray:
    """Return draws of an inferred frontier as draws of the true one."""
    return np.asarray(draws + shift.over(shift.draw(seed=seed, size=len(draws)), np.array([year]))[:, 0])


def judged(
    draws: np.ndarray, weights: np.ndarray, year: float, truth: float, seed: int, rng: np.random.Generator
) -> dict[str, list[float]]:
    """Return the CRPS of each candidate and where the truth falls in it, in their order; `rng` ranks equals."""
    found: dict[str, list[float]] = {"crps": [], "place": []}
    for one in candidates():
        moved = shifted(draws, one, year, seed)
        found["crps"].append(round(float(crps(moved, truth, weights)), 4))
        found["place"].append(round(float(pit(moved, truth, rng, weights)), 4))
    return found


def of_the_forecast(tried: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the law that a forecast has would have scored: one row a target, under the name of the mixture."""
    usual = Undisclosed()
    which = [(one.below.centre, one.delta.centre) for one in candidates()].index(
        (usual.below.centre, usual.delta.centre)
    )
    return [
        {**{name: entry[name] for name in ("world", "origin", "horizon")}, "who": MIXTURE}
        | {name: entry[name][which] for name in ("place", "crps")}
        for entry in tried
    ]


def learned(tried: Sequence[Mapping[str, Any]], halves: Mapping[str, str]) -> dict[str, Any]:
    """Return the mean CRPS of each candidate on the learning half, and which is chosen.

    Parameters
    ----------
    tried : sequence of mapping
        ``world`` and ``crps``, a list over candidates; one entry an origin and horizon.
    halves : mapping of str to str
        The half of each pair.
    """
    own = [entry["crps"] for entry in tried if halves[entry["world"].rpartition("/")[0]] == "learning"]
    means = np.mean(own, axis=0)
    rows = [
        {"below": one.below.centre, "above": one.delta.centre, "crps": round(float(mean), 4)}
        for one, mean in zip(candidates(), means, strict=True)
    ]
    best = rows[int(np.argmin(means))]
    return {"candidates": rows, "targets": len(own), "chosen": {name: best[name] for name in ("below", "above")}}


def _scaled(prior: Prior, centre: float) -> Prior:
    return replace(prior, centre=max(centre, 1e-9))
