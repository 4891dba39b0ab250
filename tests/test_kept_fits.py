"""What a kept fit is known by, and that it is judged by the gate of now, not by that of its making."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest

from forecast.consumption import fitting
from forecast.consumption.fit import Fit
from forecast.consumption.fitting import FitRequest, fit_member
from forecast.consumption.members.damped import Damped
from forecast.consumption.members.stall_and_resumption import StallAndResumption
from forecast.consumption.members.windowed_exponential import WindowedExponential
from forecast.evaluate.fingerprints.growth import POINTS, data_for, fit_at_points
from forecast.fits import gate
from forecast.fits import kept as cache
from forecast.fits.sampling import ATTEMPTS, Sampling

DATA = data_for(Damped())


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Give every test a cache of its own."""
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))


def key(member, **more):
    return FitRequest(member, DATA, **more).key()


def test_words_about_a_prior_are_not_its_numbers():
    usual = Damped()
    reworded = dataclasses.replace(usual.damping, unit="1/a", source="another reason")
    moved = dataclasses.replace(usual.damping, centre=0.15)
    assert key(dataclasses.replace(usual, damping=reworded)) == key(usual)
    assert key(dataclasses.replace(usual, damping=moved)) != key(usual)
    wider = WindowedExponential(window=6.0)
    assert key(wider) != key(WindowedExponential()), "a field that is no prior counts, too"


def test_data_seed_sampling_and_version_are_part_of_it(monkeypatch):
    usual = Damped()
    others = [key(usual, seed=1), key(usual, sampling=Sampling(draws=10)), FitRequest(usual, data_at(2023.0)).key()]
    monkeypatch.setattr(Damped, "version", Damped.version + 1)
    assert len({*others, key(usual)}) == 4


def data_at(date):
    from forecast.consumption.frontier_data import frontier_data
    from forecast.evaluate.fingerprints.growth import corpora

    return frontier_data(corpora(), date)


def test_two_members_of_one_name_and_other_code_do_not_share_a_fit():
    @dataclasses.dataclass(frozen=True)
    class Mine(Damped):
        """One."""

        name: ClassVar[str] = "mine"

        def expected_growth(self, start, end, parameters, math):
            """Return growth."""
            return 0.5 * super().expected_growth(start, end, parameters, math)

    first = Mine

    @dataclasses.dataclass(frozen=True)
    class Mine(Damped):
        """Another."""

        name: ClassVar[str] = "mine"

        def expected_growth(self, start, end, parameters, math):
            """Return growth, in other words."""
            return 0.5 * super().expected_growth(start, end, parameters, math)

    second = Mine

    @dataclasses.dataclass(frozen=True)
    class Mine(Damped):
        name: ClassVar[str] = "mine"

        def expected_growth(self, start, end, parameters, math):
            return 0.6 * super().expected_growth(start, end, parameters, math)

    assert key(first()) == key(second())
    assert key(Mine()) != key(first())
    factor = 0.5

    @dataclasses.dataclass(frozen=True)
    class Mine(Damped):
        name: ClassVar[str] = "mine"

        def expected_growth(self, start, end, parameters, math):
            return factor * super().expected_growth(start, end, parameters, math)

    third = key(Mine())
    factor = 0.6
    assert key(Mine()) != third, "what stands around it counts"
    assert "methods" not in Damped().identity(), "what ships answers to its fingerprint"


TWO_CHAINS = Sampling(chains=2)


def keep(request: FitRequest, *, attempts: int, rhat: float) -> None:
    """Keep a fit as if it had been sampled."""
    import xarray as xr

    _, made = fit_at_points(request.member, request.data)
    by_block = made.member.log_density(made.data, made.draws).reshape(2, POINTS // 2, -1)
    posterior = made.posterior["posterior"].to_dataset()
    posterior = posterior.assign(log_density=(("chain", "draw", "step"), by_block))
    tree = xr.DataTree.from_dict({"/posterior": posterior})
    tree.attrs["attempts"] = attempts
    found = gate.Convergence(rhat, 900.0, 900.0, 0, 10_000)
    cache.store(request.key(), tree, {"measured": fitting.measure(request, tree, found)})


def test_a_kept_fit_is_judged_by_the_thresholds_of_now(monkeypatch):
    request = FitRequest(Damped(), DATA, 1, TWO_CHAINS)
    keep(request, attempts=ATTEMPTS, rhat=1.005)
    before = fit_member(request)
    assert {"verdict", "checks", "p_values", "rhat_max", "overlaps", "power_scaling"} <= set(before.diagnostics)
    assert next(c for c in before.diagnostics["checks"] if "R-hat" in c["name"])["status"] == "PASS"
    monkeypatch.setattr(gate, "RHAT_BELOW", 1.001)
    after = fit_member(request)
    assert after.diagnostics["verdict"] == "FAIL"
    assert np.array_equal(after.draws["frontier"], before.draws["frontier"]), "the draws stay"


@pytest.mark.parametrize("attempts", range(1, ATTEMPTS))
def test_a_fit_that_passed_an_easier_gate_gets_the_reruns_that_it_is_owed(attempts, monkeypatch):
    request = FitRequest(Damped(), DATA, 1, TWO_CHAINS)
    keep(request, attempts=attempts, rhat=1.005)
    assert isinstance(fit_member(request), Fit)
    made = []
    monkeypatch.setattr(gate, "RHAT_BELOW", 1.001)
    monkeypatch.setattr(
        fitting, "_make", lambda asked: (made.append(asked), keep(asked, attempts=ATTEMPTS, rhat=1.0005))
    )
    assert fit_member(request).diagnostics["rhat_max"] == 1.0005
    assert made == [request]


@pytest.mark.parametrize(("jobs", "scheduler", "cores"), [(3, None, 3), (1, None, 1), (4, "tcp://elsewhere", 1)])
def test_members_with_a_path_of_their_own_are_fitted_first_with_the_processors_there_are(
    jobs, scheduler, cores, monkeypatch
):
    asked = []

    def stop(make, requests, jobs, *, scheduler):
        asked.extend(requests)
        raise InterruptedError

    monkeypatch.setattr(fitting, "run_tasks", stop)
    plain, walking = WindowedExponential(), StallAndResumption()
    assert len(walking.shocks) > len(plain.shocks)
    with pytest.raises(InterruptedError):
        fitting.fit_members([FitRequest(plain, DATA), FitRequest(walking, DATA)], jobs=jobs, scheduler=scheduler)
    assert [request.member for request in asked] == [walking, plain]
    assert {request.cores for request in asked} == {cores}
    assert asked[0].key() == key(walking), "which no draw depends on, and no key"
