"""How often the interval of a ratio of scores holds the truth: measured on simulated histories of the backtest's design.

Each history is one record that grows by gamma steps, forecast from fourteen half-yearly origins up to four years ahead
by two forecasters whose scores have a closed form: the record plus a fixed drift, and the record plus the slope of the
last five years. Many histories give the ratio of their expected scores, which is the truth that the interval of a single
history should hold.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import ndtr

from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.evaluate.two_way import by_origin_and_target
from forecast.fits.kept_parts import kept_part

HISTORIES = 400
"""Simulated histories of each kind (count): a coverage is then good to about 2 in 100."""

STEP = 0.5
"""Half-years (years)."""

BEFORE, ORIGINS, AHEAD = 10, 14, 8
"""Half-years before the first origin, origins, and half-years ahead (counts), as in the backtest of text."""

SLOPE, JUMP = 0.30, 0.30
"""Growth (log10 a year) and scale of its gamma steps (log10): the pace and the unevenness of the record of text."""

WINDOW = 11
"""Half-yearly values through which the second forecaster draws its line (count): five years."""

WIDTH = 0.19
"""Width of the second forecaster at its origin (log10, sd): 3e12 to 13e12 tokens at 90 %, as published in 2024."""

KINDS = ("steady", "wandering", "bending", "stalling")
"""Ways in which the simulated growth moves."""


def growth(kind: str, histories: int, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Return the expected growth of each step, log10 a year, shape (history, step)."""
    if kind == "wandering":  # growth as a random walk in its logarithm, 0.17 a half-year
        walk = np.cumsum(0.17 * rng.standard_normal((histories, steps)), axis=1)
        return SLOPE * np.exp(walk - walk.mean(axis=1, keepdims=True))
    if kind == "bending":  # from half as much again to less than half of it, at any time
        bend = rng.integers(BEFORE - 2, steps - 5, size=(histories, 1))
        return np.where(np.arange(steps) < bend, 1.5 * SLOPE, 0.4 * SLOPE)
    if kind == "stalling":  # two years without news, at any time
        start = rng.integers(BEFORE - 4, steps - 4, size=(histories, 1))
        at = np.arange(steps)
        return np.where((at >= start) & (at < start + 4), 1e-3, SLOPE)
    return np.full((histories, steps), SLOPE)


def scores(kind: str, histories: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return both forecasters' scores, shape (history, row) each, and each row's origin and target in half-years."""
    steps = BEFORE + ORIGINS + 1
    expected = growth(kind, histories, steps, rng) * STEP
    record = np.cumsum(np.concatenate([np.zeros((histories, 1)), JUMP * rng.gamma(expected / JUMP)], axis=1), axis=1)
    time = STEP * (np.arange(WINDOW) - (WINDOW - 1) / 2)
    first, second, places = [], [], []
    for origin in range(BEFORE, BEFORE + ORIGINS):
        seen = record[:, origin - WINDOW + 1 : origin + 1]
        slope = seen @ time / (time @ time)
        residual = seen - seen.mean(axis=1, keepdims=True) - slope[:, None] * time
        slope_error = np.sqrt((residual**2).sum(axis=1) / (WINDOW - 2) / (time @ time))
        for target in range(origin + 1, min(origin + AHEAD, steps) + 1):
            ahead, now, came = STEP * (target - origin), record[:, origin], record[:, target]
            first.append(normal_crps(now + SLOPE * ahead, np.sqrt(SLOPE * JUMP * ahead + (0.08 * ahead) ** 2), came))
            second.append(normal_crps(now + slope * ahead, np.hypot(WIDTH, slope_error * ahead), came))
            places.append((origin, target))
    return np.array(first).T, np.array(second).T, np.array(places)


def normal_crps(mean: np.ndarray, sd: np.ndarray | float, came: np.ndarray) -> np.ndarray:
    """Return the CRPS of a normal forecast (Gneiting & Raftery 2007).

    Examples
    --------
    >>> round(float(normal_crps(np.array(0.0), 1.0, np.array(0.0))), 4)
    0.2337
    """
    z = (came - mean) / sd
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))


@lru_cache(maxsize=4)
def measured(seed: int = DEFAULT_SEED, histories: int = HISTORIES, level: float = 0.9) -> dict[str, Any]:
    """Return the share of simulated histories whose interval holds the truth, by kind and over all."""
    return dict(kept_part("interval coverage", lambda: _measured(seed, histories, level), of=[seed, histories, level]))


def _measured(seed: int, histories: int, level: float) -> dict[str, Any]:
    held: dict[str, float] = {}
    for kind in KINDS:
        ours, theirs, places = scores(kind, histories, generator(seed, "backtest", "interval", kind))
        truth = ours.mean() / theirs.mean()
        origin, target = places.T.tolist()
        found = [by_origin_and_target(a, b, origin, target, level=level) for a, b in zip(ours, theirs, strict=True)]
        held[kind] = round(float(np.mean([r.interval[0] <= truth <= r.interval[1] for r in found])), 3)
    return {"level": level, "histories": histories, "kinds": held, "held": round(float(np.mean([*held.values()])), 3)}


def sentence(found: dict[str, Any]) -> str:
    """Say what was measured."""
    lowest = min(found["kinds"], key=found["kinds"].get)
    return (
        f"Intervals of ratios allow for errors shared by origin and by target (two-way). On {len(KINDS) * found['histories']} "
        f"simulated histories of this design the {100 * found['level']:.0f} % interval held the true ratio in "
        f"{100 * found['held']:.0f} % ({lowest} ones: {100 * found['kinds'][lowest]:.0f} %)."
    )
