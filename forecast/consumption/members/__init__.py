"""The growth members by name: a new one is one file and one line here."""

from __future__ import annotations

from forecast.consumption.member import Member
from forecast.consumption.members.compute_led import ComputeLed
from forecast.consumption.members.damped import Damped
from forecast.consumption.members.local_trend import LocalTrend
from forecast.consumption.members.record_drift import RecordDrift
from forecast.consumption.members.stall_and_resumption import StallAndResumption
from forecast.consumption.members.windowed_exponential import WindowedExponential
from forecast.consumption.own_member import member_class
from forecast.core.registry import Registry

MEMBERS = Registry[type[Member]](
    "member",
    (
        LocalTrend,
        Damped,
        WindowedExponential,
        RecordDrift,
        StallAndResumption,
        ComputeLed,
    ),
    group="members",
    check=member_class,
)

DEFAULT_MEMBERS = ("damped", "record_drift", "stall_and_resumption", "compute_led")
"""The members of the shipped mixture, in the order in which they are told."""


def member(name: str) -> Member:
    """Return a growth member with its default priors.

    Examples
    --------
    >>> member("damped").damping.unit
    'per year'
    """
    return MEMBERS[name]()
