"""Both engines on the same fits: how far the particles' posterior lies from that of NUTS, member by member, origin by origin.

Compared are the 10, 50 and 90 % points of every parameter, in its own unit, and of the frontier 0, 2 and 4 years after
the origin (log10). They may differ by the Monte Carlo error of both engines and `ALLOWED` more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, fit_members
from forecast.consumption.frontier_data import frontier_data
from forecast.consumption.particles import particle_fits
from forecast.evaluate.backtest.protocol import Plan
from forecast.fits.particles.sweep import Care

NAME = "engines"
"""Name under which the comparison is stored."""

POINTS = np.array([0.1, 0.5, 0.9])
"""Quantiles that are compared (probabilities)."""

AHEAD = (0.0, 2.0, 4.0)
"""When the frontier is compared (years after the origin)."""

ALLOWED = 0.03
"""Difference that is allowed beside the Monte Carlo error (log10, or a parameter's own unit)."""

ERRORS = 2.5
"""Monte Carlo errors that are allowed (standard errors): of 30 quantities a fit, hardly one goes further by chance."""

PARTICLES = Care(particles=1000, clouds=4)
"""Particles that are held against NUTS: twice those of a backtest. At 2019.5, where few rows tell it, the upper tail of
damped's shape comes out low by more than the clouds' differences let one expect (0.3 of 2.3); with 2,000 it does not."""


def quantile_errors(draws: np.ndarray, effective: float) -> np.ndarray:
    """Return the standard errors of `POINTS` of so many independent draws.

    Examples
    --------
    >>> quantile_errors(np.linspace(0.0, 1.0, 1001), 100.0).round(3).tolist()
    [0.03, 0.05, 0.03]
    """
    slope = (np.quantile(draws, POINTS + 0.05) - np.quantile(draws, POINTS - 0.05)) / 0.1
    return np.sqrt(POINTS * (1 - POINTS) / effective) * slope


def compared(fast: Fit, slow: Fit) -> list[dict[str, Any]]:
    """Return one row for each quantity of a fit: differences, what is allowed, and whether it holds."""
    years = fast.data.last_knot + np.array(AHEAD)
    pairs = {name: (fast.draws[name], slow.draws[name]) for name, _ in fast.member.priors()}
    paths = zip(fast.project(years).values.T, slow.project(years).values.T, strict=True)
    pairs |= {f"frontier +{ahead:g}": pair for ahead, pair in zip(AHEAD, paths, strict=True)}
    least = slow.diagnostics["ess_bulk_min"]
    rows = []
    for name, (one, other) in pairs.items():
        gap = np.quantile(one, POINTS) - np.quantile(other, POINTS)
        worth = min(fast.diagnostics["effective"], len(one))
        error = np.hypot(quantile_errors(one, worth), quantile_errors(other, least))
        rows.append(
            {
                "member": fast.member.name,
                "origin": fast.data.as_of,
                "quantity": name,
                "difference": [round(float(value), 4) for value in gap],
                "error": [round(float(value), 4) for value in error],
                "holds": bool(np.all(np.abs(gap) <= ALLOWED + ERRORS * error)),
            }
        )
    return rows


def agreement(
    requests: Sequence[FitRequest],
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    scheduler: str | None = None,
    care: Care = PARTICLES,
) -> dict[str, Any]:
    """Make every fit by both engines and compare them; fits that NUTS could not make say nothing."""
    fast = particle_fits(requests, care, jobs, progress, scheduler)
    slow = fit_members(requests, jobs, progress, scheduler)
    rows, out = [], []
    for one, other in zip(fast, slow, strict=True):
        where = {"member": one.member.name, "origin": one.data.as_of}
        if other.diagnostics["verdict"] == "FAIL" and other.diagnostics["rhat_max"] > 1.05:
            out.append({**where, "reason": f"NUTS: R-hat {other.diagnostics['rhat_max']:.2f}"})
            continue
        rows += compared(one, other)
    return {
        "rows": rows,
        "out": out,
        "held": sum(row["holds"] for row in rows),
        "precision": [
            {
                "member": fit.member.name,
                "origin": fit.data.as_of,
                **{
                    key: fit.diagnostics[key]
                    for key in ("effective", "evidence", "evidence_error", "memory", "verdict")
                },
            }
            for fit in fast
        ],
    }


def sentence(content: Mapping[str, Any]) -> str:
    """Say how far the engines agree.

    Examples
    --------
    >>> row = {"member": "damped", "quantity": "slope", "origin": 2020.0, "holds": True, "difference": [0.01, -0.02, 0.0]}
    >>> sentence({"rows": [row, {**row, "holds": False, "difference": [0.2, 0.1, 0.1]}], "out": []})
    'Of 2 quantities of members at origins, 10, 50 and 90 % points by particles lie within 0.03 and the Monte Carlo error
     of those by NUTS in 1; furthest off is slope of damped at 2020.0, by 0.20.'
    """
    rows = content["rows"]
    furthest = max(
        (row for row in rows if not row["holds"]), key=lambda r: max(map(abs, r["difference"])), default=None
    )
    far = (
        ""
        if furthest is None
        else f"; furthest off is {furthest['quantity']} of {furthest['member']} at {furthest['origin']}, by "
        f"{max(map(abs, furthest['difference'])):.2f}"
    )
    out = f" {len(content['out'])} fits by NUTS did not converge and say nothing." if content["out"] else ""
    return (
        f"Of {len(rows)} quantities of members at origins, 10, 50 and 90 % points by particles lie within {ALLOWED} and "
        f"the Monte Carlo error of those by NUTS in {sum(row['holds'] for row in rows)}{far}.{out}"
    )


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"sampling": asdict(Plan().sampling), "particles": asdict(PARTICLES)}


def evaluate(progress: Callable[[str], None], jobs: int | None = None, scheduler: str | None = None) -> dict[str, Any]:
    """Compare the engines for every default member at every origin of the backtest."""
    from forecast.ingest.corpora import text_corpora
    from forecast.ingest.models import load_models

    corpora, plan = text_corpora(load_models()), Plan()
    requests = [
        FitRequest(who, frontier_data(corpora, origin), plan.seed, plan.sampling)
        for who in plan.members
        for origin in plan.origins
    ]
    return agreement(requests, jobs, progress, scheduler)
