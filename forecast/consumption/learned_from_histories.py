"""Priors of growth that histories of other technologies teach, as the members have them.

The numbers are those of `forecast.consumption.learned`, which a test holds them to; here they are written down, so that a
member can be read, and made, without a file.
"""

from __future__ import annotations

from forecast.core.priors import Prior

_OF = "learned from 39 histories of 27 technologies, 823 years"

SLOPE = Prior.lognormal(0.0569, 0.424, "log10 per year", f"{_OF}: growth of a new record, whatever its pace")
"""Expected growth of a record of a domain that was not learned from; rows then tell the pace."""

SLOPE_WHILE_MOVING = Prior.lognormal(
    0.119, 0.785, "log10 per year", f"{_OF}: growth of a new record in years with news"
)
"""The same in years in which anything comes."""

JUMP = Prior.lognormal(0.12, 0.943, "log10", f"{_OF}: variance of a year's growth over its mean")
"""How unevenly a record moves."""

DAMPING = Prior.lognormal(
    0.0497,
    0.12,
    "per year",
    f"{_OF}: decay of expected growth, stops for good among it, given that it is above zero (87%)",
)
"""How a pace slows, which no row tells."""

STALL, RESUMPTION = 0.483, 0.788
"""Hazards of going still and of moving again (per year), medians over new records; the same histories."""

THRESHOLD = Prior(
    "normal",
    -0.31,
    0.6,
    "sd of the state",
    f"{_OF}: records move in 62% of the time by the two hazards; spread by judgement",
)
"""Where a state that is normal has to lie for growth to move: the share of the time is that of the hazards."""

PERSISTENCE = Prior.lognormal(
    0.85,
    2.5,
    "per year",
    f"{_OF}: of moving or not, 28% is left after a year by the two hazards; 95 % point by judgement",
)
"""Rate at which that state forgets itself: of the two states a threshold makes as much is left after a year as of the
hazards' own, by the arcsine law of a normal process."""

PACE_RATIO = Prior.lognormal(
    0.90,
    2.50,
    "none",
    "learned from histories of the learning half: of nine laws of growth ahead over growth as expected that with the least "
    "CRPS",
)
"""Growth after the data over what a member expects of its past; no row tells it."""
