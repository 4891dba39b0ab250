"""Which settings are drawn jointly: a rank correlation for each pair, and the reason.

A Gaussian copula, built as a tree: a setting that depends on another one takes its normal score as r times the other's
plus sqrt(1 - r^2) times its own. Every setting has a stream of random numbers by its own name, so that a lever added,
removed or changed leaves all other draws as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.core.seeds import generator

OUTCOME = "outcome"
"""Stands in place of a setting for what a lever derives."""


WITH_STOCK = ("quality", "usable_share")
"""Lever and setting that a synthesis of the stock estimates jointly with the raw stock."""


@dataclass(frozen=True)
class Dependence:
    """A setting that is drawn jointly with another.

    Parameters
    ----------
    on : tuple of str
        Lever and setting on which it depends.
    rank_correlation : float
        Spearman's rank correlation of the two.
    reason : str
        Why, and where the number comes from.
    """

    on: tuple[str, str]
    rank_correlation: float
    reason: str

    @property
    def score_correlation(self) -> float:
        """Pearson's correlation of the normal scores that gives this rank correlation, 2 sin(pi rho / 6)."""
        return float(2.0 * np.sin(np.pi * self.rank_correlation / 6.0))


DEPENDENCES: Mapping[tuple[str, str], Dependence] = {
    ("synthetic", "scale_transfer"): Dependence(
        ("repetition", "epochs"),
        -0.3,
        "judgement: reading a text again and rephrasing it use up the same redundancy, so that where one gives much "
        "less is left for the other; nobody has published how strongly",
    ),
    ("access", "restricted_share_now"): Dependence(
        ("quality", "usable_share"),
        -0.3,
        "judgement: restrictions stand on the best sources first (28 % of the most maintained ones against 5 % of all "
        "tokens, Longpre et al. 2024, arXiv 2407.14933), so that more of them leaves less worth training on",
    ),
    ("access", "restricted_growth_2030"): Dependence(
        ("access", "restricted_share_now"),
        0.85,
        "table access_restrictions, fitted: one pace, not known well, has led to mid-2026 and leads on from there "
        "(forecast/scenarios/levers/restrictions.py)",
    ),
    ("access", "restricted_share_2030"): Dependence(
        ("access", "restricted_share_now"),
        1.0,
        "judgement: one path, high or low throughout; who closes doors early does not open them later",
    ),
    ("access", "compliance_2030"): Dependence(
        ("access", "compliance_now"), 1.0, "judgement: one path, high or low throughout; habits of crawling persist"
    ),
    ("compute_cap", "tokens_per_parameter"): Dependence(
        ("compute_cap", "limit_2030"),
        -0.3,
        "judgement: tokens a parameter fall with compute among published runs of one date; how strongly at the limit "
        "is not known",
    ),
    ("overtraining", "ratio"): Dependence(
        ("compute_cap", "limit_2030"),
        -0.3,
        "judgement: tokens a parameter fall with compute among published runs of one date; where compute is short, "
        "small models read more",
    ),
}
"""Setting -> what it depends on; every chain ends."""


def ranks(
    lever: str,
    setting: str,
    *,
    seed: int,
    size: int,
    known: Mapping[tuple[str, str], Callable[[], np.ndarray]] = MappingProxyType({}),
) -> np.ndarray:
    """Draw a setting's ranks; those that are known already are taken as they are.

    Examples
    --------
    >>> a, b = (ranks("access", f"restricted_share_{when}", seed=1, size=5) for when in ("now", "2030"))
    >>> bool((a == b).all())
    True
    """
    if (lever, setting) in known:
        return known[lever, setting]()
    own = generator(seed, "levers", lever, setting).uniform(size=size)
    dependence = DEPENDENCES.get((lever, setting))
    if dependence is None:
        return own
    other = ranks(*dependence.on, seed=seed, size=size, known=known)
    r = dependence.score_correlation
    if abs(r) >= 1.0 - 1e-12:
        return other if r > 0 else 1.0 - other
    return ndtr(r * ndtri(other) + np.sqrt(1.0 - r**2) * ndtri(own))
