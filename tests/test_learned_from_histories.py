"""Members' priors on growth are those that histories teach, number by number."""

from __future__ import annotations

import numpy as np
import pytest

from forecast.consumption import learned_from_histories as given
from forecast.consumption.learned.priors import learned_prior, learned_tables


@pytest.mark.parametrize("name", ["slope", "slope_while_moving", "jump", "damping"])
def test_a_prior_is_the_learned_one(name):
    own, learned = getattr(given, name.upper()), learned_prior(name)
    ends = [prior.quantile(np.array([0.5, 0.95])) for prior in (own, learned)]
    assert own.unit == learned.unit
    assert ends[0] == pytest.approx(ends[1], rel=0.006), "to three digits"


def test_threshold_and_persistence_are_those_of_the_hazards():
    """METHODS, 5: the share of the time that moves, and what of it is left after a year by the arcsine law."""
    from scipy.stats import norm

    kept = learned_tables()["priors"]
    assert tuple(kept[name]["q05_q50_q95"][1] for name in ("stall", "resumption")) == (given.STALL, given.RESUMPTION)
    both = given.STALL + given.RESUMPTION
    assert norm.cdf(-given.THRESHOLD.centre) == pytest.approx(given.RESUMPTION / both, abs=0.002)
    left = 2 / np.pi * np.arcsin(np.exp(-given.PERSISTENCE.centre))
    assert left == pytest.approx(np.exp(-both), abs=0.003)
