"""Access: what robots.txt and terms of service keep out of reach, as far as they are followed, less what is licensed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from forecast.scenarios.levers.lever import TEXT, Lever, LeverParameter, log10_share

FIRST_RULES = (2023.0, 2023.5, 2024.33)
"""Decimal years: before AI crawlers had names in robots.txt, mid-2023, end of April 2024."""

FIRST_SHARES = (0.0, 0.01, 0.06)
"""Share of all tokens of C4 fully restricted at those dates: table access_restrictions, Longpre et al. 2024, arXiv
2407.14933 (1 % in mid-2023, 5 % to 7 % in April 2024); nothing before."""

OBSERVED_UNTIL = 2026.5
"""Last date for which the table has observations (decimal year)."""

LATER = 2030.0
"""Date of ``restricted_share_2030`` (decimal year, 1 January); the share stays there afterwards."""

_SHARE = ("share", 0.0, 1.0)


class Access(Lever):
    """Multiplies the stock by what a laboratory can read lawfully, or reads all the same.

    usable = 1 - (1 - l) (1 - (1 - r c) (1 - m d)), with r the share of tokens that robots.txt restricts, c how far that
    is followed, m the share under terms that forbid crawling, d how far those are followed where robots.txt is silent,
    and l the share of what is closed that comes back by licence. All but m move with time: what a scenario changes
    begins where observation ends and is complete in 2030.
    """

    name: ClassVar[str] = "access"
    title: ClassVar[str] = "open to training"
    side: ClassVar[Literal["stock", "consumption"]] = "stock"
    main_setting: ClassVar[str] = "restricted_share_2030"
    tables: ClassVar[tuple[str, ...]] = ("access_restrictions",)
    applies_to: ClassVar[frozenset[str]] = TEXT
    settings: ClassVar[Mapping[str, LeverParameter]] = {
        "restricted_share_now": LeverParameter(
            *_SHARE, "Share of tokens that robots.txt restricts in mid-2026", neutral=0.0, zero=True
        ),
        "restricted_share_2030": LeverParameter(
            *_SHARE, "The same share at the beginning of 2030, and from then on", neutral=0.0, zero=True
        ),
        "compliance_now": LeverParameter(
            *_SHARE, "Share of what robots.txt restricts that is not read, up to 2026", zero=True
        ),
        "compliance_2030": LeverParameter(*_SHARE, "The same share from 2030 on", zero=True),
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
        robots = restricted(draws["restricted_share_now"], draws["restricted_share_2030"], years)
        followed = column["compliance_now"] * (1 - since) + column["compliance_2030"] * since
        terms = column["terms_share"] * column["terms_compliance_2030"] * since
        closed = 1.0 - (1.0 - robots * followed) * (1.0 - terms)
        return log10_share(1.0 - (1.0 - column["licensed_share_2030"] * since) * closed)


def restricted(now: np.ndarray, later: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return the share of tokens that robots.txt restricts, straight lines between the dates at which it is known.

    Examples
    --------
    >>> restricted(np.array([0.2]), np.array([0.4]), np.array([2022.0, 2026.5, 2035.0])).tolist()
    [[0.0, 0.2, 0.4]]
    """
    instants = np.array([*FIRST_RULES, OBSERVED_UNTIL, LATER])
    # Straight lines are linear in their ends: one weight a knot serves all draws.
    weights = np.array([np.interp(years, instants, row) for row in np.eye(len(instants))])
    if not weights[:3].any():
        return now[:, None] * weights[3] + later[:, None] * weights[4]
    # Where a scenario says that nothing is restricted, nothing was.
    early = np.asarray(FIRST_SHARES) @ weights[:3]
    return np.where((now > 0)[:, None], early, 0.0) + now[:, None] * weights[3] + later[:, None] * weights[4]
