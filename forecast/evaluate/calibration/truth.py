"""True years: the exhaustion years of simulated worlds, over stocks drawn from the baseline's own."""

from __future__ import annotations

import numpy as np

from forecast.evaluate.calibration.worlds import YEARS_AHEAD, World
from forecast.runs.passage import crossing_years

YEARS_SPACING = 0.5
"""Grid of the paths (years), as in a run."""


def grid(as_of: float) -> np.ndarray:
    """Return the years over which worlds are known, from five years before the data's date to five after it."""
    return np.append(np.arange(np.floor(as_of) - 5.0, as_of + YEARS_AHEAD, YEARS_SPACING), as_of + YEARS_AHEAD)


def baseline_stocks(as_of: float, size: int, *, seed: int, name: str) -> np.ndarray:
    """Draw effective stocks of the baseline, without levers on the frontier."""
    from forecast import production
    from forecast.core.seeds import integer_seed
    from forecast.runs.passage import apply_levers
    from forecast.scenarios.scenario import load

    scenario, own = load("baseline"), integer_seed(seed, "calibration", name)
    raw = production.draw_estimator(scenario.stock(), seed=own, size=size).project(grid(as_of))
    return apply_levers(raw, scenario, seed=own)[0].values


def true_year(world: World, stock: np.ndarray) -> float:
    """Return the exhaustion year of a world."""
    years = grid(world.as_of)
    return float(crossing_years(world.truth(years)[None], stock[None], years)[0])
