"""The variants by name, beside the default members: a new one is one file and one line here.

None of them is in the mixture; `forecast.evaluate.variants` shows what each would have said.
"""

from __future__ import annotations

from forecast.consumption.alternatives.changepoint import Changepoint
from forecast.consumption.alternatives.compute_route import ComputeRoute
from forecast.consumption.alternatives.envelope import Envelope
from forecast.consumption.alternatives.full_exponential import FullExponential
from forecast.consumption.alternatives.logistic import Logistic
from forecast.consumption.alternatives.mean_of_all import MeanOfAll
from forecast.consumption.alternatives.route import Route
from forecast.consumption.member import Member
from forecast.core.registry import Registry

MEMBER_VARIANTS = Registry[type[Member]](
    "member variant",
    (
        FullExponential,
        Changepoint,
        Logistic,
        Envelope,
    ),
)
"""Members outside the default mixture: fitted and checked like any other."""

ROUTES = Registry[type[Route]](
    "route",
    (
        MeanOfAll,
        ComputeRoute,
    ),
)
"""Ways to the frontier that need no sampler."""
