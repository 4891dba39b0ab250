"""Published analyses, re-run from their published inputs: Epoch AI's "Will we run out of data?" of 2022 and of 2024.

`run_analysis` runs one of them and returns every figure with what was published, ours, and the reason for a difference.
Both also serve as forecasters in backtests: `forecast.replicate.epoch2022.forecast_from` and
`forecast.replicate.epoch2024.forecast_from`. Only facts of the papers enter; no line of their code is used.

References
----------
Villalobos et al., "Will we run out of data?", https://doi.org/10.48550/arXiv.2211.04325 (v1: 2022, v2: 2024).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from forecast.core.registry import Registry
from forecast.core.seeds import DEFAULT_SEED
from forecast.errors import InputError

if TYPE_CHECKING:
    from forecast.replicate.analysis import Analysis

ANALYSES = Registry[str](
    "published analysis",
    {
        "epoch2022": "forecast.replicate.epoch2022",
        "epoch2024": "forecast.replicate.epoch2024",
    },
)
"""Published analyses by name, and the module that re-runs each; a new one is one module and one line here."""

DEFAULT_DRAWS = 100_000
"""Draws of every input (count); at this number the Monte Carlo error is a third of the tightest tolerance."""

FEWEST_DRAWS = 1000
"""With fewer draws the outer quantiles are noise (count)."""

__all__ = ["ANALYSES", "DEFAULT_DRAWS", "FEWEST_DRAWS", "run_analysis"]


def run_analysis(
    name: str,
    *,
    seed: int = DEFAULT_SEED,
    draws: int = DEFAULT_DRAWS,
    bridge: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Analysis:
    """Run a published analysis again.

    Parameters
    ----------
    name : str
        One of `ANALYSES`.
    seed : int, default `forecast.core.seeds.DEFAULT_SEED`
        Seed of the run, non-negative.
    draws : int, default 100000
        Draws of every input, at least `FEWEST_DRAWS`.
    bridge : bool, default False
        Also correct their procedure one step at a time, up to the baseline forecast (epoch2024 only).
    progress : callable, optional
        Told of the fits that the bridge needs.

    Returns
    -------
    forecast.replicate.analysis.Analysis
        Every figure: published, ours, status and reason.

    Raises
    ------
    UnknownNameError
        If there is no analysis of that name.
    InputError
        If seed or draws are out of range, or the analysis has no bridge.

    Examples
    --------
    >>> analysis = run_analysis("epoch2022", draws=20_000)
    >>> analysis["exhaustion.images.historical"].status
    'matched'
    """
    module_name = ANALYSES[name]
    if seed < 0:
        raise InputError(f"the seed {seed}", "a number of at least 0", "choose another --seed")
    if draws < FEWEST_DRAWS:
        raise InputError(f"{draws} draws", f"at least {FEWEST_DRAWS}", "raise --draws, or leave it out")
    if bridge and name != "epoch2024":
        raise InputError(f"--bridge for {name}", "--bridge with epoch2024", "leave --bridge out")
    module = importlib.import_module(module_name)
    analysis = module.run(seed=seed, draws=draws)
    if not bridge:
        return analysis
    from forecast.ingest import attributions
    from forecast.replicate.baseline_steps import TABLES, whole_bridge

    steps = whole_bridge(seed=seed, draws=draws, progress=progress)
    return replace(analysis, bridge=steps, credits=tuple(attributions((*module.TABLES, *TABLES))))
