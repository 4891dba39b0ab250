"""What everything rests on: random streams, priors, distributions, summaries, units, and how fits are sampled."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from forecast.core.distributions import LogNormal
from forecast.core.priors import Prior
from forecast.core.seeds import DEFAULT_SEED, generator, integer_seed
from forecast.core.summaries import quantiles, summarise
from forecast.core.units import calendar_date, decimal_year, half_year_name, words_to_tokens
from forecast.evaluate.fingerprints.probe import Probe
from forecast.fits.gate import (
    Convergence,
    convergence,
    convergence_checks,
    predictive_checks,
    prior_driven_checks,
    verdict,
)
from forecast.fits.nuts import care, slim
from forecast.fits.sampling import ATTEMPTS, Sampling


def probes() -> list[Probe]:
    """Return the parts of this room."""
    here = "the probes of forecast/evaluate/fingerprints/core.py"
    return [
        Probe("core/streams", 1, streams, here, ()),
        Probe("core/default_seed", 1, lambda: DEFAULT_SEED, here, ()),
        Probe("core/priors", 1, priors, here, ()),
        Probe("core/distributions", 1, distributions, here, ()),
        Probe("core/summaries", 1, summaries, here, ()),
        Probe("core/units", 1, units, here, ()),
        # 4: from the compiled observation law, whose last digits are others than those of the law in arrays.
        Probe("fits/sampling", 4, sampling, here, ()),
        Probe("fits/gate", 1, gate, here, ()),
    ]


def streams() -> Any:
    """Random numbers by name, and the seeds that libraries get."""
    names = [("stock",), ("consumption", "damped", "project"), ("levers", "quality", "usable_share"), ()]
    return [
        [generator(seed, *path).standard_normal(3), generator(seed, *path).uniform(size=2), integer_seed(seed, *path)]
        for seed in (0, 1, 20260822)
        for path in names
    ]


def priors() -> Any:
    """Every family: density, quantiles, distribution function, draws, overlap."""
    places = np.array([0.01, 0.3, 0.5, 0.9, 0.999])
    found = []
    for prior in (
        Prior("normal", 1.0, 2.0, "", ""),
        Prior.lognormal(0.3, 0.8, "", ""),
        Prior("half_normal", 0.5, 0.0, "", ""),
    ):
        at = prior.quantile(places)
        drawn = prior.sample(np.random.default_rng(1), 40)
        found.append([prior.as_array(), at, prior.cdf(at), prior.log_density(at), drawn[:5], prior.overlap(drawn)])
    return found


def distributions() -> Any:
    """Split and plain lognormals, with and without bounds."""
    places = np.array([0.025, 0.2, 0.5, 0.8, 0.975])
    shapes = [
        LogNormal.from_interval(0.1, 0.4, level=0.95),
        LogNormal.from_interval(2.0, 50.0, level=0.8, median=6.0),
        LogNormal(1.1, 0.05, 0.2, 1.0, 4.0),
    ]
    return [[shape.quantile(places), shape.sample(np.random.default_rng(2), 5)] for shape in shapes]


def summaries() -> Any:
    """Quantiles and the summary of draws, some of them infinite."""
    draws = np.r_[np.linspace(2026.3, 2060.7, 37), np.full(5, np.inf)]
    return [quantiles(draws, (0.05, 0.1, 0.5, 0.9)), summarise(draws)]


def units() -> Any:
    """Dates as decimal years and back, half-years, words as tokens."""
    dates = ["2018", "2024-02-29", "2024-06-30", "2025-07-01", "2026-12-31"]
    years = [decimal_year(date) for date in dates]
    names = [[half_year_name(year), calendar_date(year).isoformat()] for year in [*years, 2024.0, 2024.5]]
    return [years, names, words_to_tokens(1.5e12)]


def sampling() -> Any:
    """The usual length and care, when a fit is sampled again, and which draws are kept."""
    usual = Sampling()
    kept = slim(tree(50), 7)
    faults = [Convergence(rhat, 900.0, 900.0, diverged, 6000) for rhat in (1.0, 1.02) for diverged in (0, 90)]
    return [
        asdict(usual),
        [list(care(usual, attempt, before)) for attempt in range(1, ATTEMPTS) for before in faults],
        {str(name): values for name, values in kept["posterior"].data_vars.items()},
        {str(name): values for name, values in kept["sample_stats"].data_vars.items()},
    ]


def gate() -> Any:
    """What is measured in draws, and what the gate says of numbers on either side of every threshold."""
    found = convergence(tree(200))
    numbers = [(1.0099, 401.0, 401.0, 10, 10_000), (1.0101, 399.0, 399.0, 11, 10_000), (None, None, None, None, 1)]
    checks = [
        *(convergence_checks(type(found)(*row), "a") for row in numbers),
        predictive_checks({"low": 0.0099, "in": 0.0101, "high": 0.9901, "lost": np.nan}, "a"),
        predictive_checks({}, "a"),
        prior_driven_checks({"below": 0.69, "above": 0.71}, "a", 0.70),
    ]
    return [
        asdict(found),
        [[check.status for check in lines] for lines in checks],
        [verdict(lines) for lines in checks],
    ]


def tree(draws: int) -> Any:
    """Return a fixed posterior of two chains, not quite converged, with some divergences."""
    import xarray as xr

    rng = np.random.default_rng(3)
    walk = np.cumsum(rng.standard_normal((2, draws)), axis=1) / np.sqrt(draws)
    values = {"a": (("chain", "draw"), walk), "b": (("chain", "draw", "knot"), rng.standard_normal((2, draws, 2)))}
    diverging = (("chain", "draw"), np.arange(2 * draws).reshape(2, draws) % 17 == 0)
    posterior = xr.Dataset({**values, "a_log__": values["a"]})
    return xr.DataTree.from_dict(
        {"/posterior": posterior, "/sample_stats": xr.Dataset({"diverging": diverging, "depth": diverging})}
    )
