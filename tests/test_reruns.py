"""Reruns of a fit: each answers what was wrong with the one before, and the last whatever may be."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.fits import nuts
from forecast.fits.gate import Convergence
from forecast.fits.nuts import care
from forecast.fits.sampling import ATTEMPTS, Sampling

GOOD, DIVERGED, UNMIXED, BOTH = (
    Convergence(rhat, 900.0, 900.0, diverged, 6000) for rhat, diverged in ((1.0, 0), (1.0, 40), (1.02, 0), (1.02, 40))
)
FEW = Convergence(1.0, 900.0, 399.0, 0, 6000)
UNKNOWN = Convergence(None, None, None, None, 0)


@pytest.mark.parametrize(
    ("before", "second"),
    [(DIVERGED, (0.99, 1)), (UNMIXED, (0.95, 2)), (FEW, (0.95, 2)), (BOTH, (0.99, 2)), (UNKNOWN, (0.99, 2))],
)
def test_a_rerun_answers_what_was_wrong_and_the_last_is_careful_and_long(before, second):
    assert care(Sampling(), 0, None) == (0.95, 1)
    assert care(Sampling(), 1, before) == second
    assert care(Sampling(), ATTEMPTS - 1, before) == (0.99, 2)


def test_mixing_and_stability_are_together_what_holds():
    assert [(each.mixed, each.stable, each.holds) for each in (GOOD, DIVERGED, UNMIXED, BOTH)] == [
        (True, True, True),
        (True, False, False),
        (False, True, False),
        (False, False, False),
    ]


def two_normals():
    import pymc as pm

    with pm.Model() as model:
        pm.Normal("x", pm.Data("centre", 0.0), 1.0)
    return model


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ([GOOD], [(0.95, 20)]),
        ([DIVERGED, GOOD], [(0.95, 20), (0.99, 20)]),
        ([UNMIXED, DIVERGED, GOOD], [(0.95, 20), (0.95, 40), (0.99, 40)]),
        ([BOTH] * 3, [(0.95, 20), (0.99, 40), (0.99, 40)]),
    ],
)
def test_a_fit_is_sampled_until_it_holds_and_three_times_at_most(said, asked, monkeypatch):
    import nutpie

    verdicts, sampled, real = iter(said), [], nutpie.sample

    def noted(compiled, **settings):
        sampled.append((settings["target_accept"], settings["draws"]))
        return real(compiled, **settings)

    monkeypatch.setattr(nutpie, "sample", noted)
    monkeypatch.setattr(nuts, "convergence", lambda _: next(verdicts))
    short = Sampling(chains=2, draws=20, tune=20)
    tree, found = nuts.sample(
        two_normals, {"centre": np.array(3.0)}, key="test_reruns", stream="test", seed=1, settings=short
    )
    assert sampled == asked
    assert (tree.attrs["attempts"], found) == (len(asked), said[-1])
