"""Growth members in the particle engine: the posterior at every origin from one sweep through the half-years."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from forecast.consumption.fit import Fit, stacked
from forecast.consumption.fitting import FitRequest, jobs_for, predictive_p_values
from forecast.consumption.frontier_data import BLOCK_YEARS, FEWEST_BLOCKS, FrontierData
from forecast.consumption.growth_in_numpy import growth_of
from forecast.consumption.member import Member
from forecast.consumption.observation import SEEN_AT, along, seen_positions
from forecast.consumption.own_member import check_member
from forecast.consumption.prior_driven import PRIOR_DRIVEN_ABOVE
from forecast.core.seeds import generator
from forecast.errors import ModelError
from forecast.fits.executor import run_tasks
from forecast.fits.gate import predictive_checks, prior_driven_checks, verdict
from forecast.fits.particles.gate import precision, precision_checks
from forecast.fits.particles.law import Cloud, Density, Model, Target
from forecast.fits.particles.sweep import Care, Station, Stop, sweep


@dataclass(frozen=True)
class Sees:
    """What a member sees at an origin.

    Parameters
    ----------
    data : FrontierData
        The corpora.
    inputs : mapping of str to array
        As `Member.inputs` gives them.
    first, last : int
        Blocks from the first that is seen up to, not including, the last knot's.
    """

    data: FrontierData
    inputs: Mapping[str, np.ndarray]
    first: int
    last: int

    @property
    def anchor(self) -> int:
        """Knot at which the level has its prior."""
        return int(np.argmax(self.inputs["anchor"]))


def seen_by(member: Member, data: FrontierData) -> Sees:
    """Return what a member sees of corpora."""
    inputs = member.inputs(data)
    blocks = np.flatnonzero(inputs["active"])
    return Sees(data, inputs, int(blocks[0]), int(blocks[-1]) + 1)


def density_of(member: Member, inputs: Mapping[str, np.ndarray], blocks: int) -> Density:
    """Return the log density by block of a member, for particles."""
    used = (np.sum(inputs["observed"], axis=1) > 0) & (inputs["exposure"] > 0)
    own = type(member).more_density is not Member.more_density
    seen_at = seen_positions(inputs["exposure"])

    def density(first: int, path: np.ndarray, values: Mapping[str, np.ndarray]) -> np.ndarray:
        count = path.shape[1] - 1
        here = slice(first, first + count)
        at_rows, within = along(path, inputs["position"][here]), along(path, seen_at[here])
        found = np.zeros((len(path), count))
        with np.errstate(all="ignore"):
            if own:
                every = np.zeros((len(path), blocks, at_rows.shape[2]))
                every[:, here] = at_rows
                seen = np.zeros((len(path), blocks, within.shape[2]))
                seen[:, here] = within
                return np.asarray(member.rows_density(every, seen, inputs, values, np))[:, here]
            rows = np.flatnonzero(used[here])
            if len(rows):
                some = {
                    name: value[first + rows] if value.shape[:1] == (blocks,) else value
                    for name, value in inputs.items()
                }
                found[:, rows] = member.rows_density(at_rows[:, rows], within[:, rows], some, values, np)
        return found

    return density


def refuse_coupled(member: Member, seen: Sees) -> None:
    """Raise where a member's own density of a block answers to the path in another one, or to blocks it does not see.

    The moves change every other knot of a path at once, each on the word of the two blocks that it touches.
    """
    blocks = len(seen.inputs["active"])
    at_rows = np.tile(seen.inputs["size"] + 0.3, (blocks + 1, 1, 1))
    at_rows[np.arange(blocks), np.arange(blocks)] += 0.1
    within = np.repeat(at_rows[:, :, :1], len(SEEN_AT), axis=2)
    priors = dict(member.priors())
    values = {name: np.full(blocks + 1, float(priors[name].quantile(np.array(0.5)))) for name in member.of_rows}
    with np.errstate(all="ignore"):
        found = np.asarray(member.rows_density(at_rows, within, seen.inputs, values, np))
    elsewhere = ~np.eye(blocks + 1, blocks, dtype=bool)
    unseen = np.delete(found[-1], slice(seen.first, seen.last))
    if np.any((found != found[-1]) & elsewhere) or np.any(unseen):
        raise ModelError(f"{member.name}, whose density joins half-years", "one by half-year", "use the engine nuts")


def between_origins(before: Sees, after: Sees) -> Mapping[str, np.ndarray] | None:
    """Return inputs that hold over the blocks of two origins, or None when the later one has other rows in old blocks."""
    blocks = np.arange(len(before.inputs["active"]))
    if len(before.data.knots) != len(after.data.knots) or before.first > after.first or before.last > after.last:
        return None
    only_before = (blocks >= before.first) & (blocks < after.first)
    both = (blocks >= after.first) & (blocks < before.last)
    merged = {}
    for name, value in after.inputs.items():
        old = before.inputs[name]
        if value.shape[:1] != (len(blocks),):
            merged[name] = value
            continue
        if name != "active" and not np.array_equal(old[both], value[both]):
            return None
        merged[name] = np.where(only_before.reshape(-1, *[1] * (value.ndim - 1)), old, value)
    return merged


def half_years_before(data: FrontierData, until: float) -> Iterator[FrontierData]:
    """Yield the corpora as they were at the borders of half-years, up to a date."""
    ends = data.knots[:-1] + BLOCK_YEARS
    for end in ends[ends < until - 1e-9]:
        whole = ends <= end + 1e-9
        observed = data.observed * whole[:, None]
        if (observed.sum(axis=1) > 0).sum() >= FEWEST_BLOCKS:
            yield replace(data, observed=observed, exposure=whole.astype(float), as_of=float(end))


def stops(member: Member, wanted: Sequence[FrontierData], half_years: int = 1) -> tuple[list[Sees], list[Stop]]:
    """Return what a cloud passes on its way to corpora of several dates, the earliest first.

    Between what is wanted it stops every so many half-years: short ways are easier.
    """
    ordered = sorted(wanted, key=lambda data: data.as_of)
    last, dates = ordered[-1], np.array([data.as_of for data in ordered])
    halves = list(half_years_before(last, last.as_of))[::-half_years]
    passed = [d for d in halves if np.abs(d.as_of - dates).min() > 1e-9]
    every = sorted([*ordered, *(d for d in passed if member.sees(d).any())], key=lambda data: data.as_of)
    seen = [seen_by(member, data) for data in every]
    kind = type(member)
    if kind.more_density is not Member.more_density or kind.rows_density is not Member.rows_density:
        refuse_coupled(member, seen[-1])
    way = []
    for before, now in zip([None, *seen], seen, strict=False):
        blocks = len(now.data.knots) - 1
        powers = np.ones(now.last - now.first)
        target = Target(now.first, now.last, {now.anchor: 1.0}, powers, density_of(member, now.inputs, blocks))
        merged = None if before is None else between_origins(before, now)
        bridge = None if merged is None else density_of(member, merged, blocks)
        way.append(Stop(target, bridge, any(now.data is data for data in wanted)))
    return seen, way


@dataclass(frozen=True)
class CloudTask:
    """One cloud of one member; picklable.

    Parameters
    ----------
    member : Member
        The member with its priors.
    wanted : tuple of FrontierData
        Corpora by date, of one table; where they are not, the cloud begins again.
    care : Care
        How many particles, how long moved.
    seed, number : int
        The run's seed; the number of the cloud.
    """

    member: Member
    wanted: tuple[FrontierData, ...]
    care: Care
    seed: int
    number: int


def sweep_cloud(task: CloudTask) -> list[Station]:
    """Return one cloud at every date that is wanted, in their order."""
    member = task.member
    seen, way = stops(member, task.wanted, task.care.half_years)
    last = max(task.wanted, key=lambda data: data.as_of)
    rng = generator(task.seed, "particles", member.name, last.digest()[:16], str(task.number))
    found = sweep(model_of(member, last.knots), way, task.care, rng)
    order = [now.data for now, stop in zip(seen, way, strict=True) if stop.wanted]
    by_data = {id(data): station for data, station in zip(order, found, strict=True)}
    return [by_data[id(data)] for data in task.wanted]


def model_of(member: Member, knots: np.ndarray) -> Model:
    """Return what of a member is the same at every date."""
    kind = type(member)
    if kind.model is not Member.model or kind.log_density is not Member.log_density:
        raise ModelError(
            f"{member.name}, a member with a likelihood of its own", "the observation law", "use the engine nuts"
        )
    priors = {name: prior for name, prior in member.priors() if name != "level"}
    return Model(priors, member.level, growth_of(member, knots), kind.of_rows)


def particle_fits(
    requests: Sequence[FitRequest],
    care: Care | None = None,
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    scheduler: str | None = None,
) -> list[Fit]:
    """Return fits by particles; all dates of one member come from one sweep.

    Parameters
    ----------
    requests : sequence of FitRequest
        What to fit; `FitRequest.sampling` belongs to the other engine and is not used.
    care : Care, optional
        How many particles, how long moved.
    jobs : int, optional
        Processes.
    progress : callable, optional
        Told of each cloud.
    scheduler : str, optional
        A Dask scheduler.

    Returns
    -------
    list of Fit
        In the order of the requests; each cloud is a chain.
    """
    care = care or Care()
    for request in requests:
        check_member(request.member, request.data)
    jobs = jobs_for([request.member for request in requests], jobs)
    groups: dict[tuple[Member, int, int], list[int]] = {}
    for at, request in enumerate(requests):
        groups.setdefault((request.member, request.seed, len(request.data.knots)), []).append(at)
    places = [(places, number) for places in groups.values() for number in range(care.clouds)]
    tasks = [
        CloudTask(requests[at[0]].member, tuple(requests[i].data for i in at), care, requests[at[0]].seed, number)
        for at, number in places
    ]
    clouds: dict[int, dict[int, Station]] = {at: {} for at in range(len(requests))}
    for done, (position, found) in enumerate(run_tasks(sweep_cloud, tasks, jobs, scheduler=scheduler), 1):
        group, number = places[position]
        for place, station in zip(group, found, strict=True):
            clouds[place][number] = station
        progress(f"{tasks[position].member.title.lower()}: fitted {done} of {len(tasks)} clouds")
    return [
        fit_of_clouds(request, [clouds[at][number] for number in range(care.clouds)])
        for at, request in enumerate(requests)
    ]


def fit_of_clouds(request: FitRequest, clouds: Sequence[Station]) -> Fit:
    """Return a fit, judged by the gate of this engine."""
    member, data = request.member, request.data
    seen, model = seen_by(member, data), model_of(member, data.knots)
    rng = generator(request.seed, "particles", member.name, data.digest()[:16], "unseen")
    tree = posterior_tree(member, model, seen, clouds, rng)
    draws, priors = stacked(tree["posterior"]), dict(member.priors())
    watched = [*(draws[name] for name in priors), draws["frontier"][:, seen.last]]
    quantities = np.stack(watched, axis=-1).reshape(len(clouds), -1, len(watched))
    found = precision(clouds, quantities)
    p_values = predictive_p_values(member, data, draws, request.seed)
    overlaps = {name: round(priors[name].overlap(draws[name]), 3) for name in member.tail_parameters}
    checks = [
        *precision_checks(found, member.name),
        *predictive_checks(p_values, member.name),
        *prior_driven_checks(overlaps, member.name, PRIOR_DRIVEN_ABOVE),
    ]
    diagnostics = {
        "engine": "particles",
        "verdict": verdict(checks),
        "checks": [check.to_dict() for check in checks],
        "p_values": p_values,
        "overlaps": overlaps,
        **asdict(found),
    }
    return Fit(member, data, tree, diagnostics, request.seed)


def posterior_tree(
    member: Member, model: Model, sees: Sees, clouds: Sequence[Station], rng: np.random.Generator
) -> Any:
    """Return clouds as a fit's draws: one cloud is one chain."""
    import xarray as xr

    chains = [_draws(member, model, sees, station.cloud, rng) for station in clouds]
    dims = {"frontier": ("knot",), "increment": ("step",), "log_density": ("step",)}
    steps, knots = len(sees.data.knots) - 1, len(sees.data.knots)
    content = {}
    for name, value in chains[0].items():
        inner = dims.get(name) or tuple({steps: "step", knots: "knot"}.get(n, f"{name}_{n}") for n in value.shape[1:])
        content[name] = (("chain", "draw", *inner), np.stack([chain[name] for chain in chains]))
    posterior = xr.Dataset(content, coords={"knot": sees.data.knots, "step": sees.data.knots[:-1]})
    return xr.DataTree.from_dict({"/posterior": posterior})


def _draws(member: Member, model: Model, sees: Sees, cloud: Cloud, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return one cloud's particles under the names that a fit has."""
    count, steps = len(cloud.z), len(sees.data.knots) - 1
    # Steps that the member does not see have a law of their own, as in the compiled model.
    increment = rng.gamma(1.0, 0.1, (count, steps))
    increment[:, sees.first : sees.last] = cloud.steps
    ahead = cloud.path[:, -1:] + np.cumsum(increment[:, sees.last :], axis=1)
    before = cloud.path[:, :1] - np.cumsum(increment[:, : sees.first][:, ::-1], axis=1)[:, ::-1]
    frontier = np.concatenate([before, cloud.path, ahead], axis=1)
    found = {
        "level": frontier[:, sees.anchor],
        **cloud.values,
        **model.growth.named(cloud.values, cloud.extras),
        "increment": increment,
        "frontier": frontier,
    }
    with np.errstate(all="ignore"):  # of half-years without rows nothing is asked
        return found | {"log_density": member.log_density(sees.data, found)}
