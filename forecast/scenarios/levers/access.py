"""Access: what robots.txt, networks and terms keep out of reach, as far as they are followed, less what is licensed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import TEXT, Larger, Lever, LeverParameter, log10_share

FIRST_RULES = (2023.0, 2023.5, 2024.33)
"""Decimal years: before AI crawlers had names in robots.txt, mid-2023, end of April 2024."""

FIRST_SHARES = (0.0, 0.01, 0.06)
"""Share of all tokens of C4 fully restricted at those dates: table access_restrictions, Longpre et al. 2024, arXiv
2407.14933 (1 % in mid-2023, 5 % to 7 % in April 2024); nothing before."""

OBSERVED_UNTIL = 2026.5
"""Last date for which the table has observations that go on an earlier series (decimal year)."""

NETWORK_SINCE = 2026.704
"""From here on networks refuse by default (decimal year): 15 September 2026, table access_shocks."""

LATER = 2030.0
"""Date of the settings that end in ``_2030`` (decimal year, 1 January)."""

HALF_LIFE = 3.0
"""Time in which the pace of closing halves, from where observation ends (years); judgement: named crawlers are three
years old, and half of the reputable news sites closed in the first two."""

_SHARE = ("share", 0.0, 1.0)


class Access(Lever):
    """Multiplies the stock by what a laboratory can read lawfully, or reads all the same.

    usable = 1 - (1 - l) (1 - (1 - r c) (1 - n) (1 - m d)), with r the share of tokens that robots.txt restricts, c how
    far that is followed, n the share that networks refuse on top since September 2026, m the share under terms that
    forbid crawling, d how far those are followed where robots.txt is silent, and l the share of what is closed that
    comes back by licence. The odds of r go on from mid-2026 at a pace that fades; a scenario that states a share for
    2030 goes there in a straight line instead and stays. c, d and l change from mid-2026 and are complete in 2030.
    """

    name: ClassVar[str] = "access"
    title: ClassVar[str] = "open to training"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "restricted_share_2030"
    larger_means: ClassVar[Larger] = "sooner"
    version: ClassVar[int] = 2
    tables: ClassVar[tuple[str, ...]] = ("access_restrictions", "access_shocks")
    applies_to: ClassVar[frozenset[str]] = TEXT
    alternatives: ClassVar[tuple[str, ...]] = ("restricted_growth_2030", "restricted_share_2030")
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "restricted_share_now": LeverParameter(
            *_SHARE, "Share of tokens that robots.txt restricts in mid-2026", neutral=0.0, zero=True
        ),
        "restricted_growth_2030": LeverParameter(
            "factor",
            0.0,
            1e6,
            "Factor by which the odds of that share grow until the beginning of 2030; 1 is a standstill",
        ),
        "restricted_share_2030": LeverParameter(
            *_SHARE, "The same share at the beginning of 2030, and from then on", neutral=0.0, zero=True
        ),
        "compliance_now": LeverParameter(
            *_SHARE, "Share of what robots.txt restricts that is not read, up to 2026", zero=True
        ),
        "compliance_2030": LeverParameter(*_SHARE, "The same share from 2030 on", zero=True),
        "network_share": LeverParameter(
            *_SHARE, "Share of tokens that networks refuse by default since September 2026", neutral=0.0, zero=True
        ),
        "terms_share": LeverParameter(
            *_SHARE, "Share of tokens under terms of service that forbid crawling", zero=True
        ),
        "terms_compliance_2030": LeverParameter(
            *_SHARE, "Share of those that is not read from 2030 on although robots.txt is silent", 0.0, zero=True
        ),
        "licensed_share_2030": LeverParameter(
            *_SHARE, "Share of what is closed that comes back by licence from 2030 on", zero=True
        ),
    }

    def log10_factor(self, draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
        """Return log10 of the share that can be used."""
        since = np.clip((years - OBSERVED_UNTIL) / (LATER - OBSERVED_UNTIL), 0.0, 1.0)[None, :]
        column = {key: draw[:, None] for key, draw in draws.items()}
        followed = column["compliance_now"] * (1 - since) + column["compliance_2030"] * since
        # Runs recorded before networks refused anything do not have the setting.
        refused = column.get("network_share", 0.0) * (years >= NETWORK_SINCE)[None, :]
        terms = column["terms_share"] * column["terms_compliance_2030"] * since
        closed = 1.0 - (1.0 - restricted_path(draws, years) * followed) * (1.0 - refused) * (1.0 - terms)
        return log10_share(1.0 - (1.0 - column["licensed_share_2030"] * since) * closed)


def restricted_path(draws: Mapping[str, np.ndarray], years: np.ndarray) -> np.ndarray:
    """Return the share of tokens that robots.txt restricts, shape (draw, year), by whichever setting says how it goes on."""
    now = draws["restricted_share_now"]
    if "restricted_share_2030" in draws:
        return restricted(now, draws["restricted_share_2030"], years)
    odds = draws["restricted_growth_2030"][:, None] ** faded(years)[None, :] * now[:, None]
    return np.where(years > OBSERVED_UNTIL, odds / (1.0 - now[:, None] + odds), restricted(now, now, years))


def faded(years: np.ndarray) -> np.ndarray:
    """Return how far closing has got at a pace that halves every `HALF_LIFE` years: 0 in mid-2026, 1 in 2030, then more.

    Examples
    --------
    >>> faded(np.array([2026.5, 2030.0, 2100.0])).round(2).tolist()
    [0.0, 1.0, 1.8]
    """
    return np.divide(slowed(years), slowed(np.array(LATER)))


def slowed(years: np.ndarray) -> np.ndarray:
    """Return the time since mid-2026 in years at the pace of mid-2026, of which a fading pace makes less."""
    since = np.maximum(years - OBSERVED_UNTIL, 0.0)
    return np.divide(-np.expm1(-np.log(2.0) * since / HALF_LIFE) * HALF_LIFE, np.log(2.0))


def restricted(now: np.ndarray, later: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return the share of tokens that robots.txt restricts, straight lines between the dates at which it is known.

    Examples
    --------
    >>> restricted(np.array([0.2]), np.array([0.4]), np.array([2022.0, 2026.5, 2035.0])).tolist()
    [[0.0, 0.2, 0.4]]
    """
    instants = np.array([*FIRST_RULES, OBSERVED_UNTIL, LATER])
    # Straight lines are linear in their ends: one weight a knot serves all draws.
    early, near, far = (
        np.interp(years, instants, at) for at in ([*FIRST_SHARES, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1])
    )
    # Where a scenario says that nothing is restricted, nothing was.
    return np.where((now > 0)[:, None], early, 0.0) + now[:, None] * near + later[:, None] * far
