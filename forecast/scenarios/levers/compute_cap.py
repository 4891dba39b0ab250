"""Compute cap: no training set outgrows the largest computation that can be run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.consumption.alternatives.compute_route import FLOP_PER_PARAMETER_TOKEN, LIMIT_YEAR, faded
from forecast.core.formulas import one_step
from forecast.scenarios.levers.lever import START, TEXT, Effect, Larger, Lever, LeverParameter

NO_LIMIT = 1e200
"""A limit that no run will ever meet (FLOP): a scenario says this for "no cap"."""


class ComputeCap(Lever):
    r"""Holds the frontier below the training set that the largest practicable computation could read.

    With C floating-point operations and r tokens a parameter that is sqrt(C r / 6) tokens. From 2030 on the limit grows
    at a rate that fades. Up to 2030 the limit of 2030 counts: nearer dates are what the fit is about. Where the
    frontier stands above the cap at the start already, it stays where it is.
    """

    name: ClassVar[str] = "compute_cap"
    title: ClassVar[str] = "held by the largest practicable computation"
    side: ClassVar[Literal["stock", "consumption"]] = "consumption"
    effect: ClassVar[Effect] = "caps"
    main_setting: ClassVar[str] = "limit_2030"
    larger_means: ClassVar[Larger] = "sooner"
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "limit_2030": LeverParameter(
            "FLOP", 1e20, NO_LIMIT, "Largest practicable training run in 2030", neutral=NO_LIMIT
        ),
        "tokens_per_parameter": LeverParameter(
            "tokens a parameter", 1e-3, 1e6, "Tokens for each active parameter of a run at that limit"
        ),
        "later_growth": LeverParameter("log10 a year", 0.0, 2.0, "Growth of the limit from 2030 on", zero=True),
        "later_fading": LeverParameter("per year", 1e-4, 100.0, "Rate at which that growth fades"),
        "start": START,
    }

    def apply(self, path: np.ndarray, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return the frontier, held below the cap from the start on."""
        start = draws["start"]
        later = np.maximum(years - LIMIT_YEAR, 0.0)[None, :]
        compute = np.log10(draws["limit_2030"])[:, None] + draws["later_growth"][:, None] * faded(
            later, draws["later_fading"][:, None]
        )
        ratio = np.log10(draws["tokens_per_parameter"] / FLOP_PER_PARAMETER_TOKEN)
        cap = 0.5 * (compute + ratio[:, None])
        reached = path_at(path, years, start)
        return np.where(years[None, :] > start[:, None], np.minimum(path, np.maximum(cap, reached[:, None])), path)


@one_step
def path_at(path: np.ndarray, years: np.ndarray, instants: np.ndarray) -> np.ndarray:
    """Return each path at its own instant, straight lines between the years."""
    if len(years) == 1:
        return path[:, 0]
    place = np.clip(np.searchsorted(years, instants, side="right"), 1, len(years) - 1)
    part = np.clip((instants - years[place - 1]) / (years[place] - years[place - 1]), 0.0, 1.0)
    rows = np.arange(len(path))
    before, after = path[rows, place - 1], path[rows, place]
    with np.errstate(invalid="ignore"):
        return np.where(before == after, before, before + part * (after - before))
