"""Growth: every member's density, paths and record at fixed points, and what turns fits into a frontier.

Points are values of the unconstrained parameters that depend on nothing but the priors. The density is that of the
PyMC model, evaluated without compiling; all that follows from a fit is taken from the same points as if they were draws.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.alternatives import MEMBER_VARIANTS, ROUTES
from forecast.consumption.alternatives.baselines import BASELINES
from forecast.consumption.alternatives.envelope import Envelope, all_corpora
from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, measure, predictive_p_values
from forecast.consumption.frontier_data import FrontierData, frontier_data
from forecast.consumption.member import Member
from forecast.consumption.members import MEMBERS
from forecast.consumption.mixture import mixture
from forecast.consumption.observation import log_density, log_normal_cdf, simulate_largest, simulate_published
from forecast.consumption.particles import particle_fits
from forecast.consumption.prior_predictive import published_maxima
from forecast.consumption.resource_priors import member_for
from forecast.consumption.undisclosed import Undisclosed
from forecast.core.resources import RESOURCES
from forecast.evaluate.fingerprints.core import tree
from forecast.evaluate.fingerprints.probe import Probe
from forecast.fits.gate import convergence
from forecast.fits.particles.sweep import Care

if TYPE_CHECKING:
    import pandas as pd

AS_OF = 2024.7
"""Date of the fixed corpora (decimal year)."""

SEED = 7
"""Seed of every probe (no unit; an arbitrary fixed number, not the default one)."""

POINTS = 8
"""Points that stand in for draws (count); the density is shown at the first three."""

YEARS = np.array([2020.0, 2022.3, 2024.7, 2026.0, 2030.5, 2050.0])
"""Where paths are read (decimal years)."""

FIRST_RESOURCES = ("public_text", "high_quality_text", "images", "video", "audio", "code")
"""Resources whose priors are one part; each one since is a part of its own, so that adding it leaves the others as they are."""


def probes() -> list[Probe]:
    """Return the parts of this room: members and variants by their registries, then the rest."""
    here = "the probes of forecast/evaluate/fingerprints/growth.py"
    law = ("core/streams", "core/priors", "growth/observation", "growth/blocks")
    members = [
        Probe(f"{group}/{name}", kind.version, partial(of_member, kind()), f"version of {kind.__name__}", law)
        for group, kinds in (("members", MEMBERS.shipped), ("alternatives", MEMBER_VARIANTS))
        for name, kind in kinds.items()
    ]
    routes = [
        Probe(
            f"alternatives/{name}",
            kind.version,
            partial(of_route, name),
            f"version of {kind.__name__}",
            tables=("epoch_models", "scaling_laws"),
        )
        for name, kind in ROUTES.items()
    ]
    rivals = [
        Probe(
            f"rivals/{name}",
            BASELINES[name].version,
            partial(of_baseline, name),
            f"version of {BASELINES[name].__name__}",
        )
        for name in BASELINES
    ]
    return [
        *members,
        *routes,
        *rivals,
        Probe("growth/observation", 2, observation, here, ()),
        Probe("growth/blocks", 2, blocks, here, ()),
        Probe("growth/undisclosed", 2, undisclosed, here),
        Probe("growth/mixture", 1, mixed, here, ("core/streams", "members/damped", "members/windowed_exponential")),
        Probe("growth/resource_priors", 2, partial(resource_priors, FIRST_RESOURCES), here, ()),
        *(
            Probe(f"growth/priors_of_{name}", 2, partial(resource_priors, (name,)), here, ())
            for name in RESOURCES
            if name not in FIRST_RESOURCES
        ),
        Probe("growth/prior_predictive", 1, from_priors, here, (*law, "members/damped")),
        Probe("fits/measures", 1, measures, here, (*law, "fits/gate", "members/damped")),
        Probe("fits/particles", 1, by_particles, here, (*law, "members/damped", "members/record_drift")),
    ]


def corpora() -> pd.DataFrame:
    """Return fixed corpora: 23 rows from 2018 to 2024, two half-years without one, some on the borders."""
    import pandas as pd

    rng = np.random.default_rng(11)
    year = np.sort(np.r_[2018.1, 2018.4959, 2020.5, 2024.0, 2024.4945, 2024.69, rng.uniform(2019.0, 2024.6, 17)])
    year = year[(year < 2021.0) | (year > 2021.5)]
    size = 10.0 + 0.35 * (year - 2018.0) + rng.normal(0.0, 0.4, len(year))
    names = [f"m{place}" for place in range(len(year))]
    sd = rng.uniform(0.03, 0.3, len(year))
    return pd.DataFrame({"model": names, "year": year, "log10_size": size, "measurement_sd": sd})


def data_for(member: Member) -> FrontierData:
    """Return the fixed corpora as a member takes them."""
    return (all_corpora if isinstance(member, Envelope) else frontier_data)(corpora(), AS_OF)


def of_member(member: Member) -> Any:
    """A member's priors, density, growth, paths and record."""
    data = data_for(member)
    density, fit = fit_at_points(member, data)
    return {
        "identity": member.identity(),
        "density": density[:3],
        "by half-year": member.log_density(data, fit.draws),
        "sees": member.sees(data),
        "growth": member.future_growth(fit.draws, np.arange(2025.0, 2029.0, 0.5), np.random.default_rng(5)),
        "now": fit.growth_now(),
        "frontier": fit.project(YEARS),
        "record": [] if isinstance(member, Envelope) else fit.project_record(YEARS),
        "predicted": [] if isinstance(member, Envelope) else predictive_p_values(member, data, fit.draws, SEED),
    }


@functools.cache
def usual_fit(name: str) -> Fit:
    """Return a default member's fit at fixed points to the fixed corpora."""
    member = MEMBERS[name]()
    return fit_at_points(member, data_for(member))[1]


def fit_at_points(member: Member, data: FrontierData) -> tuple[np.ndarray, Fit]:
    """Return the density of a member's model at fixed points, and the points as a fit of two chains."""
    import xarray as xr
    from pytensor.compile.mode import Mode

    model = member.model(data)
    wanted = [model.logp(), *model.unobserved_value_vars]
    # Neither compiled nor rewritten: evaluated once, that is quicker, and the same on every machine.
    compiled = model.compile_fn(wanted, inputs=model.value_vars, mode=Mode(linker="py", optimizer=None))
    priors, rng = dict(member.priors()), np.random.default_rng(13)
    shapes = {name: np.shape(value) for name, value in model.initial_point().items()}
    found = [compiled(_point(shapes, priors, rng)) for _ in range(POINTS)]
    posterior = {
        str(variable.name): np.reshape([row[place] for row in found], (2, POINTS // 2, *np.shape(found[0][place])))
        for place, variable in enumerate(wanted)
        if place and not str(variable.name).endswith("__")
    }
    named = {
        name: (("chain", "draw", *(f"{name}_{axis}" for axis in range(values.ndim - 2))), values)
        for name, values in posterior.items()
    }
    kept = xr.DataTree.from_dict({"/posterior": xr.Dataset(named)})
    return np.array([float(row[0]) for row in found]), Fit(member, data, kept, {}, SEED)


def _point(
    shapes: Mapping[str, tuple[int, ...]], priors: Mapping[str, Any], rng: np.random.Generator
) -> dict[str, Any]:
    """Return values of the unconstrained parameters: near the middle of their priors, others near usual values."""
    point = {}
    for name, shape in shapes.items():
        own, logarithm, _ = name.partition("_log__")
        noise = rng.uniform(-1.0, 1.0, shape)
        if own in priors:
            value = priors[own].quantile(0.5 + 0.2 * noise)
        else:
            value = 0.2 * np.exp(0.3 * noise) if logarithm else 0.3 * noise
        point[name] = np.asarray(np.log(value) if logarithm else value, dtype=float)
    return point


def of_route(name: str) -> Any:
    """A route's paths from the fixed corpora."""
    return ROUTES[name]().forecast(corpora(), YEARS, as_of=AS_OF, seed=SEED, draws=6)


def of_baseline(name: str) -> Any:
    """What a statistical baseline says of the half-years to come."""
    known = corpora()
    every = 2025.0 + 0.5 * np.arange(1, 5)
    drawn = BASELINES[name]().maxima(known, frontier_data(known, AS_OF), every, np.random.default_rng(5), 40)
    # Their optimisers stop at a tolerance of their own: fewer digits are theirs to promise.
    return [f"{value:.3f}" for value in np.quantile(drawn, [0.1, 0.5, 0.9], axis=0).ravel()]


def observation() -> Any:
    """The law of the largest corpora, near and far from the frontier, and its draws."""
    rng = np.random.default_rng(17)
    frontier, size = np.array([12.0, 12.5, 20.0]), np.array([11.7, 12.6, 9.0])
    blocks_seen = [np.tile(values[:, None], 3) for values in (frontier, size, np.array([0.05, 0.3, 0.1]))]
    observed, exposure = np.array([[1.0, 1, 1], [1, 1, 0], [1, 0, 0]]), np.array([1.0, 0.4, 1.0])
    at = np.tile(blocks_seen[0], (2, 1, 1))
    spread, shape = np.array([0.3, 0.7]), np.array([1.0, 2.4])
    return [
        log_density(at, blocks_seen[1] - np.arange(3) / 10, blocks_seen[2], observed, exposure, spread, shape),
        log_normal_cdf(np.array([-40.0, -3.0, 0.0, 5.0])),
        simulate_largest(at, exposure, spread, shape, rng),
        simulate_published(at[:, :, 0], exposure, np.array([0.05, 0.3, 0.1]), spread, shape, rng, 2),
    ]


def blocks() -> Any:
    """The half-years that members see, as of three dates."""
    found = [frontier_data(corpora(), date) for date in (2020.0, 2024.0, AS_OF)]
    every = all_corpora(corpora(), AS_OF)
    return [found, every, [data.digest() for data in (*found, every)]]


def undisclosed() -> Any:
    """The shift from the disclosed to the true frontier."""
    shift = Undisclosed()
    delta = shift.draw(seed=SEED, size=5)
    path = usual_fit("damped").project(YEARS)[:5]
    return [delta, shift.add(path, delta)]


def mixed() -> Any:
    """Two members side by side: frontier and record, draw by draw."""
    fits = [usual_fit("damped"), usual_fit("windowed_exponential")]
    return [mixture(fits, YEARS, count, of=what) for count in (6, 16) for what in ("frontier", "record")]


def resource_priors(resources: Sequence[str]) -> Any:
    """The priors of every member for some resources."""
    return [member_for(name, resource).identity() for name in MEMBERS.shipped for resource in resources]


def from_priors() -> Any:
    """What a member's priors alone publish."""
    fit = usual_fit("damped")
    return published_maxima(fit.member, fit.data, fit.draws, fit.data.knots, np.random.default_rng(5))


def by_particles() -> Any:
    """What few particles find for two members at two dates: one whose rows have a density of their own, one without."""
    care = Care(particles=40, clouds=2, sweeps=(1, 1), last_sweeps=(1, 1))
    dates = [frontier_data(corpora(), date) for date in (2021.5, AS_OF)]
    who = [MEMBERS["damped"](), MEMBERS["record_drift"]()]
    fits = particle_fits([FitRequest(one, data, SEED) for one in who for data in dates], care, jobs=1)
    return [[fit.draws["slope"], fit.project(YEARS).values, fit.diagnostics["evidence"]] for fit in fits]


def measures() -> Any:
    """The numbers that the gate judges."""
    import xarray as xr

    fit = usual_fit("damped")
    by_block = fit.member.log_density(fit.data, fit.draws).reshape(2, POINTS // 2, -1)
    known = fit.posterior["posterior"].to_dataset().assign(log_density=(("chain", "draw", "step"), by_block))
    kept = xr.DataTree.from_dict({"/posterior": known})
    return measure(FitRequest(fit.member, fit.data, SEED), kept, convergence(tree(200)))
