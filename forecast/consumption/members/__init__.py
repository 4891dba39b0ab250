"""The growth members by name: a new one is one file and one line here."""

from __future__ import annotations

from dataclasses import replace

from forecast.consumption.member import Member
from forecast.consumption.members.compute_led import ComputeLed
from forecast.consumption.members.damped import Damped
from forecast.consumption.members.local_trend import LocalTrend
from forecast.consumption.members.record_drift import RecordDrift
from forecast.consumption.members.stall_and_resumption import StallAndResumption
from forecast.consumption.members.windowed_exponential import WindowedExponential
from forecast.consumption.own_member import member_class
from forecast.core.priors import Prior
from forecast.core.registry import Registry
from forecast.errors import unknown_name

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


def member(name: str, **priors: Prior) -> Member:
    """Return a growth member with its default priors, or with others.

    Parameters
    ----------
    name : str
        A name of `MEMBERS`.
    **priors : Prior
        Those that are to be others than the member's own.

    Returns
    -------
    Member
        Which a scenario takes: ``scenario.replace(members=[...])``.

    Raises
    ------
    UnknownNameError
        If there is no such member, or it has no such prior.

    Examples
    --------
    >>> member("damped").damping.unit
    'per year'
    >>> slower = Prior.lognormal(0.1, 0.4, "per year", "judgement: growth slows faster than histories say")
    >>> round(member("damped", damping=slower).damping.centre, 2)
    0.1
    """
    own = MEMBERS[name]()
    known = dict(own.priors())
    for given in priors:
        if given not in known:
            raise unknown_name(f"prior of {name}", given, known)
    return replace(own, **priors)
