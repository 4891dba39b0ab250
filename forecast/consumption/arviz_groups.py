"""A fit in the groups that ArviZ knows, made from what is kept: nothing is sampled and no kept file changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.consumption.fit import Fit, stacked
from forecast.consumption.left_out import half_years_with_rows, left_out_density
from forecast.consumption.particles import seen_by
from forecast.consumption.prior_predictive import prior_draws, prior_predictive_frontier, published_maxima
from forecast.core.seeds import generator
from forecast.core.units import half_year_name

if TYPE_CHECKING:
    import xarray as xr

LARGEST = "largest_corpus"
"""What is observed, as ArviZ's functions find it: log10 size of a half-year's largest corpus."""

_HALF_YEAR = "half_year"
_SAMPLE = ("chain", "draw")


def to_arviz(fit: Fit, draws: int | None = None) -> xr.DataTree:
    """Return the groups posterior, prior, log_likelihood, predictive draws, observed and constant data of a fit."""
    import xarray as xr

    member, data, seed = fit.member, fit.data, fit.seed
    kept = fit.posterior["posterior"].to_dataset()
    statistics = (
        fit.posterior["sample_stats"].to_dataset() if "sample_stats" in fit.posterior.children else xr.Dataset()
    )
    chains, most = kept.sizes["chain"], kept.sizes["draw"]
    each = most if draws is None else max(1, min(most, draws // chains))
    chosen = {"draw": np.linspace(0, most - 1, each).round().astype(int)}
    kept = kept.isel(chosen)
    along = {name: kept[name].values for name in _SAMPLE}

    seen, rows = seen_by(member, data), half_years_with_rows(member, data)
    read = member.reads(data)
    names = [half_year_name(float(knot)) for knot in data.knots[:-1]]
    knots = data.knots[seen.first : seen.last + 1]

    def by_half_year(values: np.ndarray, blocks: np.ndarray) -> xr.Dataset:
        shaped = values.reshape(chains, each, -1)
        coordinates = {**along, _HALF_YEAR: [names[block] for block in blocks]}
        return xr.Dataset({LARGEST: ((*_SAMPLE, _HALF_YEAR), shaped)}, coordinates)

    posterior, constants = _told(kept, {"knot": slice(seen.first, seen.last + 1), "step": slice(seen.first, seen.last)})
    drawn = stacked(kept)
    rng = generator(seed, "consumption", member.name, "arviz")
    blocks, largest = published_maxima(member, data, drawn, data.knots, rng)
    total = chains * each
    before, from_priors = prior_draws(member, seed, total), prior_predictive_frontier(member, data, seed, total)
    prior: dict[str, Any] = {name: (_SAMPLE, before[name].reshape(chains, each)) for name, _ in member.priors()}
    prior["frontier"] = ((*_SAMPLE, "knot"), from_priors.frontier.reshape(chains, each, -1))
    of_rows = {
        "exposure": read.exposure[blocks],
        "measurement_sd": read.sd[blocks, 0],
        "model": np.array([data.labels[block][0] if block < len(data.labels) else "" for block in blocks]),
    }
    at = {_HALF_YEAR: [names[block] for block in blocks]}
    groups: dict[str, xr.Dataset] = {
        "posterior": posterior,
        "sample_stats": statistics.isel(chosen) if "draw" in statistics.sizes else statistics,
        "log_likelihood": by_half_year(left_out_density(member, data, kept, seed), rows),
        "posterior_predictive": by_half_year(largest, blocks),
        "prior": xr.Dataset(prior, {**along, "knot": knots}),
        "prior_predictive": by_half_year(from_priors.maxima, blocks),
        "observed_data": xr.Dataset({LARGEST: (_HALF_YEAR, read.size[blocks, 0])}, at),
        "constant_data": xr.Dataset({name: (_HALF_YEAR, values) for name, values in of_rows.items()}, at).merge(
            constants
        ),
    }
    tree = xr.DataTree.from_dict({f"/{name}": group for name, group in groups.items() if group.variables})
    tree.attrs = {"member": member.name, "seed": seed, "unit": f"log10 of the unit of {data.resource_name}"}
    return tree


def _told(kept: xr.Dataset, part: dict[str, slice]) -> tuple[xr.Dataset, xr.Dataset]:
    """Return what the data speak of in a posterior, and what in it is the same in all draws."""
    posterior = kept.drop_vars("log_density", errors="ignore").isel({d: s for d, s in part.items() if d in kept.sizes})
    same = [name for name, values in posterior.data_vars.items() if _is_constant(values.values)]
    return posterior.drop_vars(same), posterior[same].isel(chain=0, draw=0, drop=True, missing_dims="ignore")


def _is_constant(values: Any) -> bool:
    return bool((values == values[:1, :1]).all())
