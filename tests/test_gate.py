"""The gate: what is not measured does not pass, and a bad model gets no headline."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from forecast.fits.gate import (
    DIVERGENT_SHARE,
    ESS_ABOVE,
    PREDICTIVE_RANGE,
    RHAT_BELOW,
    Check,
    Convergence,
    convergence,
    convergence_checks,
    predictive_checks,
    verdict,
)

GOOD = Convergence(1.002, 900.0, 800.0, 0, 4000)


def statuses(found: Convergence) -> dict[str, str]:
    """Return the status by the name of the check."""
    return {check.name: check.status for check in convergence_checks(found, "damped")}


def tree(chains: np.ndarray, diverging: int = 0):
    """Return a posterior of one variable, shape (chain, draw)."""
    import xarray as xr

    flags = np.zeros(chains.shape, bool)
    flags.flat[:diverging] = True
    dims = ("chain", "draw")
    return xr.DataTree.from_dict(
        {
            "/posterior": xr.Dataset({"x": (dims, chains), "fixed": (dims, np.ones(chains.shape))}),
            "/sample_stats": xr.Dataset({"diverging": (dims, flags)}),
        }
    )


def test_the_thresholds_are_those_that_were_set():
    assert (RHAT_BELOW, ESS_ABOVE, DIVERGENT_SHARE, PREDICTIVE_RANGE) == (1.01, 400.0, 0.001, (0.01, 0.99))


def test_what_is_good_passes():
    assert set(statuses(GOOD).values()) == {"PASS"}
    assert GOOD.holds


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("rhat_max", 1.01, "R-hat"),
        ("ess_bulk_min", 400.0, "bulk ESS"),
        ("ess_tail_min", 12.0, "tail ESS"),
        ("divergences", 5, "divergences"),
    ],
)
def test_each_threshold_fails_alone_and_when_not_measured(field, value, name):
    for bad in (value, None):
        found = dataclasses.replace(GOOD, **{field: bad})
        failing = [check for check in convergence_checks(found, "damped") if check.status == "FAIL"]
        assert [check.name for check in failing] == [f"damped {name}"]
        assert failing[0].sentence
        assert failing[0].advice
        assert not found.holds
    assert dataclasses.replace(GOOD, divergences=4).holds, "one in a thousand is allowed"


@pytest.mark.parametrize(
    ("p", "status"), [(0.009, "FAIL"), (0.01, "PASS"), (0.5, "PASS"), (0.99, "PASS"), (0.995, "FAIL"), (np.nan, "FAIL")]
)
def test_predictive_p_values_are_held_to_their_range(p, status):
    (check,) = predictive_checks({"the record": p}, "damped")
    assert check.status == status
    assert "the record" in check.name


def test_nothing_measured_is_a_failure():
    assert verdict([]) == "FAIL"
    assert [check.status for check in predictive_checks({}, "damped")] == ["FAIL"]


def test_the_verdict_is_the_worst_and_prior_driven_does_not_lower_it():
    lines = [Check("a", status, "", "") for status in ("PASS", "PRIOR-DRIVEN")]
    assert verdict(lines) == "PASS"
    assert verdict([*lines, Check("b", "REVIEW", "", "")]) == "REVIEW"
    assert verdict([Check("c", "FAIL", "", ""), *lines, Check("b", "REVIEW", "", "")]) == "FAIL"


def test_chains_that_mix_pass_and_chains_that_do_not_fail():
    mixed = np.random.default_rng(1).standard_normal((4, 1000))
    found = convergence(tree(mixed))
    assert found.holds
    assert (found.divergences, found.transitions) == (0, 4000)
    apart = convergence(tree(mixed + 3.0 * np.arange(4)[:, None]))
    assert not apart.holds
    assert apart.rhat_max > 1.5
    slow = convergence(tree(np.cumsum(mixed, axis=1)))
    assert statuses(slow)["damped bulk ESS"] == "FAIL"
    assert statuses(convergence(tree(mixed, diverging=5)))["damped divergences"] == "FAIL"


def test_a_posterior_in_which_nothing_varies_or_something_is_nan_was_not_measured():
    assert convergence(tree(np.ones((4, 100)))).rhat_max is None
    broken = np.random.default_rng(1).standard_normal((4, 100))
    broken[0, 0] = np.nan
    assert not convergence(tree(broken)).holds


def test_without_the_samplers_statistics_divergences_were_not_measured():
    bare = tree(np.random.default_rng(1).standard_normal((4, 1000)))
    del bare["sample_stats"]["diverging"]
    assert convergence(bare).divergences is None
