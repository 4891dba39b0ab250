"""Distributions as PreliZ has them, the package that elicits priors: there and back, for priors and for levers' settings.

What it calls the families and in which parameters it states them is known here alone; it is imported only where it is
asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.errors import InputError

if TYPE_CHECKING:
    from forecast.core.distributions import LogNormal
    from forecast.core.priors import Family, Prior

FAMILIES = {"normal": "Normal", "lognormal": "LogNormal", "half_normal": "HalfNormal"}
"""What PreliZ calls the families of priors."""


def prior_to_preliz(prior: Prior) -> Any:
    """Return a prior as a distribution of PreliZ; `Prior.to_preliz` is the same."""
    preliz = _preliz_itself()
    kind = getattr(preliz, FAMILIES[prior.family])
    if prior.family == "normal":
        return kind(prior.centre, prior.spread)
    return kind(np.log(prior.centre), prior.spread) if prior.family == "lognormal" else kind(prior.centre)


def prior_from_preliz(distribution: Any) -> tuple[Family, float, float]:
    """Return family, centre and spread of a prior, as `Prior` takes them."""
    kind = type(distribution).__name__
    mu, sigma = (getattr(distribution, name, None) for name in ("mu", "sigma"))
    if kind not in FAMILIES.values() or sigma is None or (mu is None and kind != "HalfNormal"):
        raise InputError(
            f"the distribution {distribution!r}",
            f"one of {', '.join(FAMILIES.values())} with its parameters",
            "fix it",
        )
    if kind == "Normal" and mu is not None:
        return "normal", float(mu), float(sigma)
    if kind == "LogNormal" and mu is not None:
        return "lognormal", float(np.exp(mu)), float(sigma)
    return "half_normal", float(sigma), 0.0


def lognormal_to_preliz(quantity: LogNormal) -> Any:
    """Return a lognormal as one of PreliZ, truncated where it has bounds; `LogNormal.to_preliz` is the same."""
    preliz = _preliz_itself()
    if not np.isclose(quantity.sd_low, quantity.sd_high):
        raise InputError(
            f"widths of {quantity.sd_low:.2g} and {quantity.sd_high:.2g} (log10)",
            "one width, which is all that PreliZ knows",
            "state it by an interval without a median",
        )
    plain = preliz.LogNormal(np.log(quantity.median), quantity.sd_low * np.log(10))
    if quantity.lower <= 0 and quantity.upper == np.inf:
        return plain
    return preliz.Truncated(plain, quantity.lower, quantity.upper)


def lognormal_from_preliz(distribution: Any) -> tuple[float, float, float, float]:
    """Return median, standard deviation of log10, and lower and upper bound of a lognormal, truncated or not."""
    lower, upper = 0.0, np.inf
    inner = distribution
    if type(distribution).__name__ == "Truncated":
        inner = distribution.dist
        lower, upper = max(float(distribution.lower), 0.0), float(distribution.upper)
    mu, sigma = (getattr(inner, name, None) for name in ("mu", "sigma"))
    if type(inner).__name__ != "LogNormal" or mu is None or sigma is None:
        raise InputError(
            f"the distribution {distribution!r}", "a LogNormal with its parameters, or a Truncated of one", "fix it"
        )
    return float(np.exp(mu)), float(sigma / np.log(10)), lower, upper


def _preliz_itself() -> Any:
    """Return the module PreliZ, or raise an error that says how to get it."""
    try:
        import preliz
    except ImportError:
        raise InputError("no PreliZ", "the package that elicits priors", "pip install preliz") from None
    return preliz
