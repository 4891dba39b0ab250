"""Ways in which the frontier of a made world grows: log10 growth since the first date, from zero, never falling."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

Path = tuple[np.ndarray, dict[str, float]]
"""Growth at each date (log10), and the true numbers behind it."""


def exponential(t: np.ndarray, rng: np.random.Generator) -> Path:
    """Return one slope for ever."""
    slope = rng.uniform(0.15, 0.7)
    return slope * t, {"slope": slope}


def damped(t: np.ndarray, rng: np.random.Generator) -> Path:
    """Return a slope that falls at a constant rate."""
    slope, rate = rng.uniform(0.5, 1.0), rng.uniform(0.1, 0.5)
    return slope * -np.expm1(-rate * t) / rate, {"slope": slope, "rate": rate}


def local_trend(t: np.ndarray, rng: np.random.Generator) -> Path:
    """Return a slope whose log walks at random."""
    slope, sd = rng.uniform(0.2, 0.5), rng.uniform(0.1, 0.35)
    steps = np.diff(t)
    walk = np.cumsum(sd * np.sqrt(steps) * rng.standard_normal(len(steps)))
    # Held within a factor of 2.5: free, it would reach sizes that nobody could run.
    slopes = slope * np.exp(np.clip(walk, -np.log(2.5), np.log(2.5)))
    return np.r_[0.0, np.cumsum(slopes * steps)], {"slope": slope, "sd": sd}


def changepoint(t: np.ndarray, rng: np.random.Generator) -> Path:
    """Return a slope that changes once, to a half or less, or to half as much again or more."""
    slope, turn = rng.uniform(0.3, 0.7), rng.uniform(3.0, 10.0)
    factor = rng.choice([rng.uniform(0.1, 0.5), rng.uniform(1.5, 2.2)])
    path = slope * (np.minimum(t, turn) + factor * np.maximum(t - turn, 0.0))
    return path, {"slope": slope, "turn": turn, "factor": float(factor)}


def regimes(t: np.ndarray, rng: np.random.Generator) -> Path:
    """Return a slope that is drawn again two to four times."""
    turns = np.sort(rng.uniform(1.0, 12.0, size=int(rng.integers(2, 5))))
    slopes = rng.uniform(0.05, 0.9, size=len(turns) + 1)
    borders = np.r_[0.0, turns, np.inf]
    path = sum(
        slope * np.clip(t - start, 0.0, end - start)
        for slope, start, end in zip(slopes, borders[:-1], borders[1:], strict=True)
    )
    return np.asarray(path), {"turns": float(len(turns))}


def ceiling(t: np.ndarray, rng: np.random.Generator) -> Path:
    """Return growth that ends at a limit: softly, a logistic curve, or at once, a resource that is used up."""
    height, soft = rng.uniform(2.0, 4.5), float(rng.integers(2))
    if soft:
        rate, middle = rng.uniform(0.5, 1.5), rng.uniform(2.0, 8.0)
        start = 1 / (1 + np.exp(rate * middle))
        curve = (1 / (1 + np.exp(-rate * (t - middle))) - start) / (1 - start)
        return height * curve, {"height": height, "soft": soft}
    return np.minimum(t * height / rng.uniform(5.0, 10.0), height), {"height": height, "soft": soft}


def stall(t: np.ndarray, rng: np.random.Generator) -> Path:
    """Return one slope that rests for one to three years and resumes."""
    slope, start, length = rng.uniform(0.3, 0.7), rng.uniform(2.0, 9.0), rng.uniform(1.0, 3.0)
    path = slope * (np.minimum(t, start) + np.maximum(t - start - length, 0.0))
    return path, {"slope": slope, "start": start, "length": length}


def jumpy(t: np.ndarray, rng: np.random.Generator) -> Path:
    """Return a record with drift: it rests, and moves by gamma steps at random dates."""
    drift, a_year = rng.uniform(0.2, 0.6), rng.uniform(0.8, 2.5)
    at = np.cumsum(rng.exponential(1 / a_year, size=80))
    heights = rng.gamma(1.5, drift / a_year / 1.5, size=80)
    return ((t[:, None] >= at) * heights).sum(axis=1), {"drift": drift, "a_year": a_year}


GROWTHS: Mapping[str, Callable[[np.ndarray, np.random.Generator], Path]] = {
    "exponential": exponential,
    "damped": damped,
    "local_trend": local_trend,
    "changepoint": changepoint,
    "regimes": regimes,
    "ceiling": ceiling,
    "stall": stall,
    "jumpy": jumpy,
}
"""Growth families by name; slopes are log10 a year, around the 0.3 to 0.5 that training sets have grown by."""
