"""The last steps of the bridge: this package's own frontier, its members, and its stock, each as a run of the pipeline.

A step is a scenario. The first takes one growth member, the nearest to their exponential, and no undisclosed models;
the second takes the baseline's members and its undisclosed shift. Both are held against *their* stock, without any
lever. The third is the baseline itself, so that the bridge ends at the number that ``forecast run`` gives.

Fits are kept: the first time they are sampled, which takes minutes; from then on they are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast.consumption.fitting import FitRequest
from forecast.consumption.members import member
from forecast.core.resources import RESOURCES
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.trajectory import DRAW, YEAR, make_trajectory
from forecast.core.units import REFERENCE_YEAR
from forecast.fits import kept as cache
from forecast.replicate.bridge import BridgeStep, run_bridge
from forecast.replicate.model2024 import draw_stock
from forecast.runs.inputs import read_inputs
from forecast.runs.passage import first_passage
from forecast.runs.pipeline import DEFAULT_DRAWS, Options, run
from forecast.scenarios import scenario as scenarios

if TYPE_CHECKING:
    import xarray as xr

    from forecast.scenarios.scenario import Scenario

LIKE_THEIRS = "windowed_exponential"
"""The growth member that is nearest to their exponential: a straight line in log10, of the last years."""

TABLES: tuple[str, ...] = ("epoch_models", "record_audit")
"""Shipped tables that the bridge reads beside those of the analysis."""

THEIR_ESTIMATOR = "indexed_web"
"""Estimator of the runs whose stock is not used: the cheapest one."""


def whole_bridge(
    *,
    seed: int = DEFAULT_SEED,
    draws: int = 100_000,
    options: Options | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[BridgeStep, ...]:
    """Walk from their procedure all the way to the baseline forecast.

    Examples
    --------
    >>> whole_bridge()[-1].title  # doctest: +SKIP
    'Our stock instead of theirs'
    """
    chosen = replace(options or Options(), seed=seed, draws=min(draws, DEFAULT_DRAWS))
    return run_bridge(seed=seed, draws=draws, later=exhaustion_by_step(chosen, progress=progress))


def exhaustion_by_step(
    options: Options | None = None,
    *,
    scenario: Scenario | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, np.ndarray]:
    """Return the exhaustion years of the steps that need fits of this package."""
    chosen = options or Options()
    scenario = scenario or scenarios.load("baseline")
    missing = fits_to_make(scenario, chosen)
    if missing:
        progress(f"fitting {missing} growth models first: a few minutes, once; they are kept")
    bare = replace(scenario, levers={}, idle={}, estimator=THEIR_ESTIMATOR, raw=None, raw_source="", leave_out=())
    one = replace(bare, name="bridge-frontier", members=(LIKE_THEIRS,), include_undisclosed=False)
    several = replace(bare, name="bridge-members")
    found = {}
    for name, step in (("frontier", one), ("members", several)):
        kept = min(chosen.draws, len(step.members) * chosen.sampling.kept)  # of one member there may be fewer
        frontier = run(step, progress=_fits_only(progress), options=replace(chosen, draws=kept)).consumption
        found[name] = first_passage(frontier, their_stock(frontier, chosen.seed)).year
    found["stock"] = run(scenario, progress=_fits_only(progress), options=chosen).exhaustion_year
    return found


def fits_to_make(scenario: Scenario, options: Options) -> int:
    """Return how many of the fits that the bridge needs are not kept yet."""
    data = read_inputs(RESOURCES[scenario.resource_name], options.models, options.as_of).data
    names = {LIKE_THEIRS, *scenario.members}
    keys = [FitRequest(member(name), data, options.seed, options.sampling).key() for name in names]
    return sum(cache.packed(key) is None for key in keys)


def their_stock(frontier: xr.DataArray, seed: int) -> xr.DataArray:
    """Return the effective stock of 2024 as paths: straight lines in log10, with bytes per token kept above one."""
    years = frontier[YEAR].values
    # The same stream as in `model2024.passage`, so that the stock does not change between the steps.
    drawn = draw_stock(generator(seed, "replicate", "epoch2024", "passage"), frontier.sizes[DRAW], corrected=True)
    level, growth = np.log10(drawn.tokens("effective", REFERENCE_YEAR)), np.log10(drawn.growth)
    return make_trajectory(
        level[:, None] + growth[:, None] * (years - REFERENCE_YEAR)[None, :],
        years,
        resource_name=frontier.attrs["resource"],
        role="stock",
        source="Villalobos et al. 2024, arXiv 2211.04325v2",
    )


def _fits_only(progress: Callable[[str], None]) -> Callable[[str], None]:
    # Three runs say three times that they are done; of interest is only what takes long.
    return lambda words: progress(words) if words.startswith(("fitting", "fitted")) else None
