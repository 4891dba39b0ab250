"""Tables over the priors that decide the far end: what the answer would be had each been centred elsewhere.

A decade of records says little about damping or about the growth rate of the long run. For each such parameter its
member is fitted again with the prior's centre moved (its spread, as a factor, stays), and the exhaustion year is told
twice: by that member alone, and by the mixture with the other members held as they are. Stock, levers and the shift
for undisclosed models are the baseline's, draw by draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecast.consumption.fit import Fit
from forecast.consumption.fitting import ENGINES, FitRequest, fit_members
from forecast.consumption.members import member
from forecast.consumption.particles import particle_fits
from forecast.consumption.prior_driven import over_prior
from forecast.core.units import calendar_date
from forecast.errors import unknown_name
from forecast.evaluate.baseline import Baseline, mixture, prepare, table_row
from forecast.fits.particles.sweep import Care
from forecast.runs.pipeline import Options
from forecast.scenarios import scenario as scenarios

PARTICLES = Care(particles=250, clouds=8, sweeps=(1, 1), last_sweeps=(12, 12))
"""Particles of the tables by the fast engine: no more draws than so many are used then."""

BY, NOT_BY = "2030", "2060"
"""Years whose probabilities the table tells (calendar years, by their end): the headline's, and one far ahead."""


@dataclass(frozen=True)
class Sweep:
    """One prior and where it is centred.

    Parameters
    ----------
    member, parameter : str
        Name of the member and of its parameter.
    title : str
        How the parameter is called in the table.
    centres : tuple of float
        Medians of the prior, in its own unit; the baseline's own is added where it is not among them.
    """

    member: str
    parameter: str
    title: str
    centres: tuple[float, ...]


SWEEPS = (
    # Growth halves in 28, 14, 7 and 3.5 years; what histories teach is 0.05.
    Sweep("damped", "damping", "damping rate", (0.025, 0.05, 0.10, 0.20)),
    # Half to twice of what histories teach, 0.06, and what is published of text, 0.38.
    Sweep("damped", "slope", "pace in 2024", (0.03, 0.06, 0.12, 0.38)),
    Sweep("record_drift", "slope", "drift of the record", (0.03, 0.06, 0.12, 0.30)),
    Sweep("stall_and_resumption", "slope", "pace while moving", (0.06, 0.12, 0.24, 0.45)),
    # From compute that hardly grows after mid-2024 to compute that grows as before.
    Sweep("compute_led", "kept", "growth kept after mid-2024", (0.2, 0.4, 0.7, 1.0)),
    # From two fifths of the pace after the data to one that goes on.
    Sweep("record_drift", "pace_ratio", "pace ahead over pace before", (0.4, 0.6, 0.8, 1.0)),
)
"""The priors that are moved: a new one is one line here."""


TOGETHER = (0.10, 0.15, 0.20, 0.30, 0.45)
"""Where the growth ahead of all members is centred at once (log10 a year, over the first year): from the record's own pace
since 2023, 0.11, to the highest that is published."""


def run_together(
    centres: Sequence[float] = TOGETHER,
    options: Options | None = None,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Return the baseline's answer with the growth ahead of every member centred at the same place.

    Growth after the data over growth before is in no row: it is set without fitting again.
    """
    options = _for_particles(options or Options())
    baseline = prepare(options)
    made = particle_fits(baseline.defaults(baseline.corpora), PARTICLES, options.jobs, progress, options.scheduler)
    return [
        {
            "centre": centre,
            "unit": "log10 per year",
            **_told(baseline, [fit.paced(centre / float(np.median(fit.growth_now()))) for fit in made]),
        }
        for centre in centres
    ]


def run_over_priors(
    sweeps: Sequence[Sweep] = SWEEPS,
    options: Options | None = None,
    *,
    engine: str = "particles",
    progress: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Return the table over the priors of the baseline."""
    if engine not in ENGINES:
        raise unknown_name("engine", engine, ENGINES)
    options = options or Options()
    if engine == "particles":
        options = _for_particles(options)
    baseline = prepare(options)
    defaults = baseline.defaults(baseline.corpora)
    places = [(sweep, centre, request) for sweep in sweeps for centre, request in _requests(sweep, baseline)]
    wanted = [*defaults, *(request for _, _, request in places)]
    distinct = {request.key(): request for request in wanted}
    given = baseline.options
    if engine == "particles":
        made = particle_fits(list(distinct.values()), PARTICLES, given.jobs, progress, given.scheduler)
    else:
        made = fit_members(list(distinct.values()), given.jobs, progress, given.scheduler)
    fits = dict(zip(distinct, made, strict=True))
    base = [fits[request.key()] for request in defaults]
    own = {request.key() for request in defaults}
    rows = []
    for sweep, centre, request in places:
        fit = fits[request.key()]
        mixed = [fit if other.member.name == sweep.member else other for other in base]
        rows.append(
            {
                "member": sweep.member,
                "parameter": sweep.parameter,
                "title": sweep.title,
                "centre": centre,
                "unit": dict(fit.member.priors())[sweep.parameter].unit,
                "baseline": request.key() in own,
                "alone": _told(baseline, [fit]),
                "mixture": _told(baseline, mixed),
            }
        )
    return rows


def _for_particles(options: Options) -> Options:
    """Return the options with no more draws than there are particles."""
    return replace(options, draws=min(options.draws, PARTICLES.particles * PARTICLES.clouds))


def _requests(sweep: Sweep, baseline: Baseline) -> list[tuple[float, FitRequest]]:
    """Return the fits of one sweep by centre, the baseline's own among them."""
    who = member(sweep.member)
    centres = tuple(sorted({*sweep.centres, dict(who.priors())[sweep.parameter].centre}))
    return list(zip(centres, baseline.requests(over_prior(who, sweep.parameter, centres), baseline.data), strict=True))


def _told(baseline: Baseline, fits: Sequence[Fit]) -> dict[str, Any]:
    """Return the few numbers that the table tells, in the shape of an exhaustion year."""
    row = table_row(baseline, mixture(baseline, fits))
    year: Mapping[str, Any] = row["exhaustion_year"]
    return {
        "median": year["median"],
        "intervals": {"0.8": year["intervals"]["0.8"]},
        "probability_by": {by: year["probability_by"][by] for by in (BY, NOT_BY)},
        "verdict": row["verdict"],
        "left_out": row["left_out"],
    }


def stored_together() -> Mapping[str, Any] | None:
    """Return the stored result where it holds the answer over all paces and still fits; else None."""
    from forecast.evaluate import stored
    from forecast.ingest.stored import exists

    name = "over_priors"
    found = stored(name) if exists(name) else None
    return None if found is None or found.stale or not found.content.get("together") else found.content


def settings() -> dict[str, Any]:
    """Return what shapes the stored result beside its seed."""
    return {"scenario": scenarios.load("baseline").numbers_digest()}


def evaluate(*, progress: Callable[[str], None], jobs: int | None, scheduler: str | None = None) -> dict[str, Any]:
    """Make the table over the priors of the baseline."""
    options = Options(jobs=jobs, scheduler=scheduler)
    scenario = scenarios.load("baseline")
    rows = run_over_priors(options=options, progress=progress)
    together = run_together(options=options, progress=progress)
    as_of = calendar_date(prepare(options, scenario).as_of).isoformat()
    return {"scenario": "baseline", "as_of": as_of, "seed": options.seed, "over_priors": rows, "together": together}
