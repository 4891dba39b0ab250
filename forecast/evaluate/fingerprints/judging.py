"""Judging: scores, comparisons and coverage on fixed inputs, simulated truths, and what published procedures say."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from forecast.consumption.frontier_data import frontier_data
from forecast.consumption.members import MEMBERS
from forecast.evaluate.backtest import comparison, scores
from forecast.evaluate.backtest.predictions import PUBLISHED, from_fit, from_published, joint_score
from forecast.evaluate.backtest.protocol import COVERAGE_LEVELS, DENSITY_FLOOR, DENSITY_RANGE, DENSITY_WIDTH
from forecast.evaluate.backtest.scoring import scored, truths
from forecast.evaluate.calibration.coverage import HORIZONS
from forecast.evaluate.calibration.coverage import coverage as coverage_of_places
from forecast.evaluate.calibration.uniformity import uniformity
from forecast.evaluate.calibration.worlds import adversarial_worlds, own_world
from forecast.evaluate.fingerprints.growth import corpora, data_for, fit_at_points, usual_fit
from forecast.evaluate.fingerprints.probe import Probe
from forecast.replicate import DEFAULT_DRAWS, run_analysis
from forecast.replicate.bridge import run_bridge

SEED = 7

TABLES = ("epoch_2024_dataset_sizes", "epoch_models", "epoch_published", "stock_estimates", "stock_mapping",
          "internet_users", "world_population")  # fmt: skip
"""What published procedures read."""


def probes() -> list[Probe]:
    """Return the parts of this room."""
    here = "the probes of forecast/evaluate/fingerprints/judging.py"
    members = tuple(f"members/{name}" for name in MEMBERS.shipped)
    drawn = ("core/streams", "core/distributions", "core/default_seed")
    return [
        Probe("judging/scores", 2, of_scores, here),
        Probe("judging/comparison", 1, of_comparison, here),
        Probe(
            "judging/predictions", 1, predictions, here, ("core/streams", "judging/scores", "growth/blocks", *members)
        ),
        Probe("judging/worlds", 1, worlds, here, ("core/streams", "core/priors", "growth/observation", *members)),
        Probe("judging/coverage", 1, coverage, here),
        *(Probe(f"rivals/{name}", 1, partial(published, name), here, drawn, TABLES) for name in PUBLISHED),
        Probe("rivals/analyses", 1, analyses, here, drawn, TABLES, slow=True),
    ]


def of_scores() -> Any:
    """Every score of draws, weighted and not, with and without infinity."""
    rng = np.random.default_rng(19)
    draws = np.sort(rng.normal(12.0, 0.5, (3, 30)))
    came = np.array([12.1, 10.0, 13.5])
    weights = rng.uniform(0.1, 1.0, 30)
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    never = draws.copy()
    never[:, 20:] = np.inf
    return [
        scores.crps(draws, came),
        scores.crps(draws, came, weights),
        scores.crps(never, came),
        scores.wis_of_draws(draws, came),
        scores.wis(scores.weighted_quantiles(draws, levels), levels, came),
        scores.weighted_quantiles(draws, levels, weights),
        scores.log_score(np.log(rng.uniform(0.1, 1.0, (3, 30)))),
        scores.pit(draws, came, np.random.default_rng(1)),
        scores.covered(draws, came, 0.8),
        scores.pooled([draws[0], draws[1, :10]]),
    ]


def of_comparison() -> Any:
    """Ratios of scores, coverage and effective numbers where rows share targets."""
    rng = np.random.default_rng(23)
    ours, theirs = rng.uniform(0.1, 1.0, 24), rng.uniform(0.2, 1.2, 24)
    targets = [f"t{place % 7}" for place in range(24)]
    return [
        comparison.paired_ratio(ours, theirs, targets, seed=SEED),
        comparison.without_each(ours, theirs, targets),
        comparison.coverage(ours < 0.6, targets),
        comparison.effective_n(ours, targets),
        comparison.wilson(7.0, 9.5),
    ]


def predictions() -> Any:
    """What a member foretells from an origin, and how it is scored against what came."""
    member = MEMBERS["damped"]()
    later = data_for(member)
    made = from_fit(usual_fit("damped"), (0.5, 1.0, 2.0), later)
    earlier = from_fit(fit_at_points(member, frontier_data(corpora(), 2022.0))[1], (0.5, 1.0, 2.0), later)
    came = truths(later, ["m1", "m4"])
    density = (DENSITY_WIDTH, DENSITY_FLOOR, DENSITY_RANGE)
    return [made.record, made.largest, joint_score(earlier), scored(earlier, came, COVERAGE_LEVELS, density, SEED)]


def worlds() -> Any:
    """Simulated truths and rows, of every member's family and adversarial."""
    own = [own_world(kind(), data_for(kind()), 3) for kind in MEMBERS.shipped.values()]
    return [world.digest() for world in (*own, *adversarial_worlds()[::17])]


def coverage() -> Any:
    """Counts of places within intervals, and tests of uniformity."""
    rng = np.random.default_rng(29)
    rows = [
        {"world": f"w{place}", "families": ["own: a" if place % 2 else "b"], "member": "a",
         "horizons": [{"place": float(rng.uniform()), "error": 0.1, "width_80": 0.5} for _ in HORIZONS]}
        for place in range(30)
    ]  # fmt: skip
    return [coverage_of_places(rows), uniformity(rng.uniform(size=60))]


def published(name: str) -> Any:
    """What a published procedure says from the fixed corpora."""
    return from_published(name, corpora(), 2024.0, (0.5, 2.0), SEED).record[..., ::400]


def analyses() -> Any:
    """The published analyses and the first steps of the bridge, all with few draws."""
    made = [run_analysis(name, seed=SEED, draws=1000) for name in ("epoch2022", "epoch2024")]
    figures = [[figure.name, figure.quantiles, figure.status] for analysis in made for figure in analysis.figures]
    return [figures, [[step.name, step.quantiles] for step in run_bridge(seed=SEED, draws=1000)], DEFAULT_DRAWS]
