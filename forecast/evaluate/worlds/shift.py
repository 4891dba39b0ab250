"""How far the true frontier lies from the inferred one: a shift, learned on the learning half of the made worlds.

Where publication hides runs, or states sizes in a wrong unit, members infer a frontier that is off by more than they
know. Each law of a grid, so far down and so far up, is added to the mixture of every world of the learning half. Of the laws
that are calibrated there, the one with the least CRPS is the prior of `forecast.consumption.undisclosed` (as sharp as
calibration allows; Gneiting, Balabdaoui and Raftery 2007, doi:10.1111/j.1467-9868.2007.00587.x). The held-out half then tells
whether it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from forecast.consumption.undisclosed import Undisclosed
from forecast.core.seeds import generator
from forecast.evaluate.backtest.scores import crps, pit
from forecast.evaluate.calibration.coverage import covered
from forecast.evaluate.worlds.summary import clustered

MIXTURE = "mixture"
"""Name of the equal pool of all members with the shift, as the shipped forecast has them."""

BELOW = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)
"""Scales downwards that are tried (log10)."""

ABOVE = (0.15, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Scales upwards that are tried (log10); the first was judged before worlds were made."""

FULLEST_TAIL = 0.14
"""Most truths that may lie beyond one end of the 80 % intervals of any horizon (share); ten in a hundred should."""

ERRORS = 2.0
"""Standard errors, worlds as clusters, within which 80 % intervals must hold 0.80 (count)."""


@dataclass(frozen=True)
class Law:
    """A shift that goes either way in half of the futures, by a half-normal of its own.

    Parameters
    ----------
    below, above : float
        Scales downwards and upwards (log10).
    """

    below: float
    above: float

    def shifted(self, draws: np.ndarray, year: float, seed: int) -> np.ndarray:
        """Return draws of an inferred frontier as draws of the true one; with nothing below, those of a forecast.

        Upwards, for hidden runs, it grows as disclosure falls. Downwards, for overstated sizes, it is the same in every year:
        if it grew, a frontier would fall.
        """
        usual = Undisclosed(delta=replace(Undisclosed().delta, centre=self.above))
        up = usual.draw(seed=seed, size=len(draws))
        down = self.below * np.abs(generator(seed, "worlds", "overstated").standard_normal(len(draws)))
        return np.asarray(draws + up * float(usual.grown(np.array([year]))[0]) - np.where(up > 0, 0.0, down))


def candidates() -> list[Law]:
    """Return the laws that are tried."""
    return [Law(below, above) for below in BELOW for above in ABOVE]


def judged(
    draws: np.ndarray, weights: np.ndarray, year: float, truth: float, seed: int, rng: np.random.Generator
) -> dict[str, list[float]]:
    """Return the CRPS of each candidate and where the truth falls in it, in their order; `rng` ranks equals."""
    found: dict[str, list[float]] = {"crps": [], "place": []}
    for one in candidates():
        moved = one.shifted(draws, year, seed)
        found["crps"].append(round(float(crps(moved, truth, weights)), 4))
        found["place"].append(round(float(pit(moved, truth, rng, weights)), 4))
    return found


def of_the_forecast(tried: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the law that a forecast has would have scored: one row a target, under the name of the mixture."""
    which = candidates().index(Law(0.0, Undisclosed().delta.centre))
    return [
        {**{name: entry[name] for name in ("world", "origin", "horizon")}, "who": MIXTURE}
        | {name: entry[name][which] for name in ("place", "crps")}
        for entry in tried
    ]


def learned(tried: Sequence[Mapping[str, Any]], halves: Mapping[str, str]) -> dict[str, Any]:
    """Return the mean CRPS of each candidate on the learning half, how well it is calibrated there, and which is chosen.

    Parameters
    ----------
    tried : sequence of mapping
        ``world``, ``horizon``, and ``crps`` and ``place``, lists over candidates; one entry an origin and horizon.
    halves : mapping of str to str
        The half of each pair.
    """
    own = [entry for entry in tried if halves[entry["world"].rpartition("/")[0]] == "learning"]
    worlds, horizons = [entry["world"] for entry in own], np.array([entry["horizon"] for entry in own])
    misses, places = (np.array([entry[name] for entry in own]) for name in ("crps", "place"))
    rows = [
        {**asdict(one), "crps": round(float(error.mean()), 4)} | calibration(place, horizons, worlds)
        for one, error, place in zip(candidates(), misses.T, places.T, strict=True)
    ]
    best = min(rows, key=lambda row: (not row["calibrated"], row["crps"]))
    return {
        "candidates": rows,
        "targets": len(own),
        "worlds": len(set(worlds)),
        "chosen": {name: best[name] for name in ("below", "above")},
    }


def calibration(places: np.ndarray, horizons: np.ndarray, worlds: Sequence[str]) -> dict[str, Any]:
    """Return the share of 80 % intervals that hold, the fullest tail of any horizon, and whether both are as they should be."""
    share, error = clustered(covered(places, 0.8), worlds)
    tails = [tail[horizons == at].mean() for tail in (places < 0.1, places > 0.9) for at in np.unique(horizons)]
    return {
        "held": round(share, 4),
        "fullest_tail": round(float(max(tails)), 4),
        "calibrated": bool(abs(share - 0.8) <= ERRORS * error and max(tails) <= FULLEST_TAIL),
    }
