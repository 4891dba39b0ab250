"""Growth priors as they were judged before histories were learned from: an option, and a row of the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forecast.consumption.member import Member
from forecast.core.priors import Prior

JUDGED: Mapping[str, Prior] = {
    "slope": Prior.lognormal(
        0.35, 0.75, "log10 per year", "Villalobos et al. 2024 (arXiv 2211.04325v2): 0.27 to 0.48; widened by judgement"
    ),
    "damping": Prior.lognormal(0.12, 0.45, "per year", "judgement: growth halves in 1.5 to 20 years, median 6"),
    "jump": Prior.lognormal(
        0.15, 0.40, "log10", "judgement: typical half-yearly moves are 0.05 to 0.5 log10, 12 % to threefold"
    ),
}
"""Priors of growth by the name of the parameter, the same for all members that have it."""


def judged(member: Member) -> Member:
    """Return a member with the judged priors of growth, and a pace that goes on after the data as it did before.

    Examples
    --------
    >>> from forecast.consumption.members import member
    >>> judged(member("damped")).slope.centre, judged(member("damped")).pace_ratio
    (0.35, None)
    """
    own = dict(member.priors())
    changed: dict[str, Any] = {name: prior for name, prior in JUDGED.items() if name in own}
    return replace(member, pace_ratio=None, **changed)
