"""From a member and corpora to a fit: from the cache where it is kept, else sampled and checked."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from forecast.consumption.fit import Fit, interpolate, stacked
from forecast.consumption.frontier_data import FrontierData
from forecast.consumption.member import Member
from forecast.consumption.own_member import check_member, check_start, is_own
from forecast.consumption.prior_driven import PRIOR_DRIVEN_ABOVE, power_scaling
from forecast.core.seeds import DEFAULT_SEED, generator
from forecast.core.units import half_year_name
from forecast.errors import ModelError
from forecast.fits import kept as cache
from forecast.fits.executor import available_cores, run_tasks
from forecast.fits.gate import (
    Check,
    Convergence,
    convergence_checks,
    predictive_checks,
    prior_driven_checks,
    verdict,
)
from forecast.fits.sampling import ATTEMPTS, Sampling

ENGINES = ("nuts", "particles")
"""What can make a posterior: `forecast.fits.nuts`, that of the headline, and `forecast.fits.particles`, the fast one."""

FIT_SECONDS = 30
"""What one fit takes one process (seconds), compiling included; the order of magnitude on a laptop of two cores."""

RECENT_BLOCKS = 6
"""Half-years whose maxima a member must be able to predict (three years)."""


@dataclass(frozen=True)
class FitRequest:
    """All that a fit depends on; picklable, so that it can be sent to a worker.

    Parameters
    ----------
    member : Member
        The member with its priors.
    data : FrontierData
        The corpora.
    seed : int
        The run's seed.
    sampling : Sampling
        Length and care of sampling.
    cores : int
        Chains that run at a time, which no draw depends on.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fit = f.fits()["damped"]
    >>> request = fc.consumption.FitRequest(fit.member, fit.data)
    >>> request.member.name
    'damped'
    """

    member: Member
    data: FrontierData
    seed: int = DEFAULT_SEED
    sampling: Sampling = field(default_factory=Sampling)
    cores: int = 1

    def key(self) -> str:
        """Return the hash under which this fit is kept.

        Examples
        --------
        >>> import forecast as fc
        >>> f = fc.load("out")
        >>> fit = f.fits()["damped"]
        >>> request = fc.consumption.FitRequest(fit.member, fit.data)
        >>> request.key() == fc.consumption.FitRequest(fit.member, fit.data).key()
        True
        """
        return cache.fit_key(
            table=self.data.digest(),
            member=self.member.identity(),
            sampling=asdict(self.sampling),
            seed=self.seed,
        )


def fit_member(request: FitRequest) -> Fit:
    """Return one fit, from the cache or newly sampled.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fit = f.fits()["damped"]
    >>> from forecast.fits.sampling import Sampling
    >>> data, sampling = fit.data, Sampling(chains=2, draws=100, tune=60)  # too short but for an example
    >>> fc.consumption.fit_member(fc.consumption.FitRequest(fit.member, data, sampling=sampling)).member.name
    'damped'
    """
    found = _kept(request)
    if found is None:
        check_member(request.member, request.data)
        _make(request)
        found = _kept(request)
    assert found is not None, "a fit that was just stored can be read"
    return found


def verdict_of(request: FitRequest) -> str:
    """Make a fit, or find it, and return the gate's verdict; one that cannot be sampled fails."""
    try:
        return str(fit_member(request).diagnostics["verdict"])
    except ModelError:
        return "FAIL"


def sample_member(
    member: Member, data: FrontierData, stream: str, seed: int, sampling: Sampling, cores: int = 1
) -> tuple[Any, Convergence]:
    """Sample a member's posterior, and say how the sampler converged."""
    from forecast.fits.nuts import sample

    def build() -> Any:
        model = member.model(data)
        if is_own(member):
            check_start(model, member.name)
        return model

    key = (*member.structure(), len(data.knots))
    return sample(build, member.inputs(data), key=key, stream=stream, seed=seed, settings=sampling, cores=cores)


def fit_members(
    requests: Sequence[FitRequest],
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    scheduler: str | None = None,
) -> list[Fit]:
    """Return several fits; those that are not kept are made side by side.

    Examples
    --------
    >>> import forecast as fc
    >>> f = fc.load("out")
    >>> fit = f.fits()["damped"]
    >>> from forecast.fits.sampling import Sampling
    >>> data, sampling = fit.data, Sampling(chains=2, draws=100, tune=60)  # too short but for an example
    >>> requests = [fc.consumption.FitRequest(fit.member, data, sampling=sampling)]
    >>> [one.member.name for one in fc.consumption.fit_members(requests, jobs=1)]
    ['damped']
    """
    found = [_kept(request) for request in requests]
    missing = [request for request, fit in zip(requests, found, strict=True) if fit is None]
    for request in missing:
        check_member(request.member, request.data)
    # Each fit may use every processor: the last one, often the slowest, would leave all but one idle. So it begins first.
    cores = (jobs or available_cores()) if scheduler is None else 1
    missing = [replace(request, cores=cores) for request in sorted(missing, key=lambda made: -len(made.member.shocks))]
    jobs = jobs_for([request.member for request in missing], jobs)
    if missing:
        progress(_fitting_words(missing, jobs, scheduler))
    for done, (position, _) in enumerate(run_tasks(_make, missing, jobs, scheduler=scheduler), 1):
        cache.note(missing[position].key())
        progress(f"fitted {missing[position].member.title.lower()}, {done} of {len(missing)}")
    return [fit or fit_member(request) for request, fit in zip(requests, found, strict=True)]


def _fitting_words(missing: Sequence[FitRequest], jobs: int | None, scheduler: str | None) -> str:
    """Say what is about to be fitted, and about how long that takes here."""
    titles = ", ".join(dict.fromkeys(request.member.title.lower() for request in missing))
    models = f"{len(missing)} growth model{'' if len(missing) == 1 else 's'}"
    if scheduler is not None:
        return f"fitting {models} ({titles})"
    rounds = math.ceil(len(missing) / min(jobs or os.cpu_count() or 1, len(missing)))
    minutes = max(math.ceil(rounds * FIT_SECONDS / 60), 1)
    return f"fitting {models}, about {minutes} min ({titles})"


def jobs_for(members: Iterable[Member], jobs: int | None) -> int | None:
    """Return how many processes may fit these members: a class of a notebook exists in this one alone."""
    return 1 if any(type(who).__module__ == "__main__" for who in members) else jobs


def _kept(request: FitRequest) -> Fit | None:
    """Return a fit that is in the cache, judged by the gate of now."""
    tree = cache.load(request.key())
    if tree is None:
        return None
    try:
        measured = json.loads(tree.attrs["measured"])
        found, attempts = Convergence(**measured["convergence"]), int(tree.attrs["attempts"])
        diagnostics = judged(request.member, measured)
        whole = tree["posterior"].sizes["chain"] == request.sampling.chains
    except (KeyError, ValueError, TypeError, AttributeError):
        whole = False
    if not whole:
        cache.discard(request.key())  # intact, and yet no fit of ours: somebody wrote it
        return None
    # A fit that passed an earlier gate, and not this one, is still owed the reruns that a new one would get.
    if attempts < ATTEMPTS and not found.holds:
        return None
    return Fit(request.member, request.data, tree, diagnostics, request.seed)


def _make(request: FitRequest) -> None:
    """Sample and keep a fit, with what the gate will want to know of all its draws."""
    member, data = request.member, request.data
    stream = f"consumption/{member.name}/{data.digest()[:16]}"
    tree, found = sample_member(member, data, stream, request.seed, request.sampling, request.cores)
    draws = stacked(tree["posterior"])
    # Outside the compiled model: there it would only make compiling longer.
    by_block = member.log_density(data, draws).reshape(*tree["posterior"]["jump"].shape, -1)
    posterior = tree["posterior"].to_dataset().assign(log_density=(("chain", "draw", "step"), by_block))
    tree["posterior"].dataset = posterior
    cache.store(request.key(), tree, {"measured": measure(request, tree, found)})


def measure(request: FitRequest, tree: Any, found: Convergence) -> dict[str, Any]:
    """Return the numbers that the gate judges, JSON-ready: they are kept with the draws, the judgement is not."""
    member, data, draws = request.member, request.data, stacked(tree["posterior"])
    priors = dict(member.priors())
    return {
        "convergence": asdict(found),
        "p_values": predictive_p_values(member, data, draws, request.seed),
        "overlaps": {name: round(priors[name].overlap(draws[name]), 3) for name in member.tail_parameters},
        "power_scaling": power_scaling(member, tree),
    }


def judged(member: Member, measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fit's diagnostics: what was measured, held against the thresholds of now."""
    found = Convergence(**measured["convergence"])
    checks = [
        *convergence_checks(found, member.name),
        *predictive_checks(measured["p_values"], member.name),
        *prior_driven_checks(measured["overlaps"], member.name, PRIOR_DRIVEN_ABOVE),
    ]
    more = {name: measured[name] for name in ("overlaps", "power_scaling")}
    return diagnostics_of(found, checks, measured["p_values"]) | more


def diagnostics_of(found: Convergence, checks: Sequence[Check], p_values: dict[str, float]) -> dict[str, Any]:
    """Gather what the gate says of a fit, JSON-ready."""
    return {
        "verdict": verdict(checks),
        "checks": [check.to_dict() for check in checks],
        "p_values": p_values,
        **asdict(found),
    }


def predictive_p_values(
    member: Member, data: FrontierData, draws: dict[str, np.ndarray], seed: int
) -> dict[str, float]:
    """Return posterior predictive p values of the record and of the last three years' maxima."""
    rng = generator(seed, "consumption", member.name, "predictive")
    data = member.reads(data)
    seen = np.flatnonzero(member.sees(data) * (data.observed[:, 0] > 0))
    at = interpolate(draws["frontier"], data.knots, data.time[seen, 0])
    exposure = np.maximum(data.exposure[seen], 0.05)
    published = member.published(at, exposure, data.sd[seen, 0], draws, rng)[:, :, 0]
    observed = data.size[seen, 0]
    found = {"the record": float(np.mean(published.max(axis=1) >= observed.max()))}
    for index in range(max(0, len(seen) - RECENT_BLOCKS), len(seen)):
        half = half_year_name(float(data.knots[seen[index]]))
        found[f"the maximum of {half}"] = float(np.mean(published[:, index] >= observed[index]))
    return found
