"""Which parts of a fit are prior-driven: overlap of prior and posterior, and power-scaling sensitivity.

The damping rate and the long-run slope cannot be learned from a decade of records. That is shown, not hidden: every
parameter of a member's tail is held against its prior, and the answer is tabled over the priors themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from forecast.consumption.member import Member

PRIOR_DRIVEN_ABOVE = 0.70
"""Overlap of prior and posterior from which a parameter counts as prior-driven (no unit): the data moved less than
30 % of its probability; judgement."""


def power_scaling(member: Member, tree: Any) -> dict[str, dict[str, float]]:
    """Return how strongly each parameter's posterior answers to scaling the priors of the tail, and the likelihood."""
    if not member.tail_parameters:
        return {}
    import logging
    import warnings

    import arviz as az
    import xarray as xr

    posterior = tree["posterior"].to_dataset()
    priors = dict(member.priors())
    log_prior = xr.Dataset(
        {name: (("chain", "draw"), prior.log_density(posterior[name].values)) for name, prior in priors.items()}
    )
    scaled = xr.DataTree.from_dict(
        {
            "/posterior": posterior[list(priors)],
            "/log_prior": log_prior,
            "/log_likelihood": posterior[["log_density"]],
        }
    )
    # Its advice to look further is given by our own gate, once.
    logging.getLogger("arviz_stats.psense").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = az.psense_summary(scaled, var_names=list(priors), prior_var_names=list(member.tail_parameters))
    return {
        str(name): {"prior": round(float(row["prior"]), 3), "likelihood": round(float(row["likelihood"]), 3)}
        for name, row in table.iterrows()
    }


def over_prior(member: Member, parameter: str, centres: tuple[float, ...]) -> list[Member]:
    """Return the member with one prior centred elsewhere, for tables over it."""
    prior = dict(member.priors())[parameter]
    moved: list[Any] = [{parameter: replace(prior, centre=centre)} for centre in centres]
    return [replace(member, **change) for change in moved]
